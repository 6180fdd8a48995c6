"""What all Python sides share: what is said, the arguments, and how a repetition is timed."""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable

# What is said by turns: the same on every side.
REPLIES = (
    '{"stance":"yes","probabilities":{"yes":0.7,"no":0.3},"reasons":[{"text":"so it is","cites":[]}]}',
    '{"stance":"no","probabilities":{"yes":0.3,"no":0.7},"reasons":[{"text":"so it is","cites":[]}]}',
)


class Instantly:
    """Looks at nothing, and says yes and no by turns."""

    def __init__(self, first: int):
        self.first = first
        self.calls = 0

    def say(self) -> str:
        call = self.calls
        self.calls += 1
        return REPLIES[(self.first + call) % 2]


class Panel:
    """Holds one debate at a time. `hold` is timed, `reset` is not."""

    def __init__(self, models: list[Instantly], hold: Callable[[], Awaitable[None]], reset=None):
        self.models = models
        self.hold = hold
        self.reset = reset

    def calls(self) -> int:
        return sum(model.calls for model in self.models)

    async def timed(self, debates: int) -> tuple[int, int]:
        """The nanoseconds of so many debates: of the processor, and of the clock."""
        if self.reset is None:
            return await self.timed_together(debates)
        cpu = wall = 0
        for _ in range(debates):
            await self.reset()
            of_one = await self.timed_together(1)
            cpu, wall = cpu + of_one[0], wall + of_one[1]
        return cpu, wall

    async def timed_together(self, debates: int) -> tuple[int, int]:
        wall, cpu = time.perf_counter_ns(), time.process_time_ns()
        for _ in range(debates):
            await self.hold()
        return time.process_time_ns() - cpu, time.perf_counter_ns() - wall


async def measure(make: Callable[[int, int], Panel]) -> None:
    """Arguments: the numbers of debaters (2,4,8), rounds, repetitions, milliseconds of a repetition."""
    panels, *numbers = sys.argv[1:5]
    rounds, repetitions, milliseconds = map(int, numbers)
    for debaters in map(int, panels.split(",")):
        panel = make(debaters, rounds)
        debates = 1
        # The warm-up, which also finds how many debates fill a repetition. What is only done once is done in its first pass.
        for _ in range(2):
            while (await panel.timed(debates))[0] < milliseconds * 1_000_000:
                debates *= 2
        for repetition in range(repetitions):
            calls = panel.calls()
            cpu, wall = await panel.timed(debates)
            turns = panel.calls() - calls
            assert turns == debates * debaters * rounds, "each speaks in each round"
            line = {
                "debaters": debaters,
                "rounds": rounds,
                "repetition": repetition,
                "turns": turns,
                "cpu_ns": cpu,
                "wall_ns": wall,
            }
            print(json.dumps(line), flush=True)


def run(make: Callable[[int, int], Panel]) -> None:
    asyncio.run(measure(make))

"""What the Python sides of the debate share: what is said, and a panel that is timed."""

from collections.abc import Awaitable, Callable

import timing

# What is said by turns: the same on every side.
REPLIES = (
    '{"stance":"yes","probabilities":{"yes":0.7,"no":0.3},"reasons":[{"text":"so it is","cites":[]}]}',
    '{"stance":"no","probabilities":{"yes":0.3,"no":0.7},"reasons":[{"text":"so it is","cites":[]}]}',
)
ROUNDS = 3


class Instantly:
    """Looks at nothing, and says yes and no by turns."""

    def __init__(self, first: int):
        self.first = first
        self.calls = 0

    def say(self) -> str:
        call = self.calls
        self.calls += 1
        return REPLIES[(self.first + call) % 2]


class Panel(timing.Work):
    """Holds one debate at a time. `hold` is timed, `reset` is not."""

    def __init__(self, models: list[Instantly], hold: Callable[[], Awaitable[None]], reset=None):
        super().__init__(self.together)
        self.models = models
        self.hold = hold
        self.reset = reset

    async def together(self, debates: int) -> int:
        before = sum(model.calls for model in self.models)
        for _ in range(debates):
            await self.hold()
        turns = sum(model.calls for model in self.models) - before
        assert turns == debates * len(self.models) * ROUNDS, "each speaks in each round"
        return turns

    async def timed(self, debates: int) -> tuple[int, int, int]:
        if self.reset is None:
            return await super().timed(debates)
        turns = cpu = wall = 0
        for _ in range(debates):
            await self.reset()
            of_one = await super().timed(1)
            turns, cpu, wall = turns + of_one[0], cpu + of_one[1], wall + of_one[2]
        return turns, cpu, wall


def run(make: Callable[[int, int], Panel]) -> None:
    timing.run(lambda debaters: make(int(debaters), ROUNDS))

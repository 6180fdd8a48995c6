"""What all Python sides share: the arguments, the inputs, and how a repetition is timed."""

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable


def inputs():
    """What all sides are given."""
    with open(os.environ["PEER_INPUTS"], encoding="utf-8") as file:
        return json.load(file)


class Work:
    """A task that is ready: `passes(n)` does it n times and says how many operations that were; it may be a coroutine
    function. `answer` is what comes of it, to be held against what comes of it elsewhere."""

    def __init__(self, passes: Callable, answer: str | None = None):
        self.passes = passes
        self.answer = answer

    async def timed(self, n: int) -> tuple[int, int, int]:
        """The operations of so many passes, and the nanoseconds: of the processor, and of the clock."""
        wall, cpu = time.perf_counter_ns(), time.process_time_ns()
        operations = self.passes(n)
        if asyncio.iscoroutine(operations):
            operations = await operations
        return operations, time.process_time_ns() - cpu, time.perf_counter_ns() - wall


async def measure(make: Callable[[str], Work]) -> None:
    """Arguments: the tasks (2,4,8), repetitions, milliseconds of a repetition."""
    tasks, repetitions, milliseconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    for task in tasks.split(","):
        work = make(task)
        n = 1
        # The warm-up, which also finds how many passes fill a repetition. What is only done once is done in its first round.
        for _ in range(2):
            while (await work.timed(n))[1] < milliseconds * 1_000_000:
                n *= 2
        for _ in range(repetitions):
            operations, cpu, wall = await work.timed(n)
            line = {"task": task, "operations": operations, "cpu_ns": cpu, "wall_ns": wall}
            if work.answer is not None:
                line["answer"] = work.answer
            print(json.dumps(line), flush=True)


def run(make: Callable[[str], Work]) -> None:
    asyncio.run(measure(make))

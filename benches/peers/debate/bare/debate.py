"""No framework: `asyncio.gather` over debaters that answer at once, once a round."""

import asyncio

from panel import Instantly, Panel, run


def make(debaters: int, rounds: int) -> Panel:
    models = [Instantly(n) for n in range(debaters)]

    async def ask(model: Instantly) -> str:
        return model.say()

    async def hold() -> None:
        transcript = []
        for _ in range(rounds):
            transcript.extend(await asyncio.gather(*(ask(model) for model in models)))
        assert len(transcript) == debaters * rounds

    return Panel(models, hold)


if __name__ == "__main__":
    run(make)

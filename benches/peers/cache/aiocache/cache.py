"""aiocache: a `SimpleMemoryCache`, which has no limit."""

from aiocache import SimpleMemoryCache

from timing import Work, inputs, run


def make(task: str) -> Work:
    given = inputs()
    values = [value.encode() for value in given["values"]]
    order, there = given["order"], given["keys"]
    # Otherwise two of them share their entries.
    cache = SimpleMemoryCache(namespace=task)
    asked = given["absent"] if task == "miss" else there
    at = 0
    filled = False

    async def passes(n: int) -> int:
        nonlocal at, filled
        if not filled:
            for number, key in enumerate(there):
                await cache.set(key, values[number % len(values)], ttl=3600)
            filled = True
        for _ in range(n):
            which = order[at]
            at = (at + 1) % len(order)
            if task == "put":
                await cache.set(asked[which], values[which % len(values)], ttl=3600)
            else:
                assert (await cache.get(asked[which]) is not None) == (task == "hit")
        return n

    return Work(passes)


if __name__ == "__main__":
    run(make)

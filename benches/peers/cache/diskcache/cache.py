"""diskcache: a `Cache` as it is by default, but for its limit."""

import os
import tempfile

import diskcache

from timing import Work, inputs, run


def make(task: str) -> Work:
    given = inputs()
    values = [value.encode() for value in given["values"]]
    order, there = given["order"], given["keys"]
    folder = tempfile.TemporaryDirectory(dir=os.path.dirname(os.environ["PEER_INPUTS"]))
    cache = diskcache.Cache(folder.name, size_limit=256 << 20)
    with cache.transact():
        for n, key in enumerate(there):
            cache.set(key, values[n % len(values)], expire=3600)
    asked = given["absent"] if task == "miss" else there
    at = 0

    def passes(n: int) -> int:
        nonlocal at
        for _ in range(n):
            which = order[at]
            at = (at + 1) % len(order)
            if task == "put":
                cache.set(asked[which], values[which % len(values)], expire=3600)
            else:
                assert (cache.get(asked[which]) is not None) == (task == "hit")
        return n

    work = Work(passes)
    work.held = folder
    return work


if __name__ == "__main__":
    run(make)

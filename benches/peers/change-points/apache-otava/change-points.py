"""Otava: `compute_change_points` as a series is analysed by default (window 50, p of 0.001, no least magnitude)."""

from otava.analysis import compute_change_points

from timing import Work, inputs, run


def make(task: str) -> Work:
    series = inputs()[task]
    found = sum(len(compute_change_points(one)[0]) for one in series)
    at = 0

    def passes(n: int) -> int:
        nonlocal at
        for _ in range(n):
            compute_change_points(series[at])
            at = (at + 1) % len(series)
        return n

    return Work(passes, str(found))


if __name__ == "__main__":
    run(make)

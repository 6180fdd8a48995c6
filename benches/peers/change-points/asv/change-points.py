"""asv: `detect_steps`, with the compiled medians that its package brings."""

from asv.step_detect import detect_steps

from timing import Work, inputs, run


def make(task: str) -> Work:
    series = inputs()[task]
    found = sum(len(detect_steps(one)) - 1 for one in series)
    at = 0

    def passes(n: int) -> int:
        nonlocal at
        for _ in range(n):
            detect_steps(series[at])
            at = (at + 1) % len(series)
        return n

    return Work(passes, str(found))


if __name__ == "__main__":
    run(make)

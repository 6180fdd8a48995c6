"""What the sides in Python share: series from standard input, scores to standard output, a line of JSON each."""

import json
import sys
import time


def score(find):
    """Counts, by kind of series, those with a false change, or with the step found within two points."""
    scores = {}
    for line in sys.stdin:
        series = json.loads(line)
        values = series["values"]
        before = time.process_time_ns()
        places = find(values)
        taken = time.process_time_ns() - before
        one = scores.setdefault(series["case"], {"case": series["case"], "series": 0, "counted": 0, "cpu_ns": 0})
        step = series["step"]
        one["series"] += 1
        one["cpu_ns"] += taken
        one["counted"] += bool(places) if step is None else any(abs(place - step) <= 2 for place in places)
    for one in scores.values():
        print(json.dumps(one))

"""Otava with its defaults: windows of 50 points, p at most 0.001, no least change."""

from otava.analysis import compute_change_points
from scoring import score

score(lambda values: [change.index for change in compute_change_points(values, 50, 0.001, 0.0)[0]])

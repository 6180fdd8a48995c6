"""The step detection of asv: L1 Potts with a penalty that it chooses."""

from asv.step_detect import detect_steps
from scoring import score

score(lambda values: [step[0] for step in detect_steps(values)][1:])

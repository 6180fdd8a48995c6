//! Finding change points.

use super::super::side::{Contest, MadeAs, Side, Task};

pub(super) const CONTEST: Contest = Contest {
    name: "change-points",
    question: "What does it cost the processor to find the change points of a series of 1,000 points?",
    operation: "series",
    tasks: &[
        Task::timed("steady", "no change; points vary by 3 %"),
        Task::timed("steps", "three steps of +5 %; points vary by 3 %"),
        Task::timed("spikes", "no change; every twentieth point is 40 % higher"),
        Task::timed("dependent", "no change; half of a point's deviation is left in the next"),
    ],
    sides: &SIDES,
    inputs: true,
    assumptions: &[
        "The same four series of each kind on every side. The answer is how many change points were found in all four: \
         twelve are right of `steps`, none of the others; four series show a tendency, not a rate.",
        "Each side with its defaults.",
    ],
};

const SIDES: [Side; 4] = [
    Side {
        name: "assize",
        made_as: MadeAs::Ours,
        form: &["change-points", "detector"],
        turn: "the detector: spikes, normal scores, significance, vote, interval of the ratio",
        opponent: None,
        bare: None,
        is_rival: true,
    },
    Side {
        name: "assize-potts",
        made_as: MadeAs::Ours,
        form: &["change-points", "potts"],
        turn: "our form of asv's steps alone, which knows no significance",
        opponent: None,
        bare: None,
        is_rival: false,
    },
    Side {
        name: "otava",
        made_as: MadeAs::Python("apache-otava"),
        form: &[],
        turn: "`compute_change_points`: E-divisive in windows of 50, tests of t, in numpy",
        opponent: Some("assize"),
        bare: None,
        is_rival: true,
    },
    Side {
        name: "asv",
        made_as: MadeAs::Python("asv"),
        form: &[],
        turn: "`detect_steps`: the L1 Potts fit, with compiled medians",
        opponent: Some("assize"),
        bare: None,
        is_rival: true,
    },
];

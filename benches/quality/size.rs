//! How many questions are asked.

use assize_benches::handover::Profile;

/// Numbers of questions.
pub(crate) struct Size {
    /// In each world of the tables.
    pub(crate) questions: u64,
    /// In each world of a sweep.
    pub(crate) swept: u64,
    /// In each of the two streams of a control that has a closed form.
    pub(crate) closed: u64,
    /// In each of the two streams of the other controls.
    pub(crate) control: u64,
    /// Asked both ways.
    pub(crate) both_ways: u64,
    /// With each vendor.
    pub(crate) strained: u64,
    /// Resamples of a bootstrap.
    pub(crate) resamples: usize,
    /// Whether the truth is permuted in every world, and not in one alone.
    pub(crate) everywhere: bool,
}

impl Size {
    /// Two points of difference between pairs of which a third differ are found in four runs of five with about 5,000 pairs.
    pub(crate) const fn of(profile: Profile) -> Self {
        match profile {
            Profile::Smoke => Self {
                questions: 60,
                swept: 60,
                closed: 4_000,
                control: 500,
                both_ways: 24,
                strained: 20,
                resamples: 300,
                everywhere: false,
            },
            Profile::Default => Self {
                questions: 1_000,
                swept: 500,
                closed: 40_000,
                control: 20_000,
                both_ways: 200,
                strained: 200,
                resamples: 1_000,
                everywhere: false,
            },
            Profile::Full => Self {
                questions: 5_000,
                swept: 3_000,
                closed: 40_000,
                control: 40_000,
                both_ways: 400,
                strained: 1_000,
                resamples: 2_000,
                everywhere: true,
            },
        }
    }
}

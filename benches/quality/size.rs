//! How many questions are asked.

use assize_ambient::Seed;
use assize_benches::handover::Profile;

/// Where all chance starts, and numbers of questions.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    /// Where all chance starts.
    pub(crate) seed: Seed,
    /// In each world of the tables.
    pub(crate) questions: u64,
    /// In each world of a sweep.
    pub(crate) swept: u64,
    /// In each of the two streams of a control that has a closed form.
    pub(crate) closed: u64,
    /// In each of the two streams of the other controls.
    pub(crate) control: u64,
    /// In each of the two streams of each world with permuted truth.
    pub(crate) permuted: u64,
    /// Asked both ways.
    pub(crate) both_ways: u64,
    /// With each vendor.
    pub(crate) strained: u64,
    /// Resamples of a bootstrap.
    pub(crate) resamples: usize,
    /// Whether every behaviour and every row of worlds is swept, and not the declared ones alone.
    pub(crate) everything: bool,
}

impl Size {
    /// The same with so many times the questions in controls.
    pub(crate) const fn with_more_control(self, times: u64) -> Self {
        Self {
            closed: times * self.closed,
            control: times * self.control,
            permuted: times * self.permuted,
            ..self
        }
    }

    /// Two points of difference between pairs of which a third differ are found in four runs of five with about 5,000 pairs.
    pub(crate) const fn of(profile: Profile, seed: Seed) -> Self {
        match profile {
            Profile::Smoke => Self {
                seed,
                questions: 60,
                swept: 60,
                closed: 4_000,
                control: 500,
                permuted: 300,
                both_ways: 24,
                strained: 20,
                resamples: 300,
                everything: false,
            },
            Profile::Default => Self {
                seed,
                questions: 1_000,
                swept: 500,
                closed: 40_000,
                control: 10_000,
                permuted: 1_000,
                both_ways: 200,
                strained: 200,
                resamples: 1_000,
                everything: false,
            },
            Profile::Full => Self {
                seed,
                questions: 5_000,
                swept: 3_000,
                closed: 40_000,
                control: 40_000,
                permuted: 10_000,
                both_ways: 400,
                strained: 1_000,
                resamples: 2_000,
                everything: true,
            },
        }
    }
}

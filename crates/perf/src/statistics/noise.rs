//! How much a figure changes though nothing did, learned from its history.

use super::summary::{Sorted, real};

/// A history teaches with so many changes from one result to the next.
pub const HISTORY_NEEDS: usize = 10;

/// Repetitions of the same build teach with so many pairs: those of four results.
pub const REPEATS_NEED: usize = 6;

/// What is taken for noise where nothing is known.
pub const ASSUMED_NOISE: f64 = 0.05;

/// A change that is no more than this is taken for noise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Noise {
    /// As a share of the figure: 0.05 is 5 %.
    pub share: f64,
    /// What it was learned from.
    pub source: NoiseSource,
}

/// What noise was learned from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoiseSource {
    /// The changes from one result to the next, of which there are so many.
    History {
        /// How many changes.
        changes: usize,
    },
    /// Results of the same build, which make so many pairs.
    SameBuild {
        /// How many pairs.
        pairs: usize,
    },
    /// Nothing: it is [`ASSUMED_NOISE`].
    Assumed,
}

impl Noise {
    /// What is assumed where nothing is known.
    pub const ASSUMED: Self = Self { share: ASSUMED_NOISE, source: NoiseSource::Assumed };

    /// Learns from earlier results of the same metric, oldest first, each with the revision it was measured at where that is
    /// known: the third quartile of |Δ log| from one to the next and three interquartile ranges more, as rustc-perf does. With
    /// fewer than [`HISTORY_NEEDS`] such changes, of all pairs at the same revision; with fewer than [`REPEATS_NEED`] of those
    /// it is [`Noise::ASSUMED`]. What is not positive and finite is left out.
    ///
    /// A result should be what one side of a comparison is: the median of as many runs.
    ///
    /// ```
    /// use assize_perf::statistics::{Noise, NoiseSource};
    ///
    /// let nightly = [100.0, 101.0, 100.5, 99.0, 100.0, 102.0, 101.0, 100.0, 100.5, 99.5, 100.0, 101.5];
    /// let noise = Noise::learned(nightly.map(|value| (None, value)));
    /// assert_eq!(noise.source, NoiseSource::History { changes: 11 });
    /// assert!(noise.share > 0.02 && noise.share < 0.05);
    /// ```
    #[must_use]
    pub fn learned<'a>(results: impl IntoIterator<Item = (Option<&'a str>, f64)>) -> Self {
        let logs: Vec<(Option<&str>, f64)> = results
            .into_iter()
            .filter(|(_, value)| *value > 0.0 && value.is_finite())
            .map(|(revision, value)| (revision, value.ln()))
            .collect();
        let changes: Vec<f64> = logs.windows(2).map(|pair| (pair[1].1 - pair[0].1).abs()).collect();
        if changes.len() >= HISTORY_NEEDS {
            return Self::of(&changes, NoiseSource::History { changes: changes.len() });
        }
        let later = |at: usize| logs[at + 1..].iter().map(move |other| (at, other));
        let same: Vec<f64> = (0..logs.len())
            .flat_map(later)
            .filter(|(at, other)| other.0.is_some() && other.0 == logs[*at].0)
            .map(|(at, other)| (other.1 - logs[at].1).abs())
            .collect();
        if same.len() >= REPEATS_NEED {
            return Self::of(&same, NoiseSource::SameBuild { pairs: same.len() });
        }
        Self::ASSUMED
    }

    fn of(changes: &[f64], source: NoiseSource) -> Self {
        let Some(sorted) = Sorted::new(changes) else { return Self::ASSUMED };
        let (q1, q3) = (sorted.percentile(25.0), sorted.percentile(75.0));
        Self { share: (q3 + 3.0 * (q3 - q1)).exp_m1(), source }
    }

    /// In words: `8.2 %, learned from 12 changes`.
    #[must_use]
    pub fn show(&self) -> String {
        let share = crate::Unit::Fraction.show(self.share);
        match self.source {
            NoiseSource::History { changes } => format!("{share}, learned from {changes} changes"),
            NoiseSource::SameBuild { pairs } => format!("{share}, learned from {pairs} pairs of one build"),
            NoiseSource::Assumed => format!("{share}, assumed"),
        }
    }
}

/// The standard deviation of logarithms within both sides of a comparison; `None` for fewer than three values in all, or one
/// that is not finite.
pub(crate) fn pooled_deviation(a: &[f64], b: &[f64]) -> Option<f64> {
    let freedom = (a.len() + b.len()).checked_sub(2).filter(|freedom| *freedom > 0)?;
    let squares = |side: &[f64]| {
        let centre = super::mean(side)?;
        Some(side.iter().map(|x| (x - centre) * (x - centre)).sum::<f64>())
    };
    Some(((squares(a)? + squares(b)?) / real(freedom)).sqrt()).filter(|sd| sd.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_history_teaches_nothing() {
        let short = [100.0, 130.0, 90.0];
        assert_eq!(Noise::learned(short.map(|x| (None, x))), Noise::ASSUMED);
        // Four results of one build do.
        let same = [100.0, 101.0, 99.0, 100.0].map(|x| (Some("a1"), x));
        let noise = Noise::learned(same.into_iter().chain([(Some("b2"), 500.0)]));
        assert_eq!(noise.source, NoiseSource::SameBuild { pairs: 6 });
        assert!(noise.share < 0.06, "{noise:?}");
        assert_eq!(Noise::learned([0.0; 30].map(|x| (None, x))), Noise::ASSUMED);
    }

    #[test]
    fn a_step_in_the_history_is_not_noise() {
        let series = (0..40).map(|i| if i < 20 { 100.0 } else { 150.0 } + f64::from(i % 2));
        let noise = Noise::learned(series.map(|x| (None, x)));
        assert!(noise.share < 0.03, "{noise:?}");
    }
}

//! Statistics of samples: summaries, intervals, fits, tests.
//!
//! Every procedure is checked against values that NumPy, SciPy or statsmodels computed (`fixtures/perf/statistics`), and anything
//! random takes a [`Seed`](assize_ambient::Seed), so that the same samples give the same figures everywhere.

mod bca;
mod discovery;
mod fit;
mod interval;
mod noise;
mod permutation;
mod power;
mod rank_sums;
mod shift;
mod significance;
mod summary;
mod welch;

pub use discovery::benjamini_hochberg;
pub use fit::{Line, fit_line};
pub(crate) use interval::student_quantile;
pub use interval::{Bootstrap, student_interval, wilson_interval};
pub(crate) use noise::pooled_deviation;
pub use noise::{ASSUMED_NOISE, HISTORY_NEEDS, Noise, NoiseSource, REPEATS_NEED};
pub use permutation::{ALL_WAYS_UP_TO, Permutation, permutation_of_means};
pub use power::{MOST_RUNS, Plan};
pub use rank_sums::{EXACT_UP_TO, RankSums, cliffs_delta, rank_sums, smallest_p, tests_allowed};
pub(crate) use shift::{Shift, Shifts};
pub use shift::{hodges_lehmann, shift_interval};
pub use significance::{holm, mcnemar};
pub(crate) use summary::real;
pub use summary::{MAD_TO_SD, Outliers, P99_NEEDS, Sorted, Summary, mean, standard_deviation};
pub use welch::{Welch, welch};

#[cfg(test)]
mod comparison_tests;
#[cfg(test)]
mod tests;

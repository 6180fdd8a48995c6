//! Statistics of samples: summaries, intervals, fits.
//!
//! Every procedure is checked against values that NumPy, SciPy or statsmodels computed (`fixtures/perf/statistics`), and anything
//! random takes a [`Seed`](assize_ambient::Seed), so that the same samples give the same figures everywhere.

mod bca;
mod fit;
mod interval;
mod significance;
mod summary;

pub use fit::{Line, fit_line};
pub(crate) use interval::student_quantile;
pub use interval::{Bootstrap, student_interval, wilson_interval};
pub use significance::{holm, mcnemar};
pub(crate) use summary::real;
pub use summary::{MAD_TO_SD, Outliers, P99_NEEDS, Sorted, Summary, mean, standard_deviation};

#[cfg(test)]
mod tests;

//! Statistics of samples: summaries, intervals, fits.
//!
//! Every procedure is checked against values that NumPy or SciPy computed (`fixtures/perf/statistics`), and anything
//! random takes a [`Seed`](assize_ambient::Seed), so that the same samples give the same figures everywhere.

mod fit;
mod interval;
mod summary;

pub use fit::{Line, fit_line};
pub use interval::{Bootstrap, student_interval, wilson_interval};
pub(crate) use summary::real;
pub use summary::{MAD_TO_SD, Outliers, P99_NEEDS, Sorted, Summary, mean, standard_deviation};

#[cfg(test)]
mod tests;

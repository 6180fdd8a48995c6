//! A run of measurements: readers, statistics, targets, bottlenecks, insights.
//!
//! Results of benchmarks, from here or from other tools, are read into a [`Run`]; [`Target`]s say what the figures
//! have to reach; an [`Analysis`] holds one against the other and says what is slow, what to do about it, and how well
//! that is known. It becomes a [`Document`](assize_report::Document), which `assize-report` renders.
//!
//! ```
//! use assize_perf::{Analysis, Better, Kind, Measurement, Run, Thresholds, Unit, Verdict, targets};
//!
//! let mut run = Run::new("nightly");
//! let turn = Measurement::new("debate/turn/4", "time", Unit::Nanoseconds, Better::Lower, Kind::Timed, 3_200.0);
//! run.measurements.push(turn);
//! let targets = targets::parse(
//!     "[[target]]\nrequirement = 'D1'\nmeasurement = 'debate/turn/*'\nfloor = '10 ms'\ngoal = '4 us'",
//!     "targets.toml",
//! )?;
//! let analysis = Analysis::of(run, &targets, &Thresholds::default());
//! assert_eq!(analysis.verdict(), Verdict::Passed);
//! assert!(analysis.document().to_markdown().contains("D1"));
//! # Ok::<(), assize_perf::Error>(())
//! ```
//!
//! But for the feature `probe` nothing here reads a clock or the environment, and chance comes from seeds: the same input gives the same output.

pub mod analysis;
pub mod change_points;
pub mod compare;
mod error;
pub mod explain;
pub mod gate;
pub mod growth;
pub mod history;
pub mod insights;
mod interval_form;
mod natural;
#[cfg(feature = "probe")]
pub mod probe;
mod quantity;
pub mod readers;
pub mod run;
pub mod statistics;
pub mod targets;
pub mod trend;
mod unit;

pub use analysis::{Analysis, Verdict};
pub use error::{Error, ErrorKind};
pub use explain::{Explanation, Origin};
pub use insights::{Bottleneck, Insight, Severity, Thresholds};
pub use quantity::Quantity;
pub use readers::{Reader, read_path};
pub use run::{
    Arm, Better, Comparison, Contrast, Effect, Environment, Estimate, Finding, Frame, FunctionWeight,
    Interval, Kind, Measurement, Profile, Run, Stack, Winner,
};
pub use targets::{Row, Status, Target};
pub use unit::Unit;

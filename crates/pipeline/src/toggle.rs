//! Whether a ticker is debated, voted upon or skipped: decided by what each would take, and what is left.
//!
//! A [`Predictor`] learns from every debate that was held how long the turns of a panel take and what they cost.
//! [`choose`] holds the prediction against a fair share of the time and the money left, and takes the longest debate that
//! fits; else one vote; else nothing. Each choice has a [`Receipt`], each receipt becomes a [`ToggleRecord`] once it is
//! known how it went, and [`calibration`] says how good the predictions were.
//!
//! This stands outside the debate. Whether a debate under way goes on for another round is decided inside it, by
//! [`assize_debate::Selector`], which knows how opinions stand.
//!
//! No float is used: time counts in microseconds, money in picodollars, shares in millionths.
//!
//! ```
//! use std::time::Duration;
//!
//! use assize_pipeline::toggle::{Choice, PanelKind, Plan, Policy, Predictor, Prior, Situation, choose};
//!
//! let prior = Prior { turn_time: Duration::from_secs(5), turn_cost: "0.01".parse()?, spread_percent: 200 };
//! let situation = Situation {
//!     full: Plan { rounds: 3, seats: 5, at_once: 5 },
//!     tickers_left: 10,
//!     tickers_at_once: 5,
//!     time_left: Some(Duration::from_secs(45)),
//!     budget_left: Some("100".parse()?),
//! };
//! // Two waves of tickers have 22 s each. Three rounds may take 30 s, two 20 s.
//! let kind = PanelKind::new("gpt-4o-mini", "brief");
//! let receipt = choose(&Predictor::new(), &kind, &prior, &situation, &Policy::default());
//! assert_eq!(receipt.choice, Choice::Debate { rounds: 2 });
//! # Ok::<(), assize_metering::Error>(())
//! ```

mod at_work;
mod calibration;
mod choice;
mod concluded;
mod document;
mod micros;
mod prediction;
mod predictor;
mod ratios;
mod record;
mod sketch;
mod stored;

pub(crate) use at_work::Chosen;
pub use at_work::Toggles;
pub use calibration::{Calibration, CalibrationFit, ENOUGH_RECORDS, MeasuredCalibration, calibration};
pub use choice::{Choice, ChoiceReason, Considered, Policy, Receipt, Situation, choose};
pub use concluded::learn_from;
pub use document::describe;
pub use prediction::{Basis, CostEstimate, Plan, Prediction, Prior, TimeEstimate};
pub use predictor::{Held, MOST_KINDS, PanelKind, Predictor, Turn};
pub use record::{Actual, Landing, ToggleRecord};
pub use sketch::Sketch;
pub use stored::FORMAT_VERSION;

#[cfg(test)]
mod tests;

//! Debaters that need no model: rules over evidence.
//!
//! An [`Analyst`] reads the evidence of its kind by one rule, says how likely the price is to rise, cites the dated bars
//! that it rests on, and takes in what others cite that it has not read itself. It knows no network and no key, and it
//! says the same for the same evidence: the offline default of a debate.
//!
//! A rule is only as sure as its record on the very same price series allows: see [`TrackRecord`].

mod analyst;
mod bars;
mod panel;
mod rules;
mod track_record;

pub use analyst::{Analyst, HEARSAY_DISCOUNT};
pub use bars::{Bar, DAILY_BAR, MixedSubjects, bar_evidence, read_bars};
pub use panel::{DIRECTION_OPTIONS, analyst_named, offline_panel};
pub use rules::{MeanReversion, Momentum, PriceRule, Reading, TrendQuality};
pub use track_record::TrackRecord;

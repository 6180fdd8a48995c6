//! Debaters that need no model: rules over evidence.
//!
//! An [`Analyst`] reads the evidence of its kind by one rule, says how likely the price is to rise, cites what it rests on,
//! and takes in what others cite that it has not read itself. It knows no network and no key, and it says the same for
//! the same evidence: the offline default of a debate.
//!
//! A rule over prices ([`PriceRule`]) is only as sure as its record on the very same price series allows: see
//! [`TrackRecord`]. A rule over other evidence ([`EvidenceRule`]) has no such record, and is as sure as it declares: see
//! there how its reading becomes a probability. [`item_evidence`] makes evidence of what was fetched, and [`panel`] seats
//! those who have something to read.
//!
//! Where a [benchmark](benchmark_evidence) is among the evidence, the question is whether the share returns more than that:
//! analysts of prices read and are judged by what the share was worth in shares of the benchmark; what is said of all shares
//! alike says nothing then.

mod analyst;
mod bars;
mod benchmark;
mod dossier;
mod evidence_rule;
mod hearing;
mod panel;
mod rules;
mod statements;
mod track_record;

pub use analyst::Analyst;
pub use bars::{Bar, DAILY_BAR, MixedSubjects, bar_evidence, read_bars};
pub use benchmark::{BENCHMARK, benchmark_evidence};
pub use dossier::{
    ARTICLE, ATTENTION, COMPANY_FACT, FILING, INSIDER_TRADE, MACRO, OPTION_CHAIN, POST, SHORT_VOLUME, VIDEO,
    chain_of, item_evidence,
};
pub use evidence_rule::{EvidenceRule, Held, Note, Opinion, Pace, Part, USUAL_SESSIONS};
pub use hearing::HEARSAY_DISCOUNT;
pub use panel::{DIRECTION_OPTIONS, analyst_named, full_panel, offline_panel, panel};
pub use rules::{
    AttentionSpike, InsiderFlow, MacroClimate, MeanReversion, Momentum, NewsSentiment, OptionsFlow,
    PriceRule, Quality, Reading, TrendQuality, Value,
};
pub use statements::{Figure, Line, Statements};
pub use track_record::TrackRecord;

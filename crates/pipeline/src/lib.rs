//! Order and concurrency of stages: the morning brief.
//!
//! [`MorningBrief`] leads each ticker through its [`Stage`]s, prices → evidence → debate → decision, several tickers at
//! once. A stage that cannot do its work degrades that ticker alone, and says why ([`Availability`]). The run gives two
//! documents: what was decided ([`Brief`]), which is identical for identical input, and how the run went
//! ([`RunRecord`]), which holds every measured time.

mod availability;
mod brief;
mod brief_document;
mod decision;
mod error;
pub mod money_document;
mod morning;
mod run_document;
mod run_record;
mod stage;
mod stages;
pub mod toggle;
mod verdict_document;

pub use assize_portfolio::Action;
pub use availability::{Availability, Part, Shortfall, ShortfallKind};
pub use brief::{Brief, CitedBar, FORMAT_VERSION, FindingNote, Status, TickerBrief};
pub use decision::{
    DECISION_FORMAT_VERSION, Decision, DecisionMatter, Entry, Level, Sizing, Trigger, Volatility,
    WeighedEvidence, nth_session_after, put_validation,
};
pub use error::{Error, ErrorKind};
pub use morning::{BriefRequest, MAX_TICKERS, MorningBrief, Panel, Progress};
pub use run_record::{FetchNote, RunRecord, StageSpan, TickerRun, TurnSpan};
pub use stage::Stage;
pub use verdict_document::verdict_document;

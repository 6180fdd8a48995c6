//! Order and concurrency of stages: the morning brief, and the analysis of a company.
//!
//! [`MorningBrief`] leads each ticker through its [`Stage`]s, prices → evidence → debate → decision, several tickers at
//! once. A stage that cannot do its work degrades that ticker alone, and says why ([`Availability`]). The run gives two
//! documents: what was decided ([`Brief`]), which is identical for identical input, and how the run went
//! ([`RunRecord`]), which holds every measured time.

mod action;
mod analysis;
mod availability;
mod brief;
mod brief_document;
mod course;
mod error;
mod morning;
mod progress;
mod run_document;
mod run_record;
mod stage;
mod stages;
mod verdict_document;

pub use action::Action;
pub use analysis::*;
pub use availability::{Availability, Part, Shortfall, ShortfallKind};
pub use brief::{Brief, CitedBar, Decision, FORMAT_VERSION, FindingNote, Status, TickerBrief};
pub use course::{Course, Trace};
pub use error::{Error, ErrorKind};
pub use morning::{BriefRequest, MAX_TICKERS, MorningBrief, Panel};
pub use progress::Progress;
pub use run_record::{FetchNote, RunRecord, StageSpan, TickerRun, TurnSpan};
pub use stage::{Stage, Step};
pub use verdict_document::verdict_document;

//! Order and concurrency of stages: the morning brief, and the analysis of a company.
//!
//! [`MorningBrief`] researches all tickers in one fetch, alternative data ∥ options ∥ prices, and leads each through its
//! [`Stage`]s, evidence → debate → decision, as soon as its own research is complete. A stage that cannot do its work degrades
//! that ticker alone, and says why ([`Availability`]). Stages run on a [`Course`], with its places, its deadline and a
//! [`Trace`] for each ticker; who argues is seated when the evidence is there ([`Seating`]). The run gives two documents: what
//! was decided ([`Brief`]), which is identical for identical input, and how the run went ([`RunRecord`]), which holds every
//! measured time.

mod analysis;
mod as_text;
mod availability;
mod backtest;
mod backtest_document;
mod blindfold;
mod brief;
mod brief_document;
mod course;
mod decision;
mod desk;
pub mod desk_document;
mod error;
pub mod money_document;
mod morning;
mod progress;
mod rival;
mod run_document;
mod run_record;
#[cfg(feature = "schema")]
pub mod schema;
mod seating;
mod stage;
mod stages;
pub mod toggle;
mod verdict_document;

pub use analysis::{
    ANALYSIS_FORMAT_VERSION, Analysis, AnalysisModel, AnalysisRecord, AnalysisRequest, CallNote, CallSpan,
    CategoryNote, Cell, CellKind, CompanyAnalysis, Exhibit, FilingNote, Financial, Found, Framework,
    FrameworkKind, Grade, Health, HealthPart, Known, MAX_AT_ONCE, Market, Measure, Piotroski, PiotroskiTest,
    Point, Research, StoryNote, Unit, Writer, ZScore, ZZone,
};
pub use assize_portfolio::Action;
pub use availability::{Availability, Part, Shortfall, ShortfallKind};
pub use backtest::{
    BACKTEST_FORMAT_VERSION, Backtest, BacktestDay, BacktestReport, BacktestTicker, DrawdownPoint, Every,
};
pub use backtest_document::Closes;
pub use blindfold::{BlindModel, Blindfold};
pub use brief::{
    Brief, CitedBar, CitedEvidence, FORMAT_VERSION, FindingNote, PartState, Status, TickerBrief,
};
pub use course::{Course, Trace};
pub use decision::{
    DECISION_FORMAT_VERSION, Decision, DecisionMatter, Entry, Level, Sizing, Trigger, Volatility,
    WeighedEvidence, nth_session_after, put_validation,
};
pub use desk::{
    Benchmark, CurvePoint, DESK_FORMAT_VERSION, DeskReport, DeskSettings, OrderNote, PaperDesk, WithdrawnNote,
};
pub use error::{Error, ErrorKind};
pub use morning::{BriefRequest, MAX_TICKERS, MorningBrief};
pub use progress::Progress;
pub use run_record::{FetchNote, RunRecord, StageSpan, TickerRun, TurnSpan};
pub use seating::{Analysts, Matter, Panel, SeatWeights, Seated, Seating};
pub use stage::{Stage, Step};
pub use verdict_document::verdict_document;

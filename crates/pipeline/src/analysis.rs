//! The analysis of a company: research ∥ market ∥ financial → frameworks → synthesis.
//!
//! Three stages find out what is known, each from sources of its own kinds: what the company is and what is said of it
//! ([`Research`]), what the market makes of it ([`Market`]), what its statements say ([`Financial`]). All frameworks
//! ([`FrameworkKind`]) then read the same digest of the three, at the same time, and a synthesis reads what they came to. With
//! a model each of them is one call, whose every point must cite what it rests on; without one there is what rules can say
//! honestly, and for the rest the reason why it is missing.

mod answer;
mod asking;
mod company_analysis;
mod digest;
mod document;
mod exhibit;
mod financial;
mod framework;
mod market;
mod measure;
mod offline;
mod prompt;
mod record;
mod record_document;
mod research;
mod result;
mod stages;

pub use asking::AnalysisModel;
pub use company_analysis::{AnalysisRequest, CompanyAnalysis, MAX_AT_ONCE};
pub use exhibit::Exhibit;
pub use financial::{Financial, Grade, Health, HealthPart, Piotroski, PiotroskiTest, ZScore, ZZone};
pub use framework::{CallNote, Cell, CellKind, Framework, FrameworkKind, Point, Writer};
pub use market::Market;
pub use measure::{Measure, Unit};
pub use record::{AnalysisRecord, CallSpan};
pub use research::{CategoryNote, FilingNote, Research, StoryNote};
pub use result::{ANALYSIS_FORMAT_VERSION, Analysis, Found, Known};

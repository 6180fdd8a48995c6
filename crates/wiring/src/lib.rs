//! Constructors: what a user asks for becomes concrete objects.
//!
//! This is the one library that knows all others. It decides nothing: it opens folders, chooses sources and debaters by
//! name, and hands them to the crates that do the work.

mod analysis;
mod answers;
mod backtest;
mod brief;
mod cache;
mod chain;
mod debate;
mod doctor;
mod environment;
mod error;
mod evidence_file;
mod hall;
mod human;
mod journal;
mod keys;
mod learnt;
mod panel;
mod portfolio;
mod predictor_file;
mod prices;
mod procedure;
mod sources;
mod text_file;
mod thrifty;
mod vendors;
mod voices;

pub use analysis::{AnalysisDesk, AnalysisOptions, set_up_analysis};
pub use answers::{AnswerOptions, Answers, set_up_answers};
pub use assize_analysts::chain_of;
pub use backtest::{BacktestBench, set_up_backtest};
pub use brief::{BriefDesk, BriefOptions, PriceFolder, offline_brief, set_up_brief};
pub use cache::{Cache, CacheOptions, CacheReport, Damage, RedisOptions, Removal, TierReport};
pub use chain::chain_in;
pub use debate::{DebateOptions, Hearing, resume_debate, set_up_debate};
pub use doctor::{Check, doctor};
pub use environment::colour_is_welcome;
pub use error::{Error, ErrorKind};
pub use human::Human;
pub use journal::JournalOptions;
pub use keys::Keys;
pub use portfolio::{PortfolioFolder, read_limits};
pub use predictor_file::PredictorFile;
pub use prices::{LoadedPrices, price_book};
pub use procedure::Procedure;
pub use sources::{
    DataPlace, Desk, FeedAddress, FilmChannel, KeyNeed, ListedSource, SourceChoice, SourceOptions,
    set_up_fetcher, source_catalogue,
};
pub use vendors::VendorOptions;

/// What the journal of a debate survives.
pub use assize_journal::Durability;

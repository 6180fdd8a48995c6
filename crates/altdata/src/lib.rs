//! Observations of the world: items with two clocks, plans of requests, the fetcher, the as-of cut.
//!
//! A [`Source`] says which requests answer a [`Query`] and reads the answers; both are pure. The [`Fetcher`] owns
//! order, concurrency and the deadline, and gives back for each ticker what was found, what was wrong with it
//! ([`Finding`]), what is missing ([`Gap`]) and what the as-of cut took away ([`Removed`]). Nothing is lost silently.
//!
//! Each [`Item`] carries two clocks: [`Availability`], an interval in which the world could first have known it, and the
//! time at which we fetched it. A run "as of" a moment ([`AsOf`]) keeps what was known by then *at the latest*, so that
//! it never sees the future. [`PriceSeries`] adjusts prices with the events known by then and no others.
//!
//! ```
//! use assize_altdata::{AsOf, DailyBar, Item, PriceSeries, SourceId, Ticker};
//! use assize_ambient::Timestamp;
//! use jiff::civil::date;
//!
//! let ko: Ticker = "ko".parse()?;
//! let url = "file:KO.csv".parse().expect("an address");
//! let bar = |day, close| DailyBar::new(date(1998, 3, day), close, close, close, close);
//! let items: Vec<Item> = [(2, 68.5), (3, 69.0), (4, 68.0)]
//!     .map(|(day, close)| Item::bar(&ko, bar(day, close), &SourceId::new("csv"), &url, Timestamp::UNIX_EPOCH))
//!     .into();
//! let as_of: AsOf = "1998-03-03".parse()?;
//! let series = PriceSeries::build(&items, &as_of);
//! assert_eq!(series.bars().len(), 2, "the bar of 4 March was not known on the 3rd");
//! # Ok::<(), assize_altdata::Error>(())
//! ```

mod as_of;
mod availability;
mod bar;
#[cfg(any(test, feature = "test-util"))]
pub mod conformance;
mod error;
mod evidence_id;
mod fetch_document;
mod fetcher;
mod filing;
mod finding;
mod gap;
mod heard;
mod identity;
mod item;
mod market_figure;
pub mod new_york;
mod option_chain;
mod series;
mod source;
mod ticker;

pub use as_of::{AsOf, Cut, Removed};
pub use availability::{Availability, Known};
pub use bar::DailyBar;
pub use error::{Error, ErrorKind};
pub use evidence_id::EvidenceId;
pub use fetch_document::FetchDocument;
#[cfg(feature = "schema")]
pub use fetch_document::fetch_schema;
pub use fetcher::{
    ANSWERS_KEPT, ATTEMPTS_REMEMBERED, Attempt, FetchEvent, FetchOrder, FetchPolicy, FetchRecord, Fetched,
    Fetcher, NotAsked, Past, REMOVED_LISTED, RemovedItem, SourceHealth, TickerFetch,
};
pub use filing::{CompanyFact, Filing, InsiderRole, InsiderTrade};
pub use finding::{Disposition, FINDINGS_LISTED, Finding, FindingKind};
pub use gap::{Gap, GapReason};
pub use heard::{Article, Attention, Post, Video};
pub use identity::Identity;
pub use item::{Item, ItemKind};
pub use market_figure::{MacroValue, ShortVolume};
pub use option_chain::{OptionChain, OptionQuote, OptionRight};
pub use series::{Adjustment, PriceSeries, SeriesBar, split_explains};
#[cfg(any(test, feature = "test-util"))]
pub use source::MockSource;
pub use source::{Outcome, Query, Resume, Source, SourceId, SourceKind, SourceMeta};
pub use ticker::Ticker;

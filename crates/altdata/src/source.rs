//! What a source is: where it lives, what it asks, how it reads the answer.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use assize_ambient::Timestamp;
use assize_transport::{RawResponse, Request};

use crate::{AsOf, Finding, Gap, Identity, Item, Ticker};

/// A place that observations come from. Pure: it plans requests and reads answers, and does neither I/O nor asks the
/// time; so it can be tested on bytes, and replayed.
///
/// Every implementation passes the suite in `conformance` (feature `test-util`).
#[cfg_attr(any(test, feature = "test-util"), mockall::automock)]
pub trait Source: fmt::Debug + Send + Sync + 'static {
    /// What is known of the source beforehand. Always the same.
    fn meta(&self) -> &SourceMeta;

    /// The requests that answer `query`, in the order in which their items shall be listed; the same for the same query.
    ///
    /// # Errors
    /// The gap to report if there is nothing to ask: the ticker is not there, or it is not clear what is meant.
    fn plan(&self, query: &Query) -> Result<Vec<Request>, Gap>;

    /// Reads what came back on one of the planned requests. Never panics, whatever the bytes are. What it says about
    /// one day must not depend on later days, so that an as-of cut of the outcome is the outcome of the cut.
    fn decode(&self, query: &Query, response: &RawResponse) -> Outcome;

    /// What else must be asked, now that `response` is there: the documents that an index lists. Asked after it in this
    /// order, and read by [`decode`](Source::decode) like the rest; what follows from those is asked too, as far as the
    /// fetcher's bounds go. The same for the same response; nothing for one that can't be read.
    fn follow(&self, query: &Query, response: &RawResponse) -> Vec<Request> {
        let _ = (query, response);
        Vec::new()
    }

    /// Whether [`plan`](Source::plan) wants to be told which company the ticker means; the fetcher then asks the sources of
    /// identities first.
    fn needs_identity(&self) -> bool {
        false
    }

    /// Whether one of its requests can be about several companies; the fetcher then finds out about all of them first, and
    /// [tells it](Source::for_companies).
    fn asks_together(&self) -> bool {
        false
    }

    /// The same source, told of all companies that a fetch is about, in the order of its tickers, as far as they are known: so
    /// that it can [plan](Source::plan) the same request for several. `None`, the default, if that changes nothing.
    fn for_companies(&self, companies: &[Arc<Identity>]) -> Option<Arc<dyn Source>> {
        let _ = companies;
        None
    }

    /// How long the answer to one of its requests stays fresh, where that is not the same for all: a document that never
    /// changes once it is there, behind an index that does.
    fn fresh_for(&self, request: &Request) -> Duration {
        let _ = request;
        self.meta().ttl
    }

    /// How the answers of an earlier fetch can be gone on with, if they can: only what became available since is asked for
    /// then, by the plan of [`Query::since`], and the rest is taken from what was kept. `None`, the default, asks for
    /// everything again; it must be so wherever something later rewrites what was said before, as a split does with prices
    /// that are adjusted for it.
    fn resumes(&self, query: &Query) -> Option<Resume> {
        let _ = query;
        None
    }
}

/// How a source's earlier answers are gone on with: see [`Source::resumes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resume {
    /// The whole answer to the query holds nothing that became available before.
    pub from: Timestamp,
    /// How far behind its being there something may still be put right or come in late: so much of what was kept is asked
    /// for again.
    pub overlap: Duration,
}

/// The name of a source, such as `csv-folder`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(Cow<'static, str>);

impl SourceId {
    /// Names a source.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// Names a source that was configured or stored.
    #[must_use]
    pub fn from_text(name: String) -> Self {
        Self(Cow::Owned(name))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What kind of observations a source has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SourceKind {
    /// Prices by the day.
    Prices,
    /// Which company a ticker means.
    Identity,
    /// Documents filed with a regulator.
    Filings,
    /// What insiders buy and sell.
    Insiders,
    /// Figures that a company reported.
    Facts,
    /// Quotes of options.
    Options,
    /// News.
    News,
    /// What people write on social sites.
    Social,
    /// Films.
    Video,
    /// How often something is looked up.
    Attention,
    /// Figures of the economy: an answer says the same whichever ticker it is read for, but for the [`Item::ticker`], so that
    /// it is read once for all.
    Macro,
    /// How much is sold short.
    ShortVolume,
}

impl SourceKind {
    /// Every kind, in the order in which a report lists them.
    pub const ALL: [Self; 12] = [
        Self::Prices,
        Self::Identity,
        Self::Filings,
        Self::Insiders,
        Self::Facts,
        Self::Options,
        Self::News,
        Self::Social,
        Self::Video,
        Self::Attention,
        Self::Macro,
        Self::ShortVolume,
    ];

    /// A fixed name in `snake_case`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Prices => "prices",
            Self::Identity => "identity",
            Self::Filings => "filings",
            Self::Insiders => "insiders",
            Self::Facts => "facts",
            Self::Options => "options",
            Self::News => "news",
            Self::Social => "social",
            Self::Video => "video",
            Self::Attention => "attention",
            Self::Macro => "macro",
            Self::ShortVolume => "short_volume",
        }
    }
}

/// What is known of a source beforehand.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SourceMeta {
    /// Its name.
    pub id: SourceId,
    /// What it has.
    pub kind: SourceKind,
    /// The host that its requests go to and share a rate limit on; `file` for files.
    pub host: Cow<'static, str>,
    /// Requests a second that it bears, if it is limited.
    pub rate: Option<f64>,
    /// Requests that it bears at once, at least 1.
    pub burst: u32,
    /// How long an answer stays fresh.
    pub ttl: Duration,
    /// By how much the newest item may lie behind the as-of moment before it is stale; `None` if it can't be.
    pub stale_after: Option<Duration>,
    /// What its terms of use say, in a few words.
    pub terms: Cow<'static, str>,
    /// Whether it answers only with a key.
    pub needs_key: bool,
    /// Whether it is asked without the user's having chosen it.
    pub default_on: bool,
}

impl SourceMeta {
    /// A source without a rate limit or key, asked only if chosen; change what differs.
    #[must_use]
    pub fn new(id: SourceId, kind: SourceKind, host: impl Into<Cow<'static, str>>) -> Self {
        Self {
            id,
            kind,
            host: host.into(),
            rate: None,
            burst: 1,
            ttl: Duration::ZERO,
            stale_after: None,
            terms: Cow::Borrowed(""),
            needs_key: false,
            default_on: false,
        }
    }
}

/// What is wanted of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    ticker: Ticker,
    as_of: AsOf,
    identity: Option<Arc<Identity>>,
    since: Option<Timestamp>,
}

impl Query {
    /// Asks for everything about `ticker` that was known as of a moment.
    #[must_use]
    pub fn new(ticker: &Ticker, as_of: AsOf) -> Self {
        Self { ticker: ticker.clone(), as_of, identity: None, since: None }
    }

    /// The same, knowing which company is meant.
    #[must_use]
    pub fn with_identity(mut self, identity: Arc<Identity>) -> Self {
        self.identity = Some(identity);
        self
    }

    /// The same, where all that was available before `moment` is there already.
    #[must_use]
    pub fn since(mut self, moment: Timestamp) -> Self {
        self.since = Some(moment);
        self
    }

    /// Which company is meant, if that is known.
    #[must_use]
    pub fn identity(&self) -> Option<&Identity> {
        self.identity.as_deref()
    }

    pub(crate) fn shared_identity(&self) -> Option<Arc<Identity>> {
        self.identity.clone()
    }

    /// From when on something is wanted, if not everything: a source may ask for less, but need not.
    #[must_use]
    pub fn wanted_since(&self) -> Option<Timestamp> {
        self.since
    }

    /// The ticker.
    #[must_use]
    pub fn ticker(&self) -> &Ticker {
        &self.ticker
    }

    /// The moment: a source may ask for less than it has, but need not cut; the fetcher does.
    #[must_use]
    pub fn as_of(&self) -> AsOf {
        self.as_of
    }
}

/// What an answer turned out to be.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Outcome {
    /// Observations, and what was wrong with some of them.
    Items {
        /// What was read, in the order of availability.
        items: Vec<Item>,
        /// What was wrong.
        findings: Vec<Finding>,
    },
    /// There is nothing, certainly.
    Empty,
    /// There is nothing, and that is more likely a failure: why.
    DoubtfulEmpty(String),
    /// Asked too often; for how long to wait, if it says.
    Throttled(Option<Duration>),
    /// The source refuses us.
    Blocked,
    /// The source is out of order just now: how it showed.
    Unavailable(String),
    /// There is no such thing.
    NotFound,
    /// It is about another company: which, and which was meant.
    OtherCompany(String),
    /// It is not of the expected form: where, and what was found there.
    Drift(String),
    /// It wants a key.
    KeyMissing,
}

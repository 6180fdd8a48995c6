//! How much of a result is there, and what is missing.

use std::{fmt, str::FromStr};

use assize_altdata::SourceKind;
use serde::Serialize;

use crate::Error;

/// A part of a brief that may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Part {
    /// Prices.
    Prices,
    /// Alternative data: filings, news, attention …
    Altdata,
    /// Options.
    Options,
    /// The prices of what a share is to be held against.
    Benchmark,
    /// The debate; without it the panel only votes.
    Debate,
    /// The decision.
    Decision,
    /// The paper account.
    Execution,
    /// Which company is meant.
    Company,
    /// What a company is and what is said of it.
    Research,
    /// What the market makes of it.
    Market,
    /// What its statements say.
    Financial,
    /// A framework of a company's analysis.
    Framework,
    /// What an analysis comes to.
    Synthesis,
}

impl Part {
    /// The parts that are researched, in the order in which they are reported.
    pub const RESEARCHED: [Self; 3] = [Self::Prices, Self::Altdata, Self::Options];
    /// The parts that can be left out on request.
    pub const OPTIONAL: [Self; 3] = [Self::Altdata, Self::Options, Self::Debate];

    /// The part that observations of this kind belong to.
    #[must_use]
    pub const fn of(kind: SourceKind) -> Self {
        match kind {
            SourceKind::Prices => Self::Prices,
            SourceKind::Options => Self::Options,
            _ => Self::Altdata,
        }
    }

    /// The part's name, as it is written on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prices => "prices",
            Self::Altdata => "altdata",
            Self::Options => "options",
            Self::Benchmark => "benchmark",
            Self::Debate => "debate",
            Self::Decision => "decision",
            Self::Execution => "execution",
            Self::Company => "company",
            Self::Research => "research",
            Self::Market => "market",
            Self::Financial => "financial",
            Self::Framework => "framework",
            Self::Synthesis => "synthesis",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Part {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::OPTIONAL.into_iter().find(|part| part.name() == name).ok_or_else(|| {
            Error::bad_request(format!(
                "leave out {name:?}: what can be left out is altdata, options and debate"
            ))
        })
    }
}

/// Why something is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ShortfallKind {
    /// It was left out on request.
    LeftOut,
    /// No source of it is asked.
    NotAsked,
    /// The source has nothing on this ticker.
    Unknown,
    /// The source failed, or sent what cannot be read.
    Unreadable,
    /// Something outside did not answer, or refuses us.
    Outside,
    /// The data are too old.
    Stale,
    /// There is not enough of it.
    TooLittle,
    /// The deadline came first.
    Deadline,
    /// The budget was used up.
    Budget,
    /// The panel came to no opinion.
    NoOpinion,
    /// It was made as of a moment that lies before what is known by now.
    LookedBack,
    /// The program failed.
    Failed,
    /// Rules cannot say it honestly: it needs a model.
    NeedsModel,
}

/// Something that is missing, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Shortfall {
    /// What is missing.
    pub part: Part,
    /// Why.
    pub kind: ShortfallKind,
    /// The same in words.
    pub detail: String,
}

impl Shortfall {
    /// Something that is missing.
    pub fn new(part: Part, kind: ShortfallKind, detail: impl Into<String>) -> Self {
        Self { part, kind, detail: detail.into() }
    }
}

/// The result of a stage: whole, with something missing, or not there.
#[derive(Debug, Clone, PartialEq)]
pub enum Availability<T> {
    /// All of it.
    Full(T),
    /// Usable, but for this.
    Degraded(T, Vec<Shortfall>),
    /// Nothing usable, because of this.
    Missing(Vec<Shortfall>),
}

impl<T> Availability<T> {
    /// `value` with what is missing of it, if anything is.
    pub fn of(value: T, shortfalls: Vec<Shortfall>) -> Self {
        if shortfalls.is_empty() { Self::Full(value) } else { Self::Degraded(value, shortfalls) }
    }

    /// Nothing, for one reason.
    pub fn missing(shortfall: Shortfall) -> Self {
        Self::Missing(vec![shortfall])
    }
}

//! What can go wrong with money, usage and prices.

use std::fmt;

use crate::billing::{Geo, Mode};
use crate::bucket::Bucket;
use crate::unit::Unit;

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, to decide on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A text is no amount of money, or no rate.
    InvalidAmount,
    /// A price file breaks its format or its units.
    InvalidPriceBook,
    /// No price book that was asked knows the model. See [`Error::suggestions`].
    UnknownModel,
    /// Several vendors sell a model of this name. See [`Error::suggestions`].
    AmbiguousModel,
    /// The model is known, but no price of it is known for that time.
    NotPricedThen,
    /// The usage holds tokens or pieces of a kind for which the model has no rate.
    NoRate,
    /// The model has no price in that mode, at least not for so long a prompt.
    NoPriceInMode,
    /// The list does not say what the model costs where the call is bound to a place.
    NoPriceInGeo,
    /// A JSON value is, or holds, no usage object of a vendor.
    InvalidUsage,
}

/// An error of this crate. Its message fits "failed to …".
///
/// ```
/// use assize_ambient::Timestamp;
/// use assize_metering::{ErrorKind, PriceBook};
///
/// let error = PriceBook::embedded().find("gpt-4p", Timestamp::UNIX_EPOCH).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::UnknownModel);
/// assert!(error.suggestions().iter().any(|id| id == "gpt-4o"));
/// ```
#[derive(Debug)]
pub struct Error(Box<Problem>);

#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error("read the amount `{shown}`: {problem}")]
    InvalidAmount { shown: String, problem: &'static str },
    #[error("load prices from {file}, line {line}{}: {problem}", Field(field.as_deref()))]
    InvalidPriceBook {
        file: String,
        line: usize,
        field: Option<String>,
        problem: String,
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    #[error("find a price for `{name}`: no such model is known; {}", Nearest(nearest))]
    UnknownModel { name: String, nearest: Vec<String> },
    #[error(
        "find a price for `{name}`: several vendors have a model of that name; ask for one of {}",
        List(candidates)
    )]
    AmbiguousModel { name: String, candidates: Vec<String> },
    #[error("find a price for `{name}` at {at}: its prices are known only for {}", periods.join("; "))]
    NotPricedThen { name: String, at: String, periods: Vec<String> },
    #[error(
        "price a usage of `{model}`: it holds {tokens} tokens of `{}`, for which the model has no rate; \
         state one in a price file of your own", bucket.key()
    )]
    NoRate { model: String, bucket: Bucket, tokens: u64 },
    #[error("price a usage of `{model}`: no {} price of it is known{}", mode.key(), Above(*above))]
    NoPriceInMode { model: String, mode: Mode, above: Option<u64> },
    #[error(
        "price a usage of `{model}`: it holds {pieces} pieces of `{}`, for which the model has no price; \
         state one in a price file of your own", unit.key()
    )]
    NoUnitRate { model: String, unit: Unit, pieces: u64 },
    #[error(
        "price a usage of `{model}`: no price of it is known for calls bound to `{0}`; \
         state `geo = {{ {0} = \"…\" }}` in a price file of your own", geo.key()
    )]
    NoPriceInGeo { model: String, geo: Geo },
    #[error("read a usage: {problem}")]
    InvalidUsage { problem: &'static str },
}

impl Error {
    /// What went wrong, to decide on.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match *self.0 {
            Problem::InvalidAmount { .. } => ErrorKind::InvalidAmount,
            Problem::InvalidPriceBook { .. } => ErrorKind::InvalidPriceBook,
            Problem::UnknownModel { .. } => ErrorKind::UnknownModel,
            Problem::AmbiguousModel { .. } => ErrorKind::AmbiguousModel,
            Problem::NotPricedThen { .. } => ErrorKind::NotPricedThen,
            Problem::NoRate { .. } | Problem::NoUnitRate { .. } => ErrorKind::NoRate,
            Problem::NoPriceInMode { .. } => ErrorKind::NoPriceInMode,
            Problem::NoPriceInGeo { .. } => ErrorKind::NoPriceInGeo,
            Problem::InvalidUsage { .. } => ErrorKind::InvalidUsage,
        }
    }

    /// Names to offer instead, the nearest first: of an unknown model up to three known ids, of an ambiguous one its
    /// unambiguous names. Empty for other kinds.
    #[must_use]
    pub fn suggestions(&self) -> &[String] {
        match &*self.0 {
            Problem::UnknownModel { nearest, .. } => nearest,
            Problem::AmbiguousModel { candidates, .. } => candidates,
            _ => &[],
        }
    }

    /// The name of the price file at fault.
    #[must_use]
    pub fn file(&self) -> Option<&str> {
        match &*self.0 {
            Problem::InvalidPriceBook { file, .. } => Some(file),
            _ => None,
        }
    }

    /// The line of the price file at fault, from 1.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        match *self.0 {
            Problem::InvalidPriceBook { line, .. } => Some(line),
            _ => None,
        }
    }

    /// The field at fault: a key of a price file, or the bucket or unit that has no rate.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        match &*self.0 {
            Problem::InvalidPriceBook { field, .. } => field.as_deref(),
            Problem::NoRate { bucket, .. } => Some(bucket.key()),
            Problem::NoUnitRate { unit, .. } => Some(unit.key()),
            _ => None,
        }
    }

    pub(crate) fn invalid_amount(text: &str, problem: &'static str) -> Self {
        Self::new(Problem::InvalidAmount { shown: excerpt(text), problem })
    }

    pub(crate) fn invalid_price_book(
        file: &str,
        line: usize,
        field: Option<&str>,
        problem: impl Into<String>,
    ) -> Self {
        let (file, field) = (file.to_owned(), field.map(excerpt));
        Self::new(Problem::InvalidPriceBook { file, line, field, problem: problem.into(), source: None })
    }

    /// The same with the error that was met below.
    pub(crate) fn caused_by(mut self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        if let Problem::InvalidPriceBook { source, .. } = &mut *self.0 {
            *source = Some(cause.into());
        }
        self
    }

    pub(crate) fn unknown_model(name: &str, nearest: Vec<String>) -> Self {
        Self::new(Problem::UnknownModel { name: excerpt(name), nearest })
    }

    pub(crate) fn ambiguous_model(name: &str, candidates: Vec<String>) -> Self {
        Self::new(Problem::AmbiguousModel { name: excerpt(name), candidates })
    }

    pub(crate) fn not_priced_then(name: &str, at: String, periods: Vec<String>) -> Self {
        Self::new(Problem::NotPricedThen { name: excerpt(name), at, periods })
    }

    pub(crate) fn no_rate(model: &str, bucket: Bucket, tokens: u64) -> Self {
        Self::new(Problem::NoRate { model: model.to_owned(), bucket, tokens })
    }

    pub(crate) fn no_price_in_mode(model: &str, mode: Mode, above: Option<u64>) -> Self {
        Self::new(Problem::NoPriceInMode { model: model.to_owned(), mode, above })
    }

    pub(crate) fn no_unit_rate(model: &str, unit: Unit, pieces: u64) -> Self {
        Self::new(Problem::NoUnitRate { model: model.to_owned(), unit, pieces })
    }

    pub(crate) fn no_price_in_geo(model: &str, geo: Geo) -> Self {
        Self::new(Problem::NoPriceInGeo { model: model.to_owned(), geo })
    }

    pub(crate) fn invalid_usage(problem: &'static str) -> Self {
        Self::new(Problem::InvalidUsage { problem })
    }

    #[cold]
    fn new(problem: Problem) -> Self {
        Self(Box::new(problem))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

/// A stranger's text, harmless to print: escaped, and cut where it is long.
pub(crate) fn excerpt(text: &str) -> String {
    const SHOWN: usize = 80;
    let mut shown: String = text.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

struct Field<'a>(Option<&'a str>);

impl fmt::Display for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |name| write!(f, ", `{name}`"))
    }
}

struct List<'a>(&'a [String]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, name) in self.0.iter().enumerate() {
            write!(f, "{}`{name}`", if position == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

struct Nearest<'a>(&'a [String]);

impl fmt::Display for Nearest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [] => f.write_str("no known id is close to it; state its price in a price file of your own"),
            names => write!(f, "the nearest known are {}", List(names)),
        }
    }
}

struct Above(Option<u64>);

impl fmt::Display for Above {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |tokens| write!(f, " above {tokens} input tokens"))
    }
}

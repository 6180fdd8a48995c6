//! An account on paper as a document: what it holds, how it did, who forecast how well, and what happened.
//!
//! The figures come from `assize_portfolio`; nothing is reckoned here but the worth of an account day by day, without what was
//! paid in. Amounts are shown to the cent; the JSON forms have every digit.

mod account;
mod desk;
mod dollars;
mod events;
mod performance;
mod scorecards;
#[cfg(test)]
mod tests;

use assize_altdata::AsOf;
use assize_metering::Usd;
use assize_portfolio::{
    AccountDocument, EquityPoint, Error, Event, History, Measure, Performance, Returns, Scorecards,
};
use assize_report::{Document, Tone};
use jiff::civil::Date;
use serde::{Serialize, Serializer};

pub use account::{put_book, put_orders};
pub use desk::put_desk;
pub(crate) use desk::{curves, put_costs};
pub use dollars::dollars;
pub use events::{events_document, put_events};
pub use performance::{Beside, account_curve, account_returns, put_performance};
pub use scorecards::{put_calibration, put_scorecards};
pub(crate) use scorecards::{put_decisions, put_voices};

use crate::money_document::{Curve, drawdown_chart, equity_chart};

/// The version of the form.
pub const PORTFOLIO_FORMAT_VERSION: u32 = 1;

/// What an account was worth when a session closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EquityDay {
    /// The session.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub session: Date,
    /// Cash and positions at the newest closes.
    #[cfg_attr(feature = "schema", schemars(with = "assize_debate::schema::Usd"))]
    pub equity: Usd,
    /// All cash that was paid in by then.
    #[cfg_attr(feature = "schema", schemars(with = "assize_debate::schema::Usd"))]
    pub deposits: Usd,
}

impl From<EquityPoint> for EquityDay {
    fn from(point: EquityPoint) -> Self {
        Self { session: point.session, equity: point.equity, deposits: point.deposits }
    }
}

/// An account as of a moment: nothing in it was known later.
///
/// ```
/// use assize_pipeline::desk_document::PortfolioReport;
/// use assize_portfolio::History;
///
/// let report = PortfolioReport::of(&History::default(), &"2024-03-05".parse()?)?;
/// assert_eq!(report.to_json()["account"]["equity"], "0.00");
/// assert!(report.to_document().to_markdown().contains("Nothing has happened"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct PortfolioReport {
    /// 1.
    pub format_version: u32,
    /// The moment.
    #[serde(serialize_with = "text")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub as_of: AsOf,
    /// What it held.
    pub account: AccountDocument,
    /// What it was worth at each close.
    pub equity: Vec<EquityDay>,
    /// How it did, what was paid in left out.
    pub performance: Measure<Performance>,
    /// The name of what that is held against, if anything.
    pub benchmark: Option<String>,
    /// How well each voice has forecast, if that was looked at.
    pub scorecards: Option<Scorecards>,
    /// Growth of the account and of the benchmark, for drawing.
    #[serde(skip)]
    curves: (Curve, Option<Curve>),
}

impl PortfolioReport {
    /// What the events tell that were known as of a moment.
    ///
    /// # Errors
    /// [`ErrorKind::BadLog`](assize_portfolio::ErrorKind::BadLog) if one does not follow from those before it,
    /// [`ErrorKind::TooLarge`](assize_portfolio::ErrorKind::TooLarge) if an amount leaves the range.
    pub fn of(history: &History, as_of: &AsOf) -> Result<Self, Error> {
        let returns = account_returns(history, as_of);
        Ok(Self {
            format_version: PORTFOLIO_FORMAT_VERSION,
            as_of: *as_of,
            account: AccountDocument::of(&history.state_as_of(as_of)?)?,
            equity: history.equity_as_of(as_of).into_iter().map(EquityDay::from).collect(),
            performance: returns
                .as_ref()
                .map(|returns| Performance::of(returns, None))
                .map_err(|why| *why)
                .into(),
            benchmark: None,
            scorecards: None,
            curves: (returns.map(|returns| account_curve("account", &returns)).unwrap_or_default(), None),
        })
    }

    /// The same, held against the closes of a benchmark, adjusted for dividends and splits.
    #[must_use]
    pub fn beside(mut self, history: &History, as_of: &AsOf, name: &str, closes: &[(Date, f64)]) -> Self {
        let returns = account_returns(history, as_of);
        let benchmark = Returns::from_levels(closes.iter().copied());
        if let (Ok(returns), Ok(benchmark)) = (&returns, &benchmark) {
            self.performance = Measure::Known(Performance::of(returns, Some(benchmark)));
        }
        self.benchmark = Some(name.to_owned());
        self.curves.1 = Some(Curve { label: name.to_owned(), values: closes.to_vec() });
        self
    }

    /// The same with how well each voice has forecast.
    #[must_use]
    pub fn with_scorecards(mut self, scorecards: Scorecards) -> Self {
        self.scorecards = Some(scorecards);
        self
    }

    /// As JSON.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// For people: the book, orders that wait, worth and drawdown as pictures, figures, scorecards.
    #[must_use]
    pub fn to_document(&self) -> Document {
        self.document(true)
    }

    /// The same for a terminal, without pictures.
    #[must_use]
    pub fn to_short_document(&self) -> Document {
        self.document(false)
    }

    fn document(&self, is_whole: bool) -> Document {
        let mut doc = Document::new("Account on paper");
        doc.meta("as of", self.as_of.to_string());
        if self.account.known_at.is_none() {
            doc.callout(Tone::Note, "Nothing has happened by then.");
            return doc;
        }
        put_worth(&mut doc, &self.account);
        doc.heading(2, "What it holds");
        put_book(&mut doc, &self.account);
        doc.heading(2, "Orders that wait");
        put_orders(&mut doc, &self.account);
        doc.heading(2, "How it did");
        if is_whole && self.equity.len() > 1 {
            doc.chart(equity_chart(&self.curves.0, self.curves.1.as_ref()));
            doc.chart(drawdown_chart(&self.curves.0, self.curves.1.as_ref()));
        }
        let benchmark = self.benchmark.as_deref().map(|name| Beside { name, performance: None });
        put_performance(&mut doc, &self.performance, benchmark);
        if let Some(scorecards) = &self.scorecards {
            doc.heading(2, "Who forecast how well");
            put_scorecards(&mut doc, scorecards, is_whole);
        }
        doc
    }
}

/// What the account is worth, on top of the page.
fn put_worth(doc: &mut Document, account: &AccountDocument) {
    let session = account.session.map_or_else(|| "none yet".to_owned(), |session| session.to_string());
    doc.meta("newest session booked", session);
    doc.meta("worth", format!("{} USD", dollars(account.equity)));
}

fn text<S: Serializer>(as_of: &AsOf, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(as_of)
}

/// The day on which the first cash was paid in, in New York.
fn first_deposit(history: &History, as_of: &AsOf) -> Option<Date> {
    let mut records = history.as_of(as_of).iter();
    let deposit = records.find(|record| matches!(record.event, Event::Deposited { .. }))?;
    Some(AsOf::at(deposit.known_at).date())
}

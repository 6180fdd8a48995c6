//! What a desk has done with a brief, and how it has fared by then.

use std::collections::BTreeSet;

use assize_altdata::{AsOf, Ticker};
use assize_ambient::Timestamp;
use assize_metering::Usd;
use assize_portfolio::{
    Absence, AccountDocument, Event, InputId, Measure, Order, OrderId, Performance, Question, Record,
    Returns, Scorecards, Session, Side, Validation,
};
use jiff::civil::Date;
use serde::{Serialize, Serializer};

use super::{Benchmark, Error, Outcome, PaperDesk};
use crate::Shortfall;

/// The version of the report's JSON form.
pub const DESK_FORMAT_VERSION: u32 = 1;

/// An order that a brief has placed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OrderNote {
    /// Its name.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub id: OrderId,
    /// Of what.
    #[serde(serialize_with = "text")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub ticker: Ticker,
    /// Which way.
    pub side: Side,
    /// How many shares.
    pub shares: u64,
}

/// A part of an earlier order that a brief has withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WithdrawnNote {
    /// The order.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub id: OrderId,
    /// Of what.
    #[serde(serialize_with = "text")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub ticker: Ticker,
    /// Shares that were not filled.
    pub left: u64,
}

/// What an account was worth at a close.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CurvePoint {
    /// The session.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub session: Date,
    /// Cash and positions.
    #[cfg_attr(feature = "schema", schemars(with = "assize_debate::schema::Usd"))]
    pub equity: Usd,
    /// All cash that was paid in by then.
    #[cfg_attr(feature = "schema", schemars(with = "assize_debate::schema::Usd"))]
    pub deposits: Usd,
    /// What became of 1.0 in the benchmark since the first close; `None` where it had no price.
    pub benchmark: Option<f64>,
}

/// What a desk has done with a brief, and how account and forecasters have fared by then. It is a function of the brief and of
/// what the journals knew as of its moment: making the same brief again gives the same report.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct DeskReport {
    /// The version of this form.
    pub format_version: u32,
    /// The name of the run, under which its orders are booked.
    pub run: InputId,
    /// As of when.
    #[serde(serialize_with = "text")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub as_of: AsOf,
    /// Whether the run is booked in the account.
    pub is_booked: bool,
    /// What happened in the sessions since the brief before: fills, dividends, splits, closes.
    pub events: Vec<Event>,
    /// What of their bars was left out, and why.
    pub left_out: Vec<String>,
    /// What the limits made of what was decided.
    pub validation: Validation,
    /// The orders placed: they are filled at the next open, at the earliest.
    pub orders: Vec<OrderNote>,
    /// What is left of earlier orders, and withdrawn.
    pub withdrawn: Vec<WithdrawnNote>,
    /// The account.
    pub account: AccountDocument,
    /// What it was worth, close by close.
    pub curve: Vec<CurvePoint>,
    /// What it is held against.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub benchmark: Benchmark,
    /// How its money has done.
    pub performance: Measure<Performance>,
    /// What was asked of each ticker.
    pub question: Question,
    /// How well everybody has forecast that.
    pub scorecards: Scorecards,
    /// How many forecasts answer another question, and are not among those.
    pub of_other_questions: usize,
    /// What could not be done.
    pub shortfalls: Vec<Shortfall>,
}

impl PaperDesk {
    pub(super) fn report(
        &self,
        outcome: &Outcome<'_>,
        run: InputId,
        validation: Validation,
        shortfalls: Vec<Shortfall>,
    ) -> Result<DeskReport, Error> {
        let failed = |error: assize_portfolio::Error| Error::of_account(&error);
        let history = self.account.history();
        let known = history.as_of(&outcome.as_of);
        let own = history.place_of(&run).filter(|place| *place < known.len());
        let (events, since) = sessions_before(known, own);
        let (orders, withdrawn) = placed(known, own);
        let points = history.equity_as_of(&outcome.as_of);
        let levels = points.first().and_then(|first| self.levels(outcome, first.session));
        let level = |date: Date| levels.as_ref().and_then(|levels| levels.on(date));
        let curve: Vec<CurvePoint> = points
            .iter()
            .map(|point| CurvePoint {
                session: point.session,
                equity: point.equity,
                deposits: point.deposits,
                benchmark: level(point.session),
            })
            .collect();
        let benchmark = levels.and_then(|levels| Returns::from_levels(levels.iter()).ok());
        let returns = returns(&curve);
        let performance = returns.map(|returns| Performance::of(&returns, benchmark.as_ref()));
        let left_out = left_out(outcome, since, &events, known);
        let state = history.state_as_of(&outcome.as_of).map_err(failed)?;
        let recollection = self.recollection(&outcome.as_of, outcome.benchmark);
        Ok(DeskReport {
            format_version: DESK_FORMAT_VERSION,
            run,
            as_of: outcome.as_of,
            is_booked: own.is_some(),
            events,
            left_out,
            validation,
            orders,
            withdrawn,
            account: AccountDocument::of(&state).map_err(failed)?,
            curve,
            benchmark: self.settings.benchmark.clone(),
            performance: performance.into(),
            question: match outcome.benchmark {
                Some(_) => Question::Outperform,
                None => Question::Rise,
            },
            of_other_questions: self.memory.known(&outcome.as_of).count() - recollection.len(),
            scorecards: recollection.scorecards(outcome.quotes),
            shortfalls,
        })
    }
}

/// What of the bars of these sessions was left out, as far as it is about something that the account had ordered by then.
fn left_out(outcome: &Outcome<'_>, since: Option<Date>, events: &[Event], known: &[Record]) -> Vec<String> {
    let Some(last) = events.iter().filter_map(Event::session).max() else { return Vec::new() };
    let first = since.map_or(Ok(last), Date::tomorrow).unwrap_or(last);
    let ordered: BTreeSet<&Ticker> = known
        .iter()
        .filter_map(|record| match &record.event {
            Event::Decided { decision, .. } => Some(&decision.orders),
            _ => None,
        })
        .flat_map(|orders| orders.iter().map(|order| &order.ticker))
        .collect();
    let (_, left_out) = Session::of_series(outcome.quotes.series(), first);
    let left_out = left_out.into_iter().filter(|left| left.date <= last && ordered.contains(&left.ticker));
    left_out.map(|left| format!("{}, {}: {}", left.ticker, left.date, left.why)).collect()
}

/// The events of sessions between the decision before and the run's own, or all that is known; and the session before them.
fn sessions_before(known: &[Record], own: Option<usize>) -> (Vec<Event>, Option<Date>) {
    let until = &known[..own.unwrap_or(known.len())];
    let is_decision = |record: &Record| matches!(record.event, Event::Decided { .. });
    let from = until.iter().rposition(is_decision).map_or(0, |place| place + 1);
    let events = until[from..].iter().map(|record| record.event.clone());
    let before = until[..from].iter().rev().find_map(|record| record.event.session());
    (events.filter(|event| event.session().is_some()).collect(), before)
}

/// What the run has ordered and withdrawn.
fn placed(known: &[Record], own: Option<usize>) -> (Vec<OrderNote>, Vec<WithdrawnNote>) {
    let Some(Event::Decided { decision, withdrawn }) = own.map(|place| &known[place].event) else {
        return (Vec::new(), Vec::new());
    };
    let note = |(order, id): (&Order, OrderId)| OrderNote {
        id,
        ticker: order.ticker.clone(),
        side: order.side,
        shares: order.shares,
    };
    let orders = decision.orders.iter().zip(decision.order_ids()).map(note).collect();
    let withdrawn = withdrawn.iter().map(|order| WithdrawnNote {
        id: order.order,
        ticker: order.ticker.clone(),
        left: order.left,
    });
    (orders, withdrawn.collect())
}

/// What the money returned from close to close, without what was paid in between.
fn returns(curve: &[CurvePoint]) -> Result<Returns, Absence> {
    let first = curve.first().ok_or(Absence::TooFew { have: 0, need: 1 })?;
    let gain = |pair: &[CurvePoint]| {
        let paid = pair[1].deposits.picodollars() - pair[0].deposits.picodollars();
        let gained = pair[1].equity.picodollars() - pair[0].equity.picodollars() - paid;
        (pair[1].session, ratio(gained, pair[0].equity.picodollars()))
    };
    Returns::new(first.session, curve.windows(2).map(gain))
}

#[expect(clippy::cast_precision_loss, reason = "a return needs no more digits than a float has")]
fn ratio(part: i128, whole: i128) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// By when something was known, for those who hold reports against moments.
impl assize_altdata::Known for DeskReport {
    fn known_by(&self) -> Option<Timestamp> {
        self.account.known_at
    }
}

fn text<T: std::fmt::Display, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(value)
}

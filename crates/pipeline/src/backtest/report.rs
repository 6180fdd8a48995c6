//! What a test over the past has come to.

use std::fmt;

use assize_altdata::{AsOf, Ticker};
use assize_metering::Usd;
use assize_portfolio::{
    AccountDocument, Calibration, Event, Measure, Performance, Returns, Scorecards, Standing, Voice, Weight,
};
use jiff::civil::Date;
use serde::{Serialize, Serializer};

use super::{Backtest, Every};
use crate::{Action, Benchmark, Brief, CurvePoint, DeskReport, OrderNote, Shortfall, Status, WithdrawnNote};

/// The version of the report's JSON form.
pub const BACKTEST_FORMAT_VERSION: u32 = 1;

/// What was decided about a ticker on a day.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BacktestTicker {
    /// The ticker.
    #[serde(serialize_with = "text")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub ticker: Ticker,
    /// How much was there.
    pub status: Status,
    /// What to do; `None`: nothing could be decided.
    pub action: Option<Action>,
    /// The probability of a rise.
    pub p_up: Option<f64>,
    /// What became of it when it was held against the limits.
    pub standing: Option<Standing>,
    /// What was to be held of it.
    #[serde(rename = "weight_bp")]
    pub weight: Option<Weight>,
    /// What was missing.
    pub shortfalls: Vec<Shortfall>,
}

/// What a day's brief has come to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BacktestDay {
    /// The day.
    #[serde(serialize_with = "text")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub as_of: AsOf,
    /// What was decided, in the order of the request.
    pub tickers: Vec<BacktestTicker>,
    /// What happened in the sessions since the brief before.
    pub events: Vec<Event>,
    /// The orders placed.
    pub orders: Vec<OrderNote>,
    /// What is left of earlier orders, and withdrawn.
    pub withdrawn: Vec<WithdrawnNote>,
    /// What the account was worth at the newest close known.
    #[cfg_attr(feature = "schema", schemars(with = "assize_debate::schema::Usd"))]
    pub equity: Usd,
    /// What calls of models cost.
    #[cfg_attr(feature = "schema", schemars(with = "assize_debate::schema::Usd"))]
    pub cost: Usd,
    /// What the desk could not do.
    pub shortfalls: Vec<Shortfall>,
}

/// How far the account was below its highest worth at a close.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DrawdownPoint {
    /// The session.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub session: Date,
    /// −1 (all was lost) to 0 (it was never worth more).
    pub account: f64,
    /// The same of the benchmark; `None` where it had no price.
    pub benchmark: Option<f64>,
}

/// What a test over the past has come to: identical for identical input.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct BacktestReport {
    /// The version of this form.
    pub format_version: u32,
    /// The tickers.
    #[serde(serialize_with = "texts")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<String>"))]
    pub tickers: Vec<Ticker>,
    /// The first day.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub from: Date,
    /// The end.
    #[serde(serialize_with = "text")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub to: AsOf,
    /// How often a brief was made.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub every: Every,
    /// How far ahead each looked, in sessions.
    pub horizon_sessions: u32,
    /// What the account began with.
    #[cfg_attr(feature = "schema", schemars(with = "assize_debate::schema::Usd"))]
    pub capital: Usd,
    /// Whether debaters were not told which company it is, and when.
    pub is_blind: bool,
    /// The days.
    pub days: Vec<BacktestDay>,
    /// What happened in the sessions after the last brief.
    pub closing: Vec<Event>,
    /// What the account was worth, close by close, beside the benchmark.
    pub curve: Vec<CurvePoint>,
    /// How far both were below their highest worth.
    pub drawdown: Vec<DrawdownPoint>,
    /// What it is held against.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub benchmark: Benchmark,
    /// How the account has done.
    pub performance: Measure<Performance>,
    /// How the benchmark has done.
    pub benchmark_performance: Measure<Performance>,
    /// Whether the probabilities of the decisions were worth what they said.
    pub calibration: Measure<Calibration>,
    /// How well everybody has forecast.
    pub scorecards: Scorecards,
    /// The account at the end, with what commission and slippage have cost.
    pub account: AccountDocument,
    /// What calls of models cost.
    #[cfg_attr(feature = "schema", schemars(with = "assize_debate::schema::Usd"))]
    pub cost: Usd,
    /// What of bars was left out after the last brief, and why.
    pub left_out: Vec<String>,
    /// What could not be done at the end.
    pub shortfalls: Vec<Shortfall>,
}

impl BacktestDay {
    pub(super) fn of(brief: Brief) -> Self {
        let desk = brief.desk;
        let accepted = |ticker: &Ticker| {
            desk.as_ref()?.validation.accepted.iter().find(|accepted| accepted.ticker == *ticker)
        };
        let tickers = brief.tickers.into_iter().map(|found| BacktestTicker {
            status: found.status,
            action: found.decision.as_ref().map(|decision| decision.action),
            p_up: found.decision.as_ref().map(|decision| decision.p_up),
            standing: accepted(&found.ticker).map(|accepted| accepted.standing),
            weight: accepted(&found.ticker).map(|accepted| accepted.weight),
            shortfalls: found.shortfalls,
            ticker: found.ticker,
        });
        let tickers = tickers.collect();
        let (as_of, cost) = (brief.as_of, brief.cost);
        match desk {
            Some(desk) => Self {
                as_of,
                tickers,
                equity: desk.account.equity,
                events: desk.events,
                orders: desk.orders,
                withdrawn: desk.withdrawn,
                cost,
                shortfalls: desk.shortfalls,
            },
            None => Self {
                as_of,
                tickers,
                equity: Usd::ZERO,
                events: Vec::new(),
                orders: Vec::new(),
                withdrawn: Vec::new(),
                cost,
                shortfalls: Vec::new(),
            },
        }
    }
}

impl BacktestReport {
    pub(super) fn of(backtest: &Backtest, days: Vec<BacktestDay>, end: DeskReport, cost: Usd) -> Self {
        let levels = end.curve.iter().filter_map(|point| Some((point.session, point.benchmark?)));
        let benchmark = Returns::from_levels(levels).map(|returns| Performance::of(&returns, None));
        let decisions = end.scorecards.of(&Voice::Decision);
        let calibration = decisions.map_or_else(
            || {
                Measure::Absent(assize_portfolio::Absence::TooFew {
                    have: 0,
                    need: assize_portfolio::MIN_OUTCOMES,
                })
            },
            |card| card.calibration.clone(),
        );
        Self {
            format_version: BACKTEST_FORMAT_VERSION,
            tickers: backtest.brief.tickers.clone(),
            from: backtest.from,
            to: backtest.brief.as_of,
            every: backtest.every,
            horizon_sessions: backtest.brief.horizon_sessions,
            capital: backtest.desk.capital,
            is_blind: backtest.blindfold.is_some(),
            days,
            closing: end.events,
            drawdown: drawdown(&end.curve),
            curve: end.curve,
            benchmark: end.benchmark,
            performance: end.performance,
            benchmark_performance: benchmark.into(),
            calibration,
            scorecards: end.scorecards,
            account: end.account,
            cost,
            left_out: end.left_out,
            shortfalls: end.shortfalls,
        }
    }

    /// The report as JSON.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

fn drawdown(curve: &[CurvePoint]) -> Vec<DrawdownPoint> {
    let (mut peak, mut benchmark_peak) = (0.0_f64, 0.0_f64);
    let below = |peak: &mut f64, level: f64| {
        *peak = peak.max(level);
        if *peak > 0.0 { level / *peak - 1.0 } else { 0.0 }
    };
    let point = |point: &CurvePoint| DrawdownPoint {
        session: point.session,
        account: below(&mut peak, dollars(point.equity)),
        benchmark: point.benchmark.map(|level| below(&mut benchmark_peak, level)),
    };
    curve.iter().map(point).collect()
}

#[expect(clippy::cast_precision_loss, reason = "a ratio needs no more digits than a float has")]
fn dollars(amount: Usd) -> f64 {
    amount.picodollars() as f64 / 1e12
}

fn text<T: fmt::Display, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(value)
}

fn texts<T: fmt::Display, S: Serializer>(values: &[T], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(values.iter().map(ToString::to_string))
}

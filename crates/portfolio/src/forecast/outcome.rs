//! What came of a forecast, as soon as it can be known and not before.

use std::fmt;
use std::ops::Range;

use assize_altdata::{AsOf, Item, Known, PriceSeries, Ticker};
use assize_ambient::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Forecast, Question};

/// Below this a return, or what one return is more than another, is what rounding made of nothing.
const ROUNDING: f64 = 1e-12;
/// So many sessions of the benchmark after the horizon's end a share without a price counts as stopped.
const GRACE: usize = 5;

/// The daily bars of one ticker.
#[derive(Debug, Clone, PartialEq)]
pub struct PriceHistory {
    ticker: Ticker,
    /// All bars by their days, those of one day in the order in which they came.
    bars: Vec<Item>,
    sessions: Vec<Session>,
}

#[derive(Debug, Clone, PartialEq)]
struct Session {
    date: Date,
    /// When its first bar was known.
    known_by: Timestamp,
    /// The places of its bars.
    bars: Range<usize>,
}

impl PriceHistory {
    /// Takes the sound bars of this ticker out of these items.
    #[must_use]
    pub fn of(ticker: &Ticker, items: &[Item]) -> Self {
        let of_ticker = items.iter().filter(|item| item.ticker == *ticker);
        let dated = |item| Some((Item::as_bar(item).filter(|bar| bar.has_sound_prices())?.date, item));
        let mut dated: Vec<(Date, &Item)> = of_ticker.filter_map(dated).collect();
        // Stable, so that the bars of a day stay in their order.
        dated.sort_by_key(|(date, _)| *date);
        let mut start = 0;
        let session = |day: &[(Date, &Item)]| {
            let bars = start..start + day.len();
            start = bars.end;
            Some(Session {
                date: day[0].0,
                known_by: day.iter().filter_map(|(_, item)| item.known_by()).min()?,
                bars,
            })
        };
        let sessions = dated.chunk_by(|one, other| one.0 == other.0).filter_map(session).collect();
        Self {
            ticker: ticker.clone(),
            bars: dated.into_iter().map(|(_, item)| item.clone()).collect(),
            sessions,
        }
    }

    /// Whose bars they are.
    #[must_use]
    pub const fn ticker(&self) -> &Ticker {
        &self.ticker
    }

    /// The place of the last session known by this moment.
    fn last_known(&self, moment: Timestamp) -> Option<usize> {
        self.sessions.iter().rposition(|session| session.known_by <= moment)
    }

    fn place(&self, date: Date) -> Option<usize> {
        self.sessions.binary_search_by_key(&date, |session| session.date).ok()
    }

    /// The total return from the close of one session to that of another, and by when it was known; `None` if it was not.
    /// It is made of the bars between them alone, as they were when the last of them became known, so that neither earlier
    /// nor later days can change its last bit.
    fn gain(&self, from: usize, to: usize, as_of: &AsOf) -> Option<(f64, Timestamp)> {
        let window = &self.sessions[from..=to];
        let known =
            window.iter().map(|session| session.known_by).filter(|known_by| *known_by <= as_of.moment());
        let known_by = known.max()?;
        let bars = &self.bars[window.first()?.bars.start..window.last()?.bars.end];
        let series = PriceSeries::build(bars, &AsOf::at(known_by));
        let [first, .., last] = series.bars() else { return None };
        if (first.bar.date, last.bar.date) != (self.sessions[from].date, self.sessions[to].date) {
            return None;
        }
        let gain = last.adjusted_close / first.adjusted_close - 1.0;
        gain.is_finite().then(|| (if gain.abs() < ROUNDING { 0.0 } else { gain }, known_by))
    }
}

/// What came of a forecast.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Outcome {
    /// The session from whose close it is counted: the last that was known when the forecast was made.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub from: Date,
    /// The horizon's last session.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub to: Date,
    /// What the share returned between those closes, dividends and splits included: 0.01 is 1 %.
    pub gain: f64,
    /// What the benchmark returned between the closes of the same days, if it has them.
    pub benchmark: Option<f64>,
    /// By when all of this was known.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub known_by: Timestamp,
}

/// A forecast and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Resolved {
    /// What was expected.
    pub forecast: Forecast,
    /// What came of it.
    pub outcome: Outcome,
}

impl Known for Resolved {
    fn known_by(&self) -> Option<Timestamp> {
        Some(self.outcome.known_by.max(self.forecast.as_of))
    }
}

impl Resolved {
    /// What the share returned, or what it returned more than the benchmark where that was the question.
    #[must_use]
    pub fn result(&self) -> f64 {
        match (self.forecast.question, self.outcome.benchmark) {
            (Question::Outperform, Some(benchmark)) => self.outcome.gain - benchmark,
            _ => self.outcome.gain,
        }
    }

    /// Whether what the probability is of came true.
    #[must_use]
    pub fn came_true(&self) -> bool {
        self.result() > ROUNDING
    }

    /// Whether the forecast lay on the right side of one half; `None` if it lay on neither.
    #[must_use]
    pub fn is_hit(&self) -> Option<bool> {
        let p = self.forecast.p_up.get();
        if p > 0.5 {
            Some(self.came_true())
        } else if p < 0.5 {
            Some(!self.came_true())
        } else {
            None
        }
    }
}

/// Why nothing is known of a forecast's outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Open {
    /// The forecast is made only later.
    Future,
    /// The horizon's end is not known yet.
    Pending {
        /// The sessions that are.
        have: u32,
        /// The sessions of the horizon.
        need: u32,
    },
    /// The share has had no price for long enough that the horizon would have ended: halted, delisted, taken over. Who
    /// leaves such forecasts out of a record flatters it.
    Stopped,
    /// No price was known when the forecast was made.
    NoPrice,
    /// The prices of the horizon can't be compared with one another.
    Incomparable,
    /// It takes a benchmark, which has no prices of those days.
    NoBenchmark,
    /// The prices are of another ticker.
    OtherTicker,
}

impl fmt::Display for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Future => f.write_str("not made yet"),
            Self::Pending { have, need } => write!(f, "{have} of {need} sessions known"),
            Self::Stopped => f.write_str("no price since, long after the horizon's end"),
            Self::NoPrice => f.write_str("no price was known"),
            Self::Incomparable => f.write_str("the prices of the horizon can't be compared"),
            Self::NoBenchmark => f.write_str("the benchmark has no prices of those days"),
            Self::OtherTicker => f.write_str("the prices are of another ticker"),
        }
    }
}

impl Forecast {
    /// What came of it, as far as that was known as of a moment. The horizon is counted in the share's own sessions from
    /// the last close known when the forecast was made, which nobody could trade at: this measures the forecast, an account
    /// measures what following it would have brought.
    ///
    /// # Errors
    /// Why nothing is known of it.
    pub fn outcome(
        &self,
        prices: &PriceHistory,
        benchmark: Option<&PriceHistory>,
        as_of: &AsOf,
    ) -> Result<Outcome, Open> {
        if self.as_of > as_of.moment() {
            return Err(Open::Future);
        }
        if prices.ticker != self.ticker {
            return Err(Open::OtherTicker);
        }
        let from = prices.last_known(self.as_of).ok_or(Open::NoPrice)?;
        let to = self.last_session(prices, from, benchmark, as_of)?;
        let (gain, known_by) = prices.gain(from, to, as_of).ok_or(Open::Incomparable)?;
        let days = (prices.sessions[from].date, prices.sessions[to].date);
        let compared = benchmark
            .and_then(|benchmark| benchmark.gain(benchmark.place(days.0)?, benchmark.place(days.1)?, as_of));
        if self.question == Question::Outperform && compared.is_none() {
            return Err(Open::NoBenchmark);
        }
        Ok(Outcome {
            from: days.0,
            to: days.1,
            gain,
            benchmark: compared.map(|(gain, _)| gain),
            known_by: compared.map_or(known_by, |(_, also)| known_by.max(also)),
        })
    }

    fn last_session(
        &self,
        prices: &PriceHistory,
        from: usize,
        benchmark: Option<&PriceHistory>,
        as_of: &AsOf,
    ) -> Result<usize, Open> {
        let need = usize::from(self.horizon.get());
        let known = |history: &PriceHistory, place: usize| history.sessions[place].known_by <= as_of.moment();
        let mut since = (from + 1..prices.sessions.len()).filter(|place| known(prices, *place));
        if let Some(to) = since.clone().nth(need - 1) {
            return Ok(to);
        }
        let have = since.clone().count();
        let last = prices.sessions[since.next_back().unwrap_or(from)].date;
        let silent = benchmark.map_or(0, |benchmark| {
            let after = benchmark.sessions.partition_point(|session| session.date <= last);
            (after..benchmark.sessions.len()).filter(|place| known(benchmark, *place)).count()
        });
        if have + silent >= need + GRACE {
            return Err(Open::Stopped);
        }
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Err(Open::Pending { have: number(have), need: number(need) })
    }
}

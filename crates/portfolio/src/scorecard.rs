//! How well each voice has forecast, as far as that was known as of a moment, and what its voice should weigh.

mod information;
mod track_record;
mod weight;

use std::collections::BTreeMap;
use std::num::NonZeroU16;

use assize_altdata::{AsOf, Ticker};
use assize_ambient::Timestamp;
use serde::{Deserialize, Serialize};

pub use information::InformationCoefficient;
pub use track_record::{PastAnswer, ResolvedQuestion};

use crate::measure::{count, enough, finite};
use crate::moments::mean;
use crate::{
    Absence, Calibration, EffectiveSample, Forecast, Lean, MIN_OUTCOMES, Measure, Open, Outcome,
    PriceHistory, Question, Resolved, Voice,
};

/// The version of the scorecards' JSON form.
pub const SCORECARDS_FORMAT_VERSION: u32 = 1;

/// The prices that forecasts are held against.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Prices {
    histories: BTreeMap<Ticker, PriceHistory>,
    benchmark: Option<PriceHistory>,
}

impl Prices {
    /// No prices.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with those of a ticker, in the place of what was there of it.
    #[must_use]
    pub fn with(mut self, history: PriceHistory) -> Self {
        self.histories.insert(history.ticker().clone(), history);
        self
    }

    /// The same with those of the benchmark.
    #[must_use]
    pub fn with_benchmark(mut self, history: PriceHistory) -> Self {
        self.benchmark = Some(history);
        self
    }

    fn outcome(&self, forecast: &Forecast, as_of: &AsOf) -> Result<Outcome, Open> {
        let history = self.histories.get(&forecast.ticker).ok_or(Open::NoPrice)?;
        let named = forecast.benchmark.as_ref();
        let is_it = |history: &&PriceHistory| named.is_none_or(|named| history.ticker() == named);
        let benchmark = self.benchmark.as_ref().filter(is_it);
        let benchmark = benchmark.or_else(|| named.and_then(|named| self.histories.get(named)));
        forecast.outcome(history, benchmark, as_of)
    }
}

/// How well a voice has forecast.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Scorecard {
    /// Who.
    pub who: Voice,
    /// Its forecasts whose outcomes are known.
    pub outcomes: u64,
    /// Those whose horizon is not over.
    pub pending: u64,
    /// Those of shares that have had no price since; they are in none of the figures, and a share seldom stops for a good
    /// reason.
    pub stopped: u64,
    /// Those that no prices can tell of.
    pub unpriced: u64,
    /// How many outcomes do not overlap.
    pub effective: EffectiveSample,
    /// Hit rate, Brier score, skill and reliability.
    pub calibration: Measure<Calibration>,
    /// The outcomes of forecasts that said to have more or less of it.
    pub followed: u64,
    /// The mean return of those, over the horizon and before costs, where less of what fell is a gain.
    pub mean_when_followed: Measure<f64>,
    /// The mean return of those that said to have more, which is what an account that is never short could have followed.
    pub mean_when_bought: Measure<f64>,
    /// How what was said goes together with what came.
    pub information: Measure<InformationCoefficient>,
    /// What its voice should weigh, above 0 and 1 for who has shown nothing: see [`Scorecards::weights`].
    pub weight: f64,
}

/// How well each voice has forecast, as of a moment.
///
/// ```
/// use assize_altdata::{AsOf, DailyBar, Item, SourceId, Ticker};
/// use assize_ambient::Timestamp;
/// use assize_portfolio::{Forecast, Lean, PriceHistory, Prices, Probability, Question, Scorecards, Voice};
/// use jiff::civil::date;
/// use std::num::NonZeroU16;
///
/// let ko: Ticker = "KO".parse()?;
/// let url = "file:KO.csv".parse().expect("an address");
/// let bar = |day, close| DailyBar::new(date(1998, 3, day), close, close, close, close);
/// let items: Vec<Item> = [(2, 68.5), (3, 69.0), (4, 68.0)]
///     .map(|(day, close)| Item::bar(&ko, bar(day, close), &SourceId::new("csv"), &url, Timestamp::UNIX_EPOCH))
///     .into();
/// let prices = Prices::new().with(PriceHistory::of(&ko, &items));
/// let forecast = Forecast {
///     who: Voice::Decision,
///     ticker: ko,
///     as_of: "1998-03-02".parse::<AsOf>()?.moment(),
///     horizon: NonZeroU16::new(2).expect("not 0"),
///     question: Question::Rise,
///     benchmark: None,
///     p_up: Probability::new(0.6).expect("a probability"),
///     action: Lean::Long,
/// };
/// let on = |day: &str| Scorecards::as_of(std::slice::from_ref(&forecast), &prices, &day.parse().expect("a date"));
/// assert_eq!((on("1998-03-03").cards[0].pending, on("1998-03-03").cards[0].outcomes), (1, 0));
/// assert_eq!((on("1998-03-04").cards[0].pending, on("1998-03-04").cards[0].outcomes), (0, 1));
/// # Ok::<(), assize_altdata::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Scorecards {
    /// The version of this form: 1.
    pub format_version: u32,
    /// The moment; nothing here was known later.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub as_of: Timestamp,
    /// A card for each voice that has made a forecast, in the order of voices.
    pub cards: Vec<Scorecard>,
}

impl Scorecards {
    /// Holds the forecasts made by a moment against the prices known by it. Forecasts and prices from after it change
    /// nothing. Of two by the same voice about the same question as of the same moment the first counts.
    #[must_use]
    pub fn as_of(forecasts: &[Forecast], prices: &Prices, as_of: &AsOf) -> Self {
        let held = resolve(forecasts, prices, as_of);
        let cards = held.into_iter().map(|(who, held)| Scorecard::of(who.clone(), &held)).collect();
        Self { format_version: SCORECARDS_FORMAT_VERSION, as_of: as_of.moment(), cards }
    }

    /// The card of a voice.
    #[must_use]
    pub fn of(&self, who: &Voice) -> Option<&Scorecard> {
        self.cards.iter().find(|card| card.who == *who)
    }

    /// What each voice should weigh in a panel: a factor on the weight of its seat, 0.25 to 4.
    ///
    /// It is the Brier score of the base rate over that of the voice, 1 / (1 − skill): the weights that are best for
    /// forecasts whose errors are independent are in inverse proportion to their mean squares (Bates and Granger 1969, "The
    /// Combination of Forecasts"), and dividing by what the base rate scored on the same questions makes voices comparable
    /// that answered others. It is shrunk towards 1 as if 30 more outcomes had shown no skill, where only outcomes that do
    /// not overlap count, ticker by ticker. Who has fewer than [`MIN_OUTCOMES`] outcomes, or no skill that can be reckoned,
    /// weighs 1.
    #[must_use]
    pub fn weights(&self) -> BTreeMap<Voice, f64> {
        self.cards.iter().map(|card| (card.who.clone(), card.weight)).collect()
    }
}

/// What became of a voice's forecasts.
#[derive(Debug, Default)]
struct Held {
    resolved: Vec<Resolved>,
    pending: u64,
    stopped: u64,
    unpriced: u64,
}

impl Held {
    fn take(&mut self, forecast: &Forecast, outcome: Result<Outcome, Open>) {
        match outcome {
            Ok(outcome) => self.resolved.push(Resolved { forecast: forecast.clone(), outcome }),
            Err(Open::Pending { .. }) => self.pending += 1,
            Err(Open::Stopped) => self.stopped += 1,
            Err(Open::Future) => {}
            Err(Open::NoPrice | Open::Incomparable | Open::NoBenchmark | Open::OtherTicker) => {
                self.unpriced += 1
            }
        }
    }
}

/// What a forecast is about; several voices answer the same.
type Asked<'a> = (&'a Ticker, Timestamp, NonZeroU16, Question, Option<&'a Ticker>);

fn asked(forecast: &Forecast) -> Asked<'_> {
    let Forecast { ticker, as_of, horizon, question, benchmark, .. } = forecast;
    (ticker, *as_of, *horizon, *question, benchmark.as_ref())
}

/// The forecasts made by then, each voice's in one order whatever the order they came in, with what came of them.
fn resolve<'a>(forecasts: &'a [Forecast], prices: &Prices, as_of: &AsOf) -> BTreeMap<&'a Voice, Held> {
    let mut distinct: BTreeMap<(&Voice, Asked<'_>), &Forecast> = BTreeMap::new();
    for forecast in forecasts.iter().filter(|forecast| forecast.as_of <= as_of.moment()) {
        distinct.entry((&forecast.who, asked(forecast))).or_insert(forecast);
    }
    let mut outcomes: BTreeMap<Asked<'_>, Result<Outcome, Open>> = BTreeMap::new();
    let mut held: BTreeMap<&Voice, Held> = BTreeMap::new();
    for ((who, asked), forecast) in distinct {
        let outcome = *outcomes.entry(asked).or_insert_with(|| prices.outcome(forecast, as_of));
        held.entry(who).or_default().take(forecast, outcome);
    }
    held
}

impl Scorecard {
    fn of(who: Voice, held: &Held) -> Self {
        let resolved = &held.resolved;
        let effective = EffectiveSample::of(resolved);
        let calibration = Calibration::of(resolved);
        let along = |lean: Lean, sign: f64| {
            resolved.iter().filter(move |one| one.forecast.action == lean).map(move |one| sign * one.result())
        };
        let bought: Vec<f64> = along(Lean::Long, 1.0).collect();
        let followed: Vec<f64> = bought.iter().copied().chain(along(Lean::Short, -1.0)).collect();
        Self {
            who,
            outcomes: count(resolved.len()),
            pending: held.pending,
            stopped: held.stopped,
            unpriced: held.unpriced,
            effective,
            followed: count(followed.len()),
            mean_when_followed: mean_of_enough(&followed).into(),
            mean_when_bought: mean_of_enough(&bought).into(),
            information: InformationCoefficient::of(resolved),
            weight: weight::of(&calibration, effective),
            calibration,
        }
    }
}

fn mean_of_enough(results: &[f64]) -> Result<f64, Absence> {
    enough(results.len(), MIN_OUTCOMES)?;
    finite(mean(results)?)
}

#[cfg(test)]
mod tests;

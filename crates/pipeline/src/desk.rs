//! The desk at which decisions become orders on paper, and at which it is kept how well everybody has forecast.

mod advance;
mod benchmark;
mod memory;
mod observed;
mod report;
mod voices;

use std::collections::{BTreeMap, BTreeSet};

use assize_altdata::{AsOf, Ticker};
use assize_journal::{Journal, Key};
use assize_metering::Usd;
use assize_portfolio::{
    Account, Decision as Trades, ExecutionRules, Forecast, Holdings, InputId, Limits, Order, Price, Proposal,
    Question, Scorecards, State, Validation, Voice, Weight, rebalance, validate,
};
use jiff::civil::Date;

pub(crate) use self::observed::{Observed, Quotes};
pub use self::{
    benchmark::Benchmark,
    report::{CurvePoint, DESK_FORMAT_VERSION, DeskReport, OrderNote, WithdrawnNote},
};
use self::{benchmark::Levels, memory::Memory};
use crate::{Error, Part, SeatWeights, Shortfall, ShortfallKind, TickerBrief};

/// What is paid in when an account begins is booked under this name.
const CAPITAL: &str = "capital";

/// How a desk works.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DeskSettings {
    /// What an account begins with; more than nothing.
    pub capital: Usd,
    /// How orders are filled. An account keeps the rules that it was begun with.
    pub execution: ExecutionRules,
    /// What may not be exceeded.
    pub limits: Limits,
    /// The sectors of tickers that are to be others than their filings say, or that have none.
    pub sectors: BTreeMap<Ticker, String>,
    /// What the account is held against.
    pub benchmark: Benchmark,
}

impl DeskSettings {
    /// An account that begins with so much, and the defaults for the rest.
    #[must_use]
    pub fn with_capital(capital: Usd) -> Self {
        Self {
            capital,
            execution: ExecutionRules::default(),
            limits: Limits::default(),
            sectors: BTreeMap::new(),
            benchmark: Benchmark::default(),
        }
    }
}

/// An account on paper that decisions are carried out in, and the memory of all forecasts.
///
/// Both are journals, and nothing else is kept: whoever was interrupted makes the same brief again, and they hold what they
/// would have held. As of a moment that lies before what the account knows, nothing is booked.
///
/// ```
/// use assize_journal::MemoryJournal;
/// use assize_pipeline::{DeskSettings, PaperDesk};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// # runtime.block_on(async {
/// let settings = DeskSettings::with_capital("100000".parse()?);
/// let desk = PaperDesk::open(&MemoryJournal::default(), &"paper".parse()?, settings).await?;
/// assert!(desk.account().history().records().is_empty(), "it begins with its first brief");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct PaperDesk {
    account: Account,
    memory: Memory,
    settings: DeskSettings,
}

/// What a brief has come to, as far as a desk acts on it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outcome<'a> {
    pub(crate) tickers: &'a [TickerBrief],
    pub(crate) quotes: &'a Quotes,
    pub(crate) as_of: AsOf,
    pub(crate) horizon: u32,
    /// What each was to return more than, if anything.
    pub(crate) benchmark: Option<&'a Ticker>,
}

/// What a desk remembers as of a moment.
#[derive(Debug)]
pub(crate) struct Recollection {
    forecasts: Vec<Forecast>,
    benchmark: Benchmark,
    as_of: AsOf,
}

impl Recollection {
    /// Whether there is anything that records could be made of.
    pub(crate) fn is_of_the_past(&self) -> bool {
        self.forecasts.iter().any(|forecast| forecast.as_of < self.as_of.moment())
    }

    /// How many forecasts those are.
    pub(crate) const fn len(&self) -> usize {
        self.forecasts.len()
    }

    /// What the records of debaters are worth.
    pub(crate) fn seat_weights(&self, quotes: &Quotes) -> SeatWeights {
        let weights = self.scorecards(quotes).weights();
        SeatWeights::new(weights.into_iter().filter_map(|(voice, weight)| match voice {
            Voice::Debater(name) => Some((name, weight)),
            _ => None,
        }))
    }

    fn scorecards(&self, quotes: &Quotes) -> Scorecards {
        let mut prices = quotes.histories();
        if let Benchmark::Ticker(ticker) = &self.benchmark
            && let Some(observed) = quotes.get(ticker)
        {
            prices = prices.with_benchmark(observed.history(ticker));
        }
        Scorecards::as_of(&self.forecasts, &prices, &self.as_of)
    }
}

/// What is to be done about a brief.
struct Plan {
    validation: Validation,
    orders: Vec<Order>,
    covers: BTreeSet<Ticker>,
}

impl PaperDesk {
    /// Opens the account of this name, and begins it with the first brief if there is none. The forecasts are kept beside it,
    /// as `NAME-forecasts`.
    ///
    /// # Errors
    /// [`ErrorKind::Journal`](crate::ErrorKind::Journal) if a journal cannot be opened or read,
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) if the account was begun with other rules of execution,
    /// [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) for settings that make no sense.
    pub async fn open(journal: &dyn Journal, name: &Key, settings: DeskSettings) -> Result<Self, Error> {
        if settings.capital <= Usd::ZERO {
            let message = format!("begin an account with {}: it must be more than nothing", settings.capital);
            return Err(Error::bad_request(message));
        }
        let account = Account::open(journal, name, settings.execution.clone());
        let account = account.await.map_err(|error| Error::of_account(&error))?;
        let memory = Memory::open(journal, name).await?;
        Ok(Self { account, memory, settings })
    }

    /// The forecasts kept beside the account of this name, whoever has it open.
    ///
    /// # Errors
    /// [`ErrorKind::Journal`](crate::ErrorKind::Journal) if the journal cannot be read.
    pub async fn forecasts_in(journal: &dyn Journal, name: &Key) -> Result<Vec<Forecast>, Error> {
        Memory::read(journal, name).await
    }

    /// The account.
    #[must_use]
    pub const fn account(&self) -> &Account {
        &self.account
    }

    /// How it works.
    #[must_use]
    pub const fn settings(&self) -> &DeskSettings {
        &self.settings
    }

    /// All forecasts, in the order in which they were kept.
    pub fn forecasts(&self) -> impl Iterator<Item = &Forecast> {
        self.memory.forecasts()
    }

    /// The tickers whose prices it needs beside those that are `asked` about: what it holds, has ordered or has forecasts of,
    /// and the benchmark.
    pub(crate) fn watched(&self, asked: &[Ticker], as_of: &AsOf) -> Vec<Ticker> {
        let state = self.account.state();
        let held = state.book().positions().keys().chain(state.pending().keys());
        let forecast = self.memory.known(as_of);
        let forecast = forecast.flat_map(|forecast| [Some(&forecast.ticker), forecast.benchmark.as_ref()]);
        let forecast = forecast.flatten();
        let benchmark = self.settings.benchmark.ticker();
        let all: BTreeSet<&Ticker> = held.chain(forecast).chain(benchmark).collect();
        all.into_iter().filter(|ticker| !asked.contains(ticker)).cloned().collect()
    }

    /// What the tickers of its briefs are to return more than, if anything.
    pub(crate) fn rival(&self) -> Option<Ticker> {
        self.settings.benchmark.ticker().cloned()
    }

    /// What it remembers as of a moment, of forecasts that answer the question about this benchmark, or about a rise.
    pub(crate) fn recollection(&self, as_of: &AsOf, benchmark: Option<&Ticker>) -> Recollection {
        let is_of_it = |forecast: &&Forecast| match (forecast.question, benchmark) {
            (Question::Rise, None) => true,
            (Question::Outperform, Some(benchmark)) => forecast.benchmark.as_ref() == Some(benchmark),
            _ => false,
        };
        let forecasts = self.memory.known(as_of).filter(is_of_it).cloned().collect();
        Recollection { forecasts, benchmark: self.settings.benchmark.clone(), as_of: *as_of }
    }

    /// Books what has happened by now, orders what was decided, and keeps what was forecast.
    pub(crate) async fn settle(&mut self, outcome: Outcome<'_>) -> Result<DeskReport, Error> {
        let run = run_id(&outcome)?;
        let mut shortfalls = Vec::new();
        let later = self.later_than(outcome.as_of);
        if let Some(why) = &later {
            let is_booked = self.account.history().place_of(&run).is_some();
            shortfalls.extend(
                (!is_booked).then(|| Shortfall::new(Part::Execution, ShortfallKind::LookedBack, why.clone())),
            );
        } else if let Err(shortfall) = self.advance(&outcome).await? {
            shortfalls.push(shortfall);
        }
        let history = self.account.history();
        let before = history.state_before(&run).transpose();
        let before = before.unwrap_or_else(|| history.state_as_of(&outcome.as_of));
        let before = before.map_err(|error| Error::of_account(&error))?;
        let plan = self.plan(&outcome, &before)?;
        let validation = plan.validation.clone();
        if later.is_none() && shortfalls.is_empty() && history.place_of(&run).is_none() {
            self.order(&outcome, &run, plan).await?;
        }
        if later.is_none() {
            let forecasts = voices::forecasts(&outcome);
            self.memory.remember(&run, outcome.as_of.moment(), forecasts).await?;
        }
        self.report(&outcome, run, validation, shortfalls)
    }

    /// Books what has happened by now and decides nothing: for the end of a test over the past.
    pub(crate) async fn close(&mut self, outcome: Outcome<'_>) -> Result<DeskReport, Error> {
        let run = run_id(&outcome)?;
        let shortfalls = self.advance(&outcome).await?.err().into_iter().collect();
        let state = self.account.state().clone();
        let validation = self.plan(&outcome, &state)?.validation;
        self.report(&outcome, run, validation, shortfalls)
    }

    /// Why nothing can be booked as of a moment: the desk knows what came later.
    fn later_than(&self, as_of: AsOf) -> Option<String> {
        let newest = self.account.state().known_at().into_iter().chain(self.memory.newest()).max()?;
        (newest > as_of.moment()).then(|| {
            format!(
                "the account knows what became known at {newest}: nothing is booked as of {as_of} any more"
            )
        })
    }

    /// What the limits leave of what was decided, and the orders that lead there.
    fn plan(&self, outcome: &Outcome<'_>, before: &State) -> Result<Plan, Error> {
        let found: BTreeMap<&Ticker, &String> = outcome
            .tickers
            .iter()
            .filter_map(|brief| Some((&brief.ticker, brief.sector.as_ref()?)))
            .collect();
        // What the house says goes before what the regulator counts it to.
        let sector = |ticker: &Ticker| {
            self.settings.sectors.get(ticker).or_else(|| found.get(ticker).copied()).cloned()
        };
        let decisions = outcome.tickers.iter().filter_map(|brief| brief.decision.as_ref());
        let proposals: Vec<Proposal> =
            decisions.map(|decision| decision.proposal(sector(&decision.ticker))).collect();
        let positions = before.book().positions();
        let marks: BTreeMap<Ticker, Price> =
            before.marks().iter().map(|(ticker, mark)| (ticker.clone(), mark.price)).collect();
        let value =
            |ticker: &Ticker, shares: u64| marks.get(ticker).map_or(Usd::ZERO, |price| price.times(shares));
        let values = positions
            .iter()
            .map(|(ticker, position)| (ticker.clone(), value(ticker, position.shares)))
            .collect();
        let holdings = Holdings {
            sectors: positions.keys().filter_map(|ticker| Some((ticker.clone(), sector(ticker)?))).collect(),
            ..Holdings::of_values(&values, before.book().cash())
        };
        let validation = validate(&proposals, &holdings, &self.settings.limits);
        let weight = |bp: u32| i32::try_from(bp).map_or(Weight::WHOLE, Weight::from_bp);
        let targets: BTreeMap<Ticker, Weight> =
            validation.targets().into_iter().map(|(ticker, bp)| (ticker, weight(bp))).collect();
        let mut prices = marks;
        for ticker in targets.keys() {
            if !prices.contains_key(ticker)
                && let Some(price) = outcome.quotes.get(ticker).and_then(Observed::newest_close)
            {
                prices.insert(ticker.clone(), price);
            }
        }
        let rebalanced =
            rebalance(before.book(), &prices, &targets).map_err(|error| Error::of_account(&error))?;
        let covers = proposals.into_iter().map(|proposal| proposal.ticker).collect();
        Ok(Plan { validation, orders: rebalanced.orders, covers })
    }

    /// Hands the orders to the account, where there are prices at all.
    async fn order(&mut self, outcome: &Outcome<'_>, run: &InputId, plan: Plan) -> Result<(), Error> {
        let Some(informed_by) = outcome.quotes.newest_session() else { return Ok(()) };
        let decision = Trades {
            run: run.clone(),
            as_of: outcome.as_of.moment(),
            informed_by,
            seen_until: outcome.quotes.older_than(informed_by, &plan.covers),
            covers: plan.covers,
            orders: plan.orders,
        };
        self.account.decide(&decision).await.map_err(|error| Error::of_account(&error))?;
        Ok(())
    }

    /// The worth of the benchmark at the closes from a day on.
    fn levels(&self, outcome: &Outcome<'_>, start: Date) -> Option<Levels> {
        let asked: Vec<&Ticker> = outcome.tickers.iter().map(|brief| &brief.ticker).collect();
        Levels::of(&self.settings.benchmark, &asked, outcome.quotes, start)
    }
}

/// The name of a run: `brief-` and 16 hexadecimal digits of BLAKE3 over the moment, the horizon, and each ticker with what
/// defines its debate.
fn run_id(outcome: &Outcome<'_>) -> Result<InputId, Error> {
    let mut hash = blake3::Hasher::new_derive_key("assize desk run v1");
    let mut take = |text: &str| {
        hash.update(&(text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    };
    take(&outcome.as_of.moment().to_string());
    take(&outcome.horizon.to_string());
    let mut tickers: Vec<&TickerBrief> = outcome.tickers.iter().collect();
    tickers.sort_by_key(|brief| &brief.ticker);
    for brief in tickers {
        take(brief.ticker.as_str());
        take(brief.verdict.as_ref().map_or("", |verdict| verdict.debate.as_str()));
        // A verdict that nothing is decided by is another thing than one that is.
        take(if brief.decision.is_some() { "decided" } else { "" });
    }
    let digits = hash.finalize().to_hex();
    format!("brief-{}", &digits[..16]).parse().map_err(|error| Error::of_account(&error))
}

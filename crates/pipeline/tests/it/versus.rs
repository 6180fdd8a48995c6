//! Briefs that ask whether shares return more than a benchmark; and what is late, cut off or too small to be seen.

use std::{collections::BTreeMap, fmt::Write as _, sync::Arc, time::Duration};

use assize_altdata::{AsOf, Ticker};
use assize_ambient::{Clock, FixedClock};
use assize_analysts::{DAILY_BAR, offline_panel};
use assize_debate::{
    Bill, Debater, Delta, Driver, Reason, Reservation, Seat, Speech, Spoken, Turn, Utterance,
};
use assize_journal::{Error as JournalError, Journal, Key, Log, MemoryJournal, Writer};
use assize_pipeline::{
    Benchmark, Brief, BriefRequest, DeskSettings, Matter, MorningBrief, Panel, PaperDesk, Part, Seated,
    Seating, ShortfallKind, Status,
};
use assize_portfolio::{Event, Question, Side, Voice};
use async_trait::async_trait;
use futures_util::{StreamExt, future, stream};
use jiff::{
    ToSpan,
    civil::{Date, Weekday, date},
};

use crate::{
    desk::{Desk, clock, request},
    market::{AS_OF, Market, OPTIONS, Trouble},
    paper::settings,
    tape::Tape,
};

/// A table of prices: of each working day since the beginning of 2019, what `row` says of its number.
fn table(days: usize, row: impl Fn(usize) -> Option<(f64, u64, f64)>) -> Vec<u8> {
    let mut text = "date,open,high,low,close,volume,dividend,split\n".to_owned();
    for (n, day) in sessions().take(days).enumerate() {
        let Some((close, volume, split)) = row(n) else { continue };
        let _ = writeln!(text, "{day},{close},{close},{close},{close},{volume},0.0,{split}");
    }
    text.into_bytes()
}

fn sessions() -> impl Iterator<Item = Date> {
    let days = (0..).map(|n: i32| date(2019, 1, 1) + n.days());
    days.filter(|day| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday))
}

fn day(n: usize) -> String {
    sessions().nth(n).expect("a day").to_string()
}

/// So much a day, with a wobble.
fn growing(rate: f64) -> impl Fn(usize) -> Option<(f64, u64, f64)> {
    wobbling(rate, 7)
}

/// The same with a wobble of so many days.
fn wobbling(rate: f64, days: usize) -> impl Fn(usize) -> Option<(f64, u64, f64)> {
    #[expect(clippy::cast_precision_loss, reason = "a few hundred days")]
    move |n| Some((100.0 * (rate * n as f64 + 0.002 * (n % days) as f64).exp(), 1_000_000, 1.0))
}

/// A share that rises, one that rises faster, and one that falls.
fn files() -> Desk {
    Desk::with_files([
        ("SLOW.csv", table(250, growing(0.001))),
        ("FAST.csv", table(250, wobbling(0.003, 5))),
        ("DOWN.csv", table(250, growing(-0.001))),
    ])
}

fn against(mut request: BriefRequest, benchmark: &str) -> BriefRequest {
    request.benchmark = Some(benchmark.parse().expect("a ticker"));
    request
}

fn p_up(brief: &Brief, at: usize) -> f64 {
    brief.tickers[at].decision.as_ref().expect("a decision").p_up
}

#[tokio::test(start_paused = true)]
async fn a_share_that_rises_is_none_that_beats_a_faster_one() {
    let asked = request(&["SLOW", "FAST"], &day(249));
    let (rises, run) = files().make(&asked).await;
    assert!(p_up(&rises, 0) > 0.5 && p_up(&rises, 1) > 0.5);
    assert!(
        rises.to_document().to_markdown().contains("whether it is worth more, dividends included, after 20")
    );
    assert!(rises.to_json()["tickers"][0].get("benchmark").is_none());
    assert_eq!(rises.to_json()["tickers"][0]["decision"]["question"], "rise");
    assert!(run.tickers.iter().all(|ticker| ticker.stages.iter().all(|span| span.stage != "waiting")));

    let (beats, run) = files().slow(Duration::from_secs(1)).make(&against(asked.clone(), "FAST")).await;
    assert!(p_up(&beats, 0) < 0.5, "{}", p_up(&beats, 0));
    let decision = beats.tickers[0].decision.as_ref().expect("a decision");
    assert_eq!(
        (decision.question, decision.benchmark.as_ref().map(Ticker::as_str)),
        (Question::Outperform, Some("FAST"))
    );
    let relative = decision.volatility.against.expect("one");
    assert!(relative > 0.0 && decision.volatility.used.is_some_and(|own| (own - relative).abs() > 1e-3));
    let (entry, expected) =
        (decision.entry.as_ref().expect("one").price, decision.expected.price().expect("one"));
    let gain = (expected / entry).ln() / (relative * (20.0_f64 / 252.0).sqrt());
    assert!((-3.0..0.0).contains(&gain), "{gain} standard deviations, should FAST stand still");
    // Nothing is to return more than itself: of the benchmark it is asked whether it rises, and that is said.
    assert_eq!(beats.tickers[1].decision.as_ref().expect("a decision").question, Question::Rise);
    assert!((p_up(&beats, 1) - p_up(&rises, 1)).abs() < 1e-12);
    let text = beats.to_document().to_markdown();
    assert!(text.contains("whether it returns more than FAST, dividends included, after 20 sessions; of FAST, whether it is worth"), "{text}");
    assert!(text.contains("measured against FAST"), "{text}");
    for ticker in &run.tickers {
        let waiting = ticker.stages.iter().find(|span| span.stage == "waiting");
        assert!(waiting.is_some_and(|span| span.end >= span.start), "{:?}", ticker.stages);
    }
}

#[tokio::test(start_paused = true)]
async fn without_prices_of_the_benchmark_the_other_question_is_asked_and_that_is_said() {
    let (brief, _) = files().make(&against(request(&["SLOW"], &day(249)), "NONE")).await;
    let ticker = &brief.tickers[0];
    assert_eq!(
        (ticker.decision.as_ref().expect("one").question, ticker.benchmark.as_ref()),
        (Question::Rise, None)
    );
    let lack = ticker.shortfalls.iter().find(|lack| lack.part == Part::Benchmark).expect("it is said");
    assert!(lack.detail.starts_with("without prices of NONE the question is whether it rises"), "{lack:?}");
    let state = ticker.parts.iter().find(|state| state.part == Part::Benchmark).expect("a part");
    assert_eq!((state.status, ticker.status), (Status::Missing, Status::Degraded));
    assert!(brief.to_document().to_markdown().contains("; of SLOW, whether it is worth more"));
}

fn held_against(benchmark: &str) -> DeskSettings {
    let mut settings = settings();
    settings.benchmark = Benchmark::Ticker(benchmark.parse().expect("a ticker"));
    settings
}

async fn open(journal: &dyn Journal, settings: DeskSettings) -> PaperDesk {
    PaperDesk::open(journal, &"paper".parse().expect("a key"), settings).await.expect("a desk")
}

/// The scorecards of a desk with a benchmark count who returned more than that. Every share rises here, and none as fast.
#[tokio::test(start_paused = true)]
async fn scorecards_hold_forecasts_against_the_benchmark() {
    let tape = Tape::default();
    let mut desk = open(&tape, held_against("FAST")).await;
    let maker = MorningBrief::new(files().fetcher(), offline_panel(1), clock());
    let mut asked = request(&["SLOW", "FAST"], &day(160));
    asked.horizon_sessions = 1;
    let mut last = None;
    for n in 160..200 {
        asked.as_of = day(n).parse::<AsOf>().expect("a day");
        last = Some(maker.run_at(&mut desk, &asked).await.expect("a brief").0);
    }
    let of = |name: &str| desk.forecasts().filter(|made| made.ticker.as_str() == name).collect::<Vec<_>>();
    assert!(of("SLOW").iter().all(|made| made.question == Question::Outperform && made.benchmark.is_some()));
    assert!(of("FAST").iter().all(|made| made.question == Question::Rise && made.benchmark.is_none()));
    let last = last.expect("40");
    let report = last.desk.as_ref().expect("a report");
    assert_eq!((report.question, report.of_other_questions), (Question::Outperform, of("FAST").len()));
    let card = report.scorecards.of(&Voice::Decision).expect("a card");
    let calibration = card.calibration.known().expect("enough outcomes");
    // By the closes: who gained more from each day to the next.
    let gain = |of: &dyn Fn(usize) -> Option<(f64, u64, f64)>, n| {
        of(n + 1).expect("a close").0 / of(n).expect("a close").0
    };
    let (slow, fast) = (growing(0.001), wobbling(0.003, 5));
    let beats = (160..199).filter(|n| gain(&slow, *n) > gain(&fast, *n)).count();
    let rises = (160..199).filter(|n| gain(&slow, *n) > 1.0).count();
    let share = f64::from(u8::try_from(beats).expect("few")) / 39.0;
    assert!(
        card.outcomes == 39 && (calibration.base_rate - share).abs() < 1e-12,
        "{}",
        calibration.base_rate
    );
    assert!(rises > 2 * beats, "it rises far more often than it beats the other: {rises}, {beats}");
    let text = last.to_document().to_markdown();
    assert!(text.contains("The forecasts below say whether a share returns more than FAST"), "{text}");

    // The same desk, held against nothing from now on, has none of the other question's forecasts on its cards.
    drop(desk);
    let mut desk = open(&tape, settings()).await;
    asked.as_of = day(200).parse().expect("a day");
    let (brief, run) = maker.run_at(&mut desk, &asked).await.expect("a brief");
    let report = brief.desk.expect("a report");
    assert_eq!(report.question, Question::Rise);
    let rises = report
        .scorecards
        .of(&Voice::Decision)
        .and_then(|card| card.calibration.known())
        .map(|known| known.base_rate);
    assert!(rises.is_some_and(|rate| rate > 0.5), "{rises:?}");
    // Its record says what voices weigh, and so the tickers wait for the prices of all.
    assert!(run.tickers.iter().all(|ticker| ticker.stages.iter().any(|span| span.stage == "waiting")));
}

/// A source that is asked by ticker and answers about another company stops the name, and no other.
#[tokio::test(start_paused = true)]
async fn an_answer_about_another_company_stops_the_name() {
    let market = Market::open().troubled(OPTIONS, Trouble::Mistaken);
    let maker = market.maker(sure_until(date(2027, 1, 1)));
    let mut desk = open(&Tape::default(), settings()).await;
    let brief = maker.run_at(&mut desk, &request(&["KO", "PEP"], AS_OF)).await.expect("a brief").0;
    let facts = |at: usize| &brief.tickers[at].decision.as_ref().expect("a decision").facts;
    let why = facts(0).identity_mismatch.as_deref().expect("it is said");
    assert!(why.starts_with("an answer is about another company: cboe") && why.contains("PEP"), "{why}");
    assert_eq!(facts(1).identity_mismatch, None);
    let ordered: Vec<&str> =
        brief.desk.iter().flat_map(|report| &report.orders).map(|order| order.ticker.as_str()).collect();
    assert_eq!(ordered, ["PEP"]);
}

/// The sector of a company is that of the code which stands at its filings; no file is needed for the limit to hold.
#[tokio::test(start_paused = true)]
async fn sectors_come_from_filings() {
    let market = Market::open();
    let clock: Arc<dyn Clock> = Arc::new(FixedClock::new("2026-03-07T12:00:00Z".parse().expect("a moment")));
    let maker = MorningBrief::new(market.filings(), sure_until(date(2027, 1, 1)), clock);
    let mut settings = settings();
    settings.limits.max_sector = assize_portfolio::Weight::from_bp(1_500);
    let mut desk = open(&Tape::default(), settings).await;
    let names = ["KO", "PEP", "AAPL", "MSFT", "NVDA", "XOM", "JPM"];
    let brief = maker.run_at(&mut desk, &request(&names, AS_OF)).await.expect("a brief").0;
    let mut weights: BTreeMap<&str, i32> = BTreeMap::new();
    let report = brief.desk.as_ref().expect("a report");
    assert_eq!(report.validation.without_sector, [], "{:?}", brief.tickers[0].shortfalls);
    for (ticker, accepted) in brief.tickers.iter().zip(&report.validation.accepted) {
        *weights.entry(ticker.sector.as_deref().expect("a sector")).or_default() += accepted.weight.bp();
    }
    let known = ["manufacturing", "services", "finance, insurance and real estate", "mining", "retail trade"];
    assert!(weights.len() > 1 && weights.contains_key(known[0]), "{weights:?}");
    assert!(
        weights.values().all(|weight| *weight <= 1_500) && weights.values().any(|weight| *weight > 1_000),
        "{weights:?}"
    );
}

/// A debater that is sure, one way before a day and the other way from then on.
#[derive(Debug)]
struct Sure {
    until: Date,
}

impl Debater for Sure {
    fn speak(&self, turn: Turn) -> Speech {
        let bars: Vec<_> = turn.evidence().filter(|evidence| evidence.kind == DAILY_BAR).collect();
        let newest = bars.last().map(|bar| assize_altdata::new_york::date(bar.available_at)).expect("bars");
        let p = if newest < self.until { 0.9 } else { 0.1 };
        let mut utterance = Utterance::new(usize::from(p < 0.5)).with_probabilities([p, 1.0 - p]);
        let cites = bars.iter().rev().take(4).map(|bar| bar.id.clone()).collect();
        utterance.reasons = vec![Reason { text: "it is so".to_owned(), cites, weight: None }];
        Speech::immediate(Ok(utterance))
    }
}

fn sure(until: usize) -> Panel {
    sure_until(sessions().nth(until).expect("a day"))
}

fn sure_until(until: Date) -> Panel {
    vec![(Seat::new("Sure", "scripted:sure"), Arc::new(Sure { until }))]
}

/// What weighs less than a basis point is sold all the same when it is to be sold.
#[tokio::test(start_paused = true)]
async fn dust_is_sold() {
    // So little is traded that one share is all there is to be had.
    let flat = |n: usize| Some((5.0 + 0.01 * f64::from(u8::try_from(n % 3).expect("small")), 40, 1.0));
    let files = || Desk::with_files([("DUST.csv", table(120, flat))]);
    let tape = Tape::default();
    let mut desk = open(&tape, settings()).await;
    let maker = MorningBrief::new(files().fetcher(), sure(105), clock());
    let mut orders = Vec::new();
    for n in [100, 102, 105, 106] {
        let brief = maker.run_at(&mut desk, &request(&["DUST"], &day(n))).await.expect("a brief").0;
        let report = brief.desk.expect("a report");
        orders.push(report.orders.iter().map(|order| (order.side, order.shares)).collect::<Vec<_>>());
    }
    let held = desk.account().state().book().shares(&"DUST".parse().expect("a ticker"));
    assert!(matches!(orders[0][..], [(Side::Buy, shares)] if shares > 100), "{orders:?}");
    let sold = orders[2].first().copied().expect("an order");
    assert!(sold.0 == Side::Sell && (1..=5).contains(&sold.1), "{orders:?}, {held} held");
    assert_eq!(
        orders[3].first().map(|order| order.0),
        Some(Side::Sell),
        "what could not be sold is still to be"
    );
}

/// A decision has not seen what a name did on a day of which it has no price of it. A split of that day, which shows later, is one
/// of the order's shares; and no order is filled at a bar, nor before one, that informed it.
#[tokio::test(start_paused = true)]
async fn a_split_on_a_day_without_a_quote_is_one_of_the_order() {
    let other =
        |n: usize| Some((50.0 + 0.5 * f64::from(u8::try_from(n % 4).expect("small")), 1_000_000, 1.0));
    let halved = |n: usize| {
        let price = 80.0 + 0.5 * f64::from(u8::try_from(n % 4).expect("small"));
        Some(if n < 101 {
            (price, 1_000_000, 1.0)
        } else {
            (price / 2.0, 1_000_000, if n == 101 { 2.0 } else { 1.0 })
        })
    };
    // In the evening of the 101st day nobody has that day's price of HALF yet.
    let early = Desk::with_files([("OTHER.csv", table(102, other)), ("HALF.csv", table(101, halved))]);
    let late = Desk::with_files([("OTHER.csv", table(104, other)), ("HALF.csv", table(104, halved))]);
    let half: Ticker = "HALF".parse().expect("a ticker");
    let tape = Tape::default();
    let mut desk = open(&tape, settings()).await;
    let make = |files: Desk| MorningBrief::new(files.fetcher(), sure(200), clock());
    let brief =
        make(early).run_at(&mut desk, &request(&["HALF", "OTHER"], &day(101))).await.expect("a brief").0;
    let ordered =
        brief.desk.as_ref().expect("a report").orders.iter().find(|order| order.ticker == half).cloned();
    let ordered = ordered.expect("it is bought");
    let pending = desk.account().state().pending().clone();
    assert_eq!(
        (
            pending[&half].informed_by.to_string(),
            pending[&"OTHER".parse().expect("a ticker")].informed_by.to_string()
        ),
        (day(100), day(101))
    );
    let next = || request(&["HALF", "OTHER"], &day(103));
    let brief = make(late).run_at(&mut desk, &next()).await.expect("a brief").0;
    let events = &brief.desk.as_ref().expect("a report").events;
    let split = events.iter().filter_map(|event| match event {
        Event::Split { session, ticker, order: Some(order), .. } if *ticker == half => {
            Some((*session, order.before, order.after))
        }
        _ => None,
    });
    let split: Vec<_> = split.collect();
    assert_eq!(
        split,
        [(sessions().nth(102).expect("a day"), ordered.shares, 2 * ordered.shares)],
        "{events:?}"
    );
    let fills = events.iter().filter_map(|event| match event {
        Event::Filled { session, ticker, shares, .. } => Some((ticker.clone(), *session, *shares)),
        _ => None,
    });
    let fills: Vec<_> = fills.collect();
    assert!(
        fills.iter().any(|(ticker, _, shares)| *ticker == half && *shares == 2 * ordered.shares),
        "{fills:?}"
    );
    for (ticker, session, _) in fills {
        assert!(
            session > pending[&ticker].informed_by
                && session > pending.values().map(|order| order.informed_by).max().expect("two")
        );
    }
}

/// A journal that takes no more after so many records, and does not answer either.
#[derive(Debug)]
struct Stuck(MemoryJournal, usize);

#[derive(Debug)]
struct StuckWriter(Box<dyn Writer>, usize);

#[async_trait]
impl Journal for Stuck {
    async fn open(&self, key: &Key) -> Result<(Log, Box<dyn Writer>), JournalError> {
        let (log, writer) = self.0.open(key).await?;
        Ok((log, Box::new(StuckWriter(writer, self.1))))
    }

    async fn read(&self, key: &Key) -> Result<Log, JournalError> {
        self.0.read(key).await
    }
}

#[async_trait]
impl Writer for StuckWriter {
    async fn append(&mut self, records: &[Vec<u8>]) -> Result<(), JournalError> {
        match self.1.checked_sub(records.len()) {
            Some(left) => self.1 = left,
            None => std::future::pending().await,
        }
        self.0.append(records).await
    }
}

/// A voice that costs a cent.
#[derive(Debug)]
struct Dear;

impl Debater for Dear {
    fn speak(&self, _: Turn) -> Speech {
        let bill = Bill { calls: 1, cost: "0.01".parse().expect("a cent"), ..Bill::default() };
        let said = Delta::Done(Box::new(Spoken { utterance: Utterance::new(0), bill }));
        Speech { reservation: Reservation::default(), deltas: stream::once(future::ready(Ok(said))).boxed() }
    }
}

/// Seats such voices, and writes down what they say.
#[derive(Debug)]
struct Written(Arc<dyn Journal>);

impl Seating for Written {
    fn seat(&self, matter: Matter) -> Result<Seated, Box<dyn std::error::Error + Send + Sync>> {
        let panel: Panel =
            (0..3).map(|n| (Seat::new(format!("Dear {n}"), "vendor:dear"), Arc::new(Dear) as _)).collect();
        let seated = panel.seat(matter)?;
        let driver =
            Driver::new(Arc::clone(&seated.spec), vec![Arc::new(Dear) as _, Arc::new(Dear), Arc::new(Dear)])?;
        Ok(Seated { driver: driver.with_journal(Arc::clone(&self.0)), ..seated })
    }
}

/// What was paid for in a debate that the deadline cuts off, verdict and all, is part of what the brief cost.
#[tokio::test(start_paused = true)]
async fn what_a_debate_cost_that_was_cut_off_is_booked() {
    let mut asked = request(&["SLOW"], &day(249));
    asked.deadline = Some(Duration::from_secs(10));
    let of = async |records: usize| {
        let journal = Arc::new(Stuck(MemoryJournal::default(), records));
        let maker = MorningBrief::new(files().fetcher(), Written(journal), clock());
        maker.run(&asked).await.expect("a brief").0
    };
    let whole = of(1_000).await;
    assert!(whole.tickers[0].verdict.is_some() && whole.cost > "0.02".parse().expect("an amount"));
    let mut seen = std::collections::BTreeSet::new();
    for records in 1..8 {
        let brief = of(records).await;
        let ticker = &brief.tickers[0];
        assert!(ticker.verdict.is_none(), "cut after {records} records");
        assert!(
            ticker
                .shortfalls
                .iter()
                .any(|lack| (lack.part, lack.kind) == (Part::Debate, ShortfallKind::Deadline))
        );
        assert_eq!(brief.cost, ticker.cost);
        assert!(brief.cost <= whole.cost);
        seen.insert(brief.cost.to_string());
    }
    assert!(seen.len() >= 3, "answers that were there cost what they cost: {seen:?}");
}

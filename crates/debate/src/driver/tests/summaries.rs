//! The summariser at work: its time, its money, and crashes.

use std::collections::BTreeMap;

use assize_ambient::SystemClock;
use assize_journal::MemoryJournal;
use assize_llm::ScriptedModel;
use assize_metering::{Attribution, Dimension, Ledger};

use super::*;
use crate::{
    MockSummariser, ModelSummariser, ScriptedSummariser, Summarised, Summariser, SummariserSeat, Summarising,
    Summary, Window,
};

const ROUNDS: u32 = 5;

fn windowed() -> Spec {
    let spec = spec(2).with_rounds(ROUNDS).with_stops([]).with_selector(Selector::Always);
    spec.with_window(Window { rounds: 0, tokens: 0 }).with_summariser(SummariserSeat::new("sums"))
}

/// Two that never agree and say something else in each round.
fn panel() -> Vec<Arc<dyn Debater>> {
    let says = |seat: usize| {
        let said = move |round: usize| {
            Ok(Utterance::new((seat + round) % 2).because(format!("{seat} in {round}"), []))
        };
        Arc::new(ScriptedDebater::new((0..ROUNDS as usize).map(said))) as Arc<dyn Debater>
    };
    vec![says(0), says(1)]
}

fn point(text: &str) -> Summary {
    Summary::new([(text.to_owned(), Vec::new())])
}

fn driver(spec: Spec, summariser: Arc<dyn Summariser>) -> Driver {
    Driver::new(spec, panel()).unwrap().with_summariser(summariser).unwrap()
}

fn lost(verdict: &crate::Verdict) -> Vec<(u32, AbstainReason)> {
    let lost = |one: &Degradation| match one {
        Degradation::LostSummary { round, reason } => Some((*round, *reason)),
        _ => None,
    };
    verdict.degradations.iter().filter_map(lost).collect()
}

/// A summariser that takes its time and its money.
fn paid(cost: i128, takes: Duration) -> Arc<dyn Summariser> {
    let mut summariser = MockSummariser::new();
    summariser.expect_summarise().returning(move |_| {
        let cost = Usd::from_picodollars(cost);
        let reservation = Reservation { calls: 1, cost, simulated: false };
        let summary = async move {
            tokio::time::sleep(takes).await;
            Ok(Summarised { summary: point("so far"), bill: Bill { calls: 1, cost, ..Bill::default() } })
        };
        Summarising { reservation, shortened: None, summary: Box::pin(summary) }
    });
    Arc::new(summariser)
}

#[tokio::test(start_paused = true)]
async fn it_is_asked_once_a_round_as_soon_as_something_falls_out() {
    let calls: Arc<Mutex<Vec<(u32, usize)>>> = Arc::default();
    let mut summariser = MockSummariser::new();
    let seen = Arc::clone(&calls);
    summariser.expect_summarise().returning(move |minutes| {
        seen.lock().unwrap().push((minutes.round(), minutes.statements().len()));
        Summarising::immediate(Ok(point("so far")))
    });
    let verdict = driver(windowed(), Arc::new(summariser)).run().await.unwrap().verdict;
    assert_eq!((verdict.rounds, lost(&verdict)), (ROUNDS, vec![]));
    assert_eq!(*calls.lock().unwrap(), [(2, 2), (3, 2), (4, 2)], "each statement once");
}

#[tokio::test(start_paused = true)]
async fn money_and_time_bind_it_as_they_bind_others() {
    let fast = paid(10, Duration::ZERO);
    let whole = driver(windowed(), Arc::clone(&fast)).run().await.unwrap().verdict;
    assert_eq!((whole.calls, whole.cost), (3, Usd::from_picodollars(30)));
    let short = windowed().with_budget(Usd::from_picodollars(29));
    let verdict = driver(short, fast).run().await.unwrap().verdict;
    assert_eq!((verdict.cost, verdict.rounds), (Usd::from_picodollars(20), ROUNDS));
    assert_eq!(lost(&verdict), [(4, AbstainReason::OverBudget)]);

    let slow = paid(10, Duration::from_secs(9));
    let turn = Limits { turn: Some(Duration::from_secs(2)), ..Limits::default() };
    let start = Instant::now();
    let verdict = driver(windowed().with_limits(turn), Arc::clone(&slow)).run().await.unwrap().verdict;
    assert_eq!(start.elapsed(), Duration::from_secs(6), "three times two seconds");
    assert_eq!(lost(&verdict), [2, 3, 4].map(|round| (round, AbstainReason::TimedOut)));
    let paid = Degradation::PossiblyPaid { amount: Usd::from_picodollars(30) };
    assert!(verdict.degradations.contains(&paid), "{:?}", verdict.degradations);

    let whole = Limits { debate: Some(Duration::from_secs(12)), ..Limits::default() };
    let start = Instant::now();
    let verdict = driver(windowed().with_limits(whole), slow).run().await.unwrap().verdict;
    assert_eq!((start.elapsed(), verdict.stopped), (Duration::from_secs(12), StopReason::Deadline));
    assert_eq!(verdict.votes.len(), 2, "what is there is judged");
}

/// Says something else in each round, and takes two seconds for it.
#[derive(Debug)]
struct Slow(usize);

impl Debater for Slow {
    fn speak(&self, turn: Turn) -> Speech {
        let utterance = Utterance::new(self.0).because(format!("{} in {}", self.0, turn.round()), []);
        let said = async move {
            tokio::time::sleep(Duration::from_secs(2)).await;
            Ok(Delta::Done(Box::new(Spoken { utterance, bill: Bill::default() })))
        };
        Speech { reservation: Reservation::default(), deltas: stream::once(said).boxed() }
    }
}

/// Two rounds of two seconds, one of two and a summary of three; a further one would take five, and three are left.
#[tokio::test(start_paused = true)]
async fn nothing_is_summed_up_for_a_round_that_is_not_worth_beginning() {
    let limits = Limits { debate: Some(Duration::from_secs(12)), ..Limits::default() };
    let spec = windowed().with_selector(Selector::Auto).with_limits(limits);
    let driver = Driver::new(spec, vec![Arc::new(Slow(0)), Arc::new(Slow(1))]).unwrap();
    let start = Instant::now();
    let driver = driver.with_summariser(paid(10, Duration::from_secs(3))).unwrap();
    let verdict = driver.run().await.unwrap().verdict;
    assert_eq!((verdict.stopped, verdict.rounds, verdict.calls), (StopReason::NoTime, 3, 1));
    assert_eq!(start.elapsed(), Duration::from_secs(9));
}

#[tokio::test(start_paused = true)]
async fn what_it_costs_is_booked_as_a_summary() {
    let ledger = Ledger::builder(Arc::new(SystemClock)).open().unwrap();
    let driver =
        driver(windowed(), paid(10, Duration::ZERO)).with_ledger(ledger.clone(), &Attribution::new());
    driver.run().await.unwrap();
    let books = ledger.roll_up(&[Dimension::Purpose, Dimension::Participant]);
    let rows: Vec<_> = books.rows().iter().map(|row| format!("{row:?}")).collect();
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert!(rows[0].contains("summary") && rows[0].contains("sums"), "{rows:?}");
}

#[tokio::test(start_paused = true)]
async fn whoever_sums_up_badly_is_not_heard_and_the_verdict_says_so() {
    let prose = ModelSummariser::new(Arc::new(ScriptedModel::saying("x", ["no"]).repeating_the_last()), None);
    let verdict = driver(windowed(), Arc::new(prose)).run().await.unwrap().verdict;
    assert_eq!(lost(&verdict), [2, 3, 4].map(|round| (round, AbstainReason::Unreadable)));
    assert_eq!((verdict.rounds, verdict.calls), (ROUNDS, 6), "each time once more");
    let empty = ScriptedSummariser::new([Ok(Summary::new([]))]);
    let verdict = driver(windowed(), Arc::new(empty)).run().await.unwrap().verdict;
    assert_eq!(lost(&verdict).len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_seat_and_its_summariser_belong_together() {
    let summariser = || Arc::new(ScriptedSummariser::new([Ok(point("so"))]));
    let no_seat = Driver::new(spec(2), split_panel(2)).unwrap().with_summariser(summariser());
    assert_eq!(no_seat.unwrap_err().kind(), ErrorKind::BadSpec);
    let nobody = Driver::new(windowed(), panel()).unwrap().run().await;
    assert_eq!(nobody.unwrap_err().kind(), ErrorKind::BadSpec);
}

/// At whatever record it dies: what was summed up is not asked for again, and debaters are told the same.
#[tokio::test(start_paused = true)]
async fn wherever_it_is_killed_no_summary_that_was_written_is_asked_for_twice() {
    let summariser = |asked: &Arc<Mutex<BTreeMap<u32, u32>>>| {
        let asked = Arc::clone(asked);
        let mut summariser = MockSummariser::new();
        summariser.expect_summarise().returning(move |minutes| {
            let (asked, round) = (Arc::clone(&asked), minutes.round());
            let before =
                minutes.before().map_or("nothing".to_owned(), |before| before.points[0].text.clone());
            let summary = async move {
                *asked.lock().unwrap().entry(round).or_default() += 1;
                Ok(Summarised { summary: point(&format!("{before}, {round}")), bill: Bill::default() })
            };
            let reservation = Reservation { calls: 1, ..Reservation::default() };
            Summarising { reservation, shortened: None, summary: Box::pin(summary) }
        });
        Arc::new(summariser)
    };
    let expected = driver(windowed(), summariser(&Arc::default())).run().await.unwrap();
    let (mut killed, mut twice) = (0, 0);
    for dies_at in 0..30 {
        let journal = Mortal {
            inner: MemoryJournal::default(),
            dies_at: Arc::new(Mutex::new(Some(dies_at))),
            appends: Arc::default(),
        };
        let asked = Arc::default();
        let driver = || driver(windowed(), summariser(&asked)).with_journal(Arc::new(journal.clone()));
        killed += u32::from(tokio::time::timeout(Duration::from_secs(1), driver().run()).await.is_err());
        *journal.dies_at.lock().unwrap() = None;
        let resumed = driver().run().await.unwrap();
        assert_eq!(resumed.verdict.outcome, expected.verdict.outcome, "killed at {dies_at}");
        assert_eq!(resumed.transcript, expected.transcript, "killed at {dies_at}");
        let key = resumed.verdict.debate.as_str().parse().unwrap();
        let written = journal.inner.read(&key).await.unwrap();
        let events = written.records.iter().map(|line| Record::from_line(line).unwrap().event);
        let summaries: Vec<String> = events
            .filter_map(|event| match event {
                Event::Summarised { summary, .. } => Some(summary.points[0].text.clone()),
                _ => None,
            })
            .collect();
        assert_eq!(summaries, ["nothing, 2", "nothing, 2, 3", "nothing, 2, 3, 4"], "killed at {dies_at}");
        let asked = asked.lock().unwrap();
        // The call whose answer was not written is the only one that is made again.
        twice += asked.values().filter(|times| **times > 1).count();
        assert!(asked.values().sum::<u32>() <= 4, "killed at {dies_at}: {asked:?}");
    }
    assert!(killed > 15 && twice == 3, "{killed} {twice}");
}

/// A round's limit is for its turns.
#[tokio::test(start_paused = true)]
async fn a_slow_summary_costs_nobody_a_turn() {
    let round = Limits { round: Some(Duration::from_secs(2)), ..Limits::default() };
    let verdict =
        driver(windowed().with_limits(round), paid(0, Duration::from_secs(3))).run().await.unwrap().verdict;
    assert_eq!(
        (verdict.rounds, lost(&verdict), verdict.abstentions.len()),
        (ROUNDS, vec![], 0),
        "{verdict:?}"
    );
}

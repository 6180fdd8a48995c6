//! The driver: deadlines, budget, crashes.

mod leads;
mod summaries;

use std::sync::{
    Mutex,
    atomic::{AtomicU32, Ordering},
};

use assize_ambient::{Chance, Seed};
use assize_journal::{Log, MemoryJournal};
use assize_llm::{ChatRequest, Failures, Latency, SimulatedModel};
use assize_metering::PriceBook;
use async_trait::async_trait;

use std::{sync::Arc, time::Duration};

use assize_journal::{Journal, Key, Writer};
use assize_metering::Usd;
use futures_util::{StreamExt, stream};
use tokio::time::Instant;

use super::*;
use crate::{
    AbstainReason, Assessment, Bill, Debate, Degradation, Delta, Event, JudgeSeat, Limits, ModelDebater,
    ModelJudge, Reservation, Rule, ScriptedDebater, ScriptedJudge, Seat, SelectionReason, Selector, Speech,
    Spoken, StopReason, StopRule, Turn, Utterance,
};

fn spec(seats: usize) -> Spec {
    (0..seats).fold(Spec::new("Tea?", ["yes", "no"]).with_rule(Rule::Plurality), |spec, n| {
        spec.with_seat(Seat::new(format!("Seat {n}"), format!("scripted:{n}")))
    })
}

fn split_panel(seats: usize) -> Vec<Arc<dyn Debater>> {
    (0..seats).map(|n| Arc::new(ScriptedDebater::always(Utterance::new(n % 2))) as Arc<dyn Debater>).collect()
}

fn answers(request: &ChatRequest, chance: &mut Chance) -> String {
    assert!(request.system.as_deref().is_some_and(|system| system.contains("never an instruction")));
    let p = chance.unit();
    let stance = if p > 0.5 { "yes" } else { "no" };
    format!("{{\"stance\":\"{stance}\",\"probabilities\":{{\"yes\":{p},\"no\":{}}}}}", 1.0 - p)
}

fn model_panel(seats: usize, latency: Latency, failures: Failures) -> Vec<Arc<dyn Debater>> {
    let price = PriceBook::embedded()
        .find("gpt-4o", "2026-11-01T00:00:00Z".parse::<assize_ambient::Timestamp>().unwrap())
        .unwrap();
    let price = Arc::new(price.clone());
    (0..seats)
        .map(|n| {
            let seed = Seed::new(5).child(&n.to_string());
            let model =
                SimulatedModel::new("gpt-4o", seed, answers).with_latency(latency).with_failures(failures);
            Arc::new(ModelDebater::new(Arc::new(model), Some(Arc::clone(&price)))) as Arc<dyn Debater>
        })
        .collect()
}

async fn run(spec: Spec, panel: Vec<Arc<dyn Debater>>) -> Conclusion {
    Driver::new(spec, panel).unwrap().run().await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_gives_the_same_debate_and_takes_the_same_time() {
    let failures = Failures { rate_limited: 0.1, server: 0.1, malformed: 0.1, ..Failures::default() };
    let debate = || run(spec(5).with_rounds(4), model_panel(5, Latency::HOSTED, failures));
    let (one, other) = (debate().await, debate().await);
    assert_eq!(one.verdict, other.verdict);
    assert_eq!(one.transcript, other.transcript);
    assert_eq!(one.timing, other.timing);
    assert!(one.verdict.cost > Usd::ZERO);
    assert!(one.verdict.degradations.contains(&Degradation::Simulated));
}

#[tokio::test(start_paused = true)]
async fn a_thousand_debates_at_once_do_not_disturb_each_other() {
    let alone = run(spec(4), model_panel(4, Latency::HOSTED, Failures::default())).await;
    let debates = (0..1_000).map(|_| run(spec(4), model_panel(4, Latency::HOSTED, Failures::default())));
    for conclusion in futures_util::future::join_all(debates).await {
        assert_eq!(conclusion.verdict, alone.verdict);
        assert_eq!(conclusion.transcript, alone.transcript);
    }
}

#[tokio::test(start_paused = true)]
async fn deadlines_hold_and_the_verdict_says_so() {
    let hang = Failures { hang: 1.0, ..Failures::default() };
    let mut panel = split_panel(2);
    panel.extend(model_panel(1, Latency::INSTANT, hang));
    let turn = Limits { turn: Some(Duration::from_secs(2)), ..Limits::default() };
    let start = Instant::now();
    let slow = run(spec(3).with_rounds(2).with_limits(turn), panel.clone()).await;
    assert_eq!(slow.verdict.stopped, StopReason::RoundLimit);
    assert_eq!(start.elapsed(), Duration::from_secs(4), "two rounds of two seconds");
    assert_eq!(slow.verdict.abstentions.len(), 2);
    assert_eq!(slow.verdict.abstentions[0].reason, AbstainReason::TimedOut);

    let debate = Limits { debate: Some(Duration::from_secs(30)), ..Limits::default() };
    let start = Instant::now();
    let halted = run(spec(3).with_limits(debate), panel).await;
    assert_eq!(halted.verdict.stopped, StopReason::Deadline);
    assert_eq!(start.elapsed(), Duration::from_secs(30));
    assert_eq!(halted.verdict.votes.len(), 2, "what is there is judged");
}

#[tokio::test(start_paused = true)]
async fn the_budget_is_never_exceeded() {
    let full =
        run(spec(4).with_rounds(3), model_panel(4, Latency::INSTANT, Failures::default())).await.verdict;
    let mut refused = 0;
    for cents in 0..40 {
        let budget = Usd::from_picodollars(i128::from(cents) * 2_000_000_000);
        let spec = spec(4).with_rounds(3).with_budget(budget);
        let verdict = run(spec, model_panel(4, Latency::INSTANT, Failures::default())).await.verdict;
        assert!(verdict.cost <= budget, "{} > {budget}", verdict.cost);
        refused += verdict.abstentions.iter().filter(|a| a.reason == AbstainReason::OverBudget).count();
        if cents == 0 {
            assert_eq!((verdict.calls, verdict.decision()), (0, None));
        }
    }
    assert!(refused > 0);
    assert!(full.cost > Usd::ZERO);
}

/// A journal that dies before a given append.
#[derive(Debug, Clone)]
struct Mortal {
    inner: MemoryJournal,
    dies_at: Arc<Mutex<Option<u32>>>,
    appends: Arc<AtomicU32>,
}

#[derive(Debug)]
struct MortalWriter(Box<dyn Writer>, Mortal);

#[async_trait]
impl Journal for Mortal {
    async fn open(&self, key: &Key) -> Result<(Log, Box<dyn Writer>), assize_journal::Error> {
        let (log, writer) = self.inner.open(key).await?;
        Ok((log, Box::new(MortalWriter(writer, self.clone()))))
    }

    async fn read(&self, key: &Key) -> Result<Log, assize_journal::Error> {
        self.inner.read(key).await
    }
}

#[async_trait]
impl Writer for MortalWriter {
    async fn append(&mut self, records: &[Vec<u8>]) -> Result<(), assize_journal::Error> {
        let number = self.1.appends.fetch_add(1, Ordering::Relaxed);
        let dies_at = *self.1.dies_at.lock().unwrap();
        if dies_at == Some(number) {
            // As good as kill −9: the driver never comes back from here.
            std::future::pending::<()>().await;
        }
        self.0.append(records).await
    }
}

/// Counts how often it is asked in each round.
#[derive(Debug)]
struct Counting(ScriptedDebater, Arc<[AtomicU32; 8]>);

impl Debater for Counting {
    fn speak(&self, turn: Turn) -> Speech {
        let (count, round) = (Arc::clone(&self.1), turn.round() as usize);
        let Speech { reservation, deltas } = self.0.speak(turn);
        let counted = deltas.inspect(move |_| {
            count[round].fetch_add(1, Ordering::Relaxed);
        });
        Speech { reservation, deltas: counted.boxed() }
    }
}

#[tokio::test(start_paused = true)]
async fn wherever_it_is_killed_a_debate_resumes_without_asking_twice_what_was_answered() {
    let script = |n: usize| {
        ScriptedDebater::new([
            Ok(Utterance::new(n % 2)),
            Ok(Utterance::new((n + 1) % 2)),
            Ok(Utterance::new(n % 2)),
        ])
    };
    let expected =
        run(spec(3).with_rounds(3), (0..3).map(|n| Arc::new(script(n)) as Arc<dyn Debater>).collect()).await;
    let mut killed = 0;
    for dies_at in 0..40 {
        let journal = Mortal {
            inner: MemoryJournal::default(),
            dies_at: Arc::new(Mutex::new(Some(dies_at))),
            appends: Arc::default(),
        };
        let counts: Vec<Arc<[AtomicU32; 8]>> = (0..3).map(|_| Arc::default()).collect();
        let panel = || -> Vec<Arc<dyn Debater>> {
            (0..3)
                .map(|n| Arc::new(Counting(script(n), Arc::clone(&counts[n]))) as Arc<dyn Debater>)
                .collect()
        };
        let driver =
            || Driver::new(spec(3).with_rounds(3), panel()).unwrap().with_journal(Arc::new(journal.clone()));
        let first = tokio::time::timeout(Duration::from_secs(1), driver().run()).await;
        killed += u32::from(first.is_err());
        *journal.dies_at.lock().unwrap() = None;
        let resumed = driver().run().await.unwrap();
        assert_eq!(resumed.verdict.outcome, expected.verdict.outcome, "killed at {dies_at}");
        assert_eq!(resumed.transcript, expected.transcript, "killed at {dies_at}");
        // What was in flight when it died (answered, but not yet in the log) is asked again: at most the answers that
        // were not written, never one that was.
        let asked: u32 =
            counts.iter().flat_map(|rounds| rounds.iter()).map(|n| n.load(Ordering::Relaxed)).sum();
        let written = journal.inner.read(&resumed.verdict.debate.as_str().parse().unwrap()).await.unwrap();
        let events: Vec<Record> =
            written.records.iter().map(|line| Record::from_line(line).unwrap()).collect();
        let spoke = events.iter().filter(|r| matches!(r.event, Event::Spoke { .. })).count();
        assert_eq!(spoke, 9, "three rounds of three, each written once");
        assert!(asked <= 9 + 3, "asked {asked} times when killed at {dies_at}");
        // A third run finds the verdict and asks nobody.
        let again = driver().run().await.unwrap();
        assert_eq!(again.verdict, resumed.verdict);
        assert_eq!(
            counts.iter().flat_map(|r| r.iter()).map(|n| n.load(Ordering::Relaxed)).sum::<u32>(),
            asked
        );
    }
    assert!(killed > 10, "the table must kill debates, not just run them: {killed}");
}

#[tokio::test]
async fn watchers_see_every_event_in_order() {
    let gallery = Gallery::new();
    let driver = Driver::new(spec(3), split_panel(3)).unwrap().with_gallery(gallery.clone());
    let conclusion = driver.run().await.unwrap();
    let mut records = Vec::new();
    let mut seen = gallery.watch(0);
    while let Some(notice) = seen.next().await {
        if let Notice::Record { record, sequence } = notice {
            assert_eq!(sequence, records.len() as u64);
            records.push((*record).clone());
        }
    }
    assert!(
        matches!(records.last().map(|r| &r.event), Some(Event::Concluded { verdict }) if *verdict == conclusion.verdict)
    );
    assert!(Debate::replay(&records).unwrap().is_concluded(), "what is watched is the log");
}

#[test]
fn a_panel_that_does_not_fit_is_refused() {
    for (spec, panel) in
        [(spec(2), split_panel(3)), (spec(0), Vec::new()), (spec(2).with_rounds(0), split_panel(2))]
    {
        assert_eq!(Driver::new(spec, panel).unwrap_err().kind(), ErrorKind::BadSpec);
    }
}

#[test]
fn a_debate_can_be_spawned() {
    fn spawnable<F: Future + Send + 'static>(_: F) {}
    spawnable(Driver::new(spec(2), split_panel(2)).unwrap().run());
}

#[tokio::test]
async fn who_watches_a_resumed_debate_sees_it_from_its_beginning() {
    let journal: Arc<dyn Journal> = Arc::new(MemoryJournal::default());
    let first =
        Driver::new(spec(3), split_panel(3)).unwrap().with_journal(Arc::clone(&journal)).run().await.unwrap();
    let gallery = Gallery::new();
    let again =
        Driver::new(spec(3), split_panel(3)).unwrap().with_journal(journal).with_gallery(gallery.clone());
    assert_eq!(again.run().await.unwrap().verdict, first.verdict);
    assert!(matches!(gallery.watch(0).next().await, Some(Notice::Record { sequence: 0, .. })));
}

#[tokio::test]
async fn one_debate_is_held_once_at_a_time_and_only_over_its_own_log() {
    let journal: Arc<dyn Journal> = Arc::new(MemoryJournal::default());
    let key: Key = spec(2).id().as_str().parse().unwrap();
    let (_, mut writer) = journal.open(&key).await.unwrap();
    let hold = || Driver::new(spec(2), split_panel(2)).unwrap().with_journal(Arc::clone(&journal)).run();
    assert_eq!(hold().await.unwrap_err().kind(), ErrorKind::Journal);
    // The log of another debate, under this one's name.
    writer
        .append(&[Record::new(0, Event::Opened { spec: Arc::new(spec(3)) }).to_line().unwrap()])
        .await
        .unwrap();
    drop(writer);
    let refused = hold().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::BadLog);
    assert!(refused.to_string().contains("another one"), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn a_budget_that_fits_one_call_at_a_time_lets_all_speak_in_turn() {
    let free =
        run(spec(3).with_rounds(1), model_panel(3, Latency::HOSTED, Failures::default())).await.verdict;
    // Enough for what the three calls cost, and for one reservation beside them, but not for three reservations.
    let reserved = model_panel(1, Latency::INSTANT, Failures::default())[0]
        .speak(Debate::open(spec(1)).unwrap().turn(crate::Ask { round: 0, seat: SeatIndex(0) }))
        .reservation
        .cost;
    let budget = reserved.checked_add(free.cost).unwrap();
    assert!(budget < reserved.checked_mul(3).unwrap());
    let tight =
        run(spec(3).with_rounds(1).with_budget(budget), model_panel(3, Latency::HOSTED, Failures::default()))
            .await;
    assert_eq!(tight.verdict.votes.len(), 3, "{:?}", tight.verdict.abstentions);
    assert!(tight.verdict.cost <= budget);
}

#[tokio::test(start_paused = true)]
async fn after_the_deadline_nobody_is_asked() {
    let late = Instant::now();
    tokio::time::advance(Duration::from_secs(1)).await;
    let driver = Driver::new(spec(2), model_panel(2, Latency::HOSTED, Failures::default()))
        .unwrap()
        .with_deadline(late);
    let verdict = driver.run().await.unwrap().verdict;
    assert_eq!((verdict.stopped, verdict.calls), (StopReason::Deadline, 0));
}

fn judge_answers(_: &ChatRequest, _: &mut Chance) -> String {
    r#"{"winner": "no", "scores": {"yes": 0.3, "no": 0.8}, "enough": true}"#.to_owned()
}

fn judged(spec: Spec) -> Spec {
    spec.with_judge(JudgeSeat::new("Judge", "x").in_each_round())
}

#[tokio::test(start_paused = true)]
async fn a_judge_is_heard_after_the_turns_and_ends_the_debate() {
    let judge = SimulatedModel::new("gpt-4o", Seed::new(1), judge_answers).with_latency(Latency::HOSTED);
    let spec = judged(spec(2)).with_stops([StopRule::JudgeSatisfied]);
    let gallery = Gallery::new();
    let driver = Driver::new(spec, split_panel(2)).unwrap().with_gallery(gallery.clone());
    let driver = driver.with_judge(Arc::new(ModelJudge::new(Arc::new(judge), None))).unwrap();
    let verdict = driver.run().await.unwrap().verdict;
    assert_eq!((verdict.stopped, verdict.rounds, verdict.calls), (StopReason::JudgeSatisfied, 1, 2));
    assert_eq!(verdict.assessments[0].winner.as_deref(), Some("no"));
    assert_eq!(verdict.assessments[0].orders_agree, Some(true));
    let mut kinds = Vec::new();
    let mut seen = gallery.watch(0);
    while let Some(Notice::Record { record, .. }) = seen.next().await {
        kinds.push(serde_json::to_value(&record.event).unwrap()["type"].as_str().unwrap().to_owned());
    }
    let expected = ["opened", "asked", "asked", "spoke", "spoke", "judge-asked", "assessed", "concluded"]
        .map(str::to_owned);
    assert_eq!(kinds, expected);
}

#[tokio::test(start_paused = true)]
async fn a_judge_that_hangs_costs_its_turn_and_no_more() {
    let hang = Failures { hang: 1.0, ..Failures::default() };
    let judge = || {
        let model = SimulatedModel::new("gpt-4o", Seed::new(1), judge_answers).with_failures(hang);
        Arc::new(ModelJudge::new(Arc::new(model), None))
    };
    let turn = Limits { turn: Some(Duration::from_secs(2)), ..Limits::default() };
    let hold =
        |spec: Spec| Driver::new(judged(spec), split_panel(2)).unwrap().with_judge(judge()).unwrap().run();
    let start = Instant::now();
    let verdict = hold(spec(2).with_rounds(2).with_limits(turn)).await.unwrap().verdict;
    assert_eq!((verdict.stopped, start.elapsed()), (StopReason::RoundLimit, Duration::from_secs(4)));
    assert!(
        verdict
            .degradations
            .iter()
            .any(|one| matches!(one, Degradation::LostJudge { reason: AbstainReason::TimedOut, .. }))
    );

    let debate = Limits { debate: Some(Duration::from_secs(30)), ..Limits::default() };
    let start = Instant::now();
    let verdict = hold(spec(2).with_limits(debate)).await.unwrap().verdict;
    assert_eq!((verdict.stopped, start.elapsed()), (StopReason::Deadline, Duration::from_secs(30)));
    assert_eq!(verdict.votes.len(), 2, "what is there is judged");
}

#[tokio::test]
async fn a_judges_seat_and_a_judge_belong_together() {
    let judge = || Arc::new(ScriptedJudge::new([Ok(Assessment::by_scores(vec![0.0, 1.0]))]));
    assert!(Driver::new(spec(2), split_panel(2)).unwrap().with_judge(judge()).is_err());
    let alone = Driver::new(judged(spec(2)), split_panel(2)).unwrap().run().await;
    assert_eq!(alone.unwrap_err().kind(), ErrorKind::BadSpec);
    let both = Driver::new(judged(spec(2)), split_panel(2)).unwrap().with_judge(judge()).unwrap().run().await;
    assert_eq!(both.unwrap().verdict.assessments.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_round_that_would_not_end_in_time_is_not_begun() {
    let split = |seat: usize| {
        let model =
            SimulatedModel::new("gpt-4o", Seed::new(seat as u64), move |_: &ChatRequest, _: &mut Chance| {
                format!(r#"{{"stance": "{}"}}"#, ["yes", "no"][seat])
            });
        let price = PriceBook::embedded()
            .find("gpt-4o", "2026-11-01T00:00:00Z".parse::<assize_ambient::Timestamp>().unwrap());
        let price = Arc::new(price.unwrap().clone());
        Arc::new(ModelDebater::new(Arc::new(model.with_latency(Latency::HOSTED)), Some(price)))
            as Arc<dyn Debater>
    };
    let panel = || vec![split(0), split(1)];
    let free = run(spec(2).with_rounds(2).with_stops([]), panel()).await;
    assert_eq!((free.verdict.stopped, free.verdict.rounds), (StopReason::RoundLimit, 2));
    let first =
        free.timing.turns.iter().filter(|turn| turn.round == 0).map(|turn| turn.answered).max().unwrap();

    let limits = Limits {
        debate: Some(Duration::from_millis(u64::try_from(first.as_millis()).unwrap() * 19 / 10)),
        ..Limits::default()
    };
    let start = Instant::now();
    let hurried = run(spec(2).with_rounds(2).with_limits(limits), panel()).await.verdict;
    assert_eq!((hurried.stopped, hurried.rounds), (StopReason::NoTime, 1));
    assert_eq!(start.elapsed(), first, "the verdict is there at once");
    assert_eq!(hurried.selection.clone().unwrap().reason, SelectionReason::NoTime);
    assert!(hurried.abstentions.is_empty());
}

/// Costs exactly what was set aside for it, and less where it has to.
#[derive(Debug)]
struct Paid {
    stance: usize,
    cheaper: Option<i128>,
}

impl Debater for Paid {
    fn speak(&self, _: Turn) -> Speech {
        self.for_cost(10)
    }

    fn speak_cheaper(&self, _: Turn) -> Option<Speech> {
        self.cheaper.map(|cost| self.for_cost(cost))
    }
}

impl Paid {
    fn for_cost(&self, cost: i128) -> Speech {
        let cost = Usd::from_picodollars(cost);
        let bill = Bill { calls: 1, cost, ..Bill::default() };
        let spoken = Spoken { utterance: Utterance::new(self.stance), bill };
        let reservation = Reservation { calls: 1, cost, simulated: false };
        Speech { reservation, deltas: stream::iter([Ok(Delta::Done(Box::new(spoken)))]).boxed() }
    }
}

#[tokio::test(start_paused = true)]
async fn a_round_that_would_cost_more_than_is_left_is_not_begun() {
    let panel = || -> Vec<Arc<dyn Debater>> {
        vec![Arc::new(Paid { stance: 0, cheaper: None }), Arc::new(Paid { stance: 1, cheaper: None })]
    };
    for (budget, stopped, rounds) in
        [(20, StopReason::NoMoney, 1), (39, StopReason::NoMoney, 1), (40, StopReason::RoundLimit, 2)]
    {
        let spec = spec(2).with_rounds(2).with_stops([]).with_budget(Usd::from_picodollars(budget));
        let verdict = run(spec.clone(), panel()).await.verdict;
        assert_eq!((verdict.stopped, verdict.rounds), (stopped, rounds), "{budget}");
        assert!(verdict.abstentions.is_empty(), "{budget}");
        // Told to debate, it goes on with whoever can be paid.
        let told = run(spec.with_selector(Selector::Always), panel()).await.verdict;
        assert_eq!(told.rounds, 2, "{budget}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_cannot_change_the_decision_is_cancelled() {
    let hang = Failures { hang: 1.0, ..Failures::default() };
    let sure = || Arc::new(ScriptedDebater::always(Utterance::new(1))) as Arc<dyn Debater>;
    let mut panel = vec![sure(), sure(), sure()];
    panel.extend(model_panel(2, Latency::INSTANT, hang));
    let spec = spec(5).with_rounds(1).with_stops([StopRule::UnassailableLead]);
    let start = Instant::now();
    let verdict = run(spec, panel).await.verdict;
    assert_eq!((verdict.stopped, verdict.decision()), (StopReason::UnassailableLead, Some("no")));
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert_eq!(verdict.calls, 2, "they were under way");
}

#[tokio::test(start_paused = true)]
async fn whoever_watches_is_told_when_a_debate_is_given_up() {
    let gallery = Gallery::new();
    let never_run = Driver::new(spec(2), split_panel(2)).unwrap().with_gallery(gallery.clone());
    drop(never_run);
    assert_eq!(gallery.watch(0).count().await, 0);

    let gallery = Gallery::new();
    let panel = model_panel(2, Latency::HOSTED, Failures::default());
    let run = Driver::new(spec(2), panel).unwrap().with_gallery(gallery.clone()).run();
    assert!(tokio::time::timeout(Duration::from_millis(1), run).await.is_err());
    assert_eq!(gallery.watch(0).count().await, 3, "opened, and two that were asked");
}

#[tokio::test(start_paused = true)]
async fn what_does_not_fit_into_the_budget_is_asked_of_a_cheaper_model_and_the_verdict_says_so() {
    let panel = |cheaper| -> Vec<Arc<dyn Debater>> {
        vec![Arc::new(Paid { stance: 0, cheaper }), Arc::new(Paid { stance: 0, cheaper })]
    };
    for (budget, cheaper, cost, economised, lost) in [
        (20, Some(3), 20, 0, 0),
        (19, Some(3), 13, 1, 0),
        (13, Some(3), 13, 1, 0),
        (12, Some(3), 10, 0, 1),
        (6, Some(3), 6, 2, 0),
        (5, Some(3), 3, 1, 1),
        (19, None, 10, 0, 1),
        (2, Some(3), 0, 0, 2),
    ] {
        let spec = spec(2).with_rounds(1).with_budget(Usd::from_picodollars(budget));
        let verdict = run(spec, panel(cheaper)).await.verdict;
        let count =
            |what: fn(&Degradation) -> bool| verdict.degradations.iter().filter(|one| what(one)).count();
        assert_eq!(verdict.cost, Usd::from_picodollars(cost), "{budget}");
        assert_eq!(
            count(|one| matches!(one, Degradation::CheaperModel { round: 0, .. })),
            economised,
            "{budget}"
        );
        assert_eq!(count(|one| matches!(one, Degradation::LostVoice { .. })), lost, "{budget}");
    }
}

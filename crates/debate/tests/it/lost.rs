//! With voices and judges that stall, dawdle, babble and die, a debate ends by its deadline and names exactly who was lost.
//!
//! What each of them does with each call is drawn from a seed. From the same draw an independent reckoning of the time says
//! when the debate ends, who has no vote, whose vote is old, and whether the judge was heard; the verdict is held against it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use assize_ambient::{Chance, Seed};
use assize_debate::{
    AbstainReason, Conclusion, Debater, Degradation, Driver, JudgeSeat, Limits, ModelDebater, ModelJudge,
    Order, Rule, Seat, Selector, Spec, StopReason,
};
use assize_llm::{ChatModel, ChatReply, ChatRequest, Error, ErrorKind, ModelId, ReplyDelta, ReplyStream};
use assize_metering::{TokenUsage, Usage};
use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use tokio::time::{Instant, sleep};

const SEEDS: u64 = 1_000;
const JUDGE: &str = "the chair";
/// Times are in milliseconds. Replies take whole hundreds, and the limits are apart from these and from each other: nothing
/// happens at the same moment as the end of a limit.
const TURN: u64 = 1;
const ROUND: u64 = 40;
const DEBATE: u64 = 30;

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    Answers(u64),
    Babbles(u64),
    Dies(u64),
    /// In the middle of its answer.
    BreaksOff(u64),
    Stalls,
}

impl Fate {
    fn drawn(chance: &mut Chance) -> Self {
        let time =
            |chance: &mut Chance, below: usize| 100 * u64::try_from(chance.below(below)).expect("small");
        match chance.below(10) {
            0..=4 => Self::Answers(time(chance, 30)),
            5 => Self::Answers(time(chance, 200)),
            6 => Self::Babbles(time(chance, 30)),
            7 => Self::Dies(time(chance, 30)),
            8 => Self::BreaksOff(time(chance, 30)),
            _ => Self::Stalls,
        }
    }

    /// When it is over, and why nothing was said, if nothing was.
    const fn end(self) -> (u64, Option<AbstainReason>) {
        match self {
            Self::Answers(after) => (after, None),
            Self::Babbles(after) => (after, Some(AbstainReason::Unreadable)),
            Self::Dies(after) | Self::BreaksOff(after) => (after, Some(AbstainReason::Failed)),
            Self::Stalls => (u64::MAX, None),
        }
    }
}

/// Meets one fate after another, `at_once` calls at a time the same.
#[derive(Debug)]
struct Fated {
    id: ModelId,
    answer: &'static str,
    fates: Vec<Fate>,
    at_once: usize,
    called: AtomicUsize,
}

const STANCE: &str = r#"{"stance":"yes"}"#;
const ASSESSMENT: &str = r#"{"winner":"yes","scores":{"yes":0.9,"no":0.1}}"#;
const BABBLE: &str = "I would not stay here. The final recommendation is to go.";

impl Fated {
    fn voice(fates: &[Fate]) -> Arc<Self> {
        Self::new(fates, STANCE, 1)
    }

    /// It is asked in both orders.
    fn judge(fates: &[Fate]) -> Arc<Self> {
        Self::new(fates, ASSESSMENT, 2)
    }

    fn new(fates: &[Fate], answer: &'static str, at_once: usize) -> Arc<Self> {
        let (id, fates, called) = ("fated".into(), fates.to_vec(), AtomicUsize::new(0));
        Arc::new(Self { id, answer, fates, at_once, called })
    }

    async fn meet(&self) -> (Fate, Result<ChatReply, Error>) {
        let call = self.called.fetch_add(1, Ordering::Relaxed) / self.at_once;
        let fate = self.fates[call];
        let reply =
            |text: &str| ChatReply::new(self.id.clone(), text, Usage::simulated(TokenUsage::of(9, 9)));
        let (after, _) = fate.end();
        if fate == Fate::Stalls {
            std::future::pending::<()>().await;
        }
        sleep(Duration::from_millis(after)).await;
        let said = match fate {
            Fate::Babbles(_) => Ok(reply(BABBLE)),
            Fate::Dies(_) => Err(Error::new(ErrorKind::Server, "ask the model")),
            _ => Ok(reply(self.answer)),
        };
        (fate, said)
    }
}

#[async_trait]
impl ChatModel for Fated {
    fn id(&self) -> &ModelId {
        &self.id
    }

    async fn complete(&self, _: ChatRequest) -> Result<ChatReply, Error> {
        match self.meet().await {
            (Fate::BreaksOff(_), _) => Err(Error::new(ErrorKind::CutStream, "read the reply")),
            (_, said) => said,
        }
    }

    async fn stream(&self, _: ChatRequest) -> Result<ReplyStream, Error> {
        let (fate, said) = self.meet().await;
        if let Fate::BreaksOff(_) = fate {
            let half = Ok(ReplyDelta::Text(self.answer[..self.answer.len() / 2].to_owned()));
            let broken = Err(Error::new(ErrorKind::CutStream, "read the reply"));
            return Ok(stream::iter([half, broken]).boxed());
        }
        Ok(said?.into_stream())
    }
}

/// A debate, and what will become of each call in it.
#[derive(Debug)]
struct Script {
    seats: Vec<Vec<Fate>>,
    judge: Option<Vec<Fate>>,
    in_each_round: bool,
    rounds: u32,
    order: Order,
    turn: Option<u64>,
    round: Option<u64>,
    deadline: u64,
    is_from_outside: bool,
}

impl Script {
    fn drawn(seed: Seed) -> Self {
        let mut chance = seed.rng();
        let mut limit = |least: usize, below: usize, beside: u64| {
            100 * u64::try_from(least + chance.below(below)).expect("small") + beside
        };
        let (turn, round, deadline) = (limit(10, 60, TURN), limit(20, 100, ROUND), limit(10, 250, DEBATE));
        let rounds = 1 + u32::try_from(chance.below(4)).expect("small");
        let fates = |chance: &mut Chance| (0..rounds).map(|_| Fate::drawn(chance)).collect::<Vec<_>>();
        Self {
            seats: (0..1 + chance.below(5)).map(|_| fates(&mut chance)).collect(),
            judge: chance.happens(0.7).then(|| fates(&mut chance)),
            in_each_round: chance.happens(0.5),
            rounds,
            order: [Order::Simultaneous, Order::Sequential, Order::RoundRobin][chance.below(3)],
            turn: chance.happens(0.6).then_some(turn),
            round: chance.happens(0.5).then_some(round),
            deadline,
            is_from_outside: chance.happens(0.3),
        }
    }

    async fn hold(&self) -> (Conclusion, Duration) {
        let millis = |limit: Option<u64>| limit.map(Duration::from_millis);
        let own = (!self.is_from_outside).then_some(self.deadline);
        let limits = Limits { turn: millis(self.turn), round: millis(self.round), debate: millis(own) };
        let mut spec = Spec::new("Stay?", ["yes", "no"])
            .with_rounds(self.rounds)
            .with_rule(if self.judge.is_some() { Rule::Judge } else { Rule::Plurality })
            .with_order(self.order)
            .with_stops([])
            .with_selector(Selector::Always)
            .with_limits(limits);
        let mut panel: Vec<Arc<dyn Debater>> = Vec::new();
        for (n, fates) in self.seats.iter().enumerate() {
            spec = spec.with_seat(Seat::new(name(n), "fated"));
            panel.push(Arc::new(ModelDebater::new(Fated::voice(fates), None).without_repair()));
        }
        let mut judge = None;
        if let Some(fates) = &self.judge {
            let seat = JudgeSeat::new(JUDGE, "fated");
            spec = spec.with_judge(if self.in_each_round { seat.in_each_round() } else { seat });
            judge = Some(Arc::new(ModelJudge::new(Fated::judge(fates), None).without_repair()));
        }
        let began = Instant::now();
        let mut driver = Driver::new(spec, panel).expect("a debate");
        if let Some(judge) = judge {
            driver = driver.with_judge(judge).expect("a judge's seat");
        }
        if self.is_from_outside {
            driver = driver.with_deadline(began + Duration::from_millis(self.deadline));
        }
        let conclusion = driver.run().await.expect("a verdict");
        (conclusion, began.elapsed())
    }
}

fn name(seat: usize) -> String {
    format!("voice {seat}")
}

/// What must come of a script.
#[derive(Debug, Default, PartialEq)]
struct Reckoning {
    end: u64,
    rounds: u32,
    is_halted: bool,
    /// Who has no vote, and why it abstained last.
    lost: BTreeMap<String, AbstainReason>,
    /// Whose vote is of an earlier round.
    stale: BTreeMap<String, u32>,
    judge: Option<AbstainReason>,
    /// How often somebody abstained.
    abstentions: BTreeSet<(String, u32, AbstainReason)>,
}

/// The reckoning under way.
struct Reckoner<'a> {
    script: &'a Script,
    now: u64,
    calls: Vec<usize>,
    standing: Vec<Option<u32>>,
    silent: Vec<Option<AbstainReason>>,
    assessed: Option<u32>,
    judge_lost: Option<AbstainReason>,
    judge_calls: usize,
    abstentions: BTreeSet<(String, u32, AbstainReason)>,
}

impl<'a> Reckoner<'a> {
    fn new(script: &'a Script) -> Self {
        let n = script.seats.len();
        Self {
            script,
            now: 0,
            calls: vec![0; n],
            standing: vec![None; n],
            silent: vec![None; n],
            assessed: None,
            judge_lost: None,
            judge_calls: 0,
            abstentions: BTreeSet::new(),
        }
    }

    fn settle(&mut self, seat: usize, round: u32, silent: Option<AbstainReason>) {
        match silent {
            None => self.standing[seat] = Some(round),
            Some(reason) => {
                self.silent[seat] = Some(reason);
                self.abstentions.insert((name(seat), round, reason));
            }
        }
    }

    fn cut_off(&self, round_began: u64) -> u64 {
        let turn = self.script.turn.map_or(u64::MAX, |turn| self.now + turn);
        let round = self.script.round.map_or(u64::MAX, |round| round_began + round);
        turn.min(round).min(self.script.deadline)
    }

    /// Some are asked at once; whether there is time left after that.
    fn ask(&mut self, seats: &[usize], round: u32, round_began: u64) -> bool {
        let cut_off = self.cut_off(round_began);
        let mut last = self.now;
        for &seat in seats {
            let (after, silent) = self.script.seats[seat][self.calls[seat]].end();
            self.calls[seat] += 1;
            let answered = self.now.saturating_add(after);
            if answered < cut_off {
                self.settle(seat, round, silent);
                last = last.max(answered);
            } else {
                let late = cut_off == self.script.deadline;
                let why = if late { AbstainReason::Halted } else { AbstainReason::TimedOut };
                self.settle(seat, round, Some(why));
                last = cut_off;
            }
        }
        self.now = last;
        self.now < self.script.deadline
    }

    /// Whether there is time left after the turns of a round.
    fn hold_turns(&mut self, round: u32) -> bool {
        let n = self.script.seats.len();
        let (began, all): (u64, Vec<usize>) = (self.now, (0..n).collect());
        // Nobody hears anybody in the first round.
        if round == 0 || self.script.order == Order::Simultaneous {
            return self.ask(&all, round, began);
        }
        let first = if self.script.order == Order::RoundRobin { round as usize % n } else { 0 };
        for place in 0..n {
            let seat = (first + place) % n;
            if self.script.round.is_some_and(|limit| self.now >= began + limit) {
                self.settle(seat, round, Some(AbstainReason::TimedOut));
            } else if !self.ask(&[seat], round, began) {
                for place in place + 1..n {
                    self.settle((first + place) % n, round, Some(AbstainReason::Halted));
                }
                return false;
            }
        }
        true
    }

    /// Whether there is time left when the judge was heard.
    fn hear_judge(&mut self, round: u32, fates: &[Fate]) -> bool {
        let turn = self.script.turn.map_or(u64::MAX, |turn| self.now + turn);
        let cut_off = turn.min(self.script.deadline);
        let (after, silent) = fates[self.judge_calls].end();
        self.judge_calls += 1;
        let answered = self.now.saturating_add(after);
        if answered < cut_off {
            self.now = answered;
            self.judge_lost = silent;
            if silent.is_none() {
                self.assessed = Some(round);
            }
            return true;
        }
        self.now = cut_off;
        let late = cut_off == self.script.deadline;
        self.judge_lost = Some(if late { AbstainReason::Halted } else { AbstainReason::TimedOut });
        !late
    }

    fn finish(self, rounds: u32, is_halted: bool) -> Reckoning {
        let seats = || self.standing.iter().enumerate();
        let lost = seats().filter(|(_, vote)| vote.is_none());
        let stale = seats().filter_map(|(seat, vote)| Some((name(seat), (*vote)?)));
        let is_unheard = self.standing.iter().flatten().any(|vote| self.assessed.is_none_or(|to| *vote > to));
        let judge = self.judge_lost.or(is_unheard.then_some(AbstainReason::Halted));
        Reckoning {
            end: self.now,
            rounds,
            is_halted,
            lost: lost.map(|(seat, _)| (name(seat), self.silent[seat].expect("a reason"))).collect(),
            stale: stale.filter(|(_, vote)| vote + 1 < rounds).collect(),
            judge: judge.filter(|_| self.script.judge.is_some()),
            abstentions: self.abstentions.clone(),
        }
    }
}

fn reckon(script: &Script) -> Reckoning {
    let mut reckoner = Reckoner::new(script);
    for round in 0..script.rounds {
        if !reckoner.hold_turns(round) {
            return reckoner.finish(round + 1, true);
        }
        if !reckoner.standing.contains(&Some(round)) {
            // Nobody could be heard: the debate ends, and there is nothing new to judge.
            return reckoner.finish(round + 1, false);
        }
        let is_last = round + 1 == script.rounds;
        if let Some(fates) = script.judge.as_ref().filter(|_| script.in_each_round || is_last)
            && !reckoner.hear_judge(round, fates)
        {
            return reckoner.finish(round + 1, true);
        }
    }
    reckoner.finish(script.rounds, false)
}

/// What the verdict says of it.
fn told(conclusion: &Conclusion, time: Duration) -> Reckoning {
    let verdict = &conclusion.verdict;
    let mut told = Reckoning {
        end: u64::try_from(time.as_millis()).expect("small"),
        rounds: verdict.rounds,
        is_halted: verdict.stopped == StopReason::Deadline,
        ..Reckoning::default()
    };
    let mut halted = 0;
    for degradation in &verdict.degradations {
        match degradation {
            Degradation::LostVoice { name, reason } => {
                assert_eq!(told.lost.insert(name.clone(), *reason), None, "named once");
            }
            Degradation::StaleVote { name, round } => {
                assert_eq!(told.stale.insert(name.clone(), *round), None, "named once");
            }
            Degradation::LostJudge { name, reason } => {
                assert_eq!((name.as_str(), told.judge.replace(*reason)), (JUDGE, None), "named once");
            }
            Degradation::Halted { .. } => halted += 1,
            Degradation::Simulated => {}
            other => panic!("nothing else went wrong: {other:?}"),
        }
    }
    assert_eq!(halted, u32::from(told.is_halted), "it says whether the deadline ended it");
    told.abstentions =
        verdict.abstentions.iter().map(|silent| (silent.name.clone(), silent.round, silent.reason)).collect();
    assert_eq!(told.abstentions.len(), verdict.abstentions.len());
    told
}

#[test]
fn each_verdict_is_there_in_time_and_names_exactly_who_was_lost() {
    let (mut halted, mut named) = (0, BTreeMap::new());
    for seed in 0..SEEDS {
        let script = Script::drawn(Seed::new(seed).child("lost"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        let (conclusion, time) = runtime.expect("a runtime").block_on(script.hold());
        let deadline = Duration::from_millis(script.deadline);
        assert!(time <= deadline + deadline / 100, "seed {seed}: {time:?} after {deadline:?}");
        let told = told(&conclusion, time);
        assert_eq!(told, reckon(&script), "seed {seed}: {script:#?}");
        halted += u32::from(told.is_halted);
        for (what, n) in [
            ("voices", told.lost.len()),
            ("votes", told.stale.len()),
            ("judges", usize::from(told.judge.is_some())),
            ("judges cut off", usize::from(told.judge == Some(AbstainReason::Halted))),
            (
                "voices cut off by a limit",
                told.lost.values().filter(|why| **why == AbstainReason::TimedOut).count(),
            ),
            ("sound", usize::from(told.lost.is_empty() && told.stale.is_empty() && told.judge.is_none())),
        ] {
            *named.entry(what).or_insert(0) += n;
        }
    }
    assert!(halted > 100 && halted < 900, "{halted}");
    assert!(named.values().all(|n| *n > 20), "each is met often enough: {named:?}");
}

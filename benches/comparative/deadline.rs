//! D11: debates with voices that stall, dawdle and die, judges among them, end by their deadline, and say who was lost.
//!
//! What a verdict says is held against what the bench knows itself: who never answers, because it was made so; who spoke,
//! by the transcript; whether the judge answered, by the journal.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use assize_ambient::{Chance, Seed};
use assize_benches::{
    handover::{Handover, Profile},
    panels::price_of,
};
use assize_debate::{
    Conclusion, Debater, Degradation, Driver, Event, Judge, JudgeSeat, Limits, ModelDebater, ModelJudge,
    Order, Record, Rule, Said, Seat, Spec, StopReason, Vote,
};
use assize_journal::{Journal, Key, MemoryJournal};
use assize_llm::{ChatRequest, Failures, Latency, SimulatedModel};
use assize_metering::ModelPrice;
use assize_perf::{Better, Kind, Measurement, Run, Unit, statistics::wilson_interval};
use tokio::time::Instant;

use crate::paused_runtime;

const ID: &str = "debate/deadline/lost-voices";
const JUDGE: &str = "the chair";

const fn seeds(profile: Profile) -> u64 {
    match profile {
        Profile::Smoke => 200,
        Profile::Default => 1_000,
        Profile::Full => 10_000,
    }
}

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    if !handover.wants(ID) {
        return Ok(());
    }
    let price = Arc::new(price_of("gpt-4o-mini"));
    let (mut worst, mut halted, mut wrong, mut lost) = (f64::NEG_INFINITY, 0, Vec::new(), 0);
    let seeds = seeds(handover.profile);
    for seed in 0..seeds {
        let case = Case::drawn(Seed::new(seed).child("deadline"));
        let held = paused_runtime()?.block_on(case.hold(&price)).map_err(|e| format!("{e}, seed {seed}"))?;
        worst = worst.max(held.time.as_secs_f64() / case.deadline.as_secs_f64() - 1.0);
        halted += usize::from(held.conclusion.verdict.stopped == StopReason::Deadline);
        lost += held.lost().len();
        wrong.extend(case.misnamed(&held).into_iter().map(|what| format!("seed {seed}: {what}")));
    }
    let counted = |metric: &str, n: usize| {
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        let n = n as f64;
        let figure = Measurement::new(ID, metric, Unit::Count, Better::Lower, Kind::Virtual, n);
        figure.at("benches/comparative.rs")
    };
    let all = usize::try_from(seeds).map_err(|e| e.to_string())?;
    let note = format!(
        "{seeds} seeds, {halted} of them ended by the deadline, {lost} seats and judges named as lost"
    );
    let overrun =
        Measurement::new(ID, "overrun", Unit::Fraction, Better::Lower, Kind::Virtual, worst.max(0.0));
    let share = wilson_interval(halted, all, 0.95).map_or_else(String::new, |share| {
        format!("the deadline ends {:.0} to {:.0} % of such debates", share.low * 100.0, share.high * 100.0)
    });
    let mut misnamed = counted("misnamed", wrong.len())
        .with_note("who was lost and is not named, or is named and was not lost");
    for what in wrong.into_iter().take(5) {
        misnamed = misnamed.with_note(what);
    }
    run.measurements.extend([
        overrun
            .at("benches/comparative.rs")
            .with_note("the most time beyond a deadline")
            .with_note(&note)
            .with_note(share),
        misnamed.with_note(note),
    ]);
    Ok(())
}

/// What becomes of who is asked.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Nature {
    Sound,
    /// Never says anything.
    Stalls,
    /// Answers, if there is time for it.
    Dawdles,
    /// Fails with each call.
    Dies,
    /// Breaks off in the middle of each answer.
    BreaksOff,
    /// Any of these now and then.
    Moody,
}

impl Nature {
    fn drawn(chance: &mut Chance) -> Self {
        const ALL: [Nature; 7] = [
            Nature::Sound,
            Nature::Sound,
            Nature::Stalls,
            Nature::Dawdles,
            Nature::Dies,
            Nature::BreaksOff,
            Nature::Moody,
        ];
        ALL[chance.below(ALL.len())]
    }

    const fn never_answers(self) -> bool {
        matches!(self, Self::Stalls | Self::Dies | Self::BreaksOff)
    }

    fn model(self, seed: Seed, price: &ModelPrice) -> SimulatedModel {
        let none = Failures::default();
        let failures = match self {
            Self::Sound | Self::Dawdles => none,
            Self::Stalls => Failures { hang: 1.0, ..none },
            Self::Dies => Failures { server: 1.0, ..none },
            Self::BreaksOff => Failures { cut_stream: 1.0, ..none },
            Self::Moody => Failures {
                hang: 0.2,
                server: 0.1,
                cut_stream: 0.1,
                rate_limited: 0.1,
                malformed: 0.1,
                ..none
            },
        };
        let slow = Latency {
            first_token_median: Duration::from_secs(15),
            tokens_per_second: 4.0,
            ..Latency::HOSTED
        };
        let latency = if self == Self::Dawdles { slow } else { Latency::HOSTED };
        SimulatedModel::new(&price.id, seed, answer).with_latency(latency).with_failures(failures)
    }
}

/// Fits a debater's turn as it fits a judge's.
fn answer(_: &ChatRequest, chance: &mut Chance) -> String {
    let p = chance.unit();
    let stance = if p < 0.5 { "no" } else { "yes" };
    let odds = serde_json::json!({ "yes": p, "no": 1.0 - p });
    serde_json::json!({ "stance": stance, "probabilities": odds, "winner": stance, "scores": odds })
        .to_string()
}

/// A debate that goes wrong in its own way.
struct Case {
    seed: Seed,
    seats: Vec<Nature>,
    judge: Option<(Nature, bool)>,
    deadline: Duration,
    /// Whether the deadline is that of whoever runs the debate, and not the debate's own.
    is_from_outside: bool,
    turn: Option<Duration>,
    rounds: u32,
    order: Order,
}

/// How it went.
struct Held {
    conclusion: Conclusion,
    time: Duration,
    /// Whether the judge answered when it was asked last; none if it was not asked.
    judge_answered: Option<bool>,
    /// The last round that it assessed.
    assessed: Option<u32>,
}

impl Held {
    /// Who is named as lost.
    fn lost(&self) -> BTreeSet<&str> {
        let degradations = self.conclusion.verdict.degradations.iter();
        let lost = degradations.filter_map(|degradation| match degradation {
            Degradation::LostVoice { name, .. } | Degradation::LostJudge { name, .. } => Some(name.as_str()),
            _ => None,
        });
        lost.collect()
    }
}

impl Case {
    fn drawn(seed: Seed) -> Self {
        let mut chance = seed.rng();
        let n_seats = 2 + chance.below(4);
        let order = [Order::Simultaneous, Order::Simultaneous, Order::Sequential, Order::RoundRobin];
        let mut millis = |from: u64, below: usize| {
            Duration::from_millis(from + u64::try_from(chance.below(below)).unwrap_or(0))
        };
        let (deadline, turn) = (millis(3_000, 57_000), millis(1_000, 20_000));
        Self {
            seed,
            seats: (0..n_seats).map(|_| Nature::drawn(&mut chance)).collect(),
            judge: chance.happens(0.6).then(|| (Nature::drawn(&mut chance), chance.happens(0.5))),
            deadline,
            is_from_outside: chance.happens(0.3),
            turn: chance.happens(0.5).then_some(turn),
            rounds: 1 + u32::try_from(chance.below(4)).unwrap_or(0),
            order: order[chance.below(order.len())],
        }
    }

    async fn hold(&self, price: &Arc<ModelPrice>) -> Result<Held, String> {
        let own = (!self.is_from_outside).then_some(self.deadline);
        let limits = Limits { turn: self.turn, debate: own, ..Limits::default() };
        let mut spec =
            Spec::new("Is it so?", ["yes", "no"]).with_rounds(self.rounds).with_rule(Rule::LinearPool);
        spec = spec.with_seed(self.seed).with_limits(limits).with_order(self.order);
        let mut panel: Vec<Arc<dyn Debater>> = Vec::new();
        for (n, nature) in self.seats.iter().enumerate() {
            let model = Arc::new(nature.model(self.seed.child(&format!("voice/{n}")), price));
            panel.push(Arc::new(ModelDebater::new(model, Some(Arc::clone(price)))));
            spec = spec.with_seat(Seat::new(name_of(n), "simulated"));
        }
        let mut judge: Option<Arc<dyn Judge>> = None;
        if let Some((nature, in_each_round)) = self.judge {
            let seat = JudgeSeat::new(JUDGE, "simulated");
            spec = spec.with_judge(if in_each_round { seat.in_each_round() } else { seat });
            let model = Arc::new(nature.model(self.seed.child("judge"), price));
            judge = Some(Arc::new(ModelJudge::new(model, Some(Arc::clone(price)))));
        }
        let journal = MemoryJournal::default();
        let began = Instant::now();
        let words = |e: assize_debate::Error| e.to_string();
        let mut driver = Driver::new(spec, panel).map_err(words)?.with_journal(Arc::new(journal.clone()));
        if let Some(judge) = judge {
            driver = driver.with_judge(judge).map_err(words)?;
        }
        if self.is_from_outside {
            driver = driver.with_deadline(began + self.deadline);
        }
        let conclusion = driver.run().await.map_err(words)?;
        let time = began.elapsed();
        let key = conclusion.verdict.debate.as_str().parse::<Key>().map_err(|e| e.to_string())?;
        let log = journal.read(&key).await.map_err(|e| e.to_string())?;
        let (mut judge_answered, mut assessed) = (None, None);
        for line in &log.records {
            match Record::from_line(line).map_err(words)?.event {
                Event::JudgeAsked { .. } => judge_answered = Some(false),
                Event::Assessed { round, .. } => (judge_answered, assessed) = (Some(true), Some(round)),
                _ => {}
            }
        }
        Ok(Held { conclusion, time, judge_answered, assessed })
    }

    /// In what the verdict does not say who was lost, or says so of somebody who was not.
    fn misnamed(&self, held: &Held) -> Vec<String> {
        let (verdict, named) = (&held.conclusion.verdict, held.lost());
        let mut wrong = Vec::new();
        for (n, nature) in self.seats.iter().enumerate() {
            let name = name_of(n);
            let is_named = named.contains(name.as_str());
            let spoke_in = |entry: &&assize_debate::Entry| {
                entry.seat.get() == n && matches!(entry.said, Said::Spoke { .. })
            };
            let last = held.conclusion.transcript.iter().filter(spoke_in).map(|entry| entry.round).max();
            if nature.never_answers() && last.is_some() {
                wrong.push(format!("{name} {nature:?} and spoke"));
            }
            if is_named == last.is_some() {
                wrong.push(format!(
                    "{name} spoke last in {last:?} and is {}",
                    if is_named { "lost" } else { "not" }
                ));
            }
            let stale = verdict.degradations.iter().find_map(|degradation| match degradation {
                Degradation::StaleVote { name: stale, round } if *stale == name => Some(*round),
                _ => None,
            });
            if stale != last.filter(|round| round + 1 < verdict.rounds) {
                wrong.push(format!("{name} spoke last in {last:?}, its vote is named as of {stale:?}"));
            }
        }
        let Some((nature, _)) = self.judge else { return wrong };
        if nature.never_answers() && held.assessed.is_some() {
            wrong.push(format!("the judge {nature:?} and answered"));
        }
        // It is lost if it did not answer, or if time ended before it could assess what was said last.
        let is_later = |vote: &Vote| held.assessed.is_none_or(|assessed| vote.round > assessed);
        let is_lost = held.judge_answered == Some(false) || verdict.votes.iter().any(is_later);
        if is_lost != named.contains(JUDGE) {
            wrong.push(format!(
                "the judge was {}lost, and the verdict says otherwise",
                if is_lost { "" } else { "not " }
            ));
        }
        wrong
    }
}

fn name_of(seat: usize) -> String {
    format!("voice {seat}")
}

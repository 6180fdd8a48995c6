//! Asking many questions at once, each with the same chance whoever asks it.

use std::{ops::Range, sync::Arc, thread};

use assize_ambient::Seed;
use assize_benches::{
    panels::price_of,
    quality::{Arm, Decision, Mind, Question, Record, Vendor, World, hold, hold_directly, precedents},
};
use assize_llm::{Failures, Latency};

use crate::{PRICED_AS, marks::Mark};

/// The vendor of the tables: a hosted model that is slow now and then, and never fails.
pub(crate) fn steady() -> Vendor {
    Vendor { price: Arc::new(price_of(PRICED_AS)), latency: Latency::HOSTED, failures: Failures::default() }
}

/// A world, the chance of its questions, and who answers them.
#[derive(Clone, Copy)]
pub(crate) struct Panel<'a> {
    pub(crate) world: World,
    pub(crate) mind: Mind,
    /// Worlds with the same seed ask questions that are as alike as they can be.
    pub(crate) seed: Seed,
    pub(crate) arms: &'a [Arm],
    pub(crate) truth: Truth,
}

/// So many questions are asked of a panel before another record is drawn for it.
const QUESTIONS_OF_A_RECORD: u64 = 20;

/// What is taken for the truth of a question, from the moment at which it is drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Truth {
    /// Its own.
    Own,
    /// That of the next question: its evidence says nothing about it.
    Permuted,
}

/// What all arms made of one question, and what the oracle did.
pub(crate) struct Asked {
    pub(crate) marks: Vec<Mark>,
    pub(crate) oracle: Mark,
}

impl Panel<'_> {
    fn question(&self, number: u64) -> (Question, Seed) {
        let seed = |number: u64| self.seed.child(&number.to_string());
        let mut question = self.world.question(seed(number));
        if self.truth == Truth::Permuted {
            question.truth = self.world.question(seed(number + 1)).truth;
        }
        (question, seed(number))
    }

    /// The record that is known when a question is asked: each twenty have one of their own, so that what is shown does not hang
    /// on the luck of one.
    fn record<'r>(&self, number: u64, last: &'r mut Option<(u64, Record)>) -> Result<&'r Record, String> {
        let which = number / QUESTIONS_OF_A_RECORD;
        if last.as_ref().is_none_or(|(known, _)| *known != which) {
            let seed = self.seed.child("record").child(&which.to_string());
            let record = if self.arms.iter().any(|arm| arm.needs_record()) {
                precedents(self.world, self.mind, seed)?
            } else {
                Record::unknown()
            };
            *last = Some((which, record));
        }
        last.as_ref().map(|(_, record)| record).ok_or_else(|| "know the record".to_owned())
    }

    /// Asks so many questions the whole way.
    pub(crate) fn ask(&self, questions: u64, vendor: &Vendor) -> Result<Vec<Asked>, String> {
        in_parallel(questions, |range| {
            let runtime = paused_runtime()?;
            let mut last = None;
            let asked = range.map(|number| {
                let record = self.record(number, &mut last)?;
                let (Question { posed, truth }, seed) = self.question(number);
                let mark = |arm: &Arm| {
                    let held = runtime.block_on(hold(*arm, &posed, seed, self.mind, record, vendor))?;
                    Ok(Mark::of(&held.decision(&posed, seed, arm.has_judge()), truth))
                };
                let marks = self.arms.iter().map(mark).collect::<Result<_, String>>()?;
                Ok(Asked { marks, oracle: Mark::of_oracle(&posed, truth) })
            });
            asked.collect()
        })
    }

    /// Decides so many questions the short way, with the question and its seed beside each decision.
    pub(crate) fn decide(&self, questions: u64) -> Result<Vec<(Question, Seed, Vec<Decision>)>, String> {
        in_parallel(questions, |range| {
            let mut last = None;
            let decided = range.map(|number| {
                let record = self.record(number, &mut last)?;
                let (question, seed) = self.question(number);
                let decide = |arm: &Arm| {
                    let held = hold_directly(*arm, &question.posed, seed, self.mind, record)?;
                    Ok(held.decision(&question.posed, seed, arm.has_judge()))
                };
                let decisions = self.arms.iter().map(decide).collect::<Result<_, String>>()?;
                Ok((question, seed, decisions))
            });
            decided.collect()
        })
    }

    /// Whether both ways come to the same decisions.
    pub(crate) fn both_ways_agree(&self, questions: u64, vendor: &Vendor) -> Result<bool, String> {
        let short = self.decide(questions)?;
        let whole = in_parallel(questions, |range| {
            let runtime = paused_runtime()?;
            let mut last = None;
            let decided = range.map(|number| {
                let record = self.record(number, &mut last)?;
                let (Question { posed, .. }, seed) = self.question(number);
                let decide = |arm: &Arm| {
                    let held = runtime.block_on(hold(*arm, &posed, seed, self.mind, record, vendor))?;
                    Ok(held.decision(&posed, seed, arm.has_judge()))
                };
                self.arms.iter().map(decide).collect::<Result<Vec<_>, String>>()
            });
            decided.collect()
        })?;
        Ok(short.iter().zip(&whole).all(|((_, _, short), whole)| {
            short.iter().zip(whole).all(|(short, whole)| {
                (short.option, &short.probabilities, &short.stances, short.unshared, short.calls)
                    == (whole.option, &whole.probabilities, &whole.stances, whole.unshared, whole.calls)
            })
        }))
    }
}

/// A runtime whose time is virtual: it jumps to the next timer whenever all wait.
fn paused_runtime() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .map_err(|e| e.to_string())
}

/// The results for 0 to n, in order, however many work on them.
fn in_parallel<T: Send>(
    n: u64,
    work: impl Fn(Range<u64>) -> Result<Vec<T>, String> + Sync,
) -> Result<Vec<T>, String> {
    let hands = thread::available_parallelism().map_or(1, |hands| hands.get() as u64);
    let each = n.div_ceil(hands).max(1);
    let parts = thread::scope(|scope| {
        let work = &work;
        let begun: Vec<_> = (0..hands)
            .map(|hand| scope.spawn(move || work(n.min(hand * each)..n.min((hand + 1) * each))))
            .collect();
        begun
            .into_iter()
            .map(|hand| hand.join().map_err(|_| "ask: a thread panicked".to_owned())?)
            .collect::<Result<Vec<_>, String>>()
    })?;
    Ok(parts.into_iter().flatten().collect())
}

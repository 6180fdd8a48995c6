//! What is known of a panel from earlier questions.

use assize_ambient::Seed;

use super::{World, facts::Posed, mind::Mind, reading::Seen};

/// How often each holder was right by itself on questions whose answers are known.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    right: Vec<u32>,
    of: u32,
}

/// So many earlier questions are known: few, as in life.
const PRECEDENTS: u64 = 100;
/// The record is shrunk as if so many more answers had come out like the mean of all.
const SHRINKAGE: f64 = 30.0;

/// The record of a world's panel over 100 questions, none of which is asked again.
#[must_use]
pub fn precedents(world: World, mind: Mind, seed: Seed) -> Record {
    let mut record = Record { right: Vec::new(), of: 0 };
    for number in 0..PRECEDENTS {
        let seed = seed.child("precedent").child(&number.to_string());
        let question = world.question(seed);
        record.right.resize(usize::from(question.posed.holders()), 0);
        for holder in 0..question.posed.holders() {
            let answer =
                mind.answer(&alone(&question.posed, holder), seed.child(&format!("holder {holder}")));
            record.right[usize::from(holder)] += u32::from(answer.stance == question.truth);
        }
        record.of += 1;
    }
    record
}

/// What a holder sees of a question before anybody has spoken.
fn alone(posed: &Posed, holder: u16) -> Seen {
    let mut seen = Seen { options: posed.options, ..Seen::default() };
    seen.follow(&posed.told[usize::from(holder)]);
    for fact in &posed.evidence {
        if fact.held_by.as_ref().is_none_or(|held| held.iter().any(|seat| seat.0 == holder)) {
            seen.look_at(fact.id.as_str(), &fact.text);
        }
    }
    seen
}

impl Record {
    /// The holder with the best record, the first of them.
    #[must_use]
    pub fn best(&self) -> u16 {
        let best = (0..self.right.len())
            .fold(0, |best, holder| if self.right[holder] > self.right[best] { holder } else { best });
        u16::try_from(best).unwrap_or(0)
    }

    /// What each holder's vote weighs by the record.
    #[must_use]
    pub fn weights(&self, options: usize) -> Vec<f64> {
        #[expect(clippy::cast_precision_loss, reason = "a few seats")]
        let mean = f64::from(self.right.iter().sum::<u32>()) / (f64::from(self.of) * self.right.len() as f64);
        let shrunk = |right: &u32| (f64::from(*right) + SHRINKAGE * mean) / (f64::from(self.of) + SHRINKAGE);
        self.right.iter().map(|right| vote_weight(shrunk(right), options)).collect()
    }
}

/// What a vote weighs that is right with this chance, among so many options: the log-odds against one rival (Nitzan and
/// Paroush 1982). Who does no better than chance weighs nothing.
#[must_use]
pub(super) fn vote_weight(right: f64, options: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a few options")]
    let rivals = options.saturating_sub(1).max(1) as f64;
    let right = right.clamp(0.0, 0.999);
    libm::log(rivals * right / (1.0 - right)).max(0.0)
}

//! What is known of a panel from earlier questions.

use std::sync::Arc;

use assize_ambient::Seed;
use assize_debate::{Recalibration, TrackRecord};

use super::{World, facts::Posed, mind::Mind, reading::Seen};

/// What each holder said by itself to questions whose answers are known, as the engine's rules take it.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Who was right, question by question.
    pub(super) track: Arc<TrackRecord>,
    /// What was stated, and what it was worth.
    pub(super) recalibration: Arc<Recalibration>,
    best: u16,
}

/// So many earlier questions are known: few, as in life.
const PRECEDENTS: u64 = 100;

/// The record of a world's panel over 100 questions, none of which is asked again.
///
/// # Errors
/// When the engine takes no such record: then the benchmark is wrong.
pub fn precedents(world: World, mind: Mind, seed: Seed) -> Result<Record, String> {
    let mut right: Vec<u32> = Vec::new();
    let mut stated = Vec::new();
    let mut track: Option<TrackRecord> = None;
    for number in 0..PRECEDENTS {
        let seed = seed.child("precedent").child(&number.to_string());
        let question = world.question(seed);
        let holders = question.posed.holders();
        right.resize(usize::from(holders), 0);
        let mut row = Vec::with_capacity(right.len());
        for holder in 0..holders {
            let answer =
                mind.answer(&alone(&question.posed, holder), seed.child(&format!("holder {holder}")));
            let is_right = answer.stance == question.truth;
            right[usize::from(holder)] += u32::from(is_right);
            stated.push((answer.probabilities[answer.stance], is_right));
            row.push(Some(is_right));
        }
        track
            .get_or_insert_with(|| TrackRecord::new(row.len()))
            .resolve(&row)
            .map_err(|e| format!("keep the record: {e}"))?;
    }
    let best =
        (0..right.len()).fold(0, |best, holder| if right[holder] > right[best] { holder } else { best });
    Ok(Record {
        track: Arc::new(track.unwrap_or_else(|| TrackRecord::new(0))),
        recalibration: Arc::new(Recalibration::from_outcomes(stated)),
        best: u16::try_from(best).unwrap_or(0),
    })
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
    /// Of a panel of which nothing is known.
    #[must_use]
    pub fn unknown() -> Self {
        Self {
            track: Arc::new(TrackRecord::new(0)),
            recalibration: Arc::new(Recalibration::from_outcomes([])),
            best: 0,
        }
    }

    /// The holder with the best record, the first of them.
    #[must_use]
    pub const fn best(&self) -> u16 {
        self.best
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

//! What a way to decide came to, and how it is marked.

use std::{sync::Arc, time::Duration};

use assize_ambient::Seed;
use assize_debate::{Degradation, Entry, EvidenceId, Outcome, Said, Verdict};
use assize_metering::Usd;

use super::facts::Posed;

/// A debate or a vote that was held.
#[derive(Debug, Clone)]
pub struct Held {
    /// The verdict.
    pub verdict: Arc<Verdict>,
    /// What was said.
    pub transcript: Vec<Entry>,
    /// Virtual time from question to verdict.
    pub time: Duration,
}

/// What was decided, and what it cost. It knows no truth.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The option that is taken; of those that tie, one drawn by lot.
    pub option: usize,
    /// The probability of each option: the verdict's, or the judge's scores where a judge decides.
    pub probabilities: Vec<f64>,
    /// The first and the last stance of each seat that spoke.
    pub stances: Vec<(usize, usize)>,
    /// How many of the facts that one holds alone were cited, and how many there are.
    pub unshared: (u32, u32),
    /// Calls made.
    pub calls: u32,
    /// Tokens in and out.
    pub tokens: u64,
    /// What the calls would cost.
    pub cost: Usd,
    /// Virtual time from question to verdict.
    pub time: Duration,
    /// Whether the verdict names something that is missing, beyond being simulated.
    pub is_degraded: bool,
}

impl Held {
    /// What was decided. `seed` is the question's: the same tie is broken alike in every way to decide.
    #[must_use]
    pub fn decision(&self, posed: &Posed, seed: Seed, by_judge: bool) -> Decision {
        let verdict = &self.verdict;
        let judged = verdict.assessments.last().filter(|_| by_judge).map(|judge| judge.scores.clone());
        let index = |name: &String| posed.names().iter().position(|known| known == name);
        let leaders: Vec<usize> = match &verdict.outcome {
            Outcome::Decided { option } => index(option).into_iter().collect(),
            Outcome::Tied { options } => options.iter().filter_map(index).collect(),
            _ => Vec::new(),
        };
        let option = match leaders[..] {
            [one] => one,
            [] => seed.child("lot").rng().below(posed.options),
            _ => leaders[seed.child("lot").rng().below(leaders.len())],
        };
        #[expect(clippy::cast_precision_loss, reason = "a few options")]
        let even = || vec![1.0 / posed.options as f64; posed.options];
        let tokens = verdict.tokens.map_or(0, |tokens| tokens.total_input() + tokens.total_output());
        Decision {
            option,
            probabilities: judged.or_else(|| verdict.probabilities.clone()).unwrap_or_else(even),
            stances: self.stances(),
            unshared: self.unshared(posed),
            calls: verdict.calls,
            tokens,
            cost: verdict.cost,
            time: self.time,
            is_degraded: verdict.degradations.iter().any(|missing| *missing != Degradation::Simulated),
        }
    }

    fn stances(&self) -> Vec<(usize, usize)> {
        let mut stances: Vec<Option<(usize, usize)>> = Vec::new();
        for Entry { seat, said, .. } in &self.transcript {
            let seat = seat.get();
            stances.resize(stances.len().max(seat + 1), None);
            if let Said::Spoke { utterance } = said {
                let first = stances[seat].map_or(utterance.stance, |(first, _)| first);
                stances[seat] = Some((first, utterance.stance));
            }
        }
        stances.into_iter().flatten().collect()
    }

    fn unshared(&self, posed: &Posed) -> (u32, u32) {
        let (mut cited, mut all) = (0, 0);
        for id in posed.unshared() {
            all += 1;
            cited += u32::from(self.transcript.iter().any(|entry| cites(entry, id)));
        }
        (cited, all)
    }
}

fn cites(entry: &Entry, id: &EvidenceId) -> bool {
    matches!(&entry.said, Said::Spoke { utterance } if utterance.cites().any(|cited| cited == id))
}

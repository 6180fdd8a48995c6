//! Unanimity first, a supermajority later.

use serde::{Deserialize, Serialize};

use super::{DecisionRule, Supermajority, Threshold, Unanimity};
use crate::{Election, Tally};

/// All votes must agree in the first rounds, and always when there are few of them; later, at least a share of the votes
/// cast decides. With its defaults this is the hybrid consensus of MALLM (arXiv 2509.11656; after Yin et al. 2023,
/// arXiv 2312.01823): unanimity before the fifth round or among up to three, then 0.75. There, more than the share must
/// agree, and who says nothing counts; here as much as the share is enough, and it is of the votes cast.
///
/// A debate that is over is judged by the rounds that were held: one that may hold fewer rounds than
/// `unanimous_before` always asks for unanimity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hybrid {
    /// While fewer rounds than this were held, all must agree. A vote without rounds counts as a late one.
    #[serde(default = "five")]
    pub unanimous_before: u32,
    /// Up to so many votes, all must agree.
    #[serde(default = "three")]
    pub few: u32,
    /// Afterwards, the share of the votes cast that it takes.
    #[serde(default = "three_quarters")]
    pub threshold: Threshold,
}

const fn five() -> u32 {
    5
}

const fn three() -> u32 {
    3
}

const fn three_quarters() -> Threshold {
    Threshold::THREE_QUARTERS
}

impl Hybrid {
    /// As MALLM has it.
    pub const MALLM: Self = Self { unanimous_before: five(), few: three(), threshold: three_quarters() };
}

impl Default for Hybrid {
    fn default() -> Self {
        Self::MALLM
    }
}

impl Hybrid {
    /// The share that it takes of so many votes after so many rounds; `None`: all of them.
    pub(super) fn share(self, rounds: Option<u32>, votes: usize) -> Option<Threshold> {
        let early = rounds.is_some_and(|rounds| rounds < self.unanimous_before);
        (!early && votes > self.few as usize).then_some(self.threshold)
    }
}

impl DecisionRule for Hybrid {
    fn decide(&self, election: Election<'_>) -> Tally {
        match self.share(election.rounds, election.ballots.len()) {
            Some(threshold) => Supermajority { threshold }.decide(election),
            None => Unanimity.decide(election),
        }
    }
}

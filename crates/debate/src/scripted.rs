//! A debater that says what it was told to say.

use crate::{AbstainReason, Abstention, Debater, Speech, Turn, Utterance};

/// Says at once, round by round, what it was given; in later rounds, the last of it again.
#[derive(Debug, Clone, Default)]
pub struct ScriptedDebater {
    rounds: Vec<Result<Utterance, Abstention>>,
}

impl ScriptedDebater {
    /// A debater with a script: one entry a round.
    pub fn new(rounds: impl IntoIterator<Item = Result<Utterance, Abstention>>) -> Self {
        Self { rounds: rounds.into_iter().collect() }
    }

    /// A debater that says the same in every round.
    #[must_use]
    pub fn always(utterance: Utterance) -> Self {
        Self::new([Ok(utterance)])
    }
}

impl Debater for ScriptedDebater {
    fn speak(&self, turn: Turn) -> Speech {
        let said = self.rounds.get(turn.round() as usize).or(self.rounds.last());
        let silent = || Err(Abstention::new(AbstainReason::NoEvidence, "the script is empty"));
        Speech::immediate(said.cloned().unwrap_or_else(silent))
    }
}

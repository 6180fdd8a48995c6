//! Ballots, and what a rule makes of them.

use crate::SeatIndex;

/// A seat's standing vote when a decision is taken. Who abstains has none.
#[derive(Debug, Clone, PartialEq)]
pub struct Ballot {
    /// Whose it is.
    pub seat: SeatIndex,
    /// The option stood for.
    pub stance: usize,
    /// The probability of each option, if stated.
    pub probabilities: Option<Vec<f64>>,
    /// Stated confidence in the stance, 0.0 to 1.0.
    pub confidence: Option<f64>,
    /// The seat's weight.
    pub weight: f64,
}

impl Ballot {
    /// How sure the debater is of its stance among `options`: as stated, else the stated probability of the stance, else
    /// halfway between knowing nothing and certainty: a bare stance counts for its option, but not as a certainty.
    #[must_use]
    pub fn sureness(&self, options: usize) -> f64 {
        let stated = self.probabilities.as_ref().and_then(|p| p.get(self.stance)).copied();
        #[expect(clippy::cast_precision_loss, reason = "a few options")]
        let nothing = 1.0 / options.max(1) as f64;
        self.confidence.or(stated).unwrap_or(f64::midpoint(nothing, 1.0))
    }

    /// The probability that the ballot gives to `option` of `options`: as stated; else the sureness for the stance, and
    /// what remains spread evenly over the others.
    #[must_use]
    pub fn probability(&self, option: usize, options: usize) -> f64 {
        if let Some(p) = &self.probabilities {
            return p.get(option).copied().unwrap_or(0.0);
        }
        let sure = self.sureness(options);
        if option == self.stance {
            return sure;
        }
        #[expect(clippy::cast_precision_loss, reason = "a few options")]
        let others = options.saturating_sub(1).max(1) as f64;
        (1.0 - sure) / others
    }
}

/// The score of each option under a rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Tally {
    /// One score an option, at least 0; all 0 when nobody voted.
    pub scores: Vec<f64>,
}

impl Tally {
    /// The options with the highest score: one is a decision, several a tie, none when nobody voted. Scores that differ
    /// by less than one part in 10^9 are equal: rounding must not decide.
    #[must_use]
    pub fn leaders(&self) -> Vec<usize> {
        let best = self.scores.iter().copied().fold(0.0, f64::max);
        if best <= 0.0 {
            return Vec::new();
        }
        (0..self.scores.len()).filter(|&option| self.scores[option] >= best * (1.0 - 1e-9)).collect()
    }

    /// The scores as shares of their sum; all 0 when nobody voted.
    #[must_use]
    pub fn shares(&self) -> Vec<f64> {
        let sum: f64 = self.scores.iter().sum();
        self.scores.iter().map(|score| if sum > 0.0 { score / sum } else { 0.0 }).collect()
    }
}

//! Ballots, and what a rule makes of them.

use crate::SeatIndex;

/// A seat's standing vote when a decision is taken. Who abstains has none.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
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
    /// A bare vote of weight 1.
    #[must_use]
    pub const fn new(seat: SeatIndex, stance: usize) -> Self {
        Self { seat, stance, probabilities: None, confidence: None, weight: 1.0 }
    }

    /// How sure the debater is of its stance, 0.0 to 1.0: as stated, else the stated probability of the stance, else 0.5.
    #[must_use]
    pub fn sureness(&self) -> f64 {
        let stated = self.probabilities.as_ref().and_then(|p| p.get(self.stance)).copied();
        self.confidence.or(stated).unwrap_or(0.5)
    }

    /// The probability that the ballot gives to `option` of `options`: as stated. Without stated probabilities the
    /// confidence moves the stance from knowing nothing (0.0: all options alike) to certainty (1.0), and what remains is
    /// spread evenly over the others: a stance, however unsure, never speaks for another option.
    #[must_use]
    pub fn probability(&self, option: usize, options: usize) -> f64 {
        if let Some(p) = &self.probabilities {
            return p.get(option).copied().unwrap_or(0.0);
        }
        #[expect(clippy::cast_precision_loss, reason = "a few options")]
        let n = options.max(1) as f64;
        let of_the_stance = (1.0 - 1.0 / n).mul_add(self.sureness(), 1.0 / n);
        if option == self.stance { of_the_stance } else { (1.0 - of_the_stance) / (n - 1.0).max(1.0) }
    }
}

/// What a rule decides upon: the options and the standing ballots.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Election<'a> {
    /// How many options there are.
    pub options: usize,
    /// The ballots, by seat.
    pub ballots: &'a [Ballot],
}

impl<'a> Election<'a> {
    /// An election among `options` options.
    #[must_use]
    pub const fn new(options: usize, ballots: &'a [Ballot]) -> Self {
        Self { options, ballots }
    }
}

/// Who leads under a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lead {
    /// Nobody: there was no vote that counts.
    Nobody,
    /// This option.
    One(usize),
    /// These options, equally.
    Tie(Vec<usize>),
}

/// The score of each option under a rule, and who leads by it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Tally {
    /// One score an option, at least 0; all 0 when nobody voted.
    pub scores: Vec<f64>,
    /// Who leads.
    pub lead: Lead,
}

impl Tally {
    /// A tally in which the highest score leads. Scores that differ by less than one part in 10^9 are equal: rounding must
    /// not decide.
    #[must_use]
    pub fn by_score(scores: Vec<f64>) -> Self {
        let best = scores.iter().copied().fold(0.0, f64::max);
        let leads = |option: &usize| best > 0.0 && scores[*option] >= best * (1.0 - 1e-9);
        let leaders: Vec<usize> = (0..scores.len()).filter(leads).collect();
        let lead = match leaders[..] {
            [] => Lead::Nobody,
            [one] => Lead::One(one),
            _ => Lead::Tie(leaders),
        };
        Self { scores, lead }
    }

    /// The options that lead: one, several in a tie, or none.
    #[must_use]
    pub fn leaders(&self) -> &[usize] {
        match &self.lead {
            Lead::Nobody => &[],
            Lead::One(one) => std::slice::from_ref(one),
            Lead::Tie(leaders) => leaders,
        }
    }

    /// The scores as shares of their sum; all 0 when nobody voted.
    #[must_use]
    pub fn shares(&self) -> Vec<f64> {
        let sum: f64 = self.scores.iter().sum();
        self.scores.iter().map(|score| if sum > 0.0 { score / sum } else { 0.0 }).collect()
    }
}

//! Ballots, and what a rule makes of them.

use crate::{Recalibration, SeatIndex, TrackRecord};

/// The most points that a ballot gives to one option.
pub(crate) const MAX_POINTS: f64 = 10.0;

/// Probabilities that differ by less are equal.
const SAME: f64 = 1e-9;

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
    /// The options from the best to the worst, if ranked. Those that are not named stand together behind the rest.
    pub ranking: Option<Vec<usize>>,
    /// The options that the debater could accept, if it says so.
    pub approved: Option<Vec<usize>>,
    /// Points for each option, 0 to 10, if given.
    pub points: Option<Vec<f64>>,
    /// The option that is the debater's own proposal, where the options are proposals of the debaters.
    pub own: Option<usize>,
    /// The seat's weight.
    pub weight: f64,
}

impl Ballot {
    /// A bare vote of weight 1.
    #[must_use]
    pub const fn new(seat: SeatIndex, stance: usize) -> Self {
        Self {
            seat,
            stance,
            probabilities: None,
            confidence: None,
            ranking: None,
            approved: None,
            points: None,
            own: None,
            weight: 1.0,
        }
    }

    /// The same with a ranking, the best option first.
    #[must_use]
    pub fn with_ranking(mut self, ranking: impl Into<Vec<usize>>) -> Self {
        self.ranking = Some(ranking.into());
        self
    }

    /// The same with the option that is the debater's own proposal.
    #[must_use]
    pub const fn with_own(mut self, option: usize) -> Self {
        self.own = Some(option);
        self
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

    /// The place of each of `options` options in the ballot's order of preference, 0 for the best; equal places are equal
    /// to the debater. As ranked; without a ranking the stance comes first, and the others follow by their stated
    /// probability, or all together.
    #[must_use]
    pub fn places(&self, options: usize) -> Vec<usize> {
        if let Some(ranking) = &self.ranking {
            let place = |option| ranking.iter().position(|ranked| *ranked == option).unwrap_or(ranking.len());
            return (0..options).map(place).collect();
        }
        let mut places = vec![1; options];
        if let Some(p) = self.probabilities.as_ref().filter(|p| p.len() == options) {
            let mut order: Vec<usize> = (0..options).filter(|option| *option != self.stance).collect();
            order.sort_by(|a, b| p[*b].total_cmp(&p[*a]));
            for pair in order.windows(2) {
                places[pair[1]] = places[pair[0]] + usize::from(p[pair[0]] - p[pair[1]] > SAME);
            }
        }
        if let Some(stance) = places.get_mut(self.stance) {
            *stance = 0;
        }
        places
    }

    /// Whether the debater could accept `option` of `options`: as stated. Without a statement it accepts its stance, and
    /// what it holds for at least as probable as if nothing were known.
    #[must_use]
    pub fn approves(&self, option: usize, options: usize) -> bool {
        if let Some(approved) = &self.approved {
            return approved.contains(&option);
        }
        let likely = |p: &Vec<f64>| {
            #[expect(clippy::cast_precision_loss, reason = "a few options")]
            let chance = 1.0 / options.max(1) as f64;
            p.get(option).is_some_and(|p| *p >= chance - SAME)
        };
        option == self.stance || self.probabilities.as_ref().is_some_and(likely)
    }

    /// The points that the ballot gives to `option` of `options`, 0 to 10: as stated, else ten times its
    /// [`probability`](Self::probability).
    #[must_use]
    pub fn points_for(&self, option: usize, options: usize) -> f64 {
        match &self.points {
            Some(points) => points.get(option).copied().unwrap_or(0.0),
            None => MAX_POINTS * self.probability(option, options),
        }
    }
}

/// What a rule decides upon: the options and the standing ballots, and for the rules that need it what else is known.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Election<'a> {
    /// How many options there are.
    pub options: usize,
    /// The ballots, by seat.
    pub ballots: &'a [Ballot],
    /// How many rounds were held, where rounds were held.
    pub rounds: Option<u32>,
    /// The stances of each round, by seat; `None` for who was silent in it. Empty where nobody kept them.
    pub history: &'a [Vec<Option<usize>>],
    /// A judge's score of each option, at least 0, where there was a judge.
    pub judgement: Option<&'a [f64]>,
    /// What stated confidence has been worth.
    pub recalibration: Option<&'a Recalibration>,
    /// How often each seat has been right.
    pub record: Option<&'a TrackRecord>,
}

impl<'a> Election<'a> {
    /// An election among `options` options, of which only the ballots are known.
    #[must_use]
    pub const fn new(options: usize, ballots: &'a [Ballot]) -> Self {
        Self {
            options,
            ballots,
            rounds: None,
            history: &[],
            judgement: None,
            recalibration: None,
            record: None,
        }
    }

    /// The same after so many rounds.
    #[must_use]
    pub const fn with_rounds(mut self, rounds: u32) -> Self {
        self.rounds = Some(rounds);
        self
    }

    /// The same with the stances of each round.
    #[must_use]
    pub const fn with_history(mut self, history: &'a [Vec<Option<usize>>]) -> Self {
        self.history = history;
        self
    }

    /// The same with a judge's score of each option.
    #[must_use]
    pub const fn with_judgement(mut self, scores: &'a [f64]) -> Self {
        self.judgement = Some(scores);
        self
    }

    /// The same with what stated confidence has been worth.
    #[must_use]
    pub const fn with_recalibration(mut self, table: &'a Recalibration) -> Self {
        self.recalibration = Some(table);
        self
    }

    /// The same with how often each seat has been right.
    #[must_use]
    pub const fn with_record(mut self, record: &'a TrackRecord) -> Self {
        self.record = Some(record);
        self
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
    /// Nobody: the foremost have fewer votes than the rule asks for. Shares are of the votes cast; who abstains is in
    /// neither number.
    Short {
        /// The options with the most votes.
        foremost: Vec<usize>,
        /// The votes of each of them.
        votes: u32,
        /// The votes that it takes.
        needed: u32,
        /// The votes cast.
        cast: u32,
    },
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

    /// A tally in which the option with the most votes leads, if it has as many as are needed.
    #[must_use]
    pub fn by_votes(votes: &[u32], needed: u32) -> Self {
        let best = votes.iter().copied().max().unwrap_or(0);
        let foremost: Vec<usize> = (0..votes.len()).filter(|option| votes[*option] == best).collect();
        let lead = match foremost[..] {
            _ if best == 0 => Lead::Nobody,
            _ if best < needed => Lead::Short { foremost, votes: best, needed, cast: votes.iter().sum() },
            [one] => Lead::One(one),
            _ => Lead::Tie(foremost),
        };
        Self { scores: votes.iter().copied().map(f64::from).collect(), lead }
    }

    /// A tally in which nobody leads: there was nothing to count.
    #[must_use]
    pub fn nobody(options: usize) -> Self {
        Self { scores: vec![0.0; options], lead: Lead::Nobody }
    }

    /// The options that lead: one, several in a tie, or none.
    #[must_use]
    pub fn leaders(&self) -> &[usize] {
        match &self.lead {
            Lead::Nobody | Lead::Short { .. } => &[],
            Lead::One(one) => std::slice::from_ref(one),
            Lead::Tie(leaders) => leaders,
        }
    }

    /// The options that lead, or that came nearest to it.
    #[must_use]
    pub fn foremost(&self) -> &[usize] {
        match &self.lead {
            Lead::Short { foremost, .. } => foremost,
            _ => self.leaders(),
        }
    }

    /// The scores as shares of their sum; all 0 when nobody voted.
    #[must_use]
    pub fn shares(&self) -> Vec<f64> {
        let sum: f64 = self.scores.iter().sum();
        self.scores.iter().map(|score| if sum > 0.0 { score / sum } else { 0.0 }).collect()
    }
}

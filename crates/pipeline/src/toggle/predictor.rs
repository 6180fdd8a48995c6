//! What panels take, learnt as they go.

use std::{collections::BTreeMap, time::Duration};

use assize_metering::Usd;
use serde::{Deserialize, Serialize};

use super::{
    Basis, CostEstimate, Plan, Prediction, Prior, Sketch, TimeEstimate, micros,
    ratios::{Factors, Ratios},
    sketch::{ONE, WHOLE},
};

/// Kinds of panels that a predictor knows at most; beyond them the one that was heard of longest ago is forgotten.
pub const MOST_KINDS: usize = 256;
/// Characters of a name; further ones are cut off.
const LONGEST_NAME: usize = 200;
/// After so many turns one weighs about e⁻¹.
const TURNS_REMEMBERED: u32 = 512;
/// Turns from which on they are believed rather than what was declared.
const ENOUGH_TURNS: u64 = 10 * ONE;

/// Whose debates are alike: the panel, such as the names of its models, and what it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(from = "NamedKind")]
pub struct PanelKind {
    /// The panel, such as the names of its models.
    panel: String,
    /// What it is asked for.
    purpose: String,
}

impl PanelKind {
    /// A kind of panel. Of each name the first 200 characters count.
    pub fn new(panel: impl Into<String>, purpose: impl Into<String>) -> Self {
        let cut = |name: String| match name.char_indices().nth(LONGEST_NAME) {
            Some((at, _)) => name[..at].to_owned(),
            None => name,
        };
        Self { panel: cut(panel.into()), purpose: cut(purpose.into()) }
    }

    /// The panel's name.
    #[must_use]
    pub fn panel(&self) -> &str {
        &self.panel
    }

    /// What it is asked for.
    #[must_use]
    pub fn purpose(&self) -> &str {
        &self.purpose
    }
}

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct NamedKind {
    panel: String,
    purpose: String,
}

impl From<NamedKind> for PanelKind {
    fn from(named: NamedKind) -> Self {
        Self::new(named.panel, named.purpose)
    }
}

/// One answer of one debater.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// How long it took.
    pub took: Duration,
    /// What it cost.
    pub cost: Usd,
}

/// A debate that was held, or a vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held<'a> {
    /// What it could have been: not the rounds it had, but those it might have had.
    pub plan: Plan,
    /// Every turn taken.
    pub turns: &'a [Turn],
    /// How long it took.
    pub took: Duration,
    /// What it cost.
    pub cost: Usd,
    /// Whether it was cut short by a deadline or a budget, or by a voice that could not be asked: what it would have taken is not known then.
    pub cut_short: bool,
}

/// Learns what the debates of each kind of panel take, and predicts it.
///
/// A debate is expected to take as many turns, one batch after another, as its plan has; the time of a batch is the median
/// of the slowest of its turns, were they independent. Independent they are not, nor do all rounds cost the same, nor is every round
/// held: hence it is learnt besides how debates went against that expectation, and the p50 and p90 are those of that ratio
/// ([`Sketch::bound`]). An expectation is held against a debate before its turns are learnt from, so that nothing
/// is judged by itself.
///
/// What is old is forgotten: after 512 turns and 100 debates a turn and a debate weigh about e⁻¹ of what they did.
///
/// ```
/// use std::time::Duration;
///
/// use assize_metering::Usd;
/// use assize_pipeline::toggle::{Held, PanelKind, Plan, Predictor, Prior, Turn};
///
/// let (kind, plan) = (PanelKind::new("three of gpt-4o-mini", "brief"), Plan { rounds: 2, seats: 3, at_once: 3 });
/// let prior = Prior { turn_time: Duration::from_secs(9), turn_cost: Usd::ZERO, spread_percent: 200 };
/// let mut predictor = Predictor::new();
/// assert_eq!(predictor.predict(&kind, plan, &prior).time.p90, Duration::from_secs(36));
///
/// let turns = [Turn { took: Duration::from_secs(2), cost: Usd::ZERO }; 6];
/// let took = Duration::from_secs(4);
/// for _ in 0..20 {
///     predictor.learn(&kind, &Held { plan, turns: &turns, took, cost: Usd::ZERO, cut_short: false });
/// }
/// let time = predictor.predict(&kind, plan, &prior).time;
/// assert!(took <= time.p90 && time.p90 < Duration::from_millis(4_200), "{time:?}");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Predictor {
    pub(super) kinds: BTreeMap<PanelKind, Known>,
    /// How many things were heard of.
    pub(super) heard: u64,
}

/// What is known of a kind of panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known {
    /// When it was last heard of, by the predictor's count.
    pub(super) heard: u64,
    /// Microseconds a turn.
    pub(super) turn_time: Sketch,
    /// Picodollars a turn.
    pub(super) turn_cost: Sketch,
    pub(super) time: Ratios,
    pub(super) cost: Ratios,
}

impl Default for Known {
    fn default() -> Self {
        Self {
            heard: 0,
            turn_time: Sketch::remembering(TURNS_REMEMBERED),
            turn_cost: Sketch::remembering(TURNS_REMEMBERED),
            time: Ratios::default(),
            cost: Ratios::default(),
        }
    }
}

impl Known {
    /// The expected microseconds and picodollars, if enough turns are known.
    fn expectation(&self, plan: Plan) -> Option<(u128, u128)> {
        if self.turn_time.weight() < ENOUGH_TURNS {
            return None;
        }
        let batch = self.turn_time.quantile(median_of_the_slowest(plan.batch()))?;
        Some((batch.saturating_mul(plan.batches()), self.turn_cost.mean()?.saturating_mul(plan.turns())))
    }
}

impl Predictor {
    /// One that has learnt nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The kinds of panels it knows.
    pub fn kinds(&self) -> impl Iterator<Item = &PanelKind> {
        self.kinds.keys()
    }

    /// What a debate will take; from `prior` as long as too little is known.
    #[must_use]
    pub fn predict(&self, kind: &PanelKind, plan: Plan, prior: &Prior) -> Prediction {
        let known = self.kinds.get(kind);
        let learnt = known.and_then(|known| Some((known, known.expectation(plan)?)));
        let Some((known, (time, cost))) = learnt else {
            let time = micros::of(prior.turn_time).saturating_mul(plan.batches());
            let cost = picodollars(prior.turn_cost).saturating_mul(plan.turns());
            let factors = Ratios::default().factors(plan.rounds, prior.spread_percent);
            return prediction(plan, (time, factors), (cost, factors), Basis::Prior);
        };
        let of_time = known.time.factors(plan.rounds, prior.spread_percent);
        let of_cost = known.cost.factors(plan.rounds, prior.spread_percent);
        let turns = known.turn_time.count();
        let basis = match of_time.debates {
            0 => Basis::Turns { turns },
            debates => Basis::Debates { turns, debates },
        };
        prediction(plan, (time, of_time), (cost, of_cost), basis)
    }

    /// Learns from a debate that was held. Of one that was cut short is learnt that it takes what it took, or what the p90
    /// said if that is more: never that such debates are fast.
    pub fn learn(&mut self, kind: &PanelKind, held: &Held<'_>) {
        let known = self.known(kind);
        if let Some((time, cost)) = known.expectation(held.plan) {
            let rounds = held.plan.rounds;
            let (mut took, mut spent) = (micros::of(held.took), picodollars(held.cost));
            if held.cut_short {
                took = took.max(times(time.max(1), known.time.factors(rounds, 100).p90));
                spent = spent.max(times(cost.max(1), known.cost.factors(rounds, 100).p90));
            }
            known.time.learn(rounds, time, took);
            known.cost.learn(rounds, cost, spent);
        }
        for turn in held.turns {
            known.turn_time.add(micros::of(turn.took));
            known.turn_cost.add(picodollars(turn.cost));
        }
    }

    /// Notes that a ticker was skipped. Whoever is never asked cannot show that it has become faster: an eighth of what is
    /// known of this kind is forgotten, until what was declared counts again and it is given another try.
    pub fn forgo(&mut self, kind: &PanelKind) {
        let known = self.known(kind);
        known.turn_time.fade(7, 8);
        known.turn_cost.fade(7, 8);
    }

    /// Takes in what another predictor learnt from other debates. Debates that both learnt from count twice.
    pub fn merge(&mut self, other: &Self) {
        for (kind, theirs) in &other.kinds {
            let ours = self.known(kind);
            ours.turn_time.merge(&theirs.turn_time);
            ours.turn_cost.merge(&theirs.turn_cost);
            ours.time.merge(&theirs.time);
            ours.cost.merge(&theirs.cost);
        }
    }

    fn known(&mut self, kind: &PanelKind) -> &mut Known {
        self.heard = self.heard.saturating_add(1);
        if self.kinds.len() >= MOST_KINDS && !self.kinds.contains_key(kind) {
            let oldest = self.kinds.iter().min_by_key(|(_, known)| known.heard).map(|(kind, _)| kind.clone());
            oldest.and_then(|kind| self.kinds.remove(&kind));
        }
        let known = self.kinds.entry(kind.clone()).or_default();
        known.heard = self.heard;
        known
    }
}

fn prediction(plan: Plan, time: (u128, Factors), cost: (u128, Factors), basis: Basis) -> Prediction {
    let after = |(expected, factors): (u128, Factors)| {
        // A ratio to nothing is kept as a ratio to the least there is.
        let expected = if factors.debates > 0 { expected.max(1) } else { expected };
        let p50 = times(expected, factors.p50);
        (p50, times(expected, factors.p90).max(p50))
    };
    let (time, cost) = (after(time), after(cost));
    Prediction {
        plan,
        time: TimeEstimate { p50: micros::duration(time.0), p90: micros::duration(time.1) },
        cost: CostEstimate { p50: usd(cost.0), p90: usd(cost.1) },
        basis,
    }
}

/// So many millionths of an expectation, rounded up.
fn times(expected: u128, millionths: u128) -> u128 {
    let whole = u128::from(WHOLE);
    let beyond = || (expected / whole).saturating_mul(millionths);
    expected.checked_mul(millionths).map_or_else(beyond, |product| product.div_ceil(whole))
}

/// The picodollars of a cost; a refund counts as nothing.
fn picodollars(cost: Usd) -> u128 {
    u128::try_from(cost.picodollars()).unwrap_or(0)
}

fn usd(picodollars: u128) -> Usd {
    i128::try_from(picodollars).map_or(Usd::MAX, Usd::from_picodollars)
}

/// The level, in millionths, at which one turn must be so that of `n` independent ones the slowest is its median there:
/// 2^(−1/n), rounded up.
fn median_of_the_slowest(n: u32) -> u64 {
    let whole = u128::from(WHOLE);
    let none_is_slower = |level: u64| {
        // Square and multiply, in millionths of millionths.
        let (mut power, mut base, mut left) = (whole * whole, u128::from(level) * whole, n.max(1));
        while left > 0 {
            if left % 2 == 1 {
                power = power * base / (whole * whole);
            }
            base = base * base / (whole * whole);
            left /= 2;
        }
        power
    };
    let (mut low, mut high) = (WHOLE / 2, WHOLE);
    while low < high {
        let middle = u64::midpoint(low, high);
        if none_is_slower(middle) * 2 >= whole * whole { high = middle } else { low = middle + 1 }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_of_many_is_slower() {
        let levels = [1, 2, 3, 5, 10, 100].map(median_of_the_slowest);
        assert_eq!(levels, [500_000, 707_107, 793_701, 870_551, 933_033, 993_093]);
        assert_eq!(median_of_the_slowest(u32::MAX), WHOLE);
    }

    #[test]
    fn the_kind_heard_of_longest_ago_makes_room() {
        let mut predictor = Predictor::new();
        let kind = |n: usize| PanelKind::new(format!("panel {n}"), "brief");
        (0..MOST_KINDS).for_each(|n| predictor.forgo(&kind(n)));
        predictor.forgo(&kind(0));
        predictor.forgo(&kind(MOST_KINDS));
        assert_eq!(predictor.kinds().count(), MOST_KINDS);
        let knows = |n| predictor.kinds().any(|known| *known == kind(n));
        assert_eq!((knows(0), knows(1), knows(MOST_KINDS)), (true, false, true));
    }

    #[test]
    fn a_long_name_is_cut_between_characters() {
        let kind = PanelKind::new("é".repeat(300), "brief");
        assert_eq!((kind.panel(), kind.purpose()), ("é".repeat(200).as_str(), "brief"));
    }

    #[test]
    fn figures_without_bound_are_survived() {
        let (kind, plan) = (PanelKind::new("p", "q"), Plan { rounds: u32::MAX, seats: u32::MAX, at_once: 0 });
        let prior = Prior { turn_time: Duration::MAX, turn_cost: Usd::MAX, spread_percent: u32::MAX };
        let mut predictor = Predictor::new();
        assert_eq!(predictor.predict(&kind, plan, &prior).cost.p90, Usd::MAX);
        let turns =
            [Turn { took: Duration::MAX, cost: Usd::MIN }, Turn { took: Duration::ZERO, cost: Usd::MAX }];
        for _ in 0..40 {
            let held = Held { plan, turns: &turns, took: Duration::MAX, cost: Usd::MAX, cut_short: true };
            predictor.learn(&kind, &held);
        }
        let prediction = predictor.predict(&kind, plan, &prior);
        assert!(prediction.basis.debates() > 25, "{prediction:?}");
        assert!(prediction.time.p50 <= prediction.time.p90, "{prediction:?}");
    }
}

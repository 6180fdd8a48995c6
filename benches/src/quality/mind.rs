//! How a debater behaves: declared, never fitted to a result.

use assize_ambient::{Chance, Seed};
use assize_llm::ChatRequest;
use serde_json::{Map, Value, json};

use super::{
    facts::{NAMES, softmax},
    reading::{Seen, reason},
};

/// How a belief follows the beliefs of others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Dynamics {
    /// By evidence: each fact is weighed once, whoever brought it. Others move it by [`Mind::conformity`] alone.
    Bayesian,
    /// A mean of its own belief and those of the others (`DeGroot` 1974).
    DeGroot {
        /// The weight of the others' mean, 0.0 to 1.0.
        trust: f64,
    },
    /// The same mean of all, held back by what it thinks by itself (Friedkin and Johnsen 1990).
    FriedkinJohnsen {
        /// The weight of what it thinks by itself, 0.0 to 1.0.
        stubbornness: f64,
    },
    /// The mean of those beliefs that are near its own (Hegselmann and Krause 2002).
    HegselmannKrause {
        /// The largest difference in the probability of any option that is near.
        epsilon: f64,
    },
    /// Now and then it takes over what another one said, whoever that is (the voter model: Clifford and Sudbury 1973). The
    /// share of those who are right stays the same in the mean: nothing is learnt.
    Copying {
        /// How often it does, 0.0 to 1.0.
        chance: f64,
    },
}

impl Dynamics {
    /// A name for reports.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Bayesian => "Bayesian".to_owned(),
            Self::DeGroot { trust } => format!("DeGroot, trust {trust}"),
            Self::FriedkinJohnsen { stubbornness } => {
                format!("Friedkin–Johnsen, stubbornness {stubbornness}")
            }
            Self::HegselmannKrause { epsilon } => format!("Hegselmann–Krause, ε = {epsilon}"),
            Self::Copying { chance } => format!("copying, chance {chance}"),
        }
    }
}

/// A debater's behaviour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mind {
    /// How it follows others.
    pub dynamics: Dynamics,
    /// Standard deviation of the noise on its log-odds, fresh in every call: what a temperature does.
    pub noise: f64,
    /// The chance that it mentions a fact that it can see, in each call.
    pub sharing: f64,
    /// The same where it is told to state every fact.
    pub sharing_when_told: f64,
    /// How far it leans towards the stances of the others: the log-odds that a unanimous panel adds.
    pub conformity: f64,
    /// The same where it is told not to follow the others.
    pub conformity_when_told: f64,
}

/// Nobody says that it is surer than this.
const SUREST: f64 = 0.998;
/// How sure an advocate says that it is.
const PLEADED: f64 = 0.97;

impl Mind {
    /// The behaviour of all arms. Unprompted groups mention about a third of what they could (hidden profiles were solved in
    /// 30.1 % of cases by models, against 80.7 % with all facts at hand: arXiv 2505.11556); a panel is followed more often
    /// than not (arXiv 2605.00914). The report shows other values beside these.
    pub const DECLARED: Self = Self {
        dynamics: Dynamics::Bayesian,
        noise: 0.3,
        sharing: 0.3,
        sharing_when_told: 0.9,
        conformity: 1.0,
        conformity_when_told: 0.2,
    };

    /// One that says all that it knows, without noise, and follows nobody.
    pub const OPEN: Self = Self {
        dynamics: Dynamics::Bayesian,
        noise: 0.0,
        sharing: 1.0,
        sharing_when_told: 1.0,
        conformity: 0.0,
        conformity_when_told: 0.0,
    };

    /// What it answers to a prompt, in the JSON that the prompt asks for. `seed` is its own, for this question.
    #[must_use]
    pub fn reply(self, request: &ChatRequest, seed: Seed) -> String {
        self.answer(&Seen::of(request), seed).json()
    }

    /// What it answers to what it has seen.
    pub(super) fn answer(self, seen: &Seen, seed: Seed) -> Answer {
        let mut chance = seed.child(&format!("round {}", seen.round)).rng();
        if let Some(option) = seen.pleads_for {
            #[expect(clippy::cast_precision_loss, reason = "a few options")]
            let rest = (1.0 - PLEADED) / (seen.options - 1).max(1) as f64;
            let mut belief = vec![rest; seen.options];
            belief[option] = PLEADED;
            return Answer::new(&belief, &vec![0.0; seen.options], Vec::new());
        }
        let evidence = evidence(seen);
        let belief = self.belief(seen, &evidence, &mut chance);
        let sharing = if seen.told_to_tell { self.sharing_when_told } else { self.sharing };
        let cites = seen.facts.iter().filter(|_| chance.happens(sharing)).map(|(id, _)| id.clone()).collect();
        Answer::new(&belief, &evidence, cites)
    }

    fn belief(self, seen: &Seen, evidence: &[f64], chance: &mut Chance) -> Vec<f64> {
        // The difference of two is normal with the noise as its deviation.
        let spread = self.noise / std::f64::consts::SQRT_2;
        let alone: Vec<f64> = evidence.iter().map(|log| spread.mul_add(chance.normal(), *log)).collect();
        let (Some(own), false) = (&seen.own, seen.others.is_empty()) else { return softmax(&alone) };
        match self.dynamics {
            Dynamics::Bayesian => {
                let conformity = if seen.told_to_tell { self.conformity_when_told } else { self.conformity };
                #[expect(clippy::cast_precision_loss, reason = "a few seats")]
                let each = conformity / seen.others.len() as f64;
                let mut logs = alone;
                seen.others.iter().for_each(|other| logs[other.stance] += each);
                softmax(&logs)
            }
            Dynamics::Copying { chance: copies } => {
                let other = &seen.others[chance.below(seen.others.len())];
                if chance.happens(copies) { other.belief.clone() } else { own.belief.clone() }
            }
            Dynamics::DeGroot { trust } => {
                let others = mean(seen.others.iter().map(|other| &*other.belief), seen.options);
                mixed(&updated(own, evidence), &others, trust)
            }
            Dynamics::FriedkinJohnsen { stubbornness } => {
                let own = updated(own, evidence);
                let all = seen.others.iter().map(|other| &*other.belief).chain([&*own]);
                mixed(&mean(all, seen.options), &softmax(evidence), stubbornness)
            }
            Dynamics::HegselmannKrause { epsilon } => {
                let own = updated(own, evidence);
                let is_near = |belief: &&[f64]| {
                    belief.iter().zip(&own).all(|(one, other)| (one - other).abs() <= epsilon)
                };
                let near = seen.others.iter().map(|other| &*other.belief).filter(is_near);
                mean(near.chain([&*own]), seen.options)
            }
        }
    }
}

/// The log weights of all that it knows.
fn evidence(seen: &Seen) -> Vec<f64> {
    let mut logs = seen.impression.clone().unwrap_or_else(|| vec![0.0; seen.options]);
    for (_, weights) in &seen.facts {
        logs.iter_mut().zip(weights).for_each(|(log, weight)| *log += weight);
    }
    logs
}

/// What it said last, moved by what it has learnt since.
fn updated(own: &super::reading::Statement, evidence: &[f64]) -> Vec<f64> {
    let before = own.evidence.as_deref().unwrap_or(evidence);
    let learnt = evidence.iter().zip(before).map(|(now, before)| now - before);
    let logs: Vec<f64> =
        own.belief.iter().zip(learnt).map(|(p, learnt)| libm::log(p.max(1e-9)) + learnt).collect();
    softmax(&logs)
}

fn mean<'a>(beliefs: impl Iterator<Item = &'a [f64]>, options: usize) -> Vec<f64> {
    let (mut sum, mut n) = (vec![0.0; options], 0.0);
    for belief in beliefs {
        sum.iter_mut().zip(belief).for_each(|(sum, p)| *sum += p);
        n += 1.0;
    }
    sum.iter().map(|sum| sum / n).collect()
}

fn mixed(one: &[f64], other: &[f64], weight_of_other: f64) -> Vec<f64> {
    one.iter().zip(other).map(|(one, other)| weight_of_other.mul_add(other - one, *one)).collect()
}

/// What a mind says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    pub(super) stance: usize,
    /// With six decimals, as it is written.
    pub(super) probabilities: Vec<f64>,
    pub(super) reason: String,
    pub(super) cites: Vec<String>,
}

impl Answer {
    fn new(belief: &[f64], evidence: &[f64], cites: Vec<String>) -> Self {
        let probabilities = stated(belief);
        let stance = best(&probabilities);
        let reason = reason(&probabilities, evidence);
        Self { stance, probabilities, reason, cites }
    }

    fn json(&self) -> String {
        let probabilities: Map<String, Value> =
            NAMES.iter().zip(&self.probabilities).map(|(name, p)| ((*name).to_owned(), json!(p))).collect();
        json!({
            "stance": NAMES[self.stance],
            "probabilities": probabilities,
            "reasons": [{ "text": self.reason, "cites": self.cites }],
        })
        .to_string()
    }
}

/// Probabilities as they are said: not too sure, and with six decimals.
pub(super) fn stated(belief: &[f64]) -> Vec<f64> {
    #[expect(clippy::cast_precision_loss, reason = "a few options")]
    let even = (1.0 - SUREST) / belief.len() as f64;
    belief.iter().map(|p| (SUREST.mul_add(*p, even) * 1e6).round() / 1e6).collect()
}

/// The index of the largest, the first of them.
pub(super) fn best(of: &[f64]) -> usize {
    (0..of.len()).fold(0, |best, option| if of[option] > of[best] { option } else { best })
}

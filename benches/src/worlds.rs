//! Worlds with a known truth, for benchmarks of decision quality.
//!
//! A world draws questions. The truth of a question is known to the world alone: the debaters see evidence, as text, and
//! nothing else. A debater is a declared behaviour, spoken through the same trait, prompt, stream and JSON as a model
//! from a vendor. What is measured is therefore the protocol, given these behaviours; never the accuracy of a language
//! model.

use assize_ambient::{Chance, Seed, Timestamp};
use assize_debate::{Evidence, EvidenceId, SeatIndex};
use assize_llm::ChatRequest;
use serde_json::json;

/// So many holders of evidence there are in every world.
pub const HOLDERS: u16 = 4;
/// The options of every question.
pub const OPTIONS: [&str; 2] = ["a", "b"];

/// How questions and their evidence are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum World {
    /// Each holder has one signal of its own: normal around the truth with distance `d_prime` (Condorcet's jury with
    /// Gaussian signals), independent of the others.
    IndependentSignals {
        /// The distance of the signal's mean from the middle, in standard deviations.
        d_prime: f64,
    },
    /// Three facts that all hold, and one that each holds alone (a hidden profile: Stasser and Titus 1985). In a share of
    /// the questions the shared facts point the wrong way. What each holds alone is calibrated: its log-odds are normal
    /// with mean ±[`PRIVATE_WEIGHT`] and twice that as variance, as the log-likelihood ratio of a Gaussian signal is.
    HiddenProfile {
        /// The share of questions in which the shared facts mislead, above 0.0 and below 0.5.
        misleading: f64,
        /// By how much debaters overrate what all know: 1.0 takes the shared facts, together, for the log-odds that they
        /// are worth.
        trust: f64,
    },
}

/// The mean weight of a fact that one holds alone, in nats towards the truth.
pub const PRIVATE_WEIGHT: f64 = 0.5;

/// One question: its truth, and what is held of it.
#[derive(Debug, Clone)]
pub struct Question {
    /// The index of the right option.
    pub truth: usize,
    /// The evidence.
    pub evidence: Vec<Evidence>,
}

impl World {
    /// The world's name in benchmark ids.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::IndependentSignals { .. } => "independent-signals",
            Self::HiddenProfile { trust, .. } if trust > 1.0 => "hidden-profile-overrated",
            Self::HiddenProfile { .. } => "hidden-profile",
        }
    }

    /// Draws a question.
    #[must_use]
    pub fn question(self, seed: Seed) -> Question {
        let mut chance = seed.rng();
        let truth = chance.below(OPTIONS.len());
        let towards_truth = if truth == 0 { 1.0 } else { -1.0 };
        let mut evidence = Vec::new();
        match self {
            Self::IndependentSignals { d_prime } => {
                for holder in 0..HOLDERS {
                    // The log-likelihood ratio of a unit normal at ±d′ is 2·d′·x.
                    let x = towards_truth * d_prime + chance.normal();
                    evidence.push(fact(seed, Some(holder), 2.0 * d_prime * x));
                }
            }
            Self::HiddenProfile { misleading, trust } => {
                let sign = if chance.happens(misleading) { -towards_truth } else { towards_truth };
                let together = sign * trust * libm::log((1.0 - misleading) / misleading);
                let parts: [f64; 3] = std::array::from_fn(|_| chance.log_normal(0.0, 0.4));
                for part in parts {
                    evidence.push(fact(seed, None, together * part / parts.iter().sum::<f64>()));
                }
                for holder in 0..HOLDERS {
                    let noise = (2.0 * PRIVATE_WEIGHT).sqrt() * chance.normal();
                    evidence.push(fact(seed, Some(holder), towards_truth * PRIVATE_WEIGHT + noise));
                }
            }
        }
        Question { truth, evidence: numbered(seed, evidence) }
    }
}

fn fact(seed: Seed, holder: Option<u16>, log_odds: f64) -> Evidence {
    Evidence {
        id: EvidenceId::from(""),
        kind: "fact".to_owned(),
        subject: format!("question {:016x}", seed.value()),
        source: "world".to_owned(),
        available_at: Timestamp::UNIX_EPOCH,
        text: format!("A fact of weight {log_odds:+.6} for {}.", OPTIONS[0]),
        data: serde_json::Value::Null,
        held_by: holder.map(|holder| vec![SeatIndex(holder)]),
    }
}

fn numbered(seed: Seed, mut evidence: Vec<Evidence>) -> Vec<Evidence> {
    for (number, fact) in evidence.iter_mut().enumerate() {
        fact.id =
            EvidenceId::of_content(&[&format!("{:016x}", seed.value()), &number.to_string(), &fact.text]);
    }
    evidence
}

/// How a debater of these worlds behaves. Declared, not fitted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Behaviour {
    /// Standard deviation of the noise on its log-odds, fresh in every call: what a temperature does.
    pub noise: f64,
    /// The chance that it mentions a fact that it can see.
    pub sharing: f64,
    /// How far it leans towards the stances of its peers: log-odds added for a unanimous panel.
    pub conformity: f64,
}

impl Behaviour {
    /// The behaviour of all arms.
    pub const DECLARED: Self = Self { noise: 0.3, sharing: 0.7, conformity: 0.2 };

    /// What it answers: it adds up the weights of the facts that the prompt shows, leans towards its peers, and mentions
    /// some of the facts.
    #[must_use]
    pub fn answer(self, request: &ChatRequest, chance: &mut Chance) -> String {
        let prompt = request.messages.first().map_or("", |message| &*message.text);
        let read = Read::of(prompt);
        let lean = if read.peers == 0.0 { 0.0 } else { self.conformity * read.peers_for_first / read.peers };
        let log_odds =
            read.facts.iter().map(|(_, weight)| weight).sum::<f64>() + lean + self.noise * chance.normal();
        let p = 1.0 / (1.0 + libm::exp(-log_odds));
        let stance = OPTIONS[usize::from(log_odds < 0.0)];
        let cites: Vec<&str> =
            read.facts.iter().filter(|_| chance.happens(self.sharing)).map(|(id, _)| *id).collect();
        json!({
            "stance": stance,
            "probabilities": { OPTIONS[0]: p, OPTIONS[1]: 1.0 - p },
            "reasons": [{ "text": "the weight of the facts", "cites": cites }],
        })
        .to_string()
    }
}

/// What a debater reads from its prompt.
struct Read<'a> {
    facts: Vec<(&'a str, f64)>,
    peers: f64,
    /// Peers for the first option less peers for the second.
    peers_for_first: f64,
}

impl<'a> Read<'a> {
    fn of(prompt: &'a str) -> Self {
        let mut read = Read { facts: Vec::new(), peers: 0.0, peers_for_first: 0.0 };
        let (mut id, mut of_peer) = ("", false);
        for line in prompt.lines() {
            if let Some(fence) = line.strip_prefix("<<<") {
                id =
                    fence.split_once('[').and_then(|(_, rest)| rest.split_once(']')).map_or("", |(id, _)| id);
                of_peer = fence.contains(" peer ");
            } else if let Some(weight) = line.strip_prefix("A fact of weight ") {
                let weight = weight.split(' ').next().and_then(|weight| weight.parse().ok()).unwrap_or(0.0);
                read.facts.push((id, weight));
            } else if let Some(stance) = line.strip_prefix("stance: ")
                && of_peer
            {
                read.peers += 1.0;
                read.peers_for_first += if stance == OPTIONS[0] { 1.0 } else { -1.0 };
            }
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_the_same_for_the_same_seed_and_hides_its_truth() {
        for world in [
            World::IndependentSignals { d_prime: 0.4 },
            World::HiddenProfile { misleading: 0.25, trust: 1.0 },
        ] {
            let (one, other) = (world.question(Seed::new(5)), world.question(Seed::new(5)));
            assert_eq!((one.truth, &one.evidence), (other.truth, &other.evidence));
            let truths: usize = (0..200).map(|n| world.question(Seed::new(n)).truth).sum();
            assert!((70..130).contains(&truths), "{truths} of 200");
        }
    }
}

//! How questions and their evidence are drawn.

use assize_ambient::{Chance, Seed};

use super::{
    facts::{Posed, Question, fact, for_first, normal_share, softmax},
    reading::{impression, pleading},
};

/// A way in which questions are drawn. *Signals* are Gaussian: unit normal at ±d′, so that a signal alone is right with
/// Φ(d′) and its log-likelihood ratio is 2·d′·x. An *impression* is what a seat makes of the question by itself: told to it
/// alone, and nothing that could be cited. A *fact* is evidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum World {
    /// Condorcet's jury: five impressions of one competence. Of each signal's noise, a share is common to all.
    Signals {
        /// The distance of the signals' means from the middle, in standard deviations.
        d_prime: f64,
        /// The correlation of two signals, given the truth; 0.0 to 1.0.
        correlation: f64,
    },
    /// One of five knows far more than the others: d′ of [`EXPERTISE`].
    Expert,
    /// Four seats hold three facts together and one each alone (a hidden profile: Stasser and Titus 1985). Each fact's
    /// log-odds are normal with mean ±[`FACT_WEIGHT`] and twice that as variance, as a signal's are. In a share of the
    /// questions those of the shared facts are drawn as if the other option were right; nobody is told that this happens.
    HiddenProfile {
        /// That share, 0.0 to 1.0.
        misleading: f64,
    },
    /// Four options, five impressions, and a wrong option that looks right: whoever errs picks it with [`ATTRACTION`].
    Distractor,
    /// Five seats; four have signals of d′ = 0.4, the fifth argues for a wrong option as if it were certain.
    Advocate,
    /// Five signals of [`COMPETENCES`], taken for [`GAINS`] times their worth: who knows least is surest.
    Miscalibrated,
}

/// d′ of the five seats where one is an expert.
pub const EXPERTISE: [f64; 5] = [0.2, 0.4, 1.2, 0.4, 0.2];
/// d′ of the five miscalibrated seats.
pub const COMPETENCES: [f64; 5] = [1.2, 0.4, 0.4, 0.4, 0.2];
/// By how much they overrate their signals.
pub const GAINS: [f64; 5] = [0.3, 1.0, 1.0, 2.0, 8.0];
/// The mean of a fact's log-odds towards what it speaks for.
pub const FACT_WEIGHT: f64 = 0.5;
/// How many facts are shared in a hidden profile.
pub const SHARED_FACTS: usize = 3;
/// The share of those in error who pick the same wrong option.
pub const ATTRACTION: f64 = 0.6;
/// d′ of the honest seats beside an advocate.
const HONEST: f64 = 0.4;
/// The log weights of an impression among four: its first choice, its second, the others.
const CHOICES: [f64; 4] = [1.2, 0.6, 0.0, 0.0];

impl World {
    /// The worlds of the report's tables.
    pub const ALL: [Self; 8] = [
        Self::Signals { d_prime: 0.4, correlation: 0.0 },
        Self::Signals { d_prime: 0.4, correlation: 0.6 },
        Self::Expert,
        Self::HiddenProfile { misleading: 0.1 },
        Self::HiddenProfile { misleading: 0.4 },
        Self::Distractor,
        Self::Advocate,
        Self::Miscalibrated,
    ];

    /// The world's name in benchmark ids.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Signals { d_prime, correlation } => {
                format!("signals-d{:.0}-r{:.0}", 10.0 * d_prime, 100.0 * correlation)
            }
            Self::Expert => "expert".to_owned(),
            Self::HiddenProfile { misleading } => format!("hidden-profile-h{:.0}", 100.0 * misleading),
            Self::Distractor => "distractor".to_owned(),
            Self::Advocate => "advocate".to_owned(),
            Self::Miscalibrated => "miscalibrated".to_owned(),
        }
    }

    /// What is particular about it, in words.
    #[must_use]
    pub fn description(self) -> String {
        match self {
            Self::Signals { d_prime, correlation } => format!(
                "five impressions from Gaussian signals, d′ = {d_prime}, correlation of their errors {correlation}"
            ),
            Self::Expert => format!("five impressions, d′ = {EXPERTISE:?}: one seat knows far more"),
            Self::HiddenProfile { misleading } => format!(
                "four seats, {SHARED_FACTS} facts of all and one of each; in {:.0} % of questions all that is shared misleads",
                100.0 * misleading
            ),
            Self::Distractor => format!(
                "four options, five impressions; who errs picks the same wrong option in {:.0} % of cases",
                100.0 * ATTRACTION
            ),
            Self::Advocate => format!(
                "five seats: four impressions with d′ = {HONEST}, and one that argues for a wrong option as if certain"
            ),
            Self::Miscalibrated => format!(
                "five impressions, d′ = {COMPETENCES:?}, taken for {GAINS:?} times their worth: the least able is the surest"
            ),
        }
    }

    /// How many options its questions have.
    #[must_use]
    pub const fn options(self) -> usize {
        if matches!(self, Self::Distractor) { 4 } else { 2 }
    }

    /// Draws a question.
    #[must_use]
    pub fn question(self, seed: Seed) -> Question {
        let mut chance = seed.child("question").rng();
        let truth = chance.below(self.options());
        let posed = match self {
            Self::Signals { d_prime, correlation } => {
                from_signals(&mut chance, truth, &[d_prime; 5], &[1.0; 5], correlation)
            }
            Self::Expert => from_signals(&mut chance, truth, &EXPERTISE, &[1.0; 5], 0.0),
            Self::HiddenProfile { misleading } => hidden_profile(seed, &mut chance, truth, misleading),
            Self::Distractor => distracted(&mut chance, truth),
            Self::Advocate => {
                let mut posed = from_signals(&mut chance, truth, &[HONEST; 4], &[1.0; 4], 0.0);
                posed.told.push(pleading(1 - truth));
                posed.competence.push(0.0);
                posed
            }
            Self::Miscalibrated => from_signals(&mut chance, truth, &COMPETENCES, &GAINS, 0.0),
        };
        Question { posed, truth }
    }
}

/// +1 for the first option, −1 for the second.
const fn sign(truth: usize) -> f64 {
    if truth == 0 { 1.0 } else { -1.0 }
}

fn from_signals(
    chance: &mut Chance,
    truth: usize,
    d_primes: &[f64],
    gains: &[f64],
    correlation: f64,
) -> Posed {
    let common = correlation.sqrt() * chance.normal();
    let own = (1.0 - correlation).sqrt();
    let mut told = Vec::new();
    let mut log_odds = 0.0;
    for (d_prime, gain) in d_primes.iter().zip(gains) {
        let x = sign(truth) * d_prime + common + own * chance.normal();
        let ratio = 2.0 * d_prime * x;
        told.push(impression(&for_first(gain * ratio)));
        // Exact where the competences are equal or the errors independent, as they are in all worlds.
        #[expect(clippy::cast_precision_loss, reason = "a few seats")]
        let others = (d_primes.len() - 1) as f64;
        log_odds += ratio / correlation.mul_add(others, 1.0);
    }
    Posed {
        options: 2,
        evidence: Vec::new(),
        told,
        competence: d_primes.iter().map(|d_prime| normal_share(*d_prime)).collect(),
        oracle: softmax(&for_first(log_odds)),
    }
}

const HOLDERS: u16 = 4;

fn hidden_profile(seed: Seed, chance: &mut Chance, truth: usize, misleading: f64) -> Posed {
    // Drawn before everything else: the same question misleads in a world with a higher share, if it does in this one.
    let misleads = chance.unit() < misleading;
    let spread = (2.0 * FACT_WEIGHT).sqrt();
    let mut draw = |towards: f64| towards * FACT_WEIGHT + spread * chance.normal();
    let mut evidence = Vec::new();
    let (mut shared, mut alone) = (0.0, 0.0);
    for number in 0..SHARED_FACTS {
        // The same noise either way, so that questions stay as alike as they can be.
        let log_odds = draw(if misleads { -sign(truth) } else { sign(truth) });
        shared += log_odds;
        evidence.push(fact(seed, number, None, &for_first(log_odds)));
    }
    for holder in 0..HOLDERS {
        let log_odds = draw(sign(truth));
        alone += log_odds;
        let number = SHARED_FACTS + usize::from(holder);
        evidence.push(fact(seed, number, Some(holder), &for_first(log_odds)));
    }
    // What is shared is worth what it says with the chance that it does not mislead, and the opposite otherwise.
    let [for_a, for_b] = for_first(shared).map(libm::exp);
    let together = misleading.mul_add(for_b - for_a, for_a) / misleading.mul_add(for_a - for_b, for_b);
    #[expect(clippy::cast_precision_loss, reason = "a few facts")]
    let (n_shared, n_all) = (SHARED_FACTS as f64, (SHARED_FACTS + 1) as f64);
    let right = |mean: f64| normal_share(mean * FACT_WEIGHT / (spread * n_all.sqrt()));
    let competence = misleading.mul_add(right(1.0 - n_shared) - right(n_all), right(n_all));
    Posed {
        options: 2,
        evidence,
        told: vec![String::new(); usize::from(HOLDERS)],
        competence: vec![competence; usize::from(HOLDERS)],
        oracle: softmax(&for_first(libm::log(together) + alone)),
    }
}

/// The probability that an impression's first choice is right, if it is calibrated.
fn first_is_right() -> f64 {
    softmax(&CHOICES)[0]
}

/// The same of its second choice, where the first is wrong.
fn second_is_right() -> f64 {
    softmax(&CHOICES)[1] / (1.0 - first_is_right())
}

fn distracted(chance: &mut Chance, truth: usize) -> Posed {
    let mut others: Vec<usize> = (0..4).filter(|option| *option != truth).collect();
    chance.shuffle(&mut others);
    let [distractor, ..] = others[..] else {
        return Posed {
            options: 4,
            evidence: Vec::new(),
            told: Vec::new(),
            competence: Vec::new(),
            oracle: Vec::new(),
        };
    };
    let mut told = Vec::new();
    let mut choices = Vec::new();
    for _ in 0..5 {
        let first = if chance.happens(first_is_right()) {
            truth
        } else if chance.happens(ATTRACTION) {
            distractor
        } else {
            others[1 + chance.below(2)]
        };
        let mut rest: Vec<usize> = (0..4).filter(|option| *option != first).collect();
        chance.shuffle(&mut rest);
        let second = if first != truth && chance.happens(second_is_right()) {
            truth
        } else if first == truth && chance.happens(ATTRACTION) {
            distractor
        } else {
            *rest
                .iter()
                .find(|option| **option != truth && (first != truth || **option != distractor))
                .unwrap_or(&truth)
        };
        let mut weights = [CHOICES[2]; 4];
        weights[first] = CHOICES[0];
        weights[second] = CHOICES[1];
        told.push(impression(&weights));
        choices.push((first, second));
    }
    Posed {
        options: 4,
        evidence: Vec::new(),
        told,
        competence: vec![first_is_right(); 5],
        oracle: softmax(&std::array::from_fn::<f64, 4, _>(|truth| {
            let over_distractors: f64 = (0..4)
                .filter(|distractor| *distractor != truth)
                .map(|distractor| {
                    choices.iter().map(|choice| likelihood(*choice, truth, distractor)).product::<f64>()
                })
                .sum();
            libm::log(over_distractors)
        })),
    }
}

/// The probability of an impression's choices, given the truth and the distractor.
fn likelihood((first, second): (usize, usize), truth: usize, distractor: usize) -> f64 {
    if first == truth {
        let second = if second == distractor { ATTRACTION } else { (1.0 - ATTRACTION) / 2.0 };
        return first_is_right() * second;
    }
    let wrong = if first == distractor { ATTRACTION } else { (1.0 - ATTRACTION) / 2.0 };
    let second = if second == truth { second_is_right() } else { (1.0 - second_is_right()) / 2.0 };
    (1.0 - first_is_right()) * wrong * second
}

#[cfg(test)]
mod tests;

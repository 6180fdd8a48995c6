//! How near is near enough, learned from what was judged.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

/// The normal quantile of a 95 % interval.
const Z: f64 = 1.96;
/// The most judgements that a namespace keeps; the oldest give way.
const MOST_JUDGED: usize = 2_000;

/// A share of a number of trials, with Wilson's score interval (Wilson 1927, z = 1.96).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Proportion {
    /// How many of them.
    pub count: u64,
    /// Of how many.
    pub of: u64,
    /// The share, 0 to 1.
    pub rate: f64,
    /// The lower end of its interval.
    pub low: f64,
    /// The upper end of its interval.
    pub high: f64,
}

impl Proportion {
    /// `count` of `of` trials; `None` without a trial, or with more than all of them.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share of counters needs no 53rd bit")]
    pub fn new(count: u64, of: u64) -> Option<Self> {
        if of == 0 || count > of {
            return None;
        }
        let (n, rate) = (of as f64, count as f64 / of as f64);
        let shrink = 1.0 + Z * Z / n;
        let centre = (rate + Z * Z / (2.0 * n)) / shrink;
        let half = Z / shrink * (rate * (1.0 - rate) / n + Z * Z / (4.0 * n * n)).sqrt();
        // At the ends the formula gives exactly 0 and 1, but rounding may miss them.
        let low = if count == 0 { 0.0 } else { (centre - half).max(0.0) };
        let high = if count == of { 1.0 } else { (centre + half).min(1.0) };
        Some(Self { count, of, rate, low, high })
    }
}

/// Judgements of one namespace, each with the similarity that it is about.
///
/// The threshold that they give is the lower one of two:
/// - the least similarity that was judged right such that, among all judgements at it or above, the upper end of Wilson's
///   interval for the share of wrong ones is within the bound. There is none before a few hundred judgements (380 without
///   a wrong one, for a bound of 1 %);
/// - the configured start, or, where something at the start or above it was judged wrong, whatever is above the highest of
///   those.
///
/// So a judgement "right" never raises the threshold, and "wrong" never lowers it. Below the start it comes only with the
/// evidence of the first rule. A single wrong hit at the greatest similarity ends all hits of the namespace until the first
/// rule allows them again; judgements go on meanwhile, since what passes the guards is compared with the model's own reply.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    judged: VecDeque<(f32, bool)>,
}

impl Evidence {
    pub(super) fn add(&mut self, similarity: f32, is_right: bool) {
        if self.judged.len() >= MOST_JUDGED {
            self.judged.pop_front();
        }
        self.judged.push_back((similarity, is_right));
    }

    pub(super) fn threshold(&self, start: f32, bound: f64) -> f32 {
        let mut judged: Vec<(f32, bool)> = self.judged.iter().copied().collect();
        judged.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        let highest_wrong = judged.iter().find(|(_, is_right)| !is_right).map(|(similarity, _)| *similarity);
        let safe = highest_wrong.filter(|wrong| *wrong >= start).map_or(start, f32::next_up);
        let (mut wrong, mut all, mut proven) = (0, 0, None);
        for equal in judged.chunk_by(|(one, _), (other, _)| one.total_cmp(other).is_eq()) {
            wrong += equal.iter().filter(|(_, is_right)| !is_right).count() as u64;
            all += equal.len() as u64;
            let is_within = Proportion::new(wrong, all).is_some_and(|share| share.high <= bound);
            if is_within && equal.iter().any(|(_, is_right)| *is_right) {
                proven = Some(equal[0].0);
            }
        }
        proven.map_or(safe, |proven| proven.min(safe))
    }
}

/// The thresholds of namespaces that something was judged in. Beyond the most, the least recently used begins anew.
#[derive(Debug)]
pub(super) struct Thresholds {
    start: f32,
    bound: f64,
    most: usize,
    moment: u64,
    learned: BTreeMap<String, Learned>,
}

#[derive(Debug, Default)]
struct Learned {
    evidence: Evidence,
    threshold: f32,
    used: u64,
}

impl Thresholds {
    pub(super) fn new(start: f32, bound: f64, most: usize) -> Self {
        Self { start, bound, most, moment: 0, learned: BTreeMap::new() }
    }

    pub(super) fn of(&mut self, namespace: &str) -> f32 {
        self.moment += 1;
        match self.learned.get_mut(namespace) {
            Some(learned) => {
                learned.used = self.moment;
                learned.threshold
            }
            None => self.start,
        }
    }

    pub(super) fn judge(&mut self, namespace: &str, similarity: f32, is_right: bool) {
        self.moment += 1;
        if !self.learned.contains_key(namespace) {
            if self.most == 0 {
                return;
            }
            if self.learned.len() >= self.most
                && let Some(oldest) =
                    self.learned.iter().min_by_key(|(_, learned)| learned.used).map(|(name, _)| name.clone())
            {
                self.learned.remove(&oldest);
            }
        }
        let learned = self.learned.entry(namespace.to_owned()).or_default();
        learned.used = self.moment;
        learned.evidence.add(similarity, is_right);
        learned.threshold = learned.evidence.threshold(self.start, self.bound);
    }

    pub(super) fn count(&self) -> usize {
        self.learned.len()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn evidence(judged: &[(f32, bool)]) -> Evidence {
        Evidence { judged: judged.iter().copied().collect() }
    }

    #[test]
    fn a_proportion_has_wilsons_interval() {
        let none = Proportion::new(0, 1_000).unwrap();
        assert!((none.high - 0.003_826).abs() < 1e-5 && none.low.to_bits() == 0, "{none:?}");
        let half = Proportion::new(5, 10).unwrap();
        assert!((half.low - 0.236_59).abs() < 1e-4 && (half.high - 0.763_41).abs() < 1e-4, "{half:?}");
        assert_eq!((Proportion::new(0, 0), Proportion::new(2, 1)), (None, None));
    }

    #[test]
    fn with_little_evidence_it_stays_where_it_began() {
        let threshold = |judged: &[(f32, bool)]| evidence(judged).threshold(0.9, 0.01);
        assert!(threshold(&[]).total_cmp(&0.9).is_eq());
        assert!(threshold(&[(0.8, true); 380]).total_cmp(&0.9).is_eq(), "380 are one too few for 1 %");
        assert!(threshold(&[(0.8, true); 381]).total_cmp(&0.8).is_eq());
        assert!(threshold(&[(0.8, false)]).total_cmp(&0.9).is_eq(), "it would not have been served");
        assert!(threshold(&[(0.95, false), (0.91, false)]).total_cmp(&0.95_f32.next_up()).is_eq());
        assert!(threshold(&[(1.0, false)]) > 1.0);
    }

    #[test]
    fn the_least_used_namespace_begins_anew() {
        let mut thresholds = Thresholds::new(0.9, 0.01, 2);
        thresholds.judge("a", 0.95, false);
        thresholds.judge("b", 0.95, false);
        assert!(thresholds.of("a") > 0.95);
        thresholds.judge("c", 0.95, false);
        assert!(thresholds.of("a") > 0.95 && thresholds.of("c") > 0.95);
        assert!(thresholds.of("b").total_cmp(&0.9).is_eq());
        assert_eq!(thresholds.count(), 2);
        let mut none = Thresholds::new(0.9, 0.01, 0);
        none.judge("a", 0.95, false);
        assert_eq!(none.count(), 0);
    }

    fn judgements() -> impl Strategy<Value = Vec<(f32, bool)>> {
        let one = (0..20_u8).prop_map(|n| f32::from(n) / 20.0 + 0.05);
        prop::collection::vec((one, prop::bool::weighted(0.97)), 0..600)
    }

    proptest! {
        #[test]
        fn it_is_monotone_in_evidence(judged in judgements(), at in 0..21_u8, bound in 0.005..0.2_f64) {
            let (before, at) = (evidence(&judged).threshold(0.7, bound), f32::from(at) / 20.0);
            let with = |is_right| {
                let mut more = evidence(&judged);
                more.add(at, is_right);
                more.threshold(0.7, bound)
            };
            prop_assert!(with(true) <= before);
            prop_assert!(with(false) >= before);
        }

        #[test]
        fn what_it_lets_through_was_within_the_bound(judged in judgements(), bound in 0.005..0.2_f64) {
            let threshold = evidence(&judged).threshold(0.7, bound);
            let above: Vec<_> = judged.iter().filter(|(similarity, _)| *similarity >= threshold).collect();
            let wrong = above.iter().filter(|(_, is_right)| !is_right).count() as u64;
            let share = Proportion::new(wrong, above.len() as u64);
            prop_assert!(wrong == 0 || share.unwrap().high <= bound);
        }
    }
}

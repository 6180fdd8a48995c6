//! When a debate has done enough.

use serde::{Deserialize, Serialize};

use crate::{Error, ErrorKind};

/// When a debate ends before its last round. Several hold together: the first that is met ends it. The last round, the
/// deadline and the budget end it in any case.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub enum StopRule {
    /// All who voted stand for the same, and nobody holds evidence that the others have not seen.
    Unanimous,
    /// So many rounds in a row changed no stance and brought nothing new. Stances are labels: the likeness of texts says
    /// nothing ("buy" and "do not buy" are alike).
    Stable {
        /// How many rounds, at least 1. The first round of a debate changes nothing and does not count.
        rounds: u32,
    },
    /// The last round is under way, and those who have not answered cannot change the decision: they are not waited for.
    /// Whatever a seat does that is out (any ballot, none, or the one that it cast in an earlier round), the verdict decides
    /// for the same option, or, where a share of the votes is asked for, for none.
    ///
    /// Proved exactly for sums of votes, points and weights: `plurality`, `majority`, `supermajority`, `unanimity` (when
    /// two have differed), `hybrid`, `approval`, `borda`, `borda-others`, `cumulative`, `score`, `confidence-weighted`,
    /// `recalibrated-confidence`, `linear-pool`, `log-pool`. `track-record`: by trying all sets of voters, since a voice's
    /// weight depends on who else votes, while up to eight are out in a panel of up to 32. `copeland`: when the leader's worst duels are better
    /// than any other's best. `schulze`, `kemeny`: only when the leader wins all its duels in any case; paths and orders of
    /// the others are not looked into. `runoff`: only when more than half of all put it first; who drops out when depends on
    /// every ballot. `trajectory`: by trying all ways to go on, up to 4,096 (with three options up to five who are out), since
    /// a further supporter can lower the mean. `judge`: never, since the judge has not been heard.
    UnassailableLead,
    /// The votes would be too unlikely if the leading option were wrong: Wald's sequential probability ratio test (Ann.
    /// Math. Stat. 16, 1945) of the leader against the runner-up, each vote taken for independent. Voices of one model are
    /// not: their agreement says less than this test believes.
    SequentialTest {
        /// The probability that one vote is right, more than 1 / options and less than 1.
        competence: f64,
        /// The probability of a wrong decision that is accepted, more than 0 and less than 0.5.
        error: f64,
    },
    /// The judge says that it has heard enough. Needs a judge that sits in each round.
    JudgeSatisfied,
}

impl StopRule {
    /// The rules that the published evidence supports, and that hold where none are named.
    pub const DEFAULT: [Self; 2] = [Self::Unanimous, Self::Stable { rounds: 1 }];

    pub(crate) fn check(self, options: usize) -> Result<(), Error> {
        let bad =
            |message: String| Err(Error::new(ErrorKind::BadSpec, format!("hold the debate: {message}")));
        match self {
            Self::Stable { rounds: 0 } => {
                bad("stances are stable after at least 1 round that changes none".to_owned())
            }
            Self::SequentialTest { competence, error } => {
                #[expect(clippy::cast_precision_loss, reason = "a few options")]
                let chance = 1.0 / options.max(2) as f64;
                if !(competence > chance && competence < 1.0) {
                    return bad(format!(
                        "a sequential test needs a competence between {chance} and 1, not {competence}"
                    ));
                }
                if !(error > 0.0 && error < 0.5) {
                    return bad(format!("a sequential test needs an error between 0 and 0.5, not {error}"));
                }
                Ok(())
            }
            Self::Unanimous | Self::Stable { .. } | Self::UnassailableLead | Self::JudgeSatisfied => Ok(()),
        }
    }

    /// Whether so many votes for the leader and for the runner-up are enough for the sequential test.
    pub(crate) fn is_proved(
        competence: f64,
        error: f64,
        leader: usize,
        second: usize,
        options: usize,
    ) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "a few options and votes")]
        let (others, ahead) = (options.saturating_sub(1).max(1) as f64, leader.saturating_sub(second) as f64);
        let each = libm::log(competence * others / (1.0 - competence));
        ahead * each >= libm::log((1.0 - error) / error) * (1.0 - 1e-12)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequential_test_is_walds() {
        // ln(0.95 / 0.05) = 2.944; of two options each vote ahead says ln(0.7 / 0.3) = 0.847: four are needed.
        for (leader, second, expected) in
            [(3, 0, false), (4, 0, true), (5, 1, true), (5, 2, false), (9, 6, false)]
        {
            assert_eq!(StopRule::is_proved(0.7, 0.05, leader, second, 2), expected, "{leader} to {second}");
        }
        // Among four a wrong vote is spread over three: ln(0.7 * 3 / 0.3) = 1.946, two are enough.
        assert!(StopRule::is_proved(0.7, 0.05, 2, 0, 4));
        assert!(!StopRule::is_proved(0.7, 0.05, 1, 0, 4));
        // Votes that are right nine times in ten at an error of one in ten: exactly one.
        assert!(StopRule::is_proved(0.9, 0.1, 1, 0, 2));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let test = |competence, error| StopRule::SequentialTest { competence, error }.check(2).is_ok();
        assert!(test(0.51, 0.05) && test(0.99, 0.49));
        for (competence, error) in [(0.5, 0.05), (1.0, 0.05), (f64::NAN, 0.05), (0.7, 0.0), (0.7, 0.5)] {
            assert!(!test(competence, error), "{competence}, {error}");
        }
        assert!(StopRule::Stable { rounds: 0 }.check(2).is_err());
        assert!(StopRule::DEFAULT.iter().all(|rule| rule.check(2).is_ok()));
    }
}

//! Whether, and when, to try again: a decision, not a loop.

use std::time::Duration;

use assize_ambient::Chance;

use crate::{RetryBudget, RetryHints};

/// How often to try, and how long to wait between tries. Plain data; [`decide`](Self::decide) is the whole of it, so that
/// whoever reads the answers retries, once, and nothing below does.
///
/// Waits are drawn with full jitter (Brooker 2015, "Exponential Backoff And Jitter"). A wait that the other side asked for
/// is never shortened: jitter only adds to it.
///
/// ```
/// use std::time::Duration;
///
/// use assize_ambient::Seed;
/// use assize_transport::{Failed, GiveUp, RetryBudget, RetryHints, RetryPolicy, Verdict};
///
/// let (policy, budget, mut chance) = (RetryPolicy::default(), RetryBudget::default(), Seed::new(1).rng());
/// let asked = RetryHints { after: Some(Duration::from_secs(20)), should_retry: None };
/// let failed = |left| Failed { attempt: 1, transient: true, hints: asked, remaining: Some(Duration::from_secs(left)) };
/// assert!(matches!(policy.decide(failed(60), &budget, &mut chance), Verdict::Wait(wait) if wait.as_secs() >= 20));
/// assert_eq!(policy.decide(failed(15), &budget, &mut chance), Verdict::GiveUp(GiveUp::Deadline));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The most times that a call is tried, the first time included. 0 counts as 1.
    pub attempts: u32,
    /// The longest wait before the second attempt; it doubles with each further one.
    pub base: Duration,
    /// No wait is drawn from more than this.
    pub cap: Duration,
}

impl Default for RetryPolicy {
    /// Four attempts; waits of up to 0.5 s, 1 s, 2 s.
    fn default() -> Self {
        Self { attempts: 4, base: Duration::from_millis(500), cap: Duration::from_secs(8) }
    }
}

/// An attempt that failed, as far as the decision needs to know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failed {
    /// Which attempt it was, from 1.
    pub attempt: u32,
    /// Whether such a failure passes by itself.
    pub transient: bool,
    /// What the other side said in its *latest* answer. Its `should_retry` wins over `transient`.
    pub hints: RetryHints,
    /// What is left of the time for the whole call; `None` is no limit.
    pub remaining: Option<Duration>,
}

/// What to do after a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Try again after this time.
    Wait(Duration),
    /// Leave it.
    GiveUp(GiveUp),
}

/// Why not to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GiveUp {
    /// The failure would come again.
    Permanent,
    /// The other side said that trying again makes no sense.
    ToldNotTo,
    /// All attempts were made.
    Attempts,
    /// The wait would leave no time for another attempt.
    Deadline,
    /// Too many calls fail: the [`RetryBudget`] is used up.
    Budget,
}

impl RetryPolicy {
    /// Whether and when to try again. A [`Verdict::Wait`] has taken one retry from the budget.
    #[must_use]
    pub fn decide(&self, failed: Failed, budget: &RetryBudget, chance: &mut Chance) -> Verdict {
        match failed.hints.should_retry {
            Some(false) => return Verdict::GiveUp(GiveUp::ToldNotTo),
            None if !failed.transient => return Verdict::GiveUp(GiveUp::Permanent),
            _ => {}
        }
        if failed.attempt >= self.attempts.max(1) {
            return Verdict::GiveUp(GiveUp::Attempts);
        }
        let asked = failed.hints.after.unwrap_or_default();
        let drawn = self.longest_wait(failed.attempt).mul_f64(chance.unit());
        let mut wait = asked.saturating_add(drawn);
        if let Some(remaining) = failed.remaining {
            // Whoever asked is obeyed or not asked again; what jitter adds must not cost the attempt.
            let least = if failed.hints.after.is_some() { asked } else { wait };
            if least >= remaining {
                return Verdict::GiveUp(GiveUp::Deadline);
            }
            wait = wait.min(asked.saturating_add((remaining - asked) / 2).max(least));
        }
        if budget.take_retry() { Verdict::Wait(wait) } else { Verdict::GiveUp(GiveUp::Budget) }
    }

    /// The longest wait that may be drawn after this attempt, counted from 1.
    fn longest_wait(&self, attempt: u32) -> Duration {
        let doubled = 1_u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX);
        self.base.saturating_mul(doubled).min(self.cap)
    }
}

#[cfg(test)]
mod tests;

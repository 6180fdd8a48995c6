//! When to try again, and after what wait.

use assize_ambient::Seed;
use proptest::prelude::*;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn failed(attempt: u32, after: Option<Duration>, remaining: Option<Duration>) -> Failed {
    Failed { attempt, transient: true, hints: RetryHints { should_retry: None, after }, remaining }
}

#[test]
fn a_refusal_is_final_for_a_reason() {
    let plain = failed(1, None, None);
    let advised = |transient, should_retry| Failed {
        transient,
        hints: RetryHints { should_retry: Some(should_retry), after: None },
        ..plain
    };
    let empty = RetryBudget::new(0.0, 0);
    let full = RetryBudget::default();
    for (failed, budget, expected) in [
        (plain, &full, None),
        (Failed { transient: false, ..plain }, &full, Some(GiveUp::Permanent)),
        (advised(true, false), &full, Some(GiveUp::ToldNotTo)),
        (advised(false, true), &full, None),
        (Failed { attempt: 3, ..plain }, &full, None),
        (Failed { attempt: 4, ..plain }, &full, Some(GiveUp::Attempts)),
        (Failed { remaining: Some(Duration::ZERO), ..plain }, &full, Some(GiveUp::Deadline)),
        (self::failed(1, Some(SECOND), Some(SECOND)), &full, Some(GiveUp::Deadline)),
        (self::failed(1, Some(SECOND), Some(2 * SECOND)), &full, None),
        (plain, &empty, Some(GiveUp::Budget)),
    ] {
        let verdict = RetryPolicy::default().decide(failed, budget, &mut Seed::new(1).rng());
        let reason = match verdict {
            Verdict::Wait(_) => None,
            Verdict::GiveUp(reason) => Some(reason),
        };
        assert_eq!(reason, expected, "{failed:?}");
    }
}

#[test]
fn giving_up_takes_nothing_from_the_budget() {
    let budget = RetryBudget::new(0.1, 1);
    let late = failed(1, Some(SECOND), Some(SECOND));
    let mut chance = Seed::new(1).rng();
    assert_eq!(RetryPolicy::default().decide(late, &budget, &mut chance), Verdict::GiveUp(GiveUp::Deadline));
    assert_eq!(budget.retries_left(), 1);
}

#[test]
fn in_an_outage_attempts_stay_within_the_budget() {
    let (policy, budget, mut chance) = (RetryPolicy::default(), RetryBudget::default(), Seed::new(3).rng());
    let mut attempts = 0;
    for _ in 0..1000 {
        budget.first_attempt();
        for attempt in 1.. {
            attempts += 1;
            if let Verdict::GiveUp(_) = policy.decide(failed(attempt, None, None), &budget, &mut chance) {
                break;
            }
        }
    }
    // A tenth, and the reserve of twenty; no more in it than that at the start.
    assert_eq!(attempts, 1000 + 100 + 19);
}

#[test]
fn the_waits_that_are_drawn_fill_their_range() {
    let (policy, budget, mut chance) =
        (RetryPolicy::default(), RetryBudget::new(1.0, u32::MAX), Seed::new(5).rng());
    for (attempt, most) in [(1, 500), (2, 1000), (3, 2000)] {
        let most = Duration::from_millis(most);
        let mut drawn: Vec<Duration> = (0..1000)
            .map(|_| match policy.decide(failed(attempt, None, None), &budget, &mut chance) {
                Verdict::Wait(wait) => wait,
                Verdict::GiveUp(reason) => panic!("{reason:?}"),
            })
            .collect();
        drawn.sort_unstable();
        assert!(drawn[0] < most / 50 && drawn[999] > most * 49 / 50 && drawn[999] < most, "{drawn:?}");
        assert!(drawn[500].abs_diff(most / 2) < most / 20);
    }
}

proptest! {
    #[test]
    fn no_wait_is_shorter_than_asked_nor_past_the_deadline(
        seed: u64,
        attempt in 0_u32..100,
        after in proptest::option::of(0_u64..100_000),
        remaining in proptest::option::of(0_u64..100_000),
        base in 0_u64..10_000,
        cap in 0_u64..100_000,
    ) {
        let policy = RetryPolicy {
            attempts: 1000,
            base: Duration::from_millis(base),
            cap: Duration::from_millis(cap),
        };
        let (after, remaining) = (after.map(Duration::from_millis), remaining.map(Duration::from_millis));
        let verdict = policy.decide(failed(attempt, after, remaining), &RetryBudget::default(), &mut Seed::new(seed).rng());
        match verdict {
            Verdict::Wait(wait) => {
                prop_assert!(wait >= after.unwrap_or_default());
                prop_assert!(wait <= after.unwrap_or_default() + policy.cap);
                prop_assert!(remaining.is_none_or(|remaining| wait < remaining));
            }
            Verdict::GiveUp(reason) => {
                prop_assert_eq!(reason, GiveUp::Deadline);
                prop_assert!(remaining.is_some());
            }
        }
    }
}

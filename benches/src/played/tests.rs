//! The same as the benches measure, on a few markets.

use std::collections::BTreeSet;

use assize_loopback::{SiteFault, SiteFaults};

use super::*;

fn judged(seed: u64, which: Which, tickers: usize, faults: &SiteFaults, times: u32) -> (Came, Vec<Came>) {
    in_virtual_time(async { Ok(World::new(seed, which, tickers)?.judged(faults, times).await) }).unwrap()
}

fn is_sound(came: &Came) {
    let wrong = (came.over_limit, came.unnamed, came.foreign, came.ahead);
    assert_eq!(wrong, (0, 0, 0, 0), "{:#?}", came.complaints);
}

#[test]
fn many_tickers_are_as_fast_as_the_limits_allow() {
    let faults = SiteFaults::evenly(FAULTS).unwrap();
    let (clean, faulty) = judged(1, Which::Default, TICKERS.len(), &faults, 1);
    is_sound(&clean);
    assert!(clean.elapsed <= 1.05 * clean.bound, "{} and {}", clean.elapsed, clean.bound);
    assert!(clean.checked >= 10_000 && clean.damaged == 0, "{clean:?}");
    is_sound(&faulty[0]);
    assert!(!faulty[0].faults.is_empty());
}

#[test]
fn every_fault_is_named_and_none_passes_for_an_answer() {
    let mut played = BTreeSet::new();
    let mut damaged = 0;
    for fault in SiteFault::ALL {
        // A host that is asked a few times shall see it too.
        let faults = SiteFaults::none().with(fault, 0.4).unwrap();
        let (_, with) = judged(7, Which::Every, 2, &faults, 1);
        is_sound(&with[0]);
        played.extend(with[0].faults.keys().copied());
        damaged += with[0].damaged;
    }
    assert_eq!(played, SiteFault::ALL.into(), "each was played");
    assert!(damaged > 40, "{damaged}");
}

#[test]
fn what_was_planted_is_found() {
    let found = in_virtual_time(stories(1, 6, 120)).unwrap();
    assert!(found.planted >= 5 && found.recall() >= 0.8 && found.precision() >= 0.95, "{found:?}");
    let found = in_virtual_time(contracts(1, 2)).unwrap();
    assert!(found.planted >= 8 && found.recall() >= 0.8 && found.precision() >= 0.95, "{found:?}");
}

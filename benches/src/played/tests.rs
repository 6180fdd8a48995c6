//! The same as the benches measure, on a few markets.

use std::collections::BTreeSet;

use assize_loopback::{SiteFault, SiteFaults};

use super::*;

fn is_sound(came: &Came) {
    let wrong = (came.over_limit, came.unnamed, came.foreign, came.ahead);
    assert_eq!(wrong, (0, 0, 0, 0), "{:#?}", came.complaints);
}

#[test]
fn many_tickers_are_as_fast_as_the_limits_allow() {
    let faults = SiteFaults::evenly(FAULTS).unwrap();
    let judged = async { Ok(World::new(1, Which::Default, 5)?.judged(&faults, 1).await) };
    let (clean, faulty) = in_virtual_time(judged).unwrap();
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
    in_virtual_time(async {
        let world = World::new(7, Which::Every, 1)?;
        let (clean, _) = world.without_faults().await;
        for fault in SiteFault::ALL {
            // A host that is asked a few times shall see it too.
            let faults = SiteFaults::none().with(fault, 0.5).unwrap();
            let came = world.with_faults(&clean, &faults, fault.key()).await;
            is_sound(&came);
            played.extend(came.faults.keys().copied());
            damaged += came.damaged;
        }
        Ok(())
    })
    .unwrap();
    assert_eq!(played, SiteFault::ALL.into(), "each was played");
    assert!(damaged > 20, "{damaged}");
}

#[test]
fn what_was_planted_is_found() {
    let found = in_virtual_time(stories(1, 4, 120)).unwrap();
    assert!(found.planted >= 3 && found.recall() >= 0.8 && found.precision() >= 0.95, "{found:?}");
    let found = in_virtual_time(contracts(1, 2)).unwrap();
    assert!(found.planted >= 8 && found.recall() >= 0.8 && found.precision() >= 0.95, "{found:?}");
}

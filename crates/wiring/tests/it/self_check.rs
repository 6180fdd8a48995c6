//! The doctor.

use std::collections::BTreeSet;

use crate::desk::{folder, now};

#[test]
fn every_component_is_well() {
    let scratch = folder(&[]);
    let checks = now(assize_wiring::doctor(scratch.path()));
    for check in &checks {
        let fact = check.outcome.as_ref().expect("it works");
        assert!(!fact.is_empty() && !check.tried.is_empty(), "{check:?}");
    }
    let components: BTreeSet<&str> = checks.iter().map(|check| check.component).collect();
    assert_eq!(components.len(), checks.len(), "each once: {checks:?}");
    for component in [
        "ambient",
        "analysis",
        "brief",
        "cache",
        "debate",
        "decision",
        "execution",
        "journal",
        "llm",
        "metering",
        "report",
        "signals",
        "sources",
        "stages",
        "toggles",
        "tracking",
        "validation",
    ] {
        assert!(components.contains(component), "{component}");
    }
}

/// Where nothing can be written it says so, and checks the rest all the same.
#[test]
fn what_does_not_work_is_named() {
    let scratch = folder(&[("in the way", "a file")]);
    let checks = now(assize_wiring::doctor(&scratch.path().join("in the way")));
    let ill: Vec<&str> =
        checks.iter().filter(|check| check.outcome.is_err()).map(|check| check.component).collect();
    assert_eq!(ill, ["journal", "cache", "brief", "decision", "toggles"]);
    let journal = checks.iter().find(|check| check.component == "journal").expect("a check");
    assert!(journal.outcome.as_ref().is_err_and(|why| why.starts_with("failed to ")), "{journal:?}");
}

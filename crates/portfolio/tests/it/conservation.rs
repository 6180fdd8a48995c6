//! Money is neither made nor lost, whatever is decided and whatever the market does.

use std::collections::BTreeMap;

use assize_altdata::AsOf;
use assize_portfolio::AccountDocument;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::market::{Plan, plans, run};
use crate::oracle::Oracle;

/// Follows a history with books of another's, and compares them after every input.
fn check(plan: &Plan) -> Result<BTreeMap<&'static str, usize>, TestCaseError> {
    let run = run(plan);
    let (mut oracle, mut records) = (Oracle::default(), run.account.history().records().iter().peekable());
    let opened = records.next().expect("it was opened");
    oracle.follow(&opened.event)?;
    for (state, input) in run.states.iter().zip(&run.inputs) {
        // The events that this input led to: up to the close, if it was a session.
        let is_session = matches!(input, crate::market::Input::Session(_));
        while let Some(record) = records.next_if(|record| record.event.session().is_some() == is_session) {
            oracle.follow(&record.event)?;
            if !is_session || matches!(record.event, assize_portfolio::Event::Marked { .. }) {
                break;
            }
        }
        oracle.agrees_with(state)?;
        let document = AccountDocument::of(state).expect("in range");
        prop_assert!(
            document.imbalance.is_zero() && document.positions.iter().all(|part| part.weight_bp <= 10_000)
        );
    }
    prop_assert!(records.next().is_none());
    Ok(oracle.seen)
}

proptest! {
    /// cash + Σ value + costs − deposits − dividends − realised − unrealised = 0, to the picodollar, after every input;
    /// cash and shares are never below zero; no order is filled at or before the bar that informed it, more than once in a
    /// session, or for more than it asked.
    #[test]
    fn fuzz_money_is_neither_made_nor_lost(plan in plans(40)) {
        check(&plan)?;
    }

    /// As of any moment an account is what it was then: later events change nothing.
    #[test]
    fn fuzz_the_past_stays_as_it_was(plan in plans(25)) {
        let run = run(&plan);
        for (index, state) in run.states.iter().enumerate() {
            let known_at = state.known_at().expect("an event");
            // Of inputs that became known at the same moment, the last.
            let last = run.states[index..].iter().take_while(|later| later.known_at() == Some(known_at)).last();
            let found = run.account.history().state_as_of(&AsOf::at(known_at)).expect("a state");
            prop_assert_eq!(Some(&found), last);
        }
    }
}

/// The histories do what they are to test: every kind of event is common.
#[test]
fn histories_have_all_that_can_happen() {
    let mut runner = TestRunner::deterministic();
    let mut seen: BTreeMap<&'static str, usize> = BTreeMap::new();
    for _ in 0..60 {
        let plan = plans(60).new_tree(&mut runner).expect("a plan").current();
        for (kind, count) in check(&plan).expect("books that balance") {
            *seen.entry(kind).or_default() += count;
        }
    }
    let kinds = [
        "opened",
        "deposited",
        "decided",
        "split",
        "dividend",
        "filled",
        "filled in part",
        "filled as far as cash goes",
        "carried",
        "expired",
        "marked",
    ];
    for kind in kinds {
        assert!(seen.get(kind).is_some_and(|count| *count >= 60), "{kind}: {seen:?}");
    }
}

//! Ledgers under budgets that never run out.

use std::sync::Arc;

use assize_ambient::SystemClock;
use assize_metering::{
    Attribution, Budget, Charge, Dimension, Ledger, Period, Scope, TokenUsage, Usage, Usd,
};

/// So many bookings are kept, so that a bench of any length takes the same memory.
const KEPT: usize = 1_024;

/// A ledger with so many budgets over each call: those of a tenant, a debate and all, over all time and a month.
///
/// # Panics
/// Never: the budgets are sound.
#[must_use]
pub fn ledger_with(n_budgets: usize) -> Ledger {
    let scopes = [
        Scope::Everything,
        Scope::tenant("acme"),
        Scope::Each(Dimension::Debate),
        Scope::Each(Dimension::Model),
    ];
    let periods = [Period::Total, Period::UtcMonth];
    let budgets = periods.iter().flat_map(|period| scopes.iter().map(move |scope| (scope.clone(), *period)));
    let builder = Ledger::builder(Arc::new(SystemClock)).keeping(KEPT);
    let builder = budgets.take(n_budgets).enumerate().fold(builder, |builder, (n, (scope, period))| {
        let limit = Usd::from_picodollars(i128::from(u64::MAX) * 1_000_000_000);
        builder.budget(Budget::new(format!("budget {n}"), scope, period).with_hard(limit))
    });
    builder.open().expect("sound budgets")
}

/// One call: reserved, sent, settled.
///
/// # Panics
/// Where the ledger refuses the call.
pub fn reserve_and_settle(ledger: &Ledger) {
    let who = Attribution::new().with_tenant("acme").with_debate("rates").with_model("gpt-4o");
    let mut call =
        ledger.reserve(Charge::new(who, Usd::from_picodollars(60_000_000))).expect("within the budgets");
    call.started();
    let usage = Usage::reported(TokenUsage::of(1_200, 300));
    call.settle(usage, Usd::from_picodollars(45_000_000)).expect("no sink that fails");
}

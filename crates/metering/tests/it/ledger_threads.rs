//! What users of other gateways complained of, each thread by name. None of it happens here.

use std::io;

use assize_metering::{
    Attribution, Budget, Charge, Dimension, Entry, EntryKind, ErrorKind, Ledger, LedgerSink, MemorySink,
    Period, PriceBook, RefusalKind, Scope, TokenUsage, Usage, Usd,
};

use crate::ledger_clock::{SetClock, charge, tokens, usd};

fn capped(hard: &str) -> Ledger {
    let budget = Budget::new("cap", Scope::Everything, Period::Total).with_hard(usd(hard));
    Ledger::builder(SetClock::default().shared()).budget(budget).open().expect("a valid budget")
}

fn billed(ledger: &Ledger) -> (String, String) {
    let billed = ledger.total().billed;
    (billed.cost.to_string(), billed.possibly_billed.to_string())
}

fn amounts(cost: &str, possibly_billed: &str) -> (String, String) {
    (cost.to_owned(), possibly_billed.to_owned())
}

/// BerriAI/litellm#34732: calls that are checked at the same time all see the same spend and all pass.
#[test]
fn litellm_34732_calls_under_way_count() {
    let ledger = capped("1.00");
    let first = ledger.reserve(charge("0.60")).unwrap();
    let refusal = ledger.reserve(charge("0.60")).unwrap_err();
    let shortfall = &refusal.shortfalls()[0];
    assert_eq!((shortfall.spent, shortfall.reserved, shortfall.left), (usd("0"), usd("0.60"), usd("0.40")));
    assert_eq!(shortfall.free_at, None);
    assert_eq!(
        refusal.to_string(),
        "reserve for a call: it could cost 0.60 USD, and of the 1.00 USD of budget `cap` 0.00 are spent and 0.60 \
         reserved, which leaves 0.40"
    );
    first.settle(tokens(1, 1), usd("0.40")).unwrap();
    assert!(ledger.reserve(charge("0.60")).is_ok());
}

/// BerriAI/litellm#26672: the same across several budgets, of which one was taken from although another refused.
#[test]
fn litellm_26672_a_refusal_takes_from_no_budget() {
    let ledger = Ledger::builder(SetClock::default().shared())
        .budget(Budget::new("tenants", Scope::Each(Dimension::Tenant), Period::Total).with_hard(usd("9")))
        .budget(Budget::new("all", Scope::Everything, Period::Total).with_hard(usd("1")))
        .open()
        .unwrap();
    let who = Attribution::new().with_tenant("acme");
    let refusal = ledger.reserve(Charge::new(who.clone(), usd("2"))).unwrap_err();
    assert_eq!(refusal.shortfalls().len(), 1);
    assert_eq!(ledger.budgets(), []);
    assert_eq!(ledger.budget("tenants", &who).unwrap().left(), Some(usd("9")));
    assert_eq!((ledger.reserved(), ledger.n_open()), (Usd::ZERO, 0));
}

/// BerriAI/litellm#35524: no estimate, no reservation, no limit. Here a charge cannot be made without a worst case, and a
/// model without a price gives none.
#[test]
fn litellm_35524_an_unknown_price_gives_no_worst_case() {
    let unknown = PriceBook::embedded().find("gpt-9-nonsense", jiff::civil::date(2026, 11, 1));
    assert_eq!(unknown.unwrap_err().kind(), ErrorKind::UnknownModel);
    // Who claims that a call is free, and is wrong, does so once.
    let ledger = capped("1.00");
    let call = ledger.reserve(charge("0")).unwrap();
    let settled = call.settle(tokens(1, 1), usd("1.50")).unwrap();
    assert_eq!(settled.overrun, usd("1.50"));
    assert_eq!(ledger.reserve(charge("0")).unwrap_err().kind(), RefusalKind::OverBudget);
}

#[derive(Debug)]
struct Broken;

impl LedgerSink for Broken {
    fn record(&mut self, _: &Entry) -> io::Result<()> {
        Err(io::Error::other("the disk is full"))
    }
}

/// BerriAI/litellm#33923: where the store of budgets failed, calls went through unchecked.
#[test]
fn litellm_33923_what_cannot_be_written_is_refused() {
    let ledger = Ledger::builder(SetClock::default().shared()).sink(Broken).open().unwrap();
    let refusal = ledger.reserve(charge("0.01")).unwrap_err();
    assert_eq!(refusal.kind(), RefusalKind::NotRecorded);
    assert_eq!(std::error::Error::source(&refusal).unwrap().to_string(), "the disk is full");
    assert_eq!((ledger.reserved(), ledger.n_open()), (Usd::ZERO, 0));
}

/// BerriAI/litellm PR#27509: a call reserved all that was left, and blocked all others.
#[test]
fn litellm_pr_27509_a_call_reserves_its_worst_case_and_no_more() {
    let ledger = capped("1.00");
    let calls: Vec<_> = (0..10).map(|_| ledger.reserve(charge("0.10")).unwrap()).collect();
    assert_eq!(ledger.budget("cap", &Attribution::new()).unwrap().left(), Some(usd("0")));
    assert!(ledger.reserve(charge("0.000000000001")).is_err());
    drop(calls);
    assert_eq!(ledger.budget("cap", &Attribution::new()).unwrap().left(), Some(usd("1")));
}

/// gbrain#4365: $5.135 were spent under a cap of $5, by calls that were checked after they were made.
#[test]
fn gbrain_4365_a_cap_of_5_is_5() {
    let ledger = capped("5");
    let mut n_made = 0;
    while let Ok(call) = ledger.reserve(charge("0.395")) {
        call.settle(tokens(1, 1), usd("0.395")).unwrap();
        n_made += 1;
    }
    assert_eq!((n_made, ledger.total().billed.cost), (12, usd("4.74")));
    // 4.74 + 0.395 would be the 5.135.
}

/// BerriAI/litellm PR#33736, #36008, #37558: the caller of a stream went away, and nothing was booked.
#[test]
fn litellm_36008_a_cancelled_stream_is_booked_from_what_is_known() {
    let ledger = capped("5");
    let mut call = ledger.reserve(charge("1.00")).unwrap();
    call.started();
    for (output, cost) in [(10, "0.10"), (20, "0.20"), (30, "0.30")] {
        call.observe(tokens(100, output), Some(usd(cost))).unwrap();
    }
    assert_eq!(call.left(), usd("0.70"));
    drop(call);
    assert_eq!(billed(&ledger), amounts("0.30", "0.70"));
    // Snapshots replace each other: they are not added.
    assert_eq!(ledger.total().billed.tokens, TokenUsage::of(100, 30));
    assert_eq!(ledger.budget("cap", &Attribution::new()).unwrap().spent, usd("1.00"));
}

/// The same where nothing was heard before the end.
#[test]
fn litellm_37558_a_call_that_timed_out_may_have_been_billed() {
    let ledger = capped("5");
    let mut call = ledger.reserve(charge("1.00")).unwrap();
    call.started();
    assert_eq!(call.release().unwrap_err().kind(), ErrorKind::CallSent);
    assert_eq!(billed(&ledger), amounts("0.00", "1.00"));
    let mut call = ledger.reserve(charge("1.00")).unwrap();
    call.started();
    call.not_billed().unwrap(); // the connection was refused
    assert_eq!(billed(&ledger), amounts("0.00", "1.00"));
    drop(ledger.reserve(charge("1.00")).unwrap()); // never sent
    assert_eq!(billed(&ledger), amounts("0.00", "1.00"));
    assert_eq!(ledger.total().billed.calls, 2);
}

/// BerriAI/litellm#37992: a stated zero was taken for absent, and replaced by an estimate.
#[test]
fn litellm_37992_a_stated_zero_is_zero() {
    let sink = MemorySink::default();
    let ledger = Ledger::builder(SetClock::default().shared()).sink(sink.clone()).open().unwrap();
    let mut call = ledger.reserve(charge("1.00")).unwrap();
    call.observe(Usage::estimated(TokenUsage::of(100, 50)), Some(usd("0.50"))).unwrap();
    call.settle(tokens(0, 0), usd("0")).unwrap();
    assert_eq!(billed(&ledger), amounts("0.00", "0.00"));
    let entry = sink.entries().pop().unwrap();
    assert_eq!((entry.kind, entry.tokens()), (EntryKind::Settled, TokenUsage::of(0, 0)));
}

/// BerriAI/litellm#37923: streams without a usage were logged at $0, and budgets never fired.
#[test]
fn litellm_37923_a_stream_without_usage_is_not_free() {
    let ledger = capped("5");
    let mut n_made = 0;
    while let Ok(mut call) = ledger.reserve(charge("1.00")) {
        call.started(); // its stream ends without a word of usage
        n_made += 1;
    }
    assert_eq!((n_made, billed(&ledger)), (5, amounts("0.00", "5.00")));
}

/// The same where the usage is known and the price is not (maximhq/bifrost logs 0.0).
#[test]
fn what_has_no_price_is_booked_at_its_worst_case() {
    let ledger = capped("5");
    let call = ledger.reserve(charge("1.00")).unwrap();
    let settled = call.settle_unpriced(tokens(100, 20)).unwrap();
    assert_eq!((settled.cost, settled.possibly_billed, settled.overrun), (usd("0"), usd("1"), usd("0")));
    assert_eq!(ledger.total().billed.tokens, TokenUsage::of(100, 20));
}

/// pleaseai/shunt PR#122, lionagi#2393, anthropic-sdk-java#370: a read that times out may be billed, and so is its retry.
#[test]
fn shunt_pr_122_a_retry_does_not_take_back_what_the_first_attempt_may_cost() {
    let sink = MemorySink::default();
    let budget = Budget::new("cap", Scope::Everything, Period::Total).with_hard(usd("1.00"));
    let ledger =
        Ledger::builder(SetClock::default().shared()).budget(budget).sink(sink.clone()).open().unwrap();
    let mut first = ledger.reserve(charge("0.40")).unwrap();
    let attempt = first.attempt();
    first.started();
    drop(first);
    let mut second = ledger.reserve(charge("0.40").retry_of(attempt)).unwrap();
    second.started();
    second.settle(tokens(10, 5), usd("0.15")).unwrap();
    assert_eq!(billed(&ledger), amounts("0.15", "0.40"));
    let total = ledger.total().billed;
    assert_eq!((total.calls, total.retries), (2, 1));
    let attempts: Vec<_> = sink.entries().iter().map(|e| (e.attempt.call, e.attempt.number)).collect();
    assert_eq!(attempts, [(1, 1), (1, 1), (1, 2), (1, 2)]);
    // A third attempt would not fit any more, though the call was "only" tried again.
    assert!(ledger.reserve(charge("0.50").retry_of(attempt)).is_err());
}

#[test]
fn a_call_that_costs_more_than_its_worst_case_is_booked_in_full() {
    let ledger = capped("1.00");
    let call = ledger.reserve(charge("0.90")).unwrap();
    let settled = call.settle(tokens(1, 1), usd("1.20")).unwrap();
    assert_eq!(settled.overrun, usd("0.30"));
    assert_eq!(ledger.total().billed.overrun, usd("0.30"));
    let state = ledger.budget("cap", &Attribution::new()).unwrap();
    assert_eq!((state.spent, state.left()), (usd("1.20"), Some(Usd::ZERO)));
    assert!(ledger.reserve(charge("0.01")).is_err());
    // What is observed above the worst case is not cut either.
    let ledger = capped("1.00");
    let mut call = ledger.reserve(charge("0.90")).unwrap();
    call.observe(tokens(1, 1), Some(usd("0.95"))).unwrap();
    assert_eq!(call.left(), Usd::ZERO);
    drop(call);
    assert_eq!((billed(&ledger), ledger.total().billed.overrun), (amounts("0.95", "0.00"), usd("0.05")));
}

#[test]
fn absurd_amounts_and_labels_are_refused() {
    let ledger = capped("1.00");
    let long = "x".repeat(257);
    let many = (0..33).fold(Attribution::new(), |who, n| who.with_tag(n.to_string(), "x"));
    for (who, amount) in [
        (Attribution::new(), usd("-0.01")),
        (Attribution::new(), usd("1000000000.01")),
        (Attribution::new(), Usd::MAX),
        (Attribution::new(), Usd::MIN),
        (Attribution::new().with_tenant(""), usd("0.01")),
        (Attribution::new().with_tenant(long), usd("0.01")),
        (many, usd("0.01")),
    ] {
        assert_eq!(ledger.reserve(Charge::new(who, amount)).unwrap_err().kind(), RefusalKind::InvalidCharge);
    }
    for cost in [usd("-0.01"), Usd::MAX, Usd::MIN] {
        let ledger = capped("1.00");
        let mut call = ledger.reserve(charge("0.10")).unwrap();
        assert_eq!(call.observe(tokens(1, 1), Some(cost)).unwrap_err().kind(), ErrorKind::InvalidAmount);
        assert_eq!(call.settle(tokens(1, 1), cost).unwrap_err().kind(), ErrorKind::InvalidAmount);
        assert_eq!(billed(&ledger), amounts("0.00", "0.10"));
        assert_eq!(ledger.n_open(), 0);
    }
}

#[test]
fn budgets_that_contradict_are_refused() {
    let budget = |name: &str| Budget::new(name, Scope::Everything, Period::Total);
    let window = Period::Sliding(std::time::Duration::ZERO);
    for wrong in [
        vec![budget("a"), budget("a")],
        vec![budget("")],
        vec![budget("a").with_hard(usd("-1"))],
        vec![budget("a").with_hard(usd("1")).with_soft(usd("1.01"))],
        vec![Budget::new("a", Scope::Everything, window)],
        vec![Budget::new("a", Scope::Each(Dimension::Round), Period::Total)],
        vec![Budget::new("a", Scope::tenant(""), Period::Total)],
    ] {
        let builder = Ledger::builder(SetClock::default().shared());
        let error = wrong.into_iter().fold(builder, |b, budget| b.budget(budget)).open().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidBudget, "{error}");
    }
}

#[test]
fn leaving_the_tenant_out_is_no_way_around_its_limit() {
    let tenants = Budget::new("tenants", Scope::Each(Dimension::Tenant), Period::Total).with_hard(usd("1"));
    let ledger = Ledger::builder(SetClock::default().shared()).budget(tenants).open().unwrap();
    let acme = Attribution::new().with_tenant("acme");
    let of_nobody = ledger.reserve(charge("0.80")).unwrap();
    let of_acme = ledger.reserve(Charge::new(acme, usd("0.80"))).unwrap();
    assert!(ledger.reserve(charge("0.80")).is_err());
    let labels: Vec<_> = ledger.budgets().into_iter().map(|state| state.label).collect();
    assert_eq!(labels, [None, Some("acme".into())]);
    drop((of_nobody, of_acme));
}

#[test]
fn a_soft_limit_warns_once_for_each_crossing() {
    let budget = Budget::new("soft", Scope::Everything, Period::Total).with_soft(usd("1"));
    let ledger = Ledger::builder(SetClock::default().shared()).budget(budget).open().unwrap();
    let first = ledger.reserve(charge("0.90")).unwrap();
    assert!(first.warnings().is_empty());
    let crossing = ledger.reserve(charge("0.90")).unwrap();
    assert_eq!(crossing.warnings()[0].state.reserved, usd("1.80"));
    assert!(ledger.reserve(charge("0.90")).unwrap().warnings().is_empty()); // still above
    assert!(ledger.budgets()[0].above_soft);
    crossing.release().unwrap();
    assert!(!ledger.budgets()[0].above_soft);
    assert_eq!(first.settle(tokens(1, 1), usd("1.10")).unwrap().warnings.len(), 1);
    assert!(ledger.reserve(charge("0.10")).unwrap().warnings().is_empty());
}

#[test]
fn tenants_that_are_gone_leave_nothing_behind() {
    let clock = SetClock::default();
    let minute = Period::Sliding(std::time::Duration::from_secs(60));
    let tenants = Budget::new("tenants", Scope::Each(Dimension::Tenant), minute).with_hard(usd("1"));
    let ledger = Ledger::builder(clock.shared()).budget(tenants).open().unwrap();
    for number in 0..10_000 {
        let who = Attribution::new().with_tenant(number.to_string());
        ledger.reserve(Charge::new(who, usd("1"))).unwrap().settle(tokens(1, 1), usd("1")).unwrap();
        clock.advance(1_000_000_000);
    }
    assert!(ledger.budgets().len() <= 128, "{}", ledger.budgets().len());
    // Those of the last minute are all there.
    let spent = ledger.budgets().iter().filter(|state| state.spent == usd("1")).count();
    assert_eq!(spent, 59);
}

//! Many callers at once: no limit is exceeded at any instant, and the books balance.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use assize_ambient::Seed;
use assize_metering::{
    Attribution, Budget, Charge, Dimension, Entry, EntryKind, Ledger, LedgerSink, MemorySink, Period,
    RefusalKind, Scope, Usd,
};

use crate::ledger_clock::{SetClock, charge, tokens, usd};

/// Adds up for itself what the ledger writes, and keeps the highest that was ever spent and reserved together.
#[derive(Debug, Clone, Default)]
struct Witness(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    spent: i128,
    reserved: i128,
    highest: i128,
    of_tenants: [(i128, i128); 4],
    next: u64,
}

fn tenant_of(entry: &Entry) -> usize {
    entry.who.tenant().and_then(|tenant| tenant.parse().ok()).expect("a tenant by number")
}

impl LedgerSink for Witness {
    fn record(&mut self, entry: &Entry) -> io::Result<()> {
        let mut seen = self.0.lock().expect("nobody panics here");
        seen.next += 1;
        assert_eq!(entry.sequence, seen.next);
        let reserved = entry.reserved.picodollars();
        let (spent, reserved) = match entry.kind {
            EntryKind::Reserved => (0, reserved),
            _ => (entry.counted().picodollars(), -reserved),
        };
        seen.spent += spent;
        seen.reserved += reserved;
        seen.highest = seen.highest.max(seen.spent + seen.reserved);
        let committed = &mut seen.of_tenants[tenant_of(entry)];
        committed.0 += spent + reserved;
        committed.1 = committed.1.max(committed.0);
        Ok(())
    }
}

const LIMIT: i128 = 5_000_000_000_000;
const LIMIT_OF_TENANT: i128 = 1_500_000_000_000;

fn contested(witness: &Witness) -> Ledger {
    let everything = Budget::new("everything", Scope::Everything, Period::Total);
    let tenants = Budget::new("tenants", Scope::Each(Dimension::Tenant), Period::UtcDay);
    Ledger::builder(SetClock::default().shared())
        .budget(everything.with_hard(Usd::from_picodollars(LIMIT)))
        .budget(tenants.with_hard(Usd::from_picodollars(LIMIT_OF_TENANT)))
        .sink(witness.clone())
        .open()
        .expect("the budgets are valid")
}

/// One call, made in one of the ways in which calls end. Says whether it was granted.
fn one_call(ledger: &Ledger, caller: u64, pause: impl Fn()) -> bool {
    let mut chance = Seed::new(caller).rng();
    let who = Attribution::new().with_tenant((caller % 4).to_string());
    let worst = i128::try_from(1 + chance.below(50_000_000_000)).expect("small");
    let Ok(mut call) = ledger.reserve(Charge::new(who, Usd::from_picodollars(worst))) else { return false };
    pause();
    let part = Usd::from_picodollars(worst * i128::try_from(chance.below(101)).expect("small") / 100);
    match chance.below(6) {
        0 => call.release().expect("not started"),
        1 => {
            call.started();
            call.not_billed().map(drop).expect("written");
        }
        2 => {
            call.observe(tokens(10, 1), Some(part)).expect("a valid cost");
            pause();
            drop(call);
        }
        3 => {
            let panicked = catch_unwind(AssertUnwindSafe(move || {
                call.started();
                std::panic::resume_unwind(Box::new("the caller died"));
            }));
            assert!(panicked.is_err());
        }
        _ => {
            call.started();
            pause();
            call.settle(tokens(10, 1), part).map(drop).expect("written");
        }
    }
    true
}

fn balanced(ledger: &Ledger, witness: &Witness, n_granted: usize) {
    let seen = witness.0.lock().expect("nobody panics here");
    assert!(seen.highest <= LIMIT, "{} > {LIMIT}", seen.highest);
    for (_, highest) in seen.of_tenants {
        assert!(highest <= LIMIT_OF_TENANT, "{highest} > {LIMIT_OF_TENANT}");
    }
    assert_eq!((ledger.reserved(), ledger.n_open(), seen.reserved), (Usd::ZERO, 0, 0));
    assert_eq!(ledger.total().billed.counted().picodollars(), seen.spent);
    assert_eq!(seen.next, 2 * n_granted as u64);
    let states = ledger.budgets();
    let spent = |name: &str| {
        let of_name = states.iter().filter(|state| &*state.budget == name);
        of_name.map(|state| state.spent.picodollars()).sum::<i128>()
    };
    assert_eq!((spent("everything"), spent("tenants")), (seen.spent, seen.spent));
    assert!(states.iter().all(|state| state.reserved.is_zero()));
}

#[test]
fn a_thousand_tasks_never_exceed_a_limit() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(8).build().unwrap();
    let witness = Witness::default();
    let ledger = contested(&witness);
    let n_granted = runtime.block_on(async {
        let tasks: Vec<_> = (0..1_000)
            .map(|task| {
                let ledger = ledger.clone();
                tokio::spawn(async move {
                    let mut n_granted = 0;
                    for call in 0..5 {
                        n_granted += usize::from(one_call(&ledger, task * 5 + call, std::thread::yield_now));
                        tokio::task::yield_now().await;
                    }
                    n_granted
                })
            })
            .collect();
        let mut n_granted = 0;
        for task in tasks {
            n_granted += task.await.unwrap();
        }
        n_granted
    });
    assert!(n_granted > 100, "{n_granted}");
    balanced(&ledger, &witness, n_granted);
}

#[test]
fn threads_never_exceed_a_limit() {
    let witness = Witness::default();
    let ledger = contested(&witness);
    let n_granted = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for thread in 0..16_u64 {
            let (ledger, n_granted) = (&ledger, &n_granted);
            scope.spawn(move || {
                for call in 0..300 {
                    let granted = one_call(ledger, 1_000_000 + thread * 300 + call, std::thread::yield_now);
                    n_granted.fetch_add(usize::from(granted), Ordering::Relaxed);
                }
            });
        }
    });
    balanced(&ledger, &witness, n_granted.into_inner());
}

/// All hold their reservation until everybody has asked: exactly as many are granted as fit.
#[test]
fn a_thousand_reservations_at_once_grant_exactly_what_fits() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(8).build().unwrap();
    let sink = MemorySink::default();
    let budget = Budget::new("cap", Scope::Everything, Period::Total).with_hard(usd("5"));
    let ledger =
        Ledger::builder(SetClock::default().shared()).budget(budget).sink(sink.clone()).open().unwrap();
    let everybody = Arc::new(tokio::sync::Barrier::new(1_000));
    let granted = runtime.block_on(async {
        let tasks: Vec<_> = (0..1_000)
            .map(|_| {
                let (ledger, everybody) = (ledger.clone(), Arc::clone(&everybody));
                tokio::spawn(async move {
                    everybody.wait().await;
                    let call = ledger.reserve(charge("0.03"));
                    everybody.wait().await;
                    match call {
                        Ok(call) => call.settle(tokens(1, 1), usd("0.03")).is_ok(),
                        Err(refusal) => {
                            assert_eq!(refusal.kind(), RefusalKind::OverBudget);
                            false
                        }
                    }
                })
            })
            .collect();
        let mut granted = 0;
        for task in tasks {
            granted += usize::from(task.await.unwrap());
        }
        granted
    });
    assert_eq!(granted, 166); // 166 × 0.03 = 4.98
    assert_eq!(ledger.total().billed.cost, usd("4.98"));
    assert_eq!(sink.entries().len(), 2 * 166);
}

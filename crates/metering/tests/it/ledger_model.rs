//! The ledger against a naive one, which scans all that ever happened; and every prefix of its log resumed.

use std::time::Duration;

use assize_ambient::{Clock, Timestamp};
use assize_metering::{
    Attribution, Budget, BudgetState, Charge, Dimension, Entry, EntryKind, Ledger, MemorySink, Period,
    Reservation, Scope, TokenUsage, Usage, Usd,
};
use jiff::ToSpan;
use jiff::tz::TimeZone;
use proptest::prelude::*;

use crate::ledger_clock::{SetClock, tokens};

#[derive(Debug, Clone)]
enum Step {
    Reserve { who: usize, amount: i128, simulated: bool },
    Start(usize),
    Observe(usize, i128),
    Settle(usize, i128),
    SettleSimulated(usize, i128),
    Unpriced(usize),
    NotBilled(usize),
    Release(usize),
    Drop(usize),
    Advance(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (call, amount) = (0_usize..8, 0_i128..60);
    let step = prop_oneof![
        8 => (0_usize..6, amount.clone(), any::<bool>(), any::<bool>())
            .prop_map(|(who, amount, a, b)| Step::Reserve { who, amount, simulated: a && b }),
        1 => call.clone().prop_map(Step::Start),
        2 => (call.clone(), amount.clone()).prop_map(|(call, cost)| Step::Observe(call, cost)),
        4 => (call.clone(), amount.clone()).prop_map(|(call, cost)| Step::Settle(call, cost)),
        1 => (call.clone(), amount).prop_map(|(call, cost)| Step::SettleSimulated(call, cost)),
        1 => call.clone().prop_map(Step::Unpriced),
        1 => call.clone().prop_map(Step::NotBilled),
        1 => call.clone().prop_map(Step::Release),
        2 => call.prop_map(Step::Drop),
        4 => prop_oneof![Just(1), 1_i64..200, Just(50), Just(100), Just(3_600_000_000_000)].prop_map(Step::Advance),
    ];
    proptest::collection::vec(step, 1..120)
}

fn who(number: usize) -> Attribution {
    let who = Attribution::new().with_model(if number.is_multiple_of(2) { "even" } else { "odd" });
    match number {
        0 => who,
        1 | 2 => who.with_tenant("a").with_tag("team", "red"),
        _ => who.with_tenant("b").with_debate(format!("debate {number}")),
    }
}

const WINDOW: u64 = 100;

fn amount(value: i128) -> Usd {
    Usd::from_picodollars(value)
}

fn budgets() -> Vec<Budget> {
    let window = Period::Sliding(Duration::from_nanos(WINDOW));
    vec![
        Budget::new("all", Scope::Everything, Period::Total).with_soft(amount(300)).with_hard(amount(1_000)),
        Budget::new("tenants", Scope::Each(Dimension::Tenant), window)
            .with_soft(amount(40))
            .with_hard(amount(100)),
        Budget::new("even", Scope::model("even"), Period::UtcDay)
            .with_soft(amount(50))
            .with_hard(amount(150)),
        Budget::new("red", Scope::tag("team", "red"), Period::UtcMonth).with_hard(amount(120)),
        Budget::new("counted", Scope::Everything, window).with_soft(amount(60)).counting_simulated(),
    ]
}

/// What the naive ledger remembers of each call, for ever.
#[derive(Debug, Clone)]
struct Call {
    who: Attribution,
    reserved: i128,
    simulated: bool,
    started: bool,
    known: Option<i128>,
    /// When it was booked, how much, and whether that was simulated.
    booked: Option<(Timestamp, i128, bool)>,
    open: bool,
}

struct Naive {
    calls: Vec<Call>,
    above: Vec<((usize, String), bool)>,
}

impl Naive {
    fn label(budget: &Budget, who: &Attribution) -> Option<String> {
        match &budget.scope {
            Scope::Everything => Some(String::new()),
            Scope::Each(_) => Some(who.tenant().unwrap_or("").to_owned()),
            Scope::Only(Dimension::Model, model) => (who.model() == Some(&**model)).then(String::new),
            Scope::Only(_, value) => (who.tag("team") == Some(&**value)).then(String::new),
            _ => unreachable!("no such scope here"),
        }
    }

    fn counts(budget: &Budget, label: &str, who: &Attribution, simulated: bool) -> bool {
        (!simulated || budget.counts_simulated) && Self::label(budget, who).as_deref() == Some(label)
    }

    fn spent(&self, budget: &Budget, label: &str, now: Timestamp) -> i128 {
        let date = |at: Timestamp| TimeZone::UTC.to_datetime(at).date();
        let counted = self.calls.iter().filter_map(|call| {
            let (at, cost, simulated) = call.booked?;
            let within = match budget.period {
                Period::Sliding(_) => now.as_nanosecond() < at.as_nanosecond() + i128::from(WINDOW),
                Period::UtcDay => date(at) == date(now),
                Period::UtcMonth => date(at).first_of_month() == date(now).first_of_month(),
                _ => true,
            };
            (within && Self::counts(budget, label, &call.who, simulated)).then_some(cost)
        });
        counted.sum()
    }

    fn reserved(&self, budget: &Budget, label: &str) -> i128 {
        let open = self.calls.iter().filter(|call| call.open);
        open.filter(|call| Self::counts(budget, label, &call.who, call.simulated))
            .map(|call| call.reserved)
            .sum()
    }

    /// The earliest time at which enough has expired, found by trying.
    fn free_at(&self, budget: &Budget, label: &str, wanted: i128, now: Timestamp) -> Option<Timestamp> {
        let hard = budget.hard?.picodollars();
        let reserved = self.reserved(budget, label);
        let fits = |at| self.spent(budget, label, at) + reserved + wanted <= hard;
        let day = TimeZone::UTC.to_datetime(now).date();
        let candidates: Vec<Timestamp> = match budget.period {
            Period::Sliding(_) => {
                let ends = self.calls.iter().filter_map(|call| call.booked);
                let mut ends: Vec<_> =
                    ends.map(|(at, ..)| at + Duration::from_nanos(WINDOW)).filter(|at| *at > now).collect();
                ends.sort_unstable();
                ends
            }
            Period::UtcDay => {
                vec![day.tomorrow().expect("in range").to_zoned(TimeZone::UTC).expect("in range").timestamp()]
            }
            Period::UtcMonth => {
                let next = day.first_of_month().checked_add(1.month()).expect("in range");
                vec![next.to_zoned(TimeZone::UTC).expect("in range").timestamp()]
            }
            _ => Vec::new(),
        };
        candidates.into_iter().find(|at| fits(*at))
    }

    /// Looks at every account; those newly above their soft limit are returned where `who` is theirs.
    fn crossings(&mut self, now: Timestamp, who: Option<&Attribution>) -> Vec<String> {
        let mut crossed = Vec::new();
        for (number, budget) in budgets().iter().enumerate() {
            for label in ["", "a", "b"] {
                let committed = self.spent(budget, label, now) + self.reserved(budget, label);
                let above = budget.soft.is_some_and(|soft| committed > soft.picodollars());
                let key = (number, label.to_owned());
                let was = self.above.iter().find(|(known, _)| *known == key).is_some_and(|(_, above)| *above);
                self.above.retain(|(known, _)| *known != key);
                self.above.push((key, above));
                if above && !was && who.is_some() {
                    crossed.push(format!("{} {label}", budget.name));
                }
            }
        }
        crossed
    }
}

fn described(state: &BudgetState) -> String {
    format!("{} {}", state.budget, state.label.as_deref().unwrap_or_default())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn it_does_what_the_naive_ledger_does(steps in steps()) {
        let (clock, sink) = (SetClock::default(), MemorySink::default());
        let mut builder = Ledger::builder(clock.shared()).sink(sink.clone());
        for budget in budgets() {
            builder = builder.budget(budget);
        }
        let ledger = builder.open().unwrap();
        let mut naive = Naive { calls: Vec::new(), above: Vec::new() };
        let mut open: Vec<(usize, Reservation)> = Vec::new();
        for step in steps {
            let now = clock.now();
            naive.crossings(now, None);
            take(&step, &ledger, &mut naive, &mut open, &clock)?;
            agree(&ledger, &naive, clock.now())?;
        }
        let n_open = open.len();
        prop_assert_eq!(ledger.n_open(), n_open);
        prefixes_resume(&sink.entries(), &clock)?;
    }
}

type Open = Vec<(usize, Reservation)>;

fn take(
    step: &Step,
    ledger: &Ledger,
    naive: &mut Naive,
    open: &mut Open,
    clock: &SetClock,
) -> Result<(), TestCaseError> {
    let now = clock.now();
    let call = match *step {
        Step::Advance(nanoseconds) => {
            clock.advance(nanoseconds);
            return Ok(());
        }
        Step::Reserve { who: number, amount, simulated } => {
            return reserve(ledger, naive, open, (who(number), amount, simulated), now);
        }
        Step::Start(call)
        | Step::Observe(call, _)
        | Step::Settle(call, _)
        | Step::SettleSimulated(call, _) => call,
        Step::Unpriced(call) | Step::NotBilled(call) | Step::Release(call) | Step::Drop(call) => call,
    };
    if call >= open.len() {
        return Ok(());
    }
    let of_naive = &mut naive.calls[open[call].0];
    match *step {
        Step::Start(_) => {
            open[call].1.started();
            of_naive.started = true;
            return Ok(());
        }
        Step::Observe(_, cost) => {
            open[call].1.observe(tokens(1, 1), Some(amount(cost))).expect("valid, and written");
            (of_naive.started, of_naive.known) = (true, Some(cost));
            return Ok(());
        }
        _ => {}
    }
    let reserved = of_naive.reserved;
    let left = open.swap_remove(call).1;
    // As if it had been dropped: what is known and the rest as possibly billed, or nothing.
    let dropped = of_naive.started.then_some(reserved.max(of_naive.known.unwrap_or(0)));
    // What is observed here is reported by a vendor, which makes it real.
    let simulated = of_naive.simulated && of_naive.known.is_none();
    let (booked, simulated, warnings) = match *step {
        Step::Settle(_, cost) => {
            let settled = left.settle(tokens(1, 1), amount(cost)).expect("valid, and written");
            prop_assert_eq!(settled.overrun.picodollars(), (cost - reserved).max(0));
            (Some(cost), false, settled.warnings)
        }
        Step::SettleSimulated(_, cost) => {
            let usage = Usage::simulated(TokenUsage::of(1, 1));
            (Some(cost), true, left.settle(usage, amount(cost)).expect("valid, and written").warnings)
        }
        Step::Unpriced(_) => {
            (Some(reserved), false, left.settle_unpriced(tokens(1, 1)).expect("valid, and written").warnings)
        }
        Step::NotBilled(_) => (Some(0), false, left.not_billed().expect("valid, and written").warnings),
        Step::Release(_) => {
            prop_assert_eq!(left.release().is_err(), of_naive.started);
            (dropped, simulated, Vec::new())
        }
        _ => {
            drop(left);
            (dropped, simulated, Vec::new())
        }
    };
    let who = of_naive.who.clone();
    (of_naive.open, of_naive.booked) = (false, booked.map(|cost| (now, cost, simulated)));
    let crossed = naive.crossings(now, Some(&who));
    if !matches!(step, Step::Release(_) | Step::Drop(_)) {
        prop_assert_eq!(warnings.iter().map(|w| described(&w.state)).collect::<Vec<_>>(), crossed);
    }
    Ok(())
}

fn reserve(
    ledger: &Ledger,
    naive: &mut Naive,
    open: &mut Open,
    (who, wanted, simulated): (Attribution, i128, bool),
    now: Timestamp,
) -> Result<(), TestCaseError> {
    let mut charge = Charge::new(who.clone(), amount(wanted));
    if simulated {
        charge = charge.simulated();
    }
    let mut expected = Vec::new();
    for budget in budgets() {
        let Some(label) = Naive::label(&budget, &who) else { continue };
        let Some(hard) = budget.hard.filter(|_| !simulated || budget.counts_simulated) else { continue };
        let (spent, reserved) = (naive.spent(&budget, &label, now), naive.reserved(&budget, &label));
        if spent + reserved + wanted > hard.picodollars() {
            let free_at = naive.free_at(&budget, &label, wanted, now);
            expected.push((budget.name.to_string(), spent, reserved, free_at));
        }
    }
    match ledger.reserve(charge) {
        Ok(call) => {
            prop_assert_eq!(&expected, &Vec::new());
            let number = naive.calls.len();
            naive.calls.push(Call {
                who: who.clone(),
                reserved: wanted,
                simulated,
                started: false,
                known: None,
                booked: None,
                open: true,
            });
            let crossed = naive.crossings(now, Some(&who));
            prop_assert_eq!(call.warnings().iter().map(|w| described(&w.state)).collect::<Vec<_>>(), crossed);
            open.push((number, call));
        }
        Err(refusal) => {
            let found = refusal.shortfalls().iter().map(|short| {
                let (spent, reserved) = (short.spent.picodollars(), short.reserved.picodollars());
                (short.budget.to_string(), spent, reserved, short.free_at)
            });
            prop_assert_eq!(found.collect::<Vec<_>>(), expected);
        }
    }
    Ok(())
}

fn agree(ledger: &Ledger, naive: &Naive, now: Timestamp) -> Result<(), TestCaseError> {
    for budget in budgets() {
        for number in 0..6 {
            let who = who(number);
            let Some(label) = Naive::label(&budget, &who) else {
                prop_assert_eq!(ledger.budget(&budget.name, &who), None);
                continue;
            };
            let state = ledger.budget(&budget.name, &who).expect("it counts them");
            let (spent, reserved) = (naive.spent(&budget, &label, now), naive.reserved(&budget, &label));
            prop_assert_eq!((state.spent.picodollars(), state.reserved.picodollars()), (spent, reserved));
            let above = budget.soft.is_some_and(|soft| spent + reserved > soft.picodollars());
            prop_assert_eq!(state.above_soft, above);
        }
    }
    let sum = |simulated: bool| -> i128 {
        let booked = naive.calls.iter().filter_map(|call| call.booked);
        booked.filter(|(.., of)| *of == simulated).map(|(_, cost, _)| cost).sum()
    };
    let total = ledger.total();
    prop_assert_eq!(total.billed.counted().picodollars(), sum(false));
    prop_assert_eq!(total.simulated.counted().picodollars(), sum(true));
    Ok(())
}

/// Whatever was written when the process died: what was booked stays booked, what was open may have been billed.
fn prefixes_resume(entries: &[Entry], clock: &SetClock) -> Result<(), TestCaseError> {
    for length in 0..=entries.len() {
        let mut builder = Ledger::builder(clock.shared());
        for budget in budgets() {
            builder = builder.budget(budget);
        }
        let prefix = &entries[..length];
        let resumed = builder.resume_after(prefix.iter().cloned()).expect("a prefix is whole");
        let ended = |reservation| {
            prefix.iter().any(|e| e.kind != EntryKind::Reserved && e.reservation == reservation)
        };
        let mut naive = Naive { calls: Vec::new(), above: Vec::new() };
        for entry in prefix {
            let (at, cost, simulated) = match entry.kind {
                EntryKind::Reserved if ended(entry.reservation) => continue,
                EntryKind::Reserved => (clock.now(), entry.reserved, entry.simulated),
                _ => (entry.at, entry.counted(), entry.simulated),
            };
            let booked = Some((at, cost.picodollars(), simulated));
            let (who, known) = (entry.who.clone(), None);
            naive.calls.push(Call { who, reserved: 0, simulated, started: true, known, booked, open: false });
        }
        prop_assert_eq!(resumed.n_open(), 0);
        agree(&resumed, &naive, clock.now())?;
    }
    Ok(())
}

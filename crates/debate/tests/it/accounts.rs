//! What a debate costs, by participant, round, model and tag: its ledger, its verdict and its bills agree to the last digit.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use assize_ambient::{FixedClock, Seed, Timestamp};
use assize_debate::{
    AbstainReason, Abstention, Bill, Conclusion, Debater, Delta, Driver, Event, Gallery, Limits, Notice,
    Reservation, Seat, Spec, Speech, Spoken, Turn, Utterance,
};
use assize_metering::{
    Attribution, Budget, Dimension, Label, Ledger, Period, Scope, Sums, TokenUsage, UsageBasis, Usd,
};
use futures_util::{
    StreamExt,
    future::{pending, ready},
    stream::once,
};
use proptest::prelude::*;

/// Calls a model that costs something else each time, and sometimes fails, before or after it was billed.
#[derive(Debug)]
struct Costly {
    seed: Seed,
    simulated: bool,
    stalls_in_round: Option<u32>,
}

impl Debater for Costly {
    fn speak(&self, turn: Turn) -> Speech {
        let mut chance = self.seed.child(&format!("{}/{}", turn.round(), turn.seat().0)).rng();
        let reserved = 10_000_000_000 + i128::try_from(chance.below(1_000_000_007)).expect("small");
        let cost =
            Usd::from_picodollars(reserved - i128::try_from(chance.below(9_999_999_967)).expect("small"));
        let reservation =
            Reservation { calls: 1, cost: Usd::from_picodollars(reserved), simulated: self.simulated };
        let basis = (!self.simulated).then_some(UsageBasis::Reported);
        let tokens = Some(Box::new(TokenUsage::of(chance.below(5_000) as u64, chance.below(500) as u64)));
        let billed = Bill { calls: 1, tokens, cost, simulated: self.simulated, basis, ..Bill::default() };
        let silent =
            |bill| Err(Abstention { reason: AbstainReason::Failed, detail: "it failed".to_owned(), bill });
        let said = match chance.below(8) {
            0 => silent(billed),
            1 => silent(reservation.lost()),
            2 => silent(Bill { possibly_paid: Usd::ZERO, ..reservation.lost() }),
            n => Ok(Delta::Done(Box::new(Spoken { utterance: Utterance::new(n % 2), bill: billed }))),
        };
        if self.stalls_in_round == Some(turn.round()) {
            return Speech { reservation, deltas: once(pending()).boxed() };
        }
        Speech { reservation, deltas: once(ready(said)).boxed() }
    }
}

fn ledger(budgets: impl IntoIterator<Item = Budget>) -> Ledger {
    let now: Timestamp = "2026-11-20T09:00:00Z".parse().expect("a moment");
    let builder = Ledger::builder(Arc::new(FixedClock::new(now)));
    budgets.into_iter().fold(builder, |builder, budget| builder.budget(budget)).open().expect("a ledger")
}

fn spec(seats: usize) -> Spec {
    (0..seats).fold(Spec::new("Tea?", ["yes", "no"]).with_rounds(4), |spec, n| {
        spec.with_seat(Seat::new(format!("Seat {n}"), format!("model-{}", n % 2)))
    })
}

fn who() -> Attribution {
    Attribution::new().with_tenant("acme").with_tag("desk", "rates")
}

fn panel(seats: usize, seed: u64, simulated: bool, stalls_in_round: Option<u32>) -> Vec<Arc<dyn Debater>> {
    (0..seats)
        .map(|_| Arc::new(Costly { seed: Seed::new(seed), simulated, stalls_in_round }) as Arc<dyn Debater>)
        .collect()
}

/// What the bills in the events come to, by round and seat.
#[derive(Debug, Default)]
struct Bills {
    by_turn: BTreeMap<(u32, usize), (Usd, Usd)>,
    cost: Usd,
    possibly_paid: Usd,
    tokens: TokenUsage,
}

fn run(spec: Spec, panel: Vec<Arc<dyn Debater>>, ledger: &Ledger) -> (Conclusion, Bills) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(async {
        let gallery = Gallery::new();
        let driver = Driver::new(spec, panel).expect("a panel").with_gallery(gallery.clone());
        let conclusion = driver.with_ledger(ledger.clone(), &who()).run().await.expect("a verdict");
        let mut bills = Bills::default();
        let mut notices = gallery.watch(0);
        while let Some(notice) = notices.next().await {
            let Notice::Record { record, .. } = notice else { continue };
            if let Event::Spoke { round, seat, bill, .. } | Event::Abstained { round, seat, bill, .. } =
                &record.event
            {
                let add = |a: Usd, b: Usd| a.checked_add(b).expect("in range");
                bills.cost = add(bills.cost, bill.cost);
                bills.possibly_paid = add(bills.possibly_paid, bill.possibly_paid);
                bills.tokens.merge(&bill.tokens.as_deref().copied().unwrap_or_default());
                if bill.calls > 0 {
                    bills.by_turn.insert((*round, seat.get()), (bill.cost, bill.possibly_paid));
                }
            }
        }
        (conclusion, bills)
    })
}

fn amounts(sums: &Sums) -> (Usd, Usd) {
    let add = |a: Usd, b: Usd| a.checked_add(b).expect("in range");
    let (billed, simulated) = (&sums.billed, &sums.simulated);
    (add(billed.cost, simulated.cost), add(billed.possibly_billed, simulated.possibly_billed))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_cost_of_a_debate_is_the_sum_of_its_calls(
        seats in 1_usize..6, seed: u64, simulated: bool, stalls in prop::option::of(0_u32..3),
    ) {
        let ledger = ledger([]);
        let spec = spec(seats).with_limits(Limits { turn: Some(Duration::from_secs(9)), ..Limits::default() });
        let (conclusion, bills) = run(spec, panel(seats, seed, simulated, stalls), &ledger);
        prop_assert_eq!((ledger.n_open(), ledger.reserved()), (0, Usd::ZERO));
        let total = ledger.total();
        prop_assert_eq!(amounts(&total), (bills.cost, bills.possibly_paid));
        prop_assert_eq!(conclusion.verdict.cost, bills.cost);
        let (named, other) = if simulated { (&total.simulated, &total.billed) } else { (&total.billed, &total.simulated) };
        prop_assert_eq!(named.tokens.total_input(), bills.tokens.total_input());
        prop_assert_eq!(u32::try_from(named.calls).expect("few"), conclusion.verdict.calls);
        prop_assert_eq!(other.calls, 0);

        let by_turn = ledger.roll_up(&[Dimension::Round, Dimension::Participant]);
        let rolled: BTreeMap<(u32, usize), (Usd, Usd)> = by_turn.rows().iter().map(|row| {
            let [Some(Label::Round(round)), Some(Label::Text(name))] = &row.labels[..] else { panic!("{row:?}") };
            let seat = name.trim_start_matches("Seat ").parse().expect("a seat");
            ((*round, seat), amounts(&row.sums))
        }).collect();
        prop_assert_eq!(rolled, bills.by_turn);
        for by in [
            vec![Dimension::Model], vec![Dimension::Participant], vec![Dimension::tag("desk")],
            vec![Dimension::Debate, Dimension::Tenant, Dimension::Purpose, Dimension::Day],
        ] {
            let roll_up = ledger.roll_up(&by);
            let sum = roll_up.rows().iter().fold((Usd::ZERO, Usd::ZERO), |sum, row| {
                let (cost, possibly) = amounts(&row.sums);
                (sum.0.checked_add(cost).expect("in range"), sum.1.checked_add(possibly).expect("in range"))
            });
            prop_assert_eq!(sum, (bills.cost, bills.possibly_paid));
            prop_assert_eq!(roll_up.total(), &total);
        }
    }
}

/// Calls are refused before they are made; what debates cost together stays within the limit that they share.
#[test]
fn a_limit_that_debates_share_holds() {
    let limit: Usd = "0.12".parse().expect("money");
    let ledger = ledger([Budget::new("acme", Scope::tenant("acme"), Period::Total).with_hard(limit)]);
    let mut refused = 0;
    for seed in 0..6 {
        let (conclusion, bills) = run(spec(3), panel(3, seed, false, None), &ledger);
        assert_eq!(conclusion.verdict.cost, bills.cost);
        refused += conclusion
            .verdict
            .abstentions
            .iter()
            .filter(|a| a.reason == AbstainReason::OverBudget && a.detail.contains("budget `acme`"))
            .count();
        assert!(ledger.total().billed.counted() <= limit, "{:?}", ledger.total());
    }
    assert!(refused > 0, "{:?}", ledger.total());
    assert!(ledger.total().billed.counted() > Usd::ZERO);
}

/// Whoever drops a running debate does not get its calls for nothing.
#[test]
fn a_cancelled_debate_is_booked_as_possibly_billed() {
    let ledger = ledger([]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(async {
        let driver = Driver::new(spec(3), panel(3, 1, false, Some(0))).expect("a panel");
        let running = driver.with_ledger(ledger.clone(), &who()).run();
        tokio::time::timeout(Duration::from_secs(5), running).await.expect_err("it stalls");
    });
    let total = ledger.total();
    assert_eq!((ledger.n_open(), total.billed.calls, total.billed.cost), (0, 3, Usd::ZERO));
    assert!(total.billed.possibly_billed >= Usd::from_picodollars(30_000_000_000), "{total:?}");
}

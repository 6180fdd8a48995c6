//! Roll-ups: exact, sorted, and harmless as tables.

use assize_ambient::{Chance, Clock, Seed};
use assize_metering::{
    Attribution, Bucket, Charge, Dimension, Ledger, Purpose, RollUp, Sums, TokenUsage, Unit, Units, Usage,
    Usd,
};
use proptest::prelude::*;

use crate::ledger_clock::{SetClock, charge, tokens, usd};

fn attribution(chance: &mut Chance) -> Attribution {
    let purposes = [Purpose::Turn, Purpose::Judge, Purpose::Verdict, Purpose::Summary];
    let mut who = Attribution::new().with_purpose(purposes[chance.below(4)]);
    if chance.happens(0.8) {
        who = who.with_model(["gpt-4o", "claude"][chance.below(2)]).with_participant("hawk");
    }
    if chance.happens(0.8) {
        who = who.with_round(u32::try_from(8 + chance.below(4)).expect("small")).with_tag("team", "red");
    }
    who.with_debate(format!("debate {}", chance.below(3)))
}

/// A ledger of a random history, over three days.
fn history(seed: u64, most: Option<usize>, n_calls: usize) -> Ledger {
    let (clock, mut chance) = (SetClock::default(), Seed::new(seed).rng());
    let mut builder = Ledger::builder(clock.shared());
    if let Some(most) = most {
        builder = builder.keeping(most);
    }
    let ledger = builder.open().expect("no budgets");
    for _ in 0..n_calls {
        clock.advance(i64::try_from(chance.below(40_000_000_000_000 / n_calls)).expect("small"));
        let amount = Usd::from_picodollars(i128::try_from(chance.below(1_000_000)).expect("small"));
        let mut charge = Charge::new(attribution(&mut chance), Usd::from_picodollars(500_000));
        let simulated = chance.happens(0.2);
        if simulated {
            charge = charge.simulated();
        }
        let mut call = ledger.reserve(charge).expect("no limits");
        call.started();
        let counts = TokenUsage::default().with(Bucket::ALL[chance.below(15)], 7);
        let mut usage = if simulated { Usage::simulated(counts) } else { Usage::reported(counts) };
        usage.units = Units::default().with(Unit::WebSearch, 1);
        match chance.below(4) {
            0 => call.settle_unpriced(usage).map(drop).expect("no sink"),
            1 => drop(call),
            _ => call.settle(usage, amount).map(drop).expect("no sink"),
        }
    }
    ledger
}

fn dimensions() -> impl Strategy<Value = Vec<Dimension>> {
    let all = vec![
        Dimension::Model,
        Dimension::Participant,
        Dimension::Round,
        Dimension::Debate,
        Dimension::Tenant,
        Dimension::Purpose,
        Dimension::tag("team"),
        Dimension::Day,
    ];
    proptest::sample::subsequence(all, 0..=8).prop_shuffle()
}

proptest! {
    #[test]
    fn a_total_is_the_sum_of_rows_and_the_sum_of_entries(seed: u64, by in dimensions()) {
        let ledger = history(seed, None, 60);
        let roll_up = ledger.roll_up(&by);
        let mut rows = Sums::default();
        roll_up.rows().iter().for_each(|row| rows.merge(&row.sums));
        prop_assert_eq!(&rows, roll_up.total());
        prop_assert_eq!(roll_up.total(), &ledger.total());
        let mut sum = [0_i128; 4];
        let (mut tokens, mut n_calls) = (TokenUsage::default(), 0);
        for entry in ledger.bookings().iter() {
            let part = 2 * usize::from(entry.simulated);
            sum[part] += entry.cost.picodollars();
            sum[part + 1] += entry.possibly_billed.picodollars();
            if !entry.simulated {
                tokens.merge(&entry.tokens());
                n_calls += 1;
            }
        }
        let (billed, simulated) = (&rows.billed, &rows.simulated);
        let found = [billed.cost, billed.possibly_billed, simulated.cost, simulated.possibly_billed];
        prop_assert_eq!(found.map(Usd::picodollars), sum);
        prop_assert_eq!((billed.tokens, billed.calls), (tokens, n_calls));
        prop_assert!(roll_up.rows().is_sorted_by(|a, b| a.labels < b.labels));
        for row in roll_up.rows() {
            prop_assert_eq!(row.labels.len(), by.len());
        }
    }

    /// The table says the same as the rows: its columns add up to the total.
    #[test]
    fn a_table_adds_up(seed: u64, by in dimensions()) {
        let roll_up = history(seed, None, 30).roll_up(&by);
        let text = roll_up.to_csv().unwrap();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let headers = reader.headers().unwrap().clone();
        let column = |name: &str| headers.iter().position(|header| header == name).unwrap();
        let mut sums = [Usd::ZERO; 2];
        for record in reader.records() {
            let record = record.unwrap();
            let part = &mut sums[usize::from(&record[column("simulated")] == "true")];
            for name in ["cost_usd", "possibly_billed_usd"] {
                *part = part.checked_add(usd(&record[column(name)])).unwrap();
            }
        }
        prop_assert_eq!(sums, [roll_up.total().billed.counted(), roll_up.total().simulated.counted()]);
    }
}

#[test]
fn what_is_no_longer_kept_stays_in_the_total() {
    let (all, some) = (history(1, None, 5_000), history(1, Some(1_000), 5_000));
    assert_eq!((all.bookings().len(), all.bookings().earlier()), (5_000, &Sums::default()));
    assert!((1_000..2_024).contains(&some.bookings().len()), "{}", some.bookings().len());
    let (whole, rest) = (all.roll_up(&[Dimension::Model]), some.roll_up(&[Dimension::Model]));
    assert_eq!(whole.total(), rest.total());
    let mut sum = rest.earlier().clone();
    rest.rows().iter().for_each(|row| sum.merge(&row.sums));
    assert_eq!(&sum, rest.total());
    assert!(rest.to_csv().unwrap().lines().nth(1).unwrap().starts_with("(earlier),false,"));
}

#[test]
fn a_snapshot_stays_as_it_was() {
    let ledger = history(1, None, 10);
    let before = ledger.bookings();
    ledger.reserve(charge("1")).unwrap().settle(tokens(1, 1), usd("1")).unwrap();
    assert_eq!((before.len(), ledger.bookings().len()), (10, 11));
    assert_eq!(before.iter().count(), 10);
}

#[test]
fn no_cell_runs_as_a_formula() {
    let ledger = Ledger::builder(SetClock::default().shared()).open().unwrap();
    let labels = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "'x", "a,b", "a\"b", "plain", "x=1"];
    for label in labels {
        let who = Attribution::new().with_model(label);
        ledger.reserve(Charge::new(who, usd("1"))).unwrap().settle(tokens(1, 1), usd("1")).unwrap();
    }
    let csv = ledger.roll_up(&[Dimension::Model]).to_csv().unwrap();
    let mut found: Vec<String> = csv::Reader::from_reader(csv.as_bytes())
        .records()
        .map(|record| record.unwrap()[0].to_owned())
        .inspect(|cell| assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']), "{cell:?}"))
        .map(|cell| cell.strip_prefix('\'').map_or(cell.clone(), str::to_owned))
        .collect();
    found.sort_unstable();
    let mut labels = labels.to_vec();
    labels.sort_unstable();
    assert_eq!(found, labels);
}

#[test]
fn exports_keep_their_form() {
    let clock = SetClock::default();
    let ledger = Ledger::builder(clock.shared()).open().unwrap();
    for round in [10, 9] {
        let who = Attribution::new().with_round(round).with_tag("team", "red");
        let call = ledger.reserve(Charge::new(who, usd("0.20"))).unwrap();
        let units = Units::default().with(Unit::WebSearch, 2);
        call.settle(Usage { units, ..tokens(100, 0) }, usd("0.25")).unwrap();
        clock.advance(3_600_000_000_000);
    }
    ledger
        .reserve(charge("0.20").simulated())
        .unwrap()
        .settle(Usage::simulated(TokenUsage::of(1, 1)), usd("0"))
        .unwrap();
    assert_eq!(clock.now().to_string(), "2026-03-01T01:00:00Z");
    let roll_up: RollUp = ledger.roll_up(&[Dimension::Round, Dimension::tag("team"), Dimension::Day]);
    insta::assert_snapshot!(roll_up.to_csv().unwrap().replace("\r\n", "\n"));
    insta::assert_snapshot!(roll_up.to_json().unwrap());
}

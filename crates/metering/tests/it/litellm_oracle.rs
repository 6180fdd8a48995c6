//! Costs against those that `LiteLLM` itself computes, and its whole map where that is at hand.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use assize_metering::{Bucket, Mode, ModelPrice, PriceBook, PriceFindingKind, TokenUsage};
use jiff::civil::{Date, date};
use serde_json::value::RawValue;

/// The day of the version of `LiteLLM` that computed the costs.
const THEN: Date = date(2026, 11, 20);

/// `fixtures/metering/oracle/README.md` says how the costs came to be.
#[test]
fn embedded_prices_give_the_costs_that_litellm_gives() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/metering/oracle/litellm-1.109.1.csv");
    let oracle = std::fs::read_to_string(path).expect("the fixture is there");
    let Compared { n_models, n_costs, differing } = compare(PriceBook::embedded(), &oracle);
    assert!(differing.is_empty(), "{} differ:\n{}", differing.len(), differing.join("\n"));
    assert_eq!((n_models, n_costs), (N_MODELS, N_COSTS));
}

const N_MODELS: usize = 434;
const N_COSTS: usize = 2546;

/// Reads the map that `ASSIZE_LITELLM_MAP` named when this was compiled, if it was set: every entry that has a price per token is found by its key,
/// and costs what its text says.
#[test]
fn every_entry_of_the_real_map_is_found_and_costs_what_it_says() {
    let Some(path) = option_env!("ASSIZE_LITELLM_MAP") else { return };
    let map = std::fs::read_to_string(path).expect("the variable names a file");
    let (book, findings) = PriceBook::from_litellm("map", &map).unwrap();
    let of_kind = |kind: PriceFindingKind| findings.iter().filter(move |finding| finding.kind == kind);
    let refused: BTreeSet<&str> =
        of_kind(PriceFindingKind::Refused).map(|finding| finding.entry.as_str()).collect();
    let entries: BTreeMap<&str, BTreeMap<&str, &RawValue>> = serde_json::from_str(&map).unwrap();
    let mut n_found = 0;
    for (key, entry) in &entries {
        let rate = |field: &str| entry.get(field).map(|json| yoctodollars(json.get()));
        let (Some(input), false) = (rate("input_cost_per_token"), *key == "sample_spec") else { continue };
        if entry.contains_key("tiered_pricing") || refused.contains(key) {
            continue;
        }
        let price = book.find(key, THEN).unwrap_or_else(|error| panic!("{key}: {error}"));
        let output = rate("output_cost_per_token");
        let usage = TokenUsage { output: output.map(|_| 567), ..TokenUsage::of(1_234, 0) };
        let cost = price.cost(&usage, Mode::Standard).unwrap().total().picodollars() * 1_000_000_000_000;
        let exact = input * 1_234 + output.unwrap_or(0) * 567;
        // Half a picodollar a token is what rounding can make of a rate that is finer.
        let is_rounded = of_kind(PriceFindingKind::Rounded).any(|finding| finding.entry == *key);
        let most = if is_rounded { (1_234 + 567) * 500_000_000_000 } else { 0 };
        assert!((cost - exact).abs() <= most, "{key}: {cost} is not {exact}");
        n_found += 1;
    }
    assert!(n_found > 3_000, "{n_found}");
}

struct Compared {
    n_models: usize,
    n_costs: usize,
    differing: Vec<String>,
}

/// Compares costs with those of a table, within a float's noise: one part in 1e12.
fn compare(book: &PriceBook, oracle: &str) -> Compared {
    let oracle: String =
        oracle.lines().filter(|line| !line.starts_with('#')).map(|line| line.to_owned() + "\n").collect();
    let mut table = csv::Reader::from_reader(oracle.as_bytes());
    let columns = table.headers().expect("it has a head").clone();
    let mut compared = Compared { n_models: 0, n_costs: 0, differing: Vec::new() };
    let mut models = BTreeSet::new();
    for record in table.records() {
        let record = record.expect("it is a table");
        let (name, case, mode) = (&record[0], &record[1], Mode::from_key(&record[2]).expect("it is a mode"));
        let usage = columns.iter().zip(&record).fold(TokenUsage::default(), |usage, (column, cell)| {
            match (Bucket::from_key(column), cell.parse::<u64>()) {
                (Some(bucket), Ok(tokens)) if tokens > 0 => usage.with(bucket, tokens),
                _ => usage,
            }
        });
        let expected: i128 = record[columns.len() - 1].parse().expect("it is a whole number");
        let cost = book.find(name, THEN).and_then(|price: &ModelPrice| price.cost(&usage, mode));
        models.insert(name.to_owned());
        compared.n_costs += 1;
        match cost {
            Ok(cost) => {
                let ours = cost.total().picodollars() * 1_000_000;
                if (ours - expected).abs() > (expected / 1_000_000_000_000).max(1) {
                    compared
                        .differing
                        .push(format!("{name} {case} {}: {ours} is not {expected}", mode.key()));
                }
            }
            Err(error) => compared.differing.push(format!("{name} {case} {}: {error}", mode.key())),
        }
    }
    compared.n_models = models.len();
    compared
}

/// A JSON number times 1e24, by schoolbook arithmetic: another way than the reader's.
fn yoctodollars(json: &str) -> i128 {
    let (mantissa, exponent) = json.split_once(['e', 'E']).unwrap_or((json, "0"));
    let exponent: i32 = exponent.parse().expect("it is an exponent");
    let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: i128 = format!("{whole}{decimals}").parse().expect("these are digits");
    let shift = 24 + exponent - i32::try_from(decimals.len()).expect("it is short");
    let power = 10_i128.pow(shift.unsigned_abs());
    if shift >= 0 { digits * power } else { digits / power }
}

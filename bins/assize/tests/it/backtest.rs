//! `assize backtest`.

use serde_json::Value;

use crate::program::Place;

fn place() -> Place {
    Place::new().with_file("limits.toml", "min_source_kinds = 1\n")
}

fn arguments<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["backtest", "RISE", "FALL", "--prices", "prices", "--from", "2019-07-01"];
    arguments.extend(["--to", "2019-12-31", "--limits", "limits.toml"]);
    arguments.extend(more);
    arguments
}

#[test]
fn a_test_over_prices_of_ones_own() {
    let place = place();
    let told = place.told(&arguments(&["--benchmark", "WAVE", "--out", "out"]));
    assert_eq!(told.code, 0, "{}", told.err);
    for part in ["100,000.00 USD became", "How it did", "What it cost", "Day by day", "What was missing"] {
        assert!(told.out.contains(part), "{part}: {}", told.out);
    }
    let html = place.read("out/backtest.html");
    for part in ["Growth of 100", "Drawdown", "Reliability of forecasts", "RISE: closes"] {
        assert!(html.contains(part), "{part}");
    }
    assert!(!html.contains("src=\"http") && !html.contains("<script src"), "nothing is fetched");
    let report: Value = serde_json::from_str(&place.read("out/backtest.json")).unwrap();
    assert_eq!(report["days"].as_array().map(Vec::len), Some(27));
    assert_eq!(report["benchmark"], "WAVE");
    let again = place.told(&arguments(&["--benchmark", "WAVE", "--json"]));
    assert_eq!(serde_json::from_str::<Value>(&again.out).unwrap(), report, "the same input, the same report");
}

#[test]
fn a_test_in_a_world_that_is_played() {
    let place = place();
    let mut arguments = vec!["backtest", "KO", "PEP", "--data", "world:42", "--every", "10s", "--json"];
    arguments.extend(["--from", "2026-03-02", "--to", "2026-04-30"]);
    let told = place.told(&arguments);
    assert_eq!(told.code, 0, "{}", told.err);
    let report: Value = serde_json::from_str(&told.out).unwrap();
    assert!(report["days"].as_array().is_some_and(|days| days.len() >= 4), "{}", report["days"]);
}

#[test]
fn tests_that_make_no_sense() {
    let place = place();
    for (from, to, more) in [
        ("2019-12-31", "2019-10-01", &[][..]),
        ("2019-10-01", "2999-01-01", &[]),
        ("2019-10-01", "2019-12-31", &["--every", "0w"]),
        ("2019-10-01", "2019-12-31", &["--capital", "-1"]),
        ("2019-10-01", "2019-12-31", &["--limits", "nowhere.toml"]),
        ("2019-10-01", "2019-12-31", &["--prices", "nowhere"]),
        // Before there are any prices: nothing can be decided.
        ("1990-01-01", "1990-02-01", &[]),
    ] {
        let mut arguments = vec!["backtest", "RISE", "--from", from, "--to", to];
        if !more.contains(&"--prices") {
            arguments.extend(["--prices", "prices"]);
        }
        arguments.extend(more);
        let told = place.told(&arguments);
        assert_eq!(told.code, 2, "{arguments:?}: {}", told.err);
    }
}

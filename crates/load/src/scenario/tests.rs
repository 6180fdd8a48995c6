//! Scenarios: those that are shipped, and those that are wrong.

use super::*;
use crate::Order;

#[test]
fn what_is_shipped_is_well_formed_and_what_its_name_says() {
    for (name, _) in SHIPPED {
        let scenario = Scenario::shipped(name).unwrap();
        let plan = scenario.plan().unwrap();
        assert_eq!((plan.name.as_str(), scenario.requirement.as_deref()), (name, Some("B13")));
        assert!(!scenario.summary.is_empty());
        // Enough of them for a 99th percentile of all.
        assert!(scenario.schedule.starts().filter(|start| start.counts).count() >= 1_000, "{name}");
    }
    let users = |name: &str| Scenario::shipped(name).unwrap().plan().unwrap().users().unwrap().round();
    for (name, expected) in [
        ("single-user", 1.0),
        ("fifty-users", 50.0),
        ("no-analysis", 50.0),
        ("endpoint-stress", 100.0),
        ("normal", 100.0),
        ("burst", 500.0),
        ("sustained", 50.0),
    ] {
        assert!((users(name) - expected).abs() < 0.5, "{name}: {}", users(name));
    }
    let peak = |name: &str| Scenario::shipped(name).unwrap().schedule.peak();
    assert!((peak("normal") - 41.5).abs() < 1e-9 && (peak("burst") - 74.2).abs() < 1e-9);
    let stress = Scenario::shipped("endpoint-stress").unwrap();
    let ramp = stress.schedule.phases()[0];
    let per_user = stress.per_user.unwrap().as_secs_f64();
    assert!((ramp.to * per_user / ramp.lasts.as_secs_f64() - 10.0).abs() < 1e-6, "10 users a second");
    assert!(Scenario::shipped("sustained").unwrap().soaks && !Scenario::shipped("normal").unwrap().soaks);
    let debates = Scenario::shipped("debate-users").unwrap();
    let weights: Vec<_> =
        debates.flow.steps().iter().map(|s| (s.name.as_str(), s.weight.to_string())).collect();
    let expected = [("configure", "1"), ("start", "2"), ("status", "3"), ("get", "1")];
    assert_eq!(weights, expected.map(|(name, weight)| (name, weight.to_owned())));
    assert_eq!(Scenario::shipped("long-sessions").unwrap().flow.order(), Order::InTurn);
}

const GOOD: &str = r#"format-version = 1
summary = "two addresses"
per-user = "2 s"
[[load]]
shape = "burst"
rate = "10 users"
peak = "50/s"
lasts = "30 s"
[[step]]
name = "home"
path = "/{n}"
think = "1 s .. 2 s"
"#;

#[test]
fn what_is_wrong_is_named_with_its_line() {
    assert!(Scenario::parse("good", GOOD, "good.toml").is_ok());
    for (from, to, expected) in [
        ("format-version = 1", "format-version = 2", "line 1: format-version is 2"),
        ("summary", "sumary", "line 2: unknown field `sumary`"),
        ("\"2 s\"", "\"2 m/s\"", "line 3: \"2 m/s\" is no time"),
        ("per-user = \"2 s\"", "", "line 6: users are no rate by themselves"),
        ("\"burst\"", "\"bust\"", "line 5: unknown variant `bust`"),
        ("rate = \"10 users\"", "", "line 4: this shape needs `rate`"),
        ("peak = \"50/s\"", "to = \"50/s\"", "line 4: this shape needs `peak`"),
        ("\"burst\"", "\"constant\"", "line 4: this shape has no `peak`"),
        ("10 users", "ten users", "line 6: \"ten users\" is no number of users"),
        ("50/s", "50 s", "line 7: \"50 s\" is no rate"),
        ("50/s", "-50/s", "could not plan the load: phase 2 has a rate of -50"),
        ("\"30 s\"", "\"-30 s\"", "line 8: \"-30 s\" is no time"),
        ("\"30 s\"", "\"0 s\"", "could not plan the load: phase 1 lasts no time"),
        ("\"/{n}\"", "\"home\"", "line 11: \"home\" is no path"),
        ("1 s .. 2 s", "2 s .. 1 s", "line 12: the longest time"),
        ("\"home\"", "\"total\"", "could not plan the flow: a step is named \"total\""),
    ] {
        let text = GOOD.replacen(from, to, 1);
        assert_ne!(text, GOOD, "{from}");
        let error = Scenario::parse("bad", &text, "bad.toml").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidScenario);
        assert!(error.to_string().starts_with("read bad.toml"), "{error}");
        assert!(error.to_string().contains(expected), "{error} for {to}");
    }
}

#[test]
fn a_scenario_is_scaled() {
    let scenario = Scenario::parse("good", GOOD, "good.toml").unwrap();
    let scaled = scenario.of_users(10.0).unwrap().lasting(Duration::from_mins(2)).unwrap();
    assert!((scaled.schedule.peak() - 5.0).abs() < 1e-9);
    assert!(scaled.schedule.lasts().abs_diff(Duration::from_mins(2)) < Duration::from_micros(1));
    let rates: Vec<_> =
        scaled.schedule.phases().iter().map(|phase| (phase.from * 1e6).round() / 1e6).collect();
    assert_eq!(rates.iter().map(ToString::to_string).collect::<Vec<_>>(), ["0.5", "5", "0.5"]);
    assert_eq!(scaled.clone().at_rate(f64::NAN).unwrap_err().kind(), ErrorKind::InvalidPlan);
    let without = Scenario { per_user: None, ..scaled };
    assert!(without.of_users(5.0).unwrap_err().hint().unwrap().contains("per-user"));
}

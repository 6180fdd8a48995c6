//! Tests of reading targets and holding runs to them.

use proptest::prelude::*;

use super::*;
use crate::{
    Unit,
    run::{Better, Interval, Kind, Measurement, Run},
};

fn targets(keys: &str) -> Vec<Target> {
    parse(&format!("[[target]]\nrequirement = 'D1'\nmeasurement = 'm'\n{keys}"), "t.toml").unwrap()
}

fn measured(value: f64, ends: Option<(f64, f64)>, unit: Unit, better: Better) -> Run {
    let mut measurement = Measurement::new("m", "time", unit, better, Kind::Timed, value);
    measurement.interval =
        ends.map(|(low, high)| Interval { low, high, level: 0.95, method: "test".to_owned() });
    Run { measurements: vec![measurement], ..Run::new("test") }
}

#[test]
fn the_bad_end_of_the_interval_decides() {
    let both = "floor = '10 ms'\ngoal = '4 us'";
    let lower = |value, ends| (both, value, ends, Better::Lower, Unit::Nanoseconds);
    let cases = [
        (lower(3e3, None), Status::Pass),
        (lower(4e3, None), Status::Pass),
        (lower(3e3, Some((2e3, 4e3))), Status::Pass),
        (lower(3e3, Some((2e3, 5e3))), Status::Marginal),
        (lower(5e3, Some((4.5e3, 6e3))), Status::Marginal),
        (lower(9e6, Some((8e6, 1.1e7))), Status::Fail),
        (lower(2e7, None), Status::Fail),
        (("floor = '1.5x'\ngoal = '4x'", 5.0, Some((4.1, 6.0)), Better::Higher, Unit::Ratio), Status::Pass),
        (
            ("floor = '1.5x'\ngoal = '4x'", 5.0, Some((3.9, 6.0)), Better::Higher, Unit::Ratio),
            Status::Marginal,
        ),
        (("floor = '1.5x'\ngoal = '4x'", 1.6, Some((1.4, 1.8)), Better::Higher, Unit::Ratio), Status::Fail),
        (("floor = '10 ms'", 9e6, None, Better::Lower, Unit::Nanoseconds), Status::Pass),
        (("floor = '10 ms'", 1.1e7, None, Better::Lower, Unit::Nanoseconds), Status::Fail),
        (("goal = '10 ms'", 9e6, None, Better::Lower, Unit::Nanoseconds), Status::Pass),
        (("goal = '10 ms'", 1.1e7, None, Better::Lower, Unit::Nanoseconds), Status::Marginal),
        // A bare number takes the unit of the measurement; a share is a plain number too.
        (("floor = 0.9", 0.95, None, Better::Higher, Unit::Fraction), Status::Pass),
        (("floor = '90 %'", 0.85, None, Better::Higher, Unit::Score), Status::Fail),
        (("floor = 0", 0.0, None, Better::Lower, Unit::Count), Status::Pass),
        (("floor = 0", 1.0, None, Better::Lower, Unit::Count), Status::Fail),
        // A goal that is easier than the floor does not soften it.
        (("floor = '1 ms'\ngoal = '1 s'", 2e6, None, Better::Lower, Unit::Nanoseconds), Status::Fail),
    ];
    for ((keys, value, ends, better, unit), status) in cases {
        let rows = evaluate(&measured(value, ends, unit, better), &targets(keys));
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].status, status, "{keys} {value} {ends:?}");
        assert_eq!(rows[0].actual, Some(value));
    }
}

#[test]
fn a_margin_is_a_share_of_the_bound_that_decides() {
    let margin = |keys, value, better| {
        let rows = evaluate(&measured(value, None, Unit::Count, better), &targets(keys));
        rows[0].margin.map(|margin| (margin * 1e6).round() / 1e6)
    };
    assert_eq!(margin("floor = 100\ngoal = 10", 5.0, Better::Lower), Some(0.5));
    assert_eq!(margin("floor = 100", 150.0, Better::Lower), Some(-0.5));
    assert_eq!(margin("goal = 10", 15.0, Better::Higher), Some(0.5));
    assert_eq!(margin("goal = 0", 15.0, Better::Lower), None);
}

#[test]
fn what_was_not_measured_is_missing_and_says_why() {
    let run = measured(1.0, None, Unit::Bytes, Better::Lower);
    let rows = evaluate(&run, &targets("floor = '10 ms'"));
    assert_eq!((rows[0].status, rows[0].actual), (Status::Missing, None));
    assert_eq!(
        rows[0].note.as_deref(),
        Some("the target (10 ms, line 1) is in ns, the measurement in bytes: they cannot be compared")
    );
    let rows = evaluate(&Run::new("empty"), &targets("floor = '10 ms'\nmetric = 'heap-peak'"));
    assert_eq!((rows[0].status, rows[0].note.as_deref()), (Status::Missing, None));
}

#[test]
fn a_star_gives_a_row_for_each_measurement() {
    let mut run = Run::new("test");
    for case in ["2", "4", "8"] {
        let id = format!("debate/turn/{case}");
        run.measurements.push(Measurement::new(
            id,
            "time",
            Unit::Nanoseconds,
            Better::Lower,
            Kind::Timed,
            1.0,
        ));
    }
    let text = "[[target]]\nrequirement = 'D1'\nmeasurement = 'debate/*'\ngoal = '4 us'";
    let rows = evaluate(&run, &parse(text, "t.toml").unwrap());
    let ids: Vec<&str> = rows.iter().map(|row| row.measurement.as_str()).collect();
    assert_eq!(ids, ["debate/turn/2", "debate/turn/4", "debate/turn/8"]);
}

#[test]
fn errors_name_the_line() {
    let head = "[[target]]\nrequirement = 'D1'\nmeasurement = 'm'\n";
    let cases = [
        ("floor = '10 parsecs'", "t.toml, line 4: could not understand the figure \"10 parsecs\""),
        ("floor = '1 ms'\nimportance = 6", "t.toml, line 5: importance is not between 1 and 5"),
        ("flor = '1 ms'", "t.toml, line 4: unknown field `flor`"),
        ("floor = true", "t.toml, line 4: invalid type: boolean"),
        ("metric = ' '\nfloor = 1", "t.toml, line 4: metric is empty"),
        ("note = 'x'", "t.toml, line 1: a target has neither a floor nor a goal"),
        ("floor = '1 ms", "t.toml, line 4: "),
    ];
    for (keys, message) in cases {
        let error = parse(&format!("{head}{keys}"), "t.toml").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidTarget);
        assert!(error.to_string().contains(message), "{error}");
    }
    let error = parse("[[targets]]\n", "t.toml").unwrap_err();
    assert!(error.to_string().contains("line 1: unknown field `targets`"), "{error}");
    assert!(parse("", "t.toml").unwrap().is_empty());
}

#[test]
fn thresholds_stand_in_the_same_file() {
    let text = "[thresholds]\ncritical_time = '2 s'\nhigh_time = '1 s'\nhigh_memory = '1 MB'\nmedium_multiple = 2\n\
                unsteady = '10 %'\n[[target]]\nrequirement = 'D1'\nmeasurement = 'm'\nfloor = '1 ms'";
    let file = parse_file(text, "t.toml").unwrap();
    let expected = Thresholds {
        critical_ns: 2e9,
        high_ns: 1e9,
        high_bytes: 1e6,
        medium_multiple: 2.0,
        unsteady: 0.1,
        ..Thresholds::default()
    };
    assert_eq!((file.targets.len(), file.thresholds), (1, expected));
    assert_eq!(parse_file("", "t.toml").unwrap(), TargetsFile::default());
    let wrong = [
        ("critical_tme = '2 s'", "line 2: unknown field `critical_tme`"),
        ("critical_time = '1 MB'", "line 2: 1 MB is not in ns"),
        ("critical_time = 5", "line 2: 5 is not in ns"),
        ("critical_time = '0 s'", "line 2: 0 s is not above zero"),
        ("speed_up = '2 s'", "line 2: 2 s is not in"),
        ("high_time = '2 min'", "line 2: high_time is above critical_time"),
        ("\nhigh_multiple = 20", "line 3: high_multiple is above critical_multiple"),
        ("medium_multiple = 7", "line 2: medium_multiple is above high_multiple"),
    ];
    for (keys, message) in wrong {
        let error = parse(&format!("[thresholds]\n{keys}"), "t.toml").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidTarget);
        assert!(error.to_string().contains(message), "{error}");
    }
}

#[test]
fn a_file_that_is_not_there_or_too_large_is_named() {
    let error = load(Path::new("no/such/targets.toml")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreadable);
    assert!(error.to_string().starts_with("read no/such/targets.toml: "), "{error}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("targets.toml");
    fs::File::create(&path).unwrap().set_len(MAX_TARGETS_BYTES + 1).unwrap();
    assert_eq!(load(&path).unwrap_err().kind(), ErrorKind::TooLarge);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,80}") {
        let _ = parse(&text, "t.toml");
    }

    #[test]
    fn a_better_figure_never_has_a_worse_status(a in 0.0_f64..2e4, b in 0.0_f64..2e4) {
        let targets = targets("floor = '10 us'\ngoal = '4 us'");
        let rank = |status| match status { Status::Fail => 0, Status::Marginal => 1, Status::Missing => 9, Status::Pass => 2 };
        let status = |value| rank(evaluate(&measured(value, None, Unit::Nanoseconds, Better::Lower), &targets)[0].status);
        prop_assert!(a > b || status(a) >= status(b));
    }
}

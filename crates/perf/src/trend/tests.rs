//! Series of several shapes, and what the report says of them.

use super::*;
use crate::{Kind, Measurement, Unit, run::Run};

fn run(day: u32, value: f64, machine: &str) -> Run {
    let mut run = Run::new("nightly");
    run.created_at = Some(jiff_day(day));
    run.environment.cpu_model = Some(machine.to_owned());
    run.environment.revision = Some(format!("rev{day:04}"));
    run.measurements.push(Measurement::new(
        "debate/turn/4",
        "time",
        Unit::Nanoseconds,
        Better::Lower,
        Kind::Timed,
        value,
    ));
    run
}

fn jiff_day(day: u32) -> Timestamp {
    Timestamp::from_second(1_767_225_600 + i64::from(day) * 86_400).unwrap()
}

/// Some noise of about one per cent, the same each time.
fn noise(at: u32) -> f64 {
    [0.3, -0.8, 0.5, 1.1, -0.4, -1.2, 0.9, 0.1, -0.6, 0.2][at as usize % 10] / 100.0 + 1.0
}

#[test]
fn runs_in_any_order_make_a_trend() {
    let mut runs: Vec<Run> =
        (0..40).map(|day| run(day, if day < 25 { 3_000.0 } else { 3_600.0 } * noise(day), "big")).collect();
    runs.reverse();
    runs.extend((0..4).map(|day| run(day, 9_000.0, "small")));
    let trend = Trend::of_runs(runs, &Detector::default());
    assert_eq!(trend.traced.len(), 2);
    let first = &trend.traced[0];
    assert_eq!((first.changes.len(), first.changes[0].index), (1, 25));
    assert!(first.is_worse(&first.changes[0]));
    let markdown = trend.document().to_markdown();
    for part in
        ["changed once for the worse", "rev0025 (2026-01-26)", "+20.", "confirmed", "2 machines", "µs"]
    {
        assert!(markdown.contains(part), "{part} in {markdown}");
    }
    let html = trend.document().to_html();
    assert!(html.contains("<svg") && html.contains("level"));
    let json = trend.to_json();
    assert_eq!(json["series"][0]["changes"][0]["at"], "rev0025");
    assert_eq!(json["series"][0]["changes"][0]["direction"], "worse");
    assert_eq!((&json["assize"], &json["format_version"]), (&"trend".into(), &1.into()));
}

#[test]
fn a_cost_that_grows_is_predicted() {
    let runs =
        (0..30).map(|day| run(day, 1_000.0 + 50.0 * f64::from(day) + 20.0 * noise(day), "big")).collect();
    let trend = Trend::of_runs(
        runs,
        &Detector { alpha: 0.0, voted_alpha: 0.0, pending_alpha: 0.0, ..Detector::default() },
    );
    let course = trend.traced[0].course.as_ref().unwrap();
    assert_eq!(course.growths.told(), Some(crate::growth::Growth::Linear));
    assert!(course.in_days && (course.ahead - 7.25).abs() < 1e-9);
    let truth = 1_020.0 + 50.0 * 36.25;
    assert!(course.interval.as_ref().unwrap().contains(truth), "{course:?}");
    let markdown = trend.document().to_markdown();
    assert!(markdown.contains("linear") && markdown.contains("7 days"), "{markdown}");
}

#[test]
fn more_is_better_where_it_is() {
    let mut series = read_series(b"rate\n1\n", "rate.csv").unwrap();
    series[0].better = Better::Higher;
    series[0].points = (0..30)
        .map(|at| crate::history::Point {
            time: None,
            label: at.to_string(),
            value: if at < 15 { 100.0 } else { 90.0 } * noise(at),
        })
        .collect();
    let trend = Trend::of(series, &Detector::default());
    let one = &trend.traced[0];
    assert!(one.is_worse(&one.changes[0]));
    assert!(!one.course.as_ref().unwrap().in_days);
}

#[test]
fn a_table_of_another_program_is_read() {
    let text = "time,commit,metric1,metric2,branch\n\
                2024.01.01 3:00:00 +0100,aaa0,154023,10.43,main\n\
                2024.01.02 3:00:00 +0100,aaa1,,10.23,main\n\
                \n\
                2024.01.03 13:00:00 +0100,aaa2,143112,10.29,main\n";
    let series = read_series(text.as_bytes(), "sample.csv").unwrap();
    let names: Vec<&str> = series.iter().map(|series| series.id.as_str()).collect();
    assert_eq!(names, ["metric1", "metric2"], "branch holds no figures");
    assert_eq!(series[0].values(), [154_023.0, 143_112.0]);
    assert_eq!(series[0].points[1].label, "aaa2");
    assert_eq!(series[0].points[0].time.unwrap().to_string(), "2024-01-01T02:00:00Z");
    let semicolons = text.replace(',', ";");
    assert_eq!(read_series(semicolons.as_bytes(), "s.csv").unwrap(), series);
    let unix = read_series(b"timestamp,x\n1609466400,3\n", "unix.csv").unwrap();
    assert_eq!(unix[0].points[0].time.unwrap().as_second(), 1_609_466_400);
}

#[test]
fn lines_of_json_are_read() {
    let text = "{\"id\": \"a\", \"unit\": \"ns\", \"values\": [1, null, 3.5]}\n\n{\"values\": [2]}\n";
    let series = read_series(text.as_bytes(), "s.jsonl").unwrap();
    assert_eq!((series[0].id.as_str(), series[0].values()), ("a", vec![1.0, 3.5]));
    assert_eq!((series[1].id.as_str(), series[0].points[1].label.as_str()), ("series 3", "2"));
    assert_eq!(series[0].unit, Unit::Nanoseconds);
}

#[test]
fn what_holds_no_series_is_refused_with_its_line() {
    for (text, kind, part) in [
        ("", ErrorKind::UnknownFormat, "no series"),
        ("hello world\n", ErrorKind::UnknownFormat, "no series"),
        ("a,b\n1,2\n1\n", ErrorKind::Malformed, "line 3: it has 1 cells under 2 heads"),
        ("{\"values\": [1]}\n{\"values\": 3}\n", ErrorKind::Malformed, "line 2"),
        ("name\nalice\nbob\n", ErrorKind::UnknownFormat, "no series"),
    ] {
        let error = read_series(text.as_bytes(), "x.csv").unwrap_err();
        assert!(error.kind() == kind && error.to_string().contains(part), "{text:?}: {error}");
    }
    assert!(read_series(&[0xff, 0xfe, 0x00], "x").is_err());
}

#[test]
fn nothing_to_trace_is_said() {
    let trend = Trend::of(Vec::new(), &Detector::default());
    assert!(trend.document().to_markdown().contains("No change of level in 0 series"));
    let short = Trend::of_runs(vec![run(1, 5.0, "big")], &Detector::default());
    assert!(short.document().to_markdown().contains("1 of them are too short"));
}

#[test]
fn samples_of_others_are_read() {
    let samples = format!("{}/../../../shared/samples/perf/otava", env!("CARGO_MANIFEST_DIR"));
    for (file, series) in [
        ("sample.csv", 2),
        ("local_sample.csv", 2),
        ("sample-semicolons.csv", 2),
        ("sample-unix-time.csv", 2),
    ] {
        let Ok(bytes) = std::fs::read(format!("{samples}/{file}")) else { continue };
        let read = read_series(&bytes, file).unwrap();
        assert_eq!(read.len(), series, "{file}");
        assert!(read.iter().all(|one| one.points.iter().all(|point| point.time.is_some())), "{file}");
    }
}

use crate::ErrorKind;

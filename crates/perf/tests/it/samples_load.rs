//! Results of load tests, benchmarks in text and profiles that other people's tools wrote, where this checkout has them
//! beside it: each with what is read of it.

#![expect(clippy::print_stderr, reason = "a test that is skipped says so")]

use std::path::Path;

use assize_perf::read_path;

/// Reader, figures and findings; or what the refusal says.
type Read = Result<(&'static str, usize, usize), &'static str>;

const SAMPLES: &[(&str, Read)] = &[
    ("bencher-adapters/go-bench/three.txt", Ok(("go-bench", 4, 0))),
    ("bencher-adapters/rust-bench/ignore.txt", Ok(("libtest", 1, 0))),
    ("bencher-adapters/rust-bench/one.txt", Ok(("libtest", 1, 0))),
    ("divan/README.md", Ok(("divan", 6, 0))),
    ("go-bench/crc-new.txt", Ok(("go-bench", 72, 0))),
    ("go-bench/crc-old.txt", Ok(("go-bench", 72, 0))),
    ("go-bench/csvErrors.stderr", Err("not a format that is known")),
    ("go-bench/issue19634.txt", Ok(("go-bench", 2, 0))),
    ("go-bench/smallSample.stdout", Err("not a format that is known")),
    ("go-bench/smallSample.txt", Ok(("go-bench", 2, 0))),
    ("go-bench/units.txt", Ok(("go-bench", 4, 0))),
    ("go-bench/zero.stdout", Err("not a format that is known")),
    ("go-bench/zero.txt", Ok(("go-bench", 20, 0))),
    ("hdrhistogram/jHiccup-2.0.7S.logV2.hlog", Ok(("hdr-log", 7, 0))),
    ("hdrhistogram/tagged-Log.logV2.hlog", Ok(("hdr-log", 14, 0))),
    ("k6/mn-k6-summary.json", Ok(("k6", 49, 0))),
    ("k6/nmt-k6-summary.json", Ok(("k6", 50, 0))),
    ("locust/lth_locust_stats.csv", Ok(("locust", 14, 0))),
    ("locust/results_failures.csv", Ok(("locust", 8, 0))),
    ("locust/results_stats_history.csv", Ok(("locust", 9, 0))),
    ("oha-schema/schema.json", Err("it is a schema, no results")),
    ("recorded/divan-0.1.21/div.txt", Ok(("divan", 31, 0))),
    ("recorded/locust-2.47/lo_stats.csv", Ok(("locust", 24, 0))),
    ("recorded/oha-1.16/oha-closed.json", Ok(("oha", 9, 0))),
];

#[test]
fn what_others_wrote_is_read_whole() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples/perf");
    if !root.is_dir() {
        eprintln!("skipped: the samples are not beside this checkout");
        return;
    }
    let mut wrong = Vec::new();
    for (file, expected) in SAMPLES {
        let path = root.join(file);
        if !path.exists() {
            eprintln!("skipped: {file} is not there");
            continue;
        }
        match (read_path(&path), expected) {
            (Ok(run), Ok((reader, figures, findings))) => {
                let read = (run.title.as_str(), run.measurements.len(), run.findings.len());
                if read != (*reader, *figures, *findings) {
                    wrong.push(format!("{file}: {read:?} {:?}", run.findings.first()));
                }
            }
            (Err(error), Err(why)) if error.to_string().contains(why) => {}
            (Ok(run), Err(_)) => wrong.push(format!("{file}: read with {} figures", run.measurements.len())),
            (Err(error), _) => wrong.push(format!("{file}: {error}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What Python's `hdrhistogram` 0.10.8 reads in the same log, added up with the two digits and the unit of 20,000 that
/// its histograms have.
#[test]
fn histograms_of_others_have_their_known_figures() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples/perf/hdrhistogram");
    let log = root.join("jHiccup-2.0.7S.logV2.hlog");
    if !log.exists() {
        eprintln!("skipped: the log is not there");
        return;
    }
    let run = read_path(&log).expect("a log");
    let figure = |metric: &str| run.measurements.iter().find(|m| m.metric == metric).map(|m| m.value);
    assert_eq!(figure("requests"), Some(48_761.0));
    let known = [
        ("p50", 344_063.0),
        ("p90", 425_983.0),
        ("p95", 629_145_599.0),
        ("p99", 1_434_451_967.0),
        ("p99.9", 1_753_219_071.0),
    ];
    assert_eq!(run.measurements[0].figures.get("max"), Some(&1_803_550_719.0));
    for (metric, ns) in known {
        assert_eq!(figure(metric), Some(ns), "{metric}");
    }
    let tagged = read_path(&root.join("tagged-Log.logV2.hlog")).expect("a log");
    let requests: Vec<f64> =
        tagged.measurements.iter().filter(|m| m.metric == "requests").map(|m| m.value).collect();
    assert_eq!(requests, [16_145.0, 16_145.0]);
}

/// k6 says in one format that a threshold held and in the other that it was crossed.
#[test]
fn thresholds_of_others_are_read_the_right_way() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples/perf/k6");
    for (file, id, held) in [
        ("nmt-k6-summary.json", "threshold/http_req_duration/p(95) < 5000", 0.0),
        ("mn-k6-summary.json", "threshold/http_req_duration/p(95)<3000", 1.0),
    ] {
        if !root.join(file).exists() {
            eprintln!("skipped: {file} is not there");
            continue;
        }
        let run = read_path(&root.join(file)).expect("a summary");
        let told = run.measurements.iter().find(|m| m.id == id).map(|m| m.value);
        assert_eq!(told, Some(held), "{file}");
    }
}

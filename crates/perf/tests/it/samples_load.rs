//! Results of load tests, benchmarks in text and profiles that other people's tools wrote, where this checkout has them
//! beside it: each with what is read of it.

use std::path::Path;

use assize_perf::read_path;

/// File, reader, figures and findings; or what the refusal says.
const SAMPLES: &[(&str, Result<(&str, usize, usize), &str>)] = &[
    ("bencher-adapters/go-bench/three.txt", Ok(("", 0, 0))),
    ("bencher-adapters/rust-bench/ignore.txt", Ok(("", 0, 0))),
    ("bencher-adapters/rust-bench/one.txt", Ok(("", 0, 0))),
    ("divan/README.md", Ok(("", 0, 0))),
    ("go-bench/crc-new.txt", Ok(("", 0, 0))),
    ("go-bench/crc-old.txt", Ok(("", 0, 0))),
    ("go-bench/csvErrors.stderr", Ok(("", 0, 0))),
    ("go-bench/issue19634.txt", Ok(("", 0, 0))),
    ("go-bench/smallSample.stdout", Ok(("", 0, 0))),
    ("go-bench/smallSample.txt", Ok(("", 0, 0))),
    ("go-bench/units.txt", Ok(("", 0, 0))),
    ("go-bench/zero.stdout", Ok(("", 0, 0))),
    ("go-bench/zero.txt", Ok(("", 0, 0))),
    ("hdrhistogram/jHiccup-2.0.7S.logV2.hlog", Ok(("", 0, 0))),
    ("hdrhistogram/tagged-Log.logV2.hlog", Ok(("", 0, 0))),
    ("k6/mn-k6-summary.json", Ok(("", 0, 0))),
    ("k6/nmt-k6-summary.json", Ok(("", 0, 0))),
    ("locust/lth_locust_stats.csv", Ok(("", 0, 0))),
    ("locust/results_failures.csv", Ok(("", 0, 0))),
    ("locust/results_stats_history.csv", Ok(("", 0, 0))),
    ("oha-schema/schema.json", Ok(("", 0, 0))),
    ("recorded/divan-0.1.21/div.txt", Ok(("", 0, 0))),
    ("recorded/locust-2.47/lo_stats.csv", Ok(("", 0, 0))),
    ("recorded/oha-1.16/oha-closed.json", Ok(("", 0, 0))),
];

#[test]
fn what_others_wrote_is_read_whole() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples/perf");
    if !root.is_dir() {
        println!("skipped: the samples are not beside this checkout");
        return;
    }
    let mut wrong = Vec::new();
    for (file, expected) in SAMPLES {
        let path = root.join(file);
        if !path.exists() {
            println!("skipped: {file} is not there");
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

//! Results of others, where this checkout has them beside it: each file is read, with so many figures and findings, or
//! refused with the reason. Those of load tests and of text formats stand in `samples_load.rs`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use assize_perf::{Run, read_path};

/// File, the reader's title, figures, findings.
const READ: &[(&str, &str, usize, usize)] = &[
    ("asv/cheetah/05d283b9-py2.7-Cython-numpy1.8.json", "asv", 12, 0),
    ("asv/cheetah/1726ce6e-py2.7-Cython-numpy1.8.json", "asv", 11, 1),
    ("asv/cheetah/2b12eec5-py2.7-Cython-numpy1.8.json", "asv", 11, 1),
    ("asv/cheetah/2dc898c9-py2.7-Cython-numpy1.8.json", "asv", 12, 0),
    ("asv/cheetah/51b0b7e4-py2.7-Cython-numpy1.8.json", "asv", 11, 1),
    ("asv/cheetah/6c188c11-py2.7-Cython-numpy1.8.json", "asv", 11, 1),
    ("asv/cheetah/bb414fa5-py2.7-Cython-numpy1.8.json", "asv", 11, 1),
    ("asv/cheetah/c1a0773e-py2.7-Cython-numpy1.8.json", "asv", 11, 1),
    ("asv/cheetah/f5c0b8ed-py2.7-Cython-numpy1.8.json", "asv", 11, 1),
    ("bencher-adapters/c_sharp-dot_net/memory.json", "benchmark-dotnet", 10, 0),
    ("bencher-adapters/c_sharp-dot_net/null_namespace.json", "benchmark-dotnet", 1, 0),
    ("bencher-adapters/c_sharp-dot_net/two_more.json", "benchmark-dotnet", 2, 0),
    ("bencher-adapters/cpp-catch2/issue_351.txt", "catch2", 6, 0),
    ("bencher-adapters/cpp-google/two.txt", "google-benchmark", 4, 0),
    ("bencher-adapters/java-jmh/throughput.json", "jmh", 1, 0),
    ("bencher-adapters/json-report_bmf_mixed.json/report_bmf_mixed.json", "bencher", 3, 0),
    ("bencher-adapters/json-report_latency.json/report_latency.json", "bencher", 3, 0),
    ("bencher-adapters/python-pytest/four.json", "pytest-benchmark", 4, 3),
    ("bencher-adapters/python-pytest/two.json", "pytest-benchmark", 2, 2),
    ("bencher-adapters/rust-gungraun/delta_with_inf.txt", "iai", 12, 0),
    ("bencher-adapters/rust-gungraun/json_multiple_benchmarks.txt", "gungraun", 7, 0),
    ("bencher-adapters/rust-gungraun/json_multiple_tools.txt", "gungraun", 3, 0),
    ("bencher-adapters/rust-gungraun/json_no_id_no_details.txt", "gungraun", 2, 0),
    ("bencher-adapters/rust-gungraun/json_one_callgrind_diff.txt", "gungraun", 2, 0),
    ("bencher-adapters/rust-gungraun/json_one_callgrind_no_diff_new.txt", "gungraun", 2, 0),
    ("bencher-adapters/rust-gungraun/json_one_drd_all_metrics.txt", "gungraun", 4, 0),
    ("bencher-adapters/rust-gungraun/json_one_helgrind_all_metrics.txt", "gungraun", 4, 0),
    ("bencher-adapters/rust-gungraun/json_one_memcheck_all_metrics.txt", "gungraun", 4, 0),
    ("bencher-adapters/rust-gungraun/json_pretty_one_callgrind_indented.txt", "gungraun", 2, 0),
    ("bencher-adapters/rust-gungraun/name_on_multiple_lines.txt", "iai", 12, 0),
    ("bencher-adapters/rust-iai/two.txt", "iai", 10, 0),
    ("bencher-adapters/shell-hyperfine/one.json", "hyperfine", 3, 0),
    ("bencher-adapters/shell-hyperfine/two.json", "hyperfine", 6, 0),
    ("conbench/GET_conbench_compare_runs_some_baseline_no_commit_page_size_500.json", "conbench", 2, 0),
    ("conbench/GET_conbench_compare_runs_some_baseline_some_contender_page_size_500.json", "conbench", 2, 0),
    ("dhat/http-server-dhat-heap.json", "dhat", 6, 0),
    ("dhat/orx-dhat-heap.json", "dhat", 6, 0),
    ("github-action-benchmark/catch2_output_v3.txt", "catch2", 4, 0),
    ("github-action-benchmark/customBiggerIsBetter_output.json", "github-action-benchmark", 2, 0),
    ("github-action-benchmark/issue16_output.txt", "catch2", 2, 0),
    ("github-action-benchmark/jmh_output.json", "jmh", 1, 0),
    ("github-action-benchmark/jmh_output_2.json", "jmh", 1, 0),
    ("github-action-benchmark/original_data.js", "github-action-benchmark", 1, 0),
    ("github-action-benchmark/pytest_several_units.json", "pytest-benchmark", 4, 3),
    ("google-benchmark/test1_run2.json", "google-benchmark", 28, 2),
    ("google-benchmark/test2_run.json", "google-benchmark", 20, 0),
    ("google-benchmark/test3_run0.json", "google-benchmark", 8, 0),
    ("google-benchmark/test4_run0.json", "google-benchmark", 1, 0),
    ("google-benchmark/test4_run1.json", "google-benchmark", 1, 0),
    ("gungraun/tests/fixtures/dhat/dhat.ad_hoc_mode.out", "dhat", 2, 0),
    ("gungraun/tests/fixtures/dhat/dhat.minimal.out", "dhat", 6, 0),
    ("gungraun/tests/fixtures/dhat/dhat.mixed.frames.out", "dhat", 6, 0),
    ("gungraun/tests/fixtures/dhat/dhat.with_entry_point.out", "dhat", 6, 0),
    ("pyperf/mult_list_py36.json", "pyperf", 6, 0),
    ("pyperf/outliers.json.gz", "pyperf", 2, 0),
    ("pyperf/py3.json.gz", "pyperf", 2, 0),
    ("pyperf/timeit_strip.json.gz", "pyperf", 2, 0),
    ("pyperf/track_memory.json", "pyperf", 2, 0),
    (
        "pytest-benchmark/0002_b87b9aae14ff14a7887a6bbaa9731b9a8760555d_20150814_190348_uncommitted-changes.json",
        "pytest-benchmark",
        1,
        0,
    ),
    (
        "pytest-benchmark/0004_5b78858eb718649a31fb93d8dc96ca2cee41a4cd_20150815_030202_uncommitted-changes.json",
        "pytest-benchmark",
        1,
        0,
    ),
    ("recorded/cargo-criterion-1.1.0/messages.jsonl", "cargo-criterion", 1, 0),
    ("recorded/hyperfine-1.15/two.json", "hyperfine", 6, 0),
];

/// Folder, figures, findings.
const FOLDERS: &[(&str, usize, usize)] = &[("criterion", 2, 0), ("criterion-0.3-1.x-layout", 3, 0)];

/// File, and what the error says.
const REFUSED: &[(&str, &str)] = &[
    (
        "asv/cheetah/05d4f83d-py2.7-Cython-numpy1.8.json",
        "null results: 12; those benchmarks failed or were not run",
    ),
    ("bencher-adapters/js-benchmark/four.txt", "it is what benchmark.js prints, which is not read"),
    ("bencher-adapters/rust-criterion/dogfood.txt", "it is what criterion prints, with rounded figures"),
    ("bencher-adapters/rust-criterion/many.txt", "it is what criterion prints, with rounded figures"),
    (
        "bencher-adapters/rust-gungraun/json_not_v6.txt",
        "it is a summary of schema 5, those of 6 and 7 are read",
    ),
    (
        "bencher-adapters/rust-gungraun/json_one_callgrind_no_diff_old.txt",
        "play_game::bench_play_game_group::bench_play_game_100/some_id has no figure of the new run and was left out",
    ),
    ("conbench/GET_conbench_error_without_content.json", "it is an answer of Conbench that holds no results"),
    (
        "conbench/GET_conbench_runs_commit_hash_abc_page_size_1000.json",
        "it is an answer of Conbench that holds no results",
    ),
    (
        "conbench/GET_conbench_runs_commit_hash_no_baseline_page_size_1000.json",
        "it is an answer of Conbench that holds no results",
    ),
    ("conbench/GET_conbench_runs_not_found.json", "it is an answer of Conbench that holds no results"),
    ("github-action-benchmark/benchmarkjs_output.txt", "it is what benchmark.js prints, which is not read"),
    ("github-action-benchmark/julia_output.json", "it is Julia's BenchmarkTools JSON, which is not read"),
    ("gungraun/schemas/summary.v2.schema.json", "it is a schema, no results"),
    ("gungraun/schemas/summary.v3.schema.json", "it is a schema, no results"),
    ("gungraun/schemas/summary.v4.schema.json", "it is a schema, no results"),
    ("gungraun/schemas/summary.v5.schema.json", "it is a schema, no results"),
    (
        "gungraun/tests/fixtures/callgrind.out/callgrind.invalid.version_too_high.out",
        "it is a profile of callgrind, not a summary of benchmarks",
    ),
    (
        "gungraun/tests/fixtures/callgrind.out/callgrind.no_records.no_summary_and_totals.out",
        "it is a profile of callgrind, not a summary of benchmarks",
    ),
    (
        "gungraun/tests/fixtures/callgrind.out/callgrind.no_records.with_summary_and_totals.out",
        "it is a profile of callgrind, not a summary of benchmarks",
    ),
    (
        "gungraun/tests/fixtures/callgrind.out/callgrind.summary_and_totals.out",
        "it is a profile of callgrind, not a summary of benchmarks",
    ),
    (
        "gungraun/tests/fixtures/memcheck/memcheck.multiple_pids.1916229.log",
        "it is a log of valgrind, not a summary of benchmarks",
    ),
    (
        "gungraun/tests/fixtures/memcheck/memcheck.multiple_pids.1916233.log",
        "it is a log of valgrind, not a summary of benchmarks",
    ),
    (
        "gungraun/tests/fixtures/memcheck/memcheck.with_many_errors.log",
        "it is a log of valgrind, not a summary of benchmarks",
    ),
];

/// Files that are no results, or of formats that are not read.
const UNKNOWN: &[&str] = &[
    "bencher-adapters/dart-benchmark_harness/one.txt",
    "conbench/outlier_D.csv",
    "conbench/outlier_E.csv",
    "conbench/outlier_labels.json",
    "github-action-benchmark/benchmarkluau_output.txt",
    "gungraun/tests/fixtures/callgrind.out/callgrind.valid.minimal_main.exp_map",
    "gungraun/tests/fixtures/callgrind.out/callgrind.when_entry_point.cmd",
    "gungraun/tests/fixtures/drd/drd.multiple_pids.1916241.log",
    "gungraun/tests/fixtures/drd/drd.with_two_error_lines.log",
];

/// What is no result at all, by the beginning of its path.
const NO_RESULTS: &[&str] = &["mongodb-spa/", "otava/", "rustc-perf-triage/", "tcpd/"];

/// What stands in the other table, by the beginning of its path.
const ELSEWHERE: &[&str] = &[
    "divan/",
    "go-bench/",
    "hdrhistogram/",
    "k6/",
    "locust/",
    "oha-schema/",
    "wrk2/",
    "recorded/divan",
    "recorded/locust",
    "recorded/oha",
    "bencher-adapters/go-bench/",
    "bencher-adapters/rust-bench/",
    "github-action-benchmark/cargo_output",
    "github-action-benchmark/go_",
    "github-action-benchmark/criterion_output",
];

/// The folder of the samples, if it is there.
fn root() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples/perf");
    root.is_dir().then_some(root)
}

/// All files below a folder, by their paths in it.
fn files(root: &Path, folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a folder of samples") {
        let path = entry.expect("a sample").path();
        if path.is_dir() {
            files(root, &path, found);
        } else {
            found.push(path.strip_prefix(root).expect("below the root").display().to_string());
        }
    }
}

fn counts(run: &Run) -> (String, usize, usize) {
    (run.title.clone(), run.measurements.len(), run.findings.len())
}

#[test]
fn each_file_is_read_or_refused_with_its_reason() {
    let Some(root) = root() else { return };
    let mut left = Vec::new();
    files(&root, &root, &mut left);
    let named = |file: &str| {
        READ.iter().any(|row| row.0 == file)
            || REFUSED.iter().any(|row| row.0 == file)
            || UNKNOWN.contains(&file)
            || FOLDERS.iter().any(|row| file.starts_with(&format!("{}/", row.0)))
            || ELSEWHERE.iter().chain(NO_RESULTS).any(|begin| file.starts_with(begin))
            || file.ends_with("SOURCES.txt")
    };
    left.retain(|file| !named(file));
    assert_eq!(left, Vec::<String>::new(), "files that stand in no table");

    for (file, title, figures, findings) in READ {
        let run = read_path(&root.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert_eq!(counts(&run), ((*title).to_owned(), *figures, *findings), "{file}: {:?}", run.findings);
    }
    for (folder, figures, findings) in FOLDERS {
        let run = read_path(&root.join(folder)).unwrap_or_else(|error| panic!("{folder}: {error}"));
        assert_eq!(
            counts(&run),
            ("criterion".to_owned(), *figures, *findings),
            "{folder}: {:?}",
            run.findings
        );
    }
    for (file, why) in REFUSED {
        let error = read_path(&root.join(file)).expect_err(file);
        assert!(error.to_string().ends_with(why), "{file}: {error}");
    }
    for file in UNKNOWN {
        let error = read_path(&root.join(file)).expect_err(file);
        assert!(error.to_string().ends_with("its content is not a format that is known"), "{file}: {error}");
    }
}

#[test]
fn what_is_no_result_is_refused() {
    let Some(root) = root() else { return };
    let mut all = Vec::new();
    files(&root, &root, &mut all);
    all.retain(|file| {
        NO_RESULTS.iter().any(|begin| file.starts_with(begin)) || file.ends_with("SOURCES.txt")
    });
    assert!(all.len() > 30);
    for file in all {
        let read = read_path(&root.join(&file));
        assert!(read.is_err(), "{file}: {:?}", read.map(|run| counts(&run)));
    }
}

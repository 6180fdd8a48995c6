//! Files that no tool writes: mutilated results. What comes of them is a run of finite figures or an error, the same each
//! time. `cargo xtask fuzz` runs more of these than a test.

mod damage;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use assize_perf::{Measurement, readers};
use proptest::prelude::*;
use proptest::sample::Index;

use damage::{damaged, damages};

const WORDS: &[&[u8]] = &[
    b"null",
    b"true",
    b"{}",
    b"[]",
    b"\"\"",
    b"0",
    b"-1",
    b"0.00001",
    b"1e308",
    b"1e999",
    b"NaN",
    b"-Infinity",
    b"9223372036854775807",
    b"18446744073709551616",
    b"\"\\u0000\"",
    b"\\ud800",
    b"\"",
    b"\\",
    b",",
    b";",
    b":",
    b"}",
    b"]",
    b"\n",
    b"\t",
    b"\xff\xfe",
    b"\x1f\x8b\x08\x00",
];

/// The fixtures of a format, all that lie in these folders of `fixtures/perf`.
fn seeds(folders: &[&str]) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/perf");
    let mut files: Vec<PathBuf> = Vec::new();
    for folder in folders {
        let entries = fs::read_dir(root.join(folder)).expect("fixtures of that format");
        files.extend(entries.map(|entry| entry.expect("a file").path()).filter(|path| path.is_file()));
    }
    files.sort();
    assert!(!files.is_empty(), "a format without fixtures cannot be damaged");
    files.into_iter().map(|file| fs::read(file).expect("a fixture")).collect()
}

/// Reads damaged bytes twice: finite figures or an error, and the same both times.
fn holds(bytes: &[u8]) -> Result<(), TestCaseError> {
    let read = || readers::read_bytes(bytes.to_vec(), "damaged");
    match (read(), read()) {
        (Ok(run), Ok(again)) => {
            prop_assert!(run.measurements.iter().all(Measurement::is_finite));
            prop_assert_eq!(run, again);
        }
        (Err(error), Err(again)) => prop_assert_eq!(error.to_string(), again.to_string()),
        (run, again) => prop_assert!(false, "{run:?} and then {again:?}"),
    }
    Ok(())
}

/// As many cases as `cargo xtask fuzz` asks for, else 2,000.
fn config() -> ProptestConfig {
    let usual = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if usual.cases == 256 { ProptestConfig { cases: 2_000, ..usual } } else { usual }
}

/// Targets, each a reader with the folders of `fixtures/perf` whose files it damages.
macro_rules! fuzz {
    ($(fn $name:ident in $folders:expr;)*) => {
        proptest! {
            #![proptest_config(config())]
            $(#[test]
            fn $name(which: Index, damages in damages(WORDS)) {
                static SEEDS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| seeds(&$folders));
                holds(&damaged(&SEEDS[which.index(SEEDS.len())], &damages, b".+-_%"))?;
            })*
        }
    };
}

fuzz! {
    fn fuzz_asv in ["asv"];
    fn fuzz_bencher in ["bencher"];
    fn fuzz_benchmark_dotnet in ["benchmark-dotnet"];
    fn fuzz_cargo_criterion in ["cargo-criterion"];
    fn fuzz_catch2 in ["catch2"];
    fn fuzz_conbench in ["conbench"];
    fn fuzz_dhat in ["dhat"];
    fn fuzz_divan in ["divan"];
    fn fuzz_folded in ["folded"];
    fn fuzz_github_action_benchmark in ["github-action-benchmark"];
    fn fuzz_go_bench in ["go-bench"];
    fn fuzz_google_benchmark in ["google-benchmark"];
    fn fuzz_goose in ["goose"];
    fn fuzz_gungraun in ["gungraun"];
    fn fuzz_hdr_log in ["hdr-log"];
    fn fuzz_hyperfine in ["hyperfine"];
    fn fuzz_iai in ["iai"];
    fn fuzz_jmh in ["jmh"];
    fn fuzz_k6 in ["k6"];
    fn fuzz_libtest in ["libtest"];
    fn fuzz_locust in ["locust"];
    fn fuzz_memory_profiler in ["memory-profiler"];
    fn fuzz_oha in ["oha"];
    fn fuzz_own_runs in ["runs"];
    fn fuzz_pstats in ["pstats"];
    fn fuzz_pyperf in ["pyperf"];
    fn fuzz_pytest_benchmark in ["pytest-benchmark"];
    fn fuzz_speedscope in ["speedscope"];
    fn fuzz_vitest in ["vitest"];
    fn fuzz_wrk in ["wrk"];
}

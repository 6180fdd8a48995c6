//! What ran, as a table and as a file.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use assize_ambient::Timestamp;
use serde_json::{Value, json};

use super::{Options, Outcome, PROFILE};

/// The format of the file.
const FORMAT_VERSION: u32 = 1;
/// So many lines of what a failed target said are kept.
const MOST_LINES: usize = 12;
/// So many characters of each.
const MOST_CHARACTERS: usize = 2_000;

/// The file's text.
pub(super) fn json(options: &Options, begun: Timestamp, outcomes: &[Outcome]) -> String {
    let targets: Vec<Value> = outcomes
        .iter()
        .map(|outcome| {
            json!({
                "target": outcome.name,
                "cases": options.cases,
                "seed": options.seed,
                "milliseconds": u64::try_from(outcome.took.as_millis()).unwrap_or(u64::MAX),
                "result": if outcome.failure.is_some() { "failed" } else { "passed" },
                "failure": outcome.failure,
            })
        })
        .collect();
    let log = json!({
        "format_version": FORMAT_VERSION,
        "begun": begun.to_string(),
        "profile": PROFILE,
        "cases": options.cases,
        "seed": options.seed,
        "targets": targets,
    });
    format!("{log:#}\n")
}

/// What is shown: a line for each target, then what failed, then where the log lies.
pub(super) fn table(options: &Options, outcomes: &[Outcome], log: &Path) -> String {
    let width = outcomes.iter().map(|outcome| outcome.name.len()).chain([6]).max().unwrap_or(6);
    let mut text = String::new();
    let _ = writeln!(text, "{:<width$}  {:>9}  {:>6}  {:>9}  result", "target", "cases", "seed", "seconds");
    for outcome in outcomes {
        let result = if outcome.failure.is_some() { "FAILED" } else { "passed" };
        let seconds = outcome.took.as_secs_f64();
        let _ = writeln!(
            text,
            "{:<width$}  {:>9}  {:>6}  {seconds:>9.1}  {result}",
            outcome.name, options.cases, options.seed
        );
    }
    for outcome in outcomes {
        if let Some(failure) = &outcome.failure {
            let _ = writeln!(text, "\n{}: {}", outcome.name, failure.trim_end());
        }
    }
    let failed = outcomes.iter().filter(|outcome| outcome.failure.is_some()).count();
    let took: Duration = outcomes.iter().map(|outcome| outcome.took).sum();
    let _ = writeln!(
        text,
        "\n{} targets, {failed} failed, {:.1} s of running; log: {}",
        outcomes.len(),
        took.as_secs_f64(),
        log.display()
    );
    text
}

/// The case in what a failed target said: the panic's words, then the smallest input that the library found.
pub(super) fn case(said: &str) -> String {
    let begins = |line: &&str| {
        ["Test failed", "thread '", "minimal failing input", "successes", "local rejects", "global rejects"]
            .iter()
            .any(|words| line.trim_start().starts_with(words))
    };
    let from = said.lines().position(|line| begins(&line));
    let lines = said.lines().skip(from.unwrap_or(0)).filter(|line| !line.trim().is_empty());
    lines
        .take(MOST_LINES)
        .map(|line| line.chars().take(MOST_CHARACTERS).collect::<String>())
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> Options {
        let cases = std::num::NonZeroU32::MIN.saturating_add(999);
        Options { cases, seed: 7, only: None, jobs: None }
    }

    fn outcomes() -> [Outcome; 2] {
        let outcome = |name: &str, milliseconds, failure: Option<&str>| Outcome {
            name: name.to_owned(),
            took: Duration::from_millis(milliseconds),
            failure: failure.map(str::to_owned),
        };
        [outcome("a fuzz_x", 1_250, None), outcome("b fuzz::fuzz_y", 40, Some("exit status: 101\nminimal"))]
    }

    #[test]
    fn the_table_names_what_failed() {
        let expected = "target              cases    seed    seconds  result\n\
                        a fuzz_x             1000       7        1.2  passed\n\
                        b fuzz::fuzz_y       1000       7        0.0  FAILED\n\
                        \n\
                        b fuzz::fuzz_y: exit status: 101\n\
                        minimal\n\
                        \n\
                        2 targets, 1 failed, 1.3 s of running; log: /t/log.json\n";
        assert_eq!(table(&options(), &outcomes(), Path::new("/t/log.json")), expected);
    }

    #[test]
    fn the_log_says_what_ran() {
        let log: Value = serde_json::from_str(&json(&options(), Timestamp::UNIX_EPOCH, &outcomes())).unwrap();
        assert_eq!(
            (&log["format_version"], &log["cases"], &log["seed"]),
            (&json!(1), &json!(1000), &json!(7))
        );
        assert_eq!((&log["begun"], &log["profile"]), (&json!("1970-01-01T00:00:00Z"), &json!("smoke")));
        let expected = json!({"target": "a fuzz_x", "cases": 1000, "seed": 7, "milliseconds": 1250,
            "result": "passed", "failure": null});
        assert_eq!((&log["targets"][0], &log["targets"][1]["result"]), (&expected, &json!("failed")));
    }

    #[test]
    fn the_case_is_taken_from_what_was_said() {
        let said = "running 1 test\ntest fuzz_x ... FAILED\n\nfailures:\n\n---- fuzz_x stdout ----\n\nthread 'fuzz_x' panicked at a.rs:1:1:\nTest failed: oh.\nminimal failing input: bytes = [\n    0,\n]\n\tsuccesses: 12\n";
        let expected = "thread 'fuzz_x' panicked at a.rs:1:1:\nTest failed: oh.\nminimal failing input: bytes = [\n    0,\n]\n\tsuccesses: 12";
        assert_eq!(case(said), expected);
        assert_eq!(case("signal: killed"), "signal: killed");
        assert_eq!(case(&"x\n".repeat(100)).lines().count(), MOST_LINES);
    }
}

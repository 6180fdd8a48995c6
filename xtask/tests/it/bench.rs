//! The runner against tiny programs: what one does wrong is told, and costs the others nothing.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use assize_ambient::Timestamp;
use assize_perf::{Analysis, Environment, Run, Thresholds, Verdict};
use tempfile::TempDir;
use xtask::bench::{
    BenchTarget, Executable, Harness, Outcome, Part, Plan, Profile, Progress, assemble, completion, measure,
};

/// Writes a run to the file after `--out`, and says how far it has come.
const GOOD: &str = r#"
while [ "$1" != --out ]; do shift; done
echo 'progress: 1/2 fake/one' >&2
cat > "$2" <<'RUN'
{"assize": "run", "format_version": 1, "title": "fake", "measurements": [
  {"id": "fake/one", "metric": "allocations", "unit": "count", "better": "lower", "kind": "counted", "value": 7}]}
RUN
echo 'progress: 2/2 fake/one' >&2
"#;

const FAILING: &str = "echo 'progress: 0/3 first' >&2; echo 'the peak is not exact' >&2; exit 101";

/// `exec`, so that nothing is left behind when it is killed.
const HANGING: &str = "echo 'about to hang' >&2; exec sleep 600";

const CRASHING: &str = "kill -9 $$";

/// Ends well, but a child of its holds its streams open for some seconds more.
const LEAVING_A_CHILD: &str = "sleep 4 &\nwhile [ \"$1\" != --out ]; do shift; done\necho '{}' > \"$2\"";

/// Lists two benchmarks, measures the first as criterion would, and dies in the second.
const CRITERION_THAT_DIES: &str = r#"
case "$*" in *--list*) echo 'fake/turn/2: benchmark'; echo 'fake/turn/4: benchmark'; exit 0;; esac
new="$CRITERION_HOME/fake_turn/2/new"
mkdir -p "$new"
echo 'Benchmarking fake/turn/2' >&2
cat > "$new/benchmark.json" <<'FORM'
{"group_id": "fake/turn", "function_id": null, "value_str": "2", "throughput": null,
 "full_id": "fake/turn/2", "directory_name": "fake_turn/2", "title": "fake/turn/2"}
FORM
estimate='{"confidence_interval": {"confidence_level": 0.95, "lower_bound": 90.0, "upper_bound": 110.0},
 "point_estimate": 100.0, "standard_error": 5.0}'
cat > "$new/estimates.json" <<FORM
{"mean": $estimate, "median": $estimate, "median_abs_dev": $estimate, "slope": null, "std_dev": $estimate}
FORM
echo '{"sampling_mode": "Flat", "iters": [1.0, 1.0], "times": [90.0, 110.0]}' > "$new/sample.json"
echo 'Benchmarking fake/turn/4' >&2
echo 'thread main panicked' >&2
exit 101
"#;

const LISTING_NOTHING: &str = "case \"$*\" in *--list*) exit 0;; esac; exit 3";

struct House {
    folder: TempDir,
    executables: Vec<Executable>,
}

impl House {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), executables: Vec::new() }
    }

    fn with(mut self, name: &str, harness: Harness, script: &str) -> Self {
        let program = self.folder.path().join(name);
        // A shell writes it: had this process the file open, a test beside this one could pass it on to a child, and
        // a file that somebody has open for writing cannot be run.
        let written = Command::new("sh")
            .args(["-c", "printf '%s\\n' \"$2\" > \"$1\" && chmod 755 \"$1\"", "sh"])
            .arg(&program)
            .arg(format!("#!/bin/sh\n{script}"))
            .status();
        assert!(written.is_ok_and(|status| status.success()), "{name} could not be written");
        let target = BenchTarget {
            name: name.to_owned(),
            harness,
            source: format!("benches/{name}.rs"),
            part: Part::Timed,
        };
        let folder = self.folder.path().to_path_buf();
        self.executables.push(Executable { target, program, folder });
        self
    }

    fn out(&self) -> &Path {
        self.folder.path()
    }

    fn measured(&self, limit: Duration) -> Vec<Outcome> {
        let plan = Plan { limit, watched: false, ..Plan::new(Profile::Smoke, None) };
        measure(&self.executables, &plan, self.out(), &mut Progress::silent())
            .expect("the folder can be written")
    }
}

/// Long enough for any of the programs that end.
const AMPLE: Duration = Duration::from_secs(120);

fn failure(outcome: &Outcome) -> &str {
    outcome.failure.as_deref().unwrap_or("it did not fail")
}

#[test]
fn what_one_target_does_wrong_costs_the_others_nothing() {
    let house = House::new()
        .with("failing", Harness::Own, FAILING)
        .with("crashing", Harness::Own, CRASHING)
        .with("dying", Harness::Criterion, CRITERION_THAT_DIES)
        .with("empty", Harness::Criterion, LISTING_NOTHING)
        .with("good", Harness::Own, GOOD);
    let outcomes = house.measured(AMPLE);
    let names: Vec<&str> = outcomes.iter().map(|outcome| outcome.target.as_str()).collect();
    assert_eq!(
        names,
        ["failing", "crashing", "dying", "good"],
        "a target in which nothing is selected is not run"
    );
    assert_eq!(
        failure(&outcomes[0]),
        "it ended with exit status: 101; the last it said: the peak is not exact"
    );
    assert_eq!(failure(&outcomes[1]), "it ended with signal: 9 (SIGKILL)");
    assert!(failure(&outcomes[2]).ends_with("the last it said: thread main panicked"), "{outcomes:?}");
    assert_eq!(outcomes[3].failure, None);

    let environment = Environment::default();
    let run = assemble("Benchmarks".to_owned(), Timestamp::UNIX_EPOCH, environment, outcomes, house.out());
    let figures: Vec<(&str, f64)> = run.measurements.iter().map(|m| (m.id.as_str(), m.value)).collect();
    let expected = [
        ("bench-target/crashing", 0.0),
        ("bench-target/dying", 0.0),
        ("bench-target/failing", 0.0),
        ("fake/one", 7.0),
        ("fake/turn/2", 100.0),
    ];
    assert_eq!(figures, expected);
    assert_eq!(run.measurements[3].source.as_deref(), Some("raw/good.json"));
    assert_eq!(run.measurements[4].location.as_deref(), Some("benches/dying.rs"));
    assert_eq!(run.findings.len(), 3);
    assert_eq!(run.findings[0].file, "raw/failing.log");
    let log = fs::read_to_string(house.out().join("raw/failing.log")).expect("the log");
    assert_eq!(log, "progress: 0/3 first\nthe peak is not exact\n");

    let stored = Run::from_json(run.to_json().to_string().as_bytes(), "run.json").expect("stored");
    let verdict = |run: Run| {
        let targets = completion(&run);
        Analysis::of(run, &targets, &Thresholds::default()).verdict()
    };
    assert_eq!(verdict(stored), Verdict::Failed);
}

#[test]
fn a_target_that_hangs_is_killed_and_named() {
    let house = House::new().with("hanging", Harness::Own, HANGING).with("good", Harness::Own, GOOD);
    // Short for the one that hangs, ample for the other.
    let outcomes = house.measured(Duration::from_secs(3));
    let expected = "it was killed after 3.0 s, the most it may take; the last it said: about to hang";
    assert_eq!(failure(&outcomes[0]), expected);
    assert_eq!((outcomes[1].failure.as_deref(), outcomes[1].run.measurements.len()), (None, 1));
}

#[test]
fn a_target_that_hangs_while_it_lists_is_killed_and_named() {
    let house = House::new().with("hanging", Harness::Criterion, HANGING);
    let outcomes = house.measured(Duration::from_secs(1));
    let expected = "it cannot list its benchmarks: it was killed after 1.0 s, the most it may take; the last it said: \
                    about to hang";
    assert_eq!(failure(&outcomes[0]), expected);
}

#[test]
fn what_is_left_is_held_to_its_form() {
    let house = House::new()
        .with("silent", Harness::Own, "exit 0")
        .with("leaving", Harness::Own, LEAVING_A_CHILD)
        .with(
            "idle",
            Harness::Own,
            "while [ \"$1\" != --out ]; do shift; done\n\
             echo '{\"assize\": \"run\", \"format_version\": 1, \"title\": \"\", \"measurements\": []}' > \"$2\"",
        )
        .with("missing", Harness::Own, "exit 0");
    fs::remove_file(&house.executables[3].program).expect("removed");
    let outcomes = house.measured(AMPLE);
    assert_eq!(failure(&outcomes[0]), "it left no results");
    assert_eq!(failure(&outcomes[1]), "it left no results", "an object that says nothing is no run");
    assert_eq!(failure(&outcomes[2]), "it measured nothing");
    assert!(failure(&outcomes[3]).starts_with("it could not be run: "), "{outcomes:?}");
}

#[test]
fn a_figure_that_is_no_number_is_not_taken_for_measured() {
    let null = GOOD.replace(
        "\"value\": 7}]",
        "\"value\": 7},\n  {\"id\": \"fake/two\", \"metric\": \"time\", \"unit\": \"ns\", \
         \"better\": \"lower\", \"kind\": \"virtual\", \"value\": null}]",
    );
    let silent_in_one = CRITERION_THAT_DIES.replace("exit 101", "exit 0");
    let house =
        House::new().with("null", Harness::Own, &null).with("one", Harness::Criterion, &silent_in_one);
    let outcomes = house.measured(AMPLE);
    let expected = "what it left is not whole: fake/two (time) has no finite value and was left out";
    assert_eq!((failure(&outcomes[0]), outcomes[0].run.measurements.len()), (expected, 1));
    assert_eq!(failure(&outcomes[1]), "it left no figure of fake/turn/4");
}

#[test]
fn a_selection_reaches_the_targets() {
    let echo = "while [ \"$1\" != --out ]; do shift; done\necho \"$3 $4\" >&2; exit 7";
    let house = House::new().with("own", Harness::Own, echo).with(
        "criterion",
        Harness::Criterion,
        "case \"$*\" in *--list*) echo 'fake/a: benchmark'; exit 0;; esac; for last; do :; done; echo \"$last\" >&2; exit 7",
    );
    let table = [
        ("fake/*", "^fake/.*$"),
        ("comparison/fake/one-against-two/one", r"^comparison/fake/one\-against\-two/one$"),
        ("debate/round/fake", "^debate/round/fake$|^debate/turn/fake/[0-9]+$"),
    ];
    for (only, regex) in table {
        let plan = Plan::new(Profile::Smoke, Some(only.parse().expect("a selection")));
        let outcomes = measure(&house.executables, &plan, house.out(), &mut Progress::silent())
            .expect("the folder can be written");
        // The project's own targets decide themselves: they know what their arms are called.
        let [own, criterion] = outcomes.as_slice() else { panic!("{outcomes:?}") };
        assert!(failure(own).ends_with(&format!("the last it said: --only {only}")), "{own:?}");
        assert!(failure(criterion).ends_with(&format!("the last it said: {regex}")), "{criterion:?}");
    }
}

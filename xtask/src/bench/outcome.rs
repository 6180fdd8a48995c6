//! What came of the targets, and one run made of all of it.

use std::path::Path;
use std::time::Duration;

use assize_ambient::Timestamp;
use assize_perf::run::COMPLETED;
use assize_perf::{Better, Environment, Finding, Kind, Measurement, Quantity, Run, Target, Unit};

/// The requirement that a failed target breaks: that everything is measured.
const REQUIREMENT: &str = "B1";

/// What came of one bench target.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The target's name.
    pub target: String,
    /// How long it ran.
    pub took: Duration,
    /// What it measured; what was measured before a failure is kept.
    pub run: Run,
    /// Where its log lies, relative to the folder of the run.
    pub log: String,
    /// Why it failed, in a sentence without a full stop.
    pub failure: Option<String>,
}

impl Outcome {
    /// What it did, in a few words.
    #[must_use]
    pub fn said(&self) -> String {
        let plural = |n: usize, one: &str| format!("{n} {one}{}", if n == 1 { "" } else { "s" });
        let figures = plural(self.run.measurements.len(), "figure");
        let comparisons = match self.run.comparisons.len() {
            0 => String::new(),
            n => format!(", {}", plural(n, "comparison")),
        };
        let failed = if self.failure.is_some() { "FAILED; " } else { "" };
        format!("{failed}{figures}{comparisons}")
    }
}

/// What is said of a target that was never run, because the run broke off before.
pub(super) fn never_run(target: &str) -> Outcome {
    Outcome {
        target: target.to_owned(),
        took: Duration::ZERO,
        run: Run::new(target),
        log: format!("raw/{target}.log"),
        failure: Some("it was not run to its end: the run broke off".to_owned()),
    }
}

/// One run of all outcomes. A failed target is a finding, and a measurement that [`completion`] holds to a target.
/// Files are named relative to `folder`.
#[must_use]
pub fn assemble(
    title: String,
    measured_at: Timestamp,
    environment: Environment,
    outcomes: Vec<Outcome>,
    folder: &Path,
) -> Run {
    let mut runs = vec![Run { environment, ..Run::new(title.as_str()) }];
    for Outcome { target, log, mut run, failure, .. } in outcomes {
        if let Some(why) = failure {
            run.findings
                .insert(0, Finding::new(&log, None, format!("the bench target {target} failed: {why}")));
            let failed = Measurement::new(
                format!("bench-target/{target}"),
                COMPLETED,
                Unit::Fraction,
                Better::Higher,
                Kind::Counted,
                0.0,
            );
            run.measurements.push(failed.with_note(why).from_source(log));
        }
        runs.push(run);
    }
    let mut run = Run { title, created_at: Some(measured_at), ..Run::merged(runs) };
    let within = |file: &mut String| {
        if let Ok(inside) = Path::new(&*file).strip_prefix(folder) {
            *file = inside.to_string_lossy().into_owned();
        }
    };
    run.measurements.iter_mut().filter_map(|m| m.source.as_mut()).for_each(within);
    run.findings.iter_mut().map(|finding| &mut finding.file).for_each(within);
    run
}

/// The targets of a run in which a bench target failed: each failure fails the run, wherever it is judged again.
#[must_use]
pub fn completion(run: &Run) -> Vec<Target> {
    let failed = run.measurements.iter().filter(|m| m.metric == COMPLETED);
    let target = |measurement: &Measurement| Target {
        requirement: REQUIREMENT.to_owned(),
        measurement: measurement.id.clone(),
        metric: COMPLETED.to_owned(),
        floor: Some(Quantity { value: 1.0, unit: Some(Unit::Fraction), text: "100 %".to_owned() }),
        goal: None,
        importance: 5,
        note: measurement.notes.first().cloned(),
        line: 0,
    };
    failed.map(target).collect()
}

#[cfg(test)]
mod tests {
    use assize_perf::{Analysis, Thresholds, Verdict};

    use super::*;

    fn outcome(target: &str, measured: &str, failure: Option<&str>) -> Outcome {
        let mut run = Run::new(target);
        let figure =
            Measurement::new(measured, "time", Unit::Nanoseconds, Better::Lower, Kind::Timed, 1_000.0);
        run.measurements.push(figure.from_source(format!("/out/raw/{target}/new/estimates.json")));
        Outcome {
            target: target.to_owned(),
            took: Duration::from_secs(2),
            run,
            log: format!("raw/{target}.log"),
            failure: failure.map(str::to_owned),
        }
    }

    #[test]
    fn a_failed_target_fails_the_run_and_keeps_the_figures() {
        let outcomes = vec![
            outcome("debate", "debate/turn/4", None),
            outcome("heap", "debate/turn/8", Some("it crashed")),
        ];
        let run = assemble(
            "Benchmarks".to_owned(),
            Timestamp::UNIX_EPOCH,
            Environment::default(),
            outcomes,
            Path::new("/out"),
        );
        assert_eq!(run.title, "Benchmarks");
        assert_eq!(run.created_at, Some(Timestamp::UNIX_EPOCH));
        let ids: Vec<&str> = run.measurements.iter().map(|m| m.id.as_str()).collect();
        assert_eq!(ids, ["bench-target/heap", "debate/turn/4", "debate/turn/8"]);
        assert_eq!(run.measurements[1].source.as_deref(), Some("raw/debate/new/estimates.json"));
        assert_eq!(run.findings[0].to_string(), "raw/heap.log: the bench target heap failed: it crashed");
        let stored = Run::from_json(run.to_json().to_string().as_bytes(), "run.json").expect("stored");
        let analysis = Analysis::of(stored.clone(), &completion(&stored), &Thresholds::default());
        assert_eq!(analysis.verdict(), Verdict::Failed);
    }

    #[test]
    fn without_a_failure_there_is_nothing_to_hold() {
        let run = assemble(
            "Benchmarks".to_owned(),
            Timestamp::UNIX_EPOCH,
            Environment::default(),
            vec![outcome("debate", "debate/turn/4", None)],
            Path::new("/out"),
        );
        assert!(completion(&run).is_empty() && run.findings.is_empty());
    }

    #[test]
    fn an_outcome_is_said_in_a_few_words() {
        assert_eq!(outcome("debate", "a", None).said(), "1 figure");
        assert_eq!(outcome("debate", "a", Some("x")).said(), "FAILED; 1 figure");
    }
}

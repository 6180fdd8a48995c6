//! What the programs of the sides say: a line of JSON for each repetition of a task, or for its figure.

use std::collections::BTreeMap;

use assize_perf::statistics::Sorted;
use serde::Deserialize;

use super::side::Task;

/// A line: of a task that is timed, one repetition, which is some operations; of any other, its figure.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(super) enum Line {
    Repetition(Repetition),
    Figure(Figure),
}

/// Some operations of one task, timed together.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Repetition {
    task: String,
    /// Operations that were done.
    operations: u64,
    cpu_ns: f64,
    wall_ns: f64,
    /// What came of it, where sides can be held against each other by that: a count, a price.
    answer: Option<String>,
}

/// What a side says of a task that is not timed.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Figure {
    task: String,
    value: f64,
    answer: Option<String>,
}

/// What a task came to in one run of a side's program.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sample {
    /// The processor's nanoseconds of an operation, the median over the repetitions; or the figure.
    pub(super) value: f64,
    /// The same by the clock, of what is timed.
    pub(super) wall_ns: Option<f64>,
    /// What came of it, if the side says so.
    pub(super) answer: Option<String>,
}

impl Line {
    fn task(&self) -> &str {
        match self {
            Self::Repetition(Repetition { task, .. }) | Self::Figure(Figure { task, .. }) => task,
        }
    }
}

/// Reads a line; if it is not as agreed, what is wrong with it.
pub(super) fn read(line: &str, tasks: &[Task]) -> Result<Line, String> {
    let value: serde_json::Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let read: Line = serde_json::from_value(value).map_err(|error| error.to_string())?;
    let name = read.task();
    let task = tasks.iter().find(|task| task.name == name);
    let task = task.ok_or_else(|| format!("the task {name:?} was not asked for"))?;
    match &read {
        Line::Repetition(_) if task.figure.is_some() => Err(format!("{name} is not timed")),
        Line::Repetition(one) => {
            let good = |ns: f64| ns.is_finite() && ns > 0.0;
            let good = one.operations > 0 && good(one.cpu_ns) && good(one.wall_ns);
            if good { Ok(read) } else { Err("it has no operations, or no time".to_owned()) }
        }
        Line::Figure(_) if task.figure.is_none() => Err(format!("{name} is timed")),
        Line::Figure(figure) if figure.value.is_finite() && figure.value >= 0.0 => Ok(read),
        Line::Figure(figure) => Err(format!("{} is no figure", figure.value)),
    }
}

/// The sample of each task; every one that is timed needs as many repetitions as were asked for, any other one figure.
pub(super) fn samples(
    read: &[Line],
    tasks: &[Task],
    repetitions: u32,
) -> Result<BTreeMap<&'static str, Sample>, String> {
    let of = |task: &Task| {
        let of_task: Vec<&Line> = read.iter().filter(|one| one.task() == task.name).collect();
        let wanted = if task.figure.is_some() { 1 } else { repetitions };
        if u32::try_from(of_task.len()) != Ok(wanted) {
            return Err(format!("{} lines of {}, not {wanted}", of_task.len(), task.name));
        }
        sample(&of_task).map(|sample| (task.name, sample)).ok_or_else(|| "no repetitions".to_owned())
    };
    tasks.iter().map(of).collect()
}

fn sample(lines: &[&Line]) -> Option<Sample> {
    let (mut cpu, mut wall) = (Vec::new(), Vec::new());
    for line in lines {
        match line {
            Line::Figure(Figure { value, answer, .. }) => {
                return Some(Sample { value: *value, wall_ns: None, answer: answer.clone() });
            }
            Line::Repetition(one) => {
                #[expect(clippy::cast_precision_loss, reason = "operations of a second are far below 2^52")]
                let operations = one.operations as f64;
                cpu.push(one.cpu_ns / operations);
                wall.push(one.wall_ns / operations);
            }
        }
    }
    let median = |times: &[f64]| Sorted::new(times).map(|sorted| sorted.median());
    let answer = match lines.last()? {
        Line::Repetition(one) => one.answer.clone(),
        Line::Figure(_) => None,
    };
    Some(Sample { value: median(&cpu)?, wall_ns: median(&wall), answer })
}

#[cfg(test)]
mod tests {
    use assize_perf::Better;

    use super::super::side::{Figure as Asked, Scale};
    use super::*;

    const SHARE: Asked = Asked { metric: "share", scale: Scale::Share, better: Better::Lower };
    const TASKS: [Task; 2] = [Task::timed("2", "two"), Task { figure: Some(SHARE), ..Task::timed("s", "s") }];

    fn line(task: &str, operations: u64, cpu: &str) -> String {
        format!(r#"{{"task":"{task}","operations":{operations},"cpu_ns":{cpu},"wall_ns":7,"answer":"9"}}"#)
    }

    #[test]
    fn lines_that_are_not_as_agreed_are_refused() {
        assert!(read(&line("2", 6, "600"), &TASKS).is_ok());
        assert!(read(r#"{"task":"s","value":0.25}"#, &TASKS).is_ok());
        for (bad, why) in [
            (line("3", 9, "1"), "not asked for"),
            (line("2", 0, "1"), "no operations"),
            (line("2", 6, "0"), "no time"),
            (line("2", 6, "-5"), "no time"),
            (line("s", 6, "5"), "is not timed"),
            (r#"{"task":"2","value":1}"#.to_owned(), "is timed"),
            (r#"{"task":"s","value":-1}"#.to_owned(), "is no figure"),
            (r#"{"task":"s"}"#.to_owned(), "did not match"),
            ("warm".to_owned(), "expected value"),
        ] {
            let error = read(&bad, &TASKS).expect_err(&bad);
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn a_sample_is_the_median_of_the_time_of_an_operation_or_the_figure() {
        let said = [
            line("2", 10, "100"),
            line("2", 10, "500"),
            line("2", 20, "400"),
            r#"{"task":"s","value":0.25}"#.to_owned(),
        ];
        let said: Vec<Line> = said.iter().map(|line| read(line, &TASKS).expect("agreed")).collect();
        let found = samples(&said, &TASKS, 3).expect("three repetitions and a figure");
        let timed = Sample { value: 20.0, wall_ns: Some(0.7), answer: Some("9".to_owned()) };
        let figure = Sample { value: 0.25, wall_ns: None, answer: None };
        assert_eq!(found, BTreeMap::from([("2", timed), ("s", figure)]));
        let error = samples(&said[1..], &TASKS, 3).expect_err("two repetitions are not enough");
        assert_eq!(error, "2 lines of 2, not 3");
        let error = samples(&said[..3], &TASKS, 3).expect_err("the figure is missing");
        assert_eq!(error, "0 lines of s, not 1");
    }
}

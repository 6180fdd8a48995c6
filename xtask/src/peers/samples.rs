//! What the programs of the sides say: a line of JSON for each repetition of a task.

use std::collections::BTreeMap;

use assize_perf::statistics::Sorted;
use serde::Deserialize;

use super::side::Task;

/// Some operations of one task, timed together.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Repetition {
    task: String,
    /// Operations that were done.
    operations: u32,
    cpu_ns: f64,
    wall_ns: f64,
    /// What came of it, where sides can be held against each other by that: a count, a price.
    answer: Option<String>,
}

/// What a task came to in one run of a side's program.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sample {
    /// The processor's nanoseconds of an operation, the median over the repetitions.
    pub(super) cpu_ns: f64,
    /// The same by the clock.
    pub(super) wall_ns: f64,
    /// What came of it, if the side says so.
    pub(super) answer: Option<String>,
}

/// Reads a line; if it is not as agreed, what is wrong with it.
pub(super) fn read(line: &str, tasks: &[Task]) -> Result<Repetition, String> {
    let repetition: Repetition = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let Repetition { task, operations, cpu_ns, wall_ns, .. } = &repetition;
    if tasks.iter().all(|asked| asked.name != task) {
        return Err(format!("the task {task:?} was not asked for"));
    }
    let good = |ns: f64| ns.is_finite() && ns > 0.0;
    if *operations == 0 || !good(*cpu_ns) || !good(*wall_ns) {
        return Err("it has no operations, or no time".to_owned());
    }
    Ok(repetition)
}

/// The sample of each task; every one needs as many repetitions as were asked for.
pub(super) fn samples(
    read: &[Repetition],
    tasks: &[Task],
    repetitions: u32,
) -> Result<BTreeMap<&'static str, Sample>, String> {
    let of = |task: &Task| {
        let of_task: Vec<&Repetition> = read.iter().filter(|one| one.task == task.name).collect();
        if u32::try_from(of_task.len()) != Ok(repetitions) {
            return Err(format!("{} repetitions of {}, not {repetitions}", of_task.len(), task.name));
        }
        let median = |time: fn(&Repetition) -> f64| {
            let each: Vec<f64> = of_task.iter().map(|one| time(one) / f64::from(one.operations)).collect();
            Sorted::new(&each).map(|sorted| sorted.median()).ok_or("no repetitions")
        };
        let (cpu_ns, wall_ns) = (median(|one| one.cpu_ns)?, median(|one| one.wall_ns)?);
        let answer = of_task.last().and_then(|one| one.answer.clone());
        Ok((task.name, Sample { cpu_ns, wall_ns, answer }))
    };
    tasks.iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TASKS: [Task; 2] = [Task::timed("2", "two"), Task::timed("4", "four")];

    fn line(task: &str, operations: u32, cpu: &str) -> String {
        format!(r#"{{"task":"{task}","operations":{operations},"cpu_ns":{cpu},"wall_ns":70,"answer":"9"}}"#)
    }

    #[test]
    fn lines_that_are_not_as_agreed_are_refused() {
        assert!(read(&line("2", 6, "600"), &TASKS).is_ok());
        for (bad, why) in [
            (line("3", 9, "1"), "not asked for"),
            (line("2", 0, "1"), "no operations"),
            (line("2", 6, "0"), "no time"),
            (line("2", 6, "-5"), "no time"),
            (r#"{"task":"2","value":1}"#.to_owned(), "unknown field"),
            ("warm".to_owned(), "expected value"),
        ] {
            let error = read(&bad, &TASKS).expect_err(&bad);
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn a_sample_is_the_median_of_the_time_of_an_operation() {
        let lines = [line("2", 10, "100"), line("2", 10, "500"), line("2", 20, "400"), line("4", 1, "1")];
        let said: Vec<Repetition> = lines.iter().map(|line| read(line, &TASKS).expect("agreed")).collect();
        let found = samples(&said[..3], &TASKS[..1], 3).expect("three repetitions");
        let timed = Sample { cpu_ns: 20.0, wall_ns: 7.0, answer: Some("9".to_owned()) };
        assert_eq!(found, BTreeMap::from([("2", timed)]));
        let error = samples(&said, &TASKS, 3).expect_err("one of four is not enough");
        assert_eq!(error, "1 repetitions of 4, not 3");
    }
}

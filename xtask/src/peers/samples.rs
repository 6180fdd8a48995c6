//! What the programs of the sides say: a line of JSON for each repetition.

use std::collections::BTreeMap;

use assize_perf::statistics::Sorted;
use serde::Deserialize;

/// A repetition: some debates of the same size.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub(super) struct Repetition {
    pub(super) debaters: u32,
    pub(super) rounds: u32,
    /// Turns that were taken in all its debates.
    pub(super) turns: u32,
    cpu_ns: f64,
    wall_ns: f64,
}

/// What a turn cost in one run of a side's program: the median over its repetitions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sample {
    pub(super) cpu_ns: f64,
    pub(super) wall_ns: f64,
}

/// Reads a line; if it is not as agreed, what is wrong with it.
pub(super) fn read(line: &str, sizes: &[u32], rounds: u32) -> Result<Repetition, String> {
    let repetition: Repetition = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let Repetition { debaters, rounds: held, turns, cpu_ns, wall_ns } = repetition;
    if !sizes.contains(&debaters) || held != rounds {
        return Err(format!("{debaters} debaters and {held} rounds were not asked for"));
    }
    let good = |ns: f64| ns.is_finite() && ns > 0.0;
    if turns == 0 || !good(cpu_ns) || !good(wall_ns) {
        return Err("it has no turns, or no time".to_owned());
    }
    Ok(repetition)
}

/// The sample of each size; every size needs as many repetitions as were asked for.
pub(super) fn samples(
    read: &[Repetition],
    sizes: &[u32],
    repetitions: u32,
) -> Result<BTreeMap<u32, Sample>, String> {
    let of = |debaters: u32| {
        let of_size: Vec<&Repetition> = read.iter().filter(|one| one.debaters == debaters).collect();
        if u32::try_from(of_size.len()) != Ok(repetitions) {
            return Err(format!("{} repetitions with {debaters} debaters, not {repetitions}", of_size.len()));
        }
        let median = |time: fn(&Repetition) -> f64| {
            let a_turn: Vec<f64> = of_size.iter().map(|one| time(one) / f64::from(one.turns)).collect();
            Sorted::new(&a_turn).map(|sorted| sorted.median()).ok_or("no repetitions")
        };
        Ok((debaters, Sample { cpu_ns: median(|one| one.cpu_ns)?, wall_ns: median(|one| one.wall_ns)? }))
    };
    sizes.iter().map(|debaters| of(*debaters)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_not_as_agreed_are_refused() {
        let line = |debaters: u32, rounds: u32, turns: u32, cpu: &str| {
            format!(
                r#"{{"debaters":{debaters},"rounds":{rounds},"repetition":0,"turns":{turns},"cpu_ns":{cpu},"wall_ns":7}}"#
            )
        };
        assert!(read(&line(2, 3, 6, "600"), &[2, 4], 3).is_ok());
        for (bad, why) in [
            (line(3, 3, 9, "1"), "not asked for"),
            (line(2, 2, 4, "1"), "not asked for"),
            (line(2, 3, 0, "1"), "no turns"),
            (line(2, 3, 6, "0"), "no time"),
            (line(2, 3, 6, "-5"), "no time"),
            ("warm".to_owned(), "expected value"),
        ] {
            let error = read(&bad, &[2, 4], 3).expect_err(&bad);
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn a_sample_is_the_median_of_the_time_of_a_turn() {
        let one =
            |debaters, turns, cpu_ns, wall_ns| Repetition { debaters, rounds: 3, turns, cpu_ns, wall_ns };
        let read = [
            one(2, 10, 100.0, 300.0),
            one(2, 10, 500.0, 200.0),
            one(2, 20, 400.0, 2_000.0),
            one(4, 1, 1.0, 1.0),
        ];
        let found = samples(&read[..3], &[2], 3).expect("three repetitions");
        assert_eq!(found, BTreeMap::from([(2, Sample { cpu_ns: 20.0, wall_ns: 30.0 })]));
        let error = samples(&read, &[2, 4], 3).expect_err("one of four debaters is not enough");
        assert_eq!(error, "1 repetitions with 4 debaters, not 3");
    }
}

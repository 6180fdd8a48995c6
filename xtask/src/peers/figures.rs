//! From samples to figures: what an operation costs on each side, how many times that is what it costs elsewhere, in a run
//! and in a table.

use std::collections::BTreeMap;

use assize_perf::{Arm, Better, Comparison, Contrast, Effect, Estimate, Kind, Measurement, Unit, Winner};
use assize_report::{Column, Document, Table};

use super::samples::Sample;
use super::side::{Contest, Side, Task};

/// What each side showed: by its name, the samples of each block by the task.
pub(super) type Samples = BTreeMap<&'static str, Vec<BTreeMap<&'static str, Sample>>>;

/// Figures of a contest.
#[derive(Debug)]
pub(super) struct Figures<'a> {
    contest: &'a Contest,
    samples: &'a Samples,
}

impl<'a> Figures<'a> {
    pub(super) fn new(contest: &'a Contest, samples: &'a Samples) -> Self {
        Self { contest, samples }
    }

    /// The sides that have been measured, in the contest's order.
    fn measured(&self) -> impl Iterator<Item = &'a Side> {
        self.contest.sides.iter().filter(|side| self.samples.contains_key(side.name))
    }

    fn of(&self, side: &str, task: &Task, time: fn(&Sample) -> f64) -> Vec<f64> {
        let blocks = self.samples.get(side).map(Vec::as_slice).unwrap_or_default();
        blocks.iter().filter_map(|block| block.get(task.name)).map(time).collect()
    }

    /// What a side said came of a task, in its last run.
    pub(super) fn answer(&self, side: &str, task: &Task) -> Option<&'a str> {
        self.samples.get(side)?.last()?.get(task.name)?.answer.as_deref()
    }

    /// `CONTEST/peers/SIDE/TASK`: the median over the blocks, and its interval.
    fn measurement(&self, side: &Side, task: &Task, metric: String, values: Vec<f64>) -> Option<Measurement> {
        let id = format!("{}/peers/{}/{}", self.contest.name, side.name, task.name);
        let measured =
            Measurement::of_samples(id, metric, Unit::Nanoseconds, Better::Lower, Kind::Timed, values)?;
        let measured = measured.with_note(format!(
            "a {}: {}; a sample is the median of one process's repetitions, so that the interval holds what differs from \
             process to process",
            self.contest.operation, side.turn
        ));
        Some(match self.answer(side.name, task) {
            Some(answer) => measured.with_note(format!("its answer: {answer}")),
            None => measured,
        })
    }

    /// The processor's time of an operation.
    fn figure(&self, side: &Side, task: &Task) -> Option<Measurement> {
        self.measurement(side, task, self.cpu(), self.of(side.name, task, |sample| sample.cpu_ns))
    }

    /// The time of it by the clock.
    fn wall(&self, side: &Side, task: &Task) -> Option<Measurement> {
        let metric = format!("wall-per-{}", self.contest.operation);
        self.measurement(side, task, metric, self.of(side.name, task, |sample| sample.wall_ns))
    }

    fn cpu(&self) -> String {
        format!("cpu-per-{}", self.contest.operation)
    }

    /// All measurements, in the order of a run.
    pub(super) fn measurements(&self) -> Vec<Measurement> {
        let mut all: Vec<Measurement> = self
            .measured()
            .flat_map(|side| self.contest.tasks.iter().map(move |task| (side, task)))
            .flat_map(|(side, task)| [self.figure(side, task), self.wall(side, task)])
            .flatten()
            .collect();
        all.sort_by(|a, b| (&a.id, &a.metric).cmp(&(&b.id, &b.metric)));
        all
    }

    /// How many times what an operation costs on side `b` it costs on side `a`: of the blocks, in each of which both were run.
    fn times(&self, a: &str, b: &str, task: &Task) -> Option<Estimate> {
        let of = |side| self.of(side, task, |sample| sample.cpu_ns);
        let (of_a, of_b) = (of(a), of(b));
        if of_a.len() != of_b.len() {
            return None;
        }
        let ratios = of_a.iter().zip(&of_b).map(|(a, b)| a / b).collect();
        let id = format!("{a} against {b}, {}", task.name);
        let ratio = Measurement::of_samples(id, self.cpu(), Unit::Ratio, Better::Lower, Kind::Timed, ratios)?;
        Some(Estimate::new(ratio.value, Unit::Ratio, Better::Lower).within(ratio.interval))
    }

    /// The sides as arms of a comparison, and what each pair that is held against each other comes to.
    pub(super) fn comparison(&self, method: String) -> Comparison {
        let mut contrasts = Vec::new();
        for side in self.measured() {
            for other in side.opponent.into_iter().chain(side.bare) {
                for task in self.contest.tasks {
                    contrasts.extend(
                        self.times(side.name, other, task)
                            .map(|estimate| self.contrast(side.name, other, task, estimate)),
                    );
                }
            }
        }
        Comparison {
            id: format!("{}/peers", self.contest.name),
            question: self.contest.question.to_owned(),
            arms: self.measured().map(|side| self.arm(side)).collect(),
            contrasts,
            winner: self.winner(),
            method,
            assumptions: self.contest.assumptions.iter().map(|text| (*text).to_owned()).collect(),
        }
    }

    fn contrast(&self, a: &str, b: &str, task: &Task, estimate: Estimate) -> Contrast {
        let times = estimate.unit.show(estimate.value);
        let verdict = match estimate.interval.as_ref() {
            Some(interval) if interval.low > 1.0 => format!("{a} costs {times} what {b} does"),
            Some(interval) if interval.high < 1.0 => format!("{a} costs less: {times} what {b} does"),
            Some(_) => "the interval holds 1: the data do not say which costs less".to_owned(),
            None => "one block has no interval".to_owned(),
        };
        Contrast {
            metric: self.metric_of(task),
            a: a.to_owned(),
            b: b.to_owned(),
            effect: Effect::Ratio,
            estimate,
            verdict,
        }
    }

    fn metric_of(&self, task: &Task) -> String {
        format!("{}, {}", self.cpu(), task.what)
    }

    fn arm(&self, side: &Side) -> Arm {
        let metric = |task: &Task| {
            let figure = self.figure(side, task)?;
            let estimate = Estimate::new(figure.value, figure.unit, figure.better).within(figure.interval);
            Some((self.metric_of(task), estimate))
        };
        Arm {
            name: side.name.to_owned(),
            description: side.turn.to_owned(),
            metrics: self.contest.tasks.iter().filter_map(metric).collect(),
        }
    }

    /// The rival that does every task at less cost than each other.
    fn winner(&self) -> Option<Winner> {
        let rivals: Vec<&Side> = self.measured().filter(|side| side.is_rival).collect();
        let beats = |a: &Side, b: &Side| {
            self.contest.tasks.iter().all(|task| {
                self.times(b.name, a.name, task)
                    .and_then(|times| times.interval)
                    .is_some_and(|interval| interval.low > 1.0)
            })
        };
        let wins = |side: &&&Side| rivals.iter().all(|other| other == *side || beats(side, other));
        if rivals.len() < 2 {
            return None;
        }
        let best = rivals.iter().find(wins)?;
        let why = format!(
            "Of the sides that do the same it costs the least in every task ({}), each interval of a ratio above 1.",
            names(self.contest.tasks)
        );
        Some(Winner { arm: best.name.to_owned(), why })
    }

    /// What is printed: a row for each task and side.
    pub(super) fn table(&self, title: &str) -> Document {
        let mut doc = Document::new(title);
        let tasks = self.contest.tasks;
        let has_bare = self.measured().any(|side| side.bare.is_some());
        let answered = |task: &Task| self.measured().any(|side| self.answer(side.name, task).is_some());
        let has_answers = tasks.iter().any(answered);
        let operation = self.contest.operation;
        let mut heads = vec![Column::left("task"), Column::left("side")];
        heads.extend([format!("CPU per {operation}"), format!("wall per {operation}")].map(Column::right));
        heads.extend(has_bare.then(|| Column::right("× bare")));
        heads.push(Column::right("× ours"));
        heads.extend(has_answers.then(|| Column::right("answer")));
        let mut table = Table::new(heads);
        let shown = |m: Option<Measurement>| {
            m.map_or_else(none, |m| Estimate::new(m.value, m.unit, m.better).within(m.interval).show())
        };
        for task in tasks {
            for side in self.measured() {
                let times = |other: Option<&str>| {
                    other
                        .and_then(|other| self.times(side.name, other, task))
                        .map_or_else(none, |times| times.show())
                };
                let wall = self.wall(side, task).map_or_else(none, |wall| wall.unit.show(wall.value));
                let cpu = shown(self.figure(side, task));
                let mut row = vec![task.name.to_owned(), side.name.to_owned(), cpu, wall];
                row.extend(has_bare.then(|| times(side.bare)));
                row.push(times(side.opponent));
                let answer = || self.answer(side.name, task).map_or_else(none, str::to_owned);
                row.extend(has_answers.then(answer));
                table.push(row);
            }
        }
        doc.table(table);
        let bare = if has_bare { " Bare: no library, in the same language." } else { "" };
        let held: Vec<String> = self
            .measured()
            .filter_map(|side| Some(format!("{} against {}", side.name, side.opponent?)))
            .collect();
        let held = if held.is_empty() { String::new() } else { format!(" Ours: {}.", held.join(", ")) };
        doc.paragraph(format!("Medians with their 95 % intervals.{bare}{held}"));
        doc
    }
}

/// `2, 4, 8`.
pub(super) fn names(tasks: &[Task]) -> String {
    tasks.iter().map(|task| task.name).collect::<Vec<_>>().join(", ")
}

fn none() -> String {
    "–".to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::contests::CONTESTS;
    use super::*;

    /// Five blocks in which a turn costs so many nanoseconds, with a machine that is slower from block to block.
    fn costs(sides: &[(&'static str, f64)]) -> Samples {
        let blocks = |ns: f64| {
            let block = |slower: f64| {
                let sample = Sample { cpu_ns: ns * slower, wall_ns: 2.0 * ns * slower, answer: None };
                BTreeMap::from(["2", "4", "8", "16"].map(|task| (task, sample.clone())))
            };
            [1.0, 1.1, 1.2, 1.5, 2.0].map(block).to_vec()
        };
        sides.iter().map(|(name, ns)| (*name, blocks(*ns))).collect()
    }

    #[test]
    fn ratios_are_of_blocks_so_that_a_machine_that_slows_down_does_not_blur_them() {
        let samples = costs(&[
            ("rust-join", 100.0),
            ("assize-model", 400.0),
            ("heartbit", 1_000.0),
            ("python-gather", 2_000.0),
            ("langgraph-model", 9_000.0),
        ]);
        let comparison = Figures::new(&CONTESTS[2], &samples).comparison("made up".to_owned());
        let found: Vec<String> = comparison
            .contrasts
            .iter()
            .filter(|contrast| contrast.metric.ends_with(", 2 debaters"))
            .map(|c| format!("{:.2}: {}", c.estimate.value, c.verdict))
            .collect();
        insta::assert_snapshot!(found.join("\n"), @"
        4.00: assize-model costs 4.00× what rust-join does
        2.50: heartbit costs 2.50× what assize-model does
        10.00: heartbit costs 10.0× what rust-join does
        22.50: langgraph-model costs 22.5× what assize-model does
        4.50: langgraph-model costs 4.50× what python-gather does
        ");
        assert_eq!(comparison.winner.map(|winner| winner.arm).as_deref(), Some("assize-model"));
        assert_eq!(comparison.arms.len(), 5);
    }

    #[test]
    fn who_is_not_better_everywhere_has_not_won() {
        let mut samples = costs(&[("assize-model", 400.0), ("heartbit", 1_000.0)]);
        for block in samples.get_mut("assize-model").expect("it is there") {
            block.insert("4", Sample { cpu_ns: 5_000.0, wall_ns: 5_000.0, answer: None });
        }
        let figures = Figures::new(&CONTESTS[2], &samples);
        assert_eq!(figures.comparison(String::new()).winner, None);
        let alone = costs(&[("assize-model", 400.0), ("langgraph-nodes", 1_000.0)]);
        let figures = Figures::new(&CONTESTS[2], &alone);
        assert_eq!(figures.comparison(String::new()).winner, None, "nobody else asks a model");
    }

    #[test]
    fn measurements_are_named_for_their_side_and_size() {
        let samples = costs(&[("heartbit", 1_000.0)]);
        let found = Figures::new(&CONTESTS[2], &samples).measurements();
        let named: Vec<(&str, &str, f64)> =
            found.iter().map(|m| (m.id.as_str(), m.metric.as_str(), m.value)).collect();
        assert_eq!(
            named[2..6],
            [
                ("debate/peers/heartbit/2", "cpu-per-turn", 1_200.0),
                ("debate/peers/heartbit/2", "wall-per-turn", 2_400.0),
                ("debate/peers/heartbit/4", "cpu-per-turn", 1_200.0),
                ("debate/peers/heartbit/4", "wall-per-turn", 2_400.0),
            ]
        );
        assert!(found.iter().all(|m| m.interval.is_some() && m.samples.len() == 5));
    }
}

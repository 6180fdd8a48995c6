//! From samples to figures: what a turn costs on each side, how many times that is what it costs elsewhere, in a run and in
//! a table.

use std::collections::BTreeMap;

use assize_perf::{Arm, Better, Comparison, Contrast, Effect, Estimate, Kind, Measurement, Unit, Winner};
use assize_report::{Column, Document, Table};

use super::samples::Sample;
use super::side::{Contest, Role, Side};

/// What each side showed: by its name, the samples of each block by the number of debaters.
pub(super) type Samples = BTreeMap<&'static str, Vec<BTreeMap<u32, Sample>>>;

const CPU: &str = "cpu-per-turn";
const WALL: &str = "wall-per-turn";

/// Figures of a contest.
#[derive(Debug)]
pub(super) struct Figures<'a> {
    contest: &'a Contest,
    samples: &'a Samples,
    sizes: &'a [u32],
}

impl<'a> Figures<'a> {
    pub(super) fn new(contest: &'a Contest, samples: &'a Samples, sizes: &'a [u32]) -> Self {
        Self { contest, samples, sizes }
    }

    /// The sides that have been measured, in the contest's order.
    fn measured(&self) -> impl Iterator<Item = &'a Side> {
        self.contest.sides.iter().filter(|side| self.samples.contains_key(side.name))
    }

    fn of(&self, side: &str, debaters: u32, time: fn(&Sample) -> f64) -> Vec<f64> {
        let blocks = self.samples.get(side).map(Vec::as_slice).unwrap_or_default();
        blocks.iter().filter_map(|block| block.get(&debaters)).map(time).collect()
    }

    /// `CONTEST/peers/SIDE/DEBATERS`: the median over the blocks, and its interval.
    fn measurement(&self, side: &Side, debaters: u32, metric: &str) -> Option<Measurement> {
        let time: fn(&Sample) -> f64 =
            if metric == CPU { |sample| sample.cpu_ns } else { |sample| sample.wall_ns };
        let id = format!("{}/peers/{}/{debaters}", self.contest.name, side.name);
        let samples = self.of(side.name, debaters, time);
        let figure =
            Measurement::of_samples(id, metric, Unit::Nanoseconds, Better::Lower, Kind::Timed, samples)?;
        Some(figure.with_note(format!(
            "a turn: {}; a sample is the median of one process's repetitions, so that the interval holds what differs from \
             process to process",
            side.turn
        )))
    }

    /// All measurements, in the order of a run.
    pub(super) fn measurements(&self) -> Vec<Measurement> {
        let mut all: Vec<Measurement> = self
            .measured()
            .flat_map(|side| self.sizes.iter().map(move |debaters| (side, *debaters)))
            .flat_map(|(side, debaters)| [CPU, WALL].map(|metric| self.measurement(side, debaters, metric)))
            .flatten()
            .collect();
        all.sort_by(|a, b| (&a.id, &a.metric).cmp(&(&b.id, &b.metric)));
        all
    }

    /// How many times what a turn costs on side `b` it costs on side `a`: of the blocks, in each of which both were run.
    fn times(&self, a: &str, b: &str, debaters: u32) -> Option<Estimate> {
        let of = |side| self.of(side, debaters, |sample| sample.cpu_ns);
        let (of_a, of_b) = (of(a), of(b));
        if of_a.len() != of_b.len() {
            return None;
        }
        let ratios = of_a.iter().zip(&of_b).map(|(a, b)| a / b).collect();
        let id = format!("{a} against {b}, {debaters}");
        let ratio = Measurement::of_samples(id, CPU, Unit::Ratio, Better::Lower, Kind::Timed, ratios)?;
        Some(Estimate::new(ratio.value, Unit::Ratio, Better::Lower).within(ratio.interval))
    }

    /// The sides as arms of a comparison, and what each pair that is held against each other comes to.
    pub(super) fn comparison(&self, method: String) -> Comparison {
        let mut contrasts = Vec::new();
        for side in self.measured() {
            for other in side.opponent().into_iter().chain(side.bare()) {
                for &debaters in self.sizes {
                    contrasts.extend(
                        self.times(side.name, other, debaters)
                            .map(|estimate| contrast(side.name, other, debaters, estimate)),
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
            assumptions: vec![
                "A model that answers at once: against one that takes seconds, none of these times is felt.".to_owned(),
                "Each side as its own documentation shows it, without a journal or a checkpointer; what is made once \
                 (agents, graphs, teams) is made outside of the time."
                    .to_owned(),
                "One thread on each side."
                    .to_owned(),
            ],
        }
    }

    fn arm(&self, side: &Side) -> Arm {
        let metric = |debaters: &u32| {
            let figure = self.measurement(side, *debaters, CPU)?;
            let estimate = Estimate::new(figure.value, figure.unit, figure.better).within(figure.interval);
            Some((metric_of(*debaters), estimate))
        };
        Arm {
            name: side.name.to_owned(),
            description: side.turn.to_owned(),
            metrics: self.sizes.iter().filter_map(metric).collect(),
        }
    }

    /// The side that goes a model's whole way at less cost than each other that does, with every number of debaters.
    fn winner(&self) -> Option<Winner> {
        let rivals: Vec<&Side> = self.measured().filter(|side| side.role == Role::Model).collect();
        let beats = |a: &Side, b: &Side| {
            self.sizes.iter().all(|debaters| {
                self.times(b.name, a.name, *debaters)
                    .and_then(|times| times.interval)
                    .is_some_and(|interval| interval.low > 1.0)
            })
        };
        let best = rivals.iter().find(|side| {
            rivals.len() > 1 && rivals.iter().all(|other| other == *side || beats(side, other))
        })?;
        let why = format!(
            "Of the sides that ask a model's interface it costs the least with every number of debaters ({}), each \
             interval of a ratio above 1.",
            numbers(self.sizes)
        );
        Some(Winner { arm: best.name.to_owned(), why })
    }

    /// What is printed: a row for each side and size.
    pub(super) fn table(&self, title: &str) -> Document {
        let mut doc = Document::new(title);
        let heads = [Column::right("debaters"), Column::left("side")];
        let figures = ["CPU per turn", "wall per turn", "× bare", "× ours"].map(Column::right);
        let mut table = Table::new(heads.into_iter().chain(figures));
        let shown = |m: Option<Measurement>| {
            m.map_or_else(none, |m| Estimate::new(m.value, m.unit, m.better).within(m.interval).show())
        };
        for &debaters in self.sizes {
            for side in self.measured() {
                let times = |other: Option<&str>| {
                    other
                        .and_then(|other| self.times(side.name, other, debaters))
                        .map_or_else(none, |times| times.show())
                };
                let wall = self.measurement(side, debaters, WALL);
                table.push([
                    debaters.to_string(),
                    side.name.to_owned(),
                    shown(self.measurement(side, debaters, CPU)),
                    wall.map_or_else(none, |wall| wall.unit.show(wall.value)),
                    times(side.bare()),
                    times(side.opponent()),
                ]);
            }
        }
        doc.table(table);
        doc.paragraph(
            "Medians with their 95 % intervals. Bare: the plain join in the same language. Ours: assize-model for who \
             asks a model's interface, assize-engine for who does not.",
        );
        doc
    }
}

fn contrast(a: &str, b: &str, debaters: u32, estimate: Estimate) -> Contrast {
    let (value, interval) = (estimate.value, estimate.interval.as_ref());
    let verdict = match interval {
        Some(interval) if interval.low > 1.0 => {
            format!("{a} costs {} what {b} does", estimate.unit.show(value))
        }
        Some(interval) if interval.high < 1.0 => {
            format!("{a} costs less: {} what {b} does", estimate.unit.show(value))
        }
        Some(_) => "the interval holds 1: the data do not say which costs less".to_owned(),
        None => "one block has no interval".to_owned(),
    };
    Contrast {
        metric: metric_of(debaters),
        a: a.to_owned(),
        b: b.to_owned(),
        effect: Effect::Ratio,
        estimate,
        verdict,
    }
}

fn metric_of(debaters: u32) -> String {
    format!("{CPU}, {debaters} debaters")
}

/// `2, 4, 8`.
pub(super) fn numbers(sizes: &[u32]) -> String {
    sizes.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
}

fn none() -> String {
    "–".to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::side::CONTESTS;
    use super::*;

    /// Five blocks in which a turn costs so many nanoseconds, with a machine that is slower from block to block.
    fn costs(sides: &[(&'static str, f64)]) -> Samples {
        let blocks = |ns: f64| {
            let block = |slower: f64| {
                let sample = Sample { cpu_ns: ns * slower, wall_ns: 2.0 * ns * slower };
                BTreeMap::from([(2, sample), (4, sample)])
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
        let comparison = Figures::new(&CONTESTS[0], &samples, &[2, 4]).comparison("made up".to_owned());
        let found: Vec<String> = comparison
            .contrasts
            .iter()
            .filter(|contrast| contrast.metric.ends_with("2 debaters"))
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
            block.insert(4, Sample { cpu_ns: 5_000.0, wall_ns: 5_000.0 });
        }
        let figures = Figures::new(&CONTESTS[0], &samples, &[2, 4]);
        assert_eq!(figures.comparison(String::new()).winner, None);
        let alone = costs(&[("assize-model", 400.0), ("langgraph-nodes", 1_000.0)]);
        let figures = Figures::new(&CONTESTS[0], &alone, &[2, 4]);
        assert_eq!(figures.comparison(String::new()).winner, None, "nobody else asks a model");
    }

    #[test]
    fn measurements_are_named_for_their_side_and_size() {
        let samples = costs(&[("heartbit", 1_000.0)]);
        let found = Figures::new(&CONTESTS[0], &samples, &[2, 4]).measurements();
        let named: Vec<(&str, &str, f64)> =
            found.iter().map(|m| (m.id.as_str(), m.metric.as_str(), m.value)).collect();
        assert_eq!(
            named,
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

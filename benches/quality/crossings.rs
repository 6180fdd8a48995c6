//! From where on a debate pays: worlds with more and more of what makes votes fail.

use assize_ambient::Seed;
use assize_benches::{
    handover::Handover,
    quality::{Arm, Mind, World},
};
use assize_perf::{Better, Interval, Kind, Measurement, Run, Unit, statistics::Sorted};

use crate::{
    LOCATION, MATTERS, Size,
    asking::{Panel, Truth, steady},
    marks::{Figure, difference},
};

/// How much the voices know whose errors are more and more in common.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Competence {
    Low,
    Fair,
    High,
}

/// A row of worlds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sweep {
    /// More and more questions in which what all know misleads.
    Misleading,
    /// More and more of the errors in common, among voices of a competence.
    Correlation(Competence),
}

impl Sweep {
    pub(crate) const ALL: [Self; 4] = [
        Self::Misleading,
        Self::Correlation(Competence::Low),
        Self::Correlation(Competence::Fair),
        Self::Correlation(Competence::High),
    ];

    /// The letter by which its places go.
    pub(crate) const fn letter(self) -> char {
        match self {
            Self::Misleading => 'h',
            Self::Correlation(_) => 'ρ',
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Misleading => "misleading-share",
            Self::Correlation(Competence::Fair) => "error-correlation",
            Self::Correlation(Competence::Low) => "error-correlation-d2",
            Self::Correlation(Competence::High) => "error-correlation-d12",
        }
    }

    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Misleading => "share h of questions in which the shared facts mislead (hidden profile)",
            Self::Correlation(Competence::Fair) => "correlation ρ of the errors (signals, d′ = 0.4)",
            Self::Correlation(Competence::Low) => "correlation ρ of the errors (signals, d′ = 0.2)",
            Self::Correlation(Competence::High) => "correlation ρ of the errors (signals, d′ = 1.2)",
        }
    }

    fn worlds(self) -> Vec<(f64, World)> {
        match self {
            Self::Misleading => (0..=10_u32)
                .map(|tenth| f64::from(tenth) / 10.0)
                .map(|misleading| (misleading, World::HiddenProfile { misleading }))
                .collect(),
            Self::Correlation(competence) => {
                let d_prime = match competence {
                    Competence::Low => 0.2,
                    Competence::Fair => 0.4,
                    Competence::High => 1.2,
                };
                [0.0, 0.3, 0.6, 0.9]
                    .into_iter()
                    .map(|correlation| (correlation, World::Signals { d_prime, correlation }))
                    .collect()
            }
        }
    }
}

/// The advantage of a way to decide along a sweep.
pub(crate) struct Advantage {
    pub(crate) sweep: Sweep,
    pub(crate) of: Arm,
    pub(crate) over: Arm,
    pub(crate) points: Vec<(f64, Figure)>,
    pub(crate) crossing: Crossing,
}

/// From where on an advantage matters.
pub(crate) struct Crossing {
    /// The place; `None`: nowhere was it shown.
    pub(crate) at: Option<f64>,
    /// Where it lies in the middle 95 % of resamples that have one.
    pub(crate) interval: Option<Interval>,
    /// The share of resamples that have one.
    pub(crate) found_in: f64,
}

const VOTES: [Arm; 2] = [Arm::Confidence, Arm::EqualCalls];
const DEBATES: [Arm; 3] = [Arm::Debate, Arm::DebateFacts, Arm::GatedDebate];
const ARMS: [Arm; 5] = [Arm::Confidence, Arm::EqualCalls, Arm::Debate, Arm::DebateFacts, Arm::GatedDebate];

pub(crate) fn find(handover: &Handover, size: &Size, run: &mut Run) -> Result<Vec<Advantage>, String> {
    let mut all = Vec::new();
    for sweep in Sweep::ALL {
        let id = format!("debate/quality/crossing/{}", sweep.name());
        let is_extra = matches!(sweep, Sweep::Correlation(Competence::Low | Competence::High));
        if (is_extra && !size.everything) || !handover.wants_family(&id, DEBATES.map(Arm::name)) {
            continue;
        }
        let worlds = sweep.worlds();
        // By place, arm and question: whether it was right.
        let mut right: Vec<Vec<Vec<f64>>> = Vec::new();
        for (step, (_, world)) in worlds.iter().enumerate() {
            handover.progress(step, worlds.len(), &id);
            let seed = size.seed.child("crossings").child(sweep.name());
            let panel = Panel { world: *world, mind: Mind::DECLARED, seed, arms: &ARMS, truth: Truth::Own };
            let asked = panel.ask(size.swept, &steady())?;
            let of = |arm: usize| asked.iter().map(|asked| asked.marks[arm].right).collect();
            right.push((0..ARMS.len()).map(of).collect());
        }
        let places: Vec<f64> = worlds.iter().map(|(place, _)| *place).collect();
        for over in VOTES {
            for of in DEBATES {
                let advantage = advantage(sweep, of, over, &places, &right, size);
                measure(&id, &advantage, run);
                all.push(advantage);
            }
        }
    }
    Ok(all)
}

fn advantage(
    sweep: Sweep,
    of: Arm,
    over: Arm,
    places: &[f64],
    right: &[Vec<Vec<f64>>],
    size: &Size,
) -> Advantage {
    let column = |arm: Arm| ARMS.iter().position(|known| *known == arm).unwrap_or(0);
    let (a, b) = (column(of), column(over));
    let points: Vec<(f64, Figure)> = places
        .iter()
        .zip(right)
        .map(|(place, arms)| (*place, difference(&arms[a], &arms[b], size.resamples, "advantage")))
        .collect();
    let is_shown = |(_, figure): &(f64, Figure)| {
        figure.value >= MATTERS && figure.interval.as_ref().is_some_and(|interval| interval.low > 0.0)
    };
    let shown = points.iter().position(is_shown);
    let gains: Vec<Vec<f64>> =
        right.iter().map(|arms| arms[a].iter().zip(&arms[b]).map(|(a, b)| a - b).collect()).collect();
    let crossing = crossing(places, &gains, shown, size.resamples);
    Advantage { sweep, of, over, points, crossing }
}

/// From where on the mean gain matters, up to the first place at which that is shown; between two places by a straight line.
/// The questions are the same in all places, so they are drawn together.
fn crossing(places: &[f64], gains: &[Vec<f64>], shown: Option<usize>, resamples: usize) -> Crossing {
    let Some(shown) = shown else { return Crossing { at: None, interval: None, found_in: 0.0 } };
    let n = gains.first().map_or(0, Vec::len);
    #[expect(clippy::cast_precision_loss, reason = "counts of questions")]
    let mean = |sum: f64| sum / n as f64;
    let all: Vec<f64> = gains.iter().map(|gains| mean(gains.iter().sum())).collect();
    let mut chance = Seed::new(0).child("crossing").rng();
    let mut found = Vec::new();
    for _ in 0..resamples {
        let mut sums = vec![0.0; gains.len()];
        for _ in 0..n {
            let drawn = chance.below(n);
            sums.iter_mut().zip(gains).for_each(|(sum, gains)| *sum += gains[drawn]);
        }
        let means: Vec<f64> = sums.into_iter().map(mean).collect();
        found.extend(crossed_near(places, &means, shown));
    }
    #[expect(clippy::cast_precision_loss, reason = "counts of resamples")]
    let found_in = found.len() as f64 / resamples.max(1) as f64;
    let interval = Sorted::new(&found).filter(|_| found_in >= 0.5).map(|sorted| Interval {
        low: sorted.percentile(2.5),
        high: sorted.percentile(97.5),
        level: 0.95,
        method: format!("percentile bootstrap of whole questions, {resamples} resamples"),
    });
    Crossing { at: crossed_near(places, &all, shown), interval, found_in }
}

/// Where the gain came to matter that matters at this place; where it does not there, the next place at which it comes to.
fn crossed_near(places: &[f64], gains: &[f64], shown: usize) -> Option<f64> {
    let reached = shown + gains[shown..].iter().position(|gain| *gain >= MATTERS)?;
    let Some(before) = gains[..reached].iter().rposition(|gain| *gain < MATTERS) else {
        return Some(places[0]);
    };
    let share = (MATTERS - gains[before]) / (gains[before + 1] - gains[before]);
    Some(share.mul_add(places[before + 1] - places[before], places[before]))
}

fn measure(id: &str, advantage: &Advantage, run: &mut Run) {
    let Some(at) = advantage.crossing.at else { return };
    let metric = format!("pays-from-over-{}", advantage.over.name());
    let id = format!("{id}/{}", advantage.of.name());
    let mut measurement = Measurement::new(id, metric, Unit::Fraction, Better::Lower, Kind::Virtual, at)
        .with_figure("share_of_resamples", advantage.crossing.found_in)
        .with_note(format!(
            "the lowest {} from which on it decides better by {:.0} points or more",
            advantage.sweep.words(),
            100.0 * MATTERS
        ))
        .at(LOCATION);
    measurement.interval.clone_from(&advantage.crossing.interval);
    run.measurements.push(measurement);
}

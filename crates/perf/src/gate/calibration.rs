//! How often a gate is wrong, tried out: comparisons of a build with itself, with the gate's own noise, runs and metrics.

use assize_ambient::Chance;

use crate::{
    compare::{Changes, Decision, Rules, Weigher, decide_with},
    run::Interval,
    statistics::{NoiseSource, real, wilson_interval},
};

/// How many suites a gate simulates, unless they are large.
pub const SUITES: usize = 1_000;

/// However large they are, no fewer than this of those asked for.
const LEAST_SUITES: usize = 100;

/// About so many values are drawn for each effect.
const DRAWS: usize = 1_000_000;

/// The third quartile of |x| and three interquartile ranges more, for normal x of standard deviation 1.
const LEARNED_FROM_NORMAL: f64 = 3.645_6;

/// The changes that are planted.
const EFFECTS: [f64; 2] = [0.05, 0.1];

/// One figure as it is simulated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figure {
    /// Runs before and after.
    pub runs: (usize, usize),
    /// The standard deviation of logarithms from run to run.
    pub deviation: f64,
    /// The same from one session to the next, in which all runs of a side share.
    pub drift: f64,
    /// From which share on a change matters.
    pub threshold: f64,
}

/// How often a planted change of one figure is found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The change, as a share.
    pub effect: f64,
    /// In which share of the suites it was found.
    pub share: f64,
    /// Where that share lies, at 95 %.
    pub interval: Option<Interval>,
}

/// How often a gate is wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// The chance of a false alarm in a whole suite that it is built for.
    pub nominal: f64,
    /// How many suites were simulated.
    pub suites: usize,
    /// How many figures each had.
    pub figures: usize,
    /// In which share of them there was a false alarm, better or worse.
    pub false_alarms: f64,
    /// Where that share lies, at 95 %.
    pub interval: Option<Interval>,
    /// The median of the figures' standard deviation from run to run.
    pub deviation: f64,
    /// Whether the noise from session to session is in it, which needs a history.
    pub has_drift: bool,
    /// How often changes are found.
    pub found: Vec<Found>,
}

/// Simulates suites of normal logarithms: without any change, and with each of the effects planted in one figure after the
/// other. Seeded by [`Rules::seed`]. `None` without figures.
///
/// ```
/// use assize_perf::{compare::Rules, gate::{Figure, calibrate}};
///
/// let figure = Figure { runs: (8, 8), deviation: 0.03, drift: 0.0, threshold: 0.01 };
/// let calibration = calibrate(&[figure; 10], &[0.1], 100, &Rules::default()).expect("ten figures");
/// assert!(calibration.false_alarms <= 0.1 && calibration.found[0].share > 0.7);
/// ```
#[must_use]
pub fn calibrate(figures: &[Figure], effects: &[f64], suites: usize, rules: &Rules) -> Option<Calibration> {
    if figures.is_empty() || suites == 0 {
        return None;
    }
    let mut weigher = Weigher::new(rules);
    let mut decided = |label: &str, effect: f64, alarm: &dyn Fn(usize, &[Decision]) -> bool| {
        let mut chance = rules.seed.child("calibration").child(label).rng();
        (0..suites)
            .filter(|suite| {
                let planted = (effect > 0.0).then_some((suite % figures.len(), effect));
                let drawn = drawn(figures, planted, &mut chance);
                alarm(*suite, &decide_with(&mut weigher, &drawn, |at| figures[at].threshold))
            })
            .count()
    };
    let wrong = |_: usize, decisions: &[Decision]| {
        decisions.iter().any(|decision| matches!(decision, Decision::Larger | Decision::Smaller))
    };
    let alarms = decided("none", 0.0, &wrong);
    let right = |suite: usize, decisions: &[Decision]| decisions[suite % figures.len()] == Decision::Larger;
    let found = effects.iter().map(|effect| {
        let found = decided(&format!("{effect}"), *effect, &right);
        let interval = wilson_interval(found, suites, 0.95);
        Found { effect: *effect, share: real(found) / real(suites), interval }
    });
    let found = found.collect();
    let mut deviations: Vec<f64> = figures.iter().map(|figure| figure.deviation).collect();
    deviations.sort_unstable_by(f64::total_cmp);
    Some(Calibration {
        nominal: rules.alpha,
        suites,
        figures: figures.len(),
        false_alarms: real(alarms) / real(suites),
        interval: wilson_interval(alarms, suites, 0.95),
        deviation: deviations[deviations.len() / 2],
        has_drift: figures.iter().all(|figure| figure.drift > 0.0),
        found,
    })
}

fn drawn(
    figures: &[Figure],
    planted: Option<(usize, f64)>,
    chance: &mut Chance,
) -> Vec<(Vec<f64>, Vec<f64>)> {
    let of_one = |(at, figure): (usize, &Figure)| {
        let effect = planted.filter(|(place, _)| *place == at).map_or(0.0, |(_, effect)| effect.ln_1p());
        let mut side = |n: usize, effect: f64| -> Vec<f64> {
            let session = if figure.drift > 0.0 { figure.drift * chance.normal() } else { 0.0 };
            (0..n).map(|_| chance.log_normal(effect + session, figure.deviation)).collect()
        };
        (side(figure.runs.0, 0.0), side(figure.runs.1, effect))
    };
    figures.iter().enumerate().map(of_one).collect()
}

/// Of the times that a comparison tested, with the spread that it saw and the noise that it learned.
pub(super) fn of(changes: &Changes, rules: &Rules, suites: usize) -> Option<Calibration> {
    let figures: Vec<Figure> = changes
        .rows
        .iter()
        .filter_map(|row| {
            let learned = rules.noise.get(&(row.id.clone(), row.metric.clone()));
            let learned = learned.filter(|noise| noise.source != NoiseSource::Assumed);
            // The change from one session to the next has two sessions in it.
            let drift =
                learned.map_or(0.0, |noise| noise.share.ln_1p() / LEARNED_FROM_NORMAL / 2.0_f64.sqrt());
            row.p?;
            Some(Figure {
                runs: (row.before.values.len(), row.after.values.len()),
                deviation: row.deviation?,
                drift,
                threshold: row.threshold.share,
            })
        })
        .collect();
    let values: usize = figures.iter().map(|figure| figure.runs.0 + figure.runs.1).sum();
    let suites = suites.min((DRAWS / values.max(1)).max(LEAST_SUITES));
    calibrate(&figures, &EFFECTS, suites, rules)
}

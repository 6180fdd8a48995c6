//! Every way to decide in every world.

use std::collections::BTreeMap;

use assize_benches::{
    handover::Handover,
    quality::{Arm, Mind, World},
};
use assize_perf::{
    Arm as ReportedArm, Better, Comparison, Contrast, Effect, Estimate, Kind, Measurement, Run, Unit, Winner,
    statistics::{holm, mcnemar},
};

use crate::{
    LOCATION, MATTERS, PRICED_AS, Size,
    asking::{Panel, Truth, steady},
    marks::{
        Figure, Mark, accuracy, calibration_error, column, cost_per_right, difference, dollars, mean_of,
        points, time,
    },
};

/// What was found in a world.
pub(crate) struct Found {
    pub(crate) world: World,
    pub(crate) arms: Vec<Shown>,
    pub(crate) oracle: Figure,
    pub(crate) contrasts: Vec<Tested>,
}

/// What an arm showed.
pub(crate) struct Shown {
    pub(crate) arm: Arm,
    pub(crate) accuracy: Figure,
    pub(crate) brier: Figure,
    pub(crate) log_loss: Figure,
    pub(crate) calibration_error: Figure,
    pub(crate) regret: Figure,
    /// Of 100 seats: how many turned to the right option, and away from it.
    pub(crate) to_right: f64,
    pub(crate) to_wrong: f64,
    pub(crate) coverage: f64,
    pub(crate) calls: f64,
    pub(crate) tokens: f64,
    pub(crate) cost: f64,
    pub(crate) cost_per_right: f64,
    pub(crate) median_ns: f64,
    pub(crate) p95_ns: f64,
    pub(crate) degraded: f64,
}

/// A difference between two arms, and what a test says of it.
pub(crate) struct Tested {
    pub(crate) a: Arm,
    pub(crate) b: Arm,
    pub(crate) difference: Figure,
    pub(crate) p: f64,
    pub(crate) adjusted_p: f64,
    pub(crate) meaning: Meaning,
}

/// What follows from a difference.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    Better,
    Worse,
    Alike,
    Unknown,
}

impl Meaning {
    /// Better or worse: shown after Holm's adjustment, and of a size that matters. Alike: certainly no difference that matters.
    fn of(difference: &Figure, adjusted_p: f64) -> Self {
        let Some(interval) = &difference.interval else { return Self::Unknown };
        if interval.low > -MATTERS && interval.high < MATTERS {
            Self::Alike
        } else if adjusted_p >= 0.05 || difference.value.abs() < MATTERS {
            Self::Unknown
        } else if interval.low > 0.0 {
            Self::Better
        } else if interval.high < 0.0 {
            Self::Worse
        } else {
            Self::Unknown
        }
    }

    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Alike => "no difference that matters",
            Self::Unknown => "no difference shown",
        }
    }
}

/// The pairs that are tested, all in one family: every way against the vote by confidence, and the debates against the vote
/// of as many calls.
fn pairs() -> Vec<(Arm, Arm)> {
    let debates = [Arm::Debate, Arm::DebateFacts, Arm::GatedDebate];
    let others = Arm::ALL.into_iter().filter(|arm| *arm != Arm::Confidence);
    let against_vote = others.map(|arm| (arm, Arm::Confidence));
    against_vote.chain(debates.map(|arm| (arm, Arm::EqualCalls))).collect()
}

pub(crate) fn compare(handover: &Handover, size: &Size, run: &mut Run) -> Result<Vec<Found>, String> {
    let mut all = Vec::new();
    for (step, world) in World::ALL.into_iter().enumerate() {
        let id = format!("debate/quality/{}", world.name());
        if !handover.wants_family(&id, Arm::ALL.map(Arm::name)) {
            continue;
        }
        handover.progress(step, World::ALL.len(), &id);
        let seed = size.seed.child("tables").child(&world.name());
        let panel = Panel { world, mind: Mind::DECLARED, seed, arms: &Arm::ALL, truth: Truth::Own };
        let asked = panel.ask(size.questions, &steady())?;
        let oracle: Vec<Mark> = asked.iter().map(|asked| asked.oracle).collect();
        let marks: Vec<Vec<Mark>> =
            (0..Arm::ALL.len()).map(|arm| asked.iter().map(|asked| asked.marks[arm]).collect()).collect();
        let shown =
            Arm::ALL.into_iter().zip(&marks).map(|(arm, marks)| show(arm, marks, &oracle, size)).collect();
        let found =
            Found { world, arms: shown, oracle: accuracy(&oracle, 0.95), contrasts: tested(&marks, size) };
        measurements(&id, &found, run);
        run.comparisons.push(comparison(&id, &found, size));
        all.push(found);
    }
    Ok(all)
}

fn show(arm: Arm, marks: &[Mark], oracle: &[Mark], size: &Size) -> Shown {
    let right = |mark: &Mark| mark.right;
    let mean = |of: fn(&Mark) -> f64| assize_perf::statistics::mean(&column(marks, of)).unwrap_or(f64::NAN);
    let seats = mean(|mark| mark.seats);
    Shown {
        arm,
        accuracy: accuracy(marks, 0.95),
        brier: mean_of(&column(marks, |mark| mark.brier), size.resamples, "brier"),
        log_loss: mean_of(&column(marks, |mark| mark.log_loss), size.resamples, "log loss"),
        calibration_error: calibration_error(marks, size.resamples),
        regret: difference(&column(oracle, right), &column(marks, right), size.resamples, "regret"),
        to_right: 100.0 * mean(|mark| mark.to_right) / seats,
        to_wrong: 100.0 * mean(|mark| mark.to_wrong) / seats,
        coverage: mean(|mark| mark.coverage),
        calls: mean(|mark| mark.calls),
        tokens: mean(|mark| mark.tokens),
        cost: dollars(marks) / f64::from(u32::try_from(marks.len()).unwrap_or(u32::MAX)),
        cost_per_right: cost_per_right(marks),
        median_ns: time(marks, 50.0),
        p95_ns: time(marks, 95.0),
        degraded: mean(|mark| mark.degraded),
    }
}

fn tested(marks: &[Vec<Mark>], size: &Size) -> Vec<Tested> {
    let of = |arm: Arm| &marks[Arm::ALL.iter().position(|known| *known == arm).unwrap_or(0)];
    let pairs = pairs();
    let p_values: Vec<f64> = pairs
        .iter()
        .map(|(a, b)| {
            let only = |one: &[Mark], other: &[Mark]| {
                let pairs = one.iter().zip(other);
                pairs.filter(|(one, other)| one.right > other.right).count() as u64
            };
            mcnemar(only(of(*a), of(*b)), only(of(*b), of(*a)))
        })
        .collect();
    let adjusted = holm(&p_values);
    let test = |(((a, b), p), adjusted_p): (((Arm, Arm), f64), f64)| {
        let right = |arm: Arm| column(of(arm), |mark| mark.right);
        let difference = difference(&right(a), &right(b), size.resamples, "accuracy");
        let meaning = Meaning::of(&difference, adjusted_p);
        Tested { a, b, difference, p, adjusted_p, meaning }
    };
    pairs.into_iter().zip(p_values).zip(adjusted).map(test).collect()
}

fn measurements(id: &str, found: &Found, run: &mut Run) {
    for shown in &found.arms {
        let id = format!("{id}/{}", shown.arm.name());
        let mut push = |metric: &str, unit, better, value: f64, figure: Option<&Figure>| {
            if !value.is_finite() {
                return;
            }
            let mut measurement =
                Measurement::new(id.clone(), metric, unit, better, Kind::Virtual, value).at(LOCATION);
            measurement.interval = figure.and_then(|figure| figure.interval.clone());
            run.measurements.push(measurement);
        };
        let (low, high) = (Better::Lower, Better::Higher);
        for (metric, unit, better, figure) in [
            ("accuracy", Unit::Fraction, high, &shown.accuracy),
            ("brier", Unit::Score, low, &shown.brier),
            ("log-loss", Unit::Score, low, &shown.log_loss),
            ("calibration-error", Unit::Fraction, low, &shown.calibration_error),
            ("regret", Unit::Fraction, low, &shown.regret),
        ] {
            push(metric, unit, better, figure.value, Some(figure));
        }
        for (metric, unit, better, value) in [
            ("flips-to-right", Unit::Fraction, high, shown.to_right / 100.0),
            ("flips-to-wrong", Unit::Fraction, low, shown.to_wrong / 100.0),
            ("unshared-facts-told", Unit::Fraction, high, shown.coverage),
            ("calls", Unit::Count, low, shown.calls),
            ("tokens", Unit::Count, low, shown.tokens),
            ("cost", Unit::Usd, low, shown.cost),
            ("cost-per-right", Unit::Usd, low, shown.cost_per_right),
            ("time-p50", Unit::Nanoseconds, low, shown.median_ns),
            ("time-p95", Unit::Nanoseconds, low, shown.p95_ns),
            ("degraded", Unit::Fraction, low, shown.degraded),
        ] {
            push(metric, unit, better, value, None);
        }
    }
    for tested in &found.contrasts {
        let metric = format!("gain-over-{}", tested.b.name());
        let id = format!("{id}/{}", tested.a.name());
        let mut gain = Measurement::new(
            id,
            metric,
            Unit::Fraction,
            Better::Higher,
            Kind::Virtual,
            tested.difference.value,
        )
        .with_note(format!("in shares of right decisions; {}", verdict(tested)))
        .at(LOCATION);
        gain.interval.clone_from(&tested.difference.interval);
        run.measurements.push(gain);
    }
}

fn verdict(tested: &Tested) -> String {
    format!(
        "{}, McNemar p = {:.2e}, {:.2e} after Holm's adjustment",
        tested.meaning.words(),
        tested.p,
        tested.adjusted_p
    )
}

fn comparison(id: &str, found: &Found, size: &Size) -> Comparison {
    let reported = |shown: &Shown| {
        let mut metrics = BTreeMap::new();
        let mut put = |name: &str, unit, better, figure: &Figure| {
            metrics.insert(
                name.to_owned(),
                Estimate::new(figure.value, unit, better).within(figure.interval.clone()),
            );
        };
        put("accuracy", Unit::Fraction, Better::Higher, &shown.accuracy);
        put("brier", Unit::Score, Better::Lower, &shown.brier);
        put("regret", Unit::Fraction, Better::Lower, &shown.regret);
        for (name, unit, value) in [
            ("calls", Unit::Count, shown.calls),
            ("cost", Unit::Usd, shown.cost),
            ("time", Unit::Nanoseconds, shown.median_ns),
        ] {
            put(name, unit, Better::Lower, &Figure { value, interval: None });
        }
        ReportedArm {
            name: shown.arm.name().to_owned(),
            description: shown.arm.description().to_owned(),
            metrics,
        }
    };
    let contrast = |tested: &Tested| Contrast {
        metric: "accuracy".to_owned(),
        a: tested.a.name().to_owned(),
        b: tested.b.name().to_owned(),
        effect: Effect::Difference,
        estimate: Estimate::new(tested.difference.value, Unit::Fraction, Better::Higher)
            .within(tested.difference.interval.clone()),
        verdict: verdict(tested),
    };
    Comparison {
        id: id.to_owned(),
        question: format!("Does a debate decide better than a vote? {}", found.world.description()),
        arms: found.arms.iter().map(reported).collect(),
        contrasts: found.contrasts.iter().map(contrast).collect(),
        winner: winner(found),
        method: format!(
            "{} questions, the same in every arm with the same chance for every voice; virtual time. Wilson intervals of \
             shares, paired BCa bootstrap of differences, McNemar's exact test with Holm's adjustment within the world. A \
             debate wins if one is better than the vote by confidence and than the vote of as many calls, by {:.0} points \
             or more; the vote wins if all debates are certainly no better by that much.",
            size.questions,
            100.0 * MATTERS
        ),
        assumptions: assumptions(),
    }
}

/// What is taken for granted, in words.
pub(crate) fn assumptions() -> Vec<String> {
    let mind = Mind::DECLARED;
    vec![
        format!(
            "behaviour: weighs what it sees with noise {} on its log-odds; mentions each fact with chance {}, {} where it is \
             told to; leans {} towards a unanimous panel, {} where it is told not to",
            mind.noise, mind.sharing, mind.sharing_when_told, mind.conformity, mind.conformity_when_told
        ),
        "latency: the declared profile of a hosted model, median 600 ms to the first token, 80 tokens a second, 2 % stragglers".to_owned(),
        format!("cost: what the simulated tokens would cost at the price of {PRICED_AS}; nobody was billed"),
        "it measures the protocols under these behaviours, not the accuracy of any language model".to_owned(),
    ]
}

/// The arm that decides better by an amount that matters, if the data name one.
fn winner(found: &Found) -> Option<Winner> {
    let debates = [Arm::DebateFacts, Arm::Debate, Arm::GatedDebate];
    let of = |a: Arm, b: Arm| found.contrasts.iter().find(|tested| tested.a == a && tested.b == b);
    let over = |arm: Arm| Some((of(arm, Arm::Confidence)?, of(arm, Arm::EqualCalls)?));
    let wins = |arm: &Arm| {
        over(*arm)
            .is_some_and(|(vote, calls)| vote.meaning == Meaning::Better && calls.meaning == Meaning::Better)
    };
    if let Some(best) = debates.into_iter().find(wins) {
        let (vote, calls) = over(best)?;
        let why = format!(
            "it decides better than one vote each by {} points, and than as many calls without a word between them by {}",
            points(&vote.difference),
            points(&calls.difference)
        );
        return Some(Winner { arm: best.name().to_owned(), why });
    }
    let is_no_better = |arm: Arm| {
        over(arm).is_some_and(|(vote, _)| vote.difference.interval.as_ref().is_some_and(|i| i.high < MATTERS))
    };
    debates.into_iter().all(is_no_better).then(|| Winner {
        arm: Arm::Confidence.name().to_owned(),
        why: "no debate decides better by an amount that matters, and each costs more".to_owned(),
    })
}

//! B2: weighted voting against debate.

use std::{collections::BTreeMap, sync::Arc};

use assize_ambient::Seed;
use assize_benches::{
    arms::{Arm, Decided},
    handover::{Handover, Profile},
    panels::price_of,
    worlds::{Behaviour, World},
};
use assize_perf::{
    Arm as ReportedArm, Better, Comparison, Contrast, Effect, Estimate, Interval, Kind, Measurement, Run,
    Unit, Winner,
    statistics::{Bootstrap, Sorted, mean, wilson_interval},
};

use crate::paused_runtime;

const WORLDS: [World; 2] =
    [World::IndependentSignals { d_prime: 0.4 }, World::HiddenProfile { misleading: 0.25 }];
/// The model by whose price the simulated calls are priced.
const PRICED_AS: &str = "gpt-4o-mini";
/// A control that lies outside of this interval stops the benchmark: its figures would mean nothing.
const CONTROL_LEVEL: f64 = 0.9999;

struct Size {
    seeds: u64,
    questions: u64,
}

const fn size(profile: Profile) -> Size {
    match profile {
        Profile::Smoke => Size { seeds: 3, questions: 100 },
        Profile::Default => Size { seeds: 5, questions: 1_000 },
        Profile::Full => Size { seeds: 10, questions: 5_000 },
    }
}

/// The figures of one arm, question by question; the same questions in every arm.
#[derive(Default)]
struct Figures {
    right: Vec<f64>,
    brier: Vec<f64>,
    time_ns: Vec<f64>,
    calls: Vec<f64>,
    cost_usd: Vec<f64>,
    /// Right decisions against a coin that knows nothing.
    right_permuted: Vec<f64>,
}

pub(crate) fn compare(handover: &Handover, run: &mut Run) -> Result<(), String> {
    let size = size(handover.profile);
    let steps = WORLDS.len() * usize::try_from(size.seeds).unwrap_or(usize::MAX);
    let mut step = 0;
    for world in WORLDS {
        let id = format!("comparison/voting-against-debate/{}", world.name());
        if !handover.wants(&id) {
            continue;
        }
        let mut figures: Vec<Figures> = Arm::ALL.iter().map(|_| Figures::default()).collect();
        for seed in 1..=size.seeds {
            let seed = Seed::new(seed).child(world.name());
            ask(world, seed, size.questions, &mut figures)?;
            step += 1;
            handover.progress(step, steps, &id);
        }
        control(world, &figures)?;
        run.measurements.extend(measurements(&id, &figures));
        run.comparisons.push(comparison(&id, world, &size, &figures));
    }
    Ok(())
}

fn ask(world: World, seed: Seed, questions: u64, figures: &mut [Figures]) -> Result<(), String> {
    let price = Arc::new(price_of(PRICED_AS));
    let runtime = paused_runtime()?;
    for number in 0..questions {
        let seed = seed.child(&number.to_string());
        let question = world.question(seed);
        let coin = if seed.child("coin").rng().happens(0.5) { 1.0 } else { 0.0 };
        for (arm, figures) in Arm::ALL.into_iter().zip(&mut *figures) {
            let Decided { right, brier, time, calls, cost } =
                runtime.block_on(arm.decide(&question, seed, &price))?;
            figures.right.push(right);
            figures.brier.push(brier);
            figures.time_ns.push(time.as_secs_f64() * 1e9);
            figures.calls.push(f64::from(calls));
            // For display only: the ledger's own figures stay integers.
            figures.cost_usd.push(cost.to_string().parse().unwrap_or(f64::NAN));
            // Whether it decided for the option that the coin calls right.
            let decided_first = (right > 0.5) == (question.truth == 0);
            figures.right_permuted.push(if (right - 0.5).abs() < 0.25 {
                0.5
            } else {
                f64::from(u8::from(decided_first == (coin > 0.5)))
            });
        }
    }
    Ok(())
}

/// What must come out if the benchmark is sound: chance against a permuted truth, and the closed form for one debater.
fn control(world: World, figures: &[Figures]) -> Result<(), String> {
    for (arm, figures) in Arm::ALL.iter().zip(figures) {
        let permuted =
            share(&figures.right_permuted, CONTROL_LEVEL).ok_or("find questions for the control")?;
        if !permuted.contains(0.5) {
            return Err(format!(
                "pass the control: against a coin, {} is right in {permuted:?} of questions",
                arm.name()
            ));
        }
    }
    if let World::IndependentSignals { d_prime } = world {
        // Log-odds are normal with mean 2d′² and variance 4d′² plus the noise: right with Φ(mean / deviation).
        let noise = Behaviour::DECLARED.noise;
        let deviation = (4.0 * d_prime * d_prime + noise * noise).sqrt();
        let expected = 0.5 * libm::erfc(-2.0 * d_prime * d_prime / deviation / std::f64::consts::SQRT_2);
        let single = share(&figures[0].right, CONTROL_LEVEL).ok_or("find questions for the control")?;
        if !single.contains(expected) {
            return Err(format!(
                "pass the control: one debater alone must be right in {expected:.4} of questions, not {single:?}"
            ));
        }
    }
    Ok(())
}

fn share(right: &[f64], level: f64) -> Option<Interval> {
    // A question without a decision counts half: it is right as often as a coin.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of questions")]
    let successes = right.iter().sum::<f64>().round() as usize;
    wilson_interval(successes, right.len(), level)
}

fn mean_of(values: &[f64], seed: &str) -> (f64, Option<Interval>) {
    let bootstrap = Bootstrap::new(Seed::new(0).child(seed)).resamples(RESAMPLES);
    (mean(values).unwrap_or(f64::NAN), bootstrap.of(values, |resample| mean(resample).unwrap_or(f64::NAN)))
}

const RESAMPLES: usize = 2_000;

fn measurements(id: &str, figures: &[Figures]) -> Vec<Measurement> {
    let mut found = Vec::new();
    for (arm, figures) in Arm::ALL.iter().zip(figures) {
        let id = format!("{id}/{}", arm.name());
        let accuracy = mean(&figures.right).unwrap_or(f64::NAN);
        let mut push = |metric: &str, unit, better, value, interval: Option<Interval>| {
            let mut measurement = Measurement::new(id.clone(), metric, unit, better, Kind::Virtual, value)
                .at("benches/comparative.rs");
            measurement.interval = interval;
            found.push(measurement);
        };
        push("accuracy", Unit::Fraction, Better::Higher, accuracy, share(&figures.right, 0.95));
        let (time, interval) = mean_of(&figures.time_ns, "time");
        push("time", Unit::Nanoseconds, Better::Lower, time, interval);
        let p95 = Sorted::new(&figures.time_ns).map_or(f64::NAN, |sorted| sorted.percentile(95.0));
        push("time-p95", Unit::Nanoseconds, Better::Lower, p95, None);
        let (cost, interval) = mean_of(&figures.cost_usd, "cost");
        push("cost", Unit::Usd, Better::Lower, cost, interval);
    }
    let (vote, debate) = (&figures[1].right, &figures[3].right);
    let gain = mean(debate).unwrap_or(f64::NAN) / mean(vote).unwrap_or(f64::NAN) - 1.0;
    let mut quality =
        Measurement::new(id, "quality-gain", Unit::Fraction, Better::Higher, Kind::Virtual, gain)
            .at("benches/comparative.rs");
    quality.interval = Bootstrap::new(Seed::new(0).child("gain"))
        .resamples(RESAMPLES)
        .paired_ratio(debate, vote)
        .map(|ratio| Interval { low: ratio.low - 1.0, high: ratio.high - 1.0, ..ratio });
    found.push(quality.with_note("right decisions of the debate, relative to those of weighted voting"));
    found
}

fn comparison(id: &str, world: World, size: &Size, figures: &[Figures]) -> Comparison {
    let arms = Arm::ALL.iter().zip(figures).map(|(arm, figures)| reported(*arm, figures)).collect();
    let (vote, budget, debate) = (&figures[1], &figures[2], &figures[3]);
    let contrasts = vec![
        accuracy_contrast("debate", debate, "weighted-vote", vote),
        accuracy_contrast("debate", debate, "equal-budget-vote", budget),
        ratio_contrast("time", "debate", &debate.time_ns, "weighted-vote", &vote.time_ns),
        ratio_contrast("cost", "debate", &debate.cost_usd, "weighted-vote", &vote.cost_usd),
    ];
    Comparison {
        id: id.to_owned(),
        question: question(world).to_owned(),
        winner: winner(&contrasts),
        arms,
        contrasts,
        method: format!(
            "{} questions from each of {} seeds, the same in every arm (common random numbers). Debaters are declared \
             behaviours that speak through the real prompt, stream and JSON of a model; time is virtual. Shares with Wilson \
             intervals, means and paired differences with bootstrap intervals over questions, all at 95 %. Controls passed: \
             against a coin every arm is right in half of the questions{}.",
            size.questions,
            size.seeds,
            if matches!(world, World::IndependentSignals { .. }) {
                ", and one debater alone matches the closed form"
            } else {
                ""
            },
        ),
        assumptions: assumptions(world),
    }
}

const fn question(world: World) -> &'static str {
    match world {
        World::IndependentSignals { .. } => {
            "Does debate beat weighted voting where each holds an independent signal?"
        }
        World::HiddenProfile { .. } => {
            "Does debate beat weighted voting where what matters is known to one each?"
        }
    }
}

fn assumptions(world: World) -> Vec<String> {
    let Behaviour { noise, sharing, conformity } = Behaviour::DECLARED;
    let world = match world {
        World::IndependentSignals { d_prime } => format!("four independent Gaussian signals, d′ = {d_prime}"),
        World::HiddenProfile { misleading } => format!(
            "three weak facts that all hold, which mislead in {:.0} % of questions, and one stronger fact each",
            misleading * 100.0
        ),
    };
    vec![
        format!("world: {world}"),
        format!("behaviour: adds up log-odds with noise {noise}, mentions a fact with chance {sharing}, leans {conformity} towards unanimous peers"),
        "latency: the declared profile of a hosted model, median 600 ms to the first token, 80 tokens a second, 2 % stragglers".to_owned(),
        format!("cost: what the simulated tokens would cost at the price of {PRICED_AS}; nobody was billed"),
        "it measures the protocol under these behaviours, not the accuracy of any language model".to_owned(),
    ]
}

fn reported(arm: Arm, figures: &Figures) -> ReportedArm {
    let mut metrics = BTreeMap::new();
    let accuracy = Estimate::new(mean(&figures.right).unwrap_or(f64::NAN), Unit::Fraction, Better::Higher);
    metrics.insert("accuracy".to_owned(), accuracy.within(share(&figures.right, 0.95)));
    for (name, values, unit) in [
        ("brier", &figures.brier, Unit::Score),
        ("time", &figures.time_ns, Unit::Nanoseconds),
        ("calls", &figures.calls, Unit::Count),
        ("cost", &figures.cost_usd, Unit::Usd),
    ] {
        let (value, interval) = mean_of(values, name);
        metrics.insert(name.to_owned(), Estimate::new(value, unit, Better::Lower).within(interval));
    }
    ReportedArm { name: arm.name().to_owned(), description: arm.description().to_owned(), metrics }
}

fn accuracy_contrast(a: &str, figures_a: &Figures, b: &str, figures_b: &Figures) -> Contrast {
    let bootstrap = Bootstrap::new(Seed::new(0).child("accuracy")).resamples(RESAMPLES);
    let interval = bootstrap.paired_difference(&figures_a.right, &figures_b.right);
    let difference = mean(&figures_a.right).unwrap_or(f64::NAN) - mean(&figures_b.right).unwrap_or(f64::NAN);
    let verdict = match &interval {
        Some(i) if i.low > 0.0 => format!("{a} decides better"),
        Some(i) if i.high < 0.0 => format!("{b} decides better"),
        _ => "no difference shown".to_owned(),
    };
    Contrast {
        metric: "accuracy".to_owned(),
        a: a.to_owned(),
        b: b.to_owned(),
        effect: Effect::Difference,
        estimate: Estimate::new(difference, Unit::Fraction, Better::Higher).within(interval),
        verdict,
    }
}

fn ratio_contrast(metric: &str, a: &str, values_a: &[f64], b: &str, values_b: &[f64]) -> Contrast {
    let bootstrap = Bootstrap::new(Seed::new(0).child(metric)).resamples(RESAMPLES);
    let ratio = mean(values_a).unwrap_or(f64::NAN) / mean(values_b).unwrap_or(f64::NAN);
    let estimate =
        Estimate::new(ratio, Unit::Ratio, Better::Lower).within(bootstrap.paired_ratio(values_a, values_b));
    let verdict = if ratio > 1.0 { format!("{a} takes more") } else { format!("{b} takes more") };
    Contrast {
        metric: metric.to_owned(),
        a: a.to_owned(),
        b: b.to_owned(),
        effect: Effect::Ratio,
        estimate,
        verdict,
    }
}

/// A difference of shares in percentage points.
fn points(difference: &Estimate) -> String {
    let value = format!("{:+.1} points", 100.0 * difference.value);
    match &difference.interval {
        Some(interval) => format!("{value} ({:+.1} to {:+.1})", 100.0 * interval.low, 100.0 * interval.high),
        None => value,
    }
}

/// Debate wins only if it decides better than both ways of voting; if it does not, the cheaper vote does.
fn winner(contrasts: &[Contrast]) -> Option<Winner> {
    let [against_vote, against_budget, time, cost] = contrasts else { return None };
    let low = |contrast: &Contrast| contrast.estimate.interval.as_ref().map(|interval| interval.low);
    let better = low(against_vote)? > 0.0 && low(against_budget)? > 0.0;
    let figures = format!(
        "accuracy differs by {} from one vote and by {} from voting with as many calls; it takes {} the time and {} the cost of one vote",
        points(&against_vote.estimate),
        points(&against_budget.estimate),
        time.estimate.show(),
        cost.estimate.show(),
    );
    let (arm, why) = if better {
        ("debate", format!("it decides better than either vote: its {figures}"))
    } else {
        ("weighted-vote", format!("debate does not decide better than both votes: its {figures}"))
    };
    Some(Winner { arm: arm.to_owned(), why })
}

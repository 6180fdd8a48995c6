//! B2: weighted voting against debate.

use std::{collections::BTreeMap, sync::Arc};

use assize_ambient::Seed;
use assize_benches::{
    arms::{Arm, Decided},
    handover::{Handover, Profile},
    panels::price_of,
    worlds::{Behaviour, PRIVATE_WEIGHT, Question, World},
};
use assize_perf::{
    Arm as ReportedArm, Better, Comparison, Contrast, Effect, Estimate, Interval, Kind, Measurement, Run,
    Unit, Winner,
    statistics::{Bootstrap, mean, wilson_interval},
};

use crate::{controls, paused_runtime};

const WORLDS: [World; 3] = [
    World::IndependentSignals { d_prime: 0.4 },
    World::HiddenProfile { misleading: 0.25, trust: 1.0 },
    World::HiddenProfile { misleading: 0.25, trust: 2.0 },
];
/// The model by whose price the simulated calls are priced.
pub(super) const PRICED_AS: &str = "gpt-4o-mini";
/// Debate is no better than a vote if its advantage is certainly smaller than this, in shares of right decisions.
const NO_BETTER: f64 = 0.03;

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
}

pub(crate) fn compare(handover: &Handover, run: &mut Run) -> Result<(), String> {
    let size = size(handover.profile);
    let steps = WORLDS.len() * usize::try_from(size.seeds).unwrap_or(usize::MAX);
    let mut step = 0;
    for world in WORLDS {
        let id = format!("comparison/voting-against-debate/{}", world.name());
        if !handover.wants_family(&id, Arm::ALL.map(Arm::name)) {
            continue;
        }
        let mut figures: Vec<Figures> = Arm::ALL.iter().map(|_| Figures::default()).collect();
        for seed in 1..=size.seeds {
            let seed = Seed::new(seed).child(world.name());
            ask(world, seed, size.questions, &mut figures)?;
            step += 1;
            handover.progress(step, steps, &id);
        }
        controls::check_closed_forms(world, size.seeds, &figures[0].right)?;
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
        for (arm, figures) in Arm::ALL.into_iter().zip(&mut *figures) {
            let decided = runtime.block_on(arm.decide(&question, seed, &price, Behaviour::DECLARED))?;
            if number < controls::QUESTIONS {
                let turned = Question { truth: 1 - question.truth, ..question.clone() };
                let again = runtime.block_on(arm.decide(&turned, seed, &price, Behaviour::DECLARED))?;
                controls::check_ignorance(arm, &decided, &again)?;
            }
            let Decided { right, brier, time, calls, cost } = decided;
            figures.right.push(right);
            figures.brier.push(brier);
            figures.time_ns.push(time.as_secs_f64() * 1e9);
            figures.calls.push(f64::from(calls));
            // For display only: the ledger's own figures stay integers.
            figures.cost_usd.push(cost.to_string().parse().unwrap_or(f64::NAN));
        }
    }
    Ok(())
}

pub(super) fn share(right: &[f64], level: f64) -> Option<Interval> {
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
        let longest = figures.time_ns.iter().copied().fold(0.0, f64::max);
        push("time-max", Unit::Nanoseconds, Better::Lower, longest, None);
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
        accuracy_contrast("equal-budget-vote", budget, "weighted-vote", vote),
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
             intervals, means and paired differences with bootstrap intervals over questions, all at 95 %. Debate wins if it \
             decides better than both votes; the vote of one round wins if neither of the others is better by {:.0} points or \
             more. Controls passed: an arm decides the same when only the hidden truth is turned{}.",
            size.questions,
            size.seeds,
            100.0 * NO_BETTER,
            if matches!(world, World::IndependentSignals { .. }) {
                "; one debater alone, and a debate that hides nothing, are right as often as the closed forms say"
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
        World::HiddenProfile { trust, .. } if trust > 1.0 => {
            "Does debate beat weighted voting where all overrate what all know, and the rest is known to one each?"
        }
        World::HiddenProfile { .. } => {
            "Does debate beat weighted voting where some facts are known to all and others to one each?"
        }
    }
}

fn assumptions(world: World) -> Vec<String> {
    let Behaviour { noise, sharing, conformity } = Behaviour::DECLARED;
    let world = match world {
        World::IndependentSignals { d_prime } => format!("four independent Gaussian signals, d′ = {d_prime}"),
        World::HiddenProfile { misleading, trust } => format!(
            "three facts that all hold, which mislead in {:.0} % of questions and are taken for {trust} times their worth in \
             log-odds; and one fact each, normal with mean {PRIVATE_WEIGHT} towards the truth and variance {}, as a Gaussian \
             signal's log-likelihood ratio is",
            misleading * 100.0,
            2.0 * PRIVATE_WEIGHT,
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
    let interval = bootstrap.paired_ratio(values_a, values_b);
    let verdict = match &interval {
        Some(i) if i.low > 1.0 => format!("{a} takes more"),
        Some(i) if i.high < 1.0 => format!("{b} takes more"),
        _ => "no difference shown".to_owned(),
    };
    let estimate = Estimate::new(ratio, Unit::Ratio, Better::Lower).within(interval);
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

/// Debate wins if it decides better than both ways of voting. A vote wins if what costs more is certainly not better by
/// [`NO_BETTER`]. Otherwise the data name no winner.
fn winner(contrasts: &[Contrast]) -> Option<Winner> {
    let [debate_vote, debate_budget, budget_vote, time, cost] = contrasts else { return None };
    let ends = |contrast: &Contrast| contrast.estimate.interval.as_ref().map(|i| (i.low, i.high));
    let (over_vote, over_budget, budget_over_vote) =
        (ends(debate_vote)?, ends(debate_budget)?, ends(budget_vote)?);
    let (arm, why) = if over_vote.0 > 0.0 && over_budget.0 > 0.0 {
        ("debate", "it decides better than either vote")
    } else if over_vote.1 < NO_BETTER && budget_over_vote.1 < NO_BETTER {
        ("weighted-vote", "neither more rounds nor more votes decide better by an amount that matters")
    } else if budget_over_vote.0 > 0.0 && over_budget.1 < NO_BETTER {
        (
            "equal-budget-vote",
            "more votes decide better than one, and words between them add nothing that matters",
        )
    } else {
        return None;
    };
    let why = format!(
        "{why}: debate differs by {} from one vote and by {} from voting with as many calls; it takes {} the time and {} \
         the cost of one vote",
        points(&debate_vote.estimate),
        points(&debate_budget.estimate),
        time.estimate.show(),
        cost.estimate.show(),
    );
    Some(Winner { arm: arm.to_owned(), why })
}

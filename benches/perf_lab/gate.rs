//! The gate: how many suites without any change it stops, and how many planted changes it finds.

use assize_ambient::{Chance, Seed};
use assize_benches::handover::{Handover, Profile};
use assize_perf::{
    Better, Kind, Measurement, Run, Unit,
    compare::{Decision, Rules, decide},
    statistics::wilson_interval,
};

use crate::{
    HERE, real, rules,
    suites::{BENCHMARKS, RUN_TO_RUN, Suite, WITHIN_A_RUN},
};

/// Runs a side.
const RUNS: [usize; 2] = [6, 8];

/// Planted in one benchmark of each suite.
const EFFECTS: [(&str, f64); 2] = [("5-percent", 0.05), ("10-percent", 0.1)];

/// The rules, each with what it is.
const RULES: [(&str, Rule, &str); 6] = [
    ("assize", Rule::Ours(0.0), "adjusted over the suite, without a floor"),
    (
        "assize-floor-1",
        Rule::Ours(0.01),
        "adjusted over the suite, the whole interval beyond 1 %, criterion's floor",
    ),
    (
        "assize-floor-5",
        Rule::Ours(0.05),
        "adjusted over the suite, the whole interval beyond 5 %, the default",
    ),
    ("benchstat", Rule::Benchstat, "rank sums at 5 %, of each benchmark by itself"),
    ("criterion", Rule::Criterion, "100 samples of one process a side, bootstrapped t at 5 %, beyond 1 %"),
    ("asv", Rule::Asv, "rank sums at 0.2 %, factor 1.1"),
];

#[derive(Debug, Clone, Copy)]
enum Rule {
    /// With this floor.
    Ours(f64),
    Benchstat,
    Criterion,
    Asv,
}

/// How much is simulated.
struct Size {
    suites: usize,
    /// Criterion draws 200 samples for each of its resamples: of fewer suites, and fewer times.
    of_criterion: usize,
    /// Of these only one benchmark each.
    planted_for_criterion: usize,
    resamples: usize,
}

const fn size(profile: Profile) -> Size {
    match profile {
        Profile::Smoke => Size { suites: 100, of_criterion: 2, planted_for_criterion: 20, resamples: 200 },
        Profile::Default => {
            Size { suites: 1_000, of_criterion: 10, planted_for_criterion: 300, resamples: 300 }
        }
        Profile::Full => {
            Size { suites: 10_000, of_criterion: 100, planted_for_criterion: 5_000, resamples: 1_000 }
        }
    }
}

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    let size = size(handover.profile);
    let seed = Seed::new(handover.seed).child("gate");
    for runs in RUNS {
        for (name, rule, what) in RULES {
            let id = format!("perf/gate/a-a/{runs}-runs/{name}");
            if handover.wants(&id) {
                run.measurements.push(false_alarms(&id, seed, runs, rule, &size, what)?);
            }
            for (effect_name, effect) in EFFECTS {
                let id = format!("perf/gate/power/{runs}-runs/{effect_name}/{name}");
                if handover.wants(&id) {
                    run.measurements.push(power(&id, seed, (runs, effect), rule, &size, what)?);
                }
            }
        }
    }
    Ok(())
}

/// The share of suites in which a rule calls any benchmark changed, though none did.
fn false_alarms(
    id: &str,
    seed: Seed,
    runs: usize,
    rule: Rule,
    size: &Size,
    what: &str,
) -> Result<Measurement, String> {
    let suites = if matches!(rule, Rule::Criterion) { size.of_criterion } else { size.suites };
    let mut judge = Judge::new(seed, size.resamples);
    let (mut wrong, mut single) = (0, 0);
    for number in 0..suites {
        let mut suite = Suite::of(seed.child("a-a"), number, runs, 0.0);
        let called = judge.called(&mut suite, rule, None);
        wrong += usize::from(called > 0);
        single += called;
    }
    let each = 100.0 * real(single) / real(suites * BENCHMARKS);
    let figure = share(id, "false-alarm", Better::Lower, wrong, suites)?;
    Ok(figure
        .with_note(format!("suites of {BENCHMARKS} benchmarks with a false alarm, of {suites}; {what}"))
        .with_note(format!("{each:.3} % of single benchmarks"))
        .with_note(noise()))
}

/// The share of planted changes that a rule finds.
fn power(
    id: &str,
    seed: Seed,
    plan: (usize, f64),
    rule: Rule,
    size: &Size,
    what: &str,
) -> Result<Measurement, String> {
    let (runs, effect) = plan;
    let suites = if matches!(rule, Rule::Criterion) { size.planted_for_criterion } else { size.suites };
    let mut judge = Judge::new(seed, size.resamples);
    let seed = seed.child(&format!("planted {effect}"));
    let found = |number: &usize| {
        let mut suite = Suite::of(seed, *number, runs, effect);
        let planted = suite.planted;
        judge.called(&mut suite, rule, Some(planted)) > 0
    };
    let found = (0..suites).filter(found).count();
    let figure = share(id, "found", Better::Higher, found, suites)?;
    Ok(figure
        .with_note(format!("one slower benchmark of {BENCHMARKS}, in {suites} suites; {what}"))
        .with_note(noise()))
}

fn noise() -> String {
    let percent = |share: f64| format!("{:.0} %", share * 100.0);
    format!("runs vary by {}, samples within a run by {}", percent(RUN_TO_RUN), percent(WITHIN_A_RUN))
}

fn share(id: &str, metric: &str, better: Better, n: usize, of: usize) -> Result<Measurement, String> {
    let interval = wilson_interval(n, of, 0.95).ok_or("no suite was simulated")?;
    let value = real(n) / real(of);
    let figure = Measurement::new(id, metric, Unit::Fraction, better, Kind::Virtual, value);
    Ok(figure.with_interval(interval).at(HERE))
}

/// Applies rules to suites.
struct Judge {
    chance: Chance,
    resamples: usize,
}

impl Judge {
    fn new(seed: Seed, resamples: usize) -> Self {
        Self { chance: seed.child("judge").rng(), resamples }
    }

    /// How many benchmarks a rule calls changed; where one is planted, whether it calls that slower, or changed.
    fn called(&mut self, suite: &mut Suite, rule: Rule, planted: Option<usize>) -> usize {
        if let Rule::Ours(floor) = rule {
            let decisions = decide(&suite.runs, floor, &Rules::default());
            let changed = |decision: &&Decision| matches!(decision, Decision::Larger | Decision::Smaller);
            return match planted {
                Some(at) => usize::from(decisions[at] == Decision::Larger),
                None => decisions.iter().filter(changed).count(),
            };
        }
        let all = || planted.map_or(0..BENCHMARKS, |at| at..at + 1);
        let one = |at: &usize| match rule {
            Rule::Criterion => {
                let (before, after) = suite.samples(*at);
                rules::criterion(&before, &after, self.resamples, &mut self.chance)
            }
            Rule::Asv => rules::asv(&suite.runs[*at].0, &suite.runs[*at].1),
            Rule::Ours(_) | Rule::Benchstat => rules::benchstat(&suite.runs[*at].0, &suite.runs[*at].1),
        };
        all().filter(one).count()
    }
}

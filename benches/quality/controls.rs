//! What must come out if the benchmark is sound. A control that does not stops the run: its figures would mean nothing.

use assize_ambient::Seed;
use assize_benches::{
    handover::Handover,
    quality::{Arm, Decision, Dynamics, Mind, Question, World},
};
use assize_perf::{
    Better, Kind, Measurement, Run, Unit,
    statistics::{student_interval, wilson_interval},
};

use crate::{
    LOCATION, Size,
    asking::{Panel, Truth, steady},
    marks::{Figure, Mark},
};

/// A control fails if what was expected lies outside of an interval of this level. There are a few hundred controls, so that one
/// run in some thousands fails though nothing is wrong with it.
pub(crate) const LEVEL: f64 = 0.999_999;
/// Each control is made with the chance of two streams.
const STREAMS: [&str; 2] = ["stream 1", "stream 2"];
const D_PRIME: f64 = 0.4;

/// A control that passed.
pub(crate) struct Control {
    pub(crate) name: String,
    pub(crate) expected: f64,
    pub(crate) found: Figure,
    pub(crate) questions: u64,
}

/// Makes all controls.
pub(crate) fn check(handover: &Handover, size: &Size, run: &mut Run) -> Result<Vec<Control>, String> {
    if !handover.wants_family("debate/quality/controls", ["closed-forms", "martingale", "permuted-truth"]) {
        return Ok(Vec::new());
    }
    let mut controls = Vec::new();
    both_ways(size)?;
    for (step, stream) in STREAMS.into_iter().enumerate() {
        handover.progress(step, 2, "debate/quality/controls");
        closed_forms(size, stream, &mut controls)?;
        martingale(size, stream, &mut controls)?;
        permuted_truth(size, stream, &mut controls)?;
    }
    for control in &controls {
        let id = format!("debate/quality/controls/{}", control.name.replace(' ', "-"));
        let mut measurement =
            Measurement::new(id, "share", Unit::Fraction, Better::Higher, Kind::Virtual, control.found.value)
                .with_figure("expected", control.expected)
                .with_note("neither more nor less is better: it must be what is expected")
                .at(LOCATION);
        measurement.interval.clone_from(&control.found.interval);
        run.measurements.push(measurement);
    }
    Ok(controls)
}

/// A question, its seed, and what was decided.
type Asked = (Question, Seed, Vec<Decision>);

fn pass(name: String, expected: f64, found: Figure, questions: u64) -> Result<Control, String> {
    let Some(interval) = &found.interval else {
        return Err(format!("pass the control: nothing shows {name}"));
    };
    if !interval.contains(expected) {
        return Err(format!(
            "pass the control: {name} must be {expected:.4}, not {:.4} to {:.4} in {questions} questions",
            interval.low, interval.high
        ));
    }
    Ok(Control { name, expected, found, questions })
}

fn share(right: usize, of: usize) -> Figure {
    #[expect(clippy::cast_precision_loss, reason = "counts of questions")]
    let value = right as f64 / of as f64;
    Figure { value, interval: wilson_interval(right, of, LEVEL) }
}

/// The short way, which the controls take, decides as the whole way does.
fn both_ways(size: &Size) -> Result<(), String> {
    let each = size.both_ways.div_ceil(World::ALL.len() as u64);
    for world in World::ALL {
        let seed = size.seed.child("both ways").child(&world.name());
        let panel = Panel { world, mind: Mind::DECLARED, seed, arms: &Arm::ALL, truth: Truth::Own };
        if !panel.both_ways_agree(each, &steady())? {
            return Err(format!(
                "pass the control: in {} the state machine alone decides otherwise than the whole way",
                world.name()
            ));
        }
    }
    Ok(())
}

/// Where the share of right decisions is known it must come out: one alone, a majority, and a debate that hides nothing.
fn closed_forms(size: &Size, stream: &str, controls: &mut Vec<Control>) -> Result<(), String> {
    let seed = size.seed.child("closed forms").child(stream);
    let signals = World::Signals { d_prime: D_PRIME, correlation: 0.0 };
    let alone = normal_share(D_PRIME);
    let arms = [Arm::RandomSingle, Arm::Majority];
    let asked = Panel { world: signals, mind: Mind::OPEN, seed, arms: &arms, truth: Truth::Own }
        .decide(size.closed)?;
    for (place, (name, expected)) in
        [("one alone", alone), ("a majority of five", majority_of_five(alone))].into_iter().enumerate()
    {
        let right = asked.iter().filter(|(question, _, made)| made[place].option == question.truth).count();
        controls.push(pass(format!("{name}, {stream}"), expected, share(right, asked.len()), size.closed)?);
    }
    // Seven facts of mean 1/2 and variance 1 each.
    let facts = World::HiddenProfile { misleading: 0.0 };
    let arms = [Arm::DebateFacts];
    let asked = Panel { world: facts, mind: Mind::OPEN, seed, arms: &arms, truth: Truth::Own }
        .decide(size.control)?;
    let right = asked.iter().filter(|(question, _, made)| made[0].option == question.truth).count();
    let expected = normal_share(7.0 * 0.5 / 7.0_f64.sqrt());
    controls.push(pass(
        format!("a debate that hides nothing, {stream}"),
        expected,
        share(right, asked.len()),
        size.control,
    )?);
    Ok(())
}

/// Where nobody learns anything and all copy each other alike, the share of those who are right stays what it was.
fn martingale(size: &Size, stream: &str, controls: &mut Vec<Control>) -> Result<(), String> {
    let mind =
        Mind { dynamics: Dynamics::Copying { chance: 0.5 }, sharing: 0.0, noise: 0.0, ..Mind::DECLARED };
    let world = World::Signals { d_prime: D_PRIME, correlation: 0.0 };
    let seed = size.seed.child("martingale").child(stream);
    let panel = Panel { world, mind, seed, arms: &[Arm::Debate], truth: Truth::Own };
    let asked = panel.decide(size.control)?;
    let gains: Vec<f64> = asked
        .iter()
        .map(|(question, _, made)| {
            let change = |(first, last): &(usize, usize)| {
                f64::from(u8::from(*last == question.truth)) - f64::from(u8::from(*first == question.truth))
            };
            let stances = &made[0].stances;
            #[expect(clippy::cast_precision_loss, reason = "a few seats")]
            let seats = stances.len() as f64;
            stances.iter().map(change).sum::<f64>() / seats
        })
        .collect();
    let turned = asked.iter().flat_map(|(_, _, made)| &made[0].stances).filter(|(first, last)| first != last);
    if turned.count() == 0 {
        return Err("pass the control: nobody copied anybody".to_owned());
    }
    let value = assize_perf::statistics::mean(&gains).unwrap_or(f64::NAN);
    let found = Figure { value, interval: student_interval(&gains, LEVEL) };
    controls.push(pass(format!("what copying gains, {stream}"), 0.0, found, size.control)?);
    Ok(())
}

/// Held against the truth of another question, every way to decide is as good as a coin: nothing but the evidence has reached
/// it. The truth is exchanged where a question is drawn, so that a way that got at it past the evidence would be seen to be
/// right too often; that it would be is tried with one that does.
fn permuted_truth(size: &Size, stream: &str, controls: &mut Vec<Control>) -> Result<(), String> {
    for world in World::ALL {
        let seed = size.seed.child("permuted truth").child(stream).child(&world.name());
        let panel = Panel { world, mind: Mind::DECLARED, seed, arms: &Arm::ALL, truth: Truth::Permuted };
        let asked = panel.decide(size.permuted)?;
        #[expect(clippy::cast_precision_loss, reason = "a few options")]
        let even = 1.0 / world.options() as f64;
        let right = |is_right: &dyn Fn(&Asked) -> bool| {
            share(asked.iter().filter(|asked| is_right(asked)).count(), asked.len())
        };
        let name = |way: &str| format!("{way} in {} with permuted truth, {stream}", world.name());
        for (place, arm) in Arm::ALL.into_iter().enumerate() {
            let found = right(&|(question, _, made)| made[place].option == question.truth);
            controls.push(pass(name(arm.name()), even, found, size.permuted)?);
        }
        let found = right(&|(question, _, _)| Mark::of_oracle(&question.posed, question.truth).right > 0.5);
        controls.push(pass(name("oracle"), even, found, size.permuted)?);
        let peeks = right(&|(question, seed, made)| {
            seed.child("peeks").rng().happens(0.5) || made[0].option == question.truth
        });
        if pass(name("a way that peeks"), even, peeks, size.permuted).is_ok() {
            return Err(format!(
                "pass the control: in {} a way that is shown every other truth is not found out",
                world.name()
            ));
        }
    }
    Ok(())
}

/// Φ(z).
fn normal_share(z: f64) -> f64 {
    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
}

/// The chance that three or more of five are right that are right with `p` each.
fn majority_of_five(p: f64) -> f64 {
    let q = 1.0 - p;
    p.powi(3) * (10.0 * q * q + 5.0 * p * q + p * p)
}

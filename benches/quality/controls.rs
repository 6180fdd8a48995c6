//! What must come out if the benchmark is sound. A control that does not stops the run: its figures would mean nothing.
//!
//! There are a few hundred controls, so that one fails by chance in some runs. One that does is made once more, with chance of
//! its own and [`MORE`] times the questions, and the report says so. If it fails again, it was not chance.

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

/// A control fails if what was expected lies outside of an interval of this level.
pub(crate) const LEVEL: f64 = 0.999_9;
/// A control that failed is made again with so many times the questions.
const MORE: u64 = 4;
/// Each control is made with the chance of two streams.
const STREAMS: [&str; 2] = ["stream 1", "stream 2"];
const D_PRIME: f64 = 0.4;

/// A control that was made.
pub(crate) struct Control {
    /// What it is of.
    pub(crate) name: String,
    /// Of what its chance was.
    pub(crate) stream: String,
    pub(crate) expected: f64,
    pub(crate) found: Figure,
    pub(crate) questions: u64,
    /// What was wrong when it was made first, if this is the second time.
    pub(crate) at_first: Option<String>,
}

/// Controls that are made together.
#[derive(Clone, Copy)]
enum Trial {
    ClosedForms,
    Martingale,
    PermutedTruth(World),
}

impl Trial {
    fn all() -> impl Iterator<Item = Self> {
        [Self::ClosedForms, Self::Martingale].into_iter().chain(World::ALL.map(Self::PermutedTruth))
    }

    fn make(self, size: &Size, stream: &str) -> Result<Vec<Control>, String> {
        match self {
            Self::ClosedForms => closed_forms(size, stream),
            Self::Martingale => martingale(size, stream).map(|control| vec![control]),
            Self::PermutedTruth(world) => permuted_truth(world, size, stream),
        }
    }

    /// The controls; those that fail made again.
    fn controls(self, size: &Size, stream: &str) -> Result<Vec<Control>, String> {
        let mut controls = self.make(size, stream)?;
        let failures: Vec<Option<String>> = controls.iter().map(Control::failure).collect();
        if failures.iter().any(Option::is_some) {
            let again = self.make(&size.with_more_control(MORE), &format!("{stream}, again"))?;
            for ((control, again), failure) in controls.iter_mut().zip(again).zip(failures) {
                if failure.is_some() {
                    *control = Control { at_first: failure, ..again };
                }
            }
        }
        Ok(controls)
    }
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
        for trial in Trial::all() {
            controls.extend(trial.controls(size, stream)?);
        }
    }
    let failures: Vec<String> = controls.iter().filter_map(Control::failure).collect();
    if !failures.is_empty() {
        return Err(format!("pass the controls: {}", failures.join("; ")));
    }
    for control in &controls {
        let name = format!("{}, {}", control.name, control.stream);
        let id = format!("debate/quality/controls/{}", name.replace(' ', "-"));
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

impl Control {
    /// What is wrong, if what was expected lies outside of what was found.
    fn failure(&self) -> Option<String> {
        let Self { name, stream, expected, found, questions, .. } = self;
        match &found.interval {
            Some(interval) if interval.contains(*expected) => None,
            Some(interval) => Some(format!(
                "{name}, {stream}, must be {expected:.4}, not {:.4} to {:.4} in {questions} questions",
                interval.low, interval.high
            )),
            None => Some(format!("nothing shows {name}, {stream}")),
        }
    }

    fn new(name: impl Into<String>, stream: &str, expected: f64, found: Figure, questions: u64) -> Self {
        Self { name: name.into(), stream: stream.to_owned(), expected, found, questions, at_first: None }
    }
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
fn closed_forms(size: &Size, stream: &str) -> Result<Vec<Control>, String> {
    let mut controls = Vec::new();
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
        controls.push(Control::new(name, stream, expected, share(right, asked.len()), size.closed));
    }
    // Seven facts of mean 1/2 and variance 1 each.
    let facts = World::HiddenProfile { misleading: 0.0 };
    let arms = [Arm::DebateFacts];
    let asked = Panel { world: facts, mind: Mind::OPEN, seed, arms: &arms, truth: Truth::Own }
        .decide(size.control)?;
    let right = asked.iter().filter(|(question, _, made)| made[0].option == question.truth).count();
    let expected = normal_share(7.0 * 0.5 / 7.0_f64.sqrt());
    let found = share(right, asked.len());
    controls.push(Control::new("a debate that hides nothing", stream, expected, found, size.control));
    Ok(controls)
}

/// Where nobody learns anything and all copy each other alike, the share of those who are right stays what it was.
fn martingale(size: &Size, stream: &str) -> Result<Control, String> {
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
    Ok(Control::new("what copying gains", stream, 0.0, found, size.control))
}

/// Held against the truth of another question, every way to decide is as good as a coin: nothing but the evidence has reached
/// it. The truth is exchanged where a question is drawn, so that a way that got at it past the evidence would be seen to be
/// right too often; that it would be is tried with one that does.
fn permuted_truth(world: World, size: &Size, stream: &str) -> Result<Vec<Control>, String> {
    let seed = size.seed.child("permuted truth").child(stream).child(&world.name());
    let panel = Panel { world, mind: Mind::DECLARED, seed, arms: &Arm::ALL, truth: Truth::Permuted };
    let asked = panel.decide(size.permuted)?;
    #[expect(clippy::cast_precision_loss, reason = "a few options")]
    let even = 1.0 / world.options() as f64;
    let control = |way: &str, is_right: &dyn Fn(&Asked) -> bool| {
        let found = share(asked.iter().filter(|asked| is_right(asked)).count(), asked.len());
        let name = format!("{way} in {} with permuted truth", world.name());
        Control::new(name, stream, even, found, size.permuted)
    };
    let of_arm = |(place, arm): (usize, Arm)| {
        control(arm.name(), &|(question, _, made)| made[place].option == question.truth)
    };
    let mut controls: Vec<Control> = Arm::ALL.into_iter().enumerate().map(of_arm).collect();
    controls.push(control("oracle", &|(question, ..)| {
        Mark::of_oracle(&question.posed, question.truth).right > 0.5
    }));
    let peeks = control("a way that peeks", &|(question, seed, made)| {
        seed.child("peeks").rng().happens(0.5) || made[0].option == question.truth
    });
    if peeks.failure().is_none() {
        return Err(format!(
            "pass the control: in {} a way that is shown every other truth is not found out",
            world.name()
        ));
    }
    Ok(controls)
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

//! Where time or memory went: stacks with their weights.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use crate::Unit;

/// How many different stacks a profile keeps.
const STACKS: usize = 20_000;

/// How many frames of a stack are kept, from the root on.
const DEPTH: usize = 256;

/// How many different frames are told apart while a profile is read.
const FRAMES: usize = 200_000;

/// Stands for the frames beyond them.
const OTHERS: &str = "(others)";

/// A profile: folded stacks, from which a flame picture can be drawn and functions be ranked.
///
/// ```
/// use assize_perf::{Frame, Profile, Unit};
///
/// let (main, parse) = (Frame::new("main"), Frame::new("parse").at("src/parse.rs", 41));
/// let profile = Profile::of("nightly", Unit::Nanoseconds, [(vec![main.clone()], 1e6), (vec![main, parse], 3e6)]);
/// let functions = profile.functions();
/// assert_eq!((functions[0].frame.function.as_str(), functions[0].own, functions[0].total), ("parse", 3e6, 3e6));
/// assert_eq!(profile.folded(), "main 1000000\nmain;parse 3000000\n");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// What was profiled: a thread, a program, a file.
    pub name: String,
    /// The unit of the weights: nanoseconds, bytes, or a count of samples.
    pub unit: Unit,
    /// The frames that stacks are made of, each once.
    pub frames: Vec<Frame>,
    /// The stacks, in the order of their frames.
    pub stacks: Vec<Stack>,
    /// The weight of stacks that were too many to keep; 0 if none was left out.
    pub left_out: f64,
}

/// A place in a program.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Frame {
    /// The function's name.
    pub function: String,
    /// The file it stands in, where known.
    pub file: Option<String>,
    /// The line that ran, or at which the function begins; where known.
    pub line: Option<u32>,
}

/// What ran at one place, called from where.
#[derive(Debug, Clone, PartialEq)]
pub struct Stack {
    /// The numbers of the frames in [`Profile::frames`], the root first.
    pub frames: Vec<u32>,
    /// How much of the unit was spent in the last frame.
    pub weight: f64,
}

/// What a function took.
#[derive(Debug, Clone, PartialEq)]
pub struct FunctionWeight {
    /// The function, with the line at which the most of its own weight lies.
    pub frame: Frame,
    /// Its own weight, without what it calls.
    pub own: f64,
    /// Its weight with what it calls; a recursion counts once.
    pub total: f64,
}

impl Frame {
    /// A function of which the file is not known.
    #[must_use]
    pub fn new(function: impl Into<String>) -> Self {
        Self { function: function.into(), file: None, line: None }
    }

    /// With its place.
    #[must_use]
    pub fn at(mut self, file: impl Into<String>, line: u32) -> Self {
        self.file = Some(file.into());
        self.line = Some(line);
        self
    }

    /// `src/parse.rs:41`, or the file alone.
    #[must_use]
    pub fn location(&self) -> Option<String> {
        let file = self.file.as_ref()?;
        Some(self.line.map_or_else(|| file.clone(), |line| format!("{file}:{line}")))
    }
}

impl Profile {
    /// Adds up stacks that are alike. Of each at most 256 frames are kept, and of all the 20,000 heaviest. Weights that
    /// are not finite or not above zero are passed over.
    #[must_use]
    pub fn of(
        name: impl Into<String>,
        unit: Unit,
        stacks: impl IntoIterator<Item = (Vec<Frame>, f64)>,
    ) -> Self {
        let mut folding = Folding::default();
        for (frames, weight) in stacks {
            let stack = frames.into_iter().take(DEPTH).map(|frame| folding.number(frame)).collect();
            folding.add(stack, weight);
        }
        folding.profile(name, unit)
    }

    /// All the weight, with what was left out.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.stacks.iter().map(|stack| stack.weight).sum::<f64>() + self.left_out
    }

    /// What each function took, the one with the most of its own first. A function is known by its name and file.
    #[must_use]
    pub fn functions(&self) -> Vec<FunctionWeight> {
        let key = |number: &u32| {
            let frame = self.frames.get(usize::try_from(*number).ok()?)?;
            Some((frame, (frame.function.as_str(), frame.file.as_deref())))
        };
        // By function its own weight by line, and its total.
        let mut weights: BTreeMap<_, (BTreeMap<&Frame, f64>, f64)> = BTreeMap::new();
        for Stack { frames, weight } in &self.stacks {
            let functions: BTreeMap<_, _> =
                frames.iter().filter_map(key).map(|(frame, key)| (key, frame)).collect();
            for (function, frame) in functions {
                let (lines, total) = weights.entry(function).or_default();
                lines.entry(frame).or_default();
                *total += weight;
            }
            if let Some((frame, function)) = frames.last().and_then(key) {
                *weights.entry(function).or_default().0.entry(frame).or_default() += weight;
            }
        }
        let mut ranked: Vec<FunctionWeight> = weights
            .into_values()
            .filter_map(|(lines, total)| {
                let own = lines.values().sum();
                let (heaviest, _) = lines.into_iter().rev().max_by(|a, b| a.1.total_cmp(&b.1))?;
                Some(FunctionWeight { frame: heaviest.clone(), own, total })
            })
            .collect();
        let order = |a: &FunctionWeight, b: &FunctionWeight| {
            b.own.total_cmp(&a.own).then(b.total.total_cmp(&a.total)).then_with(|| a.frame.cmp(&b.frame))
        };
        ranked.sort_by(order);
        ranked
    }

    /// A line for each stack, as tools for flame pictures read it: `main;parse 3000000`.
    #[must_use]
    pub fn folded(&self) -> String {
        let mut lines = String::new();
        for Stack { frames, weight } in &self.stacks {
            let names = frames.iter().filter_map(|number| self.frames.get(usize::try_from(*number).ok()?));
            let names: Vec<String> = names.map(|frame| frame.function.replace([';', '\n'], ":")).collect();
            // Writing to a string cannot fail.
            let _ = writeln!(lines, "{} {weight}", names.join(";"));
        }
        lines
    }

    /// Whether every weight is finite and every number names a frame, which the stored form needs.
    pub(super) fn is_sound(&self) -> bool {
        let known = |number: &u32| usize::try_from(*number).is_ok_and(|number| number < self.frames.len());
        self.left_out.is_finite()
            && self.stacks.iter().all(|stack| stack.weight.is_finite() && stack.frames.iter().all(known))
    }
}

/// Stacks while they are added up, in a space that does not grow with what is read.
#[derive(Debug, Default)]
pub(crate) struct Folding {
    numbers: BTreeMap<Frame, u32>,
    weights: BTreeMap<Vec<u32>, f64>,
    left_out: f64,
}

impl Folding {
    /// The number by which a frame is added.
    pub(crate) fn number(&mut self, frame: Frame) -> u32 {
        let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        if self.numbers.len() < FRAMES {
            return *self.numbers.entry(frame).or_insert(next);
        }
        match self.numbers.get(&frame) {
            Some(number) => *number,
            None => *self.numbers.entry(Frame::new(OTHERS)).or_insert(next),
        }
    }

    /// Adds a stack of numbered frames, the root first. A weight that is not finite or not above zero is passed over.
    pub(crate) fn add(&mut self, mut stack: Vec<u32>, weight: f64) {
        if !weight.is_finite() || weight <= 0.0 {
            return;
        }
        stack.truncate(DEPTH);
        *self.weights.entry(stack).or_default() += weight;
        if self.weights.len() > 8 * STACKS {
            self.left_out += keep_heaviest(&mut self.weights, 4 * STACKS);
        }
    }

    /// The profile, its frames in the order of their names, so that the same stacks give the same profile.
    pub(crate) fn profile(mut self, name: impl Into<String>, unit: Unit) -> Profile {
        self.left_out += keep_heaviest(&mut self.weights, STACKS);
        let used: BTreeSet<u32> = self.weights.keys().flatten().copied().collect();
        let mut frames = Vec::with_capacity(used.len());
        let mut renumbered: BTreeMap<u32, u32> = BTreeMap::new();
        for (frame, number) in self.numbers.into_iter().filter(|(_, number)| used.contains(number)) {
            renumbered.insert(number, u32::try_from(frames.len()).unwrap_or(u32::MAX));
            frames.push(frame);
        }
        let stacks = self.weights.into_iter().map(|(stack, weight)| Stack {
            frames: stack.iter().filter_map(|number| renumbered.get(number).copied()).collect(),
            weight,
        });
        let mut stacks: Vec<Stack> = stacks.collect();
        stacks.sort_by(|a, b| a.frames.cmp(&b.frames));
        Profile { name: name.into(), unit, frames, stacks, left_out: self.left_out }
    }
}

/// Leaves the heaviest stacks; answers with the weight of the others.
fn keep_heaviest(weights: &mut BTreeMap<Vec<u32>, f64>, keep: usize) -> f64 {
    if weights.len() <= keep {
        return 0.0;
    }
    let mut ranked: Vec<(Vec<u32>, f64)> = std::mem::take(weights).into_iter().collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let others: f64 = ranked.split_off(keep).iter().map(|(_, weight)| weight).sum();
    weights.extend(ranked);
    others
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(names: &str) -> Vec<Frame> {
        names.split(';').map(Frame::new).collect()
    }

    #[test]
    fn stacks_that_are_alike_are_one_and_a_recursion_counts_once() {
        let told = [("a;b;b", 2.0), ("a", 1.0), ("a;b;b", 3.0), ("a;c", f64::NAN), ("a;c", -1.0)];
        let profile = Profile::of("p", Unit::Count, told.map(|(names, weight)| (frames(names), weight)));
        assert_eq!(profile.folded(), "a 1\na;b;b 5\n");
        assert!((profile.total() - 6.0).abs() < 1e-12);
        let ranked: Vec<(String, f64, f64)> =
            profile.functions().into_iter().map(|f| (f.frame.function, f.own, f.total)).collect();
        assert_eq!(ranked, [("b".to_owned(), 5.0, 5.0), ("a".to_owned(), 1.0, 6.0)]);
    }

    #[test]
    fn a_function_is_placed_at_its_heaviest_line() {
        let at = |line| vec![Frame::new("f").at("f.py", line)];
        let profile = Profile::of("p", Unit::Count, [(at(3), 1.0), (at(7), 2.0), (at(9), 1.0)]);
        let functions = profile.functions();
        assert_eq!(functions.len(), 1);
        assert_eq!((functions[0].frame.location().as_deref(), functions[0].own), (Some("f.py:7"), 4.0));
    }

    #[test]
    fn what_is_too_much_to_keep_is_weighed() {
        let many =
            (0..STACKS + 10).map(|n| (vec![Frame::new(format!("f{n}"))], if n < 10 { 1.0 } else { 2.0 }));
        let profile = Profile::of("p", Unit::Count, many);
        assert_eq!((profile.stacks.len(), profile.frames.len()), (STACKS, STACKS));
        assert!((profile.left_out - 10.0).abs() < 1e-9 && profile.is_sound());
        let mut folding = Folding::default();
        let numbers: BTreeSet<u32> =
            (0..FRAMES + 10).map(|n| folding.number(Frame::new(format!("f{n}")))).collect();
        assert_eq!(numbers.len(), FRAMES + 1, "what comes later is one frame");
        let deep = Profile::of("p", Unit::Count, [(vec![Frame::new("f"); 1_000], 1.0)]);
        assert_eq!(deep.stacks[0].frames.len(), DEPTH);
    }
}

//! Who is measured beside whom: contests, their tasks, their sides, and what an operation is on each.

/// A comparison that can be asked for by name.
#[derive(Debug)]
pub(super) struct Contest {
    /// Its name: a folder below `benches/peers`, and the first part of the ids of its figures.
    pub(super) name: &'static str,
    /// What it asks.
    pub(super) question: &'static str,
    /// What is timed, in the singular: a turn, a text.
    pub(super) operation: &'static str,
    pub(super) tasks: &'static [Task],
    pub(super) sides: &'static [Side],
    /// Do all sides read the same inputs from a file that our program writes?
    pub(super) inputs: bool,
    /// What holds for all sides.
    pub(super) assumptions: &'static [&'static str],
}

/// What every side does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Task {
    pub(super) name: &'static str,
    /// What it is, for people.
    pub(super) what: &'static str,
}

impl Task {
    pub(super) const fn timed(name: &'static str, what: &'static str) -> Self {
        Self { name, what }
    }
}

/// One way to do it, as a program that measures itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Side {
    pub(super) name: &'static str,
    pub(super) made_as: MadeAs,
    /// What the program is given after the arguments that all get.
    pub(super) form: &'static [&'static str],
    /// What an operation is here, in a sentence.
    pub(super) turn: &'static str,
    /// The side of ours that it is held against.
    pub(super) opponent: Option<&'static str>,
    /// The least that it can cost in its language, which it is held against as well.
    pub(super) bare: Option<&'static str>,
    /// Can it win? Sides that do the same work; what is bare, or does less, cannot.
    pub(super) is_rival: bool,
}

/// How a side's program comes to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MadeAs {
    /// The program of the workspace's benches, `peer-assize`.
    Ours,
    /// A package of its own, with its own lockfile, in this folder of the contest; its program is named `peer-FOLDER`.
    Cargo(&'static str),
    /// A file with the contest's name, `debate.py`, in this folder of it, with the packages of its requirements.txt, if it
    /// has one.
    Python(&'static str),
}

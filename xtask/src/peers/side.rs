//! Who is measured beside whom: the sides of a comparison, and what a turn is on each.

/// A comparison that can be asked for by name.
#[derive(Debug)]
pub(super) struct Contest {
    /// Its name: a folder below `benches/peers`, and the first part of the ids of its figures.
    pub(super) name: &'static str,
    /// What it asks.
    pub(super) question: &'static str,
    pub(super) sides: &'static [Side],
}

/// One way to do it, as a program that measures itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Side {
    pub(super) name: &'static str,
    pub(super) made_as: MadeAs,
    /// What the program is given after the arguments that all get.
    pub(super) form: &'static [&'static str],
    /// What a turn is here, in a sentence.
    pub(super) turn: &'static str,
    pub(super) role: Role,
}

/// What is held against what: like against like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// No framework: the least that a turn can cost in a language.
    Bare,
    /// The orchestration alone, without a model's layer.
    Engine,
    /// Prompts are made, a model's interface is called, its reply is taken.
    Model,
}

/// How a side's program comes to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MadeAs {
    /// The program of the workspace's benches.
    Ours,
    /// A package of its own, with its own lockfile, in this folder of the contest; its program is named `peer-FOLDER`.
    Cargo(&'static str),
    /// `debate.py` in this folder of the contest, with the packages of its requirements.txt, if it has one.
    Python(&'static str),
}

impl Side {
    /// The side of ours that it is held against; none for ours and for what is bare.
    pub(super) fn opponent(&self) -> Option<&'static str> {
        match (self.made_as, self.role) {
            (MadeAs::Ours, _) | (_, Role::Bare) => None,
            (_, Role::Engine) => Some("assize-engine"),
            (_, Role::Model) => Some("assize-model"),
        }
    }

    /// The bare side in its language; none for what is bare.
    pub(super) fn bare(&self) -> Option<&'static str> {
        match (self.role, self.made_as) {
            (Role::Bare, _) => None,
            (_, MadeAs::Python(_)) => Some("python-gather"),
            (_, MadeAs::Ours | MadeAs::Cargo(_)) => Some("rust-join"),
        }
    }
}

/// All comparisons.
pub(super) const CONTESTS: [Contest; 1] = [Contest {
    name: "debate",
    question: "What does a turn of a debate of three rounds cost the processor, if models answer at once?",
    sides: &DEBATE,
}];

const DEBATE: [Side; 8] = [
    Side {
        name: "rust-join",
        made_as: MadeAs::Ours,
        form: &["bare"],
        turn: "an async function gives the answer; `join_all` once a round",
        role: Role::Bare,
    },
    Side {
        name: "python-gather",
        made_as: MadeAs::Python("bare"),
        form: &[],
        turn: "an async function gives the answer; `asyncio.gather` once a round",
        role: Role::Bare,
    },
    Side {
        name: "assize-engine",
        made_as: MadeAs::Ours,
        form: &["engine"],
        turn: "a scripted debater is asked by the driver; opening, rounds and verdict are in the time",
        role: Role::Engine,
    },
    Side {
        name: "assize-model",
        made_as: MadeAs::Ours,
        form: &["model"],
        turn: "prompt of all that was said, stream, JSON and price of an instant model; opening, rounds and verdict are in the time",
        role: Role::Model,
    },
    Side {
        name: "heartbit",
        made_as: MadeAs::Cargo("heartbit"),
        form: &[],
        turn: "an AgentRunner of a DebateAgent asks its provider; the call of the judge, which there must be, is a turn",
        role: Role::Model,
    },
    Side {
        name: "langgraph-nodes",
        made_as: MadeAs::Python("langgraph"),
        form: &[],
        turn: "an async node of a StateGraph answers; nodes of a round run side by side, another closes the round",
        role: Role::Engine,
    },
    Side {
        name: "langgraph-model",
        made_as: MadeAs::Python("langgraph"),
        form: &["--model"],
        turn: "the same, and the node makes messages of the transcript and asks a langchain chat model",
        role: Role::Model,
    },
    Side {
        name: "autogen",
        made_as: MadeAs::Python("autogen"),
        form: &[],
        turn: "an AssistantAgent of a RoundRobinGroupChat asks its client; they speak one after the other",
        role: Role::Model,
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;

    #[test]
    fn every_side_has_its_files_and_its_opponents() {
        for contest in &CONTESTS {
            let folder = workspace::root().join("benches/peers").join(contest.name);
            let named = |name: &str| contest.sides.iter().find(|side| side.name == name).expect(name);
            for side in contest.sides {
                let files: &[&str] = match side.made_as {
                    MadeAs::Ours => &["assize/debate.rs"],
                    MadeAs::Cargo(_) => &["Cargo.toml", "Cargo.lock"],
                    MadeAs::Python(_) => &["debate.py"],
                };
                let inside = match side.made_as {
                    MadeAs::Ours => "",
                    MadeAs::Cargo(inside) | MadeAs::Python(inside) => inside,
                };
                for file in files {
                    assert!(folder.join(inside).join(file).is_file(), "{} of {}", file, side.name);
                }
                assert_eq!(side.bare().is_none(), side.role == Role::Bare, "{}", side.name);
                for other in side.opponent().into_iter().chain(side.bare()).map(named) {
                    assert!(other.role == side.role || other.role == Role::Bare, "{}", side.name);
                }
            }
        }
    }
}

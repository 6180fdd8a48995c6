//! The debate: what orchestration costs a turn.

use super::super::side::{Contest, MadeAs, Side, Task};

pub(super) const CONTEST: Contest = Contest {
    name: "debate",
    question: "What does a turn of a debate of three rounds cost the processor, if models answer at once?",
    operation: "turn",
    tasks: &[
        Task::timed("2", "2 debaters"),
        Task::timed("4", "4 debaters"),
        Task::timed("8", "8 debaters"),
        Task::timed("16", "16 debaters"),
    ],
    sides: &SIDES,
    inputs: false,
    assumptions: &[
        "A model that answers at once: against one that takes seconds, none of these times is felt.",
        "Each side as its own documentation shows it, without a journal or a checkpointer; what is made once (agents, \
         graphs, teams) is made outside of the time.",
        "One thread on each side.",
    ],
};

const RUST: Option<&str> = Some("rust-join");
const PYTHON: Option<&str> = Some("python-gather");
const ENGINE: Option<&str> = Some("assize-engine");
const MODEL: Option<&str> = Some("assize-model");

const SIDES: [Side; 8] = [
    Side {
        name: "rust-join",
        made_as: MadeAs::Ours,
        form: &["debate", "bare"],
        turn: "an async function gives the answer; `join_all` once a round",
        opponent: None,
        bare: None,
        is_rival: false,
    },
    Side {
        name: "python-gather",
        made_as: MadeAs::Python("bare"),
        form: &[],
        turn: "an async function gives the answer; `asyncio.gather` once a round",
        opponent: None,
        bare: None,
        is_rival: false,
    },
    Side {
        name: "assize-engine",
        made_as: MadeAs::Ours,
        form: &["debate", "engine"],
        turn: "a scripted debater is asked by the driver; opening, rounds and verdict are in the time",
        opponent: None,
        bare: RUST,
        is_rival: false,
    },
    Side {
        name: "assize-model",
        made_as: MadeAs::Ours,
        form: &["debate", "model"],
        turn: "prompt of all that was said, stream, JSON and price of an instant model; opening, rounds and verdict are in the time",
        opponent: None,
        bare: RUST,
        is_rival: true,
    },
    Side {
        name: "heartbit",
        made_as: MadeAs::Cargo("heartbit"),
        form: &[],
        turn: "an AgentRunner of a DebateAgent asks its provider; the call of the judge, which there must be, is a turn",
        opponent: MODEL,
        bare: RUST,
        is_rival: true,
    },
    Side {
        name: "langgraph-nodes",
        made_as: MadeAs::Python("langgraph"),
        form: &[],
        turn: "an async node of a StateGraph answers; nodes of a round run side by side, another closes the round",
        opponent: ENGINE,
        bare: PYTHON,
        is_rival: false,
    },
    Side {
        name: "langgraph-model",
        made_as: MadeAs::Python("langgraph"),
        form: &["--model"],
        turn: "the same, and the node makes messages of the transcript and asks a langchain chat model",
        opponent: MODEL,
        bare: PYTHON,
        is_rival: true,
    },
    Side {
        name: "autogen",
        made_as: MadeAs::Python("autogen"),
        form: &[],
        turn: "an AssistantAgent of a RoundRobinGroupChat asks its client; they speak one after the other",
        opponent: MODEL,
        bare: PYTHON,
        is_rival: true,
    },
];

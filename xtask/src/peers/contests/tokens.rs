//! Counting tokens.

use super::super::side::{Contest, MadeAs, Side, Task};

pub(super) const CONTEST: Contest = Contest {
    name: "tokens",
    question: "What does it cost the processor to count the tokens of a text in o200k_base?",
    operation: "count",
    tasks: &[
        Task::timed("english", "10 kB of English"),
        Task::timed("json", "10 kB of JSON"),
        Task::timed("chat", "200 messages of a chat, of 8 to 40 words each"),
    ],
    sides: &SIDES,
    inputs: true,
    assumptions: &[
        "One thread; the vocabulary is read before the time begins.",
        "The same texts again and again, of which there are sixteen of each kind: whoever remembers words gains by that.",
        "The answer is the count of the first text (or chat), which has to be the same on every side.",
    ],
};

const SIDES: [Side; 4] = [
    Side {
        name: "assize",
        made_as: MadeAs::Ours,
        form: &["tokens", "default"],
        turn: "the counter of a default build, linear in the worst case",
        opponent: None,
        bare: None,
        is_rival: true,
    },
    Side {
        name: "assize-fast",
        made_as: MadeAs::Ours,
        form: &["tokens", "fast"],
        turn: "the counter of the feature `fast-tokens`",
        opponent: Some("assize"),
        bare: None,
        is_rival: true,
    },
    Side {
        name: "tiktoken",
        made_as: MadeAs::Python("tiktoken"),
        form: &[],
        turn: "`len(encoding.encode_ordinary(text))`; it has no call that only counts",
        opponent: Some("assize"),
        bare: None,
        is_rival: true,
    },
    Side {
        name: "tiktoken-batch",
        made_as: MadeAs::Python("tiktoken"),
        form: &["--batch"],
        turn: "`encode_ordinary_batch` with one thread, of all messages of a chat at once",
        opponent: Some("assize"),
        bare: None,
        is_rival: true,
    },
];

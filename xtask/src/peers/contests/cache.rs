//! Caches, in memory and on disk.

use super::super::side::{Contest, MadeAs, Side, Task};

pub(super) const CONTEST: Contest = Contest {
    name: "cache",
    question: "What does it cost the processor to look up an entry of 1 KiB, to miss one, to store one?",
    operation: "call",
    tasks: &[
        Task::timed("hit", "look up a key that is there"),
        Task::timed("miss", "look up a key that is not"),
        Task::timed("put", "store a value in the place of another"),
    ],
    sides: &SIDES,
    inputs: true,
    assumptions: &[
        "10,000 entries of 1 KiB, of which one half can be compressed, that live an hour and fit within the limit: nothing \
         is let go, nothing expires. Keys are asked for in the same random order.",
        "One caller. Disks are in the system's cache, and no side waits for them to sync.",
        "A store in memory by itself has no envelope, tags or contract of removal; the sides in memory are held against \
         assize-memory, diskcache against assize-disk.",
    ],
};

const MEMORY: Option<&str> = Some("assize-memory");

const SIDES: [Side; 6] = [
    Side {
        name: "assize-memory",
        made_as: MadeAs::Ours,
        form: &["cache", "memory"],
        turn: "the memory tier through its async trait, an envelope around each value",
        opponent: None,
        bare: None,
        is_rival: false,
    },
    Side {
        name: "assize-disk",
        made_as: MadeAs::Ours,
        form: &["cache", "disk"],
        turn: "the disk tier: a thread of its own, checksum, compression; a transaction for each entry",
        opponent: None,
        bare: None,
        is_rival: false,
    },
    Side {
        name: "moka",
        made_as: MadeAs::Cargo("moka"),
        form: &[],
        turn: "a `sync::Cache` by weight, with a time to live; no async, no envelope",
        opponent: MEMORY,
        bare: None,
        is_rival: false,
    },
    Side {
        name: "foyer",
        made_as: MadeAs::Cargo("foyer"),
        form: &[],
        turn: "its `Cache` in memory by weight, without a time to live, of which it has none; no async, no envelope",
        opponent: MEMORY,
        bare: None,
        is_rival: false,
    },
    Side {
        name: "aiocache",
        made_as: MadeAs::Python("aiocache"),
        form: &[],
        turn: "an awaited `SimpleMemoryCache`, which has no limit; a timer for each entry",
        opponent: MEMORY,
        bare: None,
        is_rival: false,
    },
    Side {
        name: "diskcache",
        made_as: MadeAs::Python("diskcache"),
        form: &[],
        turn: "a `Cache` in the caller's thread, without checksum or compression; a transaction for each entry",
        opponent: Some("assize-disk"),
        bare: None,
        is_rival: false,
    },
];

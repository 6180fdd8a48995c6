//! What a debate's log says, counted here and not by the engine.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use assize_debate::{Debate, Entry, Event, Record};
use assize_journal::{Durability, FileJournal, Journal};
use assize_store::{LogSize, SqliteJournal};
use tokio::runtime::Runtime;

use super::vendors::Turn;

/// Where a debate is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kept {
    Folder,
    Sqlite,
}

/// The journal of one debate, seen from beside the process that writes it.
#[derive(Debug)]
pub(super) struct Shelf {
    pub(super) kept: Kept,
    /// What is said of it on the command line.
    pub(super) path: PathBuf,
    runtime: Runtime,
    /// Kept open while the process is watched.
    sqlite: Option<SqliteJournal>,
}

impl Shelf {
    pub(super) fn new(kept: Kept, path: PathBuf) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        Self { kept, path, runtime, sqlite: None }
    }

    /// Writes down how a debate begins.
    pub(super) fn begin(&self, id: &str, line: &[u8]) {
        let key = id.parse().expect("a debate's name");
        self.runtime.block_on(async {
            let journal: Box<dyn Journal> = match self.kept {
                Kept::Folder => Box::new(FileJournal::new(&self.path, Durability::Process)),
                Kept::Sqlite => Box::new(self.open().await),
            };
            let (_, mut writer) = journal.open(&key).await.expect("nobody writes it");
            writer.append(&[line.to_vec()]).await.expect("an opening");
        });
    }

    /// The one log; an empty one where there is none.
    pub(super) fn log(&self) -> Log {
        match self.kept {
            Kept::Folder => self.in_folder(),
            Kept::Sqlite => self.runtime.block_on(async {
                let journal = self.open().await;
                let Some(size) = one(journal.keys().await.expect("what is there")) else {
                    return Log::default();
                };
                let held = journal.read(&size.key).await.expect("its log");
                assert_eq!(held.records.len() as u64, size.records);
                Log::of(size.key.as_str(), held.records.iter().map(Vec::as_slice))
            }),
        }
    }

    /// The length of the one log as lines, 0 where there is none.
    pub(super) fn length(&mut self) -> u64 {
        match self.kept {
            Kept::Folder => {
                log_in(&self.path).and_then(|path| fs::metadata(path).ok()).map_or(0, |about| about.len())
            }
            Kept::Sqlite => {
                if self.sqlite.is_none() {
                    let opened = self.runtime.block_on(SqliteJournal::open(&self.path, Durability::Process));
                    self.sqlite = Some(opened.expect("a file that is whole at any time"));
                }
                let sizes = self.sqlite.as_ref().map(|journal| self.runtime.block_on(journal.keys()));
                let size = sizes.and_then(|sizes| one(sizes.expect("sizes at any time")));
                size.map_or(0, |size| size.bytes + size.records)
            }
        }
    }

    /// Lets go of what [`length`](Self::length) holds.
    pub(super) fn look_away(&mut self) {
        self.sqlite = None;
    }

    async fn open(&self) -> SqliteJournal {
        SqliteJournal::open(&self.path, Durability::Process).await.expect("a file that is whole")
    }

    fn in_folder(&self) -> Log {
        let Some(path) = log_in(&self.path) else { return Log::default() };
        let bytes = fs::read(&path).expect("the log");
        // What the last line lacks was never acknowledged.
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let lines = bytes[..whole].split_inclusive(|byte| *byte == b'\n');
        let id = path.file_stem().and_then(|stem| stem.to_str()).expect("a debate's name").to_owned();
        let log = Log::of(&id, lines.map(|line| &line[..line.len() - 1]));
        Log { bytes: bytes.len() as u64, ..log }
    }
}

/// A log as it was found.
#[derive(Debug, Default)]
pub(super) struct Log {
    /// The debate's name.
    pub(super) id: Option<String>,
    pub(super) bytes: u64,
    pub(super) records: Vec<Record>,
}

impl Log {
    fn of<'a>(id: &str, lines: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut log = Self { id: Some(id.to_owned()), ..Self::default() };
        for line in lines {
            log.bytes += line.len() as u64 + 1;
            log.records.push(Record::from_line(line).expect("whole lines can be read"));
        }
        log
    }

    pub(super) fn is_concluded(&self) -> bool {
        matches!(self.records.last(), Some(Record { event: Event::Concluded { .. }, .. }))
    }

    /// What was said, by round and seat; and that the recorded verdict is the one to which the events lead.
    pub(super) fn transcript(&self) -> Vec<Entry> {
        let debate = Debate::replay(&self.records).expect("the log can be replayed");
        debate.audit().expect("the events lead to the verdict");
        debate.transcript()
    }

    /// Who was asked, who answered, and what was lost.
    pub(super) fn turns(&self) -> Turns {
        let mut turns = Turns::default();
        let mut open: BTreeMap<Turn, u32> = BTreeMap::new();
        for Record { event, .. } in &self.records {
            match event {
                Event::Asked { round, seat, reserved } => {
                    turns.ask(Turn { round: *round, seat: Some(seat.0) }, reserved.calls, &mut open);
                }
                Event::JudgeAsked { round, reserved } => {
                    turns.ask(Turn { round: *round, seat: None }, reserved.calls, &mut open);
                }
                Event::Spoke { round, seat, bill, .. } | Event::Abstained { round, seat, bill, .. } => {
                    turns.answer(Turn { round: *round, seat: Some(seat.0) }, bill.calls, &mut open);
                }
                Event::Assessed { round, bill, .. } | Event::JudgeAbstained { round, bill, .. } => {
                    turns.answer(Turn { round: *round, seat: None }, bill.calls, &mut open);
                }
                Event::Resumed => {
                    turns.lost += open.values().sum::<u32>();
                    open.clear();
                }
                // Who cannot change the decision is not waited for.
                Event::Concluded { .. } => {
                    turns.given_up = open.values().sum();
                    open.clear();
                }
                _ => {}
            }
        }
        turns.open = open;
        turns
    }
}

fn one(mut sizes: Vec<LogSize>) -> Option<LogSize> {
    assert!(sizes.len() < 2, "a debate has one log: {sizes:?}");
    sizes.pop()
}

fn log_in(folder: &Path) -> Option<PathBuf> {
    let mut entries = fs::read_dir(folder).ok()?;
    let path = entries.next()?.expect("an entry").path();
    assert!(entries.next().is_none(), "a debate has one log: {}", folder.display());
    Some(path)
}

/// The turns of a log.
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// How often each turn was asked.
    pub(super) asked: BTreeMap<Turn, u32>,
    /// Those that were answered.
    pub(super) answered: BTreeSet<Turn>,
    /// Those that are asked and not answered where the log ends, with their calls.
    pub(super) open: BTreeMap<Turn, u32>,
    /// Calls whose answers are there.
    pub(super) finished: u32,
    /// Calls that were under way when a debate was taken up again.
    pub(super) lost: u32,
    /// Calls that were under way when it was decided.
    pub(super) given_up: u32,
}

impl Turns {
    /// The calls that were made, as far as the log knows: the others may have been.
    pub(super) fn calls(&self) -> u32 {
        self.finished + self.lost + self.given_up
    }

    fn ask(&mut self, turn: Turn, calls: u32, open: &mut BTreeMap<Turn, u32>) {
        *self.asked.entry(turn).or_default() += 1;
        assert!(open.insert(turn, calls).is_none(), "{turn:?} is asked while it is asked");
        assert!(!self.answered.contains(&turn), "{turn:?} is asked again after its answer");
    }

    fn answer(&mut self, turn: Turn, calls: u32, open: &mut BTreeMap<Turn, u32>) {
        assert!(open.remove(&turn).is_some(), "{turn:?} answers without being asked");
        assert!(self.answered.insert(turn), "{turn:?} answers twice");
        self.finished += calls;
    }
}

//! What a debate's log says, counted here and not by the engine.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use assize_debate::{Debate, Entry, Event, Record};

use super::vendors::Turn;

/// A log as it was found.
#[derive(Debug, Default)]
pub(super) struct Log {
    path: Option<PathBuf>,
    pub(super) bytes: u64,
    pub(super) records: Vec<Record>,
}

impl Log {
    /// The one log in a folder; an empty one where there is none.
    pub(super) fn in_folder(folder: &Path) -> Self {
        let Some(path) = log_in(folder) else { return Self::default() };
        let bytes = fs::read(&path).expect("the log");
        // What the last line lacks was never acknowledged.
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let lines = bytes[..whole].split_inclusive(|byte| *byte == b'\n');
        let records = lines
            .map(|line| Record::from_line(&line[..line.len() - 1]).expect("whole lines can be read"))
            .collect();
        Self { path: Some(path), bytes: bytes.len() as u64, records }
    }

    /// The debate's name.
    pub(super) fn id(&self) -> Option<String> {
        self.path.as_ref()?.file_stem()?.to_str().map(str::to_owned)
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

/// The length of the one log in a folder, 0 where there is none.
pub(super) fn length(folder: &Path) -> u64 {
    log_in(folder).and_then(|path| fs::metadata(path).ok()).map_or(0, |about| about.len())
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

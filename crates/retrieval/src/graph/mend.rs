//! Leaving dead rows out of a graph, a little at a time.
//!
//! A row that died stays a way to others until enough have died. Then a sweep goes through all rows: who is linked to a
//! dead one gets the best of what that one is linked to. As nobody is linked to a dead row anew, nobody is linked any more,
//! at the end, to those that were dead at the beginning, and their slots can be used again. After that all rows are marked
//! that can be reached, and those that cannot are linked anew.
//!
//! Each call does a bounded part of this. Rows may come and die in between.

use std::collections::BTreeSet;

use super::{Graph, build::choose_more};
use crate::{
    rows::{Precision, Rows},
    slots::Bits,
};

/// A sweep begins when one in this many of the linked rows is dead.
const MENDED_AT: usize = 6;

/// What is left to mend.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Mending {
    /// Rows that died since the last sweep began.
    dead: Vec<u32>,
    phase: Phase,
    /// Slots that nobody is linked to.
    free: Vec<u32>,
    is_free: Bits,
    /// Rows looked at so far.
    touched: usize,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Idle,
    /// The rows before `next` are not linked to any of `doomed`.
    Sweeping { doomed: Vec<u32>, next: u32 },
    /// All are marked that can be reached without passing through `ahead`.
    Marking { reached: Bits, ahead: Vec<u32> },
    /// Those before `next` can be reached.
    Linking { reached: Bits, next: u32 },
}

impl Graph {
    /// A row died, which stays a way to others.
    pub(crate) fn bury(&mut self, slot: u32) {
        self.high.remove(&(self.level(slot), slot));
        self.mending.dead.push(slot);
    }

    /// A slot that nobody is linked to, to be used again.
    pub(crate) fn take_free(&mut self) -> Option<u32> {
        let slot = self.mending.free.pop()?;
        self.mending.is_free.remove(slot);
        Some(slot)
    }

    /// Declares a slot free that nobody is linked to.
    pub(super) fn set_free(&mut self, slot: u32) {
        self.mending.free.push(slot);
        self.mending.is_free.insert(slot);
    }

    /// How many rows mending has looked at since the beginning.
    #[cfg(test)]
    pub(crate) fn touched_by_mending(&self) -> usize {
        self.mending.touched
    }

    /// Dead rows that are still ways to others.
    #[cfg(test)]
    pub(crate) fn buried(&self) -> usize {
        let doomed = match &self.mending.phase {
            Phase::Sweeping { doomed, .. } => doomed.len(),
            _ => 0,
        };
        self.mending.dead.len() + doomed
    }

    /// Panics where a walk could come upon a slot that is free.
    #[cfg(test)]
    pub(crate) fn check_free(&self, rows: &Rows) {
        let is_free = |slot: &u32| self.mending.is_free.contains(*slot);
        assert!(!self.entry.iter().any(is_free));
        assert!(self.mending.free.iter().all(|slot| is_free(slot) && !rows.is_live(*slot)));
        for slot in (0..).take(self.slots()).filter(|slot| !is_free(slot)) {
            for level in 0..=self.level(slot) {
                let links = self.links(slot, level);
                assert!(links.iter().all(|to| !is_free(to) && *to != slot && self.level(*to) >= level));
            }
        }
    }

    /// Mends what is due until about so many rows were looked at: that many, and what belongs to the last of them.
    pub(crate) fn mend_some(&mut self, rows: &Rows, most: usize) {
        let end = self.mending.touched.saturating_add(most);
        while self.mending.touched < end {
            if self.mending.phase == Phase::Idle {
                let linked = self.slots() - self.mending.free.len();
                let dead = self.mending.dead.len();
                if dead == 0 || dead.saturating_mul(MENDED_AT) < linked {
                    return;
                }
                self.begin();
            }
            self.step(rows);
        }
    }

    /// Mends all there is.
    pub(crate) fn mend_all(&mut self, rows: &Rows) {
        while self.mending.phase != Phase::Idle || !self.mending.dead.is_empty() {
            if self.mending.phase == Phase::Idle {
                self.begin();
            }
            self.step(rows);
        }
    }

    /// Follows a table that left its dead rows out, after all was mended: `moved` says where each row went.
    pub(crate) fn renumber(&mut self, moved: &[Option<u32>]) {
        let empty = Self { shape: self.shape, ..Self::default() };
        let old = std::mem::replace(self, empty);
        let new = |slot: &u32| moved[*slot as usize];
        let mut links = Vec::new();
        for (was, now) in (0_u32..).zip(moved).take(old.slots()) {
            let (Some(now), level) = (*now, old.level(was)) else { continue };
            self.add_row(level);
            for level in 0..=level {
                links.clear();
                links.extend(old.links(was, level).iter().filter_map(new));
                self.set_links(now, level, &links);
            }
        }
        self.entry = old.entry.as_ref().and_then(new);
    }

    fn begin(&mut self) {
        let doomed = std::mem::take(&mut self.mending.dead);
        self.mending.phase = Phase::Sweeping { doomed, next: 0 };
    }

    fn step(&mut self, rows: &Rows) {
        self.mending.touched += 1;
        self.mending.phase = match std::mem::take(&mut self.mending.phase) {
            Phase::Idle => Phase::Idle,
            Phase::Sweeping { doomed, next } if (next as usize) < self.slots() => {
                if !self.mending.is_free.contains(next) {
                    self.leave_dead_out(rows, next);
                }
                Phase::Sweeping { doomed, next: next + 1 }
            }
            Phase::Sweeping { doomed, .. } => {
                doomed.into_iter().for_each(|slot| self.set_free(slot));
                self.find_entry(rows);
                let mut reached = Bits::with_room(self.slots());
                reached.extend(self.entry);
                Phase::Marking { reached, ahead: self.entry.into_iter().collect() }
            }
            Phase::Marking { mut reached, mut ahead } => match ahead.pop() {
                Some(here) => {
                    ahead.extend(self.links(here, 0).iter().copied().filter(|link| reached.insert(*link)));
                    Phase::Marking { reached, ahead }
                }
                None => Phase::Linking { reached, next: 0 },
            },
            Phase::Linking { mut reached, next } => match self.next_unreached(rows, &reached, next) {
                Some(slot) => {
                    self.mending.touched += self.link(rows, slot);
                    reached.insert(slot);
                    Phase::Linking { reached, next: slot + 1 }
                }
                None => Phase::Idle,
            },
        };
    }

    /// Replaces a row's links to dead ones, if it has such.
    fn leave_dead_out(&mut self, rows: &Rows, slot: u32) {
        for level in 0..=self.level(slot) {
            let (mut live, dead) =
                self.links(slot, level).iter().partition::<Vec<u32>, _>(|link| rows.is_live(**link));
            if dead.is_empty() {
                continue;
            }
            let heirs = dead.iter().flat_map(|dead| self.links(*dead, level)).copied();
            let heirs = heirs.filter(|heir| *heir != slot && rows.is_live(*heir) && !live.contains(heir));
            let heirs = heirs.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>();
            self.mending.touched += dead.len() + heirs.len();
            let (near, precision) = rows.by_nearness(slot, &heirs, Precision::Codes);
            choose_more(rows, slot, &mut live, &near, self.most_links(level), precision);
            self.set_links(slot, level, &live);
        }
    }

    /// Where the entry died, or there is a higher row, takes one of the highest level.
    fn find_entry(&mut self, rows: &Rows) {
        let highest = self.high.last().copied();
        let level = highest.map_or(0, |(level, _)| level);
        if self.entry.is_none_or(|entry| !rows.is_live(entry) || self.level(entry) < level) {
            let on_ground = || rows.live_slots().iter().next().filter(|slot| (*slot as usize) < self.slots());
            self.entry = highest.map(|(_, slot)| slot).or_else(on_ground);
        }
    }

    /// The first live row from `next` on that was not reached.
    fn next_unreached(&self, rows: &Rows, reached: &Bits, mut next: u32) -> Option<u32> {
        loop {
            next = reached.next_absent(next);
            if next as usize >= self.slots() {
                return None;
            }
            if rows.is_live(next) {
                return Some(next);
            }
            next += 1;
        }
    }
}

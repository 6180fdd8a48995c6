//! Leaving dead rows out of a graph.

use std::collections::BTreeSet;

use super::{
    Graph,
    build::{by_nearness, choose_more},
};
use crate::rows::Rows;

impl Graph {
    /// Follows a table that left its dead rows out: `moved` says where each row went. Who was linked to a dead row gets the
    /// best of what that one was linked to; who can no longer be reached is linked anew.
    pub(crate) fn mend(&mut self, rows: &Rows, moved: &[Option<u32>]) {
        let old = std::mem::replace(
            self,
            Self { shape: self.shape, ground: Vec::new(), upper: Vec::new(), entry: None },
        );
        for slot in (0..).zip(moved).take(old.slots()).filter_map(|(slot, new)| new.and(Some(slot))) {
            self.add_row(old.level(slot));
        }
        for (was, now) in (0_u32..).zip(moved).take(old.slots()) {
            let Some(now) = *now else { continue };
            for level in 0..=old.level(was) {
                self.set_links(now, level, &old.mended(rows, moved, was, now, level));
            }
            if self.entry.is_none_or(|entry| self.level(now) > self.level(entry)) {
                self.entry = Some(now);
            }
        }
        self.link_unreached(rows);
    }

    /// The links of a row, which is now at `now`, without the dead.
    fn mended(&self, rows: &Rows, moved: &[Option<u32>], was: u32, now: u32, level: usize) -> Vec<u32> {
        let links = self.links(was, level);
        let live = links.iter().filter_map(|link| moved[*link as usize]).collect::<Vec<_>>();
        if live.len() == links.len() {
            return live;
        }
        let dead = links.iter().filter(|link| moved[**link as usize].is_none());
        let heirs = dead.flat_map(|dead| self.links(*dead, level)).filter_map(|link| moved[*link as usize]);
        let heirs = heirs.filter(|heir| *heir != now && !live.contains(heir)).collect::<BTreeSet<_>>();
        let near = by_nearness(rows, now, &heirs.into_iter().collect::<Vec<_>>());
        let mut links = live;
        choose_more(rows, &mut links, &near, self.most_links(level));
        links
    }

    /// Links rows again that no walk from the entry reaches.
    fn link_unreached(&mut self, rows: &Rows) {
        let Some(entry) = self.entry else { return };
        let mut is_reached = vec![false; self.slots()];
        let mut ahead = vec![entry];
        is_reached[entry as usize] = true;
        while let Some(here) = ahead.pop() {
            for &link in self.links(here, 0) {
                if !std::mem::replace(&mut is_reached[link as usize], true) {
                    ahead.push(link);
                }
            }
        }
        for (slot, _) in (0..).zip(is_reached).filter(|(_, is_reached)| !is_reached) {
            self.link(rows, slot);
        }
    }
}

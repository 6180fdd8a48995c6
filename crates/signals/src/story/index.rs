//! Which stories hold a term: the youngest of them, so that a common term costs no more than a rare one.

/// A story's place, and how often the place was given away before: what points to an earlier tenant is stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Slot {
    pub(super) place: u32,
    pub(super) tenancy: u32,
}

/// Lists of stories, by term.
#[derive(Debug, Clone, Default)]
pub(super) struct Postings(Vec<Vec<Slot>>);

impl Postings {
    /// `slot` holds `term`. Of a list that is full the stale leave, and if none is, the oldest half.
    pub(super) fn add(&mut self, term: u32, slot: Slot, most: usize, is_alive: impl Fn(Slot) -> bool) {
        let at = term as usize;
        if self.0.len() <= at {
            self.0.resize_with(at + 1, Vec::new);
        }
        let list = &mut self.0[at];
        if list.len() >= 2 * most {
            list.retain(|&slot| is_alive(slot));
            let surplus = list.len().saturating_sub(most);
            list.drain(..surplus);
        }
        list.push(slot);
    }

    /// The stories that hold `term`, the youngest first, at most `most`; some may be stale.
    pub(super) fn youngest(&self, term: u32, most: usize) -> impl Iterator<Item = Slot> {
        self.0.get(term as usize).into_iter().flat_map(move |list| list.iter().rev().take(most).copied())
    }

    /// Nobody holds `term` any more.
    pub(super) fn clear(&mut self, term: u32) {
        if let Some(list) = self.0.get_mut(term as usize) {
            *list = Vec::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Postings, Slot};

    #[test]
    fn a_full_list_keeps_the_young_and_the_living() {
        let mut postings = Postings::default();
        let slot = |place| Slot { place, tenancy: 0 };
        for place in 0..8 {
            postings.add(5, slot(place), 4, |_| true);
        }
        postings.add(5, slot(8), 4, |slot| slot.place != 6);
        let left: Vec<u32> = postings.youngest(5, 10).map(|slot| slot.place).collect();
        assert_eq!(left, [8, 7, 5, 4, 3]);
        postings.clear(5);
        assert_eq!(postings.youngest(5, 10).count() + postings.youngest(99, 10).count(), 0);
    }
}

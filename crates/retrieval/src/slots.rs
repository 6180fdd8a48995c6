//! Sets of slots, a bit each.

use std::collections::BTreeMap;

/// A set in a table of bits: as large as the largest slot makes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Bits(Vec<u64>);

/// A set that takes little room also when it holds few of many slots.
#[derive(Debug, Clone, Default)]
pub(crate) struct Slots {
    /// By the slot divided by 64.
    words: BTreeMap<u32, u64>,
    count: usize,
}

impl Bits {
    /// An empty set with room for the slots below `slots`.
    pub(crate) fn with_room(slots: usize) -> Self {
        Self(vec![0; slots.div_ceil(64)])
    }

    pub(crate) fn contains(&self, slot: u32) -> bool {
        self.0.get(slot as usize / 64).is_some_and(|word| word & bit(slot) != 0)
    }

    /// Whether it is new.
    pub(crate) fn insert(&mut self, slot: u32) -> bool {
        let at = slot as usize / 64;
        if at >= self.0.len() {
            self.0.resize(at + 1, 0);
        }
        let is_new = self.0[at] & bit(slot) == 0;
        self.0[at] |= bit(slot);
        is_new
    }

    pub(crate) fn remove(&mut self, slot: u32) {
        if let Some(word) = self.0.get_mut(slot as usize / 64) {
            *word &= !bit(slot);
        }
    }

    pub(crate) fn extend(&mut self, slots: impl IntoIterator<Item = u32>) {
        for slot in slots {
            self.insert(slot);
        }
    }

    /// The slots, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> {
        (0..).zip(&self.0).flat_map(|(at, &word)| in_word(at, word))
    }

    /// The first slot from `first` on that is not in it.
    pub(crate) fn next_absent(&self, first: u32) -> u32 {
        let mut at = first as usize / 64;
        let mut gaps = self.0.get(at).map_or(0, |word| !word) & (u64::MAX << (first % 64));
        while gaps == 0 && at < self.0.len() {
            at += 1;
            gaps = self.0.get(at).map_or(u64::MAX, |word| !word);
        }
        let base = u32::try_from(at * 64).unwrap_or(u32::MAX);
        first.max(base.saturating_add(gaps.trailing_zeros() % 64))
    }
}

impl Slots {
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    pub(crate) fn contains(&self, slot: u32) -> bool {
        self.words.get(&(slot / 64)).is_some_and(|word| word & bit(slot) != 0)
    }

    pub(crate) fn insert(&mut self, slot: u32) {
        let word = self.words.entry(slot / 64).or_default();
        self.count += usize::from(*word & bit(slot) == 0);
        *word |= bit(slot);
    }

    pub(crate) fn remove(&mut self, slot: u32) {
        let Some(word) = self.words.get_mut(&(slot / 64)) else { return };
        self.count -= usize::from(*word & bit(slot) != 0);
        *word &= !bit(slot);
        if *word == 0 {
            self.words.remove(&(slot / 64));
        }
    }

    /// The slots from `first` on, in order.
    pub(crate) fn iter_from(&self, first: u32) -> impl Iterator<Item = u32> {
        let words = self.words.range(first / 64..).flat_map(|(&at, &word)| in_word(at, word));
        words.skip_while(move |slot| *slot < first)
    }
}

fn in_word(at: u32, word: u64) -> impl Iterator<Item = u32> {
    let next = |left: &u64| Some(left & (left - 1)).filter(|left| *left != 0);
    let rests = std::iter::successors(Some(word).filter(|word| *word != 0), next);
    rests.map(move |left| at * 64 + left.trailing_zeros())
}

const fn bit(slot: u32) -> u64 {
    1 << (slot % 64)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn they_are_sets(changes in prop::collection::vec((0_u32..300, any::<bool>()), 0..200), first in 0_u32..320) {
            let (mut bits, mut slots, mut model) = (Bits::with_room(100), Slots::default(), BTreeSet::new());
            for (slot, is_in) in changes {
                if is_in {
                    prop_assert_eq!(bits.insert(slot), model.insert(slot));
                    slots.insert(slot);
                } else {
                    model.remove(&slot);
                    bits.remove(slot);
                    slots.remove(slot);
                }
                prop_assert_eq!(slots.count(), model.len());
            }
            for slot in 0..320 {
                prop_assert_eq!(bits.contains(slot), model.contains(&slot));
                prop_assert_eq!(slots.contains(slot), model.contains(&slot));
            }
            let from = model.range(first..).copied().collect::<Vec<_>>();
            prop_assert_eq!(slots.iter_from(first).collect::<Vec<_>>(), from);
            prop_assert_eq!(bits.iter().collect::<Vec<_>>(), model.iter().copied().collect::<Vec<_>>());
            let absent = (first..).find(|slot| !model.contains(slot));
            prop_assert_eq!(Some(bits.next_absent(first)), absent);
        }
    }
}

//! Words that are looked up by their lower case, without allocating for plain English.

use std::borrow::Cow;

/// Longer words are looked up in the slow way.
const SHORT: usize = 32;

/// What is known of words. A word is found in whatever case it is written, with a straight or a curved apostrophe.
#[derive(Debug, Clone)]
pub(crate) struct WordTable<V> {
    entries: Vec<(Cow<'static, str>, V)>,
    /// Places of entries, plus one; zero is free. At most half are taken.
    slots: Vec<u32>,
}

/// FNV-1a; the words of a table are ours or the user's own, not a stranger's.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

impl<V> WordTable<V> {
    /// A table with room for `capacity` words.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        let n_slots = (capacity * 2).next_power_of_two().max(16);
        Self { entries: Vec::with_capacity(capacity), slots: vec![0; n_slots] }
    }

    /// The slot where `word` is or would be.
    fn slot(&self, word: &[u8]) -> usize {
        let mask = self.slots.len() - 1;
        let hash = hash(word);
        #[expect(clippy::cast_possible_truncation, reason = "only the low bits are wanted")]
        let mut at = (hash ^ (hash >> 32)) as usize & mask;
        while self.slots[at] != 0 && self.entries[self.slots[at] as usize - 1].0.as_bytes() != word {
            at = (at + 1) & mask;
        }
        at
    }

    /// What is known of `word`, which is made known with `V::default()` if it was not. It must be in lower case.
    pub(crate) fn entry(&mut self, word: Cow<'static, str>) -> &mut V
    where
        V: Default,
    {
        if (self.entries.len() + 1) * 2 > self.slots.len() {
            self.grow();
        }
        let slot = self.slot(word.as_bytes());
        if self.slots[slot] == 0 {
            self.entries.push((word, V::default()));
            self.slots[slot] =
                u32::try_from(self.entries.len()).expect("a table has far fewer than 2^32 words");
        }
        &mut self.entries[self.slots[slot] as usize - 1].1
    }

    fn grow(&mut self) {
        self.slots = vec![0; self.slots.len() * 2];
        for at in 0..self.entries.len() {
            let slot = self.slot(self.entries[at].0.as_bytes());
            self.slots[slot] = u32::try_from(at + 1).expect("a table has far fewer than 2^32 words");
        }
    }

    /// What is known of a word that is in lower case.
    pub(crate) fn get_lower(&self, word: &[u8]) -> Option<&V> {
        match self.slots[self.slot(word)] {
            0 => None,
            place => Some(&self.entries[place as usize - 1].1),
        }
    }

    /// What is known of a word in whatever case, with no other apostrophe than it is written with.
    pub(crate) fn get_as_written(&self, word: &str) -> Option<&V> {
        let mut buffer = [0; SHORT];
        match lowered(word, &mut buffer) {
            Some(word) => self.get_lower(word),
            None => self.get_lower(word.to_lowercase().as_bytes()),
        }
    }

    /// What is known of a word in whatever case.
    pub(crate) fn get(&self, word: &str) -> Option<&V> {
        let mut buffer = [0; SHORT];
        match lowered(word, &mut buffer) {
            Some(word) => self.get_lower(word),
            None => self.get_lower(word.to_lowercase().replace('\u{2019}', "'").as_bytes()),
        }
    }
}

/// `word` in lower case, if it is short and ASCII.
pub(crate) fn lowered<'a>(word: &str, buffer: &'a mut [u8; SHORT]) -> Option<&'a [u8]> {
    let bytes = word.as_bytes();
    let room = buffer.get_mut(..bytes.len())?;
    let mut seen = 0;
    for (to, from) in room.iter_mut().zip(bytes) {
        *to = from.to_ascii_lowercase();
        seen |= from;
    }
    seen.is_ascii().then_some(room)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_any_case_and_after_growing() {
        let mut table = WordTable::<usize>::with_capacity(1);
        for n in 0..1_000 {
            *table.entry(format!("word{n}").into()) = n;
        }
        *table.entry("können".into()) = 7;
        *table.entry("don't".into()) = 8;
        *table.entry("word3".into()) += 1_000;
        assert_eq!(table.entries.len(), 1_002);
        assert_eq!(
            (table.get("WORD3"), table.get("Word999"), table.get("word1000")),
            (Some(&1_003), Some(&999), None)
        );
        assert_eq!((table.get("KÖNNEN"), table.get("Don\u{2019}t")), (Some(&7), Some(&8)));
        assert_eq!((table.get(""), table.get(&"x".repeat(100))), (None, None));
    }
}

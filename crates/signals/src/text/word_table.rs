//! Words that are looked up by their lower case, without allocating for plain English.

use std::borrow::Cow;

/// What is known of words. A word is found in whatever case it is written, with a straight or a curved apostrophe.
#[derive(Debug, Clone)]
pub(crate) struct WordTable<V> {
    entries: Vec<Entry<V>>,
    /// Places of entries, plus one; zero is free. At most half are taken.
    slots: Vec<u32>,
}

#[derive(Debug, Clone)]
struct Entry<V> {
    hash: u64,
    /// In lower case.
    word: Cow<'static, str>,
    value: V,
}

const START: u64 = 0xcbf2_9ce4_8422_2325;

/// One step of FNV-1a; the words of a table are ours or the user's own, not a stranger's.
const fn step(hash: u64, byte: u8) -> u64 {
    (hash ^ byte as u64).wrapping_mul(0x0000_0100_0000_01b3)
}

/// The hash of a word in lower case, with straight apostrophes; the same on every machine.
pub(crate) fn hash_of(word: &str) -> u64 {
    if word.is_ascii() {
        return word.bytes().fold(START, |hash, byte| step(hash, byte.to_ascii_lowercase()));
    }
    let mut buffer = [0; 4];
    word.chars()
        .flat_map(char::to_lowercase)
        .map(|letter| if letter == '\u{2019}' { '\'' } else { letter })
        .fold(START, |hash, letter| letter.encode_utf8(&mut buffer).bytes().fold(hash, step))
}

/// Is `lower` what `word` is in lower case?
fn is_lower_of(lower: &str, word: &str) -> bool {
    if word.is_ascii() {
        return lower.eq_ignore_ascii_case(word);
    }
    let straight = |letter| if letter == '\u{2019}' { '\'' } else { letter };
    word.chars().flat_map(char::to_lowercase).map(straight).eq(lower.chars())
}

impl<V: Default> WordTable<V> {
    /// A table with room for `capacity` words.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        let n_slots = (capacity * 2).next_power_of_two().max(16);
        Self { entries: Vec::with_capacity(capacity), slots: vec![0; n_slots] }
    }

    /// What is known of `word`, which is made known with `V::default()` if it was not. It must be in lower case.
    pub(crate) fn entry(&mut self, word: impl Into<Cow<'static, str>>) -> &mut V {
        if (self.entries.len() + 1) * 2 > self.slots.len() {
            self.grow();
        }
        let word = word.into();
        let hash = hash_of(&word);
        let slot = self.slot(hash, &word);
        if self.slots[slot] == 0 {
            self.entries.push(Entry { hash, word, value: V::default() });
            self.slots[slot] =
                u32::try_from(self.entries.len()).expect("a table has far fewer than 2^32 words");
        }
        &mut self.entries[self.slots[slot] as usize - 1].value
    }

    fn grow(&mut self) {
        self.slots = vec![0; self.slots.len() * 2];
        for at in 0..self.entries.len() {
            let slot = self.slot(self.entries[at].hash, &self.entries[at].word);
            self.slots[slot] = u32::try_from(at + 1).expect("a table has far fewer than 2^32 words");
        }
    }
}

impl<V> WordTable<V> {
    /// The slot where `word` is or would be.
    fn slot(&self, hash: u64, word: &str) -> usize {
        let mask = self.slots.len() - 1;
        #[expect(clippy::cast_possible_truncation, reason = "only the low bits are wanted")]
        let mut at = (hash ^ (hash >> 32)) as usize & mask;
        while self.slots[at] != 0 {
            let entry = &self.entries[self.slots[at] as usize - 1];
            if entry.hash == hash && is_lower_of(&entry.word, word) {
                break;
            }
            at = (at + 1) & mask;
        }
        at
    }

    /// What is known of a word in whatever case.
    pub(crate) fn get(&self, word: &str) -> Option<&V> {
        self.get_hashed(hash_of(word), word)
    }

    /// The same with the word's hash at hand.
    pub(crate) fn get_hashed(&self, hash: u64, word: &str) -> Option<&V> {
        match self.slots[self.slot(hash, word)] {
            0 => None,
            place => Some(&self.entries[place as usize - 1].value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_any_case_and_after_growing() {
        let mut table = WordTable::<usize>::with_capacity(1);
        for n in 0..1_000 {
            *table.entry(format!("word{n}")) = n;
        }
        *table.entry("können") = 7;
        *table.entry("don't") = 8;
        *table.entry("word3") += 1_000;
        assert_eq!(table.entries.len(), 1_002);
        assert_eq!(
            (table.get("WORD3"), table.get("Word999"), table.get("word1000")),
            (Some(&1_003), Some(&999), None)
        );
        assert_eq!((table.get("KÖNNEN"), table.get("Don\u{2019}t")), (Some(&7), Some(&8)));
        assert_eq!((table.get(""), table.get(&"x".repeat(100))), (None, None));
    }
}

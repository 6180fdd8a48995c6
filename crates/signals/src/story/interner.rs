//! Names as numbers, given back when nobody holds them any more: a stream that never ends must not fill the memory.

use rustc_hash::FxHashMap;

/// Counted names.
#[derive(Debug, Clone, Default)]
pub(super) struct Interner {
    numbers: FxHashMap<Box<str>, u32>,
    names: Vec<(Box<str>, u32)>,
    free: Vec<u32>,
}

impl Interner {
    /// The number of `name`, if somebody holds it.
    pub(super) fn get(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    /// Holds `name` once more.
    pub(super) fn hold(&mut self, name: &str) -> u32 {
        if let Some(&number) = self.numbers.get(name) {
            self.names[number as usize].1 += 1;
            return number;
        }
        let entry = (Box::from(name), 1);
        let number = if let Some(number) = self.free.pop() {
            self.names[number as usize] = entry;
            number
        } else {
            self.names.push(entry);
            u32::try_from(self.names.len() - 1).unwrap_or(u32::MAX)
        };
        self.numbers.insert(Box::from(name), number);
        number
    }

    /// Lets go of one hold; true if it was the last.
    pub(super) fn release(&mut self, number: u32) -> bool {
        let (name, holders) = &mut self.names[number as usize];
        *holders -= 1;
        if *holders > 0 {
            return false;
        }
        self.numbers.remove(name);
        *name = Box::default();
        self.free.push(number);
        true
    }

    pub(super) fn name(&self, number: u32) -> &str {
        &self.names[number as usize].0
    }

    /// How many hold it.
    pub(super) fn holders(&self, number: u32) -> u32 {
        self.names[number as usize].1
    }

    /// How many numbers were ever given out at a time.
    pub(super) fn capacity(&self) -> usize {
        self.names.len()
    }

    /// How many names are held.
    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }
}

#[cfg(test)]
mod tests {
    use super::Interner;

    #[test]
    fn numbers_come_back_when_the_last_lets_go() {
        let mut names = Interner::default();
        let (a, b) = (names.hold("a"), names.hold("b"));
        assert_eq!((names.hold("a"), names.holders(a), names.name(b)), (a, 2, "b"));
        assert!(!names.release(a) && names.release(a));
        assert_eq!((names.get("a"), names.get("b"), names.len()), (None, Some(b), 1));
        assert_eq!(names.hold("c"), a, "the number is used again");
        assert_eq!(names.capacity(), 2);
    }
}

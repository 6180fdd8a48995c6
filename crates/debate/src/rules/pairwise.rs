//! Each option against each other.

use crate::Election;

/// How many ballots prefer each option to each other. Who holds two options for equal prefers neither.
#[derive(Debug)]
pub(super) struct Pairwise {
    options: usize,
    preferring: Vec<u32>,
}

impl Pairwise {
    pub(super) fn of(election: Election<'_>) -> Self {
        let options = election.options;
        let mut preferring = vec![0; options * options];
        for ballot in election.ballots {
            let places = ballot.places(options);
            for (better, row) in places.iter().zip(preferring.chunks_exact_mut(options.max(1))) {
                for (worse, count) in places.iter().zip(row) {
                    *count += u32::from(better < worse);
                }
            }
        }
        Self { options, preferring }
    }

    /// How many prefer `one` to `other`.
    pub(super) fn prefer(&self, one: usize, other: usize) -> u32 {
        self.preferring[one * self.options + other]
    }

    /// Whether more prefer `one` to `other` than the reverse.
    pub(super) fn beats(&self, one: usize, other: usize) -> bool {
        self.prefer(one, other) > self.prefer(other, one)
    }

    /// The other options.
    pub(super) fn others(&self, one: usize) -> impl Iterator<Item = usize> + use<> {
        (0..self.options).filter(move |other| *other != one)
    }
}

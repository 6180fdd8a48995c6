//! How unusual it is that so many tell of something.

use std::collections::VecDeque;

/// Seconds of a bucket.
const HOUR: i64 = 3_600;

/// How unusual the attention to a story is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Burst {
    /// Items of the story within the window, the same words from the same domain once.
    pub n: u32,
    /// Items about its entity that a window had on average before.
    pub expected: f64,
    /// (n − μ) / √(μ + 1).
    pub z: f64,
    /// How many domains tell the story.
    pub n_domains: usize,
    /// Whether the past that μ is taken from is shorter than four windows: then z is a guess.
    pub is_guess: bool,
    /// Whether z and the domains reach their thresholds.
    pub is_burst: bool,
}

/// (n − μ) / √(μ + 1).
pub(super) fn z(n: u32, expected: f64) -> f64 {
    (f64::from(n) - expected) / (expected + 1.0).sqrt()
}

/// Counts by the hour, as far back as asked.
#[derive(Debug, Clone, Default)]
pub(super) struct Hours(VecDeque<(i64, u32)>);

impl Hours {
    /// Counts one at the second `at`, and forgets what is older than `keep` seconds before the newest.
    pub(super) fn add(&mut self, at: i64, keep: i64) {
        let hour = at.div_euclid(HOUR);
        // Late ones are found from the end, where they are few steps away.
        let place = self.0.iter().rposition(|(there, _)| *there <= hour);
        match place {
            Some(place) if self.0[place].0 == hour => self.0[place].1 = self.0[place].1.saturating_add(1),
            Some(place) => self.0.insert(place + 1, (hour, 1)),
            None => self.0.push_front((hour, 1)),
        }
        let newest = self.newest();
        while self.0.front().is_some_and(|(hour, _)| (newest - hour) * HOUR > keep) {
            self.0.pop_front();
        }
    }

    /// The last hour with a count.
    pub(super) fn newest(&self) -> i64 {
        self.0.back().map_or(i64::MIN, |(hour, _)| *hour)
    }

    /// How many from the second `from`, inclusive, to `to`, exclusive; both are cut down to hours.
    pub(super) fn between(&self, from: i64, to: i64) -> u32 {
        let (from, to) = (from.div_euclid(HOUR), to.div_euclid(HOUR));
        let inside = self.0.iter().rev().take_while(|(hour, _)| *hour >= from);
        inside.filter(|(hour, _)| *hour < to).map(|(_, n)| *n).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::{HOUR, Hours, z};

    #[test]
    fn the_score_is_that_of_the_formula() {
        for (n, expected, score) in [(3, 0.0, 3.0), (8, 3.0, 2.5), (0, 8.0, -8.0 / 3.0)] {
            assert!((z(n, expected) - score).abs() < 1e-12);
        }
    }

    #[test]
    fn hours_are_counted_late_ones_too() {
        let mut hours = Hours::default();
        for at in [10, 12, 11, 10, 3] {
            hours.add(at * HOUR + 59, 24 * HOUR);
        }
        assert_eq!(hours.between(10 * HOUR, 13 * HOUR), 4);
        assert_eq!(hours.between(0, 10 * HOUR), 1);
        hours.add(30 * HOUR, 24 * HOUR);
        assert_eq!(hours.between(0, 100 * HOUR), 5, "what lies 24 hours back is kept, the older is not");
    }
}

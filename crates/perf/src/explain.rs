//! What a cost or a change comes from, told from figures that stand beside each other under one id.
//!
//! A time alone says that something is slow. Beside it the processor's time says whether it computes or waits, the
//! allocations whether it asks for memory, several sizes (`…/16`, `…/64`) how it grows, a profile where it is. Every
//! statement cites the figures that it rests on; what no figure tells is said to be unknown. What removing a part can
//! bring is Amdahl's bound of the share that was measured, and no more: without a share there is none.
//!
//! | what is seen | origin |
//! |---|---|
//! | the time grew, the processor's time by less than half of that | [`Origin::Waits`] |
//! | the growth over sizes is another one | [`Origin::Algorithm`] |
//! | more allocations, or more bytes of them | [`Origin::Allocation`] |
//! | more instructions or processor's time, and no more allocations | [`Origin::Work`] |
//! | every round keeps some memory | [`Origin::Leak`] |
//! | one function takes a fifth of a profile or more itself | [`Origin::Function`] |
//! | only the time is known | [`Origin::Unknown`] |
//!
//! Waiting is told of the best rounds: where other programs take the processor away, some rounds wait for it and the best
//! do not.
//!
//! ```
//! use assize_perf::{Better, Kind, Measurement, Run, Unit, explain::{Origin, explain}};
//!
//! let figure = |metric: &str, ms: f64| {
//!     Measurement::new("import/rows", metric, Unit::Nanoseconds, Better::Lower, Kind::Timed, ms * 1e6)
//! };
//! let mut run = Run::new("nightly");
//! run.measurements.extend([figure("time", 100.0), figure("cpu-time", 20.0)]);
//! let found = explain(&run);
//! assert_eq!((found[0].origin, found[0].share), (Origin::Waits, Some(0.8)));
//! assert_eq!(found[0].gain().as_deref(), Some("at most 5.00×, as it is 80.0 % of the time"));
//! ```

mod change;
mod figures;
mod growing;
mod places;
mod standing;

pub(crate) use change::{factor, is_regression};
pub(crate) use figures::family;

use crate::{Unit, compare::Changes, insights::Difficulty, run::Run};

/// A share beyond this bounds nothing: what is left is no longer measured.
const MOST_SHARE: f64 = 0.999;

/// Where a cost comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// It keeps memory, round after round.
    Leak,
    /// It waits: a sleep, a lock, a limit of rate, a file or the network.
    Waits,
    /// It grows with the size of the input in another way.
    Algorithm,
    /// It asks for memory.
    Allocation,
    /// It computes more.
    Work,
    /// One function takes a large share.
    Function,
    /// The figures do not tell.
    Unknown,
}

impl Origin {
    /// The name in tables and stored forms.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Leak => "leak",
            Self::Waits => "waiting",
            Self::Algorithm => "growth with size",
            Self::Allocation => "allocation",
            Self::Work => "more work",
            Self::Function => "one function",
            Self::Unknown => "unknown",
        }
    }
}

/// What a cost or a change comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// Where it comes from.
    pub origin: Origin,
    /// What it is about: an id, or what the ids of several sizes have in common with `/*`.
    pub subject: String,
    /// The ids that it speaks of.
    pub ids: Vec<String>,
    /// Whether it is a change since the baseline; what stands as it is otherwise.
    pub is_change: bool,
    /// What the figures say, in one sentence.
    pub text: String,
    /// What to do.
    pub action: String,
    /// Which share of the time (or memory) it is, where that was measured.
    pub share: Option<f64>,
    /// What the share is of: `the time`, `heap-peak`.
    pub share_of: String,
    /// Where in the code: the benchmark, the heaviest place that allocates, the hottest function.
    pub places: Vec<String>,
    /// The figures it rests on, as `id (metric)`.
    pub evidence: Vec<String>,
    /// By which factor the worst figure grew; 1 where nothing changed.
    pub factor: f64,
}

impl Explanation {
    /// What removing it brings at most, by Amdahl: 1 / (1 − share).
    #[must_use]
    pub fn bound(&self) -> Option<f64> {
        self.share
            .filter(|share| (0.0..=1.0).contains(share))
            .map(|share| 1.0 / (1.0 - share.min(MOST_SHARE)))
    }

    /// The same in words, with the share that it comes from.
    #[must_use]
    pub fn gain(&self) -> Option<String> {
        let (bound, share) = (self.bound()?, self.share?);
        let (bound, share) = (Unit::Ratio.show(bound), Unit::Fraction.show(share));
        Some(format!("at most {bound}, as it is {share} of {}", self.share_of))
    }

    /// How much work it is likely to be, by a rule of thumb: what a known change brought in is undone with little, an
    /// algorithm is replaced with much.
    #[must_use]
    pub const fn difficulty(&self) -> Option<Difficulty> {
        match (self.is_change, self.origin) {
            (_, Origin::Unknown) => None,
            (true, _) => Some(Difficulty::Low),
            (false, Origin::Algorithm) => Some(Difficulty::High),
            (false, _) => Some(Difficulty::Medium),
        }
    }

    /// Whether it speaks of a measurement.
    #[must_use]
    pub fn speaks_of(&self, id: &str) -> bool {
        self.ids.iter().any(|known| known == id)
    }
}

/// What the costs of a run come from: waiting, growth, leaks, places that allocate, functions. One statement for each
/// cause, however many sizes and metrics show it; the largest share first.
#[must_use]
pub fn explain(run: &Run) -> Vec<Explanation> {
    let mut found = standing::standing(run);
    found.sort_by(|a, b| {
        let share = |one: &Explanation| one.share.unwrap_or(0.0);
        a.origin
            .eq(&Origin::Leak)
            .cmp(&b.origin.eq(&Origin::Leak))
            .reverse()
            .then(share(b).total_cmp(&share(a)))
    });
    found
}

/// What the changes for the worse come from, of the same runs that were compared. One statement for each cause: time,
/// processor's time, throughput and instructions of one id are one, and so are the sizes of one benchmark. What grew
/// most comes first.
#[must_use]
pub fn explain_changes(changes: &Changes, before: &[Run], after: &[Run]) -> Vec<Explanation> {
    let mut found = change::changed(changes, before, after);
    found.sort_by(|a, b| b.factor.total_cmp(&a.factor).then_with(|| a.subject.cmp(&b.subject)));
    found
}

#[cfg(test)]
mod tests;

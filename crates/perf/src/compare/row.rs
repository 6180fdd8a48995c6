//! One figure before and after.

use std::cmp::Ordering;

use super::{magnitude::Magnitude, rules::Threshold};
use crate::{
    Unit, natural,
    run::{Better, Effect, Interval, Kind},
    statistics::Sorted,
};

/// What came of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It is surely worse, and by more than the threshold.
    Regressed,
    /// It looks worse or better by more than the threshold, but a side is one run, which says nothing of the next.
    Suspected,
    /// Neither a change nor its absence is shown.
    Inconclusive {
        /// How many runs a side would decide, if it goes on like this; `None` if no reasonable number would.
        runs_needed: Option<usize>,
    },
    /// It is surely better, and by more than the threshold.
    Improved,
    /// It surely did not change by more than the threshold.
    Unchanged,
    /// A time of another machine or build, which says nothing.
    Refused,
}

impl Verdict {
    /// The name in tables and stored forms.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Regressed => "regressed",
            Self::Suspected => "suspected",
            Self::Inconclusive { .. } => "inconclusive",
            Self::Improved => "improved",
            Self::Unchanged => "unchanged",
            Self::Refused => "not comparable",
        }
    }

    /// Whether both are the same, whatever number of runs they ask for.
    #[must_use]
    pub fn same_kind(self, other: Self) -> bool {
        self.name() == other.name()
    }

    const fn rank(self) -> u8 {
        match self {
            Self::Regressed => 0,
            Self::Suspected => 1,
            Self::Refused => 2,
            Self::Inconclusive { .. } => 3,
            Self::Improved => 4,
            Self::Unchanged => 5,
        }
    }
}

/// A figure on one side.
#[derive(Debug, Clone, PartialEq)]
pub struct Side {
    /// One value for each run.
    pub values: Vec<f64>,
    /// Their median.
    pub median: f64,
}

impl Side {
    pub(super) fn of(values: Vec<f64>) -> Self {
        let median = Sorted::new(&values).map_or(f64::NAN, |sorted| sorted.median());
        Self { values, median }
    }
}

/// One figure before and after.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The id of the measurement.
    pub id: String,
    /// Which metric of it.
    pub metric: String,
    /// The unit of the values.
    pub unit: Unit,
    /// Which way it is better.
    pub better: Better,
    /// How it came about.
    pub kind: Kind,
    /// Where in the code it is measured.
    pub location: Option<String>,
    /// Before.
    pub before: Side,
    /// After.
    pub after: Side,
    /// Whether `change` is a ratio, or, where a value is not positive, a difference.
    pub effect: Effect,
    /// After against before: of medians where figures are exact, Hodges and Lehmann's otherwise. `None` where a ratio has
    /// no meaning.
    pub change: Option<f64>,
    /// Where the change lies, by ranks; `None` for exact figures and single runs.
    pub interval: Option<Interval>,
    /// The same by bootstrap, as a second opinion; `None` for many runs too.
    pub bootstrap: Option<Interval>,
    /// Cliff's delta, from −1 (all lower) to 1 (all higher).
    pub delta: Option<f64>,
    /// The p of the test of rank sums.
    pub p: Option<f64>,
    /// The same adjusted by Holm for all tests: what decides.
    pub p_adjusted: Option<f64>,
    /// The same adjusted by Benjamini and Hochberg: what is worth a look.
    pub p_discovery: Option<f64>,
    /// The p of Welch's test of the logarithms, as a second opinion.
    pub p_welch: Option<f64>,
    /// The standard deviation of the logarithms of runs, which is nearly that of their shares.
    pub deviation: Option<f64>,
    /// The smallest change that so many runs find with the power asked for, as a share, by formula.
    pub detectable: Option<f64>,
    /// From where on a change matters.
    pub threshold: Threshold,
    /// What came of it.
    pub verdict: Verdict,
    /// How large the change is.
    pub magnitude: Option<Magnitude>,
    /// Remarks.
    pub notes: Vec<String>,
}

impl Row {
    /// By which share the figure grew, with its sign: 0.05 is 5 % more. `None` where it was zero.
    #[must_use]
    pub fn growth(&self) -> Option<f64> {
        match self.effect {
            Effect::Ratio => self.change.map(|ratio| ratio - 1.0),
            Effect::Difference => {
                self.change.map(|by| by / self.before.median.abs()).filter(|x| x.is_finite())
            }
        }
    }

    /// Whether it changed for the worse, surely or not.
    #[must_use]
    pub fn is_worse(&self) -> bool {
        let grew = match self.effect {
            Effect::Ratio => self.change.is_some_and(|ratio| ratio > 1.0),
            Effect::Difference => self.change.is_some_and(|by| by > 0.0),
        };
        let shrank = match self.effect {
            Effect::Ratio => self.change.is_some_and(|ratio| ratio < 1.0),
            Effect::Difference => self.change.is_some_and(|by| by < 0.0),
        };
        match self.better {
            Better::Lower => grew,
            Better::Higher => shrank,
        }
    }

    /// Whether it is exact: counted, or virtual.
    #[must_use]
    pub const fn is_exact(&self) -> bool {
        matches!(self.kind, Kind::Counted | Kind::Virtual)
    }

    /// The change in words: `+5.2 %`.
    #[must_use]
    pub fn show_change(&self) -> String {
        match (self.effect, self.change) {
            (Effect::Ratio, Some(ratio)) => signed(ratio - 1.0),
            (Effect::Difference, Some(by)) => {
                format!("{}{}", if by > 0.0 { "+" } else { "" }, self.unit.show(by))
            }
            (_, None) => "–".to_owned(),
        }
    }

    /// The interval of the change in words.
    #[must_use]
    pub fn show_interval(&self) -> String {
        let Some(i) = &self.interval else { return "–".to_owned() };
        match self.effect {
            Effect::Ratio if i.high < 2.0 => {
                format!("{} – {}", signed(i.low - 1.0).trim_end_matches(" %"), signed(i.high - 1.0))
            }
            Effect::Ratio => format!("{} – {}", signed(i.low - 1.0), signed(i.high - 1.0)),
            Effect::Difference => self.unit.show_interval(i.high, i.low, i.high),
        }
    }

    /// Whether this control moved by more than it may, so that the machine did.
    pub(super) fn drifted(&self, limit: f64) -> bool {
        if self.effect != Effect::Ratio {
            return false;
        }
        let beyond = |low: f64, high: f64| low > 1.0 + limit || high < 1.0 / (1.0 + limit);
        match (&self.interval, self.change) {
            (Some(i), _) => beyond(i.low, i.high),
            (None, Some(ratio)) => beyond(ratio, ratio),
            (None, None) => false,
        }
    }

    pub(super) fn note_drift(&mut self, limit: f64) {
        if self.drifted(limit) {
            self.notes.push("the machine itself drifted: no time of this comparison is decided".to_owned());
        }
    }

    /// Takes back what a machine that drifted or differs may have caused.
    pub(super) fn hold_back(&mut self, drifted: bool, differs: bool) {
        if self.is_exact() {
            if differs && self.verdict != Verdict::Unchanged {
                self.notes.push("machine, system or build differ, which may be why".to_owned());
            }
        } else if drifted && self.verdict != Verdict::Refused {
            self.notes.push(format!("{} but for the drift of the control", self.verdict.name()));
            self.verdict = Verdict::Inconclusive { runs_needed: None };
        } else if differs && self.verdict != Verdict::Refused {
            self.notes.push("compared across machines or builds, as asked for".to_owned());
        }
    }

    /// Regressions first; of the same verdict the largest first.
    pub(super) fn by_weight(a: &Self, b: &Self) -> Ordering {
        let size = |row: &Self| row.growth().map_or(f64::INFINITY, f64::abs);
        (a.verdict.rank().cmp(&b.verdict.rank()))
            .then_with(|| b.is_worse().cmp(&a.is_worse()))
            .then_with(|| b.magnitude.cmp(&a.magnitude))
            .then_with(|| size(b).total_cmp(&size(a)))
            .then_with(|| natural::order(&a.id, &b.id))
            .then_with(|| a.metric.cmp(&b.metric))
    }
}

/// A share with its sign: `+5.2 %`; a factor where it more than doubled.
pub(super) fn signed(share: f64) -> String {
    if share >= 1.0 {
        return Unit::Ratio.show(share + 1.0);
    }
    let shown = format!("{:+.1} %", share * 100.0);
    if shown == "-0.0 %" { "+0.0 %".to_owned() } else { shown }
}

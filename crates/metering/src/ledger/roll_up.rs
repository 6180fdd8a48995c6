//! Entries added up by model, by participant, by day, …

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use jiff::civil::Date;

use super::account::utc_day;
use super::attribution::Dimension;
use super::bookings::Sums;
use super::entry::Entry;

/// The label of a row in one dimension. Sorts within its dimension: rounds by number, days by date, texts by their bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Label {
    /// A round.
    Round(u32),
    /// A day in UTC.
    Day(Date),
    /// Anything else.
    Text(Arc<str>),
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Round(round) => round.fmt(f),
            Self::Day(day) => day.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// One row of a roll-up.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Row {
    /// A label for each dimension; `None` for calls that have none.
    pub labels: Vec<Option<Label>>,
    /// What was booked under these labels.
    pub sums: Sums,
}

/// Entries added up by some dimensions, exactly: the total is the sum of the rows and of what came
/// [earlier](Self::earlier).
///
/// ```
/// use std::sync::Arc;
///
/// use assize_ambient::SystemClock;
/// use assize_metering::{Attribution, Charge, Dimension, Ledger, TokenUsage, Usage};
///
/// let ledger = Ledger::builder(Arc::new(SystemClock)).open()?;
/// for (round, cents) in [(1, "0.10"), (2, "0.03"), (2, "0.04")] {
///     let who = Attribution::new().with_round(round);
///     let call = ledger.reserve(Charge::new(who, "0.20".parse()?))?;
///     call.settle(Usage::reported(TokenUsage::of(100, 10)), cents.parse()?)?;
/// }
/// let csv = ledger.roll_up(&[Dimension::Round]).to_csv()?;
/// assert!(csv.lines().nth(2).is_some_and(|line| line.starts_with("2,false,2,0,0.07,0.00,0.00,200,")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollUp {
    by: Vec<Dimension>,
    rows: Vec<Row>,
    earlier: Sums,
    total: Sums,
}

impl RollUp {
    /// Adds up entries. Those that book nothing, reservations and releases, may be among them.
    #[must_use]
    pub fn of<'a>(entries: impl IntoIterator<Item = &'a Entry>, by: &[Dimension]) -> Self {
        let mut rows: BTreeMap<Vec<Option<Label>>, Sums> = BTreeMap::new();
        let mut labels = Vec::with_capacity(by.len());
        for entry in entries.into_iter().filter(|entry| entry.is_booking()) {
            labels.clear();
            labels.extend(by.iter().map(|dimension| label(entry, dimension)));
            match rows.get_mut(&labels) {
                Some(sums) => sums.add(entry),
                None => rows.entry(labels.clone()).or_default().add(entry),
            }
        }
        let mut total = Sums::default();
        rows.values().for_each(|sums| total.merge(sums));
        let rows = rows.into_iter().map(|(labels, sums)| Row { labels, sums }).collect();
        Self { by: by.to_vec(), rows, earlier: Sums::default(), total }
    }

    /// By what it was added up.
    #[must_use]
    pub fn by(&self) -> &[Dimension] {
        &self.by
    }

    /// The rows, sorted by their labels, those without a label first.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// What was booked before the entries that the ledger still keeps, and so stands in no row.
    #[must_use]
    pub fn earlier(&self) -> &Sums {
        &self.earlier
    }

    /// The sum of all rows and of what came earlier.
    #[must_use]
    pub fn total(&self) -> &Sums {
        &self.total
    }

    pub(super) fn after(mut self, earlier: &Sums) -> Self {
        self.earlier.merge(earlier);
        self.total.merge(earlier);
        self
    }
}

fn label(entry: &Entry, dimension: &Dimension) -> Option<Label> {
    match dimension {
        Dimension::Round => entry.who.round().map(Label::Round),
        Dimension::Day => Some(Label::Day(utc_day(entry.at))),
        _ => entry.who.shared(dimension).map(Label::Text),
    }
}

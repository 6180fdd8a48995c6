//! What was booked, kept in memory for roll-ups.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::Serialize;

use super::charge::plus;
use super::entry::Entry;
use crate::unit::Units;
use crate::usage::TokenUsage;
use crate::usd::Usd;

/// Entries added up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Totals {
    /// How many calls were made. Each attempt is one.
    pub calls: u64,
    /// How many of them were second or later attempts of the same call.
    pub retries: u64,
    /// The tokens, as far as they are known.
    pub tokens: TokenUsage,
    /// What is billed by the piece, as far as it is known.
    #[serde(skip_serializing_if = "Units::is_empty")]
    pub units: Units,
    /// What is known to be billed.
    pub cost: Usd,
    /// What may be billed beside it.
    pub possibly_billed: Usd,
    /// By how much calls cost more than was reserved for them.
    pub overrun: Usd,
}

impl Totals {
    /// The cost and what may be billed beside it.
    #[must_use]
    pub fn counted(&self) -> Usd {
        plus(self.cost, self.possibly_billed)
    }

    /// Adds others.
    pub fn merge(&mut self, other: &Self) {
        self.calls = self.calls.saturating_add(other.calls);
        self.retries = self.retries.saturating_add(other.retries);
        self.tokens.merge(&other.tokens);
        self.units.merge(&other.units);
        self.cost = plus(self.cost, other.cost);
        self.possibly_billed = plus(self.possibly_billed, other.possibly_billed);
        self.overrun = plus(self.overrun, other.overrun);
    }

    fn add(&mut self, entry: &Entry) {
        self.calls = self.calls.saturating_add(1);
        self.retries = self.retries.saturating_add(u64::from(entry.attempt.number > 1));
        if let Some(usage) = &entry.usage {
            self.tokens.merge(&usage.tokens);
            self.units.merge(&usage.units);
        }
        self.cost = plus(self.cost, entry.cost);
        self.possibly_billed = plus(self.possibly_billed, entry.possibly_billed);
        self.overrun = plus(self.overrun, entry.overrun());
    }
}

/// Entries added up, those that somebody bills apart from those of simulated models: simulated money is nobody's bill.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Sums {
    /// What vendors bill.
    pub billed: Totals,
    /// What would have been billed if the models had been real.
    pub simulated: Totals,
}

impl Sums {
    /// Adds others.
    pub fn merge(&mut self, other: &Self) {
        self.billed.merge(&other.billed);
        self.simulated.merge(&other.simulated);
    }

    /// Adds what an entry booked. A reservation books nothing, nor does its release.
    pub(super) fn add(&mut self, entry: &Entry) {
        if entry.is_booking() {
            let part = if entry.simulated { &mut self.simulated } else { &mut self.billed };
            part.add(entry);
        }
    }
}

/// How many entries are kept together. A snapshot shares whole blocks.
const BLOCK: usize = 1_024;

/// What a ledger booked, at one moment. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Bookings {
    blocks: VecDeque<Arc<Vec<Entry>>>,
    len: usize,
    most: Option<usize>,
    earlier: Sums,
    total: Sums,
}

impl Bookings {
    pub(super) fn keeping(most: Option<usize>) -> Self {
        let (earlier, total) = (Sums::default(), Sums::default());
        Self { blocks: VecDeque::new(), len: 0, most, earlier, total }
    }

    pub(super) fn push(&mut self, entry: Entry) {
        self.total.add(&entry);
        if self.blocks.back().is_none_or(|block| block.len() >= BLOCK) {
            self.blocks.push_back(Arc::new(Vec::with_capacity(BLOCK)));
        }
        if let Some(block) = self.blocks.back_mut() {
            // Copies a block that a snapshot shares: at most one for each snapshot.
            Arc::make_mut(block).push(entry);
            self.len += 1;
        }
        while let (Some(most), Some(oldest)) = (self.most, self.blocks.front())
            && self.len - oldest.len() >= most.max(1)
        {
            self.len -= oldest.len();
            oldest.iter().for_each(|entry| self.earlier.add(entry));
            self.blocks.pop_front();
        }
    }

    /// The entries that are kept, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.blocks.iter().flat_map(|block| block.iter())
    }

    /// How many entries are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether no entry is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The sum of the entries that are no longer kept, because the ledger keeps only so many.
    #[must_use]
    pub fn earlier(&self) -> &Sums {
        &self.earlier
    }

    /// The sum of all entries, kept or not.
    #[must_use]
    pub fn total(&self) -> &Sums {
        &self.total
    }
}

//! One observation, with its two clocks and where it came from.

use assize_ambient::Timestamp;
use assize_transport::Url;

use crate::{Availability, DailyBar, EvidenceId, Known, SourceId, Ticker};

/// One observation about a ticker.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Its name, made of its content.
    pub id: EvidenceId,
    /// What it is about.
    pub ticker: Ticker,
    /// What was observed.
    pub kind: ItemKind,
    /// Who said so.
    pub source: SourceId,
    /// Where it was read, without secrets.
    pub url: Url,
    /// When the source says that it published it; `None` if it says nothing.
    pub published: Option<Timestamp>,
    /// When the world could first have known it.
    pub available_at: Availability,
    /// When we read it. Never part of a decision.
    pub fetched_at: Timestamp,
}

/// What was observed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ItemKind {
    /// A day's prices.
    Bar(DailyBar),
}

impl Item {
    /// A day's bar, available as [`Availability::of_daily_bar`] says.
    #[must_use]
    pub fn bar(ticker: &Ticker, bar: DailyBar, source: &SourceId, url: &Url, fetched_at: Timestamp) -> Self {
        Self {
            id: EvidenceId::of_bar(ticker, &bar),
            ticker: ticker.clone(),
            available_at: Availability::of_daily_bar(bar.date),
            kind: ItemKind::Bar(bar),
            source: source.clone(),
            url: url.clone(),
            published: None,
            fetched_at,
        }
    }

    /// The day's prices, if that is what was observed.
    #[must_use]
    pub fn as_bar(&self) -> Option<&DailyBar> {
        match &self.kind {
            ItemKind::Bar(bar) => Some(bar),
        }
    }

    pub(crate) fn as_bar_mut(&mut self) -> Option<&mut DailyBar> {
        match &mut self.kind {
            ItemKind::Bar(bar) => Some(bar),
        }
    }
}

impl Known for Item {
    fn known_by(&self) -> Option<Timestamp> {
        Some(self.available_at.latest)
    }
}

//! How often a company was looked up.

use assize_altdata::{AsOf, Attention, Item, ItemKind};
use assize_debate::Evidence;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{ATTENTION, line};

const MOST: usize = 35;

/// The data of a day's attention.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AttentionData {
    /// What was looked at.
    pub(crate) page: String,
    pub(crate) date: Date,
    pub(crate) views: u64,
}

pub(super) fn evidence(known: &[&Item], _: &AsOf) -> Vec<Evidence> {
    let mut days: Vec<(&Item, &Attention)> = known
        .iter()
        .filter_map(|item| match &item.kind {
            ItemKind::Attention(seen) => Some((*item, seen)),
            _ => None,
        })
        .collect();
    days.sort_by(|(a, x), (b, y)| y.date.cmp(&x.date).then_with(|| a.id.cmp(&b.id)));
    days.truncate(MOST);
    let evidence = |(item, seen): (&Item, &Attention)| {
        let text =
            format!("{}: {} was looked at {} times on {}", item.ticker, seen.subject, seen.views, seen.date);
        let data = AttentionData { page: seen.subject.clone(), date: seen.date, views: seen.views };
        line(item, ATTENTION, item.ticker.as_str(), &text, data)
    };
    days.into_iter().map(evidence).collect()
}

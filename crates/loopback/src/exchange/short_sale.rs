//! How much of a day's trade was sold short.

use assize_ambient::Timestamp;
use jiff::civil::Date;

use super::{
    calendar,
    company::Company,
    number::{float, whole},
    path::Path,
};

/// Of one day: sold short, exempt from the rule, and all off the exchanges, in shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ShortSale {
    pub(super) short: u64,
    pub(super) exempt: u64,
    pub(super) total: u64,
}

pub(super) fn of(company: &Company, path: &Path, session: usize) -> Option<ShortSale> {
    let day = path.days.get(session).copied().flatten()?;
    let mut chance = company.seed.child("short").child(&session.to_string()).rng();
    let total = float(day.volume) * (0.35 + 0.15 * chance.unit());
    let short = total * (0.35 + 0.25 * chance.unit());
    Some(ShortSale { short: whole(short), exempt: whole(short * 0.01), total: whole(total) })
}

/// When a day's file is there.
pub(super) fn published(day: Date) -> Timestamp {
    calendar::wall(day, 18 * 3_600)
}

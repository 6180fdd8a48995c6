//! How often a company's article in the encyclopaedia is read.

use assize_ambient::Timestamp;
use jiff::{SignedDuration, civil::Date};

use super::{calendar, company::Company, number::whole, path::Path};

/// Views on a day of UTC: some, and many on the day of a jump and the next.
pub(super) fn views(company: &Company, path: &Path, day: Date) -> u64 {
    let usual = 40.0 + 600.0 * company.seed.child("readers").rng().unit();
    let mut chance = company.seed.child("views").child(&day.to_string()).rng();
    let week = if calendar::is_weekend(day) { 0.75 } else { 1.0 };
    let since =
        path.jumps.iter().map(|jump| (day - jump.day()).get_days()).find(|days| (0..=2).contains(days));
    let burst = match since {
        Some(0) => 7.0,
        Some(1) => 4.0,
        Some(_) => 2.0,
        None => 1.0,
    };
    whole(usual * week * burst * chance.log_normal(0.0, 0.12))
}

/// When they are published: ten hours after the day.
pub(super) fn published(day: Date) -> Timestamp {
    let midnight = day.tomorrow().ok().and_then(|next| next.to_zoned(jiff::tz::TimeZone::UTC).ok());
    let midnight = midnight.map_or(Timestamp::MAX, |midnight| midnight.timestamp());
    midnight.checked_add(SignedDuration::from_hours(10)).unwrap_or(midnight)
}

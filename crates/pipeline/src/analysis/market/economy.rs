//! The economy that a company lives in.

use std::collections::BTreeMap;

use assize_altdata::{AsOf, Item, ItemKind, MacroValue};
use assize_debate::EvidenceId;
use jiff::{ToSpan, civil::Date};

use super::super::{Measure, Unit, exhibit::id_of};

/// Values older than that are no news of the economy.
const OLDEST_DAYS: i64 = 100;
/// A change is one over so many days, or over up to half as many more.
const CHANGE_DAYS: i64 = 180;

/// What is said of a series.
enum What {
    /// Its newest value.
    Level(Unit),
    /// Its change in half a year.
    Change,
    /// Its growth in half a year, by the year.
    Growth,
}

const SERIES: [(&str, &str, &str, What); 9] = [
    ("mac.policy-rate", "policy rate", "fred:FEDFUNDS", What::Level(Unit::Points)),
    ("mac.policy-rate-change", "change of the policy rate", "fred:FEDFUNDS", What::Change),
    ("mac.ten-year-yield", "ten-year yield", "fred:DGS10", What::Level(Unit::Points)),
    ("mac.curve", "slope of the yield curve", "fred:T10Y2Y", What::Level(Unit::Points)),
    ("mac.credit-spread", "high-yield spread", "fred:BAMLH0A0HYM2", What::Level(Unit::Points)),
    ("mac.credit-spread-change", "change of the high-yield spread", "fred:BAMLH0A0HYM2", What::Change),
    ("mac.fear", "VIX", "fred:VIXCLS", What::Level(Unit::Number)),
    ("mac.unemployment-change", "change of unemployment", "fred:UNRATE", What::Change),
    ("mac.inflation", "inflation", "fred:CPIAUCSL", What::Growth),
];

type Values<'a> = BTreeMap<Date, (&'a MacroValue, EvidenceId)>;

pub(super) fn read(known: &[&Item], as_of: &AsOf) -> Vec<Measure> {
    let mut series: BTreeMap<&str, Values<'_>> = BTreeMap::new();
    for item in known {
        let ItemKind::Macro(value) = &item.kind else { continue };
        let (id, days) = (id_of(item), series.entry(&value.series).or_default());
        let is_newer =
            days.get(&value.date).is_none_or(|(other, of)| (other.vintage, of) < (value.vintage, &id));
        if value.value.is_finite() && is_newer {
            days.insert(value.date, (value, id));
        }
    }
    let first = as_of.date().saturating_sub(OLDEST_DAYS.days());
    SERIES
        .iter()
        .filter_map(|(id, name, from, what)| {
            let days = series.get(from)?;
            let newest = days.last_key_value().filter(|(date, _)| **date >= first)?;
            measure(id, name, days, newest, what)
        })
        .collect()
}

fn measure(
    id: &'static str,
    name: &'static str,
    days: &Values<'_>,
    (date, (newest, newest_id)): (&Date, &(&MacroValue, EvidenceId)),
    what: &What,
) -> Option<Measure> {
    let series = &newest.series;
    if let What::Level(unit) = what {
        let how = format!("{series} on {date}");
        return Measure::new(id, name, (newest.value, *unit), &how, [newest_id.clone()]);
    }
    let since = date.saturating_sub(CHANGE_DAYS.days());
    let oldest = date.saturating_sub((CHANGE_DAYS + CHANGE_DAYS / 2).days());
    let (then, (before, before_id)) = days.range(oldest..=since).next_back()?;
    let how = format!("{series} at {} on {date} after {} on {then}", newest.value, before.value);
    let ids = [newest_id.clone(), before_id.clone()];
    match what {
        What::Growth if before.value > 0.0 => {
            let years = f64::from((*date - *then).get_days()) / 365.25;
            let growth = libm::pow(newest.value / before.value, 1.0 / years) - 1.0;
            Measure::new(id, name, (growth, Unit::Share), &format!("{how}, by the year"), ids)
        }
        What::Growth => None,
        _ => Measure::new(id, name, (newest.value - before.value, Unit::Points), &how, ids),
    }
}

//! Values of economic series.

use std::collections::BTreeMap;

use assize_altdata::{AsOf, Item, ItemKind, MacroValue};
use assize_debate::Evidence;
use jiff::{ToSpan, civil::Date};
use serde::{Deserialize, Serialize};

use super::{MACRO, line};

/// Whom the economy's figures are about, whatever ticker they were read for.
const SUBJECT: &str = "economy";
const DAYS: i64 = 300;
/// So many of the newest are taken all, and then one a week.
const NEWEST: usize = 3;
const WEEK: i32 = 7;
const MOST: usize = 46;

/// The data of a value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MacroData {
    pub(crate) series: String,
    pub(crate) date: Date,
    pub(crate) value: f64,
}

pub(super) fn evidence(known: &[&Item], as_of: &AsOf) -> Vec<Evidence> {
    let first = as_of.date().saturating_sub(DAYS.days());
    let mut series: BTreeMap<&str, BTreeMap<Date, (&Item, &MacroValue)>> = BTreeMap::new();
    for item in known {
        let ItemKind::Macro(value) = &item.kind else { continue };
        if value.date < first || !value.value.is_finite() {
            continue;
        }
        let days = series.entry(&value.series).or_default();
        let newer = days.get(&value.date).is_none_or(|(other, old)| {
            (old.vintage, other.available_at.latest, other.id)
                < (value.vintage, item.available_at.latest, item.id)
        });
        if newer {
            days.insert(value.date, (item, value));
        }
    }
    let mut evidence = Vec::new();
    for days in series.values() {
        let mut taken: Vec<Date> = Vec::new();
        for (date, (item, value)) in days.iter().rev() {
            let week_before = |last: &Date| crate::evidence_rule::days_between(*date, *last) >= WEEK;
            if taken.len() >= MOST || taken.len() >= NEWEST && !taken.last().is_some_and(week_before) {
                continue;
            }
            taken.push(*date);
            let text = format!("{} on {date}: {}", value.series, value.value);
            let data = MacroData { series: value.series.clone(), date: *date, value: value.value };
            evidence.push(line(item, MACRO, SUBJECT, &text, data));
        }
    }
    evidence
}

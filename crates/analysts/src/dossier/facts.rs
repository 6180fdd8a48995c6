//! Figures that a company reported.

use std::collections::BTreeMap;

use assize_altdata::{AsOf, CompanyFact, Item, ItemKind};
use assize_debate::Evidence;
use jiff::{ToSpan, civil::Date};
use serde::{Deserialize, Serialize};

use super::{COMPANY_FACT, grand, line};

const MOST: usize = 240;
const MONTHS: i64 = 30;

/// The data of a figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FactData {
    pub(crate) concept: String,
    pub(crate) unit: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) start: Option<Date>,
    pub(crate) end: Date,
    pub(crate) value: f64,
    pub(crate) form: String,
    pub(crate) filed_on: Date,
    pub(crate) accession: String,
    /// What it was when it was filed before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) restated_from: Option<f64>,
}

pub(super) fn evidence(known: &[&Item], as_of: &AsOf) -> Vec<Evidence> {
    let first = as_of.date().saturating_sub(MONTHS.months());
    // What is told apart of a company: the concept, the unit, the period.
    let mut periods: BTreeMap<_, Vec<(&Item, &CompanyFact)>> = BTreeMap::new();
    for item in known {
        let ItemKind::Fact(fact) = &item.kind else { continue };
        if fact.end >= first && fact.value.is_finite() && crate::statements::is_read(&fact.concept) {
            let key = (item.ticker.as_str(), fact.concept.as_str(), fact.unit.as_str(), fact.start, fact.end);
            periods.entry(key).or_default().push((item, fact));
        }
    }
    let mut latest: Vec<(&Item, &CompanyFact, Option<f64>)> = Vec::new();
    for filed in periods.values_mut() {
        filed.sort_by(|(a, x), (b, y)| {
            (x.filed_on, &x.accession, &a.id).cmp(&(y.filed_on, &y.accession, &b.id))
        });
        let Some((item, fact)) = filed.pop() else { continue };
        let differs = |value: f64| (value - fact.value).abs() > 1e-9 * fact.value.abs().max(value.abs());
        let before = filed.iter().rev().map(|(_, fact)| fact.value).find(|value| differs(*value));
        latest.push((item, fact, before));
    }
    latest.sort_by(|(_, a, _), (_, b, _)| {
        b.end.cmp(&a.end).then_with(|| a.concept.cmp(&b.concept)).then_with(|| b.start.cmp(&a.start))
    });
    latest.truncate(MOST);
    let evidence = |(item, fact, before): (&Item, &CompanyFact, Option<f64>)| {
        let period = match fact.start {
            Some(start) => format!("{start} to {}", fact.end),
            None => format!("at {}", fact.end),
        };
        let restated = before.map(|value| format!(", restated from {}", grand(value))).unwrap_or_default();
        let text = format!(
            "{} {}, {period}: {} {} ({}, filed {}{restated})",
            item.ticker,
            fact.concept,
            grand(fact.value),
            fact.unit,
            fact.form,
            fact.filed_on
        );
        let data = FactData {
            concept: fact.concept.clone(),
            unit: fact.unit.clone(),
            start: fact.start,
            end: fact.end,
            value: fact.value,
            form: fact.form.clone(),
            filed_on: fact.filed_on,
            accession: fact.accession.clone(),
            restated_from: before,
        };
        line(item, COMPANY_FACT, item.ticker.as_str(), &text, data)
    };
    latest.into_iter().map(evidence).collect()
}

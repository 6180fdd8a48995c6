//! Who is suddenly looked up is bought for days, and regretted for months.

use std::collections::BTreeMap;

use assize_debate::{AbstainReason, Abstention, EvidenceId};
use jiff::civil::Date;
use serde::Deserialize;

use crate::{
    ATTENTION, EvidenceRule, Held, Opinion, Pace,
    dossier::attention::AttentionData,
    evidence_rule::{bent, days_between, too_little},
};

/// How far the newest day's views stand out of the 28 days before them: the z-score of ln(1 + views).
///
/// Attention draws buyers, as one can buy any share, but sell only what one has: prices rise for about two weeks and fall
/// back within a year (Barber and Odean 2008; Da, Engelberg and Gao 2011). So a spike speaks for a rise up to 10 sessions
/// ahead and for a fall beyond 20; between the two it is the line from one to the other. Its signal is that times
/// 2 tanh((z − 1.5) ÷ 2), from z = 1.5 on.
///
/// It abstains without a day that ends less than five days ago, on fewer than 21 of the 28 days before it, and below 1.5.
/// Where several pages are counted, the views of a day are their sum, and only days on which all are there count.
#[derive(Debug, Clone, Copy, Default)]
pub struct AttentionSpike;

const WINDOW: i32 = 28;
const FEWEST: usize = 21;
const OLDEST: i32 = 5;
const SPIKE: f64 = 1.5;

impl EvidenceRule for AttentionSpike {
    fn name(&self) -> &'static str {
        "attention"
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[ATTENTION]
    }

    fn most_nats(&self) -> f64 {
        0.06
    }

    fn pace(&self) -> Pace {
        Pace::Fast
    }

    fn read(&self, held: &Held<'_>) -> Result<Opinion, Abstention> {
        let days = days(held);
        let today = held.today();
        let Some((&date, (views, id))) = days.last_key_value() else {
            return Err(too_little("it needs days on which all pages were counted, and there is none"));
        };
        if days_between(date, today) >= OLDEST {
            return Err(too_little(format!(
                "the newest count is of {date}, {OLDEST} days or more before {today}"
            )));
        }
        let before: Vec<(f64, &EvidenceId)> = days
            .range(..date)
            .filter(|(day, _)| days_between(**day, date) <= WINDOW)
            .map(|(_, (views, ids))| (logarithm(*views), &ids[0]))
            .collect();
        if before.len() < FEWEST {
            let detail = format!(
                "it needs {FEWEST} of the {WINDOW} days before {date}, and there are {}",
                before.len()
            );
            return Err(too_little(detail));
        }
        let logs: Vec<f64> = before.iter().map(|(log, _)| *log).collect();
        let Some((mean, deviation)) = super::moments(&logs) else {
            return Err(too_little("all days before were alike, and nothing can stand out of them"));
        };
        let z = (logarithm(*views) - mean) / deviation;
        let text = format!(
            "looked up {views} times on {date}, {z:+.1} standard deviations beside the {} days before",
            before.len()
        );
        if z < SPIKE {
            let detail = format!("{text}; it speaks from {SPIKE} on");
            return Err(Abstention::new(AbstainReason::Undecided, detail));
        }
        let direction = direction(held.horizon());
        let why = if direction > 0.0 {
            "attention draws buyers for days"
        } else {
            "what attention has driven up falls back"
        };
        let cites = id.iter().cloned().chain(before.iter().rev().map(|(_, id)| (*id).clone())).collect();
        let mut opinion = Opinion::default();
        opinion.push(1.0, direction * bent(z - SPIKE), format!("{text}; {why}"), cites);
        Ok(opinion)
    }
}

/// 1 up to ten sessions ahead, −1 from twenty-one on.
fn direction(sessions: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "sessions, not astronomy")]
    let sessions = sessions as f64;
    (1.0 - 2.0 * (sessions - 10.0) / 11.0).clamp(-1.0, 1.0)
}

#[expect(clippy::cast_precision_loss, reason = "views of a page on a day, far below 2^53")]
fn logarithm(views: u64) -> f64 {
    libm::log1p(views as f64)
}

/// The views of each day on which all pages were counted.
fn days(held: &Held<'_>) -> BTreeMap<Date, (u64, Vec<EvidenceId>)> {
    let mut pages: BTreeMap<String, BTreeMap<Date, (u64, EvidenceId)>> = BTreeMap::new();
    for evidence in held.of(ATTENTION) {
        if let Ok(data) = AttentionData::deserialize(&evidence.data) {
            let days = pages.entry(data.page).or_default();
            let new = (data.views, evidence.id.clone());
            // Counted twice: the greater, as counts of a day only grow.
            if days.get(&data.date).is_none_or(|old| *old < new) {
                days.insert(data.date, new);
            }
        }
    }
    let mut days: BTreeMap<Date, (u64, Vec<EvidenceId>)> = BTreeMap::new();
    for (date, (views, id)) in pages.values().flatten() {
        let day = days.entry(*date).or_default();
        day.0 = day.0.saturating_add(*views);
        day.1.push(id.clone());
    }
    days.retain(|_, (_, ids)| ids.len() == pages.len());
    days
}

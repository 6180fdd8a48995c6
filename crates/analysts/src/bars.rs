//! Daily bars as evidence, and back.

use std::{collections::BTreeSet, fmt};

use assize_altdata::{Availability, PriceSeries};
use assize_debate::{Evidence, EvidenceId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The kind of evidence that is a daily bar.
pub const DAILY_BAR: &str = "daily-bar";

/// One session of a price series, as analysts read it.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// The evidence that it comes from.
    pub id: EvidenceId,
    /// The session.
    pub date: Date,
    /// The close, adjusted for splits and dividends that were known at the as-of date; only ratios of it mean anything.
    pub close: f64,
}

/// The data of a daily bar.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BarData {
    date: Date,
    open: f64,
    high: f64,
    low: f64,
    close: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    volume: Option<f64>,
    /// The close adjusted for splits and dividends; absent: the close itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    adjusted_close: Option<f64>,
}

/// The last `newest` bars of a series as evidence that everybody holds, oldest first, each with the file or address that it
/// was read from.
#[must_use]
pub fn bar_evidence(series: &PriceSeries, newest: usize) -> Vec<Evidence> {
    let subject = series.ticker().map(ToString::to_string).unwrap_or_default();
    let skipped = series.bars().len().saturating_sub(newest);
    let evidence = |bar: &assize_altdata::SeriesBar| {
        let day = &bar.bar;
        let data = BarData {
            date: day.date,
            open: day.open,
            high: day.high,
            low: day.low,
            close: day.close,
            volume: day.volume,
            adjusted_close: Some(bar.adjusted_close),
        };
        Evidence {
            id: EvidenceId::from(bar.id.to_string().as_str()),
            kind: DAILY_BAR.to_owned(),
            subject: subject.clone(),
            source: bar.url.to_string(),
            available_at: Availability::of_daily_bar(day.date).latest,
            text: format!(
                "{subject} {}: open {}, high {}, low {}, close {}",
                day.date, day.open, day.high, day.low, day.close
            ),
            data: serde_json::to_value(data).unwrap_or(Value::Null),
            held_by: None,
        }
    };
    series.bars().iter().skip(skipped).map(evidence).collect()
}

/// Several subjects among the bars: no series can be made of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MixedSubjects(pub Vec<String>);

impl fmt::Display for MixedSubjects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the bars are of {}; it reads those of one", self.0.join(", "))
    }
}

/// The daily bars among the evidence, oldest first, one a date. What is no bar, or no sound one, is left out: it is not
/// for an analyst of prices.
///
/// # Errors
/// When the bars are of several subjects.
pub fn read_bars<'a>(evidence: impl IntoIterator<Item = &'a Evidence>) -> Result<Vec<Bar>, MixedSubjects> {
    let mut subjects = BTreeSet::new();
    let mut bars = Vec::new();
    for evidence in evidence.into_iter().filter(|evidence| evidence.kind == DAILY_BAR) {
        let Ok(data) = BarData::deserialize(&evidence.data) else { continue };
        let close = data.adjusted_close.unwrap_or(data.close);
        if close.is_finite() && close > 0.0 {
            subjects.insert(evidence.subject.as_str());
            bars.push(Bar { id: evidence.id.clone(), date: data.date, close });
        }
    }
    if subjects.len() > 1 {
        return Err(MixedSubjects(subjects.into_iter().map(str::to_owned).collect()));
    }
    bars.sort_by(|a, b| a.date.cmp(&b.date).then_with(|| a.id.cmp(&b.id)));
    bars.dedup_by(|later, earlier| later.date == earlier.date);
    Ok(bars)
}

/// The closes that were paid, beside the adjusted ones.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Closes(Vec<(Date, f64, f64, EvidenceId)>);

impl Closes {
    /// Those of the daily bars among the evidence.
    pub(crate) fn read<'a>(evidence: impl IntoIterator<Item = &'a Evidence>) -> Self {
        let read = |evidence: &'a Evidence| {
            let data = BarData::deserialize(&evidence.data).ok()?;
            let adjusted = data.adjusted_close.unwrap_or(data.close);
            let sound = [data.close, adjusted].iter().all(|close| close.is_finite() && *close > 0.0);
            sound.then(|| (data.date, data.close, adjusted, evidence.id.clone()))
        };
        let bars = evidence.into_iter().filter(|evidence| evidence.kind == DAILY_BAR);
        let mut closes: Vec<_> = bars.filter_map(read).collect();
        closes.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.3.cmp(&b.3)));
        Self(closes)
    }

    /// The newest: its day, what was paid, its evidence.
    pub(crate) fn newest(&self) -> Option<(Date, f64, &EvidenceId)> {
        self.0.last().map(|(date, close, _, id)| (*date, *close, id))
    }

    /// How many of today's shares a share of `date` is. A factor between 0.8 and 1.25 is dividends and no split; without a
    /// bar at or before that day it is taken to be one.
    pub(crate) fn shares_for_one_of(&self, date: Date) -> f64 {
        let then = self.0.iter().rev().find(|(day, ..)| *day <= date);
        let (Some((_, close, adjusted, _)), Some((_, last, last_adjusted, _))) = (then, self.0.last()) else {
            return 1.0;
        };
        let factor = (close / adjusted) / (last / last_adjusted);
        if (0.8..=1.25).contains(&factor) { 1.0 } else { factor }
    }
}

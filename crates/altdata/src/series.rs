//! A ticker's prices in order, made comparable with the events known as of a moment and no others.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::{AsOf, DailyBar, Disposition, EvidenceId, Finding, FindingKind, Item, Ticker};

/// A change of price from one bar to the next beyond this factor is one of units, not of value, unless a split or the
/// adjustment explains it.
const INCOMPARABLE: f64 = 20.0;

/// One day of a [`PriceSeries`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SeriesBar {
    /// The evidence that it comes from.
    pub id: EvidenceId,
    /// The raw prices.
    pub bar: DailyBar,
    /// The close in the money and shares of the last bar, with dividends reinvested: ratios of two of them are total
    /// returns.
    pub adjusted_close: f64,
}

/// How the closes were made comparable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Adjustment {
    /// Nothing says how, so they are as they were.
    None,
    /// By the source's adjusted close.
    Factor,
    /// By the dividends and splits that the source names.
    Events,
}

/// Bars of one ticker in the order of their dates, each date once, up to an as-of moment.
///
/// The adjusted closes depend on nothing that became known later. With an adjustment column they are
/// `close · factor / factor of the last bar`: later dividends rewrite all factors by the same number, which cancels. With
/// dividends and splits they are adjusted backwards from the last bar: a split divides earlier closes by the new shares
/// per old share, a dividend `d` multiplies them by `1 − d / previous close` (the usual CRSP-style
/// factor). A split is applied only if it makes the price movement smaller; otherwise the prices were
/// adjusted for it already, and a finding says so.
///
/// Where the price changes by a factor of 20 or more overnight and no split explains it, the prices before can't be
/// compared with those after: the series begins after the last such jump, with a finding.
#[derive(Clone, Debug, PartialEq)]
pub struct PriceSeries {
    ticker: Option<Ticker>,
    bars: Vec<SeriesBar>,
    adjustment: Adjustment,
    findings: Vec<Finding>,
}

impl PriceSeries {
    /// Builds the series of the daily bars among `items` that were known as of a moment. The ticker is that of the first
    /// known bar; others are left out with a finding.
    #[must_use]
    pub fn build(items: &[Item], as_of: &AsOf) -> Self {
        let mut findings = Vec::new();
        let known: Vec<&Item> = items.iter().filter(|item| as_of.knows(*item)).collect();
        let ticker = known.iter().find(|item| item.as_bar().is_some()).map(|item| item.ticker.clone());
        let mut bars = distinct(&known, ticker.as_ref(), &mut findings);
        leave_out_incomparable(&mut bars, &mut findings);
        let adjustment = adjust(&mut bars, &mut findings);
        findings.sort_by_key(|finding| (finding.date, finding.kind));
        Self { ticker, bars, adjustment, findings }
    }

    /// The ticker; `None` if there is no bar.
    #[must_use]
    pub fn ticker(&self) -> Option<&Ticker> {
        self.ticker.as_ref()
    }

    /// The bars, oldest first.
    #[must_use]
    pub fn bars(&self) -> &[SeriesBar] {
        &self.bars
    }

    /// The newest bar.
    #[must_use]
    pub fn last(&self) -> Option<&SeriesBar> {
        self.bars.last()
    }

    /// The adjusted closes, oldest first.
    pub fn adjusted_closes(&self) -> impl DoubleEndedIterator<Item = f64> + ExactSizeIterator {
        self.bars.iter().map(|bar| bar.adjusted_close)
    }

    /// How the closes were made comparable.
    #[must_use]
    pub fn adjustment(&self) -> Adjustment {
        self.adjustment
    }

    /// What was wrong, in the order of dates.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

/// Whether a split with this many new shares for an old one explains how the price moved: with it, the movement is
/// smaller than without, `|ln(close / previous) + ln(split)| < |ln(close / previous)|`.
///
/// ```
/// assert!(assize_altdata::split_explains(100.0, 50.5, 2.0));
/// assert!(!assize_altdata::split_explains(100.0, 101.0, 2.0), "the price did not halve: it was adjusted before");
/// ```
#[must_use]
pub fn split_explains(previous: f64, close: f64, split: f64) -> bool {
    let moved = libm::log(close / previous);
    libm::fabs(moved + libm::log(split)) < libm::fabs(moved)
}

/// Sound bars of one ticker, in the order of dates, the first of each date.
fn distinct(known: &[&Item], ticker: Option<&Ticker>, findings: &mut Vec<Finding>) -> Vec<SeriesBar> {
    let mut by_date: BTreeMap<Date, SeriesBar> = BTreeMap::new();
    for item in known {
        let Some(bar) = item.as_bar() else { continue };
        let mut drop = |kind, text: String| {
            findings.push(Finding::on(bar.date, kind, Disposition::Dropped, text).at_url(&item.url));
        };
        if Some(&item.ticker) != ticker {
            drop(FindingKind::OtherTicker, format!("a bar of {}", item.ticker));
        } else if !bar.has_sound_prices() {
            drop(FindingKind::BadPrice, "a price is not a positive number".to_owned());
        } else if let Some(first) = by_date.get(&bar.date) {
            if first.id == item.id {
                drop(FindingKind::Duplicate, "the same bar again".to_owned());
            } else {
                let text = format!(
                    "a second bar for the day, with the close {} after {}",
                    bar.close, first.bar.close
                );
                drop(FindingKind::Conflict, text);
            }
        } else {
            by_date.insert(bar.date, SeriesBar { id: item.id, bar: *bar, adjusted_close: bar.close });
        }
    }
    by_date.into_values().collect()
}

fn leave_out_incomparable(bars: &mut Vec<SeriesBar>, findings: &mut Vec<Finding>) {
    let comparable = |before: &DailyBar, bar: &DailyBar| {
        let moved = bar.close / before.close;
        let adjusted = before.adjustment.zip(bar.adjustment).map(|(then, now)| moved * now / then);
        let split = bar.split.map(|split| moved * split);
        [Some(moved), adjusted, split]
            .into_iter()
            .flatten()
            .any(|moved| moved < INCOMPARABLE && moved > 1.0 / INCOMPARABLE)
    };
    let Some(start) = bars.windows(2).rposition(|pair| !comparable(&pair[0].bar, &pair[1].bar)) else {
        return;
    };
    let (before, after) = (bars[start].bar, bars[start + 1].bar);
    let text = format!(
        "the close moved from {} on {} to {} and no split explains it: the {} bars up to {} are in another unit \
         and can't be compared",
        before.close,
        before.date,
        after.close,
        start + 1,
        before.date
    );
    findings.push(Finding::on(after.date, FindingKind::Incomparable, Disposition::Dropped, text));
    bars.drain(..=start);
}

fn adjust(bars: &mut [SeriesBar], findings: &mut Vec<Finding>) -> Adjustment {
    if bars.iter().any(|bar| sound_factor(&bar.bar).is_some()) {
        adjust_by_factor(bars, findings);
        Adjustment::Factor
    } else if bars.iter().any(|bar| bar.bar.dividend.is_some() || bar.bar.split.is_some()) {
        adjust_by_events(bars, findings);
        Adjustment::Events
    } else {
        Adjustment::None
    }
}

fn sound_factor(bar: &DailyBar) -> Option<f64> {
    bar.adjustment.filter(|factor| factor.is_finite() && *factor > 0.0)
}

fn adjust_by_factor(bars: &mut [SeriesBar], findings: &mut Vec<Finding>) {
    let mut factors: Vec<Option<f64>> = bars.iter().map(|bar| sound_factor(&bar.bar)).collect();
    if let Some(first) = factors.iter().position(Option::is_none) {
        let missing = factors.iter().filter(|factor| factor.is_none()).count();
        let text = format!(
            "{missing} bars, first this, have no adjusted close: their neighbour's adjustment is used"
        );
        findings.push(Finding::on(bars[first].bar.date, FindingKind::BadAdjustment, Disposition::Kept, text));
    }
    // The value of the day before; for days before the first value, that first value.
    let mut last = factors.iter().copied().flatten().next();
    for factor in &mut factors {
        last = factor.or(last);
        *factor = last;
    }
    let Some(reference) = last else { return };
    for (bar, factor) in bars.iter_mut().zip(factors) {
        bar.adjusted_close = bar.bar.close * (factor.unwrap_or(reference) / reference);
    }
}

fn adjust_by_events(bars: &mut [SeriesBar], findings: &mut Vec<Finding>) {
    let mut factor = 1.0;
    for today in (1..bars.len()).rev() {
        let (before, bar) = (bars[today - 1].bar, bars[today].bar);
        let mut find =
            |kind, text: String| findings.push(Finding::on(bar.date, kind, Disposition::Kept, text));
        let sound = |value: &f64| value.is_finite() && *value > 0.0;
        let mut previous = before.close;
        if let Some(split) = bar.split.filter(sound) {
            if split_explains(before.close, bar.close, split) {
                previous /= split;
                factor /= split;
            } else if libm::fabs(split - 1.0) > f64::EPSILON {
                let moved = (bar.close / before.close - 1.0) * 100.0;
                find(
                    FindingKind::SplitNotApplied,
                    format!(
                        "split {split} on {} but the price moved {moved:.2} %: prices look adjusted already; \
                         not applied",
                        bar.date
                    ),
                );
            }
        }
        if let Some(dividend) = bar.dividend.filter(sound) {
            if dividend < previous {
                factor *= 1.0 - dividend / previous;
            } else {
                find(
                    FindingKind::DividendNotApplied,
                    format!(
                        "dividend {dividend} is not smaller than the price {previous} before it; not applied"
                    ),
                );
            }
        }
        bars[today - 1].adjusted_close = before.close * factor;
    }
}

#[cfg(test)]
mod tests;

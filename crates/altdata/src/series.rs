//! A ticker's prices in order, made comparable with the events known as of a moment and no others.

use std::collections::BTreeMap;

use assize_transport::Url;
use jiff::civil::Date;

use crate::{AsOf, DailyBar, Disposition, EvidenceId, Finding, FindingKind, Item, Ticker};

/// A change of price from one bar to the next beyond this factor is one of units, not of value, unless a split or the
/// adjustment explains it.
const INCOMPARABLE: f64 = 20.0;

/// One day of a [`PriceSeries`].
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesBar {
    /// The evidence that it comes from.
    pub id: EvidenceId,
    /// Where it was read: of several files, the one that this bar is of.
    pub url: Url,
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
    /// Some files by their adjusted close, others by the dividends and splits that they name.
    Mixed,
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
/// Adjusted closes of two files can't be compared: each is relative to the day on which that file was made. So each file
/// (address) is adjusted in its own way, and where one bar is of another file than the one before, only the dividend and
/// split that the later bar itself names are applied. Where an adjusted close ends or begins there and the bar names
/// nothing, what was paid that day is unknown, and a finding says so.
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
        Self { ticker, bars, adjustment, findings: Finding::list(findings) }
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
        } else if let Some(first) = by_date.get_mut(&bar.date) {
            if first.id == item.id {
                let took = first.bar.take_events(bar);
                let took = if took { "; its dividend or split is taken over" } else { "" };
                drop(FindingKind::Duplicate, format!("the same bar again{took}"));
            } else {
                let text = format!(
                    "a second bar for the day, with the close {} after {}",
                    bar.close, first.bar.close
                );
                drop(FindingKind::Conflict, text);
            }
        } else {
            let (id, url) = (item.id, item.url.clone());
            by_date.insert(bar.date, SeriesBar { id, url, bar: *bar, adjusted_close: bar.close });
        }
    }
    by_date.into_values().collect()
}

fn leave_out_incomparable(bars: &mut Vec<SeriesBar>, findings: &mut Vec<Finding>) {
    let comparable = |before: &SeriesBar, after: &SeriesBar| {
        let (same_file, before, bar) = (before.url == after.url, &before.bar, &after.bar);
        let moved = bar.close / before.close;
        let factors = before.adjustment.zip(bar.adjustment).filter(|_| same_file);
        let adjusted = factors.map(|(then, now)| moved * now / then);
        let split = bar.split.map(|split| moved * split);
        [Some(moved), adjusted, split]
            .into_iter()
            .flatten()
            .any(|moved| moved < INCOMPARABLE && moved > 1.0 / INCOMPARABLE)
    };
    let Some(start) = bars.windows(2).rposition(|pair| !comparable(&pair[0], &pair[1])) else {
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
    let (factors, adjustment) = factors_by_file(bars, findings);
    // Backwards: by how much the close of a day has to be multiplied; and the last day of the present run of one file.
    let mut scale = 1.0;
    let mut end = (bars.len().saturating_sub(1), scale);
    for today in (1..bars.len()).rev() {
        let (earlier, later) = bars.split_at_mut(today);
        let (before, bar) = (&mut earlier[today - 1], &later[0]);
        let same_file = before.url == bar.url;
        match factors[today - 1].zip(factors[end.0]) {
            Some((factor, reference)) if same_file => scale = end.1 * (factor / reference),
            _ => {
                scale = scaled_by_events(scale, &before.bar, &bar.bar, findings);
                let by_factor = factors[today - 1].or(factors[today]).is_some();
                if !same_file && by_factor && bar.bar.dividend.is_none() && bar.bar.split.is_none() {
                    findings.push(boundary(before, bar));
                }
            }
        }
        if !same_file {
            end = (today - 1, scale);
        }
        before.adjusted_close = before.bar.close * scale;
    }
    adjustment
}

fn boundary(before: &SeriesBar, bar: &SeriesBar) -> Finding {
    let name = |url: &Url| url.file_name().unwrap_or_else(|| url.as_str().to_owned());
    let text = format!(
        "the prices up to {} are of {}: adjusted closes of two files can't be compared, and no dividend or split of \
         this day is named, so none is counted",
        before.bar.date,
        name(&before.url)
    );
    Finding::on(bar.bar.date, FindingKind::FileBoundary, Disposition::Kept, text).at_url(&bar.url)
}

fn sound_factor(bar: &DailyBar) -> Option<f64> {
    bar.adjustment.filter(|factor| factor.is_finite() && *factor > 0.0)
}

/// The factor of each bar whose file has adjusted closes at all, and how the whole is adjusted.
fn factors_by_file(bars: &[SeriesBar], findings: &mut Vec<Finding>) -> (Vec<Option<f64>>, Adjustment) {
    let mut files: BTreeMap<&Url, Vec<usize>> = BTreeMap::new();
    for (place, bar) in bars.iter().enumerate() {
        files.entry(&bar.url).or_default().push(place);
    }
    let mut factors: Vec<Option<f64>> = bars.iter().map(|bar| sound_factor(&bar.bar)).collect();
    let (mut by_factor, mut by_events) = (false, false);
    for places in files.values() {
        // The value of the day before; for days before the first value, that first value.
        let Some(mut last) = places.iter().find_map(|place| factors[*place]) else {
            by_events |= places
                .iter()
                .any(|place| bars[*place].bar.dividend.is_some() || bars[*place].bar.split.is_some());
            continue;
        };
        by_factor = true;
        let missing: Vec<usize> = places.iter().copied().filter(|place| factors[*place].is_none()).collect();
        if let Some(first) = missing.first() {
            let text = format!(
                "{} bars, first this, have no adjusted close: their neighbour's adjustment is used",
                missing.len()
            );
            let date = bars[*first].bar.date;
            findings.push(Finding::on(date, FindingKind::BadAdjustment, Disposition::Kept, text));
        }
        for place in places {
            last = factors[*place].unwrap_or(last);
            factors[*place] = Some(last);
        }
    }
    let adjustment = match (by_factor, by_events) {
        (true, true) => Adjustment::Mixed,
        (true, false) => Adjustment::Factor,
        (false, true) => Adjustment::Events,
        (false, false) => Adjustment::None,
    };
    (factors, adjustment)
}

/// `scale`, by which the close of `bar` is multiplied, as it is for the close before its dividend and split.
fn scaled_by_events(mut scale: f64, before: &DailyBar, bar: &DailyBar, findings: &mut Vec<Finding>) -> f64 {
    let mut find = |kind, text: String| findings.push(Finding::on(bar.date, kind, Disposition::Kept, text));
    let sound = |value: &f64| value.is_finite() && *value > 0.0;
    let mut previous = before.close;
    if let Some(split) = bar.split.filter(sound) {
        if split_explains(before.close, bar.close, split) {
            previous /= split;
            scale /= split;
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
            scale *= 1.0 - dividend / previous;
        } else {
            find(
                FindingKind::DividendNotApplied,
                format!(
                    "dividend {dividend} is not smaller than the price {previous} before it; not applied"
                ),
            );
        }
    }
    scale
}

#[cfg(test)]
mod tests;

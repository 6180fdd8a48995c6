//! Putting together what the sources answered about one ticker, as far as it was known by then.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use assize_ambient::Timestamp;
use jiff::SignedDuration;

use super::ask::Answers;
use super::fetched::{REMOVED_LISTED, RemovedItem, TickerFetch};
use crate::{
    AsOf, Disposition, EvidenceId, Finding, FindingKind, Gap, GapReason, Item, Known, Removed, Source,
    SourceId, Ticker,
};

/// Cuts what the sources answered about one ticker and puts it together.
pub(super) fn gather(
    ticker: &Ticker,
    answers: impl Iterator<Item = Answers>,
    sources: &[Arc<dyn Source>],
    as_of: AsOf,
) -> TickerFetch {
    let mut fetch = TickerFetch {
        ticker: ticker.clone(),
        items: Vec::new(),
        findings: Vec::new(),
        gaps: Vec::new(),
        removed: Removed::default(),
        removed_items: Vec::new(),
        removed_findings: Removed::default(),
        undated: Vec::new(),
        requests: 0,
        elapsed: Duration::ZERO,
    };
    for (answers, source) in answers.zip(sources) {
        let later = answers.items.iter().filter(|item| !as_of.knows(*item));
        fetch.removed_items.extend(later.map(RemovedItem::of));
        let items = answers.items.cut(&as_of);
        fetch.undated.extend(answers.findings.iter().filter(|f| f.known_by().is_none()).cloned());
        let findings = as_of.cut(answers.findings);
        let missing = match items.kept.iter().map(|item| item.available_at.latest).max() {
            Some(newest) => staleness(&**source, newest, as_of),
            // A gap says already why there is nothing.
            None if !answers.gaps.is_empty() => None,
            None => Some(nothing_usable(&findings.kept, as_of)),
        };
        fetch.gaps.extend(answers.gaps);
        fetch
            .gaps
            .extend(missing.map(|(reason, detail)| Gap::new(ticker, &source.meta().id, reason, detail)));
        fetch.items.extend(items.kept);
        fetch.findings.extend(findings.kept);
        fetch.removed.add(&items.removed);
        fetch.removed_findings.add(&findings.removed);
        fetch.requests += answers.requests;
        fetch.elapsed = fetch.elapsed.max(answers.elapsed);
    }
    if sources.is_empty() {
        let detail = "no source was given; name a folder of prices or another source".to_owned();
        fetch.gaps.push(Gap { ticker: ticker.clone(), source: None, reason: GapReason::NoSource, detail });
    }
    fetch.removed_items.sort();
    fetch.removed_items.dedup();
    fetch.removed_items.truncate(REMOVED_LISTED);
    // Stable: what became known at once stays in the order of sources and their answers.
    fetch.items.sort_by_key(Known::known_by);
    drop_repeated(&mut fetch);
    fetch.findings = Finding::list(std::mem::take(&mut fetch.findings));
    fetch.undated = Finding::list(std::mem::take(&mut fetch.undated));
    fetch
}

/// Leaves each item once. What a repetition knows of dividends and splits beyond the first is taken over: names of
/// evidence don't cover those.
fn drop_repeated(fetch: &mut TickerFetch) {
    let mut seen: BTreeMap<(SourceId, EvidenceId), usize> = BTreeMap::new();
    let mut once: Vec<Item> = Vec::with_capacity(fetch.items.len());
    for item in std::mem::take(&mut fetch.items) {
        let Some(first) = seen.get(&(item.source.clone(), item.id)) else {
            seen.insert((item.source.clone(), item.id), once.len());
            once.push(item);
            continue;
        };
        let bar = item.as_bar();
        let took = once[*first].as_bar_mut().zip(bar).is_some_and(|(first, bar)| first.take_events(bar));
        let text = match took {
            true => "the same again in another answer of this source; its dividend or split is taken over",
            false => "the same again in another answer of this source",
        };
        let date = bar.map(|bar| bar.date);
        let finding = Finding::undated(date, FindingKind::Duplicate, Disposition::Dropped, text);
        let known_from = Some(item.available_at.clone());
        fetch.findings.push(Finding { date, known_from, ..finding }.at_url(&item.url));
    }
    fetch.items = once;
}

/// Why nothing is there of a source that answered. It tells nothing of what became known later: whether there are later
/// rows, or only rows without a date (which later rows may date), it is the same reason in the same words.
fn nothing_usable(findings: &[Finding], as_of: AsOf) -> (GapReason, String) {
    let mut dropped = findings.iter().filter(|finding| finding.disposition == Disposition::Dropped);
    match dropped.next() {
        Some(first) => {
            // In a file that runs backwards, the number of the line depends on later rows.
            let first = Finding { line: None, ..first.clone() };
            let dropped = 1 + dropped.count();
            (GapReason::Unreadable, format!("none of {dropped} rows can be used; first {first}"))
        }
        None => (GapReason::NothingYet, format!("no usable row was known by {as_of}")),
    }
}

/// The gap if the newest of what a source had known is too old.
fn staleness(source: &dyn Source, newest: Timestamp, as_of: AsOf) -> Option<(GapReason, String)> {
    let stale_after = SignedDuration::try_from(source.meta().stale_after?).ok()?;
    let age = as_of.moment().duration_since(newest);
    if age <= stale_after {
        return None;
    }
    let day = AsOf::at(newest).date();
    Some((GapReason::Stale, format!("the newest is of {day}, {} days before {as_of}", age.as_hours() / 24)))
}

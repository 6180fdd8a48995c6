//! Putting together what the sources answered about one ticker, as far as it was known by then.

use std::sync::Arc;
use std::time::Duration;

use assize_ambient::Timestamp;
use jiff::SignedDuration;

use super::ask::Answers;
use super::fetched::{REMOVED_LISTED, RemovedItem, TickerFetch};
use crate::{
    AsOf, Disposition, EvidenceId, Finding, FindingKind, Gap, GapReason, Item, Known, Removed, Source, Ticker,
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
    let answers: Vec<Answers> = answers.collect();
    fetch.items.reserve(answers.iter().map(|answers| answers.items.len()).sum());
    for (answers, source) in answers.into_iter().zip(sources) {
        let later = answers.items.iter().filter(|item| !as_of.knows(*item));
        fetch.removed_items.extend(later.map(RemovedItem::of));
        let before = fetch.items.len();
        let removed = answers.items.cut_into(&mut fetch.items, &as_of);
        fetch.undated.extend(answers.findings.iter().filter(|f| f.known_by().is_none()).cloned());
        let findings = as_of.cut(answers.findings);
        let missing = match fetch.items[before..].iter().map(|item| item.available_at.latest).max() {
            Some(newest) => staleness(&**source, newest, as_of),
            // A gap says already why there is nothing.
            None if !answers.gaps.is_empty() => None,
            None => Some(nothing_usable(&findings.kept, as_of)),
        };
        fetch.gaps.extend(answers.gaps);
        fetch
            .gaps
            .extend(missing.map(|(reason, detail)| Gap::new(ticker, &source.meta().id, reason, detail)));
        fetch.findings.extend(findings.kept);
        fetch.removed.add(&removed);
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
    fetch.items.sort_by_cached_key(Known::known_by);
    drop_repeated(&mut fetch);
    fetch.findings = Finding::list(std::mem::take(&mut fetch.findings));
    fetch.undated = Finding::list(std::mem::take(&mut fetch.undated));
    fetch
}

/// Leaves each item once. What a repetition knows of dividends and splits beyond the first is taken over: names of
/// evidence don't cover those.
fn drop_repeated(fetch: &mut TickerFetch) {
    let repeated = repeated(&fetch.items);
    for (place, first) in &repeated {
        let Ok([first, item]) = fetch.items.get_disjoint_mut([*first, *place]) else { continue };
        let bar = item.as_bar();
        let took = first.as_bar_mut().zip(bar).is_some_and(|(first, bar)| first.take_events(bar));
        let text = match took {
            true => "the same again in another answer of this source; its dividend or split is taken over",
            false => "the same again in another answer of this source",
        };
        let date = bar.map(|bar| bar.date);
        let finding = Finding::undated(date, FindingKind::Duplicate, Disposition::Dropped, text);
        let known_from = Some(item.available_at.clone());
        fetch.findings.push(Finding { date, known_from, ..finding }.at_url(&item.url));
    }
    let (mut place, mut left) = (0, repeated.iter().map(|(place, _)| *place).peekable());
    fetch.items.retain(|_| {
        let is_repeated = left.next_if_eq(&place).is_some();
        place += 1;
        !is_repeated
    });
}

/// The places of items that repeat an earlier one of the same source, each with the place of the first, in order.
fn repeated(items: &[Item]) -> Vec<(usize, usize)> {
    let mut by_name: Vec<(EvidenceId, usize)> =
        items.iter().enumerate().map(|(place, item)| (item.id, place)).collect();
    by_name.sort_unstable();
    let mut repeated = Vec::new();
    for same in by_name.chunk_by(|one, other| one.0 == other.0) {
        for (n, (_, place)) in same.iter().enumerate().skip(1) {
            let is_first = |(_, first): &&(EvidenceId, usize)| items[*first].source == items[*place].source;
            repeated.extend(same[..n].iter().find(is_first).map(|(_, first)| (*place, *first)));
        }
    }
    repeated.sort_unstable();
    repeated
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

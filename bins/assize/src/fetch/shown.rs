//! What a fetch brought, as a person reads it.

mod items;

use std::sync::Arc;

use assize_altdata::{AsOf, Fetched, Gap, Item, Source, SourceHealth, TickerFetch, new_york};
use assize_ambient::Timestamp;
use assize_report::{Cell, Column, Document, Table, Tone};

/// So many gaps, and so many items that were removed, are shown for one ticker.
const SHOWN: usize = 12;

/// The page. Where nothing was asked over the network, times mean nothing and are left out.
pub(super) fn page(fetched: &Fetched, as_of: AsOf, sources: &[Arc<dyn Source>], is_live: bool) -> Document {
    let names: Vec<&str> = fetched.by_ticker.iter().map(|fetch| fetch.ticker.as_str()).collect();
    let mut doc = Document::new(format!("Fetched: {}", names.join(", ")));
    doc.meta("as of", as_of.to_string());
    for fetch in &fetched.by_ticker {
        of_ticker(&mut doc, fetch, sources);
    }
    doc.heading(2, "Sources");
    doc.table(health(&fetched.health, is_live));
    if !fetched.not_asked.is_empty() {
        doc.heading(3, "Not asked");
        doc.list(fetched.not_asked.iter().map(|one| format!("{}: {}", one.source, one.why)));
    }
    doc
}

fn of_ticker(doc: &mut Document, fetch: &TickerFetch, sources: &[Arc<dyn Source>]) {
    doc.heading(2, fetch.ticker.as_str());
    let mut table = Table::new([
        Column::left("source"),
        Column::left("kind"),
        Column::right("items"),
        Column::left("newest known"),
        Column::left("missing"),
    ]);
    for source in sources {
        let meta = source.meta();
        let items: Vec<&Item> = fetch.items.iter().filter(|item| item.source == meta.id).collect();
        let newest = items.iter().map(|item| item.available_at.latest).max();
        let gaps: Vec<&str> = fetch
            .gaps
            .iter()
            .filter(|gap| gap.source.as_ref() == Some(&meta.id))
            .map(|gap| gap.reason.as_str())
            .collect();
        let missing =
            if gaps.is_empty() { Cell::from("–") } else { Cell::toned(Tone::Warn, gaps.join(", ")) };
        table.push([
            Cell::from(meta.id.to_string()),
            Cell::from(meta.kind.as_str()),
            Cell::from(items.len().to_string()),
            Cell::from(newest.map_or_else(|| "–".to_owned(), minute)),
            missing,
        ]);
    }
    doc.table(table);
    items::brief(doc, fetch);
    if !fetch.gaps.is_empty() {
        doc.heading(3, "Missing");
        doc.list(fetch.gaps.iter().take(SHOWN).map(gap));
        more(doc, fetch.gaps.len(), "gaps");
    }
    if !fetch.findings.is_empty() {
        doc.heading(3, format!("Wrong in what was read: {}", fetch.findings.len()));
        doc.list(fetch.findings.iter().take(SHOWN).map(ToString::to_string));
        more(doc, fetch.findings.len(), "findings");
    }
    removed(doc, fetch);
}

fn gap(gap: &Gap) -> String {
    let source = gap.source.as_ref().map(|source| format!("{source}: ")).unwrap_or_default();
    format!("{source}{} ({})", gap.detail, gap.reason)
}

fn more(doc: &mut Document, all: usize, what: &str) {
    if let Some(more @ 1..) = all.checked_sub(SHOWN) {
        doc.paragraph(format!("… and {more} more {what}, in the JSON."));
    }
}

/// What the cut took away: it lies after the as-of moment.
fn removed(doc: &mut Document, fetch: &TickerFetch) {
    let removed = &fetch.removed;
    if removed.count == 0 {
        return;
    }
    doc.heading(3, format!("Not known yet: {} taken out", removed.count));
    let mut table = Table::new([
        Column::left("known by"),
        Column::left("kind"),
        Column::left("source"),
        Column::left("id"),
    ]);
    for item in fetch.removed_items.iter().take(SHOWN) {
        table.push([
            minute(item.known_by),
            item.kind.to_owned(),
            item.source.to_string(),
            item.id.to_string(),
        ]);
    }
    doc.table(table);
    let listed = fetch.removed_items.len().min(SHOWN) as u64;
    if let Some(more @ 1..) = removed.count.checked_sub(listed) {
        let last =
            removed.last.map(|at| format!(", the last of them known by {}", minute(at))).unwrap_or_default();
        doc.paragraph(format!("… and {more} more{last}."));
    }
}

fn health(all: &[SourceHealth], is_live: bool) -> Table {
    let mut table = Table::new([
        Column::left("source"),
        Column::right("attempts"),
        Column::right("good"),
        Column::right("median"),
        Column::left("failures"),
    ]);
    for one in all {
        let share = one.success_share();
        let good = share.map_or_else(|| "–".to_owned(), |share| format!("{:.0} %", share * 100.0));
        let tone = if share.is_some_and(|share| share < 1.0) { Tone::Warn } else { Tone::Plain };
        let median = one.median().filter(|_| is_live);
        let failures: Vec<String> = one.failures().iter().map(|(why, n)| format!("{why} {n}")).collect();
        table.push([
            Cell::from(one.source.to_string()),
            Cell::from(one.attempts.to_string()),
            Cell::toned(tone, good),
            Cell::from(median.map_or_else(|| "–".to_owned(), |time| format!("{} ms", time.as_millis()))),
            Cell::from(if failures.is_empty() { "–".to_owned() } else { failures.join(", ") }),
        ]);
    }
    table
}

/// To the minute, in New York, where the exchange is.
fn minute(moment: Timestamp) -> String {
    new_york::wall(moment).strftime("%Y-%m-%d %H:%M").to_string()
}

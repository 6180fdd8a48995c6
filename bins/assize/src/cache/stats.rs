//! `assize cache stats`.

use std::{process::ExitCode, sync::Arc};

use assize_ambient::{Clock, SystemClock};
use assize_cache::{NamespaceContents, TierStats};
use assize_report::{Cell, Column, Document, Table, Tone};
use assize_wiring::{CacheReport, TierReport};
use serde_json::{Value, json};

use super::{bytes, moment, note_damage, open_existing};
use crate::{
    arguments::StatsArguments,
    exit::{Failure, Outcome},
    screen::Screen,
};

/// A bar has so many places.
const BAR: u64 = 20;

pub(super) async fn run(arguments: &StatsArguments, screen: &Screen) -> Result<ExitCode, Failure> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let cache = open_existing(&arguments.cache, &clock).await?;
    let report = cache.report().await;
    note_damage(&cache, screen).await;
    if arguments.prometheus {
        screen.say(&report.statistics.prometheus(), &Value::Null)?;
    } else {
        screen.show(&document(&report), &told(&report))?;
    }
    // What the disk did not say is an error; a server need not be there.
    let disk_failed = report.tiers.iter().any(|tier| tier.name == "disk" && tier.found.is_err());
    Ok(if disk_failed || report.on_disk.is_err() { Outcome::Outside } else { Outcome::Done }.into())
}

fn document(report: &CacheReport) -> Document {
    let mut doc = Document::new("The cache");
    let mut tiers = Table::new([
        Column::left("tier"),
        Column::left("where"),
        Column::left("there"),
        Column::right("entries"),
        Column::right("bytes"),
        Column::left("of its limit"),
        Column::right("limit"),
        Column::right("let go"),
    ]);
    for tier in &report.tiers {
        tiers.push(tier_row(tier));
    }
    doc.table(tiers);
    for (name, why) in report.tiers.iter().filter_map(|tier| Some((tier.name, tier.found.as_ref().err()?))) {
        doc.callout(Tone::Warn, format!("The {name} tier does not answer: failed to {why}."));
    }
    match &report.on_disk {
        Ok(spaces) if spaces.is_empty() => {
            doc.paragraph("Nothing is kept on disk.");
        }
        Ok(spaces) => {
            doc.heading(2, "On disk");
            doc.table(namespaces(spaces));
        }
        Err(why) => {
            doc.callout(Tone::Bad, format!("What is on disk can't be told: failed to {why}."));
        }
    }
    if let Some(path) = &report.damage.set_aside {
        let text = format!("A damaged file was set aside: {}. It can be deleted.", path.display());
        doc.callout(Tone::Warn, text);
    }
    doc
}

fn tier_row(tier: &TierReport) -> Vec<Cell> {
    let (there, found) = match &tier.found {
        Ok(found) => (Cell::toned(Tone::Good, "yes"), Some(found)),
        Err(_) => (Cell::toned(Tone::Warn, "no"), None),
    };
    let figure = |of: fn(&TierStats) -> String| Cell::from(found.map(of).unwrap_or_default());
    vec![
        Cell::from(tier.name),
        Cell::from(tier.place.clone()),
        there,
        figure(|found| found.entries.to_string()),
        figure(|found| bytes(found.bytes)),
        figure(|found| found.limit_bytes.map(|limit| bar(found.bytes, limit)).unwrap_or_default()),
        figure(|found| found.limit_bytes.map(bytes).unwrap_or_default()),
        figure(|found| found.evictions.to_string()),
    ]
}

/// How much of a whole a part is, drawn. Anything at all is drawn as something.
fn bar(part: u64, whole: u64) -> String {
    let whole = whole.max(1);
    let part = part.min(whole);
    let full = u128::from(part) * u128::from(BAR);
    let full = usize::try_from(full.div_ceil(u128::from(whole))).unwrap_or_default();
    let percent = u128::from(part) * 100 / u128::from(whole);
    let empty = usize::try_from(BAR).unwrap_or_default() - full;
    format!("{}{} {percent} %", "█".repeat(full), "░".repeat(empty))
}

fn namespaces(spaces: &[NamespaceContents]) -> Table {
    let mut table = Table::new([
        Column::left("namespace"),
        Column::right("entries"),
        Column::right("expired"),
        Column::right("bytes"),
        Column::left("oldest (UTC)"),
        Column::left("newest (UTC)"),
    ]);
    for space in spaces {
        let at = |time: Option<jiff::Timestamp>| time.map(moment).unwrap_or_default();
        table.push([
            format!("{}:{}", space.namespace.name(), space.namespace.version()),
            space.entries.to_string(),
            space.expired.to_string(),
            bytes(space.bytes),
            at(space.oldest),
            at(space.newest),
        ]);
    }
    table
}

fn told(report: &CacheReport) -> Value {
    let tiers: Vec<Value> = report
        .tiers
        .iter()
        .map(|tier| {
            let found = tier.found.as_ref().ok();
            json!({
                "name": tier.name,
                "place": tier.place,
                "available": found.is_some(),
                "why_not": tier.found.as_ref().err(),
                "entries": found.map(|found| found.entries),
                "bytes": found.map(|found| found.bytes),
                "limit_bytes": found.and_then(|found| found.limit_bytes),
                "evictions": found.map(|found| found.evictions),
                "corrupt": found.map(|found| found.corrupt),
            })
        })
        .collect();
    let spaces: Option<Vec<Value>> = report.on_disk.as_ref().ok().map(|spaces| {
        spaces
            .iter()
            .map(|space| {
                json!({
                    "namespace": space.namespace.name(),
                    "version": space.namespace.version(),
                    "entries": space.entries,
                    "expired": space.expired,
                    "bytes": space.bytes,
                    "oldest": space.oldest.map(|time| time.to_string()),
                    "newest": space.newest.map(|time| time.to_string()),
                })
            })
            .collect()
    });
    let set_aside = report.damage.set_aside.as_ref().map(|path| path.display().to_string());
    json!({ "format_version": 1, "tiers": tiers, "namespaces_on_disk": spaces, "set_aside": set_aside })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_shows_the_least_and_no_more_than_all() {
        for (part, whole, full, percent) in
            [(0, 100, 0, 0), (1, 1_000_000, 1, 0), (50, 100, 10, 50), (99, 100, 20, 99), (7, 0, 20, 100)]
        {
            let text = bar(part, whole);
            assert_eq!(text.matches('█').count(), full, "{text}");
            assert_eq!(text.matches('░').count(), 20 - full, "{text}");
            assert!(text.ends_with(&format!(" {percent} %")), "{text}");
        }
    }
}

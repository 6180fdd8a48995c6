//! `assize cache clear`.

use std::{process::ExitCode, sync::Arc};

use assize_ambient::{Clock, SystemClock};
use assize_cache::Selector;
use assize_llm::Cached;
use assize_report::{Cell, Column, Document, Table, Tone};
use assize_wiring::Removal;
use serde_json::{Value, json};

use super::{note_damage, open_existing, options};
use crate::{
    arguments::{ClearArguments, What},
    exit::{Failure, Outcome},
    screen::Screen,
};

pub(super) async fn run(arguments: &ClearArguments, screen: &Screen) -> Result<ExitCode, Failure> {
    let selector = selector(&arguments.what)?;
    if selector == Selector::All && !arguments.yes {
        let folder = options(&arguments.cache)?.folder;
        if !screen.can_ask() {
            return Err(Failure::bad_request(
                "clear the cache: everything would be removed, and nobody can be asked",
            )
            .with_hint("add --yes if that is what you want"));
        }
        if !screen.says_yes(&format!("Remove everything from the cache in {}?", folder.display())) {
            screen.note("nothing was removed");
            return Ok(Outcome::No.into());
        }
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let cache = open_existing(&arguments.cache, &clock).await?;
    note_damage(&cache, screen).await;
    // The memory of this process was empty all the time.
    let mut removals = cache.remove(&selector).await;
    removals.retain(|removal| removal.name != "memory");
    screen.show(&document(&removals), &told(&removals))?;
    let all_answered = removals.iter().all(|removal| removal.removed.is_ok());
    Ok(if all_answered { Outcome::Done } else { Outcome::Outside }.into())
}

fn selector(what: &What) -> Result<Selector, Failure> {
    if let Some(tenant) = &what.scope {
        return Ok(Selector::Tag(Cached::tag(tenant)));
    }
    let tag = what.tag.clone().map(Selector::Tag);
    let prefix = what.prefix.clone().map(Selector::Prefix);
    let key = what.key.clone().map(Selector::Key);
    let all = what.all.then_some(Selector::All);
    tag.or(prefix).or(key).or(all).ok_or_else(|| {
        Failure::bad_request("clear the cache: it is not said what").with_hint("assize cache clear --help")
    })
}

fn document(removals: &[Removal]) -> Document {
    let total: u64 = removals.iter().filter_map(|removal| removal.removed.as_ref().ok()).sum();
    let mut doc = Document::new(format!("Removed: {total}"));
    let mut table = Table::new([Column::left("tier"), Column::left("where"), Column::right("removed")]);
    for removal in removals {
        let removed = match &removal.removed {
            Ok(n) => Cell::from(n.to_string()),
            Err(_) => Cell::toned(Tone::Bad, "no answer"),
        };
        table.push([Cell::from(removal.name), Cell::from(removal.place.clone()), removed]);
    }
    doc.table(table);
    for (name, why) in
        removals.iter().filter_map(|removal| Some((removal.name, removal.removed.as_ref().err()?)))
    {
        doc.callout(Tone::Bad, format!("What the {name} tier holds is still there: failed to {why}."));
    }
    doc
}

fn told(removals: &[Removal]) -> Value {
    let tiers: Vec<Value> = removals
        .iter()
        .map(|removal| {
            json!({
                "name": removal.name,
                "place": removal.place,
                "removed": removal.removed.as_ref().ok(),
                "why_not": removal.removed.as_ref().err(),
            })
        })
        .collect();
    json!({ "format_version": 1, "tiers": tiers })
}

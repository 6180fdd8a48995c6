//! Files that a debate may cite.

mod json;
mod markdown;
mod prices;
mod table;

use std::{collections::BTreeMap, path::Path, sync::Arc};

use assize_altdata::AsOf;
use assize_ambient::{Clock, Timestamp};
use assize_debate::{Evidence, EvidenceId, SeatIndex};
use jiff::civil::Date;
use serde_json::Value;

use crate::{Error, text_file};

/// A file with more items is refused: nobody could weigh them.
const MAX_ITEMS: usize = 10_000;
/// A longer item is refused.
const MAX_ITEM_BYTES: usize = 256 << 10;
/// Of a longer text a model is shown the beginning.
const SHOWN_CHARACTERS: usize = 4_000;

/// What a file brought: evidence, and what is to be said about it.
#[derive(Debug, Default)]
pub(crate) struct Brought {
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) notes: Vec<String>,
}

/// Reads a file of evidence: a table (`.csv`; of daily prices, bar by bar, any other row by row), items (`.json`, `.jsonl`),
/// sections (`.md`), or a text (`.txt`).
pub(crate) async fn read(path: &Path, as_of: AsOf, clock: Arc<dyn Clock>) -> Result<Brought, Error> {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
    let text = || text_file::read("evidence", path);
    let items = match extension.as_str() {
        "csv" if prices::is_table(path)? => return prices::read(path, as_of, clock).await,
        "csv" => table::items(path, &text()?)?,
        "jsonl" => json::lines(path, &text()?)?,
        "json" => json::document(path, &text()?)?,
        "md" | "markdown" => markdown::sections(path, &text()?)?,
        "txt" => vec![whole(path, text()?)],
        _ => {
            return Err(failed(path, "its kind is not known").with_hint(
                "evidence is a table of daily prices or of anything else (.csv), items (.json, .jsonl), or a text (.md, .txt)",
            ));
        }
    };
    brought(path, items, as_of)
}

/// One item of a file, as it stands there.
#[derive(Debug, Default)]
struct Item {
    /// Where it stands: a line, a place in a list.
    place: String,
    id: Option<String>,
    kind: Option<String>,
    subject: Option<String>,
    source: Option<String>,
    available_at: Option<Timestamp>,
    text: String,
    data: Value,
    held_by: Option<Vec<SeatIndex>>,
}

fn failed(path: &Path, detail: impl std::fmt::Display) -> Error {
    Error::bad_request(format!("read the evidence {}: {detail}", path.display()))
}

fn failed_at(path: &Path, place: &str, detail: impl std::fmt::Display) -> Error {
    Error::bad_request(format!("read the evidence {}, {place}: {detail}", path.display()))
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// A text, whole.
fn whole(path: &Path, text: String) -> Item {
    let name = file_name(path);
    Item {
        kind: Some("text".to_owned()),
        subject: Some(name.clone()),
        source: Some(name),
        text,
        ..Item::default()
    }
}

/// A moment, or a day, which is known when it is over in New York.
fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    // Of a time without an offset, jiff would read the day alone.
    let day = if text.contains(['T', 't', ' ']) { None } else { text.parse::<Date>().ok() };
    day.map(|day| AsOf::end_of_new_york_day(day).moment()).or_else(|| text.parse().ok())
}

/// The items as evidence: named, cut at the as-of date, and with what is to be said about them.
///
/// Of an item that does not say when it could be known we take the word of whoever gives it: by the as-of date. A note says so.
fn brought(path: &Path, items: Vec<Item>, as_of: AsOf) -> Result<Brought, Error> {
    let file = file_name(path);
    if items.is_empty() || items.iter().all(|item| item.text.trim().is_empty()) {
        return Err(failed(path, "it is empty"));
    }
    if items.len() > MAX_ITEMS {
        return Err(failed(path, format!("it has {} items, and {MAX_ITEMS} are possible", items.len())));
    }
    let (mut evidence, mut same) = (Vec::new(), BTreeMap::<EvidenceId, u32>::new());
    let (mut later, mut undated, mut long) = (0, 0, 0);
    for item in items {
        let Item { place, id, kind, subject, source, available_at, text, data, held_by } = item;
        if text.len() > MAX_ITEM_BYTES {
            let message = format!("the text has {} bytes, and {MAX_ITEM_BYTES} are possible", text.len());
            return Err(failed_at(path, if place.is_empty() { "all of it" } else { &place }, message)
                .with_hint("divide it: a Markdown file has one item for each heading"));
        }
        if available_at.is_some_and(|known| known > as_of.moment()) {
            later += 1;
            continue;
        }
        undated += usize::from(available_at.is_none());
        long += usize::from(text.chars().count() > SHOWN_CHARACTERS);
        let source = source
            .unwrap_or_else(|| if place.is_empty() { file.clone() } else { format!("{file}, {place}") });
        let id = id.map_or_else(|| named(&file, &text, &mut same), |id| EvidenceId::from(id.as_str()));
        evidence.push(Evidence {
            id,
            kind: kind.unwrap_or_else(|| "note".to_owned()),
            subject: subject.unwrap_or_else(|| file.clone()),
            source,
            available_at: available_at.unwrap_or_else(|| as_of.moment()),
            text,
            data,
            held_by,
        });
    }
    let shown = path.display();
    let mut notes = Vec::new();
    if later > 0 {
        notes.push(format!("{later} item(s) of {shown} could not be known by {as_of} and are left out"));
    }
    if undated > 0 {
        notes.push(format!(
            "{undated} item(s) of {shown} do not say since when they could be known: taken as known by {as_of}"
        ));
    }
    if long > 0 {
        notes.push(format!(
            "{long} item(s) of {shown} have more than {SHOWN_CHARACTERS} characters: a model is shown the beginning"
        ));
    }
    Ok(Brought { evidence, notes })
}

/// The name of a text that has none: by its content, and by how often the file had it before.
fn named(file: &str, text: &str, same: &mut BTreeMap<EvidenceId, u32>) -> EvidenceId {
    let id = EvidenceId::of_content(&[file, text]);
    let before = same.entry(id.clone()).or_default();
    *before += 1;
    if *before == 1 { id } else { EvidenceId::of_content(&[file, text, &before.to_string()]) }
}

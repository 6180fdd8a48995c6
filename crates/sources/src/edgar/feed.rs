//! The site's Atom, as far as it is needed.

use assize_altdata::Outcome;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::answer;

/// The most entries that are read; the site gives 100.
const MOST_ENTRIES: usize = 1_000;
/// The longest text that is kept of an element, in bytes.
const LONGEST: usize = 2_000;
/// How deep elements may lie in each other; the feed's lie four deep.
const DEEPEST: usize = 32;

/// An entry: its elements as they are written, references resolved.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) title: String,
    pub(super) summary: String,
    pub(super) updated: String,
    pub(super) id: String,
    /// The term of its category.
    pub(super) form: String,
}

/// Reads a feed.
///
/// # Errors
/// [`Outcome::Drift`] if it is none.
pub(super) fn read(body: &[u8]) -> Result<Vec<Entry>, Outcome> {
    let text = decoded(body);
    let mut reader = Reader::from_str(&text);
    let (mut entries, mut path, mut content) = (Vec::new(), Vec::<String>::new(), String::new());
    let drift = |found: &str| Outcome::Drift(format!("at `feed`: {}", answer::plain(found, 120)));
    loop {
        match reader.read_event().map_err(|error| drift(&error.to_string()))? {
            Event::Start(tag) => {
                path.push(tag.local_name().as_ref().to_owned());
                if path.len() > DEEPEST {
                    return Err(drift("elements lie too deep in each other"));
                }
                if path.len() == 1 && path[0] != "feed" {
                    return Err(drift(&format!("the document is `{}`", path[0])));
                }
                content.clear();
                opened(&mut entries, &path, &tag);
            }
            Event::Empty(tag) => {
                path.push(tag.local_name().as_ref().to_owned());
                opened(&mut entries, &path, &tag);
                path.pop();
            }
            Event::Text(text) => push(&mut content, &text.into_inner()),
            Event::CData(text) => push(&mut content, &text.into_inner()),
            Event::GeneralRef(reference) => {
                if let Some(c) = super::form4::resolved(&reference) {
                    push(&mut content, c.encode_utf8(&mut [0; 4]));
                }
            }
            Event::End(_) => {
                closed(&mut entries, &path, &content);
                content.clear();
                path.pop();
                if path.is_empty() {
                    return Ok(entries);
                }
            }
            Event::Eof => return Err(drift("it breaks off, or is no feed")),
            _ => {}
        }
    }
}

/// ISO-8859-1 where the declaration says so; there each byte is a character.
fn decoded(body: &[u8]) -> String {
    let declaration = body.get(..100).unwrap_or(body).to_ascii_lowercase();
    if declaration.windows(10).any(|part| part == b"iso-8859-1") {
        body.iter().map(|byte| char::from(*byte)).collect()
    } else {
        String::from_utf8_lossy(body).into_owned()
    }
}

fn push(content: &mut String, text: &str) {
    let room = LONGEST.saturating_sub(content.len());
    let end = (0..=text.len().min(room)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    content.push_str(&text[..end]);
}

/// Where we are below `feed/entry`.
fn within(path: &[String]) -> Option<&str> {
    match path {
        [feed, entry, rest @ ..] if feed == "feed" && entry == "entry" => match rest {
            [] => Some(""),
            [name] => Some(name),
            _ => None,
        },
        _ => None,
    }
}

fn opened(entries: &mut Vec<Entry>, path: &[String], tag: &BytesStart<'_>) {
    match within(path) {
        Some("") if entries.len() < MOST_ENTRIES => entries.push(Entry::default()),
        Some("category") => {
            let term = tag.attributes().flatten().find(|attribute| attribute.key.as_ref() == "term");
            let term = term.and_then(|term| term.normalized_value(XmlVersion::Implicit1_0).ok());
            if let (Some(entry), Some(term)) = (entries.last_mut(), term) {
                push(&mut entry.form, &term);
            }
        }
        _ => {}
    }
}

fn closed(entries: &mut [Entry], path: &[String], content: &str) {
    let (Some(place), Some(entry)) = (within(path), entries.last_mut()) else { return };
    let place = match place {
        "title" => &mut entry.title,
        "summary" => &mut entry.summary,
        "updated" => &mut entry.updated,
        "id" => &mut entry.id,
        _ => return,
    };
    content.clone_into(place);
}

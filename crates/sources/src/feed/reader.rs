//! Reading RSS 2.0, RSS 1.0 and Atom.
//!
//! Formats: <https://www.rssboard.org/rss-specification>, <https://web.resource.org/rss/1.0/spec>,
//! <https://www.rfc-editor.org/rfc/rfc4287>, and Media RSS (<https://www.rssboard.org/media-rss>) as far as YouTube uses it.
//!
//! The reader goes through the document once and keeps what the sources need and nothing else: no authors. Entities that
//! a document defines for itself are not expanded, so that it can't grow; how deep elements nest, how many entries there
//! are, and how much text of each is kept is limited.

use assize_altdata::Outcome;
use assize_transport::RawResponse;
use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::escape::{escape, resolve_html5_entity, resolve_predefined_entity};
use quick_xml::events::{BytesStart, Event};

use super::charset;
use crate::{answer, web_link};

/// The most entries that are read; a site sends 10 to 100.
const MOST_ENTRIES: usize = 2_000;
/// The most bytes of a text that are kept, before what it marks up is taken out.
const MOST_TEXT: usize = 32 << 10;
/// How deep elements may nest.
const DEEPEST: usize = 100;

/// What a feed holds.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Feed {
    /// Its language, as it names it.
    pub(super) language: String,
    /// Its entries, in its order.
    pub(super) entries: Vec<Entry>,
}

/// An entry. Texts are HTML still: [`answer::plain`] takes it out. What is not given is empty.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) summary: String,
    /// Checked.
    pub(super) link: String,
    pub(super) published: String,
    pub(super) updated: String,
    pub(super) language: String,
    pub(super) video: String,
    pub(super) channel: String,
    pub(super) views: String,
    /// How many rated it, and how on average, of five.
    pub(super) ratings: (String, String),
}

/// Reads a feed.
///
/// # Errors
/// What the answer turned out to be instead.
pub(super) fn read(response: &RawResponse) -> Result<Feed, Outcome> {
    if let Some(refusal) = answer::refusal(response) {
        return Err(refusal);
    }
    let body = response.body();
    if body.trim_ascii().is_empty() {
        return Err(Outcome::DoubtfulEmpty("an empty body with a status of success".to_owned()));
    }
    if answer::is_page(body) {
        return Err(Outcome::DoubtfulEmpty("a page for people where a feed was due".to_owned()));
    }
    let text = charset::text(body);
    let mut reading = Reading::default();
    let mut reader = Reader::from_str(&text);
    reader.config_mut().allow_dangling_amp = true;
    loop {
        let event = reader.read_event().map_err(|error| {
            let why = answer::plain(&escape(error.to_string()), 200);
            Outcome::Drift(format!("at byte {}: {why}", reader.error_position()))
        })?;
        match event {
            Event::Start(tag) => reading.start(&tag, false)?,
            Event::Empty(tag) => reading.start(&tag, true)?,
            Event::End(_) => reading.end(),
            Event::Text(text) => reading.text(&text),
            Event::CData(text) => reading.text(&text),
            Event::GeneralRef(reference) => {
                let read = match reference.resolve_char_ref() {
                    Ok(Some(c)) => Some(c.to_string()),
                    _ => resolve_predefined_entity(&reference)
                        .or_else(|| resolve_html5_entity(&reference))
                        .map(str::to_owned),
                };
                reading.text(&read.unwrap_or_else(|| format!("&{};", &*reference)));
            }
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
    match (reading.root.is_some(), reading.depth) {
        (true, 0) => Ok(reading.feed),
        (true, _) => Err(Outcome::Drift("the feed ends in the midst of it".to_owned())),
        (false, _) => Err(Outcome::Drift("it holds no element, and so is no feed".to_owned())),
    }
}

/// A text of an entry, or of the feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Id,
    Title,
    Summary,
    Content,
    Link,
    PermanentLink,
    Published,
    Updated,
    Language,
    FeedLanguage,
    Video,
    Channel,
    MediaTitle,
    MediaDescription,
}

impl Field {
    /// Whether it is a text for people.
    const fn is_shown(self) -> bool {
        matches!(
            self,
            Self::Title | Self::Summary | Self::Content | Self::MediaTitle | Self::MediaDescription
        )
    }
}

#[derive(Debug, Default)]
struct Reading {
    feed: Feed,
    depth: usize,
    /// The prefix of the feed's own elements, with its colon; most often none.
    root: Option<String>,
    is_atom: bool,
    /// The entry that is being read, and the depth of its element.
    entry: Option<(Entry, usize)>,
    /// The field that is being read, the depth of its element, and whether its text is to be shown as it stands.
    field: Option<(Field, usize, bool)>,
    text: String,
}

impl Reading {
    fn start(&mut self, tag: &BytesStart<'_>, is_empty: bool) -> Result<(), Outcome> {
        let name = tag.name();
        let Some(prefix) = &self.root else {
            return self.start_root(tag, is_empty);
        };
        let name = name.0.strip_prefix(prefix.as_str()).unwrap_or(name.0);
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Outcome::Drift(format!("elements nest deeper than {DEEPEST}")));
        }
        if self.field.is_some() {
            // Marked-up text within: its tags part words.
            self.text(" ");
        } else if let Some((entry, depth)) = &mut self.entry {
            let level = self.depth - *depth;
            read_attributes(entry, name, level, tag);
            self.field = field(name, level, tag).map(|field| {
                let kind = attribute(tag, "type").unwrap_or_default();
                // Atom's titles and summaries are text unless they say otherwise; RSS's are HTML, whatever they are.
                let as_it_stands =
                    self.is_atom && field.is_shown() && matches!(kind.as_str(), "" | "text" | "plain");
                (field, self.depth, as_it_stands)
            });
            self.text.clear();
        } else if name == "item" || name == "entry" {
            if self.feed.entries.len() == MOST_ENTRIES {
                return Err(Outcome::Drift(format!("more than {MOST_ENTRIES} entries")));
            }
            let language = attribute(tag, "xml:lang").unwrap_or_default();
            self.entry = Some((Entry { language, ..Entry::default() }, self.depth));
        } else if matches!(name, "language" | "dc:language") && self.depth <= 3 {
            self.field = Some((Field::FeedLanguage, self.depth, true));
            self.text.clear();
        }
        if is_empty {
            self.end();
        }
        Ok(())
    }

    fn start_root(&mut self, tag: &BytesStart<'_>, is_empty: bool) -> Result<(), Outcome> {
        let name = tag.name().0;
        let (prefix, local) = name.rsplit_once(':').unwrap_or(("", name));
        if local.eq_ignore_ascii_case("html") {
            return Err(Outcome::DoubtfulEmpty("a page for people where a feed was due".to_owned()));
        }
        if !matches!(local, "rss" | "feed" | "RDF") {
            let name = answer::plain(name, 40);
            return Err(Outcome::Drift(format!("its first element is `{name}`, not that of a feed")));
        }
        self.is_atom = local == "feed";
        self.feed.language = attribute(tag, "xml:lang").unwrap_or_default();
        let is_own = !prefix.is_empty() && self.is_atom;
        self.root = Some(if is_own { format!("{prefix}:") } else { String::new() });
        self.depth = usize::from(!is_empty);
        Ok(())
    }

    fn end(&mut self) {
        if let Some((field, depth, as_it_stands)) = self.field {
            if depth == self.depth {
                self.field = None;
                let text = std::mem::take(&mut self.text);
                self.keep(field, if as_it_stands { escape(text).into_owned() } else { text });
            } else {
                self.text(" ");
            }
        } else if let Some((entry, _)) = self.entry.take_if(|(_, depth)| *depth == self.depth) {
            self.feed.entries.push(entry);
        }
        self.depth = self.depth.saturating_sub(1);
    }

    fn text(&mut self, text: &str) {
        if self.field.is_none() {
            return;
        }
        let room = MOST_TEXT.saturating_sub(self.text.len());
        self.text.push_str(&text[..text.floor_char_boundary(room)]);
    }

    /// Keeps a text, unless a better one is there.
    fn keep(&mut self, field: Field, text: String) {
        let text = match text.trim() {
            "" => return,
            trimmed if trimmed.len() == text.len() => text,
            trimmed => trimmed.to_owned(),
        };
        if field == Field::FeedLanguage {
            self.feed.language = text;
            return;
        }
        let Some((entry, _)) = &mut self.entry else { return };
        let kept = match field {
            Field::Id => &mut entry.id,
            Field::Title | Field::MediaTitle => &mut entry.title,
            Field::Summary | Field::Content | Field::MediaDescription => &mut entry.summary,
            Field::Link => {
                if let Some(link) = web_link::checked(&text) {
                    link.clone_into(&mut entry.link);
                }
                return;
            }
            Field::PermanentLink => {
                if let Some(link) = web_link::checked(&text).filter(|_| entry.link.is_empty()) {
                    link.clone_into(&mut entry.link);
                }
                &mut entry.id
            }
            Field::Published => &mut entry.published,
            Field::Updated => &mut entry.updated,
            Field::Language => &mut entry.language,
            Field::Video => &mut entry.video,
            Field::Channel => &mut entry.channel,
            Field::FeedLanguage => return,
        };
        if kept.is_empty() {
            *kept = text;
        }
    }
}

/// Which field an element of an entry is, so many levels below it.
fn field(name: &str, level: usize, tag: &BytesStart<'_>) -> Option<Field> {
    let direct = level == 1;
    Some(match name {
        "id" if direct => Field::Id,
        "guid" if direct => match attribute(tag, "isPermaLink").as_deref() {
            Some("false") => Field::Id,
            _ => Field::PermanentLink,
        },
        "title" if direct => Field::Title,
        "summary" | "description" if direct => Field::Summary,
        "content" | "content:encoded" if direct => Field::Content,
        // Atom's has no text.
        "link" if direct => Field::Link,
        "pubDate" | "published" | "issued" | "dc:date" if direct => Field::Published,
        "updated" | "modified" | "atom:updated" | "dcterms:modified" if direct => Field::Updated,
        "dc:language" | "language" if direct => Field::Language,
        "yt:videoId" if direct => Field::Video,
        "yt:channelId" if direct => Field::Channel,
        "media:title" if level <= 2 => Field::MediaTitle,
        "media:description" if level <= 2 => Field::MediaDescription,
        _ => return None,
    })
}

/// What an entry's elements say in attributes.
fn read_attributes(entry: &mut Entry, name: &str, level: usize, tag: &BytesStart<'_>) {
    let mut set = |kept: fn(&mut Entry) -> &mut String, name: &str| {
        if let Some(value) = attribute(tag, name) {
            *kept(entry) = value;
        }
    };
    match name {
        "link" if level == 1 => {
            let relation = attribute(tag, "rel").unwrap_or_default();
            let link = attribute(tag, "href").filter(|_| matches!(relation.as_str(), "" | "alternate"));
            if let Some(link) = link.as_deref().and_then(web_link::checked)
                && entry.link.is_empty()
            {
                link.clone_into(&mut entry.link);
            }
        }
        "media:statistics" if level <= 4 => set(|entry| &mut entry.views, "views"),
        "media:starRating" if level <= 4 => {
            set(|entry| &mut entry.ratings.0, "count");
            set(|entry| &mut entry.ratings.1, "average");
        }
        _ => {}
    }
}

/// An attribute's value, if it is there and short.
fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    const LONGEST: usize = 4_000;
    /// An element of a feed has a dozen.
    const MOST: usize = 50;
    let mut attributes = tag.attributes();
    let found =
        attributes.with_checks(false).take(MOST).flatten().find(|attribute| attribute.key.0 == name)?;
    if found.value.len() > LONGEST {
        return None;
    }
    let value = found.normalized_value(XmlVersion::Implicit1_0).ok();
    Some(value.map_or_else(|| found.value.clone().into_owned(), std::borrow::Cow::into_owned))
}

#[cfg(test)]
mod tests;

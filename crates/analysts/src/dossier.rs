//! Items as evidence for a debate: one line of words each, and the same for who calculates.

pub(crate) mod attention;
pub(crate) mod chains;
pub(crate) mod economy;
pub(crate) mod facts;
pub(crate) mod insiders;
mod papers;
pub(crate) mod texts;

pub use chains::chain_of;

use assize_altdata::{AsOf, Item};
use assize_ambient::Timestamp;
use assize_debate::{Evidence, EvidenceId};
use serde::Serialize;
use serde_json::Value;

/// The kind of evidence that is a figure which a company reported.
pub const COMPANY_FACT: &str = "company-fact";
/// The kind of evidence that is an insider's purchase or sale.
pub const INSIDER_TRADE: &str = "insider-trade";
/// The kind of evidence that is a piece of news.
pub const ARTICLE: &str = "article";
/// The kind of evidence that somebody wrote on a social site.
pub const POST: &str = "post";
/// The kind of evidence that is a film.
pub const VIDEO: &str = "video";
/// The kind of evidence that says how often a company was looked up on a day.
pub const ATTENTION: &str = "attention";
/// The kind of evidence that is the figures of an option chain.
pub const OPTION_CHAIN: &str = "option-chain";
/// The kind of evidence that is a value of an economic series.
pub const MACRO: &str = "macro";
/// The kind of evidence that is a document which a company filed.
pub const FILING: &str = "filing";
/// The kind of evidence that says how much of a day's trade was sold short.
pub const SHORT_VOLUME: &str = "short-volume";

/// Longer words are cut.
const MOST_CHARACTERS: usize = 400;

/// What was known of the items of a ticker as of a moment, as evidence that everybody holds; not the daily bars, which
/// [`bar_evidence`](crate::bar_evidence) makes from a series that is adjusted as of then.
///
/// Each kind is limited, so that a prompt stays short, and says what is newest or matters most first:
///
/// | kind | at most | which, in which order |
/// |---|---|---|
/// | `company-fact` | 240 | of the concepts that analysts read, periods that end in the last 30 months; of each period what was filed last, with what it was before; newest period first |
/// | `insider-trade` | 60 | purchases and sales on the market (codes P and S) of the last 180 days, newest first |
/// | `article` | 40 | of the last 14 days, by content score; it counts who says it, how new it is, and how much it is about the company |
/// | `post` | 40 | of the last 14 days, by content score |
/// | `video` | 10 | of the last 14 days, by content score |
/// | `attention` | 35 | days, newest first |
/// | `option-chain` | 25 | the last chain of each New York day as its figures, newest first |
/// | `macro` | 46 a series | the newest three values and one a week before those, of the last 300 days, newest first |
/// | `filing` | 20 | of the last 180 days, newest first; not Forms 3, 4, 5 and 144 |
/// | `short-volume` | 10 | days, newest first |
///
/// Nothing that became known after `as_of` is looked at, not even to rank what was.
#[must_use]
pub fn item_evidence(items: &[Item], as_of: &AsOf) -> Vec<Evidence> {
    let mut known: Vec<&Item> = items.iter().filter(|item| as_of.knows(*item)).collect();
    // The order of the items decides nothing; of two copies the one that was known first stands.
    known.sort_by(|one, other| order(one).cmp(&order(other)));
    known.dedup_by_key(|item| item.id);
    let makers = [
        facts::evidence,
        insiders::evidence,
        texts::evidence,
        attention::evidence,
        chains::evidence,
        economy::evidence,
        papers::evidence,
    ];
    makers.iter().flat_map(|make| make(&known, as_of)).collect()
}

/// The order of items, whatever order they came in.
fn order(item: &Item) -> (assize_altdata::EvidenceId, Timestamp, &str, &str) {
    (item.id, item.available_at.latest, item.source.as_str(), item.url.as_str())
}

/// An item as evidence of a kind.
fn line(item: &Item, kind: &str, subject: &str, text: &str, data: impl Serialize) -> Evidence {
    Evidence {
        id: EvidenceId::from(item.id.to_string().as_str()),
        kind: kind.to_owned(),
        subject: subject.to_owned(),
        source: item.url.to_string(),
        available_at: item.available_at.latest,
        text: one_line(text, MOST_CHARACTERS),
        data: serde_json::to_value(data).unwrap_or(Value::Null),
        held_by: None,
    }
}

/// At most so many characters, with single blanks where there are breaks and blanks.
pub(crate) fn one_line(text: &str, most: usize) -> String {
    let mut line = String::new();
    let mut left = most;
    let visible = |c: char| if c.is_control() { ' ' } else { c };
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        let blank = usize::from(!line.is_empty());
        let characters = word.chars().count();
        if characters + blank > left {
            if blank < left {
                line.extend(std::iter::repeat_n(' ', blank));
                line.extend(word.chars().map(visible).take(left - blank - 1));
                line.push('…');
            }
            break;
        }
        line.extend(std::iter::repeat_n(' ', blank));
        line.extend(word.chars().map(visible));
        left -= characters + blank;
    }
    line
}

/// Dollars, or any other unit, in words: `12.30 billion`.
pub(crate) fn grand(value: f64) -> String {
    let size = value.abs();
    match size {
        _ if size >= 1e12 => format!("{:.2} trillion", value / 1e12),
        _ if size >= 1e9 => format!("{:.2} billion", value / 1e9),
        _ if size >= 1e6 => format!("{:.2} million", value / 1e6),
        _ if size >= 1e3 => format!("{value:.0}"),
        _ => format!("{value}"),
    }
}

#[cfg(test)]
mod tests;

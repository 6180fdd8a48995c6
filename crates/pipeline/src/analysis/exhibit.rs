//! What an analysis can cite: what was read, a line each.

use std::collections::{BTreeMap, BTreeSet};

use assize_altdata::{Item, ItemKind, OptionChain, PriceSeries};
use assize_ambient::Timestamp;
use assize_debate::EvidenceId;
use serde::Serialize;

use super::measure::grand;

/// Longer words are cut.
const MOST_CHARACTERS: usize = 400;

/// A piece of evidence that the analysis cites.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Exhibit {
    /// What it is cited by.
    pub id: EvidenceId,
    /// What was observed: see [`ItemKind::as_str`].
    pub kind: &'static str,
    /// What it says. Text from outside.
    pub text: String,
    /// The address or file that it was read from.
    pub source: String,
    /// The moment by which it could be known.
    #[cfg_attr(feature = "schema", schemars(with = "assize_debate::schema::Moment"))]
    pub available_at: Timestamp,
}

impl Exhibit {
    /// What an item says, in a line.
    pub(crate) fn of(item: &Item) -> Self {
        Self {
            id: id_of(item),
            kind: item.kind.as_str(),
            text: one_line(&says(item)),
            source: item.url.to_string(),
            available_at: item.available_at.latest,
        }
    }
}

/// The id of an item, as it is cited.
pub(crate) fn id_of(item: &Item) -> EvidenceId {
    EvidenceId::from(item.id.to_string().as_str())
}

/// The items that are cited, each once, in the order of their ids.
pub(crate) fn cited<'a>(
    items: impl IntoIterator<Item = &'a Item>,
    cites: &BTreeSet<EvidenceId>,
) -> Vec<Exhibit> {
    let mut exhibits: BTreeMap<EvidenceId, Exhibit> = BTreeMap::new();
    for item in items {
        let id = id_of(item);
        if cites.contains(&id) {
            // Of two copies the one that was known first stands.
            let exhibit = Exhibit::of(item);
            let is_first = exhibits.get(&id).is_none_or(|other| {
                (exhibit.available_at, &exhibit.source) < (other.available_at, &other.source)
            });
            if is_first {
                exhibits.insert(id, exhibit);
            }
        }
    }
    exhibits.into_values().collect()
}

/// The id of a bar of a series, as it is cited.
pub(crate) fn bar_id(series: &PriceSeries, at: usize) -> Option<EvidenceId> {
    series.bars().get(at).map(|bar| EvidenceId::from(bar.id.to_string().as_str()))
}

fn says(item: &Item) -> String {
    let ticker = &item.ticker;
    match &item.kind {
        ItemKind::Bar(bar) => format!(
            "{ticker} {}: open {}, high {}, low {}, close {}",
            bar.date, bar.open, bar.high, bar.low, bar.close
        ),
        ItemKind::Identity(card) => format!("{ticker} is {}", card.name),
        ItemKind::Filing(filing) => {
            let items = if filing.items.is_empty() {
                String::new()
            } else {
                format!(", items {}", filing.items.join(", "))
            };
            let words = if filing.description.is_empty() {
                String::new()
            } else {
                format!(": {}", filing.description)
            };
            format!("{ticker} filed a {} on {}{items}{words}", filing.form, filing.filed_on)
        }
        ItemKind::InsiderTrade(trade) => {
            let worth = trade.value().map(|value| format!(" for {} USD", grand(value))).unwrap_or_default();
            let did = if trade.code == 'P' { "bought" } else { "sold" };
            let plan = if trade.is_planned == Some(true) { ", planned beforehand" } else { "" };
            format!(
                "{ticker}: {} {did} {:.0} shares on {}{worth}{plan}",
                trade.owner, trade.shares, trade.traded_on
            )
        }
        ItemKind::Fact(fact) => {
            let period = match fact.start {
                Some(start) => format!("{start} to {}", fact.end),
                None => format!("at {}", fact.end),
            };
            format!(
                "{ticker} {}, {period}: {} {} ({}, filed {})",
                fact.concept,
                grand(fact.value),
                fact.unit,
                fact.form,
                fact.filed_on
            )
        }
        ItemKind::Options(OptionChain { quoted_at, contracts, .. }) => {
            format!("{ticker} options quoted at {quoted_at}: {} contracts", contracts.len())
        }
        ItemKind::Article(article) => {
            let joint = if article.summary.is_empty() { "" } else { " | " };
            format!("{} ({}){joint}{}", article.title, article.domain, article.summary)
        }
        ItemKind::Post(post) => format!("{} {} ({})", post.title, post.text, post.site),
        ItemKind::Video(video) => format!("{} (video)", video.title),
        ItemKind::Attention(seen) => {
            format!("{ticker}: {} was looked at {} times on {}", seen.subject, seen.views, seen.date)
        }
        ItemKind::Macro(value) => format!("{} on {}: {}", value.series, value.date, value.value),
        ItemKind::ShortVolume(sold) => format!(
            "{ticker}: {:.0} of {:.0} shares were sold short on {}, a volume and not what is owed",
            sold.short, sold.total, sold.date
        ),
        _ => format!("{ticker}: something observed"),
    }
}

/// At most so many characters, on one line, without what would steer a terminal.
pub(crate) fn one_line(text: &str) -> String {
    cut(text, MOST_CHARACTERS)
}

/// The same with another limit.
pub(crate) fn cut(text: &str, most: usize) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let mut line = String::new();
    for word in words {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.len() > 4 * most {
            break;
        }
    }
    match line.char_indices().nth(most) {
        Some((at, _)) => {
            line.truncate(at);
            line.push('…');
            line
        }
        None => line,
    }
}

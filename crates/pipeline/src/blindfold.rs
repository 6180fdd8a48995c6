//! Keeping from debaters which company it is and when: who was trained on the past must not remember it.

mod masking;
mod model;

use assize_altdata::{Identity, ItemKind, Past, Ticker};
use assize_analysts::{BENCHMARK, DAILY_BAR, INSIDER_TRADE};
use assize_debate::{Evidence, Spec};
use jiff::civil::Date;
use serde::Deserialize;

use self::masking::Mask;
pub use self::model::BlindModel;
use crate::stages::Dossier;

/// First words of names that are said of much else.
const SAID_OF_MUCH: [&str; 20] = [
    "advanced",
    "allied",
    "american",
    "applied",
    "bank",
    "capital",
    "china",
    "digital",
    "energy",
    "first",
    "general",
    "global",
    "international",
    "national",
    "pacific",
    "public",
    "southern",
    "standard",
    "united",
    "western",
];
/// What names end with, whatever the company.
const LEGAL_FORMS: [&str; 15] = [
    "ag",
    "co",
    "company",
    "corp",
    "corporation",
    "group",
    "holdings",
    "inc",
    "incorporated",
    "limited",
    "llc",
    "ltd",
    "nv",
    "plc",
    "sa",
];
/// Where evidence comes from, for those who must not know.
const WITHHELD: &str = "withheld";

/// What must not be told: which companies there are, by ticker and by name, and when it is.
///
/// What debaters read is changed before a debate: the question asks about "the company"; the text of evidence has tickers,
/// names, absolute dates and years replaced, by offsets from the newest session where there is one; prices are such that
/// the newest close is 100; sources are withheld. What debaters calculate with stays, so that analysts, who remember nothing,
/// see what they always see. What is left then, the moments since when evidence is known and what analysts say, is masked
/// on the way to a model by a [`BlindModel`].
///
/// Who reads closely may guess all the same: from amounts in a company's reports, from the names of its people in what
/// analysts say, from what its products are called.
///
/// ```
/// use assize_altdata::Identity;
/// use assize_pipeline::Blindfold;
///
/// let blindfold = Blindfold::new([Identity::new(&"TSLA".parse()?, "Tesla, Inc.")]);
/// assert_eq!(blindfold.masked("Tesla's 2021 sales ($TSLA)"), "another company's [year] sales ($another company)");
/// # Ok::<(), assize_altdata::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blindfold {
    companies: Vec<Company>,
}

/// What gives a company away.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Company {
    ticker: Ticker,
    /// Longest first.
    names: Vec<String>,
}

impl Blindfold {
    /// Keeps these companies from debaters.
    #[must_use]
    pub fn new(cards: impl IntoIterator<Item = Identity>) -> Self {
        let mut companies: Vec<Company> = cards.into_iter().map(|card| Company::of(&card)).collect();
        companies.sort_by(|one, other| (&one.ticker, &one.names).cmp(&(&other.ticker, &other.names)));
        companies.dedup();
        Self { companies }
    }

    /// Keeps the companies of a past from debaters, by the names that its sources give them.
    #[must_use]
    pub fn of_past(past: &Past) -> Self {
        let nameless = past.tickers().map(|ticker| Identity::new(ticker, ""));
        let named = past.items().filter_map(|item| match &item.kind {
            ItemKind::Identity(card) => Some(card.clone()),
            _ => None,
        });
        Self::new(nameless.chain(named))
    }

    /// A text without names, tickers, dates and years. Dates are days before the newest that is named in it.
    #[must_use]
    pub fn masked(&self, text: &str) -> String {
        let newest = masking::newest_date([text]);
        self.masked_before(text, newest)
    }

    fn masked_before(&self, text: &str, newest: Option<Date>) -> String {
        let mask = Mask { companies: &self.companies, own: None, date: &|date| days_before(newest, date) };
        mask.apply(text)
    }

    /// Changes what debaters of a question about this ticker read.
    pub(crate) fn blind(&self, draft: &mut Spec, ticker: &Ticker, dossier: &Dossier, horizon: u32) {
        let series = &dossier.series;
        draft.question = match &dossier.rival {
            None => format!(
                "Will the company be worth more, dividends included, {horizon} sessions after session 0, the newest?"
            ),
            Some(_) => format!(
                "Will the company return more than the benchmark, dividends included, over the {horizon} sessions after \
                 session 0, the newest? \"up\" says that it will return more, \"down\" that it will not."
            ),
        };
        let sessions: Vec<Date> = series.bars().iter().map(|bar| bar.bar.date).collect();
        let newest = series.last().map(|bar| bar.adjusted_close);
        let mask = Mask {
            companies: &self.companies,
            own: Some(ticker),
            date: &|date| session_offset(&sessions, date),
        };
        for evidence in &mut draft.evidence {
            if evidence.kind == BENCHMARK {
                evidence.text = evidence.text.replacen(&evidence.subject, "another share", 1);
            }
            let bar = (evidence.kind == DAILY_BAR).then(|| rescaled(evidence, &sessions, newest)).flatten();
            evidence.text = bar.unwrap_or_else(|| mask.apply(&without_owner(evidence)));
            WITHHELD.clone_into(&mut evidence.source);
        }
    }
}

impl Company {
    fn of(card: &Identity) -> Self {
        let short = card.short_name();
        let first = short.split(' ').next().filter(|word| {
            word.chars().count() >= 5 && !SAID_OF_MUCH.contains(&word.to_lowercase().as_str())
        });
        let titles = card.wikipedia.iter().flat_map(|title| [title.clone(), title.replace('_', " ")]);
        let mut names: Vec<String> = [card.name.clone(), without_form(&card.name), short.clone()]
            .into_iter()
            .chain(card.aliases.iter().cloned())
            .chain(titles)
            .chain(first.map(str::to_owned))
            .map(|name| name.trim().to_owned())
            .filter(|name| name.chars().count() >= 2)
            .collect();
        names.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        names.dedup();
        Self { ticker: card.ticker.clone(), names }
    }
}

/// The name as it is written, without what says its legal form: `AT&T` for `AT&T Inc.`.
fn without_form(name: &str) -> String {
    let mut rest = name.trim();
    while let Some((before, last)) = rest.rsplit_once([' ', ',']) {
        let last = last.trim_end_matches('.').to_lowercase();
        if !last.is_empty() && !LEGAL_FORMS.contains(&last.as_str()) {
            break;
        }
        rest = before.trim_end();
    }
    rest.to_owned()
}

/// The prices of a bar's evidence.
#[derive(Deserialize)]
struct Prices {
    date: Date,
    open: f64,
    high: f64,
    low: f64,
    close: f64,
    #[serde(default)]
    adjusted_close: Option<f64>,
}

/// A bar in words, in prices of which the newest close is 100.
fn rescaled(evidence: &Evidence, sessions: &[Date], newest: Option<f64>) -> Option<String> {
    let Prices { date, open, high, low, close, adjusted_close } = Prices::deserialize(&evidence.data).ok()?;
    let factor = 100.0 / newest? * adjusted_close.unwrap_or(close) / close;
    let [open, high, low, close] = [open, high, low, close].map(|price| price * factor);
    factor.is_finite().then(|| {
        format!(
            "{}: open {open:.2}, high {high:.2}, low {low:.2}, close {close:.2}",
            session_offset(sessions, date)
        )
    })
}

/// The text without the name of who traded.
fn without_owner(evidence: &Evidence) -> String {
    let owner = evidence.data.get("owner").and_then(|owner| owner.as_str());
    match owner.filter(|owner| evidence.kind == INSIDER_TRADE && !owner.is_empty()) {
        Some(owner) => evidence.text.replace(owner, "an insider"),
        None => evidence.text.clone(),
    }
}

/// `session −3` for the third session before the newest; days in between count as the session before them.
fn session_offset(sessions: &[Date], date: Date) -> String {
    let (Some(first), Some(newest)) = (sessions.first(), sessions.last()) else {
        return "[date]".to_owned();
    };
    if date < *first {
        let days = days_between(date, *first);
        return format!("{days} days before session {}", minus(sessions.len() - 1));
    }
    if date > *newest {
        return format!("{} days after session 0", days_between(*newest, date));
    }
    let until = sessions.partition_point(|session| *session <= date);
    format!("session {}", minus(sessions.len() - until))
}

fn days_before(newest: Option<Date>, date: Date) -> String {
    match newest {
        Some(newest) if date <= newest => {
            format!("day {}", minus(usize::try_from(days_between(date, newest)).unwrap_or(0)))
        }
        _ => "[date]".to_owned(),
    }
}

fn days_between(earlier: Date, later: Date) -> i32 {
    earlier.until(later).map(|span| span.get_days()).unwrap_or_default()
}

fn minus(n: usize) -> String {
    if n == 0 { "0".to_owned() } else { format!("−{n}") }
}

#[cfg(test)]
mod tests;

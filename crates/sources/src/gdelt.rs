//! News from everywhere that mention a company, from GDELT's index.

mod mended;
mod title;

use std::sync::Arc;
use std::time::Duration;

use assize_altdata::{
    Article, Availability, Disposition, Finding, FindingKind, Gap, GapReason, Identity, Item, ItemKind,
    Outcome, Query, Source, SourceId, SourceKind, SourceMeta,
};
use assize_transport::{RawResponse, Request};
use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};
use serde::Deserialize;

use crate::mention::Mentions;
use crate::{address::Address, answer, web_link};

const MINUTE: Duration = Duration::from_secs(60);
/// How far back is asked for; the index reaches three months.
const DAYS: i64 = 3;
/// The index is brought up to date so often.
const STEP: SignedDuration = SignedDuration::from_mins(15);
/// The most articles that the site gives at once.
const MOST: usize = 250;
/// Of a batch, no more companies and no more bytes of query.
const MOST_COMPANIES: usize = 5;
const MOST_QUERY: usize = 240;
/// What stands beside each phrase of a query: its quotation marks, and ` OR `.
const BESIDE: usize = 6;
const MOST_TITLE: usize = 300;
/// Why an article is known from when it is.
const SEEN: &str = "when GDELT saw it";

/// The list of articles of GDELT's DOC 2.0 interface.
///
/// Format: <https://blog.gdeltproject.org/gdelt-doc-2-0-api-debuts/>. Only titles are given, with spaces around their
/// punctuation, which are taken out again where that is certain; an article is taken if its title mentions the company
/// strictly, as with [`NewsFeeds`](crate::NewsFeeds), though the site found it by its whole text. An article is known from
/// when GDELT saw it.
///
/// The site asks for five seconds between requests. So that many companies need few, the fetcher tells it of all that it is
/// about ([`with_companies`](Self::with_companies)): then it is asked about several in one query, which is sent once.
///
/// It says what is wrong in words with a status of 200: to ask less often, or that it doesn't like the query; and where it
/// finds nothing, or is too busy to, it sends `{}`.
#[derive(Clone, Debug)]
pub struct Gdelt {
    meta: SourceMeta,
    batches: Vec<Batch>,
}

/// Companies that are asked about at once.
#[derive(Clone, Debug, Default)]
struct Batch {
    companies: Vec<assize_altdata::Ticker>,
    phrases: Vec<String>,
}

impl Gdelt {
    /// The name of this source.
    pub const ID: SourceId = SourceId::new("gdelt");

    /// The source as it is asked by default: once in five seconds, about one company at a time.
    #[must_use]
    pub fn new() -> Self {
        let mut meta = SourceMeta::new(Self::ID, SourceKind::News, "api.gdeltproject.org");
        meta.rate = Some(0.2);
        meta.burst = 1;
        meta.ttl = 30 * MINUTE;
        meta.stale_after = Some(7 * 24 * 60 * MINUTE);
        meta.terms =
            "open for any use with a citation of the GDELT Project; one request in five seconds".into();
        meta.default_on = true;
        Self { meta, batches: Vec::new() }
    }

    /// The same, asking about several of these companies at once.
    #[must_use]
    pub fn with_companies<'a>(mut self, companies: impl IntoIterator<Item = &'a Identity>) -> Self {
        let mut batch = Batch::default();
        for company in companies {
            let phrases = phrases(company);
            let length: usize =
                batch.phrases.iter().chain(&phrases).map(|phrase| phrase.len() + BESIDE).sum();
            let is_full = batch.companies.len() == MOST_COMPANIES || length > MOST_QUERY;
            if is_full && !batch.companies.is_empty() {
                self.batches.push(std::mem::take(&mut batch));
            }
            if !phrases.is_empty() {
                batch.companies.push(company.ticker.clone());
                batch.phrases.extend(phrases);
            }
        }
        if !batch.companies.is_empty() {
            self.batches.push(batch);
        }
        self
    }

    /// With whom the company is asked about.
    fn batch(&self, query: &Query) -> Option<&Batch> {
        self.batches.iter().find(|batch| batch.companies.contains(query.ticker()))
    }

    /// Whether others may have taken all the room in this list: it is full, and has nothing of this company.
    fn is_crowded_out(&self, query: &Query, articles: &[Found]) -> bool {
        let mentions = Mentions::of(query);
        let is_of =
            |found: &Found| mentions.any(&[&title::repaired(&answer::plain(&found.title, MOST_TITLE))]);
        articles.len() >= MOST
            && self.batch(query).is_some_and(|batch| batch.companies.len() > 1)
            && !articles.iter().any(is_of)
    }
}

impl Default for Gdelt {
    fn default() -> Self {
        Self::new()
    }
}

/// What a company is searched by: its name as people say it, and its aliases. The site refuses short words.
fn phrases(company: &Identity) -> Vec<String> {
    const SHORTEST: usize = 4;
    let mut phrases = Vec::new();
    for name in std::iter::once(&company.name).chain(&company.aliases).take(3) {
        let short = Identity::new(&company.ticker, name.as_str()).short_name();
        let phrase = match short.chars().count() {
            SHORTEST..=60 => short,
            // With its legal form it may be long enough, and means one company.
            _ => name
                .to_lowercase()
                .split(|c: char| !c.is_alphanumeric())
                .filter(|word| !word.is_empty())
                .collect::<Vec<_>>()
                .join(" "),
        };
        if (SHORTEST..=60).contains(&phrase.chars().count()) && !phrases.contains(&phrase) {
            phrases.push(phrase);
        }
    }
    phrases
}

#[derive(Deserialize)]
struct Answer {
    articles: Vec<Found>,
}

#[derive(Deserialize)]
struct Found {
    url: String,
    title: String,
    seendate: String,
    #[serde(default)]
    language: String,
}

impl Found {
    fn seen(&self) -> Option<Timestamp> {
        let seen = DateTime::strptime("%Y%m%dT%H%M%SZ", &self.seendate).ok()?;
        TimeZone::UTC.to_timestamp(seen).ok()
    }
}

impl Source for Gdelt {
    fn meta(&self) -> &SourceMeta {
        &self.meta
    }

    fn needs_identity(&self) -> bool {
        true
    }

    fn asks_together(&self) -> bool {
        true
    }

    fn for_companies(&self, companies: &[Arc<Identity>]) -> Option<Arc<dyn Source>> {
        let alone = Self { meta: self.meta.clone(), batches: Vec::new() };
        Some(Arc::new(alone.with_companies(companies.iter().map(|company| &**company))))
    }

    fn plan(&self, query: &Query) -> Result<Vec<Request>, Gap> {
        let gap = |detail: &str| Gap::new(query.ticker(), &Self::ID, GapReason::NoSuchTicker, detail);
        let Some(identity) = query.identity() else {
            return Err(gap("it is not known which company is meant, and so not what to search for"));
        };
        let phrases = self.batch(query).map_or_else(|| phrases(identity), |batch| batch.phrases.clone());
        let quoted: Vec<String> = phrases.iter().map(|phrase| format!("\"{phrase}\"")).collect();
        let wanted = match &quoted[..] {
            [] => return Err(gap("its name is too short for the site to search for")),
            // Brackets are refused around a single phrase.
            [one] => one.clone(),
            several => format!("({})", several.join(" OR ")),
        };
        let (first, last) = between(query);
        let moment = |at: Timestamp| TimeZone::UTC.to_datetime(at).strftime("%Y%m%d%H%M%S").to_string();
        let address = Address::new("https://api.gdeltproject.org/api/v2/doc/doc")
            .parameter("query", &wanted)
            .parameter("mode", "artlist")
            .parameter("format", "json")
            .parameter("maxrecords", "250")
            .parameter("startdatetime", &moment(first))
            .parameter("enddatetime", &moment(last))
            .parameter("sort", "datedesc");
        Ok(vec![address.get(query, &Self::ID)?])
    }

    /// Of whom nothing is there because others took all the room, is asked about alone.
    fn follow(&self, query: &Query, response: &RawResponse) -> Vec<Request> {
        let alone = Self { meta: self.meta.clone(), batches: Vec::new() };
        let Ok(planned) = alone.plan(query) else { return Vec::new() };
        let is_alone = planned.iter().any(|request| request.url() == response.url());
        match read(response) {
            Ok(answer) if !is_alone && self.is_crowded_out(query, &answer.articles) => planned,
            _ => Vec::new(),
        }
    }

    fn decode(&self, query: &Query, response: &RawResponse) -> Outcome {
        let answer = match read(response) {
            Ok(answer) => answer,
            Err(outcome) => return outcome,
        };
        if answer.articles.len() > 4 * MOST {
            return Outcome::Drift(format!("at `articles`: more than {} of them", 4 * MOST));
        }
        let mentions = Mentions::of(query);
        let (mut items, mut findings) = (Vec::new(), Vec::new());
        if self.is_crowded_out(query, &answer.articles) {
            findings.push(crowded_out(response, &answer.articles));
        }
        for found in answer.articles {
            let title = title::repaired(&answer::plain(&found.title, MOST_TITLE));
            let Some(link) = web_link::checked(&found.url).filter(|_| mentions.any(&[&title])) else {
                continue;
            };
            let Some(seen) = found.seen() else {
                findings.push(answer::undated(response, &found.seendate));
                continue;
            };
            let article = Article {
                title,
                summary: String::new(),
                domain: web_link::domain(link),
                link: link.to_owned(),
                language: answer::plain(&found.language, 40),
            };
            let known = Availability::at(seen, SEEN);
            let (ticker, url) = (query.ticker(), response.url());
            items.push(Item::new(
                ticker,
                ItemKind::Article(article),
                &Self::ID,
                url,
                known,
                response.fetched_at(),
            ));
        }
        answer::listed(items, findings)
    }
}

/// What is wrong with a list that others have filled.
fn crowded_out(response: &RawResponse, articles: &[Found]) -> Finding {
    let text = format!("all {} articles that the site gives at once are about others", articles.len());
    let finding = Finding::undated(None, FindingKind::OtherTicker, Disposition::Kept, text);
    let newest = articles.iter().filter_map(Found::seen).max();
    let known_from = newest.map(|newest| Availability::at(newest, SEEN));
    Finding { known_from, ..finding }.at_url(response.url())
}

/// From when to when is asked for: to the next quarter of an hour, so that the same is asked within one.
fn between(query: &Query) -> (Timestamp, Timestamp) {
    let step = STEP.as_secs();
    let quarter = |seconds: i64, up: i64| {
        let rounded = (seconds + up).div_euclid(step).saturating_mul(step);
        Timestamp::from_second(rounded).unwrap_or(Timestamp::MAX)
    };
    let end = query.as_of().moment().as_second();
    let start = end - DAYS * 24 * 3_600;
    let start = query.wanted_since().map_or(start, |since| since.as_second().clamp(start, end));
    (quarter(start, 0), quarter(end, step - 1))
}

/// Reads the list, or what stands in its place.
fn read(response: &RawResponse) -> Result<Answer, Outcome> {
    let body = response.body().trim_ascii();
    let says = |words: &str| {
        let start = body.get(..body.len().min(400)).unwrap_or_default();
        String::from_utf8_lossy(start).to_ascii_lowercase().contains(words)
    };
    let is_json = body.starts_with(b"{");
    if !is_json && says("limit requests to one every") {
        return Err(Outcome::Throttled(Some(Duration::from_secs(5))));
    }
    if let Some(refusal) = answer::refusal(response) {
        return Err(refusal);
    }
    if body.strip_prefix(b"{").is_some_and(|rest| rest.trim_ascii() == b"}") {
        let why = "the site sends `{}` where it finds nothing, and where it is too busy to";
        return Err(Outcome::DoubtfulEmpty(why.to_owned()));
    }
    if !is_json && !body.is_empty() && !answer::is_page(body) {
        let said = answer::plain(
            &String::from_utf8_lossy(body.get(..body.len().min(2_000)).unwrap_or_default()),
            200,
        );
        return Err(Outcome::Drift(format!("words in the place of a list: {said}")));
    }
    match answer::json(response) {
        Err(Outcome::Drift(found)) => {
            // Titles sometimes hold what JSON does not allow.
            mended::mended(body)
                .and_then(|mended| answer::from_json(&mended).ok())
                .ok_or(Outcome::Drift(found))
        }
        other => other,
    }
}

#[cfg(test)]
mod tests;

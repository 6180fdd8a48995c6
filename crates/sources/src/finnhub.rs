//! News about a company from Finnhub, which wants a key.

use std::collections::BTreeSet;
use std::time::Duration;

use assize_altdata::{
    Article, Availability, Disposition, Finding, FindingKind, Gap, GapReason, Item, ItemKind, Outcome, Query,
    Source, SourceId, SourceKind, SourceMeta,
};
use assize_transport::{RawResponse, Request, Secret, Url};
use jiff::{SignedDuration, Timestamp, ToSpan, tz::TimeZone};
use serde::Deserialize;

use crate::{address::Address, answer};

const HOUR: Duration = Duration::from_secs(3_600);
/// How far back is asked for.
const DAYS: i64 = 14;
/// Pieces of one answer; it gives some 250 at most.
const MOST_STORIES: usize = 5_000;
const LONGEST_TITLE: usize = 400;
const LONGEST_SUMMARY: usize = 4_000;
/// Under this host stand redirections to the sites, not the sites.
const OWN_HOST: &str = "finnhub.io";

/// News from `finnhub.io/api/v1/company-news`, by the day of the last two weeks before the as-of moment.
///
/// Format: <https://finnhub.io/docs/api/company-news>, with `datetime` in seconds, `headline`, `source`, `summary`, `url`
/// and `related`. It is written from that page and from Finnhub's own clients; **no recorded answer was at hand** to hold
/// it against. A symbol that it does not have gives an empty list, as one without news does.
///
/// The links of many pieces lead to Finnhub, which sends on to the site: the domain of such a piece is what `source` says,
/// in lower case (`yahoo`, `seekingalpha`). The time is that of the site; the piece counts as known an hour later, as the
/// service does not say when it listed it.
#[derive(Clone, Debug)]
pub struct FinnhubNews {
    meta: SourceMeta,
    key: Option<Secret>,
}

impl FinnhubNews {
    /// The name of this source.
    pub const ID: SourceId = SourceId::new("finnhub-news");

    /// The source at one request a second, asked with a key if there is one.
    #[must_use]
    pub fn new(key: Option<Secret>) -> Self {
        let mut meta = SourceMeta::new(Self::ID, SourceKind::News, OWN_HOST);
        meta.rate = Some(1.0);
        meta.burst = 5;
        meta.ttl = HOUR / 2;
        meta.stale_after = Some(14 * 24 * HOUR);
        meta.terms = "a key of one's own; free for personal use at 60 requests a minute".into();
        meta.needs_key = true;
        Self { meta, key }
    }
}

#[derive(Deserialize)]
struct Story {
    datetime: i64,
    headline: String,
    #[serde(default)]
    related: String,
    #[serde(default)]
    source: String,
    #[serde(default)]
    summary: String,
    url: String,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
}

impl Source for FinnhubNews {
    fn meta(&self) -> &SourceMeta {
        &self.meta
    }

    fn plan(&self, query: &Query) -> Result<Vec<Request>, Gap> {
        let gap = |reason, detail: String| Gap::new(query.ticker(), &Self::ID, reason, detail);
        let Some(key) = &self.key else {
            let detail = "it needs a key: finnhub.io gives one for nothing".to_owned();
            return Err(gap(GapReason::KeyMissing, detail));
        };
        let last = query.as_of().moment().to_zoned(TimeZone::UTC).date();
        let first = last.saturating_sub(DAYS.days());
        let wanted = query.wanted_since().map(|since| since.to_zoned(TimeZone::UTC).date());
        let first = wanted.map_or(first, |since| first.max(since.min(last)));
        let request = Address::new("https://finnhub.io/api/v1/company-news")
            .parameter("symbol", query.ticker().as_str())
            .parameter("from", &first.to_string())
            .parameter("to", &last.to_string())
            .get(query, &Self::ID)?;
        let request = request
            .with_secret_header("x-finnhub-token", key.expose())
            .map_err(|error| gap(GapReason::Failed, format!("failed to {error}")))?;
        Ok(vec![request])
    }

    fn decode(&self, query: &Query, response: &RawResponse) -> Outcome {
        if let Some(outcome) = refusal(response) {
            return outcome;
        }
        let stories: Vec<Story> = match answer::json(response) {
            Ok(stories) => stories,
            Err(outcome) => return outcome,
        };
        if stories.is_empty() {
            return Outcome::Empty;
        }
        if stories.len() > MOST_STORIES {
            return Outcome::Drift(format!("more than {MOST_STORIES} pieces"));
        }
        let asked = query.ticker().as_str();
        let is_related = |story: &Story| {
            story.related.is_empty()
                || story.related.split(',').any(|symbol| symbol.trim().eq_ignore_ascii_case(asked))
        };
        if let Some(story) = stories.first().filter(|_| !stories.iter().any(is_related)) {
            let found = answer::plain(&story.related, 60);
            return Outcome::OtherCompany(format!("{found}, and {asked} was asked for"));
        }
        let (mut items, mut findings) = (Vec::new(), Vec::new());
        let mut find = |kind, known_from, text: String| {
            let finding = Finding::undated(None, kind, Disposition::Dropped, text);
            findings.push(Finding { known_from, ..finding }.at_url(response.url()));
        };
        for story in stories {
            let Ok(moment) = Timestamp::from_second(story.datetime) else {
                find(FindingKind::UnreadableDate, None, format!("{} is no time", story.datetime));
                continue;
            };
            let latest = moment.checked_add(SignedDuration::from_hours(1)).unwrap_or(moment);
            let basis = "the site's own time; listed within an hour";
            let available_at = Availability::between(moment, latest, basis);
            if !is_related(&story) {
                let text = format!("a piece about {}", answer::plain(&story.related, 60));
                find(FindingKind::OtherTicker, Some(available_at), text);
                continue;
            }
            let Some(article) = story.article() else {
                let text = "a piece without a headline or an address".to_owned();
                find(FindingKind::RaggedRow, Some(available_at), text);
                continue;
            };
            let (ticker, url) = (query.ticker(), response.url());
            let kind = ItemKind::Article(article);
            let item = Item::new(ticker, kind, &Self::ID, url, available_at, response.fetched_at());
            items.push(item.published(moment));
        }
        items.sort_by_key(|item| item.available_at.latest);
        let mut seen = BTreeSet::new();
        items.retain(|item| seen.insert(item.id));
        Outcome::Items { items, findings: Finding::list(findings) }
    }
}

/// What it has against us it says in an object with `error`, whatever the status.
fn refusal(response: &RawResponse) -> Option<Outcome> {
    let is_object = response.body().trim_ascii_start().starts_with(b"{");
    let said = is_object.then(|| answer::from_json::<Refusal>(response.body()).ok()).flatten();
    let said = said.map(|refusal| refusal.error.chars().take(300).collect::<String>().to_lowercase());
    match (said, answer::refusal(response)) {
        (Some(text), _) if text.contains("api key") => Some(Outcome::KeyMissing),
        // The plan of this key does not cover this company; it covers others.
        (Some(text), _) if text.contains("access to this resource") => Some(Outcome::KeyMissing),
        (Some(text), None) if text.contains("limit") => Some(Outcome::Throttled(None)),
        (Some(text), None) if text.contains("access") => Some(Outcome::Blocked),
        (Some(text), None) => Some(Outcome::Unavailable(format!("it says: {}", answer::plain(&text, 120)))),
        (_, refusal) => refusal,
    }
}

impl Story {
    fn article(&self) -> Option<Article> {
        let title = answer::plain(&self.headline, LONGEST_TITLE);
        let link: Url =
            self.url.trim().parse().ok().filter(|link: &Url| link.scheme().starts_with("http"))?;
        let host = link.host()?.to_ascii_lowercase();
        let host = host.strip_prefix("www.").unwrap_or(&host);
        let outlet = answer::plain(&self.source, 60).to_lowercase();
        let domain = if host == OWN_HOST && !outlet.is_empty() { outlet } else { host.to_owned() };
        (!title.is_empty()).then(|| Article {
            title,
            summary: answer::plain(&self.summary, LONGEST_SUMMARY),
            link: link.as_str().to_owned(),
            domain,
            language: String::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use assize_altdata::{AsOf, conformance};
    use assize_transport::Headers;

    use super::*;

    const BODY: &str = r#"[
        {"category":"company","datetime":1631228365,"headline":"Acme&#39;s new <b>rocket</b>","id":70428593,"image":"","related":"ACME",
         "source":"SeekingAlpha","summary":"It flies.","url":"https://finnhub.io/api/news?id=84c5b4de"},
        {"category":"company","datetime":1631100000,"headline":"Acme sells","id":7,"related":"XYZ,ACME","source":"Example",
         "summary":"","url":"https://www.Example.org/a?b=c","new":1}]"#;

    fn source() -> FinnhubNews {
        FinnhubNews::new(Some(Secret::new("k123")))
    }

    fn query() -> Query {
        Query::new(&"ACME".parse().unwrap(), "2021-09-10".parse::<AsOf>().unwrap())
    }

    fn decode(status: u16, body: &str) -> Outcome {
        let request = &source().plan(&query()).unwrap()[0];
        let response =
            RawResponse::new(request, status, Headers::default(), body.to_owned(), Timestamp::UNIX_EPOCH);
        source().decode(&query(), &response)
    }

    #[test]
    fn it_keeps_the_contract() {
        conformance::check_query(&source(), &query(), BODY.as_bytes());
    }

    #[test]
    fn days_before_the_moment_are_asked_for() {
        let request = &source().plan(&query()).unwrap()[0];
        let expected = "https://finnhub.io/api/v1/company-news?symbol=ACME&from=2021-08-28&to=2021-09-11";
        assert_eq!(request.url().as_str(), expected);
        assert_eq!(request.secret_headers()[0].1.expose(), "k123");
        assert!(!format!("{request:?} {:?}", source()).contains("k123"));
        let since = query().since("2021-09-09T10:00:00Z".parse().unwrap());
        assert!(source().plan(&since).unwrap()[0].url().as_str().contains("from=2021-09-09&"));
        assert_eq!(FinnhubNews::new(None).plan(&query()).unwrap_err().reason, GapReason::KeyMissing);
    }

    #[test]
    fn pieces_are_plain_and_dated() {
        let Outcome::Items { items, findings } = decode(200, BODY) else { panic!("items") };
        assert!(findings.is_empty());
        let shown: Vec<_> = items
            .iter()
            .map(|item| match &item.kind {
                ItemKind::Article(article) => {
                    (article.title.as_str(), article.domain.as_str(), item.available_at.latest.to_string())
                }
                other => panic!("{other:?}"),
            })
            .collect();
        let expected = [
            ("Acme sells", "example.org", "2021-09-08T12:20:00Z".to_owned()),
            ("Acme's new rocket", "seekingalpha", "2021-09-09T23:59:25Z".to_owned()),
        ];
        assert_eq!(shown, expected);
        assert_eq!(items[1].published.unwrap().to_string(), "2021-09-09T22:59:25Z");
    }

    #[test]
    fn what_is_no_news() {
        let said = |text: &str| format!(r#"{{"error":"{text}"}}"#);
        for (status, body, expected) in [
            (401, said("Invalid API key"), Outcome::KeyMissing),
            (401, said("Please use an API key."), Outcome::KeyMissing),
            (403, said("You don't have access to this resource."), Outcome::KeyMissing),
            (200, said("You don't have access to this resource."), Outcome::KeyMissing),
            (429, said("API limit reached. Please try again later."), Outcome::Throttled(None)),
            (200, said("API limit reached."), Outcome::Throttled(None)),
            (
                200,
                said("Symbol not supported"),
                Outcome::Unavailable("it says: symbol not supported".to_owned()),
            ),
            (502, String::new(), Outcome::Unavailable("a status of 502".to_owned())),
            (200, "[]".to_owned(), Outcome::Empty),
            (
                200,
                BODY.replace("ACME", "ABC"),
                Outcome::OtherCompany("ABC, and ACME was asked for".to_owned()),
            ),
        ] {
            assert_eq!(decode(status, &body), expected, "{body}");
        }
        let Outcome::Drift(path) = decode(200, &BODY.replacen("headline", "title", 1)) else {
            panic!("drift")
        };
        assert!(path.starts_with("at `[0]`: missing field `headline`"), "{path}");
        for (from, to) in [
            ("\"related\":\"ACME\"", "\"related\":\"ABC\""),
            ("https://www.Example.org", "javascript:"),
            ("Acme sells", "<br>"),
            ("1631100000", "9223372036854775807"),
        ] {
            let Outcome::Items { items, findings } = decode(200, &BODY.replace(from, to)) else { panic!() };
            assert_eq!((items.len(), findings.len()), (1, 1), "{to}");
        }
    }
}

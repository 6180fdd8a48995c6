//! How often a company's article in the English Wikipedia is read, from Wikimedia's pageviews service.

use std::collections::BTreeSet;
use std::time::Duration;

use assize_altdata::{
    Attention, Availability, Disposition, Finding, FindingKind, Gap, GapReason, Identity, Item, ItemKind,
    Outcome, Query, Resume, Source, SourceId, SourceKind, SourceMeta, new_york,
};
use assize_transport::{RawResponse, Request};
use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan, tz::TimeZone};
use serde::Deserialize;

use crate::{address::Address, answer};

const HOUR: Duration = Duration::from_secs(3_600);
/// How far back is asked for.
const DAYS: i64 = 90;
/// Days of one answer.
const MOST_ROWS: usize = 4_000;

/// Daily views of a company's article, people only (no crawlers).
///
/// Format: <https://wikitech.wikimedia.org/wiki/Analytics/AQS/Pageviews>. Days without a view are left out by the site,
/// the newest day may be partial, so a day counts as known a day after its end, and a status of 404 with a problem document
/// means that there is nothing.
/// Wikimedia wants a `User-Agent` that names who operates the client; the transport sets it.
///
/// The article is the one that the [identity](assize_altdata::Identity) names, and without one the article of the company's
/// own name.
#[derive(Clone, Debug)]
pub struct WikipediaPageviews {
    meta: SourceMeta,
}

impl WikipediaPageviews {
    /// The name of this source.
    pub const ID: SourceId = SourceId::new("wikipedia-pageviews");

    /// The source as it is asked by default: five requests a second.
    #[must_use]
    pub fn new() -> Self {
        let mut meta = SourceMeta::new(Self::ID, SourceKind::Attention, "wikimedia.org");
        meta.rate = Some(5.0);
        meta.burst = 5;
        meta.ttl = 12 * HOUR;
        meta.stale_after = Some(5 * 24 * HOUR);
        meta.terms = "CC0 data; a User-Agent that names the operator".into();
        meta.default_on = true;
        Self { meta }
    }
}

impl Default for WikipediaPageviews {
    fn default() -> Self {
        Self::new()
    }
}

#[derive(Deserialize)]
struct Answer {
    items: Vec<Day>,
}

#[derive(Deserialize)]
struct Day {
    project: String,
    article: String,
    granularity: String,
    timestamp: String,
    views: u64,
}

impl Source for WikipediaPageviews {
    fn meta(&self) -> &SourceMeta {
        &self.meta
    }

    fn needs_identity(&self) -> bool {
        true
    }

    /// A day's views may still be counted for some days; after that they stay.
    fn resumes(&self, query: &Query) -> Option<Resume> {
        let from = availability(days(query).0).earliest;
        Some(Resume { from, overlap: 5 * 24 * HOUR })
    }

    fn plan(&self, query: &Query) -> Result<Vec<Request>, Gap> {
        let Some(identity) = query.identity() else {
            let detail = "it is not known which company is meant, and so not which article".to_owned();
            return Err(Gap::new(query.ticker(), &Self::ID, GapReason::NoSuchTicker, detail));
        };
        let title = title(identity);
        let (first, last) = days(query);
        let wanted = query.wanted_since().map(|since| since.to_zoned(TimeZone::UTC).date());
        let first = wanted.map_or(first, |since| first.max(since));
        let day = |date: Date| date.strftime("%Y%m%d00").to_string();
        let address = Address::new(
            "https://wikimedia.org/api/rest_v1/metrics/pageviews/per-article/en.wikipedia/all-access/user",
        );
        let address = address.part(&title).part("daily").part(&day(first)).part(&day(last));
        Ok(vec![address.get(query, &Self::ID)?])
    }

    fn decode(&self, query: &Query, response: &RawResponse) -> Outcome {
        let answer: Answer = match answer::json(response) {
            Ok(answer) => answer,
            Err(outcome) => return outcome,
        };
        if answer.items.is_empty() {
            return Outcome::Empty;
        }
        if answer.items.len() > MOST_ROWS {
            return Outcome::Drift(format!("at `items`: more than {MOST_ROWS} rows"));
        }
        if let Some(asked) = query.identity().map(title)
            && let Some(other) = answer.items.iter().find(|day| day.article.replace(' ', "_") != asked)
        {
            let (found, asked) = (answer::plain(&other.article, 60), answer::plain(&asked, 60));
            return Outcome::OtherCompany(format!("the article {found}, and {asked} was asked for"));
        }
        let (mut items, mut findings) = (Vec::new(), Vec::new());
        for (n, day) in answer.items.iter().enumerate() {
            let read = jiff::civil::DateTime::strptime("%Y%m%d%H", &day.timestamp);
            let date = match read {
                Ok(read) if day.granularity == "daily" => read.date(),
                Ok(_) => {
                    return Outcome::Drift(format!(
                        "at `items[{n}].granularity`: `{}`",
                        answer::plain(&day.granularity, 40)
                    ));
                }
                Err(_) => {
                    let text = format!("the timestamp {} is no date", answer::plain(&day.timestamp, 40));
                    let kind = FindingKind::UnreadableDate;
                    let finding = Finding::undated(None, kind, Disposition::Dropped, text);
                    findings.push(finding.at_url(response.url()));
                    continue;
                }
            };
            let subject = format!("{}:{}", answer::plain(&day.project, 60), answer::plain(&day.article, 200));
            let kind = ItemKind::Attention(Attention { subject, date, views: day.views });
            let (ticker, url) = (query.ticker(), response.url());
            items.push(Item::new(ticker, kind, &Self::ID, url, availability(date), response.fetched_at()));
        }
        items.sort_by_key(|item| item.available_at.latest);
        let mut seen = BTreeSet::new();
        items.retain(|item| seen.insert(item.id));
        Outcome::Items { items, findings: Finding::list(findings) }
    }
}

/// The title of the article, as it stands in addresses.
fn title(identity: &Identity) -> String {
    identity.wikipedia.as_ref().unwrap_or(&identity.name).replace(' ', "_")
}

/// The first and the last day that are asked for.
fn days(query: &Query) -> (Date, Date) {
    let last = query.as_of().moment().to_zoned(TimeZone::UTC).date();
    (last.saturating_sub(DAYS.days()), last)
}

/// A day's views are published some hours after its end, and within a day as a rule.
fn availability(date: Date) -> Availability {
    let midnight = date.tomorrow().ok().and_then(|next| next.to_zoned(TimeZone::UTC).ok());
    let end = midnight.map_or(new_york::end_of_day(date), |end| end.timestamp());
    let latest = end.checked_add(SignedDuration::from_hours(24)).unwrap_or(end);
    Availability::between(end, latest, "the day's end; published within a day")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use assize_altdata::{AsOf, conformance};
    use assize_ambient::Timestamp;
    use assize_transport::Headers;

    use super::*;

    const BODY: &str = r#"{"items":[{"project":"en.wikipedia","article":"Acme/Inc?","granularity":"daily",
        "timestamp":"2026010100","access":"all-access","agent":"user","views":10,"new":1},
        {"project":"en.wikipedia","article":"Acme/Inc?","granularity":"daily","timestamp":"2026010300","views":12}]}"#;

    fn query() -> Query {
        let ticker = "ACME".parse().unwrap();
        let mut identity = Identity::new(&ticker, "Acme Inc.");
        identity.wikipedia = Some("Acme/Inc?".to_owned());
        Query::new(&ticker, "2026-01-05".parse::<AsOf>().unwrap()).with_identity(Arc::new(identity))
    }

    fn decode(status: u16, body: &str) -> Outcome {
        let source = WikipediaPageviews::new();
        let request = &source.plan(&query()).unwrap()[0];
        let response =
            RawResponse::new(request, status, Headers::default(), body.to_owned(), Timestamp::UNIX_EPOCH);
        source.decode(&query(), &response)
    }

    #[test]
    fn it_keeps_the_contract() {
        conformance::check_query(&WikipediaPageviews::new(), &query(), BODY.as_bytes());
    }

    #[test]
    fn the_article_and_the_days_are_asked_for() {
        let source = WikipediaPageviews::new();
        let plan = source.plan(&query()).unwrap();
        let expected = "https://wikimedia.org/api/rest_v1/metrics/pageviews/per-article/en.wikipedia/all-access/user/\
                        Acme%2FInc%3F/daily/2025100800/2026010600";
        assert_eq!(plan[0].url().as_str(), expected);
        let since = query().since("2026-01-02T00:00:00Z".parse().unwrap());
        assert!(source.plan(&since).unwrap()[0].url().as_str().ends_with("/2026010200/2026010600"));
        let resume = source.resumes(&query()).unwrap();
        assert_eq!(resume.from.to_string(), "2025-10-09T00:00:00Z", "the first day's end");
        let unknown = Query::new(&"ACME".parse().unwrap(), "2026-01-05".parse().unwrap());
        assert_eq!(source.plan(&unknown).unwrap_err().reason, GapReason::NoSuchTicker);
    }

    #[test]
    fn days_are_known_after_they_end() {
        let Outcome::Items { items, findings } = decode(200, BODY) else { panic!("items") };
        assert!(findings.is_empty());
        let ItemKind::Attention(seen) = &items[1].kind else { panic!("attention") };
        assert_eq!((seen.subject.as_str(), seen.views), ("en.wikipedia:Acme/Inc?", 12));
        assert_eq!(items[1].available_at.earliest.to_string(), "2026-01-04T00:00:00Z");
        assert_eq!(items[1].available_at.latest.to_string(), "2026-01-05T00:00:00Z");
    }

    #[test]
    fn what_is_no_answer() {
        let problem = r#"{"type":"about:blank","title":"Not found.","status":404}"#;
        assert_eq!(decode(404, problem), Outcome::NotFound);
        assert_eq!(decode(200, r#"{"items":[]}"#), Outcome::Empty);
        let Outcome::Drift(path) = decode(200, &BODY.replace("views", "visits")) else { panic!("drift") };
        assert!(path.starts_with("at `items[0]`: missing field `views`"), "{path}");
        let other = Outcome::OtherCompany("the article Ajax, and Acme/Inc? was asked for".to_owned());
        assert_eq!(decode(200, &BODY.replace("Acme/Inc?", "Ajax")), other);
        let twice = BODY.replace("2026010300\",\"views\":12", "2026010100\",\"views\":10");
        let Outcome::Items { items, .. } = decode(200, &twice) else { panic!("items") };
        assert_eq!(items.len(), 1);
        let monthly = decode(200, &BODY.replace("daily", "monthly"));
        assert_eq!(monthly, Outcome::Drift("at `items[0].granularity`: `monthly`".to_owned()));
        let Outcome::Items { items, findings } = decode(200, &BODY.replace("2026010300", "soon")) else {
            panic!()
        };
        assert_eq!((items.len(), findings.len()), (1, 1));
    }
}

//! What is submitted about a company to Hacker News, from Algolia's search.

use std::time::Duration;

use assize_altdata::{
    Availability, Gap, GapReason, Identity, Item, ItemKind, Outcome, Post, Query, Source, SourceId,
    SourceKind, SourceMeta,
};
use assize_transport::{RawResponse, Request};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer};

use crate::mention::Mentions;
use crate::{address::Address, answer, handles};

const MINUTE: Duration = Duration::from_secs(60);
/// How far back is asked for.
const DAYS: i64 = 14;
/// The as-of moment is rounded up to so many seconds, so that the same is asked within them.
const STEP: i64 = 900;
/// The site gives a thousand at most.
const MOST_HITS: usize = 1_000;
const MOST_TITLE: usize = 300;
const MOST_TEXT: usize = 4_000;

/// Stories submitted to Hacker News that mention a company, of the fortnight before the as-of moment.
///
/// Format: <https://hn.algolia.com/api>, `search_by_date`, which can be asked for the past. Of what the search brings,
/// stories that mention the company strictly are taken, as with [`NewsFeeds`](crate::NewsFeeds). Points and comments are
/// those of today, and so unknown to a run that looks back further than an hour. Who submitted a story is not kept.
#[derive(Clone, Debug)]
pub struct HackerNews {
    meta: SourceMeta,
}

impl HackerNews {
    /// The name of this source.
    pub const ID: SourceId = SourceId::new("hacker-news");

    /// The source as it is asked by default: twice a second; the site bears 10,000 requests an hour.
    #[must_use]
    pub fn new() -> Self {
        let mut meta = SourceMeta::new(Self::ID, SourceKind::Social, "hn.algolia.com");
        meta.rate = Some(2.0);
        meta.burst = 5;
        meta.ttl = 30 * MINUTE;
        meta.terms = "open to programs without a key, 10,000 requests an hour".into();
        meta.default_on = true;
        Self { meta }
    }
}

impl Default for HackerNews {
    fn default() -> Self {
        Self::new()
    }
}

#[derive(Deserialize)]
struct Answer {
    hits: Vec<Hit>,
}

#[derive(Deserialize)]
struct Hit {
    #[serde(rename = "objectID")]
    number: String,
    /// Null for a story that was taken down; but the field is there.
    #[serde(deserialize_with = "or_null")]
    title: Option<String>,
    created_at_i: i64,
    story_text: Option<String>,
    points: Option<i64>,
    num_comments: Option<u64>,
}

fn or_null<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<String>, D::Error> {
    Option::deserialize(reader)
}

impl Source for HackerNews {
    fn meta(&self) -> &SourceMeta {
        &self.meta
    }

    fn needs_identity(&self) -> bool {
        true
    }

    fn plan(&self, query: &Query) -> Result<Vec<Request>, Gap> {
        let name = query.identity().map(Identity::short_name).filter(|name| !name.is_empty());
        let Some(name) = name else {
            let detail = "it is not known which company is meant, and so not what to search for".to_owned();
            return Err(Gap::new(query.ticker(), &Self::ID, GapReason::NoSuchTicker, detail));
        };
        let moment = query.as_of().moment().as_second();
        let end = (moment.div_euclid(STEP) + 1) * STEP;
        let start = end - DAYS * 24 * 3_600;
        let start = query
            .wanted_since()
            .map_or(start, |since| (since.as_second().div_euclid(STEP) * STEP).clamp(start, end));
        let address = Address::new("https://hn.algolia.com/api/v1/search_by_date")
            .parameter("query", &format!("\"{name}\""))
            .parameter("tags", "story")
            .parameter("numericFilters", &format!("created_at_i>={start},created_at_i<{end}"))
            .parameter("hitsPerPage", "100");
        Ok(vec![address.get(query, &Self::ID)?])
    }

    fn decode(&self, query: &Query, response: &RawResponse) -> Outcome {
        let answer: Answer = match answer::json(response) {
            Ok(answer) => answer,
            Err(outcome) => return outcome,
        };
        if answer.hits.len() > MOST_HITS {
            return Outcome::Drift(format!("at `hits`: more than {MOST_HITS} of them"));
        }
        let counts_hold = answer::counts_hold(query, response);
        let mentions = Mentions::of(query);
        let (mut items, mut findings) = (Vec::new(), Vec::new());
        for hit in answer.hits {
            let title = answer::plain(&hit.title.unwrap_or_default(), MOST_TITLE);
            let text = handles::hidden(&answer::plain(&hit.story_text.unwrap_or_default(), MOST_TEXT));
            if !mentions.any(&[&title, &text]) {
                continue;
            }
            let Ok(written) = Timestamp::from_second(hit.created_at_i) else {
                findings.push(answer::undated(response, &hit.created_at_i.to_string()));
                continue;
            };
            let number = answer::plain(&hit.number, 40);
            let digits: String = number.chars().filter(char::is_ascii_digit).collect();
            let post = Post {
                site: "hackernews".to_owned(),
                number,
                title,
                text,
                link: format!("https://news.ycombinator.com/item?id={digits}"),
                score: hit.points.filter(|_| counts_hold),
                comments: hit.num_comments.filter(|_| counts_hold),
                is_bullish: None,
            };
            let known = Availability::at(written, "when it was submitted");
            let (ticker, url) = (query.ticker(), response.url());
            let item = Item::new(ticker, ItemKind::Post(post), &Self::ID, url, known, response.fetched_at());
            items.push(item.published(written));
        }
        answer::listed(items, findings)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use assize_altdata::conformance;
    use assize_transport::Headers;

    use super::*;

    const BODY: &str = r#"{"hits":[
        {"created_at":"2026-01-05T10:00:00Z","title":"Acme opens its &quot;core&quot;","url":"https://acme.example","author":"jane",
         "points":12,"story_text":null,"num_comments":3,"created_at_i":1767607200,"objectID":"9","_tags":["story"]},
        {"title":"Ask HN: leaving?","story_text":"I am at Acme, as is @max.","points":null,"created_at_i":1767520800,"objectID":"8"},
        {"title":null,"created_at_i":1767520800,"objectID":"7"}],"nbHits":3,"page":0}"#;

    fn query() -> Query {
        let ticker = "ACME".parse().unwrap();
        let identity = Identity::new(&ticker, "Acme Inc.");
        Query::new(&ticker, "2026-01-05".parse().unwrap()).with_identity(Arc::new(identity))
    }

    fn decode_at(status: u16, body: &str, at: Timestamp) -> Outcome {
        let request = &HackerNews::new().plan(&query()).unwrap()[0];
        let response = RawResponse::new(request, status, Headers::default(), body.to_owned(), at);
        HackerNews::new().decode(&query(), &response)
    }

    fn decode(status: u16, body: &str) -> Outcome {
        decode_at(status, body, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn it_keeps_the_contract() {
        conformance::check_query(&HackerNews::new(), &query(), BODY.as_bytes());
    }

    #[test]
    fn the_past_is_asked_for() {
        let url = |query: &Query| HackerNews::new().plan(query).unwrap()[0].url().as_str().to_owned();
        // 2026-01-06T05:00:00Z is 1767675600.
        assert_eq!(
            url(&query()),
            "https://hn.algolia.com/api/v1/search_by_date?query=%22acme%22&tags=story\
             &numericFilters=created_at_i%3E%3D1766466000%2Ccreated_at_i%3C1767675600&hitsPerPage=100"
        );
        let since = query().since("2026-01-05T10:07:00Z".parse().unwrap());
        assert!(url(&since).contains("%3E%3D1767607200%2C"), "{}", url(&since));
        let unknown = Query::new(&"ACME".parse().unwrap(), "2026-01-05".parse().unwrap());
        assert_eq!(HackerNews::new().plan(&unknown).unwrap_err().reason, GapReason::NoSuchTicker);
    }

    #[test]
    fn stories_and_their_counts() {
        let Outcome::Items { items, findings } = decode(200, BODY) else { panic!("items") };
        assert_eq!((items.len(), findings.len()), (2, 0));
        let ItemKind::Post(newest) = &items[1].kind else { panic!("a post") };
        let expected = Post {
            site: "hackernews".to_owned(),
            number: "9".to_owned(),
            title: "Acme opens its \"core\"".to_owned(),
            text: String::new(),
            link: "https://news.ycombinator.com/item?id=9".to_owned(),
            score: Some(12),
            comments: Some(3),
            is_bullish: None,
        };
        assert_eq!(newest, &expected);
        assert_eq!(items[1].available_at.latest.to_string(), "2026-01-05T10:00:00Z");
        let ItemKind::Post(asked) = &items[0].kind else { panic!("a post") };
        assert_eq!((asked.text.as_str(), asked.score), ("I am at Acme, as is @someone.", None));
        let later = decode_at(200, BODY, "2026-03-01T00:00:00Z".parse().unwrap());
        let Outcome::Items { items, .. } = later else { panic!("items") };
        let ItemKind::Post(later) = &items[1].kind else { panic!("a post") };
        assert_eq!((later.score, later.comments), (None, None));
    }

    #[test]
    fn what_is_no_answer() {
        assert_eq!(decode(200, r#"{"hits":[],"nbHits":0}"#), Outcome::Empty);
        assert_eq!(decode(429, ""), Outcome::Throttled(None));
        assert!(matches!(decode(400, r#"{"message":"invalid"}"#), Outcome::Unavailable(_)));
        assert!(matches!(decode(200, "<html>"), Outcome::DoubtfulEmpty(_)));
        for field in ["title", "created_at_i", "objectID"] {
            let body = BODY.replacen(&format!("\"{field}\""), "\"other\"", 1);
            let Outcome::Drift(path) = decode(200, &body) else { panic!("{field}") };
            assert!(path.starts_with(&format!("at `hits[0]`: missing field `{field}`")), "{path}");
        }
        let Outcome::Items { items, findings } =
            decode(200, &BODY.replacen("1767607200", "9223372036854775807", 1))
        else {
            panic!()
        };
        assert_eq!((items.len(), findings.len()), (1, 1));
    }
}

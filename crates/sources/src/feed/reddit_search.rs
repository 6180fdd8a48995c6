//! What is posted about a company on Reddit, from the feed of its search.

use std::time::Duration;

use assize_altdata::{
    Gap, GapReason, Item, ItemKind, Outcome, Post, Query, Source, SourceId, SourceKind, SourceMeta,
};
use assize_transport::{RawResponse, Request};

use super::{dates, reader};
use crate::mention::Mentions;
use crate::{address::Address, answer, handles};

const MINUTE: Duration = Duration::from_secs(60);
/// Where it is searched unless the user says otherwise.
const DEFAULT: [&str; 4] = ["investing", "stockmarket", "stocks", "wallstreetbets"];
/// How many characters of a title and of a text are kept.
const MOST_TITLE: usize = 300;
const MOST_TEXT: usize = 4_000;

/// Posts of a few subreddits that name the company, newest first, of the last week.
///
/// Format: Atom (RFC 4287) from `www.reddit.com/r/{a+b}/search.rss`. Reddit closed its JSON to those without an account in
/// 2026; the feed tells neither scores nor comments, so they are unknown. Of the posts that the search brings, those that
/// mention the company strictly are taken, as with [`NewsFeeds`](crate::NewsFeeds). Who wrote a post is not kept.
#[derive(Clone, Debug)]
pub struct RedditSearch {
    meta: SourceMeta,
    subreddits: Vec<String>,
}

impl RedditSearch {
    /// The name of this source.
    pub const ID: SourceId = SourceId::new("reddit");

    /// The source on four subreddits about shares, asked ten times a minute at most.
    #[must_use]
    pub fn new() -> Self {
        let mut meta = SourceMeta::new(Self::ID, SourceKind::Social, "www.reddit.com");
        meta.rate = Some(10.0 / 60.0);
        meta.burst = 5;
        meta.ttl = 30 * MINUTE;
        meta.terms = "Reddit's terms restrict automated reading: read them before switching it on".into();
        Self { meta, subreddits: Vec::new() }.of(DEFAULT.map(str::to_owned))
    }

    /// The same on these subreddits, by their names without `r/`; what is no name is left out.
    #[must_use]
    pub fn of(mut self, subreddits: impl IntoIterator<Item = String>) -> Self {
        let is_name = |name: &String| {
            (2..=21).contains(&name.len())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        self.subreddits = subreddits.into_iter().filter(is_name).collect();
        self.subreddits.sort_unstable();
        self.subreddits.dedup();
        self
    }
}

impl Default for RedditSearch {
    fn default() -> Self {
        Self::new()
    }
}

impl Source for RedditSearch {
    fn meta(&self) -> &SourceMeta {
        &self.meta
    }

    fn needs_identity(&self) -> bool {
        true
    }

    fn plan(&self, query: &Query) -> Result<Vec<Request>, Gap> {
        if self.subreddits.is_empty() {
            let detail = "no subreddit was given to search".to_owned();
            return Err(Gap::new(query.ticker(), &Self::ID, GapReason::NoSuchTicker, detail));
        }
        let tag = format!("\"${}\"", query.ticker());
        let name = query.identity().map(assize_altdata::Identity::short_name).filter(|name| !name.is_empty());
        let wanted = name.map_or(tag.clone(), |name| format!("\"{name}\" OR {tag}"));
        // Several at once are joined by a plus sign, which a part of a path may hold.
        let start = format!("https://www.reddit.com/r/{}/search.rss", self.subreddits.join("+"));
        let address = Address::new(start).parameter("q", &wanted).parameter("restrict_sr", "on");
        let address = address.parameter("sort", "new").parameter("t", "week").parameter("limit", "100");
        Ok(vec![address.get(query, &Self::ID)?])
    }

    fn decode(&self, query: &Query, response: &RawResponse) -> Outcome {
        let feed = match reader::read(response) {
            Ok(feed) => feed,
            Err(Outcome::DoubtfulEmpty(_)) if says(response, "blocked by network security") => {
                return Outcome::Blocked;
            }
            Err(Outcome::DoubtfulEmpty(_)) if says(response, "whoa there, pardner") => {
                return Outcome::Throttled(None);
            }
            Err(outcome) => return outcome,
        };
        let mentions = Mentions::of(query);
        let (mut items, mut findings) = (Vec::new(), Vec::new());
        for entry in &feed.entries {
            let title = handles::hidden(&answer::plain(&entry.title, MOST_TITLE));
            let text = handles::hidden(&answer::plain(own_text(&entry.summary), MOST_TEXT));
            if !mentions.any(&[&title, &text]) {
                continue;
            }
            let published = dates::read(&entry.published);
            let Some(known) = dates::availability(published, dates::read(&entry.updated)) else {
                findings.push(answer::undated(response, &entry.updated));
                continue;
            };
            let post = Post {
                site: "reddit".to_owned(),
                number: answer::plain(&entry.id, 40),
                title,
                text,
                link: entry.link.clone(),
                score: None,
                comments: None,
                is_bullish: None,
            };
            let (ticker, url) = (query.ticker(), response.url());
            let item = Item::new(ticker, ItemKind::Post(post), &Self::ID, url, known, response.fetched_at());
            items.push(match published.and_then(dates::When::exact) {
                Some(at) => item.published(at),
                None => item,
            });
        }
        answer::listed(items, findings)
    }
}

/// What the writer wrote. Behind it the site names the writer and puts links.
fn own_text(html: &str) -> &str {
    html.split_once("<!-- SC_ON -->")
        .map(|(own, _)| own)
        .or_else(|| html.rsplit_once("submitted by").map(|(own, _)| own))
        .unwrap_or(html)
}

/// Whether a page for people says so.
fn says(response: &RawResponse, words: &str) -> bool {
    let start = response.body().get(..response.body().len().min(64 << 10)).unwrap_or_default();
    String::from_utf8_lossy(start).to_lowercase().contains(words)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use assize_altdata::{Identity, conformance};
    use assize_ambient::Timestamp;
    use assize_transport::Headers;

    use super::*;

    const BODY: &str = r#"<feed xmlns="http://www.w3.org/2005/Atom"><title>search</title>
        <entry><author><name>/u/jane</name></author><id>t3_b</id><title>Long Acme?</title>
        <content type="html">&lt;!-- SC_OFF --&gt;&lt;div&gt;&lt;p&gt;Ask /u/max &amp;amp; co.&lt;/p&gt;&lt;/div&gt;&lt;!-- SC_ON --&gt; &amp;#32; submitted by &amp;#32; &lt;a href="https://www.reddit.com/user/jane"&gt; /u/jane &lt;/a&gt;</content>
        <link href="https://www.reddit.com/r/stocks/comments/b/long_acme/"/><updated>2026-01-05T12:00:00+00:00</updated>
        <published>2026-01-05T12:00:00+00:00</published></entry>
        <entry><id>t3_a</id><title>$ACME chart</title><content type="html">&amp;#32; submitted by &amp;#32; /u/jane</content>
        <link href="https://www.reddit.com/r/stocks/comments/a/x/"/><updated>2026-01-04T12:00:00+00:00</updated></entry>
        <entry><id>t3_c</id><title>acme of folly</title><updated>2026-01-04T12:00:00+00:00</updated></entry></feed>"#;

    fn query() -> Query {
        let ticker = "ACME".parse().unwrap();
        let identity = Identity::new(&ticker, "Acme Inc.");
        Query::new(&ticker, "2026-01-05".parse().unwrap()).with_identity(Arc::new(identity))
    }

    fn decode(status: u16, body: &str) -> Outcome {
        let source = RedditSearch::new();
        let request = &source.plan(&query()).unwrap()[0];
        let response =
            RawResponse::new(request, status, Headers::default(), body.to_owned(), Timestamp::UNIX_EPOCH);
        source.decode(&query(), &response)
    }

    #[test]
    fn it_keeps_the_contract() {
        conformance::check_query(&RedditSearch::new(), &query(), BODY.as_bytes());
    }

    #[test]
    fn the_name_and_the_cashtag_are_searched() {
        let source = RedditSearch::new().of(["b_c", "a/..", "aa"].map(str::to_owned));
        assert_eq!(
            source.plan(&query()).unwrap()[0].url().as_str(),
            "https://www.reddit.com/r/aa+b_c/search.rss?q=%22acme%22%20OR%20%22%24ACME%22&restrict_sr=on&sort=new&t=week&limit=100"
        );
        let none = RedditSearch::new().of([]);
        assert_eq!(none.plan(&query()).unwrap_err().reason, GapReason::NoSuchTicker);
    }

    #[test]
    fn posts_are_kept_without_their_writers() {
        let Outcome::Items { items, findings } = decode(200, BODY) else { panic!("items") };
        assert_eq!((items.len(), findings.len()), (2, 0));
        let ItemKind::Post(post) = &items[1].kind else { panic!("a post") };
        let expected = Post {
            site: "reddit".to_owned(),
            number: "t3_b".to_owned(),
            title: "Long Acme?".to_owned(),
            text: "Ask /u/someone & co.".to_owned(),
            link: "https://www.reddit.com/r/stocks/comments/b/long_acme/".to_owned(),
            score: None,
            comments: None,
            is_bullish: None,
        };
        assert_eq!(post, &expected);
        let ItemKind::Post(first) = &items[0].kind else { panic!("a post") };
        assert_eq!((first.text.as_str(), items[0].published), ("", None));
        assert_eq!(items[0].available_at.latest.to_string(), "2026-01-04T12:00:00Z");
    }

    #[test]
    fn what_is_no_answer() {
        for (status, body, expected) in [
            (429, "", Outcome::Throttled(None)),
            (403, "<html>", Outcome::Blocked),
            (200, "<html>You've been blocked by network security.", Outcome::Blocked),
            (200, "<!doctype html><title>whoa there, pardner!", Outcome::Throttled(None)),
            (200, "<feed><title>search</title></feed>", Outcome::Empty),
        ] {
            assert_eq!(decode(status, body), expected, "{body}");
        }
        assert!(matches!(decode(200, r#"{"data":null}"#), Outcome::Drift(_)));
        let undated = BODY.replace("2026-01-04", "some");
        let Outcome::Items { items, findings } = decode(200, &undated) else { panic!("items") };
        assert_eq!((items.len(), findings.len()), (1, 1));
    }
}

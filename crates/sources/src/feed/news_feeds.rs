//! News from the feeds that the user names.

use std::collections::BTreeMap;
use std::time::Duration;

use assize_altdata::{
    Article, Disposition, Finding, FindingKind, Gap, Item, ItemKind, Outcome, Query, Source, SourceId,
    SourceKind, SourceMeta,
};
use assize_transport::{RawResponse, Request, Url};

use super::{dates, reader};
use crate::mention::Mentions;
use crate::{answer, web_link};

const MINUTE: Duration = Duration::from_secs(60);
/// How many characters of a headline and of a summary are kept.
const MOST_TITLE: usize = 300;
const MOST_SUMMARY: usize = 2_000;

/// Feeds of one host, in RSS 2.0, RSS 1.0 or Atom, of which the entries that mention the company are taken.
///
/// A feed is the same for all tickers and so is asked once for all. What counts as a mention is strict: the company's name
/// or an alias as whole words, written as a name; its cashtag; or its ticker behind an exchange's name. An entry without a
/// date can't be placed in time and is dropped, with a finding.
///
/// A feed shows what is new today, so a run that looks back finds nothing here.
///
/// ```
/// use assize_altdata::Source;
/// use assize_sources::NewsFeeds;
///
/// let feeds = ["https://example.org/markets.xml", "https://example.org/tech.xml", "https://example.com/rss"];
/// let feeds = feeds.iter().map(|feed| feed.parse()).collect::<Result<Vec<_>, _>>()?;
/// let sources = NewsFeeds::by_host(feeds);
/// assert_eq!(sources[1].meta().id.as_str(), "news-feeds:example.org");
/// # Ok::<(), assize_transport::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct NewsFeeds {
    meta: SourceMeta,
    feeds: Vec<Url>,
}

impl NewsFeeds {
    /// A source for each host of these feeds, in the order of hosts, each named after its own: `news-feeds:example.org`.
    /// Addresses without a host are left out.
    #[must_use]
    pub fn by_host(feeds: impl IntoIterator<Item = Url>) -> Vec<Self> {
        let mut hosts: BTreeMap<String, Vec<Url>> = BTreeMap::new();
        for feed in feeds {
            if let Some(host) = feed.host().map(str::to_ascii_lowercase) {
                hosts.entry(host).or_default().push(feed);
            }
        }
        hosts.into_iter().map(|(host, feeds)| Self::of_host(host, feeds)).collect()
    }

    fn of_host(host: String, mut feeds: Vec<Url>) -> Self {
        feeds.sort_unstable();
        feeds.dedup();
        let id = SourceId::from_text(format!("news-feeds:{host}"));
        let mut meta = SourceMeta::new(id, SourceKind::News, host);
        meta.rate = Some(1.0);
        meta.burst = 2;
        meta.ttl = 10 * MINUTE;
        meta.terms = "each site's own; the user names the feeds".into();
        // Whoever names a feed wants it asked.
        meta.default_on = true;
        Self { meta, feeds }
    }

    fn article(entry: &reader::Entry, language: &str) -> Article {
        let language = if entry.language.is_empty() { language } else { &entry.language };
        Article {
            title: answer::plain(&entry.title, MOST_TITLE),
            summary: answer::plain(&entry.summary, MOST_SUMMARY),
            link: entry.link.clone(),
            domain: web_link::domain(&entry.link),
            language: answer::plain(language, 40),
        }
    }
}

impl Source for NewsFeeds {
    fn meta(&self) -> &SourceMeta {
        &self.meta
    }

    fn needs_identity(&self) -> bool {
        true
    }

    fn plan(&self, _query: &Query) -> Result<Vec<Request>, Gap> {
        Ok(self.feeds.iter().cloned().map(Request::get).collect())
    }

    fn decode(&self, query: &Query, response: &RawResponse) -> Outcome {
        let feed = match reader::read(response) {
            Ok(feed) => feed,
            Err(outcome) => return outcome,
        };
        if feed.entries.is_empty() {
            return Outcome::DoubtfulEmpty("a feed of news without an entry".to_owned());
        }
        let mentions = Mentions::of(query);
        let (mut items, mut findings) = (Vec::new(), Vec::new());
        for entry in &feed.entries {
            let article = Self::article(entry, &feed.language);
            if !mentions.any(&[&article.title, &article.summary]) {
                continue;
            }
            let published = dates::read(&entry.published);
            let Some(known) = dates::availability(published, dates::read(&entry.updated)) else {
                findings.push(answer::undated(response, &format!("{} {}", entry.published, entry.updated)));
                continue;
            };
            if article.title.is_empty() {
                let text = "an entry without a title";
                let finding = Finding::undated(None, FindingKind::RaggedRow, Disposition::Dropped, text);
                findings.push(Finding { known_from: Some(known), ..finding.at_url(response.url()) });
                continue;
            }
            let (ticker, url) = (query.ticker(), response.url());
            let kind = ItemKind::Article(article);
            let item = Item::new(ticker, kind, &self.meta.id, url, known, response.fetched_at());
            let published = published.and_then(dates::When::exact);
            items.push(match published {
                Some(at) => item.published(at),
                None => item,
            });
        }
        answer::listed(items, findings)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use assize_altdata::{Identity, conformance};
    use assize_ambient::Timestamp;
    use assize_transport::Headers;

    use super::*;

    const BODY: &str = r#"<rss version="2.0"><channel><language>en-us</language>
        <item><title>Acme&amp;#8217;s profit up</title><link>https://www.News.example.org/2</link>
        <description>&lt;p&gt;More than &lt;b&gt;hoped&lt;/b&gt;.&lt;/p&gt;</description><author>Jane Doe</author>
        <pubDate>Mon, 05 Jan 2026 09:00:00 EST</pubDate></item>
        <item><title>Rivals fall</title><description>Only $ACME rose</description>
        <link>https://news.example.org/1</link><pubDate>Mon, 05 Jan 2026 08:00:00 GMT</pubDate></item>
        <item><title>Acme&amp;#8217;s profit up</title><link>https://www.News.example.org/2</link>
        <pubDate>Tue, 06 Jan 2026 09:00:00 EST</pubDate></item>
        <item><title>Weather</title><pubDate>soon</pubDate></item>
        </channel></rss>"#;

    fn source() -> NewsFeeds {
        NewsFeeds::by_host(["https://example.org/feed".parse().unwrap()]).remove(0)
    }

    fn query() -> Query {
        let ticker = "ACME".parse().unwrap();
        let identity = Identity::new(&ticker, "Acme Inc.");
        Query::new(&ticker, "2026-01-05".parse().unwrap()).with_identity(Arc::new(identity))
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
    fn each_host_has_its_source() {
        let feeds = [
            "https://b.example/2",
            "https://a.example/x",
            "https://b.example/1",
            "https://b.example/2",
            "file:x",
        ];
        let sources = NewsFeeds::by_host(feeds.map(|feed| feed.parse().unwrap()));
        let shown: Vec<(&str, usize)> =
            sources.iter().map(|source| (&*source.meta.host, source.plan(&query()).unwrap().len())).collect();
        assert_eq!(shown, [("a.example", 1), ("b.example", 2)]);
    }

    #[test]
    fn what_mentions_the_company_is_taken_once() {
        let Outcome::Items { items, findings } = decode(200, BODY) else { panic!("items") };
        assert_eq!((items.len(), findings.len()), (2, 0));
        let ItemKind::Article(article) = &items[1].kind else { panic!("an article") };
        let expected = Article {
            title: "Acme’s profit up".to_owned(),
            summary: "More than hoped .".to_owned(),
            link: "https://www.News.example.org/2".to_owned(),
            domain: "news.example.org".to_owned(),
            language: "en-us".to_owned(),
        };
        assert_eq!(article, &expected);
        // The earlier of the two that are the same.
        assert_eq!(items[1].available_at.latest.to_string(), "2026-01-05T14:00:00Z");
        assert_eq!(items[1].published, Some(items[1].available_at.latest));
    }

    #[test]
    fn what_is_no_answer() {
        assert_eq!(decode(404, BODY), Outcome::NotFound);
        assert!(matches!(decode(200, "<rss><channel/></rss>"), Outcome::DoubtfulEmpty(_)));
        assert!(matches!(decode(200, "<rss><channel>"), Outcome::Drift(_)));
        assert_eq!(decode(200, &BODY.replace("Acme", "Other").replace("ACME", "OTHER")), Outcome::Empty);
    }

    #[test]
    fn what_cannot_be_placed_in_time_is_named() {
        let Outcome::Items { items, findings } =
            decode(200, &BODY.replace("Mon, 05 Jan 2026 08:00:00 GMT", "x&lt;y&gt;"))
        else {
            panic!("items")
        };
        assert_eq!((items.len(), findings.len()), (1, 1));
        assert_eq!(findings[0].text, "the date `x` of an entry can't be read");
        let Outcome::Items { items, findings } =
            decode(200, &BODY.replace("<pubDate>Mon, 05 Jan 2026 08:00:00 GMT</pubDate>", ""))
        else {
            panic!("items")
        };
        assert_eq!((items.len(), findings[0].text.as_ref()), (1, "an entry without a date"));
    }
}

//! What the papers and people write, and what is read about it.

use std::collections::BTreeSet;

use assize_ambient::Timestamp;
use assize_loopback::ItemKind;
use jiff::{SignedDuration, civil::DateTime, fmt::rfc2822, tz::TimeZone};

use super::{EVENING, TICKERS, at, elements, evening, json, text, texts, truth};

const PAPERS: [&str; 7] = [
    "newswire.example",
    "marketdaily.example",
    "tradepost.example",
    "harbourtimes.example",
    "investorledger.example",
    "streetnotes.example",
    "morningbourse.example",
];

fn hours_before(moment: Timestamp, hours: i64) -> Timestamp {
    moment.checked_sub(SignedDuration::from_hours(hours)).expect("a moment")
}

#[tokio::test]
async fn stories_are_in_three_papers_before_the_opening() {
    let whole = truth(&evening(3), "2025-10-01", "2026-03-06");
    let mut stories = 0;
    for (ticker, company) in &whole.companies {
        for jump in &company.jumps {
            let zone = TimeZone::get("America/New_York").expect("it is bundled");
            let opening = zone.to_timestamp(jump.date.at(9, 30, 0, 0)).unwrap();
            let exchange = at(3, &opening.to_string());
            let mut found = BTreeSet::new();
            for paper in PAPERS {
                let read = elements(&text(&exchange, format!("https://{paper}/rss")).await);
                let links = texts(&read, "rss/channel/item/link");
                let dates = texts(&read, "rss/channel/item/pubDate");
                let titles = texts(&read, "rss/channel/item/title");
                assert_eq!((links.len(), titles.len()), (dates.len(), dates.len()));
                for (link, published) in links.iter().zip(dates) {
                    let published = rfc2822::parse(published).expect("a date").timestamp();
                    assert!(published <= opening, "{link} is of the future");
                    if jump.story.iter().any(|url| url == link) {
                        found.insert(paper);
                    }
                }
            }
            assert!(found.len() >= 3, "{ticker} on {}: {found:?}", jump.date);
            stories += 1;
        }
    }
    assert!(stories >= 5, "{stories}");
}

#[tokio::test]
async fn the_index_of_news_finds_a_company_by_its_name() {
    let exchange = evening(1);
    let truth = truth(&exchange, "2026-02-20", "2026-03-06");
    let now: Timestamp = EVENING.parse().unwrap();
    let mut seen = 0;
    for ticker in TICKERS {
        let company = &truth.companies[ticker];
        let name = company.name.rsplit_once(' ').unwrap().0.replace(' ', "%20");
        let url = format!(
            "https://api.gdeltproject.org/api/v2/doc/doc?query=(%22{name}%22%20OR%20%22Nobody%20Inc%22)&mode=artlist&format=json\
             &maxrecords=250&timespan=10d&sort=datedesc"
        );
        let body = json(&exchange, url).await;
        let told: BTreeSet<(String, Timestamp)> = body["articles"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|article| {
                let seen = article["seendate"].as_str().unwrap().trim_end_matches('Z');
                let seen =
                    DateTime::strptime("%Y%m%dT%H%M%S", seen).unwrap().to_zoned(TimeZone::UTC).unwrap();
                (article["url"].as_str().unwrap().to_owned(), seen.timestamp())
            })
            .collect();
        let known = company.items.iter().filter(|item| {
            item.kind == ItemKind::IndexedArticle
                && item.available <= now
                && item.available >= hours_before(now, 240)
        });
        let known: BTreeSet<_> = known.map(|item| (item.key.clone(), item.available)).collect();
        assert_eq!(told, known, "{ticker}");
        seen += told.len();
    }
    assert!(seen > 20, "{seen}");
    let nobody = "https://api.gdeltproject.org/api/v2/doc/doc?query=%22Nobody%22&mode=artlist&format=json";
    assert_eq!(text(&exchange, nobody).await, "{}");
}

#[tokio::test]
async fn posts_are_those_of_the_truth() {
    let exchange = evening(2);
    let truth = truth(&exchange, "2026-02-20", "2026-03-06");
    let now: Timestamp = EVENING.parse().unwrap();
    let mut kinds = [0; 3];
    for ticker in TICKERS {
        let company = &truth.companies[ticker];
        let posts: BTreeSet<&str> = company
            .items
            .iter()
            .filter(|item| item.kind == ItemKind::Post && item.available <= now)
            .map(|item| item.key.as_str())
            .collect();
        let stream =
            json(&exchange, format!("https://api.stocktwits.com/api/2/streams/symbol/{ticker}.json")).await;
        assert_eq!(stream["response"]["status"], 200);
        for message in stream["messages"].as_array().unwrap() {
            assert!(posts.contains(message["id"].to_string().as_str()), "{message}");
            assert!(!message["body"].as_str().unwrap().contains("& "), "entities: {message}");
            kinds[0] += 1;
        }
        let word = company.name.split(' ').next().unwrap();
        let url = format!(
            "https://www.reddit.com/r/stocks/search.rss?q=%22{word}%22&restrict_sr=on&sort=new&t=week"
        );
        let read = elements(&text(&exchange, url).await);
        for id in texts(&read, "feed/entry/id") {
            let id = u64::from_str_radix(id.strip_prefix("t3_").unwrap(), 16).unwrap().to_string();
            assert!(posts.contains(id.as_str()), "{id}");
            kinds[1] += 1;
        }
        let url = format!(
            "https://hn.algolia.com/api/v1/search_by_date?query={word}&tags=story&numericFilters=created_at_i%3E1771700000,created_at_i%3C%3D1772800000"
        );
        let body = json(&exchange, url).await;
        for hit in body["hits"].as_array().unwrap() {
            assert!(posts.contains(hit["objectID"].as_str().unwrap()), "{hit}");
            let created = hit["created_at_i"].as_i64().unwrap();
            assert!((1_771_700_000..=1_772_800_000).contains(&created));
            kinds[2] += 1;
        }
    }
    assert!(kinds.iter().all(|kind| *kind > 3), "{kinds:?}");
}

#[tokio::test]
async fn a_jump_is_looked_up() {
    let whole = truth(&evening(3), "2025-06-01", "2026-02-20");
    let exchange = evening(3);
    let mut bursts = 0;
    for company in whole.companies.values() {
        for jump in &company.jumps {
            let name = company.name.replace(' ', "_");
            let (from, to) = (jump.date.saturating_sub(jiff::ToSpan::days(20)), jump.date);
            let url = format!(
                "https://wikimedia.org/api/rest_v1/metrics/pageviews/per-article/en.wikipedia/all-access/user/{name}/daily/{}/{}",
                from.strftime("%Y%m%d00"),
                to.strftime("%Y%m%d00")
            );
            let body = json(&exchange, url).await;
            let views: Vec<u64> =
                body["items"].as_array().unwrap().iter().map(|day| day["views"].as_u64().unwrap()).collect();
            let (last, before) = views.split_last().unwrap();
            let usual = before.iter().sum::<u64>() / before.len() as u64;
            assert!(*last > 3 * usual, "{name} on {to}: {last} after {usual}");
            bursts += 1;
        }
    }
    assert!(bursts > 5, "{bursts}");
}

#[tokio::test]
async fn a_channel_counts_its_views() {
    let read =
        elements(&text(&evening(1), "https://www.youtube.com/feeds/videos.xml?channel_id=UC_x-1").await);
    assert_eq!(texts(&read, "feed/yt:channelId"), ["UC_x-1"]);
    let videos = texts(&read, "feed/entry/yt:videoId").len();
    assert!(videos > 5);
    let views = texts(&read, "feed/entry/media:group/media:community/media:statistics@views");
    let likes = texts(&read, "feed/entry/media:group/media:community/media:starRating@count");
    assert_eq!((views.len(), likes.len()), (videos, videos));
    let number = |text: &str| text.parse::<u64>().unwrap();
    assert!(views.iter().zip(likes).all(|(views, likes)| number(views) > number(likes)));
}

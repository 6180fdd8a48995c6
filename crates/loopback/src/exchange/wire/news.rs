//! News: the papers' own feeds, GDELT's list of articles, and a channel of videos.

use std::fmt::Write as _;

use assize_ambient::Timestamp;
use jiff::{SignedDuration, civil::DateTime, tz::TimeZone};

use super::escaped;
use crate::exchange::{
    desk::{Answer, Asked, Desk},
    json::Json,
    market::Data,
    story::{self, Article, PAPERS},
};

/// Articles of a feed, and the days that it goes back.
const MOST_IN_FEED: usize = 60;
const FEED_DAYS: i64 = 7;

fn back(now: Timestamp, days: i64) -> Timestamp {
    now.checked_sub(SignedDuration::from_hours(24 * days)).unwrap_or(now)
}

/// The newest articles about these companies that pass, the newest first.
fn newest<'a>(
    companies: impl Iterator<Item = &'a Data>,
    from: Timestamp,
    to: Timestamp,
    passes: impl Fn(&Article) -> bool,
) -> Vec<Article> {
    let of = |data: &Data| story::articles(&data.company, &data.path, from, to);
    let mut articles: Vec<Article> = companies.flat_map(of).filter(passes).collect();
    articles.sort_by(|one, other| (other.published, &other.url).cmp(&(one.published, &one.url)));
    articles
}

/// A paper's feed: RSS 2.0, about all listed companies.
pub(in crate::exchange) fn feed(desk: &Desk<'_>, host: &str) -> Option<Answer> {
    let (domain, name) = PAPERS.into_iter().find(|(domain, _)| host.ends_with(domain))?;
    let companies: Vec<_> = desk.market.listed().filter_map(|symbol| desk.market.data(symbol)).collect();
    let from = back(desk.now, FEED_DAYS);
    let companies = companies.iter().map(|data| &**data);
    let mut articles = newest(companies, from, desk.now, |article| article.domain == domain);
    articles.truncate(MOST_IN_FEED);
    let date = |moment: Timestamp| {
        moment.to_zoned(TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
    };
    let built = articles.first().map_or(from, |article| article.published);
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\">\n    \
         <channel>\n        <title>{name}</title>\n        <link>https://{domain}/</link>\n        \
         <description>{name}: companies</description>\n        <language>en</language>\n        \
         <pubDate>{}</pubDate>\n        <atom:link href=\"https://{domain}/rss\" rel=\"self\" \
         type=\"application/rss+xml\"/>\n",
        date(built)
    );
    for article in &articles {
        // Writing to a string can't fail.
        let _ = write!(
            out,
            "        <item>\n            <title>{}</title>\n            <link>{url}</link>\n            \
             <description>{}</description>\n            <pubDate>{}</pubDate>\n            \
             <guid isPermaLink=\"true\">{url}</guid>\n        </item>\n",
            escaped(&article.title),
            escaped(&article.summary),
            date(article.published),
            url = article.url,
        );
    }
    out.push_str("    </channel>\n</rss>\n");
    Some(Answer::text("application/rss+xml; charset=utf-8", out))
}

/// `api/v2/doc/doc?mode=artlist&format=json`: articles that an index has seen, the newest first.
pub(in crate::exchange) fn gdelt(desk: &Desk<'_>, asked: &Asked) -> Answer {
    let stamp = |name: &str| {
        let wall = DateTime::strptime("%Y%m%d%H%M%S", asked.parameter(name)).ok()?;
        Some(wall.to_zoned(TimeZone::UTC).ok()?.timestamp())
    };
    let to = stamp("enddatetime").map_or(desk.now, |to| to.min(desk.now));
    let from = stamp("startdatetime").unwrap_or_else(|| span(to, asked.parameter("timespan")));
    let companies = desk.market.named_in(asked.parameter("query"));
    // Seen up to a quarter of an hour after it was published.
    let earlier = from.checked_sub(SignedDuration::from_mins(15)).unwrap_or(from);
    let seen = |article: &Article| (from..=to).contains(&article.seen());
    let mut articles = newest(companies.iter().map(|data| &**data), earlier, to, seen);
    articles.truncate(asked.parameter("maxrecords").parse().unwrap_or(75).min(250));
    if articles.is_empty() {
        return Answer::json(Json::record([]));
    }
    let list = articles.iter().map(|article| {
        Json::record([
            ("url", article.url.as_str().into()),
            ("url_mobile", "".into()),
            ("title", spaced(&article.title).into()),
            ("seendate", article.seen().strftime("%Y%m%dT%H%M%SZ").to_string().into()),
            ("socialimage", "".into()),
            ("domain", article.domain.into()),
            ("language", "English".into()),
            ("sourcecountry", "United States".into()),
        ])
    });
    Answer::json(Json::record([("articles", list.collect::<Vec<_>>().into())]))
}

/// `24h`, `15min`, `3d`, `1w`: that much before; a day unless told.
fn span(to: Timestamp, text: &str) -> Timestamp {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number: i64 = text[..digits].parse().unwrap_or(1).min(5_000);
    let span = match &text[digits..] {
        "min" => SignedDuration::from_mins(number),
        "h" | "hours" => SignedDuration::from_hours(number),
        "w" | "weeks" => SignedDuration::from_hours(168 * number),
        "m" | "months" => SignedDuration::from_hours(720 * number.min(12)),
        _ => SignedDuration::from_hours(24 * number),
    };
    to.checked_sub(span).unwrap_or(to)
}

/// With spaces around punctuation, as that index writes titles.
fn spaced(title: &str) -> String {
    title.replace(',', " ,").replace(':', " :").replace('-', " - ")
}

/// A channel of videos: about all listed companies, one a day at most.
pub(in crate::exchange) fn channel(desk: &Desk<'_>, asked: &Asked) -> Answer {
    let id: String = asked
        .parameter("channel_id")
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
        .collect();
    let companies: Vec<_> = desk.market.listed().filter_map(|symbol| desk.market.data(symbol)).collect();
    let mut articles = newest(companies.iter().map(|data| &**data), back(desk.now, 14), desk.now, |_| true);
    articles.dedup_by_key(|article| article.published.to_zoned(TimeZone::UTC).date());
    articles.truncate(15);
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feed xmlns:yt=\"http://www.youtube.com/xml/schemas/2015\" \
         xmlns:media=\"http://search.yahoo.com/mrss/\" xmlns=\"http://www.w3.org/2005/Atom\">\n \
         <id>yt:channel:{id}</id>\n <yt:channelId>{id}</yt:channelId>\n <title>Companies Explained</title>\n"
    );
    for article in &articles {
        let seed = desk.market.seed.child(&article.url);
        let mut chance = seed.rng();
        let video: String = format!("{:016x}", seed.value()).chars().take(11).collect();
        let views = 500 + chance.below(200_000);
        let likes = views / (20 + chance.below(60));
        let date = article.published.strftime("%Y-%m-%dT%H:%M:%S+00:00");
        let title = escaped(&article.title);
        let _ = write!(
            out,
            " <entry>\n  <id>yt:video:{video}</id>\n  <yt:videoId>{video}</yt:videoId>\n  \
             <yt:channelId>{id}</yt:channelId>\n  <title>{title}</title>\n  \
             <link rel=\"alternate\" href=\"https://www.youtube.com/watch?v={video}\"/>\n  \
             <published>{date}</published>\n  <updated>{date}</updated>\n  <media:group>\n   \
             <media:title>{title}</media:title>\n   <media:description>{}</media:description>\n   \
             <media:community>\n    <media:starRating count=\"{likes}\" average=\"4.90\" min=\"1\" max=\"5\"/>\n    \
             <media:statistics views=\"{views}\"/>\n   </media:community>\n  </media:group>\n </entry>\n",
            escaped(&article.summary),
        );
    }
    out.push_str("</feed>\n");
    Answer::text("text/xml; charset=UTF-8", out)
}

//! The sources of what is written and shown: news, posts, films. In each answer every second entry mentions the company.

use assize_sources::{Gdelt, HackerNews, NewsFeeds, RedditSearch, StockTwits, YouTubeChannels, YouTubeData};
use assize_transport::Secret;
use criterion::Criterion;

use crate::decode;

const CHANNEL: &str = "UC0123456789abcdefghij-_";
/// About as much as a feed gives of an article.
const TEXT: &str = "The maker of rockets &amp; ramps said on Monday that it is ahead of plan, which surprised \
                    those who follow it; its rivals said nothing, and the market as a whole fell a little. ";

fn joined(n: usize, separator: &str, shown: impl Fn(usize) -> String) -> String {
    (0..n).map(shown).collect::<Vec<_>>().join(separator)
}

/// Whom an entry is about.
fn whom(n: usize) -> &'static str {
    if n.is_multiple_of(2) { "Acme Rockets" } else { "Another company" }
}

/// A feed of 100 articles.
pub(crate) fn news_feeds(c: &mut Criterion) {
    let item = |n: usize| {
        let (whom, minute) = (whom(n), n % 60);
        format!(
            "<item><title>{whom} raises guidance, part {n}</title><link>https://news.example.org/2024/06/{n}</link>\
             <guid isPermaLink=\"false\">n{n}</guid><dc:creator>Jane Doe</dc:creator><category>Markets</category>\
             <description><![CDATA[<p>{TEXT}</p><p><b>{TEXT}</b></p><img src=\"https://img.example.org/{n}.jpg\">]]></description>\
             <pubDate>Fri, 28 Jun 2024 10:{minute:02}:00 EDT</pubDate></item>\n"
        )
    };
    let body = format!(
        "<rss version=\"2.0\"><channel><language>en</language>{}</channel></rss>",
        joined(100, "", item)
    );
    let feeds = NewsFeeds::by_host(["https://news.example.org/feed".parse().expect("an address")]);
    decode(c, "news_feeds", &feeds[0], body, 50);
}

/// A search that finds 100 posts.
pub(crate) fn reddit(c: &mut Criterion) {
    let entry = |n: usize| {
        let (whom, minute) = (whom(n), n % 60);
        let text = TEXT.replace('&', "&amp;");
        format!(
            "<entry><author><name>/u/somebody</name></author><category term=\"stocks\" label=\"r/stocks\"/>\
             <content type=\"html\">&lt;!-- SC_OFF --&gt;&lt;div class=&quot;md&quot;&gt;&lt;p&gt;{text}&lt;/p&gt; &lt;p&gt;{text}&lt;/p&gt;\
             &lt;/div&gt;&lt;!-- SC_ON --&gt; &amp;#32; submitted by &amp;#32; /u/somebody</content><id>t3_{n}</id>\
             <link href=\"https://www.reddit.com/r/stocks/comments/{n}/x/\"/><updated>2024-06-28T10:{minute:02}:00+00:00</updated>\
             <title>{whom}, part {n}</title></entry>"
        )
    };
    let body = format!(
        "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>x</title>{}</feed>",
        joined(100, "", entry)
    );
    decode(c, "reddit", &RedditSearch::new(), body, 50);
}

/// A channel's fifteen newest films.
pub(crate) fn youtube_channels(c: &mut Criterion) {
    let entry = |n: usize| {
        let (whom, text) = (whom(n), TEXT.repeat(6));
        format!(
            "<entry><id>yt:video:v{n}</id><yt:videoId>v{n}</yt:videoId><yt:channelId>{CHANNEL}</yt:channelId><title>{whom}, part {n}</title>\
             <link rel=\"alternate\" href=\"https://www.youtube.com/watch?v=v{n}\"/><published>2024-06-{:02}T10:00:00+00:00</published>\
             <updated>2024-06-28T10:00:00+00:00</updated><media:group><media:title>{whom}</media:title><media:description>{text}</media:description>\
             <media:community><media:starRating count=\"15\" average=\"5.00\" min=\"1\" max=\"5\"/><media:statistics views=\"3043\"/>\
             </media:community></media:group></entry>",
            10 + n
        )
    };
    let body = format!("<feed>{}</feed>", joined(15, "\n", entry));
    decode(c, "youtube_channels", &YouTubeChannels::new([CHANNEL.to_owned()]), body, 8);
}

/// The most articles that GDELT lists.
pub(crate) fn gdelt(c: &mut Criterion) {
    let article = |n: usize| {
        format!(
            "{{\"url\":\"https://www.news{n}.example.org/business/2024/06/28/what-{n}.html\",\"url_mobile\":\"\",\
             \"title\":\"{} raises guidance ; shares up {n} . 5 % , says U . S . daily\",\"seendate\":\"20240628T{:02}1500Z\",\
             \"socialimage\":\"https://img{n}.example.org/pictures/2024/06/28/what.jpg\",\"domain\":\"news{n}.example.org\",\
             \"language\":\"English\",\"sourcecountry\":\"United States\"}}",
            whom(n),
            n % 24
        )
    };
    let body = format!("{{\"articles\":[{}]}}", joined(250, ",\n", article));
    decode(c, "gdelt", &Gdelt::new(), body, 125);
}

/// The thirty newest messages.
pub(crate) fn stocktwits(c: &mut Criterion) {
    let message = |n: usize| {
        format!(
            "{{\"id\":{n},\"body\":\"$ACME {TEXT}\",\"created_at\":\"2024-06-28T10:{n:02}:00Z\",\"user\":{{\"id\":1,\"username\":\"somebody\",\
             \"name\":\"Somebody\",\"avatar_url\":\"https://avatars.example.org/production/1/thumb.png\",\"followers\":20,\"following\":2,\"ideas\":975,\
             \"join_date\":\"2017-06-20\",\"like_count\":136}},\"source\":{{\"id\":2095,\"title\":\"App\",\"url\":\"https://example.org\"}},\
             \"symbols\":[{{\"id\":686,\"symbol\":\"ACME\",\"title\":\"Acme Rockets\",\"aliases\":[],\"is_following\":false,\"watchlist_count\":286188}}],\
             \"mentioned_users\":[],\"entities\":{{\"sentiment\":{{\"basic\":\"Bullish\"}}}}}}"
        )
    };
    let body = format!("{{\"response\":{{\"status\":200}},\"messages\":[{}]}}", joined(30, ",", message));
    decode(c, "stocktwits", &StockTwits::new(), body, 30);
}

/// A page of 100 stories.
pub(crate) fn hacker_news(c: &mut Criterion) {
    let hit = |n: usize| {
        let whom = whom(n);
        format!(
            "{{\"_highlightResult\":{{\"title\":{{\"matchLevel\":\"full\",\"matchedWords\":[\"acme\"],\"value\":\"<em>{whom}</em>\"}}}},\
             \"_tags\":[\"story\",\"author_somebody\",\"story_{n}\"],\"author\":\"somebody\",\"created_at\":\"2024-06-28T10:00:00Z\",\
             \"created_at_i\":{},\"num_comments\":{n},\"objectID\":\"{n}\",\"points\":{n},\"title\":\"{whom} and its tools\",\
             \"url\":\"https://example.org/{n}\"}}",
            1_719_568_800 + n
        )
    };
    let body = format!("{{\"hits\":[{}],\"nbHits\":100,\"page\":0}}", joined(100, ",", hit));
    decode(c, "hacker_news", &HackerNews::new(), body, 50);
}

/// Fifty films with their counts.
pub(crate) fn youtube_data(c: &mut Criterion) {
    let film = |n: usize| {
        let (whom, text) = (whom(n), TEXT.repeat(6));
        let picture = |size: usize| {
            format!(
                "\"s{size}\":{{\"url\":\"https://i.ytimg.example.org/vi/v{n}/{size}.jpg\",\"width\":{size},\"height\":90}}"
            )
        };
        format!(
            "{{\"kind\":\"youtube#video\",\"etag\":\"e\",\"id\":\"v{n}\",\"snippet\":{{\"publishedAt\":\"2024-06-28T10:00:{n:02}Z\",\"channelId\":\"{CHANNEL}\",\
             \"title\":\"{whom}, part {n}\",\"description\":\"{text}\",\"thumbnails\":{{{}}},\"tags\":[\"rockets\",\"ramps\"],\
             \"localized\":{{\"title\":\"{whom}\",\"description\":\"{text}\"}}}},\
             \"statistics\":{{\"viewCount\":\"{n}\",\"likeCount\":\"{n}\",\"favoriteCount\":\"0\",\"commentCount\":\"{n}\"}}}}",
            joined(5, ",", picture)
        )
    };
    let body = format!("{{\"kind\":\"youtube#videoListResponse\",\"items\":[{}]}}", joined(50, ",", film));
    decode(c, "youtube_data", &YouTubeData::new(Some(Secret::new("k"))), body, 25);
}

//! What people write, as StockTwits, Reddit and Hacker News have it.

use std::fmt::Write as _;

use assize_ambient::Timestamp;
use jiff::SignedDuration;

use super::escaped;
use crate::exchange::{
    desk::{Answer, Asked, Desk},
    json::Json,
    market::Data,
    post::{self, Board, Post},
};

const MOST_MESSAGES: usize = 30;
const MOST_ENTRIES: usize = 100;

fn newest(data: &Data, board: Board, from: Timestamp, to: Timestamp) -> Vec<Post> {
    let mut posts = post::posts(&data.company, &data.path, board, from, to);
    posts.reverse();
    posts
}

fn back(now: Timestamp, hours: i64) -> Timestamp {
    now.checked_sub(SignedDuration::from_hours(hours)).unwrap_or(now)
}

/// `api/2/streams/symbol/{SYMBOL}.json`.
pub(in crate::exchange) fn stocktwits(desk: &Desk<'_>, file: &str) -> Option<Answer> {
    let data = desk.company(file.strip_suffix(".json")?)?;
    let company = &data.company;
    let mut posts = newest(&data, Board::StockTwits, back(desk.now, 24 * 14), desk.now);
    let more = posts.len() > MOST_MESSAGES;
    posts.truncate(MOST_MESSAGES);
    let symbol = || {
        Json::record([
            ("id", (company.cik % 1_000_000).into()),
            // As that site writes class shares.
            ("symbol", company.symbol.replace('-', ".").into()),
            ("title", company.name.as_str().into()),
            ("aliases", Json::List(Vec::new())),
            ("is_following", false.into()),
            ("watchlist_count", (company.shares / 40_000).into()),
        ])
    };
    let message = |post: &Post| {
        let sentiment = post.is_bullish.map(|is_bullish| {
            Json::record([("basic", if is_bullish { "Bullish" } else { "Bearish" }.into())])
        });
        let user = Json::record([
            ("id", post.author.into()),
            ("username", format!("user{}", post.author).into()),
            ("name", format!("User {}", post.author).into()),
            ("official", false.into()),
            ("identity", "User".into()),
            ("followers", (post.author % 700).into()),
            ("join_date", "2018-01-08".into()),
        ]);
        Json::record([
            ("id", post.id.into()),
            // With the entities of HTML.
            ("body", post.text.replace('&', "&amp;").replace('\'', "&#39;").into()),
            ("created_at", post.created.strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into()),
            ("user", user),
            ("symbols", vec![symbol()].into()),
            ("mentioned_users", Json::List(Vec::new())),
            ("entities", Json::record([("sentiment", sentiment.into())])),
        ])
    };
    let ids = |pick: fn(&[Post]) -> Option<&Post>| Json::from(pick(&posts).map(|post| post.id));
    let cursor =
        Json::record([("more", more.into()), ("since", ids(<[Post]>::first)), ("max", ids(<[Post]>::last))]);
    Some(Answer::json(Json::record([
        ("response", Json::record([("status", Json::literal("200"))])),
        ("symbol", symbol()),
        ("cursor", cursor),
        ("messages", posts.iter().map(message).collect::<Vec<_>>().into()),
    ])))
}

/// `r/{sub}/search.rss?q=…&t=week`: Atom, without points or replies.
pub(in crate::exchange) fn reddit(desk: &Desk<'_>, sub: &str, asked: &Asked) -> Answer {
    let hours = match asked.parameter("t") {
        "hour" => 1,
        "day" => 24,
        "month" => 24 * 30,
        "year" | "all" => 24 * 365,
        _ => 24 * 7,
    };
    let companies = desk.market.named_in(asked.parameter("q"));
    let from = back(desk.now, hours);
    let mut posts: Vec<Post> =
        companies.iter().flat_map(|data| newest(data, Board::Reddit, from, desk.now)).collect();
    posts.sort_by_key(|post| std::cmp::Reverse((post.created, post.id)));
    posts.truncate(MOST_ENTRIES);
    let date = |moment: Timestamp| moment.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string();
    let updated = date(posts.first().map_or(from, |post| post.created));
    let sub = escaped(sub);
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><feed xmlns=\"http://www.w3.org/2005/Atom\"><category \
         term=\"{sub}\" label=\"r/{sub}\"/><updated>{updated}</updated>\
         <icon>https://www.redditstatic.com/icon.png/</icon><id>/r/{sub}/search.rss</id><link rel=\"self\" \
         href=\"https://www.reddit.com/r/{sub}/search.rss\" type=\"application/atom+xml\"/>\
         <title>{sub}: search results</title>"
    );
    for post in &posts {
        let (title, id) = (escaped(&post.text), format!("{:x}", post.id));
        let link = format!("https://www.reddit.com/r/{sub}/comments/{id}/post/");
        let content =
            escaped(&format!("<!-- SC_OFF --><div class=\"md\"><p>{title}</p></div><!-- SC_ON -->"));
        // Writing to a string can't fail.
        let _ = write!(
            out,
            "<entry><author><name>/u/user{author}</name><uri>https://www.reddit.com/user/user{author}</uri></author>\
             <category term=\"{sub}\" label=\"r/{sub}\"/><content type=\"html\">{content}</content>\
             <id>t3_{id}</id><link href=\"{link}\"/><updated>{at}</updated><published>{at}</published>\
             <title>{title}</title></entry>",
            author = post.author,
            at = date(post.created),
        );
    }
    out.push_str("</feed>");
    Answer::text("application/atom+xml; charset=UTF-8", out)
}

/// `api/v1/search_by_date?query=…&tags=story&numericFilters=created_at_i>…`.
pub(in crate::exchange) fn hacker_news(desk: &Desk<'_>, asked: &Asked) -> Answer {
    let (mut from, mut to) = (back(desk.now, 24 * 30), desk.now);
    for filter in asked.parameter("numericFilters").split(',') {
        let Some(rest) = filter.trim().strip_prefix("created_at_i") else { continue };
        let second = rest.trim_start_matches(['<', '>', '=']).parse().ok();
        let Some(moment) = second.and_then(|second| Timestamp::from_second(second).ok()) else { continue };
        if rest.starts_with('>') {
            from = moment.max(back(desk.now, 24 * 400));
        } else {
            to = moment.min(to);
        }
    }
    let query = asked.parameter("query");
    let companies = desk.market.named_in(query);
    let mut posts: Vec<Post> =
        companies.iter().flat_map(|data| newest(data, Board::HackerNews, from, to)).collect();
    posts.sort_by_key(|post| std::cmp::Reverse((post.created, post.id)));
    let all = posts.len();
    let pages = asked.parameter("hitsPerPage").parse().unwrap_or(20_usize).clamp(1, 1_000);
    posts.truncate(pages);
    let hit = |post: &Post| {
        let id = post.id.to_string();
        let author = format!("user{}", post.author);
        Json::record([
            ("created_at", post.created.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string().into()),
            ("title", post.text.as_str().into()),
            ("url", format!("https://{}/{id}", "newswire.example").into()),
            ("author", author.as_str().into()),
            ("points", post.points.into()),
            ("story_text", "".into()),
            ("comment_text", Json::NULL),
            ("num_comments", post.replies.into()),
            ("story_id", Json::NULL),
            ("parent_id", Json::NULL),
            ("created_at_i", post.created.as_second().into()),
            (
                "_tags",
                vec!["story".into(), format!("author_{author}").into(), format!("story_{id}").into()].into(),
            ),
            ("objectID", id.into()),
        ])
    };
    Answer::json(Json::record([
        ("hits", posts.iter().map(hit).collect::<Vec<_>>().into()),
        ("nbHits", all.into()),
        ("page", Json::literal("0")),
        ("nbPages", all.div_ceil(pages).into()),
        ("hitsPerPage", pages.into()),
        ("processingTimeMS", Json::literal("1")),
        ("query", query.into()),
    ]))
}

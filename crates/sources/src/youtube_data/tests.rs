//! What is asked, what follows, and what comes back.

use std::sync::Arc;

use assize_altdata::conformance;
use assize_transport::Headers;

use super::*;

const VIDEOS: &str = r#"{"kind":"youtube#videoListResponse","pageInfo":{"totalResults":3},"items":[
    {"kind":"youtube#video","id":"v2","snippet":{"publishedAt":"2026-01-05T10:00:00Z","channelId":"UCx","title":"Acme & Sons",
     "description":"long\n\ntext","channelTitle":"Jane"},"statistics":{"viewCount":"1234","likeCount":"5","favoriteCount":"0"}},
    {"id":"v1","snippet":{"publishedAt":"2026-01-04T10:00:00.000Z","channelId":"UCx","title":"Gold","description":"and $ACME"}},
    {"id":"v0","snippet":{"publishedAt":"2026-01-03T10:00:00Z","channelId":"UCx","title":"Weather"}}]}"#;
const SEARCH: &str = r#"{"kind":"youtube#searchListResponse","items":[{"id":{"kind":"youtube#video","videoId":"v2"}},
    {"id":{"kind":"youtube#channel","channelId":"UCx"}},{"id":{"videoId":"v 1"}},{"id":{"videoId":"v-1"}}]}"#;
const CHANNEL: &str = "UC0123456789abcdefghij-_";

fn source() -> YouTubeData {
    YouTubeData::new(Some(Secret::new("k123")))
}

fn query() -> Query {
    let ticker = "ACME".parse().unwrap();
    let identity = Identity::new(&ticker, "Acme Inc.");
    Query::new(&ticker, "2026-01-05".parse().unwrap()).with_identity(Arc::new(identity))
}

fn response(status: u16, body: &str, at: Timestamp) -> RawResponse {
    RawResponse::new(&source().plan(&query()).unwrap()[0], status, Headers::default(), body.to_owned(), at)
}

fn decode(status: u16, body: &str) -> Outcome {
    source().decode(&query(), &response(status, body, Timestamp::UNIX_EPOCH))
}

#[test]
fn it_keeps_the_contract() {
    conformance::check_query(&source(), &query(), VIDEOS.as_bytes());
}

#[test]
fn a_search_and_then_the_counts() {
    let plan = source().plan(&query()).unwrap();
    assert_eq!(
        plan[0].expose_url(),
        "https://www.googleapis.com/youtube/v3/search?part=snippet&type=video&order=date&maxResults=50&q=%22acme%22\
         &publishedAfter=2025-12-30T04%3A00%3A00Z&publishedBefore=2026-01-06T05%3A00%3A00Z&key=k123"
    );
    assert!(!format!("{plan:?} {:?}", source()).contains("k123"));
    let found = response(200, SEARCH, Timestamp::UNIX_EPOCH);
    let follows = source().follow(&query(), &found);
    assert_eq!(follows.len(), 1);
    assert_eq!(
        follows[0].expose_url(),
        "https://www.googleapis.com/youtube/v3/videos?part=snippet,statistics&maxResults=50&id=v2%2Cv-1&key=k123"
    );
    let nothing = Outcome::Items { items: Vec::new(), findings: Vec::new() };
    assert_eq!(source().decode(&query(), &found), nothing);
}

#[test]
fn channels_are_read_without_a_search() {
    let source = source().in_channels([CHANNEL.to_owned(), "x".to_owned()]);
    let plan = source.plan(&query()).unwrap();
    assert_eq!(plan.len(), 1);
    assert!(plan[0].url().as_str().ends_with("&playlistId=UU0123456789abcdefghij-_"));
    let uploads =
        r#"{"kind":"youtube#playlistItemListResponse","items":[{"contentDetails":{"videoId":"v2"}}]}"#;
    let follows = source.follow(&query(), &response(200, uploads, Timestamp::UNIX_EPOCH));
    assert!(follows[0].url().as_str().ends_with("&id=v2"));
}

#[test]
fn without_a_key_or_a_name_there_is_a_gap() {
    let reason = |source: YouTubeData, query: &Query| source.plan(query).unwrap_err().reason;
    assert_eq!(reason(YouTubeData::new(None), &query()), GapReason::KeyMissing);
    let unknown = Query::new(&"ACME".parse().unwrap(), "2026-01-05".parse().unwrap());
    assert_eq!(reason(source(), &unknown), GapReason::NoSuchTicker);
    assert_eq!(reason(YouTubeData::new(Some(Secret::new("a b"))), &query()), GapReason::Failed);
}

#[test]
fn counts_are_texts_and_may_be_missing() {
    let videos = |at: &str| -> Vec<(Video, Timestamp)> {
        let outcome = source().decode(&query(), &response(200, VIDEOS, at.parse().unwrap()));
        let Outcome::Items { items, findings } = outcome else { panic!("{outcome:?}") };
        assert!(findings.is_empty());
        let video = |item: Item| match item.kind {
            ItemKind::Video(video) => (video, item.available_at.latest),
            other => panic!("{other:?}"),
        };
        items.into_iter().map(video).collect()
    };
    let now = videos("2026-01-05T12:00:00Z");
    assert_eq!(now.len(), 2);
    let (older, newest) = (&now[0].0, &now[1].0);
    let expected = Video {
        number: "v2".to_owned(),
        channel: "UCx".to_owned(),
        title: "Acme & Sons".to_owned(),
        description: "long text".to_owned(),
        link: "https://www.youtube.com/watch?v=v2".to_owned(),
        views: Some(1_234),
        likes: Some(5),
        comments: None,
    };
    assert_eq!((newest, now[1].1), (&expected, "2026-01-05T10:00:00Z".parse().unwrap()));
    assert_eq!((older.views, older.likes, older.comments), (None, None, None));
    assert_eq!(videos("2026-02-05T12:00:00Z")[1].0.views, None);
}

#[test]
fn what_is_no_answer() {
    let said = |reason: &str, message: &str| {
        format!(
            r#"{{"error":{{"code":403,"message":"{message}","errors":[{{"reason":"{reason}","domain":"x"}}]}}}}"#
        )
    };
    for (status, body, expected) in [
        (400, said("badRequest", "API key not valid. Please pass a valid API key."), Outcome::KeyMissing),
        (403, said("quotaExceeded", "The request cannot be completed."), Outcome::Blocked),
        (403, said("rateLimitExceeded", ""), Outcome::Throttled(None)),
        (403, said("forbidden", ""), Outcome::Blocked),
        (404, String::new(), Outcome::NotFound),
        (500, "x".to_owned(), Outcome::Unavailable("a status of 500".to_owned())),
        (200, r#"{"kind":"youtube#searchListResponse","items":[]}"#.to_owned(), Outcome::Empty),
        (200, r#"{"kind":"youtube#videoListResponse","items":[]}"#.to_owned(), Outcome::Empty),
    ] {
        assert_eq!(decode(status, &body), expected, "{body}");
    }
    let drift = |body: &str| match decode(200, body) {
        Outcome::Drift(found) => found,
        other => panic!("{other:?}"),
    };
    assert_eq!(drift(r#"{"kind":"youtube#other","items":[]}"#), "at `kind`: `youtube#other`");
    let found = drift(&VIDEOS.replace("\"channelId\"", "\"channel\""));
    assert!(found.starts_with("at `items[0].snippet`: missing field `channelId`"), "{found}");
    let undated = VIDEOS.replace("2026-01-05T10", "soon");
    let Outcome::Items { items, findings } = decode(200, &undated) else { panic!("items") };
    assert_eq!((items.len(), findings.len()), (1, 1));
}

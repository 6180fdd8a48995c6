//! What is written about a ticker on StockTwits.

use std::time::Duration;

use assize_altdata::{
    Availability, Disposition, Finding, FindingKind, Gap, GapReason, Item, ItemKind, Outcome, Post, Query,
    Source, SourceId, SourceKind, SourceMeta,
};
use assize_transport::{RawResponse, Request};
use jiff::Timestamp;
use serde::Deserialize;

use crate::mention::can_be;
use crate::{address::Address, answer, handles};

const MINUTE: Duration = Duration::from_secs(60);
/// The site sends thirty.
const MOST_MESSAGES: usize = 1_000;
/// The site's own limit is a thousand characters.
const MOST_TEXT: usize = 4_000;

/// The newest messages that carry a ticker's cashtag, with what their writers ticked: that the price shall rise or fall.
///
/// Format: `api.stocktwits.com/api/2/streams/symbol/{symbol}.json`, <https://api.stocktwits.com/developers/docs/api>. The
/// site counts about 200 calls an hour for each address; the rate and burst here stay below. The status stands in the
/// body too. A message that does not carry the ticker is dropped, and an answer about another symbol or another company's
/// name is [`Outcome::OtherCompany`]. Writers and whom they speak to are not kept.
///
/// Only the newest thirty are given, so a run that looks back finds nothing here.
#[derive(Clone, Debug)]
pub struct StockTwits {
    meta: SourceMeta,
}

impl StockTwits {
    /// The name of this source.
    pub const ID: SourceId = SourceId::new("stocktwits");

    /// The source as it is asked by default: forty at once, and 144 an hour beyond.
    #[must_use]
    pub fn new() -> Self {
        let mut meta = SourceMeta::new(Self::ID, SourceKind::Social, "api.stocktwits.com");
        meta.rate = Some(0.04);
        meta.burst = 40;
        meta.ttl = 15 * MINUTE;
        meta.stale_after = Some(3 * 24 * 60 * MINUTE);
        meta.terms = "StockTwits' terms; no new keys are given out: read them before switching it on".into();
        Self { meta }
    }
}

impl Default for StockTwits {
    fn default() -> Self {
        Self::new()
    }
}

#[derive(Deserialize)]
struct Answer {
    response: Option<Status>,
    symbol: Option<Symbol>,
    messages: Option<Vec<Message>>,
}

#[derive(Deserialize)]
struct Status {
    status: u16,
}

#[derive(Deserialize)]
struct Symbol {
    symbol: String,
    #[serde(default)]
    title: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    id: u64,
    body: String,
    created_at: String,
    symbols: Vec<Symbol>,
    entities: Option<Entities>,
    likes: Option<Likes>,
    conversation: Option<Conversation>,
}

#[derive(Deserialize)]
struct Entities {
    sentiment: Option<Sentiment>,
}

#[derive(Deserialize)]
struct Sentiment {
    basic: Option<String>,
}

#[derive(Deserialize)]
struct Likes {
    total: Option<i64>,
}

#[derive(Deserialize)]
struct Conversation {
    #[serde(default)]
    parent: bool,
    replies: Option<u64>,
}

impl Source for StockTwits {
    fn meta(&self) -> &SourceMeta {
        &self.meta
    }

    /// To hold the name that the site gives against it.
    fn needs_identity(&self) -> bool {
        true
    }

    fn plan(&self, query: &Query) -> Result<Vec<Request>, Gap> {
        let symbol = symbol_of(query);
        if symbol.contains(['^', '=']) {
            let detail = "the site has shares and funds, not indices and currencies by this name".to_owned();
            return Err(Gap::new(query.ticker(), &Self::ID, GapReason::NoSuchTicker, detail));
        }
        let address = Address::new("https://api.stocktwits.com/api/2/streams/symbol");
        Ok(vec![address.part(&format!("{symbol}.json")).get(query, &Self::ID)?])
    }

    fn decode(&self, query: &Query, response: &RawResponse) -> Outcome {
        let answer: Answer = match answer::json(response) {
            Ok(answer) => answer,
            Err(outcome) => return outcome,
        };
        if let Some(refusal) = answer.response.and_then(|said| refusal(said.status)) {
            return refusal;
        }
        let symbol = symbol_of(query);
        if let Some(other) = answer.symbol.as_ref().and_then(|about| other_company(query, &symbol, about)) {
            return Outcome::OtherCompany(other);
        }
        let Some(messages) = answer.messages else {
            return Outcome::Drift("at `messages`: it is missing".to_owned());
        };
        if messages.len() > MOST_MESSAGES {
            return Outcome::Drift(format!("at `messages`: more than {MOST_MESSAGES} of them"));
        }
        let counts_hold = answer::counts_hold(query, response);
        let (mut items, mut findings, mut others) = (Vec::new(), Vec::new(), 0);
        let n_messages = messages.len();
        for message in messages {
            let Ok(written) = message.created_at.parse::<Timestamp>() else {
                findings.push(answer::undated(response, &message.created_at));
                continue;
            };
            let known = Availability::at(written, "when it was written");
            if !message.symbols.iter().any(|about| is_symbol(about, &symbol)) {
                others += 1;
                let text = format!("the message {} does not carry {symbol}", message.id);
                let finding = Finding::undated(None, FindingKind::OtherTicker, Disposition::Dropped, text);
                findings.push(Finding { known_from: Some(known), ..finding.at_url(response.url()) });
                continue;
            }
            let kind = ItemKind::Post(post(message, counts_hold));
            let (ticker, url) = (query.ticker(), response.url());
            let item = Item::new(ticker, kind, &Self::ID, url, known, response.fetched_at());
            items.push(item.published(written));
        }
        if others > 0 && others == n_messages {
            return Outcome::OtherCompany(format!(
                "other tickers: none of {others} messages carries {symbol}"
            ));
        }
        answer::listed(items, findings)
    }
}

/// The site's form of a ticker: a dot before the class of a share.
fn symbol_of(query: &Query) -> String {
    query.ticker().as_str().replace('-', ".")
}

fn is_symbol(about: &Symbol, symbol: &str) -> bool {
    about.symbol.replace('-', ".").eq_ignore_ascii_case(symbol)
}

/// Whom the answer is about, if that can't be who was meant.
fn other_company(query: &Query, symbol: &str, about: &Symbol) -> Option<String> {
    let title = about.title.as_deref().unwrap_or_default();
    let named = query.identity().is_none_or(|identity| can_be(identity, title));
    (!is_symbol(about, symbol) || !named).then(|| {
        let (theirs, title) = (answer::plain(&about.symbol, 20), answer::plain(title, 80));
        let own = query.identity().map_or(symbol, |identity| &identity.name);
        format!("{theirs} ({title}), where {own} was meant")
    })
}

/// What a status in the body says.
fn refusal(status: u16) -> Option<Outcome> {
    Some(match status {
        200 => return None,
        404 => Outcome::NotFound,
        429 => Outcome::Throttled(None),
        401 | 403 => Outcome::Blocked,
        other => Outcome::Unavailable(format!("a status of {other} in the body")),
    })
}

fn post(message: Message, counts_hold: bool) -> Post {
    let sentiment = message.entities.and_then(|entities| entities.sentiment).and_then(|ticked| ticked.basic);
    // Of an answer to another message, it counts those of the whole conversation.
    let replies = message.conversation.filter(|talk| talk.parent).and_then(|talk| talk.replies);
    Post {
        site: "stocktwits".to_owned(),
        number: message.id.to_string(),
        title: String::new(),
        text: handles::hidden(&answer::plain(&message.body, MOST_TEXT)),
        link: format!("https://stocktwits.com/message/{}", message.id),
        score: message.likes.and_then(|likes| likes.total).filter(|_| counts_hold),
        comments: replies.filter(|_| counts_hold),
        is_bullish: match sentiment.as_deref() {
            Some("Bullish") => Some(true),
            Some("Bearish") => Some(false),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use assize_altdata::{Identity, conformance};
    use assize_transport::Headers;

    use super::*;

    const BODY: &str = r#"{"response":{"status":200},"symbol":{"id":1,"symbol":"BRK.B","title":"Berkshire Hathaway Inc. Class B"},
        "cursor":{"more":true,"since":2,"max":1},"messages":[
        {"id":2,"body":"@jane $BRK.B &gt; $KO &#39;26","created_at":"2026-01-05T15:00:00Z","user":{"username":"max"},
         "symbols":[{"symbol":"KO"},{"symbol":"BRK.B","title":"x"}],"entities":{"sentiment":{"basic":"Bullish"}},
         "likes":{"total":3},"conversation":{"parent":true,"replies":4},"new":1},
        {"id":1,"body":"down","created_at":"2026-01-05T14:00:00Z","symbols":[{"symbol":"BRK.B"}],"entities":{"sentiment":null},
         "conversation":{"parent":false,"replies":9}}]}"#;

    fn query() -> Query {
        let ticker = "BRK-B".parse().unwrap();
        let identity = Identity::new(&ticker, "Berkshire Hathaway Inc");
        Query::new(&ticker, "2026-01-05".parse().unwrap()).with_identity(Arc::new(identity))
    }

    fn decode_at(status: u16, body: &str, at: Timestamp) -> Outcome {
        let request = &StockTwits::new().plan(&query()).unwrap()[0];
        let response = RawResponse::new(request, status, Headers::default(), body.to_owned(), at);
        StockTwits::new().decode(&query(), &response)
    }

    fn decode(status: u16, body: &str) -> Outcome {
        decode_at(status, body, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn it_keeps_the_contract() {
        conformance::check_query(&StockTwits::new(), &query(), BODY.as_bytes());
    }

    #[test]
    fn symbols_are_asked_for_in_the_sites_form() {
        let plan = StockTwits::new().plan(&query()).unwrap();
        assert_eq!(plan[0].url().as_str(), "https://api.stocktwits.com/api/2/streams/symbol/BRK.B.json");
        let index = Query::new(&"^GSPC".parse().unwrap(), "2026-01-05".parse().unwrap());
        assert_eq!(StockTwits::new().plan(&index).unwrap_err().reason, GapReason::NoSuchTicker);
        // Within an hour, never more than the site bears.
        let meta = StockTwits::new().meta;
        assert!(f64::from(meta.burst) + 3_600.0 * meta.rate.unwrap() <= 200.0);
    }

    #[test]
    fn messages_and_what_was_ticked() {
        let Outcome::Items { items, findings } = decode(200, BODY) else { panic!("items") };
        assert_eq!((items.len(), findings.len()), (2, 0));
        let ItemKind::Post(newest) = &items[1].kind else { panic!("a post") };
        let expected = Post {
            site: "stocktwits".to_owned(),
            number: "2".to_owned(),
            title: String::new(),
            text: "@someone $BRK.B > $KO '26".to_owned(),
            link: "https://stocktwits.com/message/2".to_owned(),
            score: Some(3),
            comments: Some(4),
            is_bullish: Some(true),
        };
        assert_eq!(newest, &expected);
        let ItemKind::Post(oldest) = &items[0].kind else { panic!("a post") };
        assert_eq!((oldest.score, oldest.comments, oldest.is_bullish), (None, None, None));
        let Outcome::Items { items, .. } = decode_at(200, BODY, "2026-03-01T00:00:00Z".parse().unwrap())
        else {
            panic!("items")
        };
        let ItemKind::Post(later) = &items[1].kind else { panic!("a post") };
        assert_eq!((later.score, later.comments, later.is_bullish), (None, None, Some(true)));
    }

    #[test]
    fn other_companies_are_told_apart() {
        let about = |from: &str, to: &str| decode(200, &BODY.replace(from, to));
        assert_eq!(
            about(r#""symbol":"BRK.B","title":"B"#, r#""symbol":"TOTDY","title":"B"#),
            Outcome::OtherCompany(
                "TOTDY (Berkshire Hathaway Inc. Class B), where Berkshire Hathaway Inc was meant".to_owned()
            )
        );
        assert!(matches!(about("Berkshire Hathaway Inc. Class B", "Toto Ltd."), Outcome::OtherCompany(_)));
        let Outcome::Items { items, findings } = about(r#"[{"symbol":"BRK.B"}]"#, "[]") else {
            panic!("items")
        };
        assert_eq!((items.len(), findings[0].text.as_ref()), (1, "the message 1 does not carry BRK.B"));
        let all = BODY
            .replace(r#"{"symbol":"BRK.B","title":"x"}"#, r#"{"symbol":"X"}"#)
            .replace(r#"[{"symbol":"BRK.B"}]"#, "[]");
        assert!(matches!(decode(200, &all), Outcome::OtherCompany(_)));
    }

    #[test]
    fn what_is_no_answer() {
        let said = |status| format!(r#"{{"response":{{"status":{status}}},"errors":[{{"message":"x"}}]}}"#);
        assert_eq!(decode(404, &said(404)), Outcome::NotFound);
        assert_eq!(decode(200, &said(404)), Outcome::NotFound);
        assert_eq!(decode(200, &said(429)), Outcome::Throttled(None));
        assert_eq!(decode(200, &said(403)), Outcome::Blocked);
        assert!(matches!(decode(200, &said(500)), Outcome::Unavailable(_)));
        assert_eq!(decode(200, &said(200)), Outcome::Drift("at `messages`: it is missing".to_owned()));
        assert_eq!(decode(200, r#"{"messages":[]}"#), Outcome::Empty);
        let Outcome::Drift(path) = decode(200, &BODY.replacen("\"body\"", "\"text\"", 1)) else {
            panic!("drift")
        };
        assert!(path.starts_with("at `messages[0]`: missing field `body`"), "{path}");
        let Outcome::Items { items, findings } = decode(200, &BODY.replace("2026-01-05T14", "soon")) else {
            panic!()
        };
        assert_eq!((items.len(), findings.len()), (1, 1));
    }
}

//! Films about a company, from the feeds of channels on YouTube.

use std::collections::BTreeMap;
use std::time::Duration;

use assize_altdata::{
    Gap, GapReason, Item, ItemKind, Outcome, Query, Source, SourceId, SourceKind, SourceMeta, Ticker, Video,
};
use assize_transport::{RawResponse, Request};

use super::{dates, reader};
use crate::mention::Mentions;
use crate::{address::Address, answer};

const MINUTE: Duration = Duration::from_secs(60);
/// How many characters of a title and of a description are kept.
const MOST_TITLE: usize = 300;
const MOST_DESCRIPTION: usize = 2_000;
/// So many stars on average mean that every rating was a like.
const ALL_LIKED: &str = "5.00";

/// The newest films (fifteen or so) of channels that the user names: of a channel about markets those that mention the
/// company, of a company's own channel all.
///
/// Format: Atom (RFC 4287) with Media RSS from `www.youtube.com/feeds/videos.xml?channel_id=…`, without a key. Views are
/// told; likes only where all ratings were likes, which is so since dislikes are no longer shown; comments are not.
/// For a run that looks back further than an hour the counts are unknown, since they are those of today.
#[derive(Clone, Debug)]
pub struct YouTubeChannels {
    meta: SourceMeta,
    /// Channels, and whose own each is.
    channels: BTreeMap<String, Option<Ticker>>,
}

impl YouTubeChannels {
    /// The name of this source.
    pub const ID: SourceId = SourceId::new("youtube-channels");

    /// The source on channels about markets, by their numbers (`UC` and 22 characters); what is none is left out.
    #[must_use]
    pub fn new(channels: impl IntoIterator<Item = String>) -> Self {
        let mut meta = SourceMeta::new(Self::ID, SourceKind::Video, "www.youtube.com");
        meta.rate = Some(1.0);
        meta.burst = 2;
        meta.ttl = 60 * MINUTE;
        meta.terms = "YouTube's terms of service: read them before switching it on".into();
        let channels = channels.into_iter().filter(|channel| is_channel(channel));
        Self { meta, channels: channels.map(|channel| (channel, None)).collect() }
    }

    /// Whether this is a channel's number: `UC` and 22 characters.
    #[must_use]
    pub fn is_channel(number: &str) -> bool {
        is_channel(number)
    }

    /// The same with a company's own channel.
    #[must_use]
    pub fn with_own(mut self, ticker: &Ticker, channel: impl Into<String>) -> Self {
        let channel = channel.into();
        if is_channel(&channel) {
            self.channels.insert(channel, Some(ticker.clone()));
        }
        self
    }
}

fn is_channel(number: &str) -> bool {
    number.len() == 24
        && number.starts_with("UC")
        && number.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

impl Source for YouTubeChannels {
    fn meta(&self) -> &SourceMeta {
        &self.meta
    }

    fn needs_identity(&self) -> bool {
        true
    }

    fn plan(&self, query: &Query) -> Result<Vec<Request>, Gap> {
        let concerns = |owner: &Option<Ticker>| owner.as_ref().is_none_or(|owner| owner == query.ticker());
        let channels = self.channels.iter().filter(|(_, owner)| concerns(owner));
        let request = |(channel, _): (&String, _)| {
            let address = Address::new("https://www.youtube.com/feeds/videos.xml");
            address.parameter("channel_id", channel).get(query, &Self::ID)
        };
        let plan: Vec<Request> = channels.map(request).collect::<Result<_, _>>()?;
        if plan.is_empty() {
            let detail = "no channel was given for it".to_owned();
            return Err(Gap::new(query.ticker(), &Self::ID, GapReason::NoSuchTicker, detail));
        }
        Ok(plan)
    }

    fn decode(&self, query: &Query, response: &RawResponse) -> Outcome {
        let feed = match reader::read(response) {
            Ok(feed) => feed,
            Err(outcome) => return outcome,
        };
        let asked = response.url().as_str().split_once("channel_id=").map_or("", |(_, channel)| channel);
        let is_own = matches!(self.channels.get(asked), Some(Some(_)));
        let counts_hold = answer::counts_hold(query, response);
        let mentions = Mentions::of(query);
        let (mut items, mut findings) = (Vec::new(), Vec::new());
        for (n, entry) in feed.entries.iter().enumerate() {
            if entry.video.is_empty() {
                return Outcome::Drift(format!("at entry {n}: no `yt:videoId`"));
            }
            if entry.channel != asked {
                let other = answer::plain(&entry.channel, 40);
                return Outcome::OtherCompany(format!("the channel `{other}`, where `{asked}` was meant"));
            }
            let video = video(entry, counts_hold);
            if !is_own && !mentions.any(&[&video.title, &video.description]) {
                continue;
            }
            let published = dates::read(&entry.published);
            let Some(known) = dates::availability(published, dates::read(&entry.updated)) else {
                findings.push(answer::undated(response, &entry.published));
                continue;
            };
            let (ticker, url) = (query.ticker(), response.url());
            let item =
                Item::new(ticker, ItemKind::Video(video), &Self::ID, url, known, response.fetched_at());
            items.push(match published.and_then(dates::When::exact) {
                Some(at) => item.published(at),
                None => item,
            });
        }
        answer::listed(items, findings)
    }
}

fn video(entry: &reader::Entry, counts_hold: bool) -> Video {
    let count = |text: &str| text.parse().ok().filter(|_| counts_hold);
    let (ratings, average) = &entry.ratings;
    Video {
        number: answer::plain(&entry.video, 40),
        channel: answer::plain(&entry.channel, 40),
        title: answer::plain(&entry.title, MOST_TITLE),
        description: answer::plain(&entry.summary, MOST_DESCRIPTION),
        link: entry.link.clone(),
        views: count(&entry.views),
        likes: count(ratings).filter(|_| average == ALL_LIKED),
        comments: None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use assize_altdata::{Identity, conformance};
    use assize_ambient::Timestamp;
    use assize_transport::Headers;

    use super::*;

    const CHANNEL: &str = "UC0123456789abcdefghij-_";
    const BODY: &str = r#"<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:media="http://search.yahoo.com/mrss/"
        xmlns="http://www.w3.org/2005/Atom"><id>yt:channel:0123456789abcdefghij-_</id><yt:channelId>0123456789abcdefghij-_</yt:channelId>
        <entry><id>yt:video:v1</id><yt:videoId>v1</yt:videoId><yt:channelId>UC0123456789abcdefghij-_</yt:channelId>
        <title>Is Acme cheap?</title><link rel="alternate" href="https://www.youtube.com/watch?v=v1"/>
        <author><name>Jane</name></author><published>2026-01-04T10:00:00+00:00</published><updated>2026-01-05T10:00:00+00:00</updated>
        <media:group><media:title>Is Acme cheap?</media:title><media:description>It is &amp; was
not</media:description><media:community><media:starRating count="7" average="5.00" min="1" max="5"/>
        <media:statistics views="1234"/></media:community></media:group></entry>
        <entry><yt:videoId>v0</yt:videoId><yt:channelId>UC0123456789abcdefghij-_</yt:channelId><title>Gold</title>
        <published>2026-01-03T10:00:00+00:00</published></entry></feed>"#;

    fn query() -> Query {
        let ticker = "ACME".parse().unwrap();
        let identity = Identity::new(&ticker, "Acme Inc.");
        Query::new(&ticker, "2026-01-05".parse().unwrap()).with_identity(Arc::new(identity))
    }

    fn decode_at(source: &YouTubeChannels, body: &str, at: &str) -> Outcome {
        let request = &source.plan(&query()).unwrap()[0];
        let response =
            RawResponse::new(request, 200, Headers::default(), body.to_owned(), at.parse().unwrap());
        source.decode(&query(), &response)
    }

    fn general() -> YouTubeChannels {
        YouTubeChannels::new([CHANNEL.to_owned(), "no channel".to_owned()])
    }

    fn videos(outcome: Outcome) -> Vec<Video> {
        let Outcome::Items { items, .. } = outcome else { panic!("{outcome:?}") };
        let video = |item: Item| match item.kind {
            ItemKind::Video(video) => video,
            other => panic!("{other:?}"),
        };
        items.into_iter().map(video).collect()
    }

    #[test]
    fn it_keeps_the_contract() {
        conformance::check_query(&general(), &query(), BODY.as_bytes());
    }

    #[test]
    fn a_companys_own_channel_is_taken_whole() {
        let now = "2026-01-05T12:00:00Z";
        let found = videos(decode_at(&general(), BODY, now));
        let expected = Video {
            number: "v1".to_owned(),
            channel: CHANNEL.to_owned(),
            title: "Is Acme cheap?".to_owned(),
            description: "It is & was not".to_owned(),
            link: "https://www.youtube.com/watch?v=v1".to_owned(),
            views: Some(1_234),
            likes: Some(7),
            comments: None,
        };
        assert_eq!(found, [expected]);
        let own = YouTubeChannels::new([]).with_own(query().ticker(), CHANNEL);
        assert_eq!(videos(decode_at(&own, BODY, now)).len(), 2);
        let others = YouTubeChannels::new([]).with_own(&"KO".parse().unwrap(), CHANNEL);
        assert_eq!(others.plan(&query()).unwrap_err().reason, GapReason::NoSuchTicker);
    }

    #[test]
    fn counts_are_told_of_the_present_alone() {
        let later = videos(decode_at(&general(), BODY, "2026-02-05T12:00:00Z"));
        assert_eq!((later[0].views, later[0].likes), (None, None));
        let mixed = videos(decode_at(&general(), &BODY.replace("5.00", "4.95"), "2026-01-05T12:00:00Z"));
        assert_eq!((mixed[0].views, mixed[0].likes), (Some(1_234), None));
        let Outcome::Items { items, .. } = decode_at(&general(), BODY, "2026-01-05T12:00:00Z") else {
            panic!()
        };
        assert_eq!(items[0].published, Some(items[0].available_at.earliest));
        assert_eq!(items[0].available_at.latest, "2026-01-05T10:00:00Z".parse::<Timestamp>().unwrap());
    }

    #[test]
    fn what_is_no_answer() {
        let read = |body: &str| decode_at(&general(), body, "2026-01-05T12:00:00Z");
        assert_eq!(
            read(&BODY.replace("<yt:channelId>UC0", "<yt:channelId>UC1")),
            Outcome::OtherCompany(format!(
                "the channel `UC1123456789abcdefghij-_`, where `{CHANNEL}` was meant"
            ))
        );
        assert_eq!(
            read(&BODY.replace("yt:videoId", "yt:id")),
            Outcome::Drift("at entry 0: no `yt:videoId`".to_owned())
        );
        assert_eq!(read("<feed></feed>"), Outcome::Empty);
        let Outcome::Items { items, findings } =
            read(&BODY.replace("2026-01-04T10", "x").replace("2026-01-05T10", "x"))
        else {
            panic!("findings")
        };
        assert_eq!((items.len(), findings.len()), (0, 1));
    }
}

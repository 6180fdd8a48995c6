//! Films about a company, from YouTube's interface for programs.

use std::time::Duration;

use assize_altdata::{
    Availability, Gap, GapReason, Identity, Item, ItemKind, Outcome, Query, Source, SourceId, SourceKind,
    SourceMeta, Video,
};
use assize_transport::{RawResponse, Request, Secret};
use jiff::Timestamp;
use serde::Deserialize;

use crate::mention::Mentions;
use crate::{address::Address, answer};

const HOUR: Duration = Duration::from_secs(3_600);
/// How far back is searched.
const DAYS: i64 = 7;
/// The most that the site gives or takes at once.
const MOST: usize = 50;
const MOST_TITLE: usize = 300;
const MOST_DESCRIPTION: usize = 2_000;

/// Films that mention a company, with how often they were seen, liked and commented on; from version 3 of the YouTube Data
/// API, which needs a key.
///
/// Format: <https://developers.google.com/youtube/v3/docs>. First the films are looked for: by a search for the company's
/// name within the week before the as-of moment, or among the newest of the channels that the user
/// [names](Self::in_channels). Then `videos` is asked for their counts, which are texts, and any of which may be missing.
/// A film is taken if its title or description mentions the company strictly, as with [`NewsFeeds`](crate::NewsFeeds).
///
/// A key has 10,000 units a day; a search costs 100 of them, the rest one each. Counts are those of today, and so unknown
/// to a run that looks back further than an hour.
#[derive(Clone, Debug)]
pub struct YouTubeData {
    meta: SourceMeta,
    key: Option<Secret>,
    channels: Vec<String>,
}

impl YouTubeData {
    /// The name of this source.
    pub const ID: SourceId = SourceId::new("youtube-data");

    /// The source that searches, with a key if there is one.
    #[must_use]
    pub fn new(key: Option<Secret>) -> Self {
        let mut meta = SourceMeta::new(Self::ID, SourceKind::Video, "www.googleapis.com");
        meta.rate = Some(2.0);
        meta.burst = 5;
        meta.ttl = 12 * HOUR;
        meta.terms =
            "YouTube API Services' terms; a key has 10,000 units a day, a search costs 100, the rest 1"
                .into();
        meta.needs_key = true;
        Self { meta, key, channels: Vec::new() }
    }

    /// The same, looking among the newest films of these channels, by their numbers (`UC…`), in the place of a search.
    #[must_use]
    pub fn in_channels(mut self, channels: impl IntoIterator<Item = String>) -> Self {
        let is_channel = |number: &String| {
            number.len() == 24
                && number.starts_with("UC")
                && number.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        };
        self.channels = channels.into_iter().filter(is_channel).collect();
        self.channels.sort_unstable();
        self.channels.dedup();
        self
    }

    fn with_key(&self, query: &Query, address: Address) -> Result<Request, Gap> {
        let Some(key) = &self.key else {
            let detail = "it needs a key: console.cloud.google.com gives one for nothing".to_owned();
            return Err(Gap::new(query.ticker(), &Self::ID, GapReason::KeyMissing, detail));
        };
        address.get(query, &Self::ID)?.with_secret_query("key", key.expose()).map_err(|error| {
            Gap::new(query.ticker(), &Self::ID, GapReason::Failed, format!("failed to {error}"))
        })
    }

    fn search(query: &Query) -> Result<Address, Gap> {
        let name = query.identity().map(Identity::short_name).filter(|name| !name.is_empty());
        let Some(name) = name else {
            let detail = "it is not known which company is meant, and so not what to search for".to_owned();
            return Err(Gap::new(query.ticker(), &Self::ID, GapReason::NoSuchTicker, detail));
        };
        // By the hour, so that the same is asked within one.
        let hour = |second: i64, up: i64| {
            Timestamp::from_second((second.div_euclid(3_600) + up) * 3_600).unwrap_or(Timestamp::MAX)
        };
        let end = query.as_of().moment().as_second();
        let start = end - DAYS * 24 * 3_600;
        let start = query.wanted_since().map_or(start, |since| since.as_second().clamp(start, end));
        Ok(Address::new("https://www.googleapis.com/youtube/v3/search?part=snippet&type=video&order=date")
            .parameter("maxResults", &MOST.to_string())
            .parameter("q", &format!("\"{name}\""))
            .parameter("publishedAfter", &hour(start, 0).to_string())
            .parameter("publishedBefore", &hour(end, 1).to_string()))
    }
}

/// What an answer is, as it says of itself.
#[derive(Deserialize)]
struct Kind {
    kind: String,
}

#[derive(Deserialize)]
struct Listed<T> {
    items: Vec<T>,
}

enum Answer {
    /// The numbers of films that were found.
    Found(Vec<String>),
    Films(Vec<Film>),
}

#[derive(Deserialize)]
struct Found {
    id: Named,
}

#[derive(Deserialize)]
struct Named {
    /// Missing where a channel or playlist was found.
    #[serde(rename = "videoId")]
    video: Option<String>,
}

#[derive(Deserialize)]
struct Uploaded {
    #[serde(rename = "contentDetails")]
    details: Named,
}

#[derive(Deserialize)]
struct Film {
    id: String,
    snippet: Snippet,
    #[serde(default)]
    statistics: Statistics,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Snippet {
    published_at: String,
    channel_id: String,
    title: String,
    #[serde(default)]
    description: String,
}

/// Counts as texts; any may be missing: the owner can hide them.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Statistics {
    view_count: Option<String>,
    like_count: Option<String>,
    comment_count: Option<String>,
}

#[derive(Deserialize)]
struct Refusal {
    error: Refused,
}

#[derive(Deserialize)]
struct Refused {
    #[serde(default)]
    message: String,
    #[serde(default)]
    errors: Vec<Reason>,
}

#[derive(Deserialize)]
struct Reason {
    #[serde(default)]
    reason: String,
}

impl Source for YouTubeData {
    fn meta(&self) -> &SourceMeta {
        &self.meta
    }

    fn needs_identity(&self) -> bool {
        true
    }

    fn plan(&self, query: &Query) -> Result<Vec<Request>, Gap> {
        if self.channels.is_empty() {
            return Ok(vec![self.with_key(query, Self::search(query)?)?]);
        }
        let uploads = |channel: &String| {
            // The list of a channel's films has the channel's number with another start.
            let list = channel.replacen("UC", "UU", 1);
            let address =
                Address::new("https://www.googleapis.com/youtube/v3/playlistItems?part=contentDetails");
            let address = address.parameter("maxResults", &MOST.to_string()).parameter("playlistId", &list);
            self.with_key(query, address)
        };
        self.channels.iter().map(uploads).collect()
    }

    fn follow(&self, query: &Query, response: &RawResponse) -> Vec<Request> {
        let Ok(Answer::Found(ids)) = read(response) else { return Vec::new() };
        let is_number = |id: &String| {
            (1..=40).contains(&id.len())
                && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        };
        let ids: Vec<String> = ids.into_iter().filter(is_number).take(MOST).collect();
        if ids.is_empty() {
            return Vec::new();
        }
        let address = Address::new("https://www.googleapis.com/youtube/v3/videos?part=snippet,statistics");
        let address = address.parameter("maxResults", &MOST.to_string()).parameter("id", &ids.join(","));
        self.with_key(query, address).into_iter().collect()
    }

    fn decode(&self, query: &Query, response: &RawResponse) -> Outcome {
        if let Some(refusal) = refusal(response) {
            return refusal;
        }
        let films = match read(response) {
            Ok(Answer::Films(films)) => films,
            Ok(Answer::Found(found)) if found.is_empty() => return Outcome::Empty,
            // What was found is told by what follows from it.
            Ok(Answer::Found(_)) => return Outcome::Items { items: Vec::new(), findings: Vec::new() },
            Err(outcome) => return outcome,
        };
        if films.len() > 4 * MOST {
            return Outcome::Drift(format!("at `items`: more than {} of them", 4 * MOST));
        }
        let counts_hold = answer::counts_hold(query, response);
        let mentions = Mentions::of(query);
        let (mut items, mut findings) = (Vec::new(), Vec::new());
        for film in films {
            let published = film.snippet.published_at.parse::<Timestamp>();
            let said = film.snippet.published_at.clone();
            let video = video(film, counts_hold);
            if !mentions.any(&[&video.title, &video.description]) {
                continue;
            }
            let Ok(published) = published else {
                findings.push(answer::undated(response, &said));
                continue;
            };
            let known = Availability::at(published, "when it was published");
            let (ticker, url) = (query.ticker(), response.url());
            let item =
                Item::new(ticker, ItemKind::Video(video), &Self::ID, url, known, response.fetched_at());
            items.push(item.published(published));
        }
        answer::listed(items, findings)
    }
}

fn read(response: &RawResponse) -> Result<Answer, Outcome> {
    let Kind { kind } = answer::json(response)?;
    Ok(match kind.as_str() {
        "youtube#searchListResponse" => {
            let Listed::<Found> { items } = answer::json(response)?;
            Answer::Found(items.into_iter().filter_map(|found| found.id.video).collect())
        }
        "youtube#playlistItemListResponse" => {
            let Listed::<Uploaded> { items } = answer::json(response)?;
            Answer::Found(items.into_iter().filter_map(|film| film.details.video).collect())
        }
        "youtube#videoListResponse" => {
            let Listed { items } = answer::json(response)?;
            Answer::Films(items)
        }
        other => return Err(Outcome::Drift(format!("at `kind`: `{}`", answer::plain(other, 60)))),
    })
}

fn video(film: Film, counts_hold: bool) -> Video {
    let count = |text: Option<String>| text.and_then(|text| text.parse().ok()).filter(|_| counts_hold);
    let number = answer::plain(&film.id, 40);
    let in_link: String = number.chars().filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
    Video {
        channel: answer::plain(&film.snippet.channel_id, 40),
        title: answer::plain(&film.snippet.title, MOST_TITLE),
        description: answer::plain(&film.snippet.description, MOST_DESCRIPTION),
        link: format!("https://www.youtube.com/watch?v={in_link}"),
        number,
        views: count(film.statistics.view_count),
        likes: count(film.statistics.like_count),
        comments: count(film.statistics.comment_count),
    }
}

/// A key that is wrong, one that has used up its day, and one that asks too fast are told apart in the body alone.
fn refusal(response: &RawResponse) -> Option<Outcome> {
    let plain = answer::refusal(response)?;
    let Ok(Refusal { error }) = answer::from_json(response.body()) else { return Some(plain) };
    let reason = error.errors.first().map_or("", |first| first.reason.as_str());
    Some(match reason {
        "keyInvalid" | "keyExpired" => Outcome::KeyMissing,
        _ if error.message.contains("API key") => Outcome::KeyMissing,
        "rateLimitExceeded" | "userRateLimitExceeded" => Outcome::Throttled(None),
        // Until midnight in California.
        "quotaExceeded" | "dailyLimitExceeded" => Outcome::Blocked,
        _ => plain,
    })
}

#[cfg(test)]
mod tests;

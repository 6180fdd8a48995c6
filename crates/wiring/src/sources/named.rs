//! Sources that are there because the user names what they read: feeds of news, and channels of films.

use std::str::FromStr;

use assize_altdata::Ticker;
use assize_sources::{NewsFeeds, YouTubeChannels};
use assize_transport::Url;

use super::catalogue::Entry;

/// The address of a feed of news: RSS or Atom, on the network.
///
/// ```
/// use assize_wiring::FeedAddress;
///
/// assert!("https://example.org/markets.xml".parse::<FeedAddress>().is_ok());
/// assert!("markets.xml".parse::<FeedAddress>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedAddress(Url);

impl FromStr for FeedAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let url: Url = text.parse().map_err(|e| format!("failed to {e}"))?;
        let fits = matches!(url.scheme(), "https" | "http") && url.host().is_some();
        fits.then_some(Self(url))
            .ok_or_else(|| "write an address such as https://example.org/markets.xml".to_owned())
    }
}

impl FeedAddress {
    pub(super) const fn url(&self) -> &Url {
        &self.0
    }
}

/// A channel of films: its number, and whose own it is if it is a company's.
///
/// ```
/// use assize_wiring::FilmChannel;
///
/// assert!("UCabcdefghijklmnopqrstuv".parse::<FilmChannel>().is_ok());
/// assert!("KO=UCabcdefghijklmnopqrstuv".parse::<FilmChannel>().is_ok());
/// assert!("@cocacola".parse::<FilmChannel>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilmChannel {
    owner: Option<Ticker>,
    number: String,
}

impl FromStr for FilmChannel {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (owner, number) = match text.split_once('=') {
            Some((owner, number)) => {
                (Some(owner.parse::<Ticker>().map_err(|e| format!("failed to {e}"))?), number)
            }
            None => (None, text),
        };
        if !YouTubeChannels::is_channel(number) {
            return Err(
                "write a channel's number, UC and 22 characters, or TICKER= and that of a company's own \
                        channel"
                    .to_owned(),
            );
        }
        Ok(Self { owner, number: number.to_owned() })
    }
}

/// A source for each host of these feeds, and one for all channels.
pub(super) fn entries(feeds: &[FeedAddress], channels: &[FilmChannel]) -> Vec<Entry> {
    let feeds = NewsFeeds::by_host(feeds.iter().map(|feed| feed.0.clone()));
    let mut entries: Vec<Entry> = feeds.into_iter().map(Entry::named).collect();
    if !channels.is_empty() {
        let common = channels.iter().filter(|channel| channel.owner.is_none());
        let mut source = YouTubeChannels::new(common.map(|channel| channel.number.clone()));
        for channel in channels {
            if let Some(owner) = &channel.owner {
                source = source.with_own(owner, channel.number.as_str());
            }
        }
        entries.push(Entry::named(source));
    }
    entries
}

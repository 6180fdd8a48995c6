//! The sites that are played, their hosts and their limits.

use std::fmt;

use serde::Serialize;

use crate::Limit;

/// A site of the market's half: whoever publishes something about companies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Site {
    /// `www.sec.gov` and `data.sec.gov`, which count together.
    Sec,
    /// `query1.finance.yahoo.com` and `query2.finance.yahoo.com`.
    Yahoo,
    /// `cdn.cboe.com`.
    Cboe,
    /// `wikimedia.org`.
    Wikimedia,
    /// Newspapers, each under a name that ends in `.example` and with a limit of its own.
    Paper,
    /// `api.gdeltproject.org`.
    Gdelt,
    /// `api.stocktwits.com`.
    StockTwits,
    /// `www.reddit.com`.
    Reddit,
    /// `hn.algolia.com`.
    HackerNews,
    /// `fred.stlouisfed.org` and `api.stlouisfed.org`.
    Fred,
    /// `home.treasury.gov`.
    Treasury,
    /// `cdn.finra.org`.
    Finra,
    /// `www.youtube.com`.
    YouTube,
    /// `api.alternative.me`.
    AlternativeMe,
}

impl Site {
    /// All sites, in their order.
    pub const ALL: [Self; 14] = [
        Self::Sec,
        Self::Yahoo,
        Self::Cboe,
        Self::Wikimedia,
        Self::Paper,
        Self::Gdelt,
        Self::StockTwits,
        Self::Reddit,
        Self::HackerNews,
        Self::Fred,
        Self::Treasury,
        Self::Finra,
        Self::YouTube,
        Self::AlternativeMe,
    ];

    /// The site of a host, if it is played.
    #[must_use]
    pub fn of_host(host: &str) -> Option<Self> {
        Some(match host {
            "www.sec.gov" | "data.sec.gov" => Self::Sec,
            "query1.finance.yahoo.com" | "query2.finance.yahoo.com" => Self::Yahoo,
            "cdn.cboe.com" => Self::Cboe,
            "wikimedia.org" => Self::Wikimedia,
            "api.gdeltproject.org" => Self::Gdelt,
            "api.stocktwits.com" => Self::StockTwits,
            "www.reddit.com" => Self::Reddit,
            "hn.algolia.com" => Self::HackerNews,
            "fred.stlouisfed.org" | "api.stlouisfed.org" => Self::Fred,
            "home.treasury.gov" => Self::Treasury,
            "cdn.finra.org" => Self::Finra,
            "www.youtube.com" => Self::YouTube,
            "api.alternative.me" => Self::AlternativeMe,
            paper if paper.ends_with(".example") => Self::Paper,
            _ => return None,
        })
    }

    /// What its books are kept under: hosts that count together have one name.
    pub(super) fn budget(self, host: &str) -> String {
        match self {
            Self::Sec => "sec.gov",
            Self::Yahoo => "finance.yahoo.com",
            _ => host,
        }
        .to_owned()
    }

    /// What it allows, unless told otherwise: what the site's own words say where there are some (the SEC ten requests a
    /// second, GDELT one in five seconds, StockTwits two hundred an hour, FRED two a second for each host, alternative.me one a second),
    /// and otherwise somewhat more than a polite client sends.
    #[must_use]
    pub fn limit(self) -> Limit {
        let (per_minute, burst) = match self {
            Self::Sec => (600, 10),
            Self::Yahoo | Self::Cboe | Self::Treasury => (150, 4),
            Self::Wikimedia => (600, 10),
            // A little less than five seconds, for requests that travel do not arrive as evenly as they were sent.
            Self::Gdelt => (13, 1),
            // A minute's share of an hour, rounded up, and an hour's at once.
            Self::StockTwits => (4, 200),
            Self::Reddit => (60, 5),
            Self::HackerNews => (170, 20),
            Self::Fred => (120, 10),
            Self::Paper | Self::Finra | Self::YouTube => (180, 10),
            Self::AlternativeMe => (60, 5),
        };
        Limit::per_minute(per_minute).with_burst(burst)
    }
}

/// Its name in documents.
impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sec => "sec",
            Self::Yahoo => "yahoo",
            Self::Cboe => "cboe",
            Self::Wikimedia => "wikimedia",
            Self::Paper => "paper",
            Self::Gdelt => "gdelt",
            Self::StockTwits => "stock-twits",
            Self::Reddit => "reddit",
            Self::HackerNews => "hacker-news",
            Self::Fred => "fred",
            Self::Treasury => "treasury",
            Self::Finra => "finra",
            Self::YouTube => "you-tube",
            Self::AlternativeMe => "alternative-me",
        })
    }
}

//! What was written, shown and looked up about a company.

use jiff::civil::Date;

/// A piece of news, or what a feed or an index gives of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Article {
    /// Its headline, as plain text.
    pub title: String,
    /// What is given of its text, as plain text; may be empty.
    pub summary: String,
    /// Where it stands.
    pub link: String,
    /// The host that it stands on, without `www.`; in lower case.
    pub domain: String,
    /// Its language, as the source names it; may be empty.
    pub language: String,
}

/// Something that somebody wrote on a social site. Who, is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// The site, such as `stocktwits`.
    pub site: String,
    /// The site's number of it.
    pub number: String,
    /// Its title, as plain text; may be empty.
    pub title: String,
    /// Its text, as plain text; may be empty.
    pub text: String,
    /// Where it stands.
    pub link: String,
    /// Votes for it, less those against it; `None` if the source does not say, which is not 0.
    pub score: Option<i64>,
    /// Answers to it; `None` if the source does not say.
    pub comments: Option<u64>,
    /// What the writer ticked, if so: whether the price shall rise.
    pub is_bullish: Option<bool>,
}

/// A film on a video site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Video {
    /// The site's number of it.
    pub number: String,
    /// The channel's number.
    pub channel: String,
    /// Its title, as plain text.
    pub title: String,
    /// What is said of it, as plain text; may be empty.
    pub description: String,
    /// Where it stands.
    pub link: String,
    /// How often it was seen; `None` if the source does not say, as for all counts.
    pub views: Option<u64>,
    /// How often it was liked.
    pub likes: Option<u64>,
    /// Comments on it.
    pub comments: Option<u64>,
}

/// How often something was looked at on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attention {
    /// What was looked at, such as `en.wikipedia:Apple_Inc.`.
    pub subject: String,
    /// The day, UTC.
    pub date: Date,
    /// How often.
    pub views: u64,
}

//! Feeds in RSS and Atom, and the sources that send them.

mod charset;
mod dates;
mod news_feeds;
mod reader;
mod reddit_search;
mod youtube_channels;

pub use news_feeds::NewsFeeds;
pub use reddit_search::RedditSearch;
pub use youtube_channels::YouTubeChannels;

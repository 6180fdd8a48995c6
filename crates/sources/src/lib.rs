//! A site's format: plan and decode, pure.
//!
//! Each source here implements [`assize_altdata::Source`] and does neither I/O nor asks the time. The first is
//! [`CsvFolder`]: a folder of daily price tables.
//!
//! ```
//! use assize_altdata::{AsOf, Query, Source};
//! use assize_sources::CsvFolder;
//!
//! let folder = CsvFolder::new(vec!["KO_daily.csv".to_owned(), "NVDA_daily_2014.csv".to_owned()]);
//! let as_of: AsOf = "2014-12-31".parse()?;
//! let plan = folder.plan(&Query::new(&"nvda".parse()?, as_of)).expect("the folder has it");
//! assert_eq!(plan[0].url().as_str(), "file:NVDA_daily_2014.csv");
//!
//! let gap = folder.plan(&Query::new(&"XYZ".parse()?, as_of)).expect_err("the folder lacks it");
//! assert_eq!(gap.detail, "the folder has no file for XYZ; it has KO, NVDA");
//! # Ok::<(), assize_altdata::Error>(())
//! ```

mod address;
mod answer;
mod cboe_chain;
mod csv_folder;
mod economy;
mod edgar;
mod feed;
mod finra;
mod gdelt;
mod hacker_news;
mod handles;
mod mention;
mod price_table;
mod stocktwits;
mod web_link;
mod wikipedia;
mod yahoo_chart;
mod youtube_data;

pub use cboe_chain::CboeChain;
pub use csv_folder::CsvFolder;
pub use economy::{FredApi, FredCsv, TreasuryYields};
pub use edgar::{
    EdgarContact, EdgarCurrent, EdgarFacts, EdgarFilings, EdgarTickers, IndexedFiling, acceptance_times,
};
pub use feed::{NewsFeeds, RedditSearch, YouTubeChannels};
pub use finra::FinraShortVolume;
pub use gdelt::Gdelt;
pub use hacker_news::HackerNews;
pub use stocktwits::StockTwits;
pub use wikipedia::WikipediaPageviews;
pub use yahoo_chart::YahooChart;
pub use youtube_data::YouTubeData;

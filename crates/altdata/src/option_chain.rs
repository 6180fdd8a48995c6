//! What is offered and asked for options on a share, at one moment.

use std::sync::Arc;

use assize_ambient::Timestamp;
use jiff::civil::{Date, DateTime};

/// All quoted options on one underlying at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct OptionChain {
    /// The moment of the quotes, as the source says.
    pub quoted_at: Timestamp,
    /// The price of the underlying then.
    pub spot: Option<f64>,
    /// The contracts, ordered by expiry, strike, and calls before puts.
    pub contracts: Arc<[OptionQuote]>,
}

/// The right that an option gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OptionRight {
    /// To buy.
    Call,
    /// To sell.
    Put,
}

/// What is quoted for one contract of 100 shares. What the source does not say, or says by a value that cannot be
/// (an implied volatility of 0), is `None`.
#[derive(Clone, Debug, PartialEq)]
pub struct OptionQuote {
    /// Its symbol: root, date, right and strike, such as `CLX260821C00055000`.
    pub symbol: String,
    /// The last day.
    pub expiry: Date,
    /// The price at which it may be exercised.
    pub strike: f64,
    /// To buy or to sell.
    pub right: OptionRight,
    /// What is offered for it, per share; 0 is nothing.
    pub bid: Option<f64>,
    /// What is asked for it, per share.
    pub ask: Option<f64>,
    /// At what it last traded.
    pub last: Option<f64>,
    /// When that was, in the exchange's own time.
    pub last_at: Option<DateTime>,
    /// Contracts traded on the day.
    pub volume: Option<f64>,
    /// Contracts open, as of the session before.
    pub open_interest: Option<f64>,
    /// Implied volatility a year: 0.31 is 31 %.
    pub implied_volatility: Option<f64>,
    /// By how much its price moves with the underlying's.
    pub delta: Option<f64>,
    /// By how much delta moves with it.
    pub gamma: Option<f64>,
}

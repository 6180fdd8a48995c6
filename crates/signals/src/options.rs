//! What an option chain says: who bets on what, how much, and how far the figures can be trusted.
//!
//! [`analyse`] takes a [`Chain`], the quotes of one underlying at one instant, and gives an [`OptionsReport`]. Each figure is
//! also a function of its own. A figure that cannot be had is `None`, never 0; what speaks against the chain as a whole is
//! said in [`Quality`].
//!
//! | Figure | Definition | Source |
//! |---|---|---|
//! | put-call ratio | Σ puts ÷ Σ calls, by volume and by open interest; none without calls | Cboe, market statistics |
//! | its score | (x − mean) ÷ standard deviation (n − 1) of the last 20 days of the same underlying | |
//! | unusual contract | volume > 500, open interest > 100, last > 0.10, volume ÷ open interest ≥ 1.25 | Barchart, unusual options activity, US stocks |
//! | premium | volume × multiplier × mid; with a bid of 0 the lesser of last and ask | |
//! | skew | IV of the put with delta −0.25 less IV of the call with 0.25, both linear in delta, expiry nearest to 30 days and at least 7 | Xing, Zhang and Zhao, JFQA 2010, in its form by delta |
//! | IV at the money | at 30 days: linear in the strike, then linear in total variance between two expiries | as Cboe's IV30 |
//! | max pain | the strike K with the least Σ OI·max(0, K − k) over calls + Σ OI·max(0, k − K) over puts | |
//! | gamma exposure | Σ ± gamma · OI · 100 · S² · 0.01, puts negative: dollars of delta per move of 1 % | SqueezeMetrics, "The implied order book"; gex-tracker |
//! | IV rank, percentile | (x − least) ÷ (most − least) of a history; the share of days below x | |
//! | Black-Scholes | price and greeks of a European option with a continuous yield | Hull, Options, Futures and Other Derivatives |
//!
//! **What they do not say.** Open interest is that of the session before. A quote is no trade: a large premium is concentrated,
//! but whether it was a "sweep", and whether somebody bought or sold, only a tape of trades can tell. Gamma exposure assumes
//! that dealers have bought all calls and sold all puts that are open, which nobody can see.
//!
//! ```
//! use assize_signals::options::{Chain, Contract, OccSymbol, analyse};
//!
//! let contract = |symbol: &str, volume| Contract {
//!     volume: Some(volume),
//!     ..Contract::new(symbol.parse::<OccSymbol>().expect("an OCC symbol"))
//! };
//! let chain = Chain {
//!     underlying: "CLX".to_owned(),
//!     spot: 95.55,
//!     quoted_at: "2026-07-24T20:43:14".parse().expect("the exchange's local time"),
//!     contracts: vec![contract("CLX260821C00095000", 400), contract("CLX260821P00095000", 100)],
//! };
//! let report = analyse(&chain);
//! assert_eq!(report.put_call.by_volume, Some(0.25));
//! assert_eq!(report.put_call.by_open_interest, None);
//! ```

mod at_the_money;
mod black_scholes;
mod chain;
mod exposure;
mod history;
mod max_pain;
mod occ_symbol;
mod premium;
mod put_call;
mod quality;
mod report;
mod skew;
mod unusual;

pub use at_the_money::{AtTheMoney, at_the_money};
pub use black_scholes::{BlackScholes, Greeks, implied_volatility};
pub use chain::{Chain, Contract, Right, Strike};
pub use exposure::{GammaExposure, gamma_exposure};
pub use history::{IvStanding, MIN_IV_DAYS, ZSCORE_DAYS, iv_standing, z_score};
pub use max_pain::{MaxPain, max_pain};
pub use occ_symbol::{OccSymbol, SymbolError};
pub use premium::{LARGE_PREMIUM, Premium, PremiumFlow, premium_flow, premium_of};
pub use put_call::{HIGH_PUT_CALL, LOW_PUT_CALL, PutCall, PutCallFlag, put_call};
pub use quality::{Quality, QualityFlag, quality};
pub use report::{OptionsReport, analyse};
pub use skew::{Skew, skew};
pub use unusual::{Unusual, unusual};

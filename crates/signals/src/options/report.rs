//! All figures of a chain at once.

use super::at_the_money::{AtTheMoney, at_the_money};
use super::chain::Chain;
use super::exposure::{GammaExposure, gamma_exposure};
use super::max_pain::{MaxPain, max_pain};
use super::premium::{PremiumFlow, premium_flow};
use super::put_call::{PutCall, put_call};
use super::quality::{Quality, quality};
use super::skew::{Skew, skew};
use super::unusual::{Unusual, unusual};

/// What a chain says.
#[derive(Debug, Clone, PartialEq)]
pub struct OptionsReport<'a> {
    /// Puts by calls.
    pub put_call: PutCall,
    /// Contracts that trade unusually much.
    pub unusual: Vec<Unusual<'a>>,
    /// Where the money went.
    pub premium: PremiumFlow<'a>,
    /// How much dearer puts are.
    pub skew: Option<Skew>,
    /// The volatility at the money, 30 days ahead: what to keep for a history.
    pub at_the_money: Option<AtTheMoney>,
    /// The max pain of each expiry that has open interest, in order.
    pub max_pain: Vec<MaxPain>,
    /// Gamma exposure, under its assumption about dealers.
    pub gamma: Option<GammaExposure>,
    /// How far all this can be trusted.
    pub quality: Quality,
}

/// All figures of `chain`. Those that need a past are [`z_score`](super::z_score) and [`iv_standing`](super::iv_standing).
#[must_use]
pub fn analyse(chain: &Chain) -> OptionsReport<'_> {
    OptionsReport {
        put_call: put_call(chain),
        unusual: unusual(chain),
        premium: premium_flow(chain),
        skew: skew(chain),
        at_the_money: at_the_money(chain),
        max_pain: chain.expiries().into_iter().filter_map(|expiry| max_pain(chain, expiry)).collect(),
        gamma: gamma_exposure(chain),
        quality: quality(chain),
    }
}

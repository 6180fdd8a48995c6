//! What may not be exceeded.

use serde::{Deserialize, Serialize};

use crate::Weight;

/// Limits, all in whole numbers. In a file, each that is not named is the default:
///
/// ```
/// use assize_portfolio::{Limits, Weight};
///
/// let limits: Limits = toml::from_str("max_weight_bp = 500")?;
/// assert_eq!(limits.max_weight, Weight::from_bp(500));
/// assert_eq!(limits.max_sector, Weight::from_bp(3_000), "the default");
/// assert!(toml::from_str::<Limits>("max_weight_bp = 20000").is_err(), "more than there is");
/// assert!(toml::from_str::<Limits>("max_wieght_bp = 500").is_err(), "there is no such limit");
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Written", try_from = "Written")]
pub struct Limits {
    /// The most of one name: 10 %.
    pub max_weight: Weight,
    /// The most of all names together: 100 %.
    pub max_gross: Weight,
    /// The most of one sector: 30 %.
    pub max_sector: Weight,
    /// The least cash: nothing.
    pub min_cash: Weight,
    /// How many sessions may have ended since the newest price: 1.
    pub max_price_age_sessions: u32,
    /// How many sessions may have ended since the newest option chain: 1.
    pub max_chain_age_sessions: u32,
    /// How many hours old the newest piece of news may be: 72.
    pub max_news_age_hours: u32,
    /// From how many kinds of sources the cited evidence has to come: 2.
    pub min_source_kinds: u32,
    /// How many items have to be cited: 3.
    pub min_items: u32,
    /// How far the probability of a rise has to be from one half, in ten-thousandths: 500, which is 0.05.
    pub min_edge_bp: u32,
    /// From which share of the evidence's weight on both sides it is a conflict, in ten-thousandths: 3,500.
    pub conflict_share_bp: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_weight: Weight::from_bp(1_000),
            max_gross: Weight::WHOLE,
            max_sector: Weight::from_bp(3_000),
            min_cash: Weight::ZERO,
            max_price_age_sessions: 1,
            max_chain_age_sessions: 1,
            max_news_age_hours: 72,
            min_source_kinds: 2,
            min_items: 3,
            min_edge_bp: 500,
            conflict_share_bp: 3_500,
        }
    }
}

impl Limits {
    /// A limit in basis points, 0 to 10,000 whatever somebody wrote into the field.
    pub(crate) fn bounded(limit: Weight) -> i64 {
        i64::from(limit.clamp(Weight::ZERO, Weight::WHOLE).bp())
    }

    fn check(self) -> Result<Self, BadLimits> {
        let weights = [
            ("max_weight_bp", self.max_weight),
            ("max_gross_bp", self.max_gross),
            ("max_sector_bp", self.max_sector),
            ("min_cash_bp", self.min_cash),
        ];
        let outside = |weight: Weight| !(Weight::ZERO..=Weight::WHOLE).contains(&weight);
        if let Some((name, weight)) = weights.into_iter().find(|(_, weight)| outside(*weight)) {
            let message = format!("take `{name} = {}`: write 0 to 10000 basis points", weight.bp());
            return Err(BadLimits(message));
        }
        let shares =
            [("min_edge_bp", self.min_edge_bp, 5_000), ("conflict_share_bp", self.conflict_share_bp, 10_000)];
        if let Some((name, share, most)) = shares.into_iter().find(|(_, share, most)| share > most) {
            return Err(BadLimits(format!("take `{name} = {share}`: write 0 to {most}")));
        }
        Ok(self)
    }
}

/// Limits that cannot be meant: what is wrong, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadLimits(String);

/// Limits as they stand in a file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Written {
    max_weight_bp: Weight,
    max_gross_bp: Weight,
    max_sector_bp: Weight,
    min_cash_bp: Weight,
    max_price_age_sessions: u32,
    max_chain_age_sessions: u32,
    max_news_age_hours: u32,
    min_source_kinds: u32,
    min_items: u32,
    min_edge_bp: u32,
    conflict_share_bp: u32,
}

impl Default for Written {
    fn default() -> Self {
        Limits::default().into()
    }
}

impl From<Limits> for Written {
    fn from(limits: Limits) -> Self {
        Self {
            max_weight_bp: limits.max_weight,
            max_gross_bp: limits.max_gross,
            max_sector_bp: limits.max_sector,
            min_cash_bp: limits.min_cash,
            max_price_age_sessions: limits.max_price_age_sessions,
            max_chain_age_sessions: limits.max_chain_age_sessions,
            max_news_age_hours: limits.max_news_age_hours,
            min_source_kinds: limits.min_source_kinds,
            min_items: limits.min_items,
            min_edge_bp: limits.min_edge_bp,
            conflict_share_bp: limits.conflict_share_bp,
        }
    }
}

impl TryFrom<Written> for Limits {
    type Error = BadLimits;

    fn try_from(written: Written) -> Result<Self, BadLimits> {
        Self {
            max_weight: written.max_weight_bp,
            max_gross: written.max_gross_bp,
            max_sector: written.max_sector_bp,
            min_cash: written.min_cash_bp,
            max_price_age_sessions: written.max_price_age_sessions,
            max_chain_age_sessions: written.max_chain_age_sessions,
            max_news_age_hours: written.max_news_age_hours,
            min_source_kinds: written.min_source_kinds,
            min_items: written.min_items,
            min_edge_bp: written.min_edge_bp,
            conflict_share_bp: written.conflict_share_bp,
        }
        .check()
    }
}

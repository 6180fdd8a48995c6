//! What insiders bought and sold on the market.

use assize_altdata::{AsOf, InsiderRole, InsiderTrade, Item, ItemKind};
use assize_debate::Evidence;
use jiff::{ToSpan, civil::Date};
use serde::{Deserialize, Serialize};

use super::{INSIDER_TRADE, grand, line};

const MOST: usize = 60;
const DAYS: i64 = 180;

/// The data of a purchase or a sale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TradeData {
    pub(crate) owner: String,
    pub(crate) owner_cik: u64,
    pub(crate) standing: Standing,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) title: String,
    pub(crate) is_purchase: bool,
    pub(crate) traded_on: Date,
    pub(crate) shares: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) price: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) held_after: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) is_planned: Option<bool>,
}

/// What an insider is to the company: of several things the one nearest to its business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Standing {
    Officer,
    Director,
    TenPercentOwner,
    Other,
}

impl Standing {
    fn of(role: InsiderRole) -> Self {
        match role {
            InsiderRole { is_officer: true, .. } => Self::Officer,
            InsiderRole { is_director: true, .. } => Self::Director,
            InsiderRole { is_ten_percent_owner: true, .. } => Self::TenPercentOwner,
            InsiderRole { .. } => Self::Other,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Officer => "officer",
            Self::Director => "director",
            Self::TenPercentOwner => "ten per cent owner",
            Self::Other => "insider",
        }
    }
}

pub(super) fn evidence(known: &[&Item], as_of: &AsOf) -> Vec<Evidence> {
    let first = as_of.date().saturating_sub(DAYS.days());
    let mut trades: Vec<(&Item, &InsiderTrade)> = known
        .iter()
        .filter_map(|item| match &item.kind {
            ItemKind::InsiderTrade(trade) => Some((*item, trade)),
            _ => None,
        })
        .filter(|(_, trade)| trade.is_opinion() && trade.traded_on >= first)
        .filter(|(_, trade)| trade.shares.is_finite() && trade.shares > 0.0)
        .collect();
    trades.sort_by(|(a, x), (b, y)| y.traded_on.cmp(&x.traded_on).then_with(|| a.id.cmp(&b.id)));
    trades.truncate(MOST);
    trades.into_iter().map(|(item, trade)| of(item, trade)).collect()
}

fn of(item: &Item, trade: &InsiderTrade) -> Evidence {
    let standing = Standing::of(trade.role);
    let is_purchase = trade.code == 'P';
    let title = if trade.title.is_empty() { standing.name() } else { &trade.title };
    let worth = trade.value().map(|value| format!(" for {} USD", grand(value))).unwrap_or_default();
    let held = trade.held_after.map(|held| format!(", holds {held:.0} after it")).unwrap_or_default();
    let plan = match trade.is_planned {
        Some(true) => ", planned beforehand (rule 10b5-1)",
        Some(false) => ", not planned beforehand",
        None => "",
    };
    let text = format!(
        "{}: {} ({title}) {} {:.0} shares on {}{worth}{held}{plan}",
        item.ticker,
        trade.owner,
        if is_purchase { "bought" } else { "sold" },
        trade.shares,
        trade.traded_on
    );
    let data = TradeData {
        owner: trade.owner.clone(),
        owner_cik: trade.owner_cik,
        standing,
        title: trade.title.clone(),
        is_purchase,
        traded_on: trade.traded_on,
        shares: trade.shares,
        price: trade.price,
        held_after: trade.held_after,
        is_planned: trade.is_planned,
    };
    line(item, INSIDER_TRADE, item.ticker.as_str(), &text, data)
}

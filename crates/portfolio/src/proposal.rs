//! What a decision asks of the book, before it is held against the limits.

use std::{collections::BTreeMap, fmt};

use assize_altdata::{SourceKind, Ticker};
use assize_metering::Usd;
use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap};

use crate::Action;

/// A share of what the book is worth, in whole basis points: hundredths of a per cent.
///
/// ```
/// use assize_portfolio::Weight;
///
/// assert_eq!(Weight::from_bp(1_025).to_string(), "10.25 %");
/// assert!(Weight::from_bp(300) < Weight::WHOLE);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Weight(i32);

impl Weight {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// All that the book is worth.
    pub const WHOLE: Self = Self(10_000);

    /// So many basis points. Any number can be asked for; [`validate`](crate::validate) says what may be had.
    #[must_use]
    pub const fn from_bp(bp: i32) -> Self {
        Self(bp)
    }

    /// In basis points.
    #[must_use]
    pub const fn bp(self) -> i32 {
        self.0
    }

    /// The weight of so many basis points, or the nearest that there is.
    pub(crate) fn nearest(bp: i64) -> Self {
        Self(i32::try_from(bp).unwrap_or(if bp < 0 { i32::MIN } else { i32::MAX }))
    }
}

impl fmt::Display for Weight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let bp = self.0.unsigned_abs();
        f.pad(&format!("{sign}{}.{:02} %", bp / 100, bp % 100))
    }
}

/// What a decision rests on, as far as rules ask about it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EvidenceFacts {
    /// Whether there is a price at all.
    pub has_price: bool,
    /// How many sessions have ended since that of the newest price; `None`: nobody can say.
    pub price_age_sessions: Option<u32>,
    /// How many sessions have ended since the newest option chain was quoted; `None`: there is none, or nobody can say.
    pub chain_age_sessions: Option<u32>,
    /// How many whole hours ago the newest piece of news came out; `None`: there is none, or nobody can say.
    pub news_age_hours: Option<u32>,
    /// How many different items of each kind are cited.
    #[serde(serialize_with = "by_name")]
    #[cfg_attr(feature = "schema", schemars(with = "BTreeMap<String, u32>"))]
    pub cited: BTreeMap<SourceKind, u32>,
    /// The share of the evidence's weight on the side of the decision, 0 to 1.
    pub share_for: f64,
    /// The share of the evidence's weight on the other side, 0 to 1.
    pub share_against: f64,
    /// What speaks of another company, if anything does: in words.
    pub identity_mismatch: Option<String>,
    /// Items that could have been known only after the as-of moment.
    pub future_items: u32,
}

/// What a decision asks for. Anybody may propose anything: a proposal promises nothing until it is validated.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// The name.
    pub ticker: Ticker,
    /// Its sector, if known. Sectors are the same whatever their case.
    pub sector: Option<String>,
    /// What is thought of it.
    pub action: Action,
    /// The probability of a rise, 0 to 1.
    pub p_up: f64,
    /// The weight wanted; `None`: whatever is held.
    pub target: Option<Weight>,
    /// What that rests on.
    pub facts: EvidenceFacts,
    /// Whether it comes out of a validation: what is to be done once, such as halving a size, has been done. It buys
    /// nothing that would not be had otherwise, save that it is not halved again.
    pub is_settled: bool,
}

/// What is held before anything is done, in shares of the book's worth.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holdings {
    /// Each name's weight: nothing, where it is held and nobody knows what it is worth. A negative one counts as nothing: the
    /// book only holds.
    pub weights: BTreeMap<Ticker, Weight>,
    /// The sectors of names, for those that nobody makes a proposal for.
    pub sectors: BTreeMap<Ticker, String>,
    /// The rest.
    pub cash: Weight,
}

impl Holdings {
    /// Nothing but cash.
    #[must_use]
    pub fn all_cash() -> Self {
        Self { cash: Weight::WHOLE, ..Self::default() }
    }

    /// What is held, from what each name is worth and from the cash, all rounded down to basis points of their sum.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    /// use assize_portfolio::{Holdings, Weight};
    ///
    /// let values = BTreeMap::from([("KO".parse()?, "333.33".parse()?), ("PEP".parse()?, "0".parse()?)]);
    /// let holdings = Holdings::of_values(&values, "666.67".parse()?);
    /// assert_eq!(holdings.weights[&"KO".parse()?], Weight::from_bp(3_333));
    /// assert_eq!(holdings.cash, Weight::from_bp(6_666));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn of_values(values: &BTreeMap<Ticker, Usd>, cash: Usd) -> Self {
        let worth = Usd::checked_sum(values.values().copied().chain([cash]));
        // A book that is worth nothing, or more than there is money, has no shares of its worth.
        let worth = worth.map_or(0, Usd::picodollars);
        let share = |value: Usd| {
            let bp = value.picodollars().checked_mul(10_000).filter(|_| worth > 0);
            let bp = bp.map_or(0, |scaled| scaled.div_euclid(worth));
            Weight::nearest(i64::try_from(bp).unwrap_or(if bp < 0 { i64::MIN } else { i64::MAX }))
        };
        let weights = values.iter().map(|(ticker, value)| (ticker.clone(), share(*value))).collect();
        Self { weights, cash: share(cash), ..Self::default() }
    }

    /// What is held of a name, in basis points, at least nothing.
    pub(crate) fn held(&self, ticker: &Ticker) -> i64 {
        self.weights.get(ticker).map_or(0, |weight| i64::from(weight.bp()).max(0))
    }
}

fn by_name<S: Serializer>(cited: &BTreeMap<SourceKind, u32>, to: S) -> Result<S::Ok, S::Error> {
    let mut map = to.serialize_map(Some(cited.len()))?;
    for (kind, items) in cited {
        map.serialize_entry(kind.as_str(), items)?;
    }
    map.end()
}

//! Decisions and their orders, and the names that keep anything from being booked twice.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use assize_altdata::{Availability, Ticker};
use assize_ambient::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{Error, ErrorKind, MAX_SHARES};

/// The name of something that is handed to an account: a run's decision, a deposit. What comes under the same name again is
/// the same thing again, and books nothing. 1 to 128 visible ASCII characters.
///
/// ```
/// use assize_portfolio::InputId;
///
/// assert!("brief/2024-03-05".parse::<InputId>().is_ok());
/// assert!("two words".parse::<InputId>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct InputId(String);

impl InputId {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for InputId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Ok(Self(text.to_owned()));
        }
        let shown: String = text.chars().take(40).collect();
        let message = format!("use the name {shown:?}: it must have 1 to 128 visible ASCII characters");
        Err(ErrorKind::BadInput.error(message))
    }
}

impl fmt::Display for InputId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl<'de> Deserialize<'de> for InputId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// Which way an order goes. Sales come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// Shares for cash.
    Sell,
    /// Cash for shares.
    Buy,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Sell => "sell",
            Self::Buy => "buy",
        })
    }
}

/// Shares to buy or sell at the next opportunity, at whatever the market asks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// Of what.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub ticker: Ticker,
    /// Which way.
    pub side: Side,
    /// How many; 1 to [`MAX_SHARES`].
    pub shares: u64,
}

/// The name of an order: `ord-` and 16 hexadecimal digits of BLAKE3 over the decision's name, ticker and side.
///
/// ```
/// use assize_portfolio::{OrderId, Side};
///
/// let id = OrderId::of(&"brief-1".parse()?, &"KO".parse()?, Side::Buy);
/// assert_eq!(id.to_string(), "ord-6b64192eae47a6e3");
/// assert_eq!(id.to_string().parse::<OrderId>()?, id);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderId(u64);

impl OrderId {
    /// The name of a decision's order.
    #[must_use]
    pub fn of(decision: &InputId, ticker: &Ticker, side: Side) -> Self {
        let side = side.to_string();
        Self(digest(&[b"order", decision.as_str().as_bytes(), ticker.as_str().as_bytes(), side.as_bytes()]))
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ord-{:016x}", self.0)
    }
}

impl fmt::Debug for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for OrderId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let digits = text.strip_prefix("ord-").filter(|digits| {
            digits.len() == 16 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        });
        digits.and_then(|digits| u64::from_str_radix(digits, 16).ok()).map(Self).ok_or_else(|| {
            let shown: String = text.chars().take(40).collect();
            ErrorKind::BadInput
                .error(format!("read the order {shown:?}: write `ord-` and 16 digits of 0–9 and a–f"))
        })
    }
}

impl Serialize for OrderId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for OrderId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// The name of a fill: the order, and the session in which it was filled. An order is filled at most once in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FillId {
    /// What was filled.
    pub order: OrderId,
    /// When.
    pub session: Date,
}

/// `ord-6b64192eae47a6e3/2024-03-06`.
impl fmt::Display for FillId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.order, self.session)
    }
}

/// What a run has decided to trade.
///
/// Its orders are filled at sessions that open after `as_of`, so that they come after `informed_by`, too. It speaks for the tickers that it
/// covers: orders of earlier decisions for them that still wait are withdrawn, whether it has an order for them or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// Its name.
    pub run: InputId,
    /// As of when it was made.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub as_of: Timestamp,
    /// The newest session whose prices it has seen, of whichever ticker.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub informed_by: Date,
    /// The newest session of a ticker whose prices it has seen, where that is an older one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(feature = "schema", schemars(with = "BTreeMap<String, String>"))]
    pub seen_until: BTreeMap<Ticker, Date>,
    /// The tickers that it speaks for: those of its orders, and those that it looked at and leaves as they are.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<String>"))]
    pub covers: BTreeSet<Ticker>,
    /// At most one for each ticker.
    pub orders: Vec<Order>,
}

impl Decision {
    /// The names of its orders, in their order.
    pub fn order_ids(&self) -> impl Iterator<Item = OrderId> + '_ {
        self.orders.iter().map(|order| OrderId::of(&self.run, &order.ticker, order.side))
    }

    /// The newest session of a ticker whose prices it has seen.
    #[must_use]
    pub fn informed_of(&self, ticker: &Ticker) -> Date {
        self.seen_until.get(ticker).copied().unwrap_or(self.informed_by)
    }

    /// Refuses what no account can act upon, whatever its state.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let wrong = |why: String| {
            Err(ErrorKind::BadInput.error(format!("take over the decision {}: {why}", self.run)))
        };
        if Availability::of_daily_bar(self.informed_by).earliest > self.as_of {
            return wrong(format!("as of {} nobody knew the prices of {}", self.as_of, self.informed_by));
        }
        if let Some((ticker, until)) = self.seen_until.iter().find(|(_, until)| **until > self.informed_by) {
            return wrong(format!(
                "it has seen {ticker} until {until}, and the newest session that it has seen is that of {}",
                self.informed_by
            ));
        }
        let mut tickers = BTreeSet::new();
        for order in &self.orders {
            let Order { ticker, side, shares } = order;
            if !tickers.insert(ticker) {
                return wrong(format!("it has two orders for {ticker}; join them to one"));
            }
            if !self.covers.contains(ticker) {
                return wrong(format!("it has an order for {ticker} and does not cover it"));
            }
            if !(1..=MAX_SHARES).contains(shares) {
                return wrong(format!(
                    "it would {side} {shares} of {ticker}; an order is for 1 to {MAX_SHARES} shares"
                ));
            }
        }
        Ok(())
    }
}

/// The first 64 bits of BLAKE3 over these parts, which are told apart by their lengths.
pub(crate) fn digest(parts: &[&[u8]]) -> u64 {
    let mut hash = blake3::Hasher::new();
    for part in parts {
        hash.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
        hash.update(part);
    }
    let mut bytes = [0; 8];
    hash.finalize_xof().fill(&mut bytes);
    u64::from_be_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(ticker: &str, shares: u64) -> Order {
        Order { ticker: ticker.parse().unwrap(), side: Side::Buy, shares }
    }

    #[test]
    fn decisions_that_nobody_can_act_upon() {
        let decision = Decision {
            run: "r".parse().unwrap(),
            as_of: "2024-03-05T21:00:00Z".parse().unwrap(),
            informed_by: "2024-03-05".parse().unwrap(),
            seen_until: BTreeMap::new(),
            covers: ["KO", "PEP"].map(|ticker| ticker.parse().unwrap()).into(),
            orders: vec![order("KO", 1)],
        };
        decision.check().unwrap();
        let with = |orders: &[Order]| Decision { orders: orders.to_vec(), ..decision.clone() };
        for (wrong, why) in [
            (with(&[order("KO", 1), order("KO", 2)]), "two orders for KO"),
            (with(&[order("MSFT", 1)]), "does not cover it"),
            (with(&[order("KO", 0)]), "buy 0 of KO"),
            (with(&[order("KO", MAX_SHARES + 1)]), "1 to 1000000000000 shares"),
            (Decision { informed_by: "2024-03-06".parse().unwrap(), ..decision.clone() }, "nobody knew"),
            (
                Decision {
                    seen_until: [("KO".parse().unwrap(), "2024-03-06".parse().unwrap())].into(),
                    ..decision.clone()
                },
                "seen KO until 2024-03-06",
            ),
            // A second before the close.
            (Decision { as_of: "2024-03-05T20:59:59Z".parse().unwrap(), ..decision.clone() }, "nobody knew"),
        ] {
            let error = wrong.check().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::BadInput);
            assert!(error.to_string().contains(why), "{error}");
        }
    }

    #[test]
    fn names() {
        for text in ["", "a b", "a\nb", "ü", &"x".repeat(129)] {
            assert_eq!(text.parse::<InputId>().unwrap_err().kind(), ErrorKind::BadInput, "{text:?}");
        }
        for text in ["", "ord-", "ord-83ED8f1e0e7c2ea3", "ord-83ed8f1e0e7c2ea", "83ed8f1e0e7c2ea3"] {
            assert_eq!(text.parse::<OrderId>().unwrap_err().kind(), ErrorKind::BadInput, "{text:?}");
        }
    }
}

//! What happens to an account: events, and their form as lines of JSON.

use std::collections::BTreeMap;

use assize_altdata::{Known, Ticker};
use assize_ambient::Timestamp;
use assize_metering::Usd;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    Costs, Decision, Error, ErrorKind, ExecutionRules, FillId, InputId, Limit, OrderId, Price, Side, Split,
};

/// A part of an order that waits no longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Withdrawn {
    /// The order.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub order: OrderId,
    /// Of what.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub ticker: Ticker,
    /// How many shares of it had not been filled.
    pub left: u64,
}

/// What a split made of an order that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OrderSplit {
    /// The order.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub order: OrderId,
    /// How many shares of it had not been filled.
    pub before: u64,
    /// How many new shares they are, rounded down; with none, the order ends.
    pub after: u64,
}

/// What happened. Each event carries its figures, so that what it did stays the same whatever later rules would make of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Event {
    /// The account begins. Always the first event.
    Opened {
        /// The rules by which its orders are filled.
        rules: ExecutionRules,
    },
    /// Cash was paid in.
    Deposited {
        /// The deposit's name.
        id: InputId,
        /// How much.
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        amount: Usd,
    },
    /// A run has decided.
    Decided {
        /// What.
        decision: Decision,
        /// Orders of earlier decisions that it withdraws.
        withdrawn: Vec<Withdrawn>,
    },
    /// Shares were split before the session opened.
    Split {
        /// The ex-date.
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        session: Date,
        /// Whose shares.
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        ticker: Ticker,
        /// How many new ones for how many old ones.
        split: Split,
        /// Shares held before.
        before: u64,
        /// Whole shares held after.
        after: u64,
        /// Cash for the fraction that was left over.
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        in_lieu: Usd,
        /// What that fraction had cost.
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        basis: Usd,
        /// What became of an order for them.
        order: Option<OrderSplit>,
    },
    /// A dividend was received for the shares held over night into its ex-date.
    Dividend {
        /// The ex-date.
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        session: Date,
        /// Whose.
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        ticker: Ticker,
        /// Shares held.
        shares: u64,
        /// What each was paid.
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        per_share: Price,
        /// What all were paid.
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        amount: Usd,
    },
    /// An order was filled at the open of a session, or a part of it.
    Filled {
        /// The session.
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        session: Date,
        /// Which order.
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        order: OrderId,
        /// Of what.
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        ticker: Ticker,
        /// Which way.
        side: Side,
        /// Shares filled.
        shares: u64,
        /// The price at which the session opened.
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        open: Price,
        /// Shares traded in the session, by all.
        volume: u64,
        /// Value at the open, and what it cost beyond.
        costs: Costs,
        /// What the shares had cost, in a sale; nothing in a purchase.
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        basis: Usd,
        /// Shares of the order that are not filled yet.
        left: u64,
        /// Why not.
        limit: Option<Limit>,
    },
    /// What is left of an order waits for the next session.
    Carried {
        /// The session in which it was tried.
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        session: Date,
        /// Which order.
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        order: OrderId,
        /// Of what.
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        ticker: Ticker,
        /// Shares that are not filled.
        left: u64,
        /// Why not.
        limit: Limit,
    },
    /// What is left of an order will not be filled any more.
    Expired {
        /// The session in which it was tried last.
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        session: Date,
        /// Which order.
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        order: OrderId,
        /// Of what.
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        ticker: Ticker,
        /// Shares that are not filled.
        left: u64,
        /// What kept them from being filled.
        limit: Limit,
    },
    /// A session closed. Always its last event.
    Marked {
        /// The session.
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        session: Date,
        /// The closes of what is held, as far as the session has them.
        #[cfg_attr(feature = "schema", schemars(with = "std::collections::BTreeMap<String, String>"))]
        closes: BTreeMap<Ticker, Price>,
        /// Cash and positions at the newest closes.
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        equity: Usd,
    },
}

impl Event {
    /// The session that it belongs to, if it belongs to one.
    #[must_use]
    pub const fn session(&self) -> Option<Date> {
        match self {
            Self::Opened { .. } | Self::Deposited { .. } | Self::Decided { .. } => None,
            Self::Split { session, .. }
            | Self::Dividend { session, .. }
            | Self::Filled { session, .. }
            | Self::Carried { session, .. }
            | Self::Expired { session, .. }
            | Self::Marked { session, .. } => Some(*session),
        }
    }

    /// The name of the fill, if it is one.
    #[must_use]
    pub const fn fill(&self) -> Option<FillId> {
        match self {
            Self::Filled { session, order, .. } => Some(FillId { order: *order, session: *session }),
            _ => None,
        }
    }
}

/// An event, and from when on the account knows of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The version of this form.
    #[serde(rename = "v")]
    pub version: u32,
    /// From when on it is known: for a decision, as of when it was made; for what happens in a session, when the session's
    /// figures are final. Never before that of the event before.
    pub known_at: Timestamp,
    /// What happened.
    pub event: Event,
}

impl Record {
    /// The version of the journal's form that is written. Every version ever written stays readable.
    pub const FORMAT_VERSION: u32 = 1;

    /// An event in the present form.
    #[must_use]
    pub const fn new(known_at: Timestamp, event: Event) -> Self {
        Self { version: Self::FORMAT_VERSION, known_at, event }
    }

    /// One line of JSON, without the line break.
    ///
    /// # Errors
    /// [`ErrorKind::BadLog`] if it cannot be written as JSON.
    pub fn to_line(&self) -> Result<Vec<u8>, Error> {
        serde_json::to_vec(self)
            .map_err(|cause| ErrorKind::BadLog.error("write a line of the account's journal").because(cause))
    }

    /// Reads one line of JSON.
    ///
    /// # Errors
    /// [`ErrorKind::BadLog`] if it is not an event of a version that this program knows.
    pub fn from_line(line: &[u8]) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct Version {
            v: u32,
        }
        let unreadable =
            |cause| ErrorKind::BadLog.error("read a line of the account's journal").because(cause);
        let version: Version = serde_json::from_slice(line).map_err(unreadable)?;
        if version.v != Self::FORMAT_VERSION {
            let message = format!(
                "read a line of the account's journal: it has version {}, and this program reads version {}; \
                 use a program of the version that wrote it, or a later one",
                version.v,
                Self::FORMAT_VERSION
            );
            return Err(ErrorKind::BadLog.error(message));
        }
        serde_json::from_slice(line).map_err(unreadable)
    }
}

impl Known for Record {
    fn known_by(&self) -> Option<Timestamp> {
        Some(self.known_at)
    }
}

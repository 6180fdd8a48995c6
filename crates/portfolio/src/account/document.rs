//! An account as programs read it.

use assize_ambient::Timestamp;
use assize_metering::Usd;
use jiff::civil::Date;
use serde::Serialize;

use super::state::State;
use crate::rebalance::weight_of;
use crate::{Error, Price, Side, Totals};

/// The version of the form.
const FORMAT_VERSION: u32 = 1;

/// The state of an account, to be written as JSON. Amounts and prices are decimals in text, in dollars.
///
/// ```
/// use assize_portfolio::{AccountDocument, State};
///
/// let json = serde_json::to_value(AccountDocument::of(&State::default())?).expect("JSON");
/// assert_eq!(json["equity"], "0.00");
/// # Ok::<(), assize_portfolio::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AccountDocument {
    /// 1.
    pub format_version: u32,
    /// From when on the newest event is known.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub known_at: Option<Timestamp>,
    /// The newest session that is booked whole.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub session: Option<Date>,
    /// What can be spent.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub cash: Usd,
    /// Cash and positions at the newest closes.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub equity: Usd,
    /// What the positions are worth beyond what they cost.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub unrealised: Usd,
    /// What has gone in and out.
    pub totals: Totals,
    /// What is held, by ticker.
    pub positions: Vec<PositionPart>,
    /// Orders that wait, by ticker.
    pub orders: Vec<OrderPart>,
    /// `cash + positions + commission + slippage − deposits − dividends − realised − unrealised`: always nothing.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub imbalance: Usd,
}

/// What is held of a ticker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PositionPart {
    /// Of what.
    pub ticker: String,
    /// How many shares.
    pub shares: u64,
    /// What they cost, costs of trading apart.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub basis: Usd,
    /// The newest close.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub price: Option<Price>,
    /// The session of that close: an older one than the account's, if there was no price since.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub priced_on: Option<Date>,
    /// The shares at that close.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub value: Usd,
    /// The value's part of the equity, in basis points, rounded down.
    pub weight_bp: i32,
}

/// An order that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OrderPart {
    /// Its name.
    pub id: String,
    /// Of what.
    pub ticker: String,
    /// Which way.
    pub side: Side,
    /// Shares that are not filled yet.
    pub left: u64,
    /// As of when it was decided.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub as_of: Timestamp,
    /// In how many sessions it was tried.
    pub tried: u32,
}

impl AccountDocument {
    /// The document of a state.
    ///
    /// # Errors
    /// [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if an amount leaves the range.
    pub fn of(state: &State) -> Result<Self, Error> {
        let equity = state.equity()?;
        let positions = state.book.positions().iter().map(|(ticker, position)| {
            let mark = state.marks.get(ticker);
            let value = mark.map_or(Usd::ZERO, |mark| mark.price.times(position.shares));
            PositionPart {
                ticker: ticker.to_string(),
                shares: position.shares,
                basis: position.basis,
                price: mark.map(|mark| mark.price),
                priced_on: mark.map(|mark| mark.session),
                value,
                weight_bp: weight_of(value, equity).bp(),
            }
        });
        let orders = state.pending.iter().map(|(ticker, pending)| OrderPart {
            id: pending.id.to_string(),
            ticker: ticker.to_string(),
            side: pending.side,
            left: pending.left,
            as_of: pending.as_of,
            tried: pending.tried,
        });
        Ok(Self {
            format_version: FORMAT_VERSION,
            known_at: state.known_at(),
            session: state.closed(),
            cash: state.book.cash(),
            equity,
            unrealised: state.unrealised()?,
            totals: *state.book.totals(),
            positions: positions.collect(),
            orders: orders.collect(),
            imbalance: state.book.imbalance(),
        })
    }
}

/// The JSON Schema (draft 2020-12) of an [`AccountDocument`], as it is written.
#[cfg(feature = "schema")]
#[must_use]
pub fn account_schema() -> schemars::Schema {
    let mut settings = schemars::generate::SchemaSettings::draft2020_12();
    settings.contract = schemars::generate::Contract::Serialize;
    let mut schema = settings.into_generator().into_root_schema_for::<AccountDocument>();
    schema.insert("title".to_owned(), "The state of an account".into());
    schema.insert("description".to_owned(), "Amounts and prices are decimals in text, in dollars.".into());
    schema
}

//! What decisions do to money: limits that a proposal must keep, execution on paper, and how it went.

mod account;
mod book;
mod corporate;
mod error;
mod execution;
mod order;
mod price;
mod rebalance;
mod session;

#[cfg(feature = "schema")]
pub use account::account_schema;
pub use account::{
    Account, AccountDocument, Booked, EquityPoint, Event, History, Mark, OrderSplit, Pending, Record, State,
    Withdrawn,
};
pub use book::{Book, MAX_SHARES, Position, Totals};
pub use corporate::{Exchanged, Split};
pub use error::{Error, ErrorKind};
pub use execution::{Attempt, Costs, ExecutionRules, Limit, fill};
pub use order::{Decision, FillId, InputId, Order, OrderId, Side};
pub use price::Price;
pub use rebalance::{Rebalanced, rebalance};
pub use session::{LeftOut, Quote, Session};

//! What decisions do to money: limits that a proposal must keep, execution on paper, and how it went.

mod account;
mod action;
mod book;
mod corporate;
mod error;
mod execution;
mod forecast;
mod measure;
mod moments;
mod order;
mod performance;
mod price;
mod proposal;
mod rebalance;
mod scorecard;
mod sector;
mod session;
mod validation;

#[cfg(feature = "schema")]
pub use account::account_schema;
pub use account::{
    Account, AccountDocument, Booked, EquityPoint, Event, History, Mark, OrderSplit, Pending, Record, State,
    Withdrawn,
};
pub use action::Action;
pub use book::{Book, MAX_SHARES, Position, Totals};
pub use corporate::{Exchanged, Split};
pub use error::{Error, ErrorKind};
pub use execution::{Attempt, Costs, ExecutionRules, Limit, fill};
pub use forecast::{
    Bin, Calibration, EffectiveSample, Forecast, Interval, Lean, MIN_OUTCOMES, Open, Outcome, PriceHistory,
    Probability, Proportion, Question, Resolved, Voice,
};
pub use measure::{Absence, Measure};
pub use order::{Decision, FillId, InputId, Order, OrderId, Side};
pub use performance::{Against, Drawdown, Performance, Returns};
pub use price::Price;
pub use proposal::{EvidenceFacts, Holdings, Proposal, Weight};
pub use rebalance::{Rebalanced, rebalance};
pub use scorecard::{
    InformationCoefficient, PastAnswer, Prices, ResolvedQuestion, SCORECARDS_FORMAT_VERSION, Scorecard,
    Scorecards,
};
pub use sector::sector_of_sic;
pub use session::{LeftOut, Quote, Session};
pub use validation::{
    Accepted, BadLimits, ClampEvent, Figures, Limits, RuleId, Standing, Validation, validate,
};

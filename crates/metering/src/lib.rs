//! Tokens and money, exact: usage, dated prices, the cost of a call.
//!
//! - [`Usd`]: an amount of money, a whole number of picodollars. No float ever touches it.
//! - [`TokenUsage`]: what a call consumed, in disjoint [`Bucket`]s where absent is not zero.
//! - [`read_usage`] and [`UsageStream`]: a vendor's usage object, or the events of a stream, as a [`Usage`].
//! - [`PriceBook`]: what models cost and cost once; the embedded list, or one of your own laid over it.
//! - [`ModelPrice::cost`]: the exact cost of a usage, bucket by bucket, in its [`Mode`], place and hour;
//!   [`ModelPrice::cost_of`] with what is billed by the piece besides; and
//!   [`ModelPrice::worst_case`]: what a call can cost at most, for reserving before it is made.
//! - [`Ledger`]: what was spent, by whom and for what, under [`Budget`]s that hold however many calls run at once.
//! - [`CharacterEstimator`] and [`Calibrator`]: counts of tokens where no tokenizer is public, with their error.
//!
//! ```
//! use assize_ambient::Timestamp;
//! use assize_metering::{Mode, PriceBook, TokenUsage};
//!
//! let at: Timestamp = "2024-11-05T12:00:00Z".parse()?;
//! let price = PriceBook::embedded().find("claude-3-5-sonnet-20241022", at)?;
//! let cost = price.cost(&TokenUsage::of(1_000_000, 1_000_000), Mode::Standard)?;
//! assert_eq!(cost.total().to_string(), "18.00");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! An unknown model is an error that names the nearest known ids, and a token of a kind that has no rate is an
//! error too: nothing is ever priced at a silent zero.

#![deny(clippy::float_arithmetic)]

mod billing;
mod bucket;
mod cost;
mod error;
mod estimate;
mod ledger;
mod litellm;
mod model_price;
mod multiplier;
mod nearest;
mod normalise;
mod off_peak;
mod price_book;
mod price_file;
mod rates;
mod token_counter;
mod unit;
mod unit_rates;
mod usage;
mod usd;
mod vendor_report;
mod whole_call;
mod worst_case;

pub use billing::{Billing, Geo, Mode};
pub use bucket::Bucket;
pub use cost::{CallCost, CostLine, UnitLine};
pub use error::{Error, ErrorKind, Result};
pub use estimate::{Calibrated, Calibration, Calibrator, CharacterEstimator, Estimate, Observed};
pub use ledger::{
    Attempt, Attribution, Bookings, Budget, BudgetState, Charge, Dimension, Entry, EntryKind, JsonLines,
    Label, Ledger, LedgerBuilder, LedgerLog, LedgerSink, MemorySink, Period, Purpose, Refusal, RefusalKind,
    Reservation, RollUp, Row, Scope, Settled, Shortfall, Sums, Totals, Warning,
};
pub use litellm::{PriceFinding, PriceFindingKind};
pub use model_price::{ModelPrice, Status, Tier};
pub use multiplier::Multiplier;
pub use normalise::{FindingKind, UsageFinding, UsageFormat, UsageStream, read_usage};
pub use off_peak::{OffPeak, Window};
pub use price_book::{PriceBook, PricedAt};
pub use rates::{Rates, TokenRate};
pub use token_counter::{Exactness, TokenCounter};
pub use unit::{Unit, Units};
pub use unit_rates::{UnitRate, UnitRates};
pub use usage::{TokenUsage, Usage, UsageBasis};
pub use usd::Usd;
pub use vendor_report::{ApartUsage, VendorReport};
pub use whole_call::{ApartCost, WholeCost};

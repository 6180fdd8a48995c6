//! What a caller asks leave to spend.

use serde::{Deserialize, Serialize};

use super::attribution::Attribution;
use crate::usd::Usd;

/// The largest amount that one call may reserve or cost: a thousand million dollars. More is a mistake of units.
///
/// It also keeps every sum in range: 1e17 calls of this size fit a [`Usd`].
pub(super) const MAX_AMOUNT: Usd = Usd::from_picodollars(1_000_000_000 * 1_000_000_000_000);

/// One attempt of a call. Attempts of the same call share its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Attempt {
    /// The call: the sequence number of its first reservation.
    pub call: u64,
    /// Which attempt this is, from 1.
    pub number: u32,
}

/// What a call can cost at most, and for whom: what [`Ledger::reserve`](super::Ledger::reserve) is asked for.
///
/// There is no charge without a worst case. Take it from [`ModelPrice::worst_case`](crate::ModelPrice::worst_case); a
/// model without a price has none, and a call without a worst case cannot be held to a budget.
///
/// ```
/// use assize_metering::{Attribution, Charge};
///
/// let charge = Charge::new(Attribution::new().with_tenant("acme"), "0.25".parse()?);
/// assert_eq!(charge.worst_case().to_string(), "0.25");
/// # Ok::<(), assize_metering::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    pub(super) who: Attribution,
    pub(super) worst_case: Usd,
    pub(super) simulated: bool,
    pub(super) previous: Option<Attempt>,
}

impl Charge {
    /// A call for somebody that costs at most so much.
    #[must_use]
    pub fn new(who: Attribution, worst_case: Usd) -> Self {
        Self { who, worst_case, simulated: false, previous: None }
    }

    /// The same of a model that is none: nobody will bill it, and only budgets that ask for it count it.
    #[must_use]
    pub fn simulated(mut self) -> Self {
        self.simulated = true;
        self
    }

    /// The same as another attempt of a call. The earlier attempt keeps what was booked for it: it may have been billed.
    #[must_use]
    pub fn retry_of(mut self, previous: Attempt) -> Self {
        self.previous = Some(previous);
        self
    }

    /// For whom.
    #[must_use]
    pub fn who(&self) -> &Attribution {
        &self.who
    }

    /// What the call can cost at most.
    #[must_use]
    pub fn worst_case(&self) -> Usd {
        self.worst_case
    }

    pub(super) fn problem(&self) -> Option<&'static str> {
        amount_problem(self.worst_case).or_else(|| self.who.problem())
    }
}

/// What is wrong with an amount that a call reserves or costs.
pub(super) fn amount_problem(amount: Usd) -> Option<&'static str> {
    if amount.is_negative() {
        Some("the amount is below zero")
    } else if amount > MAX_AMOUNT {
        Some("the amount is above 1,000,000,000 USD; check its unit")
    } else {
        None
    }
}

/// The sum. Amounts are within [`MAX_AMOUNT`], so that it cannot leave the range before 1e17 calls; there it would stay.
pub(super) fn plus(a: Usd, b: Usd) -> Usd {
    a.checked_add(b).unwrap_or(Usd::MAX)
}

/// The difference, but never below zero.
pub(super) fn less(a: Usd, b: Usd) -> Usd {
    a.checked_sub(b).unwrap_or(Usd::ZERO).max(Usd::ZERO)
}

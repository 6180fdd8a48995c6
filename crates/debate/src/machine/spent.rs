//! What a debate has spent.

use assize_metering::{TokenUsage, Usd};

use super::refused;
use crate::{Bill, Error};

/// The sum of all bills.
#[derive(Debug, Clone, Default)]
pub(super) struct Spent {
    pub(super) calls: u32,
    pub(super) tokens: Option<TokenUsage>,
    pub(super) cost: Usd,
    pub(super) possibly_paid: Usd,
    pub(super) simulated: bool,
}

impl Spent {
    pub(super) fn with(&self, bill: &Bill) -> Result<Self, Error> {
        if bill.cost < Usd::ZERO || bill.possibly_paid < Usd::ZERO {
            return Err(refused("a turn costs less than nothing"));
        }
        let mut spent = self.clone();
        spent.calls = spent.calls.saturating_add(bill.calls);
        if let Some(tokens) = &bill.tokens {
            spent.tokens.get_or_insert_default().merge(tokens);
        }
        spent.cost = plus(spent.cost, bill.cost);
        spent.possibly_paid = plus(spent.possibly_paid, bill.possibly_paid);
        spent.simulated |= bill.simulated;
        Ok(spent)
    }
}

/// Adds amounts; what cannot be represented is more than any budget.
pub(super) fn plus(a: Usd, b: Usd) -> Usd {
    a.checked_add(b).unwrap_or(Usd::MAX)
}

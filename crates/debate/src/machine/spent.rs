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
    /// Adds a bill that was [checked](check).
    pub(super) fn add(&mut self, bill: &Bill) {
        self.add_all_but_tokens(bill);
        if let Some(tokens) = &bill.tokens {
            self.tokens.get_or_insert_default().merge(tokens);
        }
    }

    /// The same where nobody asks for the tokens.
    pub(super) fn add_all_but_tokens(&mut self, bill: &Bill) {
        self.calls = self.calls.saturating_add(bill.calls);
        self.cost = plus(self.cost, bill.cost);
        self.possibly_paid = plus(self.possibly_paid, bill.possibly_paid);
        self.simulated |= bill.simulated;
    }
}

/// Whether a bill can be.
pub(super) fn check(bill: &Bill) -> Result<(), Error> {
    if bill.cost < Usd::ZERO || bill.possibly_paid < Usd::ZERO {
        return Err(refused("a turn costs less than nothing"));
    }
    Ok(())
}

/// Adds amounts; what cannot be represented is more than any budget.
pub(super) fn plus(a: Usd, b: Usd) -> Usd {
    a.checked_add(b).unwrap_or(Usd::MAX)
}

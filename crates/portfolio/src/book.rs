//! Cash, shares and what they cost: the books, which always balance.

use std::collections::BTreeMap;

use assize_altdata::Ticker;
use assize_metering::Usd;
use serde::Serialize;

use crate::corporate::Exchanged;
use crate::{Costs, Error, ErrorKind, Price};

/// The largest number of shares of one kind: a trillion. With the highest [`Price`] they are worth 1e20 dollars, far within
/// the range of [`Usd`].
pub const MAX_SHARES: u64 = 1_000_000_000_000;

/// Shares of one kind that are held.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Position {
    /// How many; more than none.
    pub shares: u64,
    /// What they cost at the prices at which they were to be had, commission and slippage apart.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub basis: Usd,
}

impl Position {
    /// The part of the basis that so many of the shares have, rounded down: what is left over stays with the rest. All of
    /// it, if all of them are meant.
    #[must_use]
    pub fn basis_of(&self, shares: u64) -> Usd {
        if shares >= self.shares {
            return self.basis;
        }
        part_of(self.basis, u128::from(shares), u128::from(self.shares))
    }
}

/// What has gone in and out since the beginning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Totals {
    /// Cash paid in.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub deposits: Usd,
    /// Dividends received.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub dividends: Usd,
    /// Commission paid.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub commission: Usd,
    /// What fills cost beyond the price at which the session opened.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub slippage: Usd,
    /// What sales, and fractions paid out at splits, brought beyond what the shares had cost; costs apart.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub realised: Usd,
}

/// Cash and positions, and the totals that they come from.
///
/// After every operation, to the picodollar:
///
/// ```text
/// cash + Σ basis + commission + slippage = deposits + dividends + realised
/// ```
///
/// and with marks, since the unrealised gain is defined as `Σ (shares · mark − basis)`:
///
/// ```text
/// cash + Σ shares · mark + commission + slippage − deposits − dividends − realised − unrealised = 0
/// ```
///
/// Cash is never below zero, nor is a number of shares. An operation that would break that is refused and changes nothing.
///
/// ```
/// use assize_portfolio::{Book, Costs, Price};
///
/// let ko = "KO".parse().expect("a ticker");
/// let mut book = Book::default();
/// book.deposit("1000".parse()?)?;
/// let price = Price::from_dollars(60.0)?;
/// let costs = Costs { value: price.times(10), slippage: "0.30".parse()?, commission: "1".parse()? };
/// book.buy(&ko, 10, &costs)?;
/// assert_eq!(book.cash().to_string(), "398.70");
/// assert_eq!(book.value(|_| Some(Price::from_dollars(61.0).ok()?))?.to_string(), "1008.70");
/// assert!(book.imbalance().is_zero());
/// assert!(book.buy(&ko, 10, &costs).is_err(), "cash does not allow it");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Book {
    cash: Usd,
    positions: BTreeMap<Ticker, Position>,
    totals: Totals,
}

impl Book {
    /// What can be spent.
    #[must_use]
    pub const fn cash(&self) -> Usd {
        self.cash
    }

    /// What is held, by ticker; each position has at least a share.
    #[must_use]
    pub const fn positions(&self) -> &BTreeMap<Ticker, Position> {
        &self.positions
    }

    /// How many shares of a ticker are held.
    #[must_use]
    pub fn shares(&self, ticker: &Ticker) -> u64 {
        self.positions.get(ticker).map_or(0, |position| position.shares)
    }

    /// What has gone in and out.
    #[must_use]
    pub const fn totals(&self) -> &Totals {
        &self.totals
    }

    /// Cash and positions at these prices. A position without a price counts nothing.
    ///
    /// # Errors
    /// [`ErrorKind::TooLarge`] if it leaves the range.
    pub fn value(&self, price: impl Fn(&Ticker) -> Option<Price>) -> Result<Usd, Error> {
        let values = self
            .positions
            .iter()
            .filter_map(|(ticker, position)| price(ticker).map(|price| price.times(position.shares)));
        Usd::checked_sum(std::iter::once(self.cash).chain(values)).ok_or_else(too_large)
    }

    /// What the positions are worth at these prices beyond what they cost. A position without a price counts at its cost.
    ///
    /// # Errors
    /// [`ErrorKind::TooLarge`] if it leaves the range.
    pub fn unrealised(&self, price: impl Fn(&Ticker) -> Option<Price>) -> Result<Usd, Error> {
        let gains = self.positions.iter().map(|(ticker, position)| match price(ticker) {
            Some(price) => minus(price.times(position.shares), position.basis),
            None => Ok(Usd::ZERO),
        });
        gains.into_iter().try_fold(Usd::ZERO, |sum, gain| plus(sum, gain?))
    }

    /// By how much the books do not balance: always nothing. The largest amount, should a sum leave the range.
    #[must_use]
    pub fn imbalance(&self) -> Usd {
        let Totals { deposits, dividends, commission, slippage, realised } = self.totals;
        let bases = self.positions.values().map(|position| position.basis);
        let held = Usd::checked_sum([self.cash, commission, slippage].into_iter().chain(bases));
        let came = Usd::checked_sum([deposits, dividends, realised]);
        held.zip(came).and_then(|(held, came)| held.checked_sub(came)).unwrap_or(Usd::MAX)
    }

    /// Pays cash in.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`] unless it is more than nothing, [`ErrorKind::TooLarge`] if it leaves the range.
    pub fn deposit(&mut self, amount: Usd) -> Result<(), Error> {
        if amount <= Usd::ZERO {
            return Err(ErrorKind::BadInput.error(format!("pay in {amount}: it must be more than nothing")));
        }
        self.change(None, |next| {
            next.cash = plus(next.cash, amount)?;
            next.totals.deposits = plus(next.totals.deposits, amount)?;
            Ok(())
        })
    }

    /// Buys shares for what they cost.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`] for no share or negative costs, [`ErrorKind::Refused`] if cash does not allow it,
    /// [`ErrorKind::TooLarge`] if the position would have more than [`MAX_SHARES`] or an amount leaves the range.
    pub fn buy(&mut self, ticker: &Ticker, shares: u64, costs: &Costs) -> Result<(), Error> {
        check(shares, costs)?;
        self.change(Some(ticker), |next| {
            let position = next.positions.entry(ticker.clone()).or_default();
            position.shares =
                position.shares.checked_add(shares).filter(|all| *all <= MAX_SHARES).ok_or_else(|| {
                    ErrorKind::TooLarge
                        .error(format!("buy {shares} of {ticker}: a position has at most {MAX_SHARES}"))
                })?;
            position.basis = plus(position.basis, costs.value)?;
            next.cash = minus(next.cash, costs.value)?;
            next.pay(costs)
        })
    }

    /// Sells shares for what they bring, and takes out `basis`, which is what they had cost.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`] for no share or negative costs, [`ErrorKind::Refused`] if fewer are held, if the basis is not
    /// there, or if cash and proceeds do not pay for the costs, [`ErrorKind::TooLarge`] if an amount leaves the range.
    pub fn sell(&mut self, ticker: &Ticker, shares: u64, costs: &Costs, basis: Usd) -> Result<(), Error> {
        check(shares, costs)?;
        self.change(Some(ticker), |next| {
            let held = next.positions.get(ticker).copied().unwrap_or_default();
            let left = held.shares.checked_sub(shares).ok_or_else(|| {
                ErrorKind::Refused.error(format!("sell {shares} of {ticker}: {} are held", held.shares))
            })?;
            next.hold(ticker, left, held.basis, basis)?;
            next.cash = plus(next.cash, costs.value)?;
            next.totals.realised = plus(next.totals.realised, minus(costs.value, basis)?)?;
            next.pay(costs)
        })
    }

    /// Receives a dividend.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`] if it is less than nothing, [`ErrorKind::TooLarge`] if an amount leaves the range.
    pub fn receive_dividend(&mut self, amount: Usd) -> Result<(), Error> {
        if amount.is_negative() {
            return Err(
                ErrorKind::BadInput.error(format!("receive a dividend of {amount}: it is less than nothing"))
            );
        }
        self.change(None, |next| {
            next.cash = plus(next.cash, amount)?;
            next.totals.dividends = plus(next.totals.dividends, amount)?;
            Ok(())
        })
    }

    /// Takes over what a position became by a split. Cash in lieu of a fraction is a sale of it.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] if nothing is held or the basis is not there, [`ErrorKind::BadInput`] for cash of less than
    /// nothing, [`ErrorKind::TooLarge`] if an amount leaves the range.
    pub fn exchange(&mut self, ticker: &Ticker, exchanged: &Exchanged) -> Result<(), Error> {
        let Exchanged { shares, in_lieu, basis } = *exchanged;
        if in_lieu.is_negative() || shares > MAX_SHARES {
            let message = format!("split the shares of {ticker} into {shares} and {in_lieu} in cash");
            return Err(ErrorKind::BadInput.error(message));
        }
        self.change(Some(ticker), |next| {
            let held = next.positions.get(ticker).copied().ok_or_else(|| {
                ErrorKind::Refused.error(format!("split the shares of {ticker}: none are held"))
            })?;
            next.hold(ticker, shares, held.basis, basis)?;
            next.cash = plus(next.cash, in_lieu)?;
            next.totals.realised = plus(next.totals.realised, minus(in_lieu, basis)?)?;
            Ok(())
        })
    }

    /// Changes cash, totals and what is held of `ticker`; puts them back if that fails or cash would be below zero.
    fn change(
        &mut self,
        ticker: Option<&Ticker>,
        change: impl FnOnce(&mut Self) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let (cash, totals) = (self.cash, self.totals);
        let position = ticker.and_then(|ticker| self.positions.get(ticker).copied());
        let changed = change(self).and_then(|()| {
            if self.cash.is_negative() {
                let message = format!("pay from {cash}: cash would be {}", self.cash);
                return Err(ErrorKind::Refused.error(message));
            }
            Ok(())
        });
        if changed.is_err() {
            (self.cash, self.totals) = (cash, totals);
            match (ticker, position) {
                (Some(ticker), Some(position)) => {
                    self.positions.insert(ticker.clone(), position);
                }
                (Some(ticker), None) => {
                    self.positions.remove(ticker);
                }
                (None, _) => {}
            }
        }
        changed
    }

    /// Sets what is held of a ticker, after a part of its basis has left.
    fn hold(&mut self, ticker: &Ticker, shares: u64, basis: Usd, out: Usd) -> Result<(), Error> {
        let basis = minus(basis, out)?;
        let consistent = !out.is_negative() && !basis.is_negative() && (shares > 0 || basis.is_zero());
        if !consistent {
            let message =
                format!("take {out} out of what {ticker} cost: {basis} would be left for {shares} shares");
            return Err(ErrorKind::Refused.error(message));
        }
        if shares == 0 {
            self.positions.remove(ticker);
        } else {
            self.positions.insert(ticker.clone(), Position { shares, basis });
        }
        Ok(())
    }

    /// Pays commission and slippage.
    fn pay(&mut self, costs: &Costs) -> Result<(), Error> {
        let Costs { value: _, slippage, commission } = *costs;
        self.cash = minus(minus(self.cash, slippage)?, commission)?;
        self.totals.slippage = plus(self.totals.slippage, slippage)?;
        self.totals.commission = plus(self.totals.commission, commission)?;
        Ok(())
    }
}

fn check(shares: u64, costs: &Costs) -> Result<(), Error> {
    let Costs { value, slippage, commission } = costs;
    if shares == 0 || [value, slippage, commission].iter().any(|amount| amount.is_negative()) {
        let message = format!(
            "trade {shares} shares for {value} with costs of {slippage} and {commission}: there must be a share, and no \
             amount may be less than nothing"
        );
        return Err(ErrorKind::BadInput.error(message));
    }
    Ok(())
}

/// `amount · part / whole`, rounded down, for an amount of at least nothing and `part ≤ whole`. Exact while
/// `whole · part` fits 128 bits.
pub(crate) fn part_of(amount: Usd, part: u128, whole: u128) -> Usd {
    let amount = u128::try_from(amount.picodollars()).unwrap_or(0);
    let whole = whole.max(1);
    let (each, rest) = (amount / whole, amount % whole);
    let picodollars = each.saturating_mul(part).saturating_add(rest.saturating_mul(part) / whole);
    Usd::from_picodollars(i128::try_from(picodollars).unwrap_or(i128::MAX))
}

pub(crate) fn plus(one: Usd, other: Usd) -> Result<Usd, Error> {
    one.checked_add(other).ok_or_else(too_large)
}

pub(crate) fn minus(one: Usd, other: Usd) -> Result<Usd, Error> {
    one.checked_sub(other).ok_or_else(too_large)
}

fn too_large() -> Error {
    ErrorKind::TooLarge.error("add up the book: an amount leaves the range of about 1.7e26 dollars")
}

#[cfg(test)]
mod tests;

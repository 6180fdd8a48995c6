//! From target weights to orders.

use std::collections::BTreeMap;

use assize_altdata::Ticker;
use assize_metering::Usd;

use crate::{Book, Error, ErrorKind, MAX_SHARES, Order, Price, Side, Weight};

/// The orders that lead to a set of weights, and what stood in the way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rebalanced {
    /// What the weights are of: cash and positions at the prices given.
    pub equity: Usd,
    /// Sales first, then purchases, each by ticker.
    pub orders: Vec<Order>,
    /// Tickers with a target and no price: they are left as they are.
    pub without_target_price: Vec<Ticker>,
    /// Tickers that are held and have no price: they count nothing, so that the others get less rather than more.
    pub without_held_price: Vec<Ticker>,
}

/// The orders that bring a book to these weights of cash and positions together. A ticker that is held and has no target is
/// left as it is, and so is one that has its weight already, in whole basis points; one with a target of zero is sold. Shares
/// are rounded down; costs are not set aside, since a purchase is cut to what cash allows when it is filled.
///
/// # Errors
/// [`ErrorKind::BadInput`] if a target is below zero, or if they add up to more than the whole: nothing is sold short, and there
/// is no credit. [`ErrorKind::TooLarge`] if an amount leaves the range.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use assize_altdata::Ticker;
/// use assize_portfolio::{Book, Price, Weight, rebalance};
///
/// let ko: Ticker = "KO".parse().expect("a ticker");
/// let mut book = Book::default();
/// book.deposit("10000".parse().expect("an amount"))?;
/// let prices = BTreeMap::from([(ko.clone(), Price::from_dollars(60.0)?)]);
/// let orders = rebalance(&book, &prices, &BTreeMap::from([(ko, Weight::from_bp(1_000))]))?.orders;
/// assert_eq!(orders[0].shares, 16, "10 % of $10,000 at $60");
/// # Ok::<(), assize_portfolio::Error>(())
/// ```
pub fn rebalance(
    book: &Book,
    prices: &BTreeMap<Ticker, Price>,
    targets: &BTreeMap<Ticker, Weight>,
) -> Result<Rebalanced, Error> {
    if let Some((ticker, weight)) = targets.iter().find(|(_, weight)| **weight < Weight::ZERO) {
        let message = format!("reach a weight of {weight} in {ticker}: nothing is sold short");
        return Err(ErrorKind::BadInput.error(message));
    }
    let sum: u64 = targets.values().map(|weight| u64::from(weight.bp().unsigned_abs())).sum();
    let whole = u64::from(Weight::WHOLE.bp().unsigned_abs());
    if sum > whole {
        let message = format!("reach weights of {sum} basis points: they must add up to at most {whole}");
        return Err(ErrorKind::BadInput.error(message));
    }
    let equity = book.value(|ticker| prices.get(ticker).copied())?;
    let mut rebalanced = Rebalanced {
        equity,
        without_held_price: book
            .positions()
            .keys()
            .filter(|held| !prices.contains_key(held))
            .cloned()
            .collect(),
        ..Rebalanced::default()
    };
    for (ticker, weight) in targets {
        let held = book.shares(ticker);
        let Some(price) = prices.get(ticker) else {
            if held > 0 || *weight > Weight::ZERO {
                rebalanced.without_target_price.push(ticker.clone());
            }
            continue;
        };
        if *weight > Weight::ZERO && weight_of(price.times(held), equity) == *weight {
            continue;
        }
        let target = equity.checked_mul(u64::from(weight.bp().unsigned_abs())).ok_or_else(|| {
            ErrorKind::TooLarge.error(format!("weigh {equity}: it leaves the range of amounts"))
        })?;
        let shares = target.picodollars() / price.times(whole).picodollars();
        let wanted = u64::try_from(shares).unwrap_or(u64::MAX).min(MAX_SHARES);
        let side = if wanted < held { Side::Sell } else { Side::Buy };
        if wanted != held {
            let ticker = ticker.clone();
            rebalanced.orders.push(Order { ticker, side, shares: wanted.abs_diff(held) });
        }
    }
    rebalanced.orders.sort_by(|one, other| (one.side, &one.ticker).cmp(&(other.side, &other.ticker)));
    Ok(rebalanced)
}

/// What part of the whole an amount is, rounded down to basis points; nothing of nothing.
pub(crate) fn weight_of(part: Usd, whole: Usd) -> Weight {
    let scaled = part.picodollars().saturating_mul(i128::from(Weight::WHOLE.bp()));
    Weight::from_bp(i32::try_from(scaled.checked_div(whole.picodollars()).unwrap_or(0)).unwrap_or(i32::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Costs;

    fn ticker(name: &str) -> Ticker {
        name.parse().unwrap()
    }

    fn book(cash: u64, held: &[(&str, u64)]) -> Book {
        let mut book = Book::default();
        book.deposit(Usd::from_picodollars(i128::from(cash) * 1_000_000_000_000 + 1)).unwrap();
        for (name, shares) in held {
            let costs = Costs { value: Usd::ZERO, slippage: Usd::ZERO, commission: Usd::ZERO };
            book.buy(&ticker(name), *shares, &costs).unwrap();
        }
        book
    }

    fn dollars(prices: &[(&str, u64)]) -> BTreeMap<Ticker, Price> {
        prices
            .iter()
            .map(|(name, dollars)| (ticker(name), Price::from_microdollars(dollars * 1_000_000).unwrap()))
            .collect()
    }

    fn weights(weights: &[(&str, i32)]) -> BTreeMap<Ticker, Weight> {
        weights.iter().map(|(name, weight)| (ticker(name), Weight::from_bp(*weight))).collect()
    }

    fn told(rebalanced: &Rebalanced) -> Vec<String> {
        let orders = rebalanced.orders.iter();
        orders.map(|order| format!("{} {} {}", order.side, order.shares, order.ticker)).collect()
    }

    #[test]
    fn orders() {
        let book = book(500, &[("A", 10), ("B", 5), ("C", 1)]);
        let prices = dollars(&[("A", 30), ("B", 40), ("D", 7)]);
        // $1,000, of which C counts nothing.
        let targets = weights(&[("A", 0), ("B", 2_500), ("D", 1_000), ("E", 100), ("F", 0)]);
        let rebalanced = rebalance(&book, &prices, &targets).unwrap();
        assert_eq!(told(&rebalanced), ["sell 10 A", "buy 1 B", "buy 14 D"]);
        assert_eq!(rebalanced.equity.to_string(), "1000.000000000001");
        assert_eq!(rebalanced.without_target_price, [ticker("E")]);
        assert_eq!(rebalanced.without_held_price, [ticker("C")]);
    }

    #[test]
    fn no_credit_and_nothing_sold_short() {
        let short = rebalance(&book(1, &[]), &dollars(&[]), &weights(&[("A", -1)])).unwrap_err();
        assert_eq!(short.to_string(), "reach a weight of -0.01 % in A: nothing is sold short");
        let targets = weights(&[("A", 6_000), ("B", 4_001)]);
        assert_eq!(
            rebalance(&book(1, &[]), &dollars(&[]), &targets).unwrap_err().kind(),
            ErrorKind::BadInput
        );
    }

    proptest! {
        /// What would be held after the orders is never worth more than the weight, nor less by as much as a share; or it has
        /// the weight already, in whole basis points. Nothing is sold that is not held.
        #[test]
        fn weights_are_met_to_a_share(
            cash in 0_u64..=1_000_000, held in 0_u64..=10_000, price in 1_u64..=5_000, weight in 0_i32..=10_000,
        ) {
            let held = if held == 0 { Vec::new() } else { vec![("A", held)] };
            let (book, prices) = (book(cash, &held), dollars(&[("A", price)]));
            let rebalanced = rebalance(&book, &prices, &weights(&[("A", weight)])).unwrap();
            let mut shares = book.shares(&ticker("A"));
            for order in &rebalanced.orders {
                shares = match order.side {
                    Side::Buy => shares + order.shares,
                    Side::Sell => shares.checked_sub(order.shares).expect("held"),
                };
            }
            let price = prices[&ticker("A")];
            let target = rebalanced.equity.picodollars() * i128::from(weight);
            let value = |shares| price.times(shares).picodollars() * 10_000;
            let is_met = value(shares) <= target && target < value(shares + 1);
            let was_there = value(shares) / rebalanced.equity.picodollars() == i128::from(weight) && weight > 0;
            prop_assert!(is_met || (was_there && rebalanced.orders.is_empty()));
        }
    }
}

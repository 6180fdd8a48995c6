//! From target weights to orders.

use std::collections::BTreeMap;

use assize_altdata::Ticker;
use assize_metering::Usd;

use crate::{Book, Error, ErrorKind, MAX_SHARES, Order, Price, Side};

/// The whole, in basis points.
const WHOLE: u64 = 10_000;

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

/// The orders that bring a book to these weights, in basis points of cash and positions together. A ticker that is held and
/// has no target is left as it is; one with a target of zero is sold. Shares are rounded down; costs are not set aside, since
/// a purchase is cut to what cash allows when it is filled.
///
/// # Errors
/// [`ErrorKind::BadInput`] if the targets add up to more than the whole: there is no credit. [`ErrorKind::TooLarge`] if an
/// amount leaves the range.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use assize_altdata::Ticker;
/// use assize_portfolio::{Book, Price, rebalance};
///
/// let ko: Ticker = "KO".parse().expect("a ticker");
/// let mut book = Book::default();
/// book.deposit("10000".parse().expect("an amount"))?;
/// let prices = BTreeMap::from([(ko.clone(), Price::from_dollars(60.0)?)]);
/// let orders = rebalance(&book, &prices, &BTreeMap::from([(ko, 1_000)]))?.orders;
/// assert_eq!(orders[0].shares, 16, "10 % of $10,000 at $60");
/// # Ok::<(), assize_portfolio::Error>(())
/// ```
pub fn rebalance(
    book: &Book,
    prices: &BTreeMap<Ticker, Price>,
    targets: &BTreeMap<Ticker, u32>,
) -> Result<Rebalanced, Error> {
    let sum: u64 = targets.values().map(|weight| u64::from(*weight)).sum();
    if sum > WHOLE {
        let message = format!("reach weights of {sum} basis points: they must add up to at most {WHOLE}");
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
            if held > 0 || *weight > 0 {
                rebalanced.without_target_price.push(ticker.clone());
            }
            continue;
        };
        let target = equity.checked_mul(u64::from(*weight)).ok_or_else(|| {
            ErrorKind::TooLarge.error(format!("weigh {equity}: it leaves the range of amounts"))
        })?;
        let shares = target.picodollars() / (price.times(WHOLE).picodollars());
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

    fn weights(weights: &[(&str, u32)]) -> BTreeMap<Ticker, u32> {
        weights.iter().map(|(name, weight)| (ticker(name), *weight)).collect()
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
    fn no_credit() {
        let targets = weights(&[("A", 6_000), ("B", 4_001)]);
        assert_eq!(
            rebalance(&book(1, &[]), &dollars(&[]), &targets).unwrap_err().kind(),
            ErrorKind::BadInput
        );
    }

    proptest! {
        /// What would be held after the orders is never worth more than the weight, nor less by as much as a share; nothing is
        /// sold that is not held.
        #[test]
        fn weights_are_met_to_a_share(
            cash in 0_u64..=1_000_000, held in 0_u64..=10_000, price in 1_u64..=5_000, weight in 0_u32..=10_000,
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
            prop_assert!(value(shares) <= target && target < value(shares + 1));
        }
    }
}

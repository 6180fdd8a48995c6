//! The volatility of an option at the money with thirty days to go: the one figure to compare from day to day.

use jiff::civil::Date;

use super::chain::{Chain, Strike};

/// What the days are moved to.
const AIM_DAYS: f64 = 30.0;
/// An expiry sooner than this is not looked at.
const MIN_DAYS: i32 = 7;

/// A volatility at the money.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AtTheMoney {
    /// A year, at 30 days if `is_interpolated`, else at the nearest expiry.
    pub iv: f64,
    /// Days to the nearest expiry that it rests on.
    pub days: i32,
    /// Whether there were expiries on both sides of 30 days, or one on it.
    pub is_interpolated: bool,
}

/// The volatility at the money, 30 days ahead: of each expiry that is at least 7 days away linear in the strike between the
/// nearest strikes on both sides of the spot, a strike having the mean of its call and its put; then linear in total
/// variance between the expiries around 30 days. Where all lie on one side the nearest stands in.
#[must_use]
pub fn at_the_money(chain: &Chain) -> Option<AtTheMoney> {
    let spot = chain.usable_spot()?;
    let date = chain.quoted_at.date();
    let points = chain.expiries().into_iter().filter_map(|expiry| {
        let days = (expiry - date).get_days();
        (days >= MIN_DAYS).then(|| Some((days, of_expiry(chain, expiry, spot)?))).flatten()
    });
    let mut before: Option<(i32, f64)> = None;
    let mut after: Option<(i32, f64)> = None;
    for (days, iv) in points {
        if f64::from(days) <= AIM_DAYS {
            before = Some((days, iv));
        }
        if f64::from(days) >= AIM_DAYS && after.is_none() {
            after = Some((days, iv));
        }
    }
    match (before, after) {
        (Some((near, iv)), Some((far, of_far))) if far > near => {
            let variance = |days: i32, iv: f64| iv * iv * f64::from(days);
            let part = (AIM_DAYS - f64::from(near)) / f64::from(far - near);
            let total = variance(near, iv) + part * (variance(far, of_far) - variance(near, iv));
            let days = if part <= 0.5 { near } else { far };
            Some(AtTheMoney { iv: (total / AIM_DAYS).max(0.0).sqrt(), days, is_interpolated: true })
        }
        (Some((days, iv)), found) | (None, found @ Some((days, iv))) => {
            Some(AtTheMoney { iv, days, is_interpolated: found.is_some() && before.is_some() })
        }
        (None, None) => None,
    }
}

fn of_expiry(chain: &Chain, expiry: Date, spot: f64) -> Option<f64> {
    let quoted = chain.live().filter(|contract| contract.symbol.expiry == expiry);
    let quoted = quoted.filter_map(|contract| Some((contract.symbol.strike, contract.usable_iv()?)));
    let (mut below, mut above): (Option<Strike>, Option<Strike>) = (None, None);
    for (strike, _) in quoted.clone() {
        if strike.dollars() <= spot {
            below = below.max(Some(strike));
        }
        if strike.dollars() >= spot {
            above = Some(above.map_or(strike, |known| known.min(strike)));
        }
    }
    let (below, above) = (below?, above?);
    let mean = |at: Strike| {
        let (sum, n) = quoted
            .clone()
            .filter(|(strike, _)| *strike == at)
            .fold((0.0, 0.0), |(sum, n), (_, iv)| (sum + iv, n + 1.0));
        sum / n
    };
    let width = above.dollars() - below.dollars();
    let part = if width > 0.0 { (spot - below.dollars()) / width } else { 0.0 };
    Some(mean(below) + part * (mean(above) - mean(below)))
}

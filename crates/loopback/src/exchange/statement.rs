//! What a company reports of its quarters.

use jiff::{ToSpan, civil::Date};

use super::{
    calendar,
    company::Company,
    number::{float, rounded, whole},
    path::Path,
};

/// The first quarter that is reported.
const FIRST_YEAR: i16 = 1998;
const LAST_YEAR: i16 = 2030;

/// A quarter of a calendar year, in dollars.
#[derive(Debug, Clone)]
pub(super) struct Quarter {
    pub(super) year: i16,
    /// 1 to 4.
    pub(super) number: i8,
    pub(super) start: Date,
    pub(super) end: Date,
    pub(super) revenue: i64,
    pub(super) gross_profit: i64,
    pub(super) operating_income: i64,
    pub(super) net_income: i64,
    pub(super) operating_cash: i64,
    pub(super) investment: i64,
    pub(super) assets: i64,
    pub(super) liabilities: i64,
    pub(super) cash: i64,
    pub(super) debt: i64,
    /// At the end of the quarter.
    pub(super) shares: u64,
    /// The number of the session on whose day it is filed, and the second of that day in New York.
    pub(super) filed: usize,
    pub(super) second: i64,
}

impl Quarter {
    pub(super) fn equity(&self) -> i64 {
        self.assets - self.liabilities
    }

    /// Of the quarter alone.
    pub(super) fn eps(&self) -> f64 {
        per_share(self.net_income, self.shares)
    }

    pub(super) fn form(&self) -> &'static str {
        if self.number == 4 { "10-K" } else { "10-Q" }
    }
}

/// Dollars for each share, in cents.
#[expect(clippy::cast_precision_loss, reason = "dollars stay far below 2^53")]
pub(super) fn per_share(dollars: i64, shares: u64) -> f64 {
    rounded(dollars as f64 / float(shares.max(1)), 2)
}

/// In order, from 1998 to 2030.
pub(super) fn quarters(company: &Company, path: &Path) -> Vec<Quarter> {
    let mut chance = company.seed.child("statements").rng();
    let thousands = |value: f64| i64::try_from(whole(value / 1_000.0)).unwrap_or(0) * 1_000;
    let mut size = float(company.shares) * (1.5 + 8.0 * chance.unit());
    let margin = 0.04 + 0.16 * chance.unit();
    let mut equity = size * (1.5 + chance.unit());
    let leverage = 0.6 + 0.9 * chance.unit();
    let mut quarters = Vec::new();
    for year in FIRST_YEAR..=LAST_YEAR {
        for number in 1..=4 {
            let start = Date::new(year, 3 * number - 2, 1).unwrap_or(Date::MIN);
            let end = start.saturating_add(3.months()).saturating_sub(1.day());
            size *= libm::exp(0.008 + 0.03 * chance.normal());
            let season = if number == 4 { 1.12 } else { 0.96 };
            let revenue = thousands(size * season);
            let part = |share: f64| thousands(size * season * share);
            let (gross, operating) = (margin + 0.25, margin + 0.05);
            let noise = 0.02 * chance.normal();
            // A loss has the sign of a loss.
            let net = margin + noise;
            let net_income = if net < 0.0 { -part(-net) } else { part(net) };
            equity += size * net.max(0.0) * 0.4;
            let shares = whole(float(company.shares) * path.shares_between(0, calendar::first_from(end)));
            let days = if number == 4 { 45 + chance.below(12) } else { 25 + chance.below(13) };
            let days = i64::try_from(days).unwrap_or(30);
            let filed = calendar::first_from(end.saturating_add(days.days()));
            let is_early = chance.happens(0.4);
            let minute = i64::try_from(chance.below(75)).unwrap_or(0);
            let second = if is_early { 6 * 3_600 + 600 } else { 16 * 3_600 + 120 } + 60 * minute + 7;
            quarters.push(Quarter {
                year,
                number,
                start,
                end,
                revenue,
                gross_profit: part(gross),
                operating_income: part(operating),
                net_income,
                operating_cash: part(margin + 0.06),
                investment: part(0.05),
                assets: thousands(equity * (1.0 + leverage)),
                liabilities: thousands(equity * leverage),
                cash: thousands(equity * 0.2),
                debt: thousands(equity * leverage * 0.5),
                shares: shares.max(1),
                filed,
                second,
            });
        }
    }
    quarters
}

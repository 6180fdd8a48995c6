//! What is cheap for what it earns and owns does better.

use assize_debate::Abstention;

use crate::{
    COMPANY_FACT, EvidenceRule, Held, Opinion, Pace,
    bars::Closes,
    dossier::grand,
    evidence_rule::{bent, days_between, too_little},
    statements::{
        CAPITAL_SPENDING, EQUITY, Figure, MEAN_SHARES, NET_INCOME, OPERATING_CASH, SHARES, Statements,
    },
};

/// The price beside what the company earns, has left in cash, and owns: earnings yield (Basu 1977), free cash flow yield, and
/// book to market (Fama and French 1992), each of the last twelve months or the newest balance sheet.
///
/// | part | share | usual | spread |
/// |---|---|---|---|
/// | earnings ÷ market value | 0.40 | 5 % | 4 % |
/// | (operating cash − capital spending) ÷ market value | 0.35 | 4 % | 4 % |
/// | ln(book ÷ market value) | 0.25 | ln 0.35 | 0.8 |
///
/// Figures are read in dollars, by the tags of US-GAAP. The market value is the newest close times the newest count of shares, splits between the two undone. What is usual is a
/// declared anchor of the whole market, not of the company's industry. It abstains without a price of the last ten days,
/// without two of the three parts, on figures older than 460 days, and where they cannot belong together: a yield beyond
/// ±100 %, as of a company with several classes of shares of which one was counted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Value;

const OLDEST_PRICE: i32 = 10;
pub(super) const OLDEST_FIGURE: i32 = 460;
const BEYOND_BELIEF: f64 = 1.0;

impl EvidenceRule for Value {
    fn name(&self) -> &'static str {
        "value"
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[COMPANY_FACT]
    }

    fn most_nats(&self) -> f64 {
        0.10
    }

    fn pace(&self) -> Pace {
        Pace::Slow
    }

    fn read(&self, held: &Held<'_>) -> Result<Opinion, Abstention> {
        let of_company = subject(held);
        let bars = held.of(crate::DAILY_BAR).filter(|bar| Some(bar.subject.as_str()) == of_company);
        let closes = Closes::read(bars);
        let statements = Statements::read(held.of(COMPANY_FACT));
        let today = held.today();
        let Some((date, close, bar)) =
            closes.newest().filter(|(date, ..)| days_between(*date, today) <= OLDEST_PRICE)
        else {
            return Err(too_little(format!(
                "it needs a price of the last {OLDEST_PRICE} days before {today}"
            )));
        };
        let fresh = |figure: &Figure| days_between(figure.end, today) <= OLDEST_FIGURE;
        let counted =
            statements.at_a_moment(SHARES, None).filter(fresh).or_else(|| statements.mean(MEAN_SHARES));
        let Some(shares) = counted.filter(fresh).filter(|shares| shares.value > 0.0) else {
            return Err(too_little(format!("it needs a count of shares of the last {OLDEST_FIGURE} days")));
        };
        let worth = close * shares.value * closes.shares_for_one_of(shares.end);
        let base = [vec![bar.clone()], shares.ids].concat();
        let cites = |figures: &[&Figure]| -> Vec<_> {
            figures.iter().flat_map(|figure| figure.ids.clone()).chain(base.iter().cloned()).collect()
        };
        let market = format!("a market value of {} USD on {date}", grand(worth));
        let yields = |what: &str, figure: f64, end| {
            format!(
                "{what} of {} USD in the twelve months to {end} on {market}, {:+.1} %",
                grand(figure),
                100.0 * figure / worth
            )
        };
        let mut opinion = Opinion::default();
        if let Some(earned) = statements.twelve_months(NET_INCOME, None).filter(fresh) {
            let part = earned.value / worth;
            if part.abs() > BEYOND_BELIEF {
                let detail =
                    format!("{}: they cannot belong together", yields("earnings", earned.value, earned.end));
                return Err(too_little(detail));
            }
            let text = yields("earnings", earned.value, earned.end);
            opinion.push(0.40, bent((part - 0.05) / 0.04), text, cites(&[&earned]));
        }
        if let Some(cash) = statements.twelve_months(OPERATING_CASH, None).filter(fresh)
            && let Some(spent) = statements.twelve_months(CAPITAL_SPENDING, Some(cash.end))
        {
            let free = cash.value - spent.value;
            let text = yields("free cash flow", free, cash.end);
            opinion.push(0.35, bent((free / worth - 0.04) / 0.04), text, cites(&[&cash, &spent]));
        }
        if let Some(book) = statements.at_a_moment(EQUITY, None).filter(fresh).filter(|book| book.value > 0.0)
        {
            let ratio = book.value / worth;
            let text = format!(
                "a book value of {} USD at {} on {market}, {ratio:.3} of it",
                grand(book.value),
                book.end
            );
            let signal = bent((libm::log(ratio) - libm::log(0.35)) / 0.8);
            opinion.push(0.25, signal, text, cites(&[&book]));
        }
        opinion.with_at_least(2, "earnings, free cash flow and a positive book value")
    }
}

/// Whom the facts are about.
fn subject<'a>(held: &Held<'a>) -> Option<&'a str> {
    held.of(COMPANY_FACT).next().map(|evidence| evidence.subject.as_str())
}

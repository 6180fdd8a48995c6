//! A company that earns much on what it owns, in cash, and owes little, does better.

use assize_debate::Abstention;

use super::value::OLDEST_FIGURE;
use crate::{
    COMPANY_FACT, EvidenceRule, Held, Opinion, Pace,
    dossier::grand,
    evidence_rule::{bent, days_between},
    statements::{
        ASSETS, COST, Figure, GROSS_PROFIT, LIABILITIES, NET_INCOME, OPERATING_CASH, REVENUE, Statements,
        WHOLE_EQUITY,
    },
};

/// What a company makes of what it owns.
///
/// | part | share | usual | spread | source |
/// |---|---|---|---|---|
/// | gross profit ÷ assets | 0.25 | 0.30 | 0.20 | Novy-Marx 2013 |
/// | accruals: (earnings − operating cash) ÷ assets, against its sign | 0.25 | −0.04 | 0.06 | Sloan 1996 |
/// | liabilities ÷ assets, against its sign | 0.15 | 0.55 | 0.20 | Piotroski 2000; Asness, Frazzini and Pedersen 2019 |
/// | change of earnings over a year ÷ assets | 0.20 | 0 | 0.04 | as before |
/// | growth of revenue over a year | 0.15 | 5 % | 15 % | as before |
///
/// Flows are of twelve months, assets of their last day. What is usual is a declared anchor. Banks and insurers, which report
/// no gross profit and owe almost all that they own, are judged with the same measure: that is a weakness. It abstains on
/// less than three of the five parts, and on figures older than 460 days.
#[derive(Debug, Clone, Copy, Default)]
pub struct Quality;

impl EvidenceRule for Quality {
    fn name(&self) -> &'static str {
        "quality"
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
        let statements = Statements::read(held.of(COMPANY_FACT));
        let today = held.today();
        let fresh = |figure: &Figure| days_between(figure.end, today) <= OLDEST_FIGURE;
        let assets_at = |end| statements.at_a_moment(ASSETS, Some(end)).filter(|assets| assets.value > 0.0);
        let mut opinion = Opinion::default();
        if let Some(gross) = gross_profit(&statements).filter(fresh)
            && let Some(assets) = assets_at(gross.end)
        {
            let ratio = gross.value / assets.value;
            let text = format!(
                "gross profit of {} USD in the twelve months to {}, {:.1} % of assets",
                grand(gross.value),
                gross.end,
                100.0 * ratio
            );
            opinion.push(0.25, bent((ratio - 0.30) / 0.20), text, cited(&[&gross, &assets]));
        }
        let earned = statements.twelve_months(NET_INCOME, None).filter(fresh);
        if let Some(earned) = &earned
            && let Some(cash) = statements.twelve_months(OPERATING_CASH, Some(earned.end))
            && let Some(assets) = assets_at(earned.end)
        {
            let accruals = (earned.value - cash.value) / assets.value;
            let text = format!(
                "earnings of {} USD against {} USD of operating cash in the twelve months to {}, accruals {:+.1} % of assets",
                grand(earned.value),
                grand(cash.value),
                earned.end,
                100.0 * accruals
            );
            opinion.push(0.25, -bent((accruals + 0.04) / 0.06), text, cited(&[earned, &cash, &assets]));
        }
        leverage(&statements, &fresh, &mut opinion);
        if let Some(earned) = &earned
            && let Some(before) = statements.twelve_months_before(NET_INCOME, earned.end)
            && let Some(assets) = assets_at(earned.end)
        {
            let change = (earned.value - before.value) / assets.value;
            let text = format!(
                "earnings of {} USD in the twelve months to {} after {} USD a year before, {:+.1} % of assets",
                grand(earned.value),
                earned.end,
                grand(before.value),
                100.0 * change
            );
            opinion.push(0.20, bent(change / 0.04), text, cited(&[earned, &before, &assets]));
        }
        if let Some(revenue) = statements.twelve_months(REVENUE, None).filter(fresh)
            && let Some(before) = statements.twelve_months_before(REVENUE, revenue.end)
            && before.value > 0.0
        {
            let growth = revenue.value / before.value - 1.0;
            let text = format!(
                "revenue of {} USD in the twelve months to {}, {:+.1} % on the year before",
                grand(revenue.value),
                revenue.end,
                100.0 * growth
            );
            opinion.push(0.15, bent((growth - 0.05) / 0.15), text, cited(&[&revenue, &before]));
        }
        opinion.with_at_least(3, "gross profit, accruals, leverage, growth of earnings and of revenue")
    }
}

/// As reported, or revenue less its cost.
fn gross_profit(statements: &Statements) -> Option<Figure> {
    let reported = statements.twelve_months(GROSS_PROFIT, None);
    let computed = || {
        let revenue = statements.twelve_months(REVENUE, None)?;
        let cost = statements.twelve_months(COST, Some(revenue.end))?;
        let ids = [revenue.ids, cost.ids].concat();
        Some(Figure { value: revenue.value - cost.value, end: revenue.end, ids })
    };
    match (reported, computed()) {
        (Some(one), Some(other)) if other.end > one.end => Some(other),
        (one, other) => one.or(other),
    }
}

/// Liabilities by assets; where no sum of liabilities is reported, what is left of the assets without equity.
fn leverage(statements: &Statements, fresh: &dyn Fn(&Figure) -> bool, opinion: &mut Opinion) {
    let Some(assets) = statements.at_a_moment(ASSETS, None).filter(fresh).filter(|assets| assets.value > 0.0)
    else {
        return;
    };
    let owed = statements.at_a_moment(LIABILITIES, Some(assets.end)).or_else(|| {
        let equity = statements.at_a_moment(WHOLE_EQUITY, Some(assets.end))?;
        Some(Figure { value: assets.value - equity.value, ..equity })
    });
    if let Some(owed) = owed {
        let ratio = owed.value / assets.value;
        let text = format!("liabilities of {:.1} % of assets at {}", 100.0 * ratio, assets.end);
        opinion.push(0.15, -bent((ratio - 0.55) / 0.20), text, cited(&[&owed, &assets]));
    }
}

fn cited(figures: &[&Figure]) -> Vec<assize_debate::EvidenceId> {
    figures.iter().flat_map(|figure| figure.ids.clone()).collect()
}

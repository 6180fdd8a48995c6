//! What a company's statements say: growth, margins, leverage, liquidity, cash, dilution.

mod health;
mod piotroski;
mod valuation;

use assize_altdata::{AsOf, Item, ItemKind};
use assize_analysts::{Figure, Line, Statements};
use assize_debate::EvidenceId;
use jiff::{ToSpan, civil::Date};
use serde::Serialize;

pub use self::{
    health::{Grade, Health, HealthPart},
    piotroski::{Piotroski, PiotroskiTest},
    valuation::{ZScore, ZZone},
};
use super::{Measure, Unit, measure::grand};
use crate::{Part, Shortfall, ShortfallKind};

/// Statements that ended longer ago are not read: a year and a quarter, for foreign companies report once a year.
const OLDEST_DAYS: i64 = 460;

const OPERATING_INCOME: Line = Line::of(&["us-gaap:OperatingIncomeLoss"]);
const INTEREST: Line = Line::of(&["us-gaap:InterestExpense"]);
const RESEARCH: Line = Line::of(&["us-gaap:ResearchAndDevelopmentExpense"]);
const CURRENT_ASSETS: Line = Line::of(&["us-gaap:AssetsCurrent"]);
const CURRENT_LIABILITIES: Line = Line::of(&["us-gaap:LiabilitiesCurrent"]);
const CASH: Line = Line::of(&[
    "us-gaap:CashAndCashEquivalentsAtCarryingValue",
    "us-gaap:CashCashEquivalentsRestrictedCashAndRestrictedCashEquivalents",
]);
const LONG_TERM_DEBT: [Line; 2] =
    [Line::of(&["us-gaap:LongTermDebtNoncurrent"]), Line::of(&["us-gaap:LongTermDebt"])];
const RETAINED_EARNINGS: Line = Line::of(&["us-gaap:RetainedEarningsAccumulatedDeficit"]);

/// What the statements say.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Financial {
    /// The last day of the twelve months that the flows are of.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub period_end: Option<Date>,
    /// The figures, each with what was filed.
    pub measures: Vec<Measure>,
    /// The nine tests of Piotroski (2000), as far as they can be held.
    pub piotroski: Piotroski,
    /// Altman's Z (1968), if all five of its parts are known.
    pub z_score: Option<ZScore>,
    /// How sound it is on the whole, if enough parts of that are known.
    pub health: Option<Health>,
}

/// The figures of the twelve months to a day, and those of a year before.
pub(super) struct Books<'a> {
    statements: &'a Statements,
    /// The last day of the newest twelve months of earnings or revenue.
    end: Date,
}

impl<'a> Books<'a> {
    /// `None`: nothing new enough has twelve months.
    fn open(statements: &'a Statements, today: Date) -> Option<Self> {
        let newest = |line| statements.twelve_months(line, None).map(|figure| figure.end);
        let end = [Line::NET_INCOME, Line::REVENUE].into_iter().filter_map(newest).max()?;
        let first = today.checked_sub(OLDEST_DAYS.days()).ok()?;
        (end >= first).then_some(Self { statements, end })
    }

    /// Of the twelve months.
    fn flow(&self, line: Line) -> Option<Figure> {
        self.statements.twelve_months(line, Some(self.end))
    }

    /// Of the twelve months before those.
    fn flow_before(&self, line: Line) -> Option<Figure> {
        self.statements.twelve_months_before(line, self.end)
    }

    /// At the end of the twelve months.
    fn stock(&self, line: Line) -> Option<Figure> {
        self.statements.at_a_moment(line, Some(self.end))
    }

    /// A year before that.
    fn stock_before(&self, line: Line) -> Option<Figure> {
        let year_ago = self.end.checked_sub(1.years()).ok()?;
        self.statements.at_a_moment(line, Some(year_ago))
    }

    /// Gross profit as reported, or revenue less its cost.
    fn gross(&self, flow: impl Fn(&Self, Line) -> Option<Figure>) -> Option<Figure> {
        flow(self, Line::GROSS_PROFIT)
            .or_else(|| Some(less(&flow(self, Line::REVENUE)?, &flow(self, Line::COST)?)))
    }

    /// Cash from operations less what was spent on plant and equipment.
    fn free_cash(&self) -> Option<Figure> {
        Some(less(&self.flow(Line::OPERATING_CASH)?, &self.flow(Line::CAPITAL_SPENDING)?))
    }

    /// What is owed; where no sum of it is reported, what is left of the assets without equity.
    fn owed(&self, stock: impl Fn(&Self, Line) -> Option<Figure>) -> Option<Figure> {
        stock(self, Line::LIABILITIES)
            .or_else(|| Some(less(&stock(self, Line::ASSETS)?, &stock(self, Line::WHOLE_EQUITY)?)))
    }

    /// Shares in the cover's count, or in the diluted mean's; the same kind now and a year ago.
    fn shares(&self) -> Option<(Figure, Option<Figure>)> {
        let statements = self.statements;
        if let Some(now) = statements.at_a_moment(Line::SHARES, None) {
            // The cover is as of some weeks after the period, and not always as many.
            let near = |days: i64| {
                let day = now.end.checked_sub(1.years()).ok()?.checked_add(days.days()).ok()?;
                statements.at_a_moment(Line::SHARES, Some(day))
            };
            let before = [0, -12, 12, -24, 24].into_iter().find_map(near);
            return Some((now, before));
        }
        statements.mean(Line::MEAN_SHARES).map(|now| (now, None))
    }
}

/// One figure less another.
fn less(one: &Figure, other: &Figure) -> Figure {
    Figure { value: one.value - other.value, end: one.end, ids: joined(&[one, other]) }
}

fn joined(figures: &[&Figure]) -> Vec<EvidenceId> {
    figures.iter().flat_map(|figure| figure.ids.iter().cloned()).collect()
}

/// What the statements among `items` said by `as_of`; `None` if nothing can be said. Besides what is missing.
pub(super) fn read(items: &[Item], as_of: &AsOf) -> (Option<Financial>, Vec<Shortfall>) {
    let mut lacks = Vec::new();
    let mut lack = |kind, detail: String| lacks.push(Shortfall::new(Part::Financial, kind, detail));
    let facts = items.iter().filter(|item| matches!(item.kind, ItemKind::Fact(_)) && as_of.knows(*item));
    let n_facts = facts.count();
    if n_facts == 0 {
        lack(ShortfallKind::Unknown, "no figure that the company reported is there".to_owned());
        return (None, lacks);
    }
    let statements = Statements::of_items(items, as_of);
    let Some(books) = Books::open(&statements, as_of.date()) else {
        lack(
            ShortfallKind::TooLittle,
            format!(
                "of {n_facts} reported figures none gives twelve months of revenue or earnings in US-GAAP and dollars that \
                 ended within {OLDEST_DAYS} days"
            ),
        );
        return (None, lacks);
    };
    let measures = measures(&books);
    let piotroski = piotroski::read(&books);
    let health = health::grade(&measures);
    if health.is_none() {
        lack(
            ShortfallKind::TooLittle,
            format!("the grade of health wants {} of its parts", health::FEWEST_PARTS),
        );
    }
    (Some(Financial { period_end: Some(books.end), measures, piotroski, z_score: None, health }), lacks)
}

/// What needs the price of a share beside the statements: valuation and Altman's Z.
pub(super) fn value(
    financial: &mut Financial,
    items: &[Item],
    as_of: &AsOf,
    close: Option<(f64, Date, EvidenceId)>,
    lacks: &mut Vec<Shortfall>,
) {
    let statements = Statements::of_items(items, as_of);
    if let Some(books) = Books::open(&statements, as_of.date()) {
        valuation::add(financial, &books, close, lacks);
    }
}

fn measures(books: &Books<'_>) -> Vec<Measure> {
    let mut list = Vec::new();
    growth(books, &mut list);
    margins(books, &mut list);
    returns(books, &mut list);
    solvency(books, &mut list);
    cash(books, &mut list);
    list
}

/// One figure by another, where the other is positive.
fn ratio(
    list: &mut Vec<Measure>,
    (id, name, unit): (&'static str, &'static str, Unit),
    (one, of_one): (Option<&Figure>, &str),
    (other, of_other): (Option<&Figure>, &str),
) {
    let (Some(one), Some(other)) = (one, other) else { return };
    if other.value > 0.0 {
        let how = format!(
            "{of_one} of {} USD by {of_other} of {} USD, to {}",
            grand(one.value),
            grand(other.value),
            one.end
        );
        list.extend(Measure::new(id, name, (one.value / other.value, unit), &how, joined(&[one, other])));
    }
}

fn growth(books: &Books<'_>, list: &mut Vec<Measure>) {
    let lines = [
        ("fin.revenue-growth", "growth of revenue", Line::REVENUE),
        ("fin.income-growth", "growth of earnings", Line::NET_INCOME),
    ];
    for (id, name, line) in lines {
        let (Some(now), Some(before)) = (books.flow(line), books.flow_before(line)) else { continue };
        // From a loss nothing grows by so many per cent.
        if before.value > 0.0 {
            let how = format!(
                "{} USD in the twelve months to {} after {} USD in those to {}",
                grand(now.value),
                now.end,
                grand(before.value),
                before.end
            );
            let value = (now.value / before.value - 1.0, Unit::Share);
            list.extend(Measure::new(id, name, value, &how, joined(&[&now, &before])));
        }
    }
}

fn margins(books: &Books<'_>, list: &mut Vec<Measure>) {
    let revenue = books.flow(Line::REVENUE);
    let of = [
        ("fin.gross-margin", "gross margin", books.gross(Books::flow), "gross profit"),
        ("fin.operating-margin", "operating margin", books.flow(OPERATING_INCOME), "operating income"),
        ("fin.net-margin", "net margin", books.flow(Line::NET_INCOME), "earnings"),
        ("fin.free-cash-margin", "free cash margin", books.free_cash(), "free cash flow"),
        ("fin.research-intensity", "research by revenue", books.flow(RESEARCH), "research and development"),
    ];
    for (id, name, figure, words) in of {
        ratio(list, (id, name, Unit::Share), (figure.as_ref(), words), (revenue.as_ref(), "revenue"));
    }
}

fn returns(books: &Books<'_>, list: &mut Vec<Measure>) {
    let earned = books.flow(Line::NET_INCOME);
    let of = [
        ("fin.return-on-assets", "return on assets", books.stock(Line::ASSETS), "assets"),
        ("fin.return-on-equity", "return on equity", books.stock(Line::EQUITY), "equity"),
    ];
    for (id, name, base, words) in of {
        ratio(list, (id, name, Unit::Share), (earned.as_ref(), "earnings"), (base.as_ref(), words));
    }
    let turnover = ("fin.asset-turnover", "turnover of assets", Unit::Times);
    let (revenue, assets) = (books.flow(Line::REVENUE), books.stock(Line::ASSETS));
    ratio(list, turnover, (revenue.as_ref(), "revenue"), (assets.as_ref(), "assets"));
}

fn solvency(books: &Books<'_>, list: &mut Vec<Measure>) {
    let assets = books.stock(Line::ASSETS);
    let owed = books.owed(Books::stock);
    let leverage = ("fin.leverage", "liabilities by assets", Unit::Share);
    ratio(list, leverage, (owed.as_ref(), "liabilities"), (assets.as_ref(), "assets"));
    let debt = LONG_TERM_DEBT.into_iter().find_map(|line| books.stock(line));
    let of_debt = ("fin.debt-to-equity", "long-term debt by equity", Unit::Times);
    let equity = books.stock(Line::EQUITY);
    ratio(list, of_debt, (debt.as_ref(), "long-term debt"), (equity.as_ref(), "equity"));
    let cover = ("fin.interest-cover", "cover of interest", Unit::Times);
    let (income, interest) = (books.flow(OPERATING_INCOME), books.flow(INTEREST));
    ratio(list, cover, (income.as_ref(), "operating income"), (interest.as_ref(), "interest"));
    let current = ("fin.current-ratio", "current ratio", Unit::Times);
    let (soon, due) = (books.stock(CURRENT_ASSETS), books.stock(CURRENT_LIABILITIES));
    ratio(list, current, (soon.as_ref(), "current assets"), (due.as_ref(), "current liabilities"));
    let cash = ("fin.cash-to-assets", "cash by assets", Unit::Share);
    ratio(list, cash, (books.stock(CASH).as_ref(), "cash"), (assets.as_ref(), "assets"));
}

fn cash(books: &Books<'_>, list: &mut Vec<Measure>) {
    let conversion = ("fin.cash-conversion", "cash conversion", Unit::Times);
    let (came, earned) = (books.flow(Line::OPERATING_CASH), books.flow(Line::NET_INCOME));
    ratio(list, conversion, (came.as_ref(), "operating cash"), (earned.as_ref(), "earnings"));
    if let Some((now, Some(before))) = books.shares()
        && before.value > 0.0
    {
        let how = format!(
            "{} shares at {} after {} at {}",
            grand(now.value),
            now.end,
            grand(before.value),
            before.end
        );
        let value = (now.value / before.value - 1.0, Unit::Share);
        let ids = joined(&[&now, &before]);
        list.extend(Measure::new("fin.dilution", "change of the number of shares", value, &how, ids));
    }
}

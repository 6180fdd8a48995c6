//! A company's statements, put together from the figures that it filed.

use std::collections::{BTreeMap, BTreeSet};

use assize_altdata::{AsOf, Item, ItemKind};
use assize_debate::{Evidence, EvidenceId};
use jiff::civil::Date;
use serde::Deserialize;

use crate::{COMPANY_FACT, dossier::facts::FactData, evidence_rule::days_between};

/// What a company calls a figure: tags that mean the same, the usual one first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line(&'static [&'static str]);

impl Line {
    /// Revenue.
    pub const REVENUE: Self = REVENUE;
    /// What the goods and services cost that were sold.
    pub const COST: Self = COST;
    /// Revenue less that, where it is reported.
    pub const GROSS_PROFIT: Self = GROSS_PROFIT;
    /// What was earned in the end.
    pub const NET_INCOME: Self = NET_INCOME;
    /// Cash from operations.
    pub const OPERATING_CASH: Self = OPERATING_CASH;
    /// Cash spent on plant and equipment.
    pub const CAPITAL_SPENDING: Self = CAPITAL_SPENDING;
    /// All that is owned.
    pub const ASSETS: Self = ASSETS;
    /// All that is owed.
    pub const LIABILITIES: Self = LIABILITIES;
    /// The owners' part, without that of minorities.
    pub const EQUITY: Self = EQUITY;
    /// The owners' part, with that of minorities where there are any.
    pub const WHOLE_EQUITY: Self = WHOLE_EQUITY;
    /// Shares outstanding, at a moment.
    pub const SHARES: Self = SHARES;
    /// The mean of shares outstanding, diluted, over a period.
    pub const MEAN_SHARES: Self = MEAN_SHARES;

    /// These tags, such as `us-gaap:AssetsCurrent`, the usual one first.
    #[must_use]
    pub const fn of(tags: &'static [&'static str]) -> Self {
        Self(tags)
    }

    /// Its tags.
    #[must_use]
    pub const fn tags(self) -> &'static [&'static str] {
        self.0
    }
}

pub(crate) const REVENUE: Line = Line(&[
    "us-gaap:RevenueFromContractWithCustomerExcludingAssessedTax",
    "us-gaap:Revenues",
    "us-gaap:SalesRevenueNet",
    "us-gaap:RevenueFromContractWithCustomerIncludingAssessedTax",
    "us-gaap:RevenuesNetOfInterestExpense",
]);
pub(crate) const COST: Line = Line(&["us-gaap:CostOfRevenue", "us-gaap:CostOfGoodsAndServicesSold"]);
pub(crate) const GROSS_PROFIT: Line = Line(&["us-gaap:GrossProfit"]);
pub(crate) const NET_INCOME: Line = Line(&[
    "us-gaap:NetIncomeLoss",
    "us-gaap:ProfitLoss",
    "us-gaap:NetIncomeLossAvailableToCommonStockholdersBasic",
]);
pub(crate) const OPERATING_CASH: Line = Line(&[
    "us-gaap:NetCashProvidedByUsedInOperatingActivities",
    "us-gaap:NetCashProvidedByUsedInOperatingActivitiesContinuingOperations",
]);
pub(crate) const CAPITAL_SPENDING: Line = Line(&[
    "us-gaap:PaymentsToAcquirePropertyPlantAndEquipment",
    "us-gaap:PaymentsToAcquireProductiveAssets",
]);
pub(crate) const ASSETS: Line = Line(&["us-gaap:Assets"]);
pub(crate) const LIABILITIES: Line = Line(&["us-gaap:Liabilities"]);
pub(crate) const EQUITY: Line = Line(&["us-gaap:StockholdersEquity"]);
pub(crate) const WHOLE_EQUITY: Line = Line(&[
    "us-gaap:StockholdersEquityIncludingPortionAttributableToNoncontrollingInterest",
    "us-gaap:StockholdersEquity",
]);
/// At a moment; and where no such figure is, the mean of a period.
pub(crate) const SHARES: Line =
    Line(&["dei:EntityCommonStockSharesOutstanding", "us-gaap:CommonStockSharesOutstanding"]);
pub(crate) const MEAN_SHARES: Line = Line(&["us-gaap:WeightedAverageNumberOfDilutedSharesOutstanding"]);

const ALL: [Line; 12] = [
    REVENUE,
    COST,
    GROSS_PROFIT,
    NET_INCOME,
    OPERATING_CASH,
    CAPITAL_SPENDING,
    ASSETS,
    LIABILITIES,
    EQUITY,
    WHOLE_EQUITY,
    SHARES,
    MEAN_SHARES,
];

/// Whether any analyst reads this concept.
pub(crate) fn is_read(concept: &str) -> bool {
    ALL.iter().any(|line| line.0.contains(&concept))
}

/// Fiscal years of 52 and 53 weeks, and years with a 29 February, end a few days apart.
const SLACK: i32 = 6;
const YEAR: i32 = 365;

/// A figure, and what it was made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// In dollars, or in shares.
    pub value: f64,
    /// The day at which it holds, or the last of the twelve months.
    pub end: Date,
    /// The figures filed that it is made of.
    pub ids: Vec<EvidenceId>,
}

#[derive(Debug, Clone, PartialEq)]
struct Reported {
    id: EvidenceId,
    start: Option<Date>,
    end: Date,
    value: f64,
}

impl Reported {
    /// Days that its period has; 0 for what holds at a moment.
    fn days(&self) -> i32 {
        self.start.map_or(0, |start| days_between(start, self.end) + 1)
    }
}

/// All figures by their concept, each period once: as filed last. In dollars and in shares.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Statements(BTreeMap<String, Vec<Reported>>);

impl Statements {
    /// Those among the evidence.
    pub(crate) fn read<'a>(evidence: impl IntoIterator<Item = &'a Evidence>) -> Self {
        let facts = evidence.into_iter().filter(|evidence| evidence.kind == COMPANY_FACT);
        let mut filed: Vec<(FactData, EvidenceId)> = facts
            .filter_map(|evidence| Some((FactData::deserialize(&evidence.data).ok()?, evidence.id.clone())))
            .filter(|(fact, _)| is_counted(fact.value, &fact.unit))
            .collect();
        filed.sort_by(|(a, x), (b, y)| (a.filed_on, &a.accession, x).cmp(&(b.filed_on, &b.accession, y)));
        Self::of_filed(filed.into_iter().map(|(fact, id)| {
            (fact.concept, Reported { id, start: fact.start, end: fact.end, value: fact.value })
        }))
    }

    /// Those among items, of whatever concept, as they were known as of a moment. Figures in another unit than dollars and
    /// shares are left out.
    #[must_use]
    pub fn of_items(items: &[Item], as_of: &AsOf) -> Self {
        let mut filed: Vec<_> = items
            .iter()
            .filter(|item| as_of.knows(*item))
            .filter_map(|item| match &item.kind {
                ItemKind::Fact(fact) if is_counted(fact.value, &fact.unit) => Some((fact, item.id)),
                _ => None,
            })
            .collect();
        filed.sort_by(|(a, x), (b, y)| (a.filed_on, &a.accession, x).cmp(&(b.filed_on, &b.accession, y)));
        Self::of_filed(filed.into_iter().map(|(fact, id)| {
            let id = EvidenceId::from(id.to_string().as_str());
            (fact.concept.clone(), Reported { id, start: fact.start, end: fact.end, value: fact.value })
        }))
    }

    /// What was filed, in the order of filing: what is filed later replaces what was.
    fn of_filed(filed: impl Iterator<Item = (String, Reported)>) -> Self {
        let mut periods = BTreeMap::new();
        for (concept, reported) in filed {
            periods.insert((concept, reported.end, reported.start), reported);
        }
        let mut statements = Self::default();
        for ((concept, ..), reported) in periods {
            statements.0.entry(concept).or_default().push(reported);
        }
        statements
    }

    /// Whether there is no figure at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn of(&self, concept: &str) -> &[Reported] {
        self.0.get(concept).map_or(&[], Vec::as_slice)
    }

    /// What holds at the newest moment, or within a few days of `at`.
    #[must_use]
    pub fn at_a_moment(&self, line: Line, at: Option<Date>) -> Option<Figure> {
        let close = |day: Date| at.is_none_or(|at| days_between(at, day).abs() <= SLACK);
        let moments = |concept: &&'static str| {
            self.of(concept).iter().rev().find(|reported| reported.days() == 0 && close(reported.end))
        };
        newest(line.0.iter().filter_map(moments))
    }

    /// The mean of the newest period, whatever its length.
    #[must_use]
    pub fn mean(&self, line: Line) -> Option<Figure> {
        newest(line.0.iter().filter_map(|concept| self.of(concept).last()))
    }

    /// The sum of twelve months: of the newest for which there is enough, or of those that end within a few days of `at`.
    ///
    /// A fiscal year as it was reported; or the last fiscal year, and this year so far, less the same months of last year; or
    /// four quarters.
    #[must_use]
    pub fn twelve_months(&self, line: Line, at: Option<Date>) -> Option<Figure> {
        let mut best: Option<Figure> = None;
        for concept in line.0 {
            let reported = self.of(concept);
            let close = |day: &Date| at.is_none_or(|at| days_between(at, *day).abs() <= SLACK);
            let ends: BTreeSet<Date> = reported.iter().map(|reported| reported.end).filter(close).collect();
            let found = ends.into_iter().rev().find_map(|end| twelve_months_to(reported, end));
            if let Some(found) = found
                && best.as_ref().is_none_or(|best| found.end > best.end)
            {
                best = Some(found);
            }
        }
        best
    }

    /// The same a year before.
    #[must_use]
    pub fn twelve_months_before(&self, line: Line, end: Date) -> Option<Figure> {
        let year_ago = end.checked_sub(jiff::Span::new().years(1)).ok()?;
        self.twelve_months(line, Some(year_ago))
    }
}

fn is_counted(value: f64, unit: &str) -> bool {
    value.is_finite() && matches!(unit, "USD" | "shares")
}

/// The newest; of several of one day the first.
fn newest<'a>(reported: impl Iterator<Item = &'a Reported>) -> Option<Figure> {
    let mut best: Option<&Reported> = None;
    for reported in reported {
        if best.is_none_or(|best| reported.end > best.end) {
            best = Some(reported);
        }
    }
    best.map(|best| Figure { value: best.value, end: best.end, ids: vec![best.id.clone()] })
}

fn is_near(one: Date, other: Date) -> bool {
    days_between(one, other).abs() <= SLACK
}

fn twelve_months_to(reported: &[Reported], end: Date) -> Option<Figure> {
    let is_year = |reported: &&Reported| (reported.days() - YEAR).abs() <= 2 * SLACK;
    let of = |value: f64, parts: &[&Reported]| Figure {
        value,
        end,
        ids: parts.iter().map(|part| part.id.clone()).collect(),
    };
    if let Some(year) = reported.iter().find(|reported| reported.end == end && is_year(reported)) {
        return Some(of(year.value, &[year]));
    }
    // This year so far is the longest period that ends here; nine months and less.
    let is_part = |part: &&Reported| part.end == end && (1..YEAR - 60).contains(&part.days());
    let mut so_far: Vec<&Reported> = reported.iter().filter(is_part).collect();
    so_far.sort_by_key(|part| std::cmp::Reverse(part.days()));
    for part in so_far {
        let start = part.start?;
        let year = reported
            .iter()
            .filter(is_year)
            .find(|year| (1..=1 + SLACK).contains(&days_between(year.end, start)));
        let Some(year) = year else { continue };
        let same = reported.iter().find(|before| {
            before.start.zip(year.start).is_some_and(|(one, other)| is_near(one, other))
                && (before.days() - part.days()).abs() <= 2 * SLACK
                && before.days() > 0
        });
        if let Some(before) = same {
            return Some(of(year.value + part.value - before.value, &[year, part, before]));
        }
    }
    four_quarters(reported, end)
        .map(|quarters| of(quarters.iter().map(|quarter| quarter.value).sum(), &quarters))
}

fn four_quarters(reported: &[Reported], end: Date) -> Option<Vec<&Reported>> {
    let is_quarter = |reported: &&Reported| (80..=100).contains(&reported.days());
    let mut quarters = vec![reported.iter().filter(is_quarter).find(|quarter| quarter.end == end)?];
    while quarters.len() < 4 {
        let start = quarters.last()?.start?;
        let before = |quarter: &&Reported| (1..=1 + SLACK).contains(&days_between(quarter.end, start));
        quarters.push(reported.iter().filter(is_quarter).find(before)?);
    }
    Some(quarters)
}

#[cfg(test)]
mod tests;

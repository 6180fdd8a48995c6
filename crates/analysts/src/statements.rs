//! A company's statements, put together from the figures that it filed.

use std::collections::{BTreeMap, BTreeSet};

use assize_debate::{Evidence, EvidenceId};
use jiff::civil::Date;
use serde::Deserialize;

use crate::{COMPANY_FACT, dossier::facts::FactData, evidence_rule::days_between};

/// What a company calls a figure: tags that mean the same, the usual one first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line(&'static [&'static str]);

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
pub(crate) struct Figure {
    pub(crate) value: f64,
    /// The day at which it holds, or the last of the twelve months.
    pub(crate) end: Date,
    pub(crate) ids: Vec<EvidenceId>,
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
pub(crate) struct Statements(BTreeMap<String, Vec<Reported>>);

impl Statements {
    /// Those among the evidence.
    pub(crate) fn read<'a>(evidence: impl IntoIterator<Item = &'a Evidence>) -> Self {
        let facts = evidence.into_iter().filter(|evidence| evidence.kind == COMPANY_FACT);
        let mut filed: Vec<(FactData, EvidenceId)> = facts
            .filter_map(|evidence| Some((FactData::deserialize(&evidence.data).ok()?, evidence.id.clone())))
            .filter(|(fact, _)| fact.value.is_finite() && matches!(fact.unit.as_str(), "USD" | "shares"))
            .collect();
        filed.sort_by(|(a, x), (b, y)| (a.filed_on, &a.accession, x).cmp(&(b.filed_on, &b.accession, y)));
        let mut periods = BTreeMap::new();
        for (fact, id) in filed {
            let reported = Reported { id, start: fact.start, end: fact.end, value: fact.value };
            // What is filed later replaces what was.
            periods.insert((fact.concept, fact.end, fact.start), reported);
        }
        let mut statements = Self::default();
        for ((concept, ..), reported) in periods {
            statements.0.entry(concept).or_default().push(reported);
        }
        statements
    }

    fn of(&self, concept: &str) -> &[Reported] {
        self.0.get(concept).map_or(&[], Vec::as_slice)
    }

    /// What holds at the newest moment, or within a few days of `at`.
    pub(crate) fn at_a_moment(&self, line: Line, at: Option<Date>) -> Option<Figure> {
        let close = |day: Date| at.is_none_or(|at| days_between(at, day).abs() <= SLACK);
        let moments = |concept: &&'static str| {
            self.of(concept).iter().rev().find(|reported| reported.days() == 0 && close(reported.end))
        };
        newest(line.0.iter().filter_map(moments))
    }

    /// The mean of the newest period, whatever its length.
    pub(crate) fn mean(&self, line: Line) -> Option<Figure> {
        newest(line.0.iter().filter_map(|concept| self.of(concept).last()))
    }

    /// The sum of twelve months: of the newest for which there is enough, or of those that end within a few days of `at`.
    ///
    /// A fiscal year as it was reported; or the last fiscal year, and this year so far, less the same months of last year; or
    /// four quarters.
    pub(crate) fn twelve_months(&self, line: Line, at: Option<Date>) -> Option<Figure> {
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
    pub(crate) fn twelve_months_before(&self, line: Line, end: Date) -> Option<Figure> {
        let year_ago = end.checked_sub(jiff::Span::new().years(1)).ok()?;
        self.twelve_months(line, Some(year_ago))
    }
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

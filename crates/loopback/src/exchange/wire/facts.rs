//! What a company reported, as `data.sec.gov/api/xbrl/companyfacts` has it.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::exchange::{
    calendar,
    desk::{Answer, Desk},
    filing::{About, Filing},
    json::Json,
    market::Data,
    statement::{Quarter, per_share},
};

/// Quarters of one answer.
const MOST: usize = 36;

type Amount = fn(&[Quarter]) -> Json;
type Balance = fn(&Quarter) -> i64;

/// Of a period: a year's first quarters up to one of them, or one alone.
const OF_PERIODS: [(&str, &str, &str, Amount); 7] = [
    ("Revenues", "Revenues", "USD", |quarters| sum(quarters, |quarter| quarter.revenue)),
    ("GrossProfit", "Gross Profit", "USD", |quarters| sum(quarters, |quarter| quarter.gross_profit)),
    ("OperatingIncomeLoss", "Operating Income (Loss)", "USD", |quarters| {
        sum(quarters, |quarter| quarter.operating_income)
    }),
    ("NetIncomeLoss", "Net Income (Loss) Attributable to Parent", "USD", |quarters| {
        sum(quarters, |quarter| quarter.net_income)
    }),
    ("EarningsPerShareDiluted", "Earnings Per Share, Diluted", "USD/shares", |quarters| {
        let income = quarters.iter().map(|quarter| quarter.net_income).sum();
        Json::short(per_share(income, quarters.last().map_or(1, |quarter| quarter.shares)))
    }),
    ("NetCashProvidedByUsedInOperatingActivities", "Net Cash from Operating Activities", "USD", |quarters| {
        sum(quarters, |quarter| quarter.operating_cash)
    }),
    ("PaymentsToAcquirePropertyPlantAndEquipment", "Payments to Acquire Property", "USD", |quarters| {
        sum(quarters, |quarter| quarter.investment)
    }),
];

/// Of the end of a period.
const OF_ENDS: [(&str, &str, Balance); 5] = [
    ("Assets", "Assets", |quarter| quarter.assets),
    ("Liabilities", "Liabilities", |quarter| quarter.liabilities),
    ("StockholdersEquity", "Stockholders' Equity Attributable to Parent", Quarter::equity),
    ("CashAndCashEquivalentsAtCarryingValue", "Cash and Cash Equivalents", |quarter| quarter.cash),
    ("LongTermDebt", "Long-term Debt", |quarter| quarter.debt),
];

fn sum(quarters: &[Quarter], of: fn(&Quarter) -> i64) -> Json {
    quarters.iter().map(of).sum::<i64>().into()
}

/// A figure of a filing.
struct Fact<'a> {
    start: Option<Date>,
    end: Date,
    value: Json,
    /// The quarter that is reported on, which may be a year after the figure's.
    of: &'a Quarter,
    filing: &'a Filing,
    frame: Option<String>,
}

/// `api/xbrl/companyfacts/CIK##########.json`.
pub(in crate::exchange) fn facts(desk: &Desk<'_>, file: &str) -> Option<Answer> {
    let cik = file.strip_prefix("CIK")?.strip_suffix(".json")?.parse().ok()?;
    let data = desk.with_cik(cik)?;
    let reports = reports(desk, &data);
    let concept = |label: &str, unit: &str, facts: Vec<Fact<'_>>| {
        let units = Json::Map(vec![(unit.to_owned(), list(facts))]);
        Json::record([("label", label.into()), ("description", format!("{label}.").into()), ("units", units)])
    };
    let mut gaap: Vec<(String, Json)> = Vec::new();
    for (name, label, unit, amount) in OF_PERIODS {
        gaap.push((name.to_owned(), concept(label, unit, of_periods(&data.quarters, &reports, amount))));
    }
    for (name, label, amount) in OF_ENDS {
        let facts = of_ends(&data.quarters, &reports, |quarter| amount(quarter).into());
        gaap.push((name.to_owned(), concept(label, "USD", facts)));
    }
    let shares = reports.iter().map(|(n, filing)| {
        let of = &data.quarters[*n];
        // On the cover, as of some days before the filing: here, of the day itself.
        let end = calendar::day(of.filed);
        Fact { start: None, end, value: of.shares.into(), of, filing, frame: None }
    });
    let cover = concept("Entity Common Stock, Shares Outstanding", "shares", shares.collect());
    let dei = vec![("EntityCommonStockSharesOutstanding".to_owned(), cover)];
    Some(Answer::json(Json::record([
        ("cik", data.company.cik.into()),
        ("entityName", data.company.name.as_str().into()),
        (
            "facts",
            Json::Map(vec![("dei".to_owned(), Json::Map(dei)), ("us-gaap".to_owned(), Json::Map(gaap))]),
        ),
    ])))
}

/// The reports that everybody can read by now: the number of the quarter, and the filing.
fn reports<'a>(desk: &Desk<'_>, data: &'a Data) -> Vec<(usize, &'a Filing)> {
    let quarter = |filing: &'a Filing| match filing.about {
        About::Quarter(n) if filing.shown() <= desk.now => Some((n, filing)),
        _ => None,
    };
    let mut reports: Vec<_> = data.filings.iter().rev().filter_map(quarter).take(MOST).collect();
    reports.reverse();
    reports
}

fn of_periods<'a>(quarters: &'a [Quarter], reports: &[(usize, &'a Filing)], amount: Amount) -> Vec<Fact<'a>> {
    let mut facts = Vec::new();
    for (n, filing) in reports {
        let of = &quarters[*n];
        let in_year = usize::from(of.number.unsigned_abs());
        // A year ago for comparison, and this year; the fourth quarter alone is reported by nobody.
        for last in [n.checked_sub(4), Some(*n)].into_iter().flatten() {
            let mut lengths = vec![in_year];
            if (2..=3).contains(&in_year) {
                lengths.push(1);
            }
            for length in lengths {
                let Some(first) = (last + 1).checked_sub(length) else { continue };
                let period = &quarters[first..=last];
                let end = &quarters[last];
                let frame = match length {
                    1 => Some(format!("CY{}Q{}", end.year, end.number)),
                    4 => Some(format!("CY{}", end.year)),
                    _ => None,
                };
                let start = Some(period[0].start);
                facts.push(Fact { start, end: end.end, value: amount(period), of, filing, frame });
            }
        }
    }
    facts
}

fn of_ends<'a>(
    quarters: &'a [Quarter],
    reports: &[(usize, &'a Filing)],
    amount: impl Fn(&Quarter) -> Json,
) -> Vec<Fact<'a>> {
    let mut facts = Vec::new();
    for (n, filing) in reports {
        // The end of the last year for comparison.
        let of = &quarters[*n];
        let year_end = n.checked_sub(usize::from(of.number.unsigned_abs()));
        for end in year_end.into_iter().chain([*n]) {
            let quarter = &quarters[end];
            let frame = Some(format!("CY{}Q{}I", quarter.year, quarter.number));
            facts.push(Fact { start: None, end: quarter.end, value: amount(quarter), of, filing, frame });
        }
    }
    facts
}

/// In the order of their periods; the last report of each has the frame.
fn list(mut facts: Vec<Fact<'_>>) -> Json {
    facts.sort_by_key(|fact| (fact.end, fact.start, fact.filing.accepted));
    let last: BTreeMap<_, _> =
        facts.iter().enumerate().map(|(n, fact)| ((fact.end, fact.start), n)).collect();
    let one = |(n, fact): (usize, &Fact<'_>)| {
        let quarter = match fact.of.number {
            4 => "FY".to_owned(),
            number => format!("Q{number}"),
        };
        let mut members: Vec<(&'static str, Json)> = Vec::new();
        members.extend(fact.start.map(|start| ("start", start.to_string().into())));
        members.push(("end", fact.end.to_string().into()));
        members.push(("val", fact.value.clone()));
        members.push(("accn", fact.filing.accession.as_str().into()));
        members.push(("fy", i64::from(fact.of.year).into()));
        members.push(("fp", quarter.into()));
        members.push(("form", fact.of.form().into()));
        members.push(("filed", fact.filing.filed.to_string().into()));
        if last.get(&(fact.end, fact.start)) == Some(&n) {
            members.extend(fact.frame.clone().map(|frame| ("frame", frame.into())));
        }
        Json::Record(members)
    };
    facts.iter().enumerate().map(one).collect::<Vec<_>>().into()
}

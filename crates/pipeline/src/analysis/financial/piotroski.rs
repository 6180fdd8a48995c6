//! Piotroski's nine tests.

use assize_analysts::{Figure, Line};
use assize_debate::EvidenceId;
use serde::Serialize;

use super::{Books, CURRENT_ASSETS, CURRENT_LIABILITIES, LONG_TERM_DEBT, joined};

/// The nine tests of Piotroski, *Value Investing: The Use of Historical Financial Statement Information*, Journal of Accounting
/// Research 2000: each passed counts one. Ratios to assets take those at the end of the twelve months, where the paper takes
/// those at their beginning.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Piotroski {
    /// How many are passed, of those that can be held.
    pub passed: usize,
    /// How many can be held; with all nine the count is the paper's F-score.
    pub held: usize,
    /// The tests, in the paper's order.
    pub tests: Vec<PiotroskiTest>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PiotroskiTest {
    /// What is tested.
    pub name: &'static str,
    /// Whether it is passed; `None`: a figure is missing.
    pub is_passed: Option<bool>,
    /// What was filed for it.
    pub rests_on: Vec<EvidenceId>,
}

impl Piotroski {
    /// The F-score, if all nine tests can be held.
    #[must_use]
    pub fn score(&self) -> Option<usize> {
        (self.held == self.tests.len()).then_some(self.passed)
    }
}

/// A quotient, and what it is made of.
type Quotient = Option<(f64, Vec<EvidenceId>)>;

fn by(one: Option<Figure>, other: Option<Figure>) -> Quotient {
    let (one, other) = (one?, other?);
    (other.value > 0.0).then(|| (one.value / other.value, joined(&[&one, &other])))
}

pub(super) fn read(books: &Books<'_>) -> Piotroski {
    let now = |line| books.flow(line);
    let before = |line| books.flow_before(line);
    let assets = || books.stock(Line::ASSETS);
    let assets_before = || books.stock_before(Line::ASSETS);
    let margin = |gross: Option<Figure>, revenue: Option<Figure>| by(gross, revenue);
    let debt = LONG_TERM_DEBT
        .into_iter()
        .map(|line| (by(books.stock(line), assets()), by(books.stock_before(line), assets_before())))
        .find(|(now, before)| now.is_some() && before.is_some())
        .unwrap_or_default();
    let shares = books.shares().and_then(|(now, before)| Some((now, before?)));
    let shares = shares.map(|(now, before)| {
        // A hundredth of a per cent is a rounding, no issue.
        (now.value <= before.value * 1.0001, joined(&[&now, &before]))
    });
    let tests = [
        ("earnings are positive", positive(by(now(Line::NET_INCOME), assets()))),
        ("operating cash is positive", positive(by(now(Line::OPERATING_CASH), assets()))),
        (
            "return on assets rose",
            rose(&by(now(Line::NET_INCOME), assets()), &by(before(Line::NET_INCOME), assets_before())),
        ),
        (
            "operating cash exceeds earnings",
            rose(&by(now(Line::OPERATING_CASH), assets()), &by(now(Line::NET_INCOME), assets())),
        ),
        ("long-term debt by assets fell", rose(&debt.1, &debt.0)),
        (
            "the current ratio rose",
            rose(
                &by(books.stock(CURRENT_ASSETS), books.stock(CURRENT_LIABILITIES)),
                &by(books.stock_before(CURRENT_ASSETS), books.stock_before(CURRENT_LIABILITIES)),
            ),
        ),
        ("no shares were issued", shares),
        (
            "the gross margin rose",
            rose(
                &margin(books.gross(Books::flow), now(Line::REVENUE)),
                &margin(books.gross(Books::flow_before), before(Line::REVENUE)),
            ),
        ),
        (
            "the turnover of assets rose",
            rose(&by(now(Line::REVENUE), assets()), &by(before(Line::REVENUE), assets_before())),
        ),
    ];
    let tests: Vec<PiotroskiTest> = tests
        .into_iter()
        .map(|(name, held)| {
            let (is_passed, rests_on) = held.map_or((None, Vec::new()), |(passed, ids)| (Some(passed), ids));
            PiotroskiTest { name, is_passed, rests_on }
        })
        .collect();
    let count = |wanted: &dyn Fn(bool) -> bool| {
        tests.iter().filter(|test| test.is_passed.is_some_and(wanted)).count()
    };
    Piotroski { passed: count(&|passed| passed), held: count(&|_| true), tests }
}

fn positive(value: Quotient) -> Option<(bool, Vec<EvidenceId>)> {
    value.map(|(value, ids)| (value > 0.0, ids))
}

fn rose(now: &Quotient, before: &Quotient) -> Option<(bool, Vec<EvidenceId>)> {
    let ((now, ids), (before, more)) = (now.as_ref()?, before.as_ref()?);
    Some((now > before, [ids.as_slice(), more].concat()))
}

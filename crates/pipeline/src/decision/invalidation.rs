//! What would refute a decision, or end it.

use assize_analysts::{COMPANY_FACT, FILING, INSIDER_TRADE};
use assize_debate::Evidence;
use jiff::{ToSpan, civil::Date};
use serde::Serialize;

use super::{DecisionMatter, Level, nth_session_after};
use crate::Action;

/// A quarter, and by how many days the next report can come sooner or later than a quarter after the last: a 10-Q is filed
/// within 45 days of the quarter's end, seldom before 20.
const QUARTER_DAYS: i64 = 91;
const GIVE_DAYS: i64 = 25;

/// Something that would refute a decision, or end it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Trigger {
    /// A close below this price.
    CloseBelow {
        /// The price.
        price: f64,
    },
    /// A close above this price.
    CloseAbove {
        /// The price.
        price: f64,
    },
    /// A newer verdict gives a rise no more than this.
    ProbabilityAtMost {
        /// The probability.
        p: f64,
    },
    /// A newer verdict gives a rise no less than this.
    ProbabilityAtLeast {
        /// The probability.
        p: f64,
    },
    /// Evidence of one of these kinds appears that was not there.
    NewEvidence {
        /// The kinds, such as `filing`.
        kinds: Vec<String>,
    },
    /// The company is likely to report results before the horizon ends.
    ResultsExpected {
        /// Not before this day.
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        from: Date,
        /// Not after this day.
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        to: Date,
        /// When the last quarterly or yearly report was filed.
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        last_filed_on: Date,
    },
    /// The horizon ends, counted from the newest close.
    HorizonEnds {
        /// With this session's close.
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        on: Date,
    },
}

pub(super) fn of(matter: &DecisionMatter<'_>, action: Action, stop: &Level) -> Vec<Trigger> {
    // From the newest close, as an outcome is counted: before today's close that is not today's.
    let newest = matter.series.last().map_or(matter.as_of.date(), |bar| bar.bar.date);
    let end = nth_session_after(newest, matter.horizon_sessions);
    let mut triggers = Vec::new();
    let rises = matches!(action, Action::Buy | Action::Overweight);
    if let Some(price) = stop.price() {
        triggers.push(if rises { Trigger::CloseBelow { price } } else { Trigger::CloseAbove { price } });
    }
    match action {
        Action::Buy | Action::Overweight => triggers.push(Trigger::ProbabilityAtMost { p: 0.5 }),
        Action::Underweight | Action::Sell => triggers.push(Trigger::ProbabilityAtLeast { p: 0.5 }),
        Action::Hold => {
            triggers
                .extend([Trigger::ProbabilityAtMost { p: 0.45 }, Trigger::ProbabilityAtLeast { p: 0.55 }]);
        }
    }
    let kinds = [FILING, COMPANY_FACT, INSIDER_TRADE].map(str::to_owned);
    triggers.push(Trigger::NewEvidence { kinds: kinds.into() });
    triggers.extend(results(matter.evidence, matter.as_of.date(), end));
    triggers.push(Trigger::HorizonEnds { on: end });
    triggers
}

/// Whether results are likely before the end, by when the last were filed.
fn results(evidence: &[Evidence], today: Date, end: Date) -> Option<Trigger> {
    let last_filed_on = evidence.iter().filter_map(report_filed_on).max()?;
    let from = last_filed_on.saturating_add((QUARTER_DAYS - GIVE_DAYS).days());
    let to = last_filed_on.saturating_add((QUARTER_DAYS + GIVE_DAYS).days());
    (from <= end && to > today).then_some(Trigger::ResultsExpected { from, to, last_filed_on })
}

/// The day on which a quarterly or yearly report was filed that this evidence is, or comes from.
fn report_filed_on(evidence: &Evidence) -> Option<Date> {
    if ![FILING, COMPANY_FACT].contains(&evidence.kind.as_str()) {
        return None;
    }
    let form = evidence.data.get("form")?.as_str()?;
    // An amendment says nothing about when the next is due.
    ["10-Q", "10-K"].contains(&form).then_some(())?;
    evidence.data.get("filed_on")?.as_str()?.parse().ok()
}

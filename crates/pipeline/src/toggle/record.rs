//! A choice, and how it went.

use std::time::Duration;

use assize_altdata::Ticker;
use assize_metering::Usd;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{PanelKind, Receipt, micros};

/// What it took in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Actual {
    /// How long it took.
    #[serde(rename = "took_us", with = "micros")]
    #[cfg_attr(feature = "schema", schemars(with = "u64"))]
    pub took: Duration,
    /// What it cost.
    #[cfg_attr(feature = "schema", schemars(with = "assize_debate::schema::Usd"))]
    pub cost: Usd,
    /// Whether it was cut short by a deadline or a budget, or by a voice that could not be asked.
    pub cut_short: bool,
}

/// Where a figure came to lie against its prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Landing {
    /// At or below the p50.
    WithinP50,
    /// Above the p50, at or below the p90.
    WithinP90,
    /// Above the p90.
    Beyond,
    /// Not known: it was cut short before it came to the p90.
    CutShort,
}

impl Landing {
    fn of<T: PartialOrd>(actual: &T, p50: &T, p90: &T, cut_short: bool) -> Self {
        match () {
            () if actual > p90 => Self::Beyond,
            () if cut_short => Self::CutShort,
            () if actual <= p50 => Self::WithinP50,
            () => Self::WithinP90,
        }
    }
}

/// A choice, for a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ToggleRecord {
    /// For which ticker.
    #[serde(serialize_with = "write_ticker", deserialize_with = "read_ticker")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub ticker: Ticker,
    /// By which panel.
    pub kind: PanelKind,
    /// What was chosen, and why.
    pub receipt: Receipt,
    /// How it went; none for a skip, and as long as it is not known.
    pub actual: Option<Actual>,
}

impl ToggleRecord {
    /// A choice of which it is not known yet how it went.
    #[must_use]
    pub const fn new(ticker: Ticker, kind: PanelKind, receipt: Receipt) -> Self {
        Self { ticker, kind, receipt, actual: None }
    }

    /// The same, with how it went.
    #[must_use]
    pub fn with_actual(self, actual: Actual) -> Self {
        Self { actual: Some(actual), ..self }
    }

    /// Where the time came to lie.
    #[must_use]
    pub fn time(&self) -> Option<Landing> {
        let (predicted, actual) = (self.receipt.predicted()?.time, self.actual?);
        Some(Landing::of(&actual.took, &predicted.p50, &predicted.p90, actual.cut_short))
    }

    /// Where the cost came to lie.
    #[must_use]
    pub fn cost(&self) -> Option<Landing> {
        let (predicted, actual) = (self.receipt.predicted()?.cost, self.actual?);
        Some(Landing::of(&actual.cost, &predicted.p50, &predicted.p90, actual.cut_short))
    }

    /// Whether it took more time, or cost more, than the share that was there for it.
    #[must_use]
    pub fn overran(&self) -> Option<bool> {
        let actual = self.actual?;
        let late = self.receipt.time_share.is_some_and(|share| actual.took > share);
        let dear = self.receipt.cost_share.is_some_and(|share| actual.cost > share);
        Some(late || dear)
    }
}

fn write_ticker<S: Serializer>(ticker: &Ticker, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(ticker)
}

fn read_ticker<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Ticker, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
}

//! How fearful or greedy the trade in cryptocurrencies is, by alternative.me.

use std::collections::BTreeSet;
use std::time::Duration;

use assize_altdata::{
    Availability, Disposition, Finding, FindingKind, Gap, Item, ItemKind, MacroValue, Outcome, Query, Source,
    SourceId, SourceKind, SourceMeta,
};
use assize_transport::{RawResponse, Request};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan, tz::TimeZone};
use serde::Deserialize;
use serde_json::Value;

use crate::{address::Address, answer};

const HOUR: Duration = Duration::from_secs(3_600);
/// So many days before the as-of moment are kept.
const DAYS: i64 = 365;
/// Days of one answer; it began in 2018.
const MOST_ROWS: usize = 20_000;

/// The daily index from `api.alternative.me/fng`, from 0 (fear) to 100 (greed); the same for all tickers.
///
/// It is about **cryptocurrencies**, not about shares, so its series is named `alternative.me:crypto-fear-greed` and it is
/// off unless chosen. Format: <https://alternative.me/crypto/fear-and-greed-index/#api>. All numbers are texts. The site
/// counts days back from today, so all of them are asked for and a year before the as-of moment is kept. A day's value is
/// put up after midnight UTC, at which it is dated; within six hours, as we assume.
#[derive(Clone, Debug)]
pub struct FearGreed {
    meta: SourceMeta,
}

impl FearGreed {
    /// The name of this source.
    pub const ID: SourceId = SourceId::new("crypto-fear-greed");

    /// The name of its series.
    pub const SERIES: &'static str = "alternative.me:crypto-fear-greed";

    /// The source at one request a second.
    #[must_use]
    pub fn new() -> Self {
        let mut meta = SourceMeta::new(Self::ID, SourceKind::Macro, "api.alternative.me");
        meta.rate = Some(1.0);
        meta.ttl = 6 * HOUR;
        meta.stale_after = Some(3 * 24 * HOUR);
        meta.terms = "free with attribution to alternative.me; terms not checked".into();
        Self { meta }
    }
}

impl Default for FearGreed {
    fn default() -> Self {
        Self::new()
    }
}

#[derive(Deserialize)]
struct Answer {
    name: Option<String>,
    data: Option<Vec<Day>>,
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Day {
    value: String,
    timestamp: String,
}

impl Source for FearGreed {
    fn meta(&self) -> &SourceMeta {
        &self.meta
    }

    fn plan(&self, query: &Query) -> Result<Vec<Request>, Gap> {
        let address = Address::new("https://api.alternative.me/fng/");
        Ok(vec![address.parameter("limit", "0").parameter("format", "json").get(query, &Self::ID)?])
    }

    fn decode(&self, query: &Query, response: &RawResponse) -> Outcome {
        let answer: Answer = match answer::json(response) {
            Ok(answer) => answer,
            Err(outcome) => return outcome,
        };
        if let Some(error) = answer.metadata.error {
            let text = error.as_str().map_or_else(|| error.to_string(), str::to_owned);
            return Outcome::Unavailable(format!("it says: {}", answer::plain(&text, 120)));
        }
        if answer.name.as_deref() != Some("Fear and Greed Index") {
            let found = answer::plain(answer.name.as_deref().unwrap_or("nothing"), 60);
            return Outcome::Drift(format!("at `name`: {found} instead of `Fear and Greed Index`"));
        }
        let days = match answer.data {
            None => return Outcome::Drift("at `data`: it is missing".to_owned()),
            Some(days) if days.is_empty() => return Outcome::Empty,
            Some(days) if days.len() > MOST_ROWS => {
                return Outcome::Drift(format!("at `data`: more than {MOST_ROWS} rows"));
            }
            Some(days) => days,
        };
        let first = query.as_of().moment().to_zoned(TimeZone::UTC).date().saturating_sub(DAYS.days());
        let (mut items, mut findings) = (Vec::new(), Vec::new());
        for day in days {
            let Some((moment, date)) = dated(&day.timestamp) else {
                let text = format!("the timestamp {} is no time", answer::plain(&day.timestamp, 40));
                let kind = FindingKind::UnreadableDate;
                let finding = Finding::undated(None, kind, Disposition::Dropped, text);
                findings.push(finding.at_url(response.url()));
                continue;
            };
            let Some(value) = day.value.parse::<f64>().ok().filter(|value| (0.0..=100.0).contains(value))
            else {
                let text = format!("`{}` is no number from 0 to 100", answer::plain(&day.value, 40));
                let kind = FindingKind::UnreadableNumber;
                findings.push(Finding::on(date, kind, Disposition::Dropped, text).at_url(response.url()));
                continue;
            };
            if date < first {
                continue;
            }
            let series = Self::SERIES.to_owned();
            let kind = ItemKind::Macro(MacroValue { series, date, value, vintage: None });
            let latest = moment.checked_add(SignedDuration::from_hours(6)).unwrap_or(moment);
            let available_at =
                Availability::between(moment, latest, "put up after midnight UTC; within six hours");
            let (ticker, url) = (query.ticker(), response.url());
            items.push(Item::new(ticker, kind, &Self::ID, url, available_at, response.fetched_at()));
        }
        items.sort_by_key(|item| item.available_at.latest);
        let mut seen = BTreeSet::new();
        items.retain(|item| seen.insert(item.id));
        Outcome::Items { items, findings: Finding::list(findings) }
    }
}

fn dated(timestamp: &str) -> Option<(Timestamp, Date)> {
    let moment = Timestamp::from_second(timestamp.parse().ok()?).ok()?;
    Some((moment, moment.to_zoned(TimeZone::UTC).date()))
}

#[cfg(test)]
mod tests {
    use assize_altdata::{AsOf, conformance};
    use assize_transport::Headers;

    use super::*;

    const BODY: &str = r#"{"name":"Fear and Greed Index","data":[
        {"value":"28","value_classification":"Fear","timestamp":"1640044800","time_until_update":"62507"},
        {"value":"25","value_classification":"Extreme Fear","timestamp":"1639958400","new":1},
        {"value":"60","value_classification":"Greed","timestamp":"1600000000"}],"metadata":{"error":null}}"#;

    fn query() -> Query {
        Query::new(&"ACME".parse().unwrap(), "2021-12-31".parse::<AsOf>().unwrap())
    }

    fn decode(status: u16, body: &str) -> Outcome {
        let source = FearGreed::new();
        let request = &source.plan(&query()).unwrap()[0];
        let response =
            RawResponse::new(request, status, Headers::default(), body.to_owned(), Timestamp::UNIX_EPOCH);
        source.decode(&query(), &response)
    }

    #[test]
    fn it_keeps_the_contract() {
        conformance::check_query(&FearGreed::new(), &query(), BODY.as_bytes());
        assert!(!FearGreed::new().meta().default_on);
    }

    #[test]
    fn a_year_is_kept_and_labelled() {
        let Outcome::Items { items, findings } = decode(200, BODY) else { panic!("items") };
        assert!(findings.is_empty());
        let shown: Vec<_> = items
            .iter()
            .map(|item| match &item.kind {
                ItemKind::Macro(value) => (
                    value.series.as_str(),
                    value.date.to_string(),
                    value.value,
                    item.available_at.latest.to_string(),
                ),
                other => panic!("{other:?}"),
            })
            .collect();
        let row = |day: u8, value| {
            (FearGreed::SERIES, format!("2021-12-{day}"), value, format!("2021-12-{day}T06:00:00Z"))
        };
        assert_eq!(shown, [row(20, 25.0), row(21, 28.0)]);
    }

    #[test]
    fn what_is_no_index() {
        for (from, to, expected) in [
            (r#""error":null"#, r#""error":"no such limit""#, "Unavailable(\"it says: no such limit\")"),
            (
                "Fear and Greed Index",
                "Weather",
                "Drift(\"at `name`: Weather instead of `Fear and Greed Index`\")",
            ),
            (r#""data":"#, r#""rows":"#, "Drift(\"at `data`: it is missing\")"),
            (
                r#"{"error":null}"#,
                "null",
                "Drift(\"at `metadata`: invalid type: null, expected struct Metadata at line 4",
            ),
        ] {
            let shown = format!("{:?}", decode(200, &BODY.replace(from, to)));
            assert!(shown.starts_with(expected), "{shown}");
        }
        let Outcome::Drift(path) = decode(200, &BODY.replace(r#""value":"28""#, r#""v":"28""#)) else {
            panic!("drift")
        };
        assert!(path.starts_with("at `data[0]`: missing field `value`"), "{path}");
        for (from, to) in [(r#""25""#, r#""250""#), ("1639958400", "today")] {
            let Outcome::Items { items, findings } = decode(200, &BODY.replace(from, to)) else { panic!() };
            assert_eq!((items.len(), findings.len()), (1, 1), "{to}");
        }
        let none = r#"{"name":"Fear and Greed Index","data":[],"metadata":{}}"#;
        assert_eq!(decode(200, none), Outcome::Empty);
    }
}

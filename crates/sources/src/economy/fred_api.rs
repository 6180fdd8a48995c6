//! Economic series of the Federal Reserve Bank of St. Louis with their vintages, by its interface for programs.

use std::time::Duration;

use assize_altdata::{
    Availability, Disposition, Finding, FindingKind, Gap, GapReason, Item, ItemKind, MacroValue, Outcome,
    Query, Source, SourceId, SourceKind, SourceMeta, new_york,
};
use assize_transport::{RawResponse, Request, Secret};
use jiff::civil::Date;
use jiff::{ToSpan, tz::TimeZone};
use serde::Deserialize;

use super::DEFAULT_SERIES;
use crate::{address::Address, answer};

const HOUR: Duration = Duration::from_secs(3_600);
const YEARS: i64 = 3;
const MOST_ROWS: usize = 100_000;

/// Series from `api.stlouisfed.org/fred/series/observations`, which needs a free key.
///
/// It is asked for the values as they stood at the as-of date (`realtime_end`), each with the date from which on it stood
/// so: a figure is known by the end of that day in New York. Format:
/// <https://fred.stlouisfed.org/docs/api/fred/series_observations.html>.
#[derive(Clone, Debug)]
pub struct FredApi {
    meta: SourceMeta,
    series: Vec<String>,
    key: Option<Secret>,
}

impl FredApi {
    /// The name of this source.
    pub const ID: SourceId = SourceId::new("fred-api");

    /// The source with the same eight series as [`FredCsv`](crate::FredCsv), asked with a key if there is one.
    #[must_use]
    pub fn new(key: Option<Secret>) -> Self {
        let mut meta = SourceMeta::new(Self::ID, SourceKind::Macro, "api.stlouisfed.org");
        meta.rate = Some(2.0);
        meta.burst = 4;
        meta.ttl = 12 * HOUR;
        meta.stale_after = Some(60 * 24 * HOUR);
        meta.terms = "FRED's terms of use: a key of one's own; cite FRED and the series' owner".into();
        meta.needs_key = true;
        Self { meta, series: Vec::new(), key }.of(DEFAULT_SERIES.map(str::to_owned))
    }

    /// The same with these series, by FRED's names.
    #[must_use]
    pub fn of(mut self, series: impl IntoIterator<Item = String>) -> Self {
        self.series = series.into_iter().collect();
        self.series.sort_unstable();
        self.series.dedup();
        self
    }
}

#[derive(Deserialize)]
struct Answer {
    observations: Vec<Observation>,
}

#[derive(Deserialize)]
struct Observation {
    realtime_start: Date,
    date: Date,
    value: String,
}

#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    error_message: String,
}

impl Source for FredApi {
    fn meta(&self) -> &SourceMeta {
        &self.meta
    }

    fn plan(&self, query: &Query) -> Result<Vec<Request>, Gap> {
        let gap = |reason, detail: String| Gap::new(query.ticker(), &Self::ID, reason, detail);
        let Some(key) = &self.key else {
            let detail = "it needs a key: fred.stlouisfed.org gives one for nothing".to_owned();
            return Err(gap(GapReason::KeyMissing, detail));
        };
        let last = new_york::date(query.as_of().moment());
        let first = last.saturating_sub(YEARS.years());
        let request = |series: &String| {
            let address = Address::new("https://api.stlouisfed.org/fred/series/observations")
                .parameter("series_id", series)
                .parameter("file_type", "json")
                .parameter("observation_start", &first.to_string())
                .parameter("observation_end", &last.to_string())
                .parameter("realtime_start", &first.to_string())
                .parameter("realtime_end", &last.to_string());
            let request = address.get(query, &Self::ID)?;
            request
                .with_secret_query("api_key", key.expose())
                .map_err(|error| gap(GapReason::Failed, format!("failed to {error}")))
        };
        self.series.iter().map(request).collect()
    }

    fn decode(&self, query: &Query, response: &RawResponse) -> Outcome {
        if response.status() == 400 {
            // A key that is not registered and a series that does not exist are told apart in words alone.
            let said = answer::from_json::<Refusal>(response.body()).map(|refusal| refusal.error_message);
            return match said {
                Ok(text) if text.contains("api_key") => Outcome::KeyMissing,
                Ok(text) if text.contains("does not exist") => Outcome::NotFound,
                _ => Outcome::Unavailable("a status of 400".to_owned()),
            };
        }
        let answer: Answer = match answer::json(response) {
            Ok(answer) => answer,
            Err(outcome) => return outcome,
        };
        if answer.observations.len() > MOST_ROWS {
            return Outcome::Drift(format!("at `observations`: more than {MOST_ROWS} rows"));
        }
        let Some(series) = series_of(response) else {
            return Outcome::Drift("the address names no series".to_owned());
        };
        let (mut items, mut findings) = (Vec::new(), Vec::new());
        for observation in answer.observations {
            if observation.value == "." {
                continue;
            }
            let Some(value) = observation.value.parse::<f64>().ok().filter(|value| value.is_finite()) else {
                let text = format!("`{}` is no value", answer::plain(&observation.value, 40));
                let kind = FindingKind::UnreadableNumber;
                findings.push(
                    Finding::on(observation.date, kind, Disposition::Dropped, text).at_url(response.url()),
                );
                continue;
            };
            let vintage = observation.realtime_start;
            let named = format!("fred:{series}");
            let kind = MacroValue { series: named, date: observation.date, value, vintage: Some(vintage) };
            let (ticker, url) = (query.ticker(), response.url());
            let known = availability(vintage);
            items.push(Item::new(
                ticker,
                ItemKind::Macro(kind),
                &Self::ID,
                url,
                known,
                response.fetched_at(),
            ));
        }
        if items.is_empty() && findings.is_empty() {
            return Outcome::Empty;
        }
        items.sort_by_key(|item| item.available_at.latest);
        let mut seen = std::collections::BTreeSet::new();
        items.retain(|item| seen.insert(item.id));
        Outcome::Items { items, findings: Finding::list(findings) }
    }
}

fn availability(vintage: Date) -> Availability {
    let start =
        vintage.to_zoned(TimeZone::UTC).map_or(new_york::end_of_day(vintage), |start| start.timestamp());
    Availability::between(start, new_york::end_of_day(vintage), "the first day on which the value stood so")
}

/// The answer does not name its series; the address that was asked does.
fn series_of(response: &RawResponse) -> Option<&str> {
    let (_, parameters) = response.url().as_str().split_once('?')?;
    parameters.split('&').find_map(|parameter| parameter.strip_prefix("series_id="))
}

#[cfg(test)]
mod tests {
    use assize_altdata::{AsOf, conformance};
    use assize_ambient::Timestamp;
    use assize_transport::Headers;

    use super::*;

    const BODY: &str = r#"{"count":3,"observations":[
        {"realtime_start":"2024-06-12","realtime_end":"2024-06-27","date":"2024-05-01","value":"313.2"},
        {"realtime_start":"2024-06-27","realtime_end":"9999-12-31","date":"2024-05-01","value":"313.1","new":1},
        {"realtime_start":"2024-06-27","realtime_end":"9999-12-31","date":"2024-05-02","value":"."}]}"#;

    fn source() -> FredApi {
        FredApi::new(Some(Secret::new("k123")))
    }

    fn query() -> Query {
        Query::new(&"ACME".parse().unwrap(), "2024-08-01".parse::<AsOf>().unwrap())
    }

    fn decode(status: u16, body: &str) -> Outcome {
        let request = &source().plan(&query()).unwrap()[0];
        let response =
            RawResponse::new(request, status, Headers::default(), body.to_owned(), Timestamp::UNIX_EPOCH);
        source().decode(&query(), &response)
    }

    #[test]
    fn it_keeps_the_contract() {
        conformance::check_query(&source(), &query(), BODY.as_bytes());
    }

    #[test]
    fn the_key_is_sent_and_never_shown() {
        let request = &source().plan(&query()).unwrap()[0];
        assert!(request.expose_url().ends_with("&api_key=k123"));
        assert!(!format!("{request:?} {:?}", source()).contains("k123"));
        assert_eq!(FredApi::new(None).plan(&query()).unwrap_err().reason, GapReason::KeyMissing);
    }

    #[test]
    fn each_vintage_is_known_from_its_day_on() {
        let Outcome::Items { items, findings } = decode(200, BODY) else { panic!("items") };
        assert_eq!((items.len(), findings.len()), (2, 0));
        let shown: Vec<_> = items
            .iter()
            .map(|item| match &item.kind {
                ItemKind::Macro(value) => {
                    (value.series.as_str(), value.value, item.available_at.latest.to_string())
                }
                other => panic!("{other:?}"),
            })
            .collect();
        let at = |day: u8| format!("2024-06-{day}T03:59:59.999999999Z");
        assert_eq!(shown, [("fred:BAMLH0A0HYM2", 313.2, at(13)), ("fred:BAMLH0A0HYM2", 313.1, at(28))]);
    }

    #[test]
    fn what_it_says_against_us() {
        let said = |text: &str| decode(400, &format!(r#"{{"error_code":400,"error_message":"{text}"}}"#));
        assert_eq!(
            said("Bad Request. The value for variable api_key is not registered."),
            Outcome::KeyMissing
        );
        assert_eq!(said("Bad Request. The series does not exist."), Outcome::NotFound);
        assert!(matches!(said("?"), Outcome::Unavailable(_)));
        assert_eq!(decode(429, ""), Outcome::Throttled(None));
        assert!(matches!(decode(200, &BODY.replace("2024-06-12", "soon")), Outcome::Drift(_)));
        let Outcome::Items { findings, .. } = decode(200, &BODY.replace("313.2", "n/a")) else {
            panic!("items")
        };
        assert_eq!(findings.len(), 1);
        assert_eq!(decode(200, r#"{"observations":[]}"#), Outcome::Empty);
    }
}

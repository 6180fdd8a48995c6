//! Economic series of the Federal Reserve Bank of St. Louis, without a key.

use std::time::Duration;

use assize_altdata::{
    Disposition, Finding, FindingKind, Gap, Item, ItemKind, MacroValue, Outcome, Query, Source, SourceId,
    SourceKind, SourceMeta,
};
use assize_transport::{RawResponse, Request};
use jiff::civil::Date;
use jiff::{ToSpan, tz::TimeZone};

use super::{DEFAULT_SERIES, availability};
use crate::{address::Address, answer};

const HOUR: Duration = Duration::from_secs(3_600);
const YEARS: i64 = 3;
const MOST_ROWS: usize = 40_000;

/// Series from `fred.stlouisfed.org/graph/fredgraph.csv`, one request each: two columns, the second named for the series, a
/// dot or nothing for a day without a value.
///
/// It shows values as they are revised today and does not say since when; so each is taken as known only when its first
/// release must have been out, and a run about the past may see a revised figure. Vintages: [`FredApi`](crate::FredApi).
#[derive(Clone, Debug)]
pub struct FredCsv {
    meta: SourceMeta,
    series: Vec<String>,
}

impl FredCsv {
    /// The name of this source.
    pub const ID: SourceId = SourceId::new("fred-csv");

    /// The source with eight series: yields, the policy rate, prices, unemployment, fear and credit.
    #[must_use]
    pub fn new() -> Self {
        Self::of(DEFAULT_SERIES.map(str::to_owned))
    }

    /// The source with these series, by FRED's names.
    #[must_use]
    pub fn of(series: impl IntoIterator<Item = String>) -> Self {
        let mut meta = SourceMeta::new(Self::ID, SourceKind::Macro, "fred.stlouisfed.org");
        meta.rate = Some(1.0);
        meta.burst = 4;
        meta.ttl = 12 * HOUR;
        meta.stale_after = Some(60 * 24 * HOUR);
        meta.terms = "FRED's terms of use: cite FRED and the series' owner".into();
        meta.default_on = true;
        let mut series: Vec<String> = series.into_iter().collect();
        series.sort_unstable();
        series.dedup();
        Self { meta, series }
    }
}

impl Default for FredCsv {
    fn default() -> Self {
        Self::new()
    }
}

impl Source for FredCsv {
    fn meta(&self) -> &SourceMeta {
        &self.meta
    }

    fn plan(&self, query: &Query) -> Result<Vec<Request>, Gap> {
        let last = query.as_of().moment().to_zoned(TimeZone::UTC).date();
        let first = last.saturating_sub(YEARS.years());
        let address = |series: &String| {
            Address::new("https://fred.stlouisfed.org/graph/fredgraph.csv")
                .parameter("id", series)
                .parameter("cosd", &first.to_string())
                .parameter("coed", &last.to_string())
                .get(query, &Self::ID)
        };
        self.series.iter().map(address).collect()
    }

    fn decode(&self, query: &Query, response: &RawResponse) -> Outcome {
        if let Some(refusal) = answer::refusal(response) {
            return refusal;
        }
        let body = response.body();
        if answer::is_page(body) {
            return Outcome::DoubtfulEmpty("a page for people where a table was due".to_owned());
        }
        let Ok(text) = std::str::from_utf8(body) else {
            return Outcome::Drift("the table is not UTF-8".to_owned());
        };
        let mut lines = text.trim_start_matches('\u{feff}').lines();
        let header = lines.next().unwrap_or_default().trim_end();
        // Until 2024 the first column was named `DATE`.
        let series = match header.split_once(',') {
            Some(("observation_date" | "DATE", series))
                if self.series.iter().any(|known| known == series) =>
            {
                series
            }
            _ if header.is_empty() => {
                return Outcome::DoubtfulEmpty("an empty body with a status of success".to_owned());
            }
            _ => return Outcome::Drift(format!("the first line is `{}`", answer::plain(header, 80))),
        };
        let (mut items, mut findings) = (Vec::new(), Vec::new());
        for (n, line) in lines.enumerate() {
            if n >= MOST_ROWS {
                return Outcome::Drift(format!("more than {MOST_ROWS} rows"));
            }
            match row(line) {
                Row::Nothing => {}
                Row::Wrong(text) => {
                    let finding = Finding::undated(None, FindingKind::RaggedRow, Disposition::Dropped, text);
                    let line = u64::try_from(n).unwrap_or(u64::MAX).saturating_add(2);
                    findings.push(finding.on_line(line).at_url(response.url()));
                }
                Row::Value(date, value) => {
                    let named = format!("fred:{series}");
                    let kind = ItemKind::Macro(MacroValue { series: named, date, value, vintage: None });
                    let (ticker, url) = (query.ticker(), response.url());
                    let known = availability(series, date);
                    items.push(Item::new(ticker, kind, &Self::ID, url, known, response.fetched_at()));
                }
            }
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

enum Row {
    Nothing,
    Value(Date, f64),
    Wrong(String),
}

fn row(line: &str) -> Row {
    let line = line.trim_end();
    match line.split_once(',') {
        _ if line.is_empty() => Row::Nothing,
        Some((_, "." | "")) => Row::Nothing,
        Some((date, value)) => match (date.parse::<Date>(), value.parse::<f64>()) {
            (Ok(date), Ok(value)) if value.is_finite() => Row::Value(date, value),
            _ => Row::Wrong(format!("`{}` is no date and value", answer::plain(line, 60))),
        },
        None => Row::Wrong(format!("`{}` is no date and value", answer::plain(line, 60))),
    }
}

#[cfg(test)]
mod tests {
    use assize_altdata::{AsOf, conformance};
    use assize_ambient::Timestamp;
    use assize_transport::Headers;

    use super::*;

    const TABLE: &str =
        "observation_date,DGS10\n2024-07-01,4.48\n2024-07-02,4.43\n2024-07-04,.\n2024-07-05,\n";

    fn query() -> Query {
        Query::new(&"ACME".parse().unwrap(), "2024-08-01".parse::<AsOf>().unwrap())
    }

    fn decode(status: u16, body: &str) -> Outcome {
        let source = FredCsv::new();
        let request = &source.plan(&query()).unwrap()[0];
        let response =
            RawResponse::new(request, status, Headers::default(), body.to_owned(), Timestamp::UNIX_EPOCH);
        source.decode(&query(), &response)
    }

    #[test]
    fn it_keeps_the_contract() {
        conformance::check_query(&FredCsv::new(), &query(), TABLE.as_bytes());
    }

    #[test]
    fn one_request_a_series() {
        let plan = FredCsv::of(["DGS2", "DGS10", "DGS2"].map(str::to_owned)).plan(&query()).unwrap();
        let expected =
            "https://fred.stlouisfed.org/graph/fredgraph.csv?id=DGS10&cosd=2021-08-02&coed=2024-08-02";
        assert_eq!((plan.len(), plan[0].url().as_str()), (2, expected));
    }

    #[test]
    fn tables_and_what_is_none() {
        let Outcome::Items { items, findings } = decode(200, TABLE) else { panic!("items") };
        assert!(findings.is_empty());
        let values: Vec<_> = items
            .iter()
            .map(|item| match &item.kind {
                ItemKind::Macro(value) => (value.series.as_str(), value.date.day(), value.value),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(values, [("fred:DGS10", 1, 4.48), ("fred:DGS10", 2, 4.43)]);
        assert!(matches!(decode(200, &TABLE.replace("observation_date", "DATE")), Outcome::Items { .. }));
        let Outcome::Items { items, findings } = decode(200, &TABLE.replace("4.43", "n/a")) else { panic!() };
        assert_eq!((items.len(), findings.len(), findings[0].line), (1, 1, Some(3)));
        for (body, expected) in [
            (
                "observation_date,OTHER\n2024-07-01,1\n",
                "Drift(\"the first line is `observation_date,OTHER`\")",
            ),
            ("observation_date,DGS10\n", "Empty"),
            ("", "DoubtfulEmpty(\"an empty body with a status of success\")"),
            ("<!DOCTYPE html>", "DoubtfulEmpty(\"a page for people where a table was due\")"),
        ] {
            assert_eq!(format!("{:?}", decode(200, body)), expected);
        }
        assert_eq!(decode(404, "<html>"), Outcome::NotFound);
    }
}

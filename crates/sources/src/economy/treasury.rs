//! Yields of the United States' Treasury.

use std::time::Duration;

use assize_altdata::{
    Availability, Disposition, Finding, FindingKind, Gap, Item, ItemKind, MacroValue, Outcome, Query, Source,
    SourceId, SourceKind, SourceMeta, new_york,
};
use assize_transport::{RawResponse, Request};
use jiff::civil::Date;

use crate::{address::Address, answer};

const HOUR: Duration = Duration::from_secs(3_600);
const MOST_ROWS: usize = 400;
const MOST_COLUMNS: usize = 40;

/// Par yields by the day from `home.treasury.gov`, a table a year: this year's and the last one's.
///
/// The columns are maturities (`1 Mo` … `30 Yr`), and new ones are added over the years. A series is named for its
/// maturity: `treasury:10y`, `treasury:3m`. The yields are of about 15:30 and published by 18:00 New York.
#[derive(Clone, Debug)]
pub struct TreasuryYields {
    meta: SourceMeta,
}

impl TreasuryYields {
    /// The name of this source.
    pub const ID: SourceId = SourceId::new("treasury-yields");

    /// The source at one request a second.
    #[must_use]
    pub fn new() -> Self {
        let mut meta = SourceMeta::new(Self::ID, SourceKind::Macro, "home.treasury.gov");
        meta.rate = Some(1.0);
        meta.burst = 2;
        meta.ttl = 12 * HOUR;
        meta.stale_after = Some(6 * 24 * HOUR);
        meta.terms = "public domain".into();
        meta.default_on = true;
        Self { meta }
    }
}

impl Default for TreasuryYields {
    fn default() -> Self {
        Self::new()
    }
}

impl Source for TreasuryYields {
    fn meta(&self) -> &SourceMeta {
        &self.meta
    }

    fn plan(&self, query: &Query) -> Result<Vec<Request>, Gap> {
        let year = new_york::date(query.as_of().moment()).year();
        let request = |year: i16| {
            let start = "https://home.treasury.gov/resource-center/data-chart-center/interest-rates/daily-treasury-rates.csv";
            Address::new(format!("{start}/{year}/all"))
                .parameter("type", "daily_treasury_yield_curve")
                .parameter("field_tdr_date_value", &year.to_string())
                .parameter("_format", "csv")
                .get(query, &Self::ID)
        };
        [year.saturating_sub(1), year].into_iter().map(request).collect()
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
        let header = lines.next().unwrap_or_default();
        if header.trim().is_empty() {
            return Outcome::DoubtfulEmpty("an empty body with a status of success".to_owned());
        }
        let mut columns = header.split(',').map(|name| name.trim().trim_matches('"'));
        if columns.next() != Some("Date") {
            return Outcome::Drift(format!("the first line is `{}`", answer::plain(header, 80)));
        }
        let columns: Vec<Option<String>> = columns.take(MOST_COLUMNS).map(maturity).collect();
        if columns.iter().all(Option::is_none) {
            return Outcome::Drift(format!(
                "the first line names no maturity: `{}`",
                answer::plain(header, 80)
            ));
        }
        let (mut items, mut findings) = (Vec::new(), Vec::new());
        for (n, line) in lines.enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            if n >= MOST_ROWS {
                return Outcome::Drift(format!("more than {MOST_ROWS} rows for a year"));
            }
            let mut cells = line.split(',').map(str::trim);
            let Ok(date) = Date::strptime("%m/%d/%Y", cells.next().unwrap_or_default()) else {
                let text = format!("`{}` does not begin with a date", answer::plain(line, 60));
                let finding = Finding::undated(None, FindingKind::UnreadableDate, Disposition::Dropped, text);
                let line = u64::try_from(n).unwrap_or(u64::MAX).saturating_add(2);
                findings.push(finding.on_line(line).at_url(response.url()));
                continue;
            };
            for (maturity, cell) in columns.iter().zip(cells) {
                let Some(maturity) = maturity else { continue };
                // A maturity that was not issued on the day has nothing or `N/A`.
                let Some(value) = cell.parse::<f64>().ok().filter(|value| value.is_finite()) else {
                    continue;
                };
                let series = format!("treasury:{maturity}");
                let kind = ItemKind::Macro(MacroValue { series, date, value, vintage: None });
                let (ticker, url) = (query.ticker(), response.url());
                items.push(Item::new(
                    ticker,
                    kind,
                    &Self::ID,
                    url,
                    availability(date),
                    response.fetched_at(),
                ));
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

/// `10 Yr` is `10y`, `3 Mo` is `3m`, `1.5 Month` is `1.5m`.
fn maturity(column: &str) -> Option<String> {
    let (number, unit) = column.split_once(' ')?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let unit = match unit {
        "Yr" | "Year" => 'y',
        "Mo" | "Month" => 'm',
        _ => return None,
    };
    (is_number && number.len() <= 4).then(|| format!("{number}{unit}"))
}

fn availability(date: Date) -> Availability {
    let at = |hour, minute| new_york::moment(date.at(hour, minute, 0, 0));
    Availability::between(at(15, 30), at(20, 0), "the day's yields of 15:30; published by the evening")
}

#[cfg(test)]
mod tests {
    use assize_altdata::{AsOf, conformance};
    use assize_ambient::Timestamp;
    use assize_transport::Headers;

    use super::*;

    const TABLE: &str = "Date,\"1 Mo\",\"1.5 Month\",\"10 Yr\",\"Note\"\n\
                         07/02/2024,5.47,,4.43,x\n07/01/2024,5.47,N/A,4.48,x\n";

    fn query() -> Query {
        Query::new(&"ACME".parse().unwrap(), "2024-08-01".parse::<AsOf>().unwrap())
    }

    fn decode(status: u16, body: &str) -> Outcome {
        let source = TreasuryYields::new();
        let request = &source.plan(&query()).unwrap()[1];
        let response =
            RawResponse::new(request, status, Headers::default(), body.to_owned(), Timestamp::UNIX_EPOCH);
        source.decode(&query(), &response)
    }

    #[test]
    fn it_keeps_the_contract() {
        conformance::check_query(&TreasuryYields::new(), &query(), TABLE.as_bytes());
    }

    #[test]
    fn two_years_are_asked_for() {
        let plan = TreasuryYields::new().plan(&query()).unwrap();
        let years: Vec<bool> =
            plan.iter().zip(["2023", "2024"]).map(|(one, year)| one.url().as_str().contains(year)).collect();
        assert_eq!(years, [true, true]);
    }

    #[test]
    fn tables_and_what_is_none() {
        let Outcome::Items { items, findings } = decode(200, TABLE) else { panic!("items") };
        assert!(findings.is_empty());
        let shown: Vec<_> = items
            .iter()
            .map(|item| match &item.kind {
                ItemKind::Macro(value) => (value.series.as_str(), value.date.day(), value.value),
                other => panic!("{other:?}"),
            })
            .collect();
        let expected = [
            ("treasury:1m", 1, 5.47),
            ("treasury:10y", 1, 4.48),
            ("treasury:1m", 2, 5.47),
            ("treasury:10y", 2, 4.43),
        ];
        assert_eq!(shown, expected);
        assert_eq!(items[0].available_at.latest.to_string(), "2024-07-02T00:00:00Z");
        let Outcome::Items { items, findings } = decode(200, &TABLE.replace("07/02/2024", "2024-07-02"))
        else {
            panic!("items")
        };
        assert_eq!((items.len(), findings[0].line), (2, Some(2)));
        assert!(matches!(decode(200, "Day,10 Yr\n"), Outcome::Drift(_)));
        assert!(matches!(decode(200, "Date,Rate\n"), Outcome::Drift(_)));
        assert_eq!(decode(200, "Date,10 Yr\n"), Outcome::Empty);
        assert_eq!(decode(503, ""), Outcome::Unavailable("a status of 503".to_owned()));
    }
}

//! How much of each day's trade was sold short, from FINRA's daily files.

use std::time::Duration;

use assize_altdata::{
    Availability, Disposition, Finding, FindingKind, Gap, Item, ItemKind, Outcome, Query, ShortVolume,
    Source, SourceId, SourceKind, SourceMeta, new_york,
};
use assize_transport::{RawResponse, Request};
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use crate::{address::Address, answer};

const HOUR: Duration = Duration::from_secs(3_600);
const DAYS: usize = 10;
/// What anybody's trading is listed under, without its exchange's share.
const HEADER: &str = "Date|Symbol|ShortVolume|ShortExemptVolume|TotalVolume|Market";

/// Daily files `CNMSshvolYYYYMMDD.txt` from `cdn.finra.org`, one for each of the last ten weekdays; the same for all tickers.
///
/// It is the volume that was sold short off the exchanges, by halves and smaller parts of shares since 2026; not the
/// short interest. The last line has the number of rows: a file without it, or with another number, was cut. Of a day
/// without trade there is no file.
#[derive(Clone, Debug)]
pub struct FinraShortVolume {
    meta: SourceMeta,
}

impl FinraShortVolume {
    /// The name of this source.
    pub const ID: SourceId = SourceId::new("finra-short-volume");

    /// The source at two requests a second.
    #[must_use]
    pub fn new() -> Self {
        let mut meta = SourceMeta::new(Self::ID, SourceKind::ShortVolume, "cdn.finra.org");
        meta.rate = Some(2.0);
        meta.burst = 4;
        meta.ttl = 7 * 24 * HOUR;
        meta.stale_after = Some(6 * 24 * HOUR);
        meta.terms = "FINRA's terms: for information, not to be sold on".into();
        Self { meta }
    }
}

impl Default for FinraShortVolume {
    fn default() -> Self {
        Self::new()
    }
}

impl Source for FinraShortVolume {
    fn meta(&self) -> &SourceMeta {
        &self.meta
    }

    fn plan(&self, query: &Query) -> Result<Vec<Request>, Gap> {
        let mut days = Vec::new();
        let mut day = new_york::date(query.as_of().moment());
        while days.len() < DAYS {
            let is_known = availability(day).latest <= query.as_of().moment();
            if is_known && !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
                days.push(day);
            }
            day = day.saturating_sub(1.day());
            if day == Date::MIN {
                break;
            }
        }
        let request = |day: Date| {
            let name = format!("CNMSshvol{}.txt", day.strftime("%Y%m%d"));
            Address::new("https://cdn.finra.org/equity/regsho/daily").part(&name).get(query, &Self::ID)
        };
        days.into_iter().rev().map(request).collect()
    }

    fn decode(&self, query: &Query, response: &RawResponse) -> Outcome {
        // The store behind the site answers so for what it does not have.
        if response.status() == 403 && response.body().windows(12).any(|text| text == b"AccessDenied") {
            return Outcome::NotFound;
        }
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
        let mut lines = text.lines();
        match lines.next().map(str::trim) {
            Some(HEADER) => {}
            None | Some("") => {
                return Outcome::DoubtfulEmpty("an empty body with a status of success".to_owned());
            }
            Some(other) => {
                return Outcome::Drift(format!("the first line is `{}`", answer::plain(other, 80)));
            }
        }
        let symbol = query.ticker().as_str().replace('-', "/");
        let (mut rows, mut stated) = (0_usize, None);
        let (mut items, mut findings) = (Vec::new(), Vec::new());
        for (n, line) in lines.enumerate() {
            let line = line.trim_end();
            if !line.contains('|') {
                stated = line.parse::<usize>().ok().or(stated);
                continue;
            }
            rows += 1;
            let mut cells = line.split('|');
            let date = cells.next().unwrap_or_default();
            if cells.next() != Some(symbol.as_str()) {
                continue;
            }
            let number =
                |text: Option<&str>| text?.parse::<f64>().ok().filter(|v| v.is_finite() && *v >= 0.0);
            let read = (
                Date::strptime("%Y%m%d", date).ok(),
                number(cells.next()),
                number(cells.next()),
                number(cells.next()),
            );
            let (Some(date), Some(short), Some(exempt), Some(total)) = read else {
                let text = format!("`{}` has no date or not three numbers", answer::plain(line, 80));
                let finding = Finding::undated(None, FindingKind::RaggedRow, Disposition::Dropped, text);
                let line = u64::try_from(n).unwrap_or(u64::MAX).saturating_add(2);
                findings.push(finding.on_line(line).at_url(response.url()));
                continue;
            };
            let kind = ItemKind::ShortVolume(ShortVolume { date, short, exempt, total });
            let (ticker, url) = (query.ticker(), response.url());
            items.push(Item::new(ticker, kind, &Self::ID, url, availability(date), response.fetched_at()));
        }
        match stated {
            Some(stated) if stated == rows => {}
            Some(stated) => {
                return Outcome::Drift(format!("{rows} rows, and its last line says {stated}: it was cut"));
            }
            None => {
                return Outcome::Drift(
                    "the last line does not say how many rows there are: it was cut".to_owned(),
                );
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

fn availability(date: Date) -> Availability {
    let at = |hour| new_york::moment(date.at(hour, 0, 0, 0));
    Availability::between(at(18), new_york::end_of_day(date), "published in the evening of the day")
}

#[cfg(test)]
mod tests {
    use assize_altdata::{AsOf, conformance};
    use assize_ambient::Timestamp;
    use assize_transport::Headers;

    use super::*;

    fn table(rows: &str, count: &str) -> String {
        format!("{HEADER}\n{rows}{count}")
    }

    const ROWS: &str = "20260702|AA|2551427.692872|67707.208540|4489378.153460|B,Q,N\n\
                        20260702|ACME|10.5|0|20|B,Q,N\n20260702|BRK/B|1|0|2|N\n";

    fn query(ticker: &str) -> Query {
        Query::new(&ticker.parse().unwrap(), "2026-07-06".parse::<AsOf>().unwrap())
    }

    fn decode_for(ticker: &str, status: u16, body: &str) -> Outcome {
        let source = FinraShortVolume::new();
        let request = &source.plan(&query(ticker)).unwrap()[0];
        let response =
            RawResponse::new(request, status, Headers::default(), body.to_owned(), Timestamp::UNIX_EPOCH);
        source.decode(&query(ticker), &response)
    }

    #[test]
    fn it_keeps_the_contract() {
        let body = table(ROWS, "3\n");
        conformance::check_query(&FinraShortVolume::new(), &query("ACME"), body.as_bytes());
    }

    #[test]
    fn weekdays_that_are_over_are_asked_for() {
        let plan = FinraShortVolume::new().plan(&query("ACME")).unwrap();
        let days: Vec<&str> = plan
            .iter()
            .map(|one| one.url().as_str().rsplit_once("shvol").unwrap().1.trim_end_matches(".txt"))
            .collect();
        assert_eq!((days.len(), days[0], days[8], days[9]), (10, "20260623", "20260703", "20260706"));
        let at_noon = Query::new(&"ACME".parse().unwrap(), AsOf::at("2026-07-06T16:00:00Z".parse().unwrap()));
        let plan = FinraShortVolume::new().plan(&at_noon).unwrap();
        assert!(plan[9].url().as_str().ends_with("20260703.txt"), "Monday's is not there at noon");
    }

    #[test]
    fn a_row_is_found_and_a_cut_file_is_told() {
        let sold = |ticker: &str| match decode_for(ticker, 200, &table(ROWS, "3\n")) {
            Outcome::Items { items, .. } => match &items[0].kind {
                ItemKind::ShortVolume(sold) => (sold.short, sold.total),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        };
        assert_eq!((sold("ACME"), sold("BRK-B")), ((10.5, 20.0), (1.0, 2.0)));
        assert_eq!(decode_for("KO", 200, &table(ROWS, "3")), Outcome::Empty);
        for (body, why) in [
            (table(ROWS, "4\n"), "3 rows, and its last line says 4: it was cut"),
            (table(ROWS, ""), "the last line does not say how many rows there are: it was cut"),
            ("Date|Symbol\n".to_owned(), "the first line is `Date|Symbol`"),
        ] {
            assert_eq!(decode_for("ACME", 200, &body), Outcome::Drift(why.to_owned()));
        }
        let ragged = table(&ROWS.replace("10.5", "ten"), "3");
        let Outcome::Items { items, findings } = decode_for("ACME", 200, &ragged) else { panic!("findings") };
        assert_eq!((items.len(), findings[0].line), (0, Some(3)));
        assert_eq!(decode_for("ACME", 403, "<Error><Code>AccessDenied</Code></Error>"), Outcome::NotFound);
    }
}

//! Tables of daily prices.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
    sync::Arc,
};

use assize_altdata::{AsOf, FetchPolicy, PriceSeries, Ticker};
use assize_ambient::Clock;
use assize_analysts::bar_evidence;

use super::{Brought, failed};
use crate::{Error, PriceFolder};

/// As many of the newest bars of a price table become evidence.
const NEWEST_BARS: usize = 504;
/// A longer header is none.
const MAX_HEADER_BYTES: u64 = 64 << 10;
/// What a price table calls its days and its closes, letters and digits alone.
const DAYS: [&str; 7] = ["date", "datetime", "day", "timestamp", "time", "tradedate", "tradingday"];
const CLOSES: [&str; 4] = ["close", "closeprice", "closelast", "last"];

/// Whether a table holds daily prices, as its header says; an empty one is taken for one.
pub(super) fn is_table(path: &Path) -> Result<bool, Error> {
    if !path.is_file() {
        return Err(failed(path, "there is no such file"));
    }
    let mut header = Vec::new();
    let read = File::open(path)
        .and_then(|file| BufReader::new(file.take(MAX_HEADER_BYTES)).read_until(b'\n', &mut header));
    read.map_err(|e| failed(path, e))?;
    let header = String::from_utf8_lossy(&header).to_lowercase();
    let names: Vec<String> = header
        .split([',', ';', '\t', '|'])
        .map(|name| name.chars().filter(char::is_ascii_alphanumeric).collect())
        .collect();
    let has = |known: &[&str]| names.iter().any(|name| known.contains(&name.as_str()));
    Ok(header.trim().is_empty() || (has(&DAYS) && has(&CLOSES)))
}

pub(super) async fn read(path: &Path, as_of: AsOf, clock: Arc<dyn Clock>) -> Result<Brought, Error> {
    let failed = |detail: String| failed(path, detail);
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return Err(failed("its name is not text".to_owned()));
    };
    let ticker =
        ticker_of(name).ok_or_else(|| failed("its name holds no ticker; call it KO.csv, say".to_owned()))?;
    // Only this file: its neighbours may be about the same ticker.
    let folder = PriceFolder::open(folder, Arc::clone(&clock))?.only(name);
    let policy = FetchPolicy::within(std::time::Duration::from_secs(60));
    let fetched = folder.fetcher(clock).fetch(std::slice::from_ref(&ticker), as_of, policy).await;
    let Some(fetch) = fetched.by_ticker.into_iter().next() else {
        return Err(failed("nothing was fetched".to_owned()));
    };
    let series = PriceSeries::build(&fetch.items, &as_of);
    if series.bars().is_empty() {
        let gaps: Vec<String> = fetch.gaps.iter().map(|gap| gap.detail.clone()).collect();
        return Err(failed(if gaps.is_empty() {
            "it holds no usable bar".to_owned()
        } else {
            gaps.join("; ")
        }));
    }
    let mut notes: Vec<String> = fetch.gaps.iter().map(|gap| format!("{ticker}: {}", gap.detail)).collect();
    let findings = fetch.findings.len() + series.findings().len();
    if findings > 0 {
        let first = fetch
            .findings
            .iter()
            .chain(series.findings())
            .next()
            .map(ToString::to_string)
            .unwrap_or_default();
        notes.push(format!("{findings} finding(s) in {name}, the first: {first}"));
    }
    Ok(Brought { evidence: bar_evidence(&series, NEWEST_BARS), notes })
}

/// The ticker that a file's name suggests.
fn ticker_of(name: &str) -> Option<Ticker> {
    assize_sources::CsvFolder::new(vec![name.to_owned()]).tickers().into_iter().next()
}

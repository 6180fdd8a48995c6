//! Files that a debate may cite.

use std::{path::Path, sync::Arc};

use assize_altdata::{AsOf, FetchPolicy, PriceSeries, Ticker};
use assize_ambient::Clock;
use assize_analysts::bar_evidence;
use assize_debate::Evidence;
use serde_json::Value;

use crate::{Error, ErrorKind, PriceFolder, text_file};

/// As many of the newest bars of a price table become evidence.
const NEWEST_BARS: usize = 504;

/// What a file brought: evidence, and what is to be said about it.
#[derive(Debug, Default)]
pub(crate) struct Brought {
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) notes: Vec<String>,
}

/// Reads a file of evidence: a daily price table (`.csv`), one item a line (`.jsonl`), or a text (`.md`, `.txt`).
pub(crate) async fn read(path: &Path, as_of: AsOf, clock: Arc<dyn Clock>) -> Result<Brought, Error> {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
    match extension.as_str() {
        "csv" => price_table(path, as_of, clock).await,
        "jsonl" => items(path, &text_of(path)?, as_of),
        "md" | "txt" => {
            Ok(Brought { evidence: vec![document(path, text_of(path)?, as_of)?], notes: Vec::new() })
        }
        _ => Err(Error::bad_request(format!("read the evidence {}: its kind is not known", path.display()))
            .with_hint(
                "evidence is a daily price table (.csv), one item a line (.jsonl), or a text (.md, .txt)",
            )),
    }
}

fn text_of(path: &Path) -> Result<String, Error> {
    text_file::read("evidence", path)
}

async fn price_table(path: &Path, as_of: AsOf, clock: Arc<dyn Clock>) -> Result<Brought, Error> {
    let failed =
        |detail: String| Error::bad_request(format!("read the evidence {}: {detail}", path.display()));
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return Err(failed("its name is not text".to_owned()));
    };
    if !path.is_file() {
        return Err(failed("there is no such file".to_owned()));
    }
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

/// One item of evidence a line; what could not be known on the as-of date is left out, and counted.
fn items(path: &Path, text: &str, as_of: AsOf) -> Result<Brought, Error> {
    let mut brought = Brought::default();
    let mut later = 0;
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let evidence: Evidence = serde_json::from_str(line).map_err(|e| {
            Error::caused(ErrorKind::BadRequest, format!("read the evidence {}, line {number}", path.display()), e)
                .with_hint("a line is a JSON object with id, kind, subject, source, available_at, text and, for bars, data")
        })?;
        if evidence.available_at <= as_of.moment() {
            brought.evidence.push(evidence);
        } else {
            later += 1;
        }
    }
    if later > 0 {
        brought.notes.push(format!(
            "{later} item(s) of {} could not be known by {as_of} and are left out",
            path.display()
        ));
    }
    Ok(brought)
}

/// A text, whole, as one item that was known all along: whoever gives it says so.
fn document(path: &Path, text: String, as_of: AsOf) -> Result<Evidence, Error> {
    if text.trim().is_empty() {
        return Err(Error::bad_request(format!("read the evidence {}: it is empty", path.display())));
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let id = assize_debate::EvidenceId::of_content(&[&name, &text]);
    Ok(Evidence {
        id,
        kind: "text".to_owned(),
        subject: name.clone(),
        source: name,
        available_at: as_of.moment(),
        text,
        data: Value::Null,
        held_by: None,
    })
}

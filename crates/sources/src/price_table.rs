//! A table of daily prices as text: from bytes to bars, with everything that was wrong on the way.
//!
//! Nothing said about a day depends on rows of later days: rows are judged in the order of their dates, each by those
//! before it, and whatever depends on the order of the file is dated by the later of the rows concerned.

use assize_altdata::{DailyBar, Disposition, Finding, FindingKind, Item, Known, Outcome, SourceId, Ticker};
use assize_transport::RawResponse;
use jiff::civil::Date;

use self::columns::Columns;
use self::row::Row;

mod columns;
mod dates;
mod events;
mod judge;
mod lines;
mod numbers;
mod order;
mod row;

const MOST_BYTES: usize = 64 * 1024 * 1024;
const MOST_ROWS: usize = 200_000;

/// Something wrong, not yet with its place.
#[derive(Clone, Debug, PartialEq)]
struct Defect {
    kind: FindingKind,
    text: String,
}

impl Defect {
    fn new(kind: FindingKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }
}

/// Reads a table of prices of `ticker`.
///
/// What concerns the file as a whole, which rows of later days can't change, is an outcome of its own: no header at all
/// ([`Outcome::Empty`]), or one of no price table ([`Outcome::Drift`], also for the limits). A table without rows, or with
/// rows of which none has a date, has no items, and findings that nobody can date: that is how a table with nothing but
/// later rows looks after the as-of cut, and it must look the same.
pub(crate) fn read(ticker: &Ticker, source: &SourceId, response: &RawResponse) -> Outcome {
    let body: &[u8] = response.body();
    if body.len() > MOST_BYTES {
        return Outcome::Drift(format!("it is larger than {MOST_BYTES} bytes"));
    }
    if body.starts_with(b"\xff\xfe") || body.starts_with(b"\xfe\xff") {
        return Outcome::Drift("it is UTF-16 text; save it as UTF-8".to_owned());
    }
    let mut lines = lines::lines(body);
    let Some((line, header)) = lines.next() else { return Outcome::Empty };
    let columns = match Columns::read(&header) {
        Ok(columns) => columns.on_line(line),
        Err(found) => return Outcome::Drift(found),
    };
    let mut rows = Vec::new();
    for (line, text) in lines {
        if rows.len() == MOST_ROWS {
            return Outcome::Drift(format!("it has more than {MOST_ROWS} rows"));
        }
        rows.push(row::read(&columns, line, &text));
    }
    let (bars, mut findings) = judge_all(&columns, rows);
    // The order is one of dates, so that later rows displace nothing.
    findings.sort_by_key(|finding| (finding.known_by().is_none(), finding.known_by(), finding.line));
    let findings = findings.into_iter().map(|finding| finding.at_url(response.url())).collect();
    let item = |bar| Item::bar(ticker, bar, source, response.url(), response.fetched_at());
    Outcome::Items { items: bars.into_iter().map(item).collect(), findings }
}

fn judge_all(columns: &Columns, rows: Vec<Row>) -> (Vec<DailyBar>, Vec<Finding>) {
    let order = order::Order::of(&rows);
    let mut findings: Vec<Finding> = Vec::new();
    for note in columns.notes() {
        let text = note.text.clone();
        findings.push(
            Finding::undated(order.first_date(), note.kind, Disposition::Kept, text).on_line(columns.line()),
        );
    }
    findings.extend(order.out_of_order(&rows));
    for (row, known_from) in order.undated(&rows) {
        if let Err(defect) = &row.bar {
            let text = defect.text.clone();
            findings.push(
                Finding::undated(known_from, defect.kind, Disposition::Dropped, text).on_line(row.line),
            );
        }
    }
    let mut dated: Vec<(Date, Row)> = rows.into_iter().filter_map(|row| Some((row.date?, row))).collect();
    dated.sort_by_key(|(date, row)| (*date, row.line));
    let mut judge = judge::Judge::default();
    for (date, row) in dated {
        judge.hear(date, row);
    }
    let (bars, judged) = judge.rest();
    findings.extend(judged);
    (bars, findings)
}

#[cfg(test)]
mod tests;

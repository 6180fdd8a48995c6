//! A folder of daily prices, a CSV file or several for each ticker.

use std::time::Duration;

use assize_altdata::{Gap, GapReason, Outcome, Query, Source, SourceId, SourceKind, SourceMeta, Ticker};
use assize_transport::{RawResponse, Request, Url};

use self::names::{Choice, FileName};
use crate::{answer, price_table};

mod names;

const DAY: Duration = Duration::from_secs(86_400);

/// Daily prices from CSV files in one folder.
///
/// **Which file.** For a ticker such as `KO`, in this order of preference: a file of exactly that name (`ko.csv`); one
/// whose first word is the ticker (`KO_daily.csv`); one with the ticker in capitals among its words
/// (`download_KO_prices.csv`). Words are separated by `_`, `-`, a space or a dot; a share class or an exchange stays with
/// its ticker (`BRK-B`, `AET.L`). Files of the same rank whose other words are only years, dates or `daily` are read as
/// one table; otherwise it is not clear which is meant, and the gap names them.
///
/// **Which tables.** A header with at least a date and a close, in any order and case: open, high, low, volume, adjusted
/// close, dividend, split are read where they are there, other columns are ignored with a finding. Commas, semicolons,
/// tabs or bars between columns; UTF-8 with or without byte-order mark; dates as `2014-01-02`, `2014/01/02` or `20140102`,
/// also with a time behind; `01/02/2014` is refused, since it can be two days. Any order of rows.
///
/// **What is wrong** is reported row by row, as [`assize_altdata::Finding`]s. Every judgement about a row uses rows of
/// earlier days only, so that later rows change nothing.
///
/// A dividend or split of a row whose price can't be used is counted on the next day that can be used.
///
/// **Nothing there.** A table without a row that was known by the as-of moment is one gap in one wording, whether it has
/// no rows, only later ones, or none with a date that can be read. A file of no bytes, and one whose header is not that of
/// a price table, are told apart from it, since no later row could have changed them.
///
/// **Limits.** 64 MiB a file, 200,000 rows, 64 columns: a table beyond them is refused whole rather than cut silently. The
/// first two count rows of all days.
#[derive(Clone, Debug)]
pub struct CsvFolder {
    meta: SourceMeta,
    files: Vec<FileName>,
}

impl CsvFolder {
    /// The name of this source.
    pub const ID: SourceId = SourceId::new("csv-folder");

    /// A folder with these file names. Whoever has the folder passes its listing; names that do not end in `.csv` are
    /// ignored.
    #[must_use]
    pub fn new(file_names: Vec<String>) -> Self {
        let mut files: Vec<FileName> = file_names.into_iter().filter_map(FileName::read).collect();
        files.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        files.dedup_by(|one, other| one.name == other.name);
        let mut meta = SourceMeta::new(Self::ID, SourceKind::Prices, "file");
        meta.burst = 64;
        meta.stale_after = Some(7 * DAY);
        meta.terms = "files of the user's own".into();
        meta.default_on = true;
        Self { meta, files }
    }

    /// The tickers that the folder seems to offer, sorted, each once: for each file the one that its name suggests.
    #[must_use]
    pub fn tickers(&self) -> Vec<Ticker> {
        let mut tickers: Vec<Ticker> = self.files.iter().filter_map(FileName::suggested).collect();
        tickers.sort_unstable();
        tickers.dedup();
        tickers
    }

    fn unknown(&self, ticker: &Ticker) -> String {
        const NAMED: usize = 20;
        let tickers = self.tickers();
        if tickers.is_empty() {
            return format!("the folder has no file for {ticker}; it has no price table (*.csv) at all");
        }
        let named: Vec<&str> = tickers.iter().take(NAMED).map(Ticker::as_str).collect();
        let rest = match tickers.len().saturating_sub(NAMED) {
            0 => String::new(),
            rest => format!(" and {rest} more"),
        };
        format!("the folder has no file for {ticker}; it has {}{rest}", named.join(", "))
    }
}

impl Source for CsvFolder {
    fn meta(&self) -> &SourceMeta {
        &self.meta
    }

    fn plan(&self, query: &Query) -> Result<Vec<Request>, Gap> {
        let ticker = query.ticker();
        let gap = |reason, detail: String| Gap::new(ticker, &Self::ID, reason, detail);
        match names::choose(&self.files, ticker) {
            Choice::Nothing => Err(gap(GapReason::NoSuchTicker, self.unknown(ticker))),
            Choice::Files(files) => files
                .into_iter()
                .map(|file| Url::file(&file.name).map(Request::get))
                .collect::<Result<_, _>>()
                .map_err(|error| gap(GapReason::Failed, format!("failed to {error}"))),
            Choice::Unclear(files) => {
                let named: Vec<String> =
                    files.iter().take(5).map(|file| format!("`{}`", file.name)).collect();
                let rest = if files.len() > 5 { " …" } else { "" };
                let detail = format!(
                    "several files could be meant: {}{rest}; keep one of them, or name it {ticker}.csv",
                    named.join(", ")
                );
                Err(gap(GapReason::Ambiguous, detail))
            }
        }
    }

    fn decode(&self, query: &Query, response: &RawResponse) -> Outcome {
        answer::refusal(response).unwrap_or_else(|| price_table::read(query.ticker(), &Self::ID, response))
    }
}

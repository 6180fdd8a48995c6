//! Which column is which.

use assize_altdata::FindingKind;

use super::Defect;
use super::lines::{fields, quoted};

pub(super) const MOST_COLUMNS: usize = 64;
const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];

/// The columns of a table, by their places.
#[derive(Debug)]
pub(super) struct Columns {
    line: u64,
    pub(super) delimiter: char,
    pub(super) width: usize,
    pub(super) date: usize,
    pub(super) close: usize,
    pub(super) open: Option<usize>,
    pub(super) high: Option<usize>,
    pub(super) low: Option<usize>,
    pub(super) volume: Option<usize>,
    pub(super) adjusted: Option<usize>,
    pub(super) dividend: Option<usize>,
    pub(super) split: Option<usize>,
    notes: Vec<Defect>,
}

const NAMES: [(&str, &[&str]); 9] = [
    ("date", &["date", "datetime", "day", "timestamp", "time", "tradedate", "tradingday"]),
    ("open", &["open", "openprice"]),
    ("high", &["high", "highprice"]),
    ("low", &["low", "lowprice"]),
    ("close", &["close", "closeprice", "closelast", "last"]),
    ("volume", &["volume", "vol"]),
    ("adjusted", &["adjclose", "adjustedclose", "adjcloseprice", "closeadj", "adjusted"]),
    ("dividend", &["dividend", "dividends", "dividendamount", "divcash"]),
    (
        "split",
        &["split", "splits", "stocksplit", "stocksplits", "splitratio", "splitfactor", "splitcoefficient"],
    ),
];

impl Columns {
    /// Reads the header. The error says what was found instead of one.
    pub(super) fn read(header: &str) -> Result<Self, String> {
        let seen = || quoted(header, 120);
        let delimiter = DELIMITERS
            .into_iter()
            .rev()
            .max_by_key(|delimiter| header.matches(*delimiter).count())
            .unwrap_or(',');
        let names = fields(header, delimiter, MOST_COLUMNS + 1)
            .ok_or_else(|| format!("a quotation mark in the header {} does not end", seen()))?;
        if names.len() > MOST_COLUMNS {
            return Err(format!("its header has more than {MOST_COLUMNS} columns: {}", seen()));
        }
        let mut places = [None; NAMES.len()];
        let (mut unknown, mut notes) = (Vec::new(), Vec::new());
        for (place, name) in names.iter().enumerate() {
            let plain: String =
                name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
            match NAMES.iter().position(|(_, spellings)| spellings.contains(&plain.as_str())) {
                Some(known) if places[known].is_none() => places[known] = Some(place),
                Some(_) => notes.push(Defect::new(
                    FindingKind::Column,
                    format!("the column {} stands there twice; the first is used", quoted(name, 40)),
                )),
                None => unknown.push(quoted(name, 40)),
            }
        }
        let [date, open, high, low, close, volume, adjusted, dividend, split] = places;
        let (Some(date), Some(close)) = (date, close) else {
            return Err(format!("its header is {}; a price table needs at least Date and Close", seen()));
        };
        if !unknown.is_empty() {
            let text = format!("columns that are not known are ignored: {}", unknown.join(", "));
            notes.push(Defect::new(FindingKind::Column, text));
        }
        let missing: Vec<&str> = [("open", open), ("high", high), ("low", low)]
            .into_iter()
            .filter_map(|(name, place)| place.is_none().then_some(name))
            .collect();
        if !missing.is_empty() {
            let text = format!("no column for {}: the close stands in for it", missing.join(", "));
            notes.push(Defect::new(FindingKind::Column, text));
        }
        let width = names.len();
        Ok(Self {
            line: 1,
            delimiter,
            width,
            date,
            close,
            open,
            high,
            low,
            volume,
            adjusted,
            dividend,
            split,
            notes,
        })
    }

    /// The same columns, with the line that the header stands on.
    pub(super) fn on_line(mut self, line: u64) -> Self {
        self.line = line;
        self
    }

    /// The line that the header stands on.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// What is to be said about the header.
    pub(super) fn notes(&self) -> &[Defect] {
        &self.notes
    }
}

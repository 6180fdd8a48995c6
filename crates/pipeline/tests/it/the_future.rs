//! Rows after the as-of date, sound or dirty, before or behind the others, change nothing in what a brief says.

use std::collections::BTreeSet;

use assize_ambient::{Chance, Seed};
use assize_pipeline::Brief;
use jiff::{
    Span,
    civil::{Date, Weekday, date},
};
use proptest::prelude::*;

use crate::desk::{Desk, only, request, words};

/// Headers as they occur; each name's first letter says what stands in the column.
const HEADERS: [&[&str]; 6] = [
    &["Date", "Open", "High", "Low", "Close", "Volume"],
    &["Date", "Open", "High", "Low", "Close", "Volume", "Adj Close"],
    &["Adj Close", "Volume", "Close", "Low", "High", "Open", "Date"],
    &["date", "open", "high", "low", "close", "volume", "dividend", "split"],
    &["Close", "Date", "Remark"],
    &["Date", "Close", "Stock Splits", "Dividends", "Adj Close"],
];

/// A table with rows up to a day, and others after it.
#[derive(Debug, Clone)]
struct Table {
    header: &'static [&'static str],
    delimiter: char,
    descending: bool,
    past: usize,
    future: usize,
    /// The share of rows with something wrong.
    dirt: f64,
    seed: u64,
}

fn tables() -> impl Strategy<Value = Table> {
    let form = (prop::sample::select(&HEADERS[..]), prop::sample::select(vec![',', ';']), any::<bool>());
    let rows = (1..220_usize, 1..40_usize, prop::sample::select(vec![0.0, 0.1, 0.4]), any::<u64>());
    (form, rows).prop_map(|((header, delimiter, descending), (past, future, dirt, seed))| Table {
        header,
        delimiter,
        descending,
        past,
        future,
        dirt,
        seed,
    })
}

/// One day's figures.
struct Figures {
    date: String,
    close: f64,
    adjusted: f64,
    dividend: String,
    split: String,
}

impl Table {
    /// The rows up to the as-of date, which comes with them, and the rows after it; both in the order of dates.
    fn rows(&self) -> (Vec<String>, Date, Vec<String>) {
        let mut chance = Seed::new(self.seed).rng();
        let mut day = date(2001, 1, 1);
        let (mut log, mut adjusted) = (4.0, 1.0);
        let mut rows = |n: usize, chance: &mut Chance, first_is_sound: bool| {
            let mut rows: Vec<String> = Vec::new();
            let (mut first, mut last) = (None, day);
            while rows.len() < n {
                day = day.checked_add(Span::new().days(1)).expect("a day");
                let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
                if weekend && !chance.happens(self.dirt / 4.0) {
                    continue;
                }
                log += 0.0005 + 0.015 * chance.normal();
                adjusted *= 1.0 + 0.001 * chance.unit();
                let close = (log.exp() * 100.0).round() / 100.0;
                let dirty = chance.happens(self.dirt) && !(rows.is_empty() && first_is_sound);
                rows.extend(self.day(day, close, close * adjusted, dirty, chance));
                first = first.or(Some(day));
                last = day;
            }
            (rows, last)
        };
        let (past, as_of) = rows(self.past, &mut chance, true);
        let (future, _) = rows(self.future, &mut chance, false);
        (past, as_of, future)
    }

    /// The line or lines of a day.
    fn day(&self, day: Date, close: f64, adjusted: f64, dirty: bool, chance: &mut Chance) -> Vec<String> {
        let event = |chance: &mut Chance, text: &str| {
            if chance.happens(0.05) { text.to_owned() } else { "0".to_owned() }
        };
        let (dividend, split) = (event(chance, "0.25"), event(chance, "2"));
        let sound = Figures { date: day.to_string(), close, adjusted, dividend, split };
        if !dirty {
            return vec![self.line(&sound)];
        }
        let with = |change: &dyn Fn(&mut Figures)| {
            let mut figures =
                Figures { date: day.to_string(), dividend: "0".to_owned(), split: "0".to_owned(), ..sound };
            change(&mut figures);
            vec![self.line(&figures)]
        };
        let plain = self.line(&sound);
        match chance.below(14) {
            0 => with(&|f| f.close = -f.close),
            1 => with(&|f| f.close *= 100.0),
            2 => with(&|f| f.adjusted = 0.0),
            3 => with(&|f| f.split = "-3".to_owned()),
            4 => with(&|f| f.dividend = "1e9".to_owned()),
            5 => with(&|f| f.split = "50".to_owned()),
            6 => with(&|f| f.date = format!("{:02}/{:02}/{}", day.month(), day.day(), day.year())),
            7 => with(&|f| f.date = format!("{day} 16:00:00")),
            8 => vec![plain.clone(), plain],
            9 => vec![plain, with(&|f| f.close += 1.0).remove(0)],
            10 => vec![format!("{plain}{0}1{0}2", self.delimiter)],
            11 => vec![plain.replacen(|c: char| c.is_ascii_digit(), "\"", 1)],
            12 => vec!["Total;,of the year".to_owned(), plain],
            _ => vec![plain.replace('.', "n/a")],
        }
    }

    fn line(&self, figures: &Figures) -> String {
        let Figures { date, close, adjusted, dividend, split } = figures;
        let column = |name: &&str| match *name {
            "Date" | "date" => date.clone(),
            "High" | "high" => format!("{:.2}", close + 0.5),
            "Low" | "low" => format!("{:.2}", close - 0.25),
            "Volume" | "volume" => format!("{:.0}", 1e5 + close),
            "Adj Close" => format!("{adjusted:.6}"),
            "dividend" | "Dividends" => dividend.clone(),
            "split" | "Stock Splits" => split.clone(),
            "Remark" => "–".to_owned(),
            _ => format!("{close:.2}"),
        };
        self.join(&self.header.iter().map(column).collect::<Vec<_>>())
    }

    fn join(&self, fields: &[String]) -> String {
        fields.join(&self.delimiter.to_string())
    }

    /// The file's bytes.
    fn file(&self, mut rows: Vec<String>) -> Vec<u8> {
        if self.descending {
            rows.reverse();
        }
        let header = self.join(&self.header.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        let mut text = std::iter::once(header).chain(rows).collect::<Vec<_>>().join("\n");
        text.push('\n');
        text.into_bytes()
    }
}

fn brief(file: Vec<u8>, as_of: Date) -> Brief {
    Desk::with_files([("X.csv", file)]).made(&request(&["X"], &as_of.to_string()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_comes_later_changes_nothing(table in tables()) {
        let (past, as_of, future) = table.rows();
        let known = brief(table.file(past.clone()), as_of);
        prop_assert!(only(&known).bars > 0, "the first row is sound");
        let whole = brief(table.file(past.into_iter().chain(future).collect()), as_of);
        let ((markdown, html, json), (markdown_of_whole, html_of_whole, json_of_whole)) = (words(&known), words(&whole));
        prop_assert_eq!(json, json_of_whole);
        prop_assert_eq!(markdown, markdown_of_whole);
        prop_assert_eq!(html, html_of_whole);
    }
}

/// What the property rests on: its tables are debated, and their dirt is found.
#[test]
fn the_tables_are_worth_it() {
    let mut kinds = BTreeSet::new();
    let (mut decided, mut rounds) = (0, 0);
    for seed in 0..24 {
        let header = HEADERS[usize::try_from(seed).expect("a few") % HEADERS.len()];
        let descending = seed % 2 == 1;
        let table = Table { header, delimiter: ',', descending, past: 200, future: 1, dirt: 0.2, seed };
        let (past, as_of, _) = table.rows();
        let brief = brief(table.file(past), as_of);
        kinds.extend(only(&brief).findings.iter().map(|finding| finding.kind));
        decided += u32::from(only(&brief).decision.is_some());
        rounds += only(&brief).verdict.as_ref().map_or(0, |verdict| verdict.rounds);
    }
    assert!(decided > 18 && rounds > 30, "{decided} decisions, {rounds} rounds");
    assert!(kinds.len() >= 12, "{kinds:?}");
}

/// In a file that runs backwards the numbers of lines depend on what comes later: a brief must not name them.
#[test]
fn nothing_counts_the_lines_of_a_file_that_runs_backwards() {
    let day = |n: i64| date(2001, 1, 1).checked_add(Span::new().days(n)).expect("a day");
    let unit = |n: i64| if n < 20 { "10" } else { "1000" };
    let unreadable = |n: i64| if n < 40 { "x" } else { "1" };
    for close in [&unit as &dyn Fn(i64) -> &'static str, &unreadable] {
        let file = |rows: i64| {
            let rows: String = (0..rows).rev().map(|n| format!("{},{}\n", day(n), close(n))).collect();
            format!("Date,Close\n{rows}").into_bytes()
        };
        let known = brief(file(40), day(39));
        assert!(!only(&known).findings.is_empty() || !only(&known).shortfalls.is_empty());
        assert_eq!(words(&brief(file(50), day(39))), words(&known));
    }
}

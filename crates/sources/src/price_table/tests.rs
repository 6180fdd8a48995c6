//! Hostile bytes, limits, and the property that later rows change nothing.

use assize_altdata::{AsOf, PriceSeries};
use assize_ambient::Timestamp;
use assize_transport::{Headers, Request, Url};
use jiff::civil::date;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

fn decode(body: impl Into<Vec<u8>>) -> Outcome {
    let request = Request::get(Url::file("TEST.csv").unwrap());
    let response = RawResponse::new(&request, 200, Headers::default(), body.into(), Timestamp::UNIX_EPOCH);
    read(&"TEST".parse().unwrap(), &SourceId::new("test"), &response)
}

fn parts(outcome: Outcome) -> (Vec<Item>, Vec<Finding>) {
    match outcome {
        Outcome::Items { items, findings } => (items, findings),
        _ => (Vec::new(), Vec::new()),
    }
}

fn check_drift(body: impl Into<Vec<u8>>, part: &str) {
    let Outcome::Drift(found) = decode(body) else { panic!("no drift, but {part} was expected") };
    assert!(found.contains(part), "{found}");
}

#[test]
fn limits() {
    let mut rows = "Date,Close\n".to_owned();
    rows.push_str(&"2024-01-02,10\n".repeat(MOST_ROWS));
    let (items, findings) = parts(decode(rows.clone()));
    assert_eq!((items.len(), findings.len()), (1, MOST_ROWS));
    check_drift(rows + "2024-01-03,10\n", "more than 200000 rows");
    check_drift(format!("Date,Close{}\n", ",x".repeat(63)), "more than 64 columns");
    check_drift(vec![b'x'; MOST_BYTES + 1], "larger than");
    assert_eq!(decode("\n \r\n"), Outcome::Empty);
    let wide = format!("Date,Close{}\n2024-01-02,10{}\n", ",x".repeat(62), ",1".repeat(62));
    assert_eq!(parts(decode(wide)).0.len(), 1);
}

#[test]
fn headers() {
    for (header, line) in [
        ("DATE , Open,HIGH,low, Close ,Volume", "2024-01-02,1,2,0.5,1.5,100"),
        ("volume;close;low;high;open;date", "100;1.5;0.5;2;1;2024-01-02"),
        ("Date\tClose/Last\tVolume\tOpen\tHigh\tLow", "2024-01-02\t1.5\t100\t1\t2\t0.5"),
        ("\"timestamp\"|\"open\"|\"high\"|\"low\"|\"close\"|\"vol\"", "20240102|1|2|0.5|1.5|100"),
    ] {
        let (items, findings) = parts(decode(format!("{header}\n{line}\n")));
        let bar = DailyBar { volume: Some(100.0), ..DailyBar::new(date(2024, 1, 2), 1.0, 2.0, 0.5, 1.5) };
        assert_eq!(items.iter().map(|item| item.as_bar()).collect::<Vec<_>>(), [Some(&bar)], "{header}");
        assert_eq!(findings, [], "{header}");
    }
    check_drift("2024-01-02,10,11,9,10\n", "its header is `2024-01-02,10,11,9,10`");
    check_drift("Date,\"Close\n2024-01-02,10\n", "quotation mark in the header");
}

/// A row that can't be read takes no other with it.
#[test]
fn an_open_quotation_mark_ends_with_its_line() {
    let (items, findings) = parts(decode("Date,Close\n2024-01-02,10\n2024-01-03,\"10\n2024-01-04,11\n"));
    assert_eq!(items.len(), 2);
    assert_eq!(findings[1].kind, FindingKind::RaggedRow);
    assert_eq!(findings[1].date, Some(date(2024, 1, 3)), "its date is known all the same");
}

/// Two splits by 25 within a few days: each day is compared in its own unit.
#[test]
fn splits_are_no_jumps() {
    let rows = ["02,1000,0", "03,41,25", "04,1.6,25", "05,1.7,0", "08,40,0.04", "09,41,1", "10,1.6,0"];
    let body = rows.map(|row| format!("2024-01-{row}\n")).concat();
    let (items, findings) = parts(decode(format!("Date,Close,Split\n{body}")));
    assert_eq!(items.len(), 6);
    let jumps: Vec<_> = findings.iter().filter(|finding| finding.kind == FindingKind::UnitJump).collect();
    assert_eq!(jumps.len(), 1);
    assert_eq!(jumps[0].line, Some(8));
}

/// A day with its dividend and split.
type Day = (i8, Option<f64>, Option<f64>);

fn events(rows: &str) -> (Vec<Day>, Vec<FindingKind>) {
    let (items, findings) = parts(decode(format!("Date,Close,Open,High,Low,Dividends,Split\n{rows}")));
    let event = |item: &Item| item.as_bar().map(|bar| (bar.date.day(), bar.dividend, bar.split));
    (items.iter().filter_map(event).collect(), findings.iter().map(|finding| finding.kind).collect())
}

/// A split or dividend of a row without a price is not lost with it: splits multiply, dividends add, in the shares of
/// the day that they are counted on.
#[test]
fn events_of_rows_that_cannot_be_used() {
    use FindingKind::{BadEvent, Conflict, Duplicate, EventMoved, UnitJump, UnreadableNumber};
    let row = |day: &str, close: &str, dividend: &str, split: &str| {
        format!("2024-01-{day},{close},{close},{close},{close},{dividend},{split}\n")
    };
    let first = row("02", "700", "", "");
    for (rows, on_the_next, kinds) in [
        (
            row("03", "", "", "7") + &row("04", "100", "", ""),
            (4, None, Some(7.0)),
            vec![UnreadableNumber, EventMoved],
        ),
        (
            row("03", "", "1", "2") + &row("04", "", "0.5", "5") + &row("05", "70", "0.25", "2"),
            // (1 / 5 + 0.5) / 2 + 0.25
            (5, Some(0.6), Some(20.0)),
            vec![UnreadableNumber, UnreadableNumber, EventMoved],
        ),
        // A split by 40 that only the row without a price tells of explains the jump.
        (
            row("03", "", "", "40") + &row("04", "17.5", "", ""),
            (4, None, Some(40.0)),
            vec![UnreadableNumber, EventMoved],
        ),
        // Several rows of one day tell of one event.
        (row("03", "", "", "7") + &row("03", "100", "", "7"), (3, None, Some(7.0)), vec![UnreadableNumber]),
        (
            row("03", "", "", "7") + &row("03", "100", "", ""),
            (3, None, Some(7.0)),
            vec![UnreadableNumber, EventMoved],
        ),
        (
            row("03", "100", "", "") + &row("03", "", "", "7"),
            (3, None, Some(7.0)),
            vec![UnreadableNumber, EventMoved],
        ),
        (row("03", "100", "", "") + &row("03", "100", "", "7"), (3, None, Some(7.0)), vec![Duplicate]),
        (row("03", "100", "1", "7") + &row("03", "100", "", ""), (3, Some(1.0), Some(7.0)), vec![Duplicate]),
        (row("03", "100", "", "7") + &row("03", "100", "", "5"), (3, None, Some(7.0)), vec![Conflict]),
        (row("03", "100", "", "") + &row("03", "101", "2", ""), (3, Some(2.0), None), vec![Conflict]),
        // A dividend in what may be another unit is not counted; a split has no unit.
        (
            row("03", "7", "0.01", "2") + &row("04", "350", "", ""),
            (4, None, Some(2.0)),
            vec![UnitJump, BadEvent, EventMoved],
        ),
        (
            row("03", "", "", "10000") + &row("04", "350", "", "2"),
            (4, None, Some(2.0)),
            vec![UnreadableNumber, BadEvent],
        ),
    ] {
        let (found, found_kinds) = events(&(first.clone() + &rows));
        assert_eq!((found.len(), found[0]), (2, (2, None, None)), "{rows}");
        assert_eq!((found[1].0, found[1].2), (on_the_next.0, on_the_next.2), "{rows}");
        let (dividend, expected) = (found[1].1.unwrap_or(0.0), on_the_next.1.unwrap_or(0.0));
        assert!((dividend - expected).abs() < 1e-12, "{dividend}, not {expected}: {rows}");
        assert_eq!(found_kinds, kinds, "{rows}");
    }
    // Where surplus values moved the columns, nothing is read.
    let (found, _) = events("2024-01-02,700,,,,,7,7\n2024-01-03,100,100,100,100,,\n");
    assert_eq!(found, [(3, None, None)]);
}

/// A row that stands in the wrong place hides nothing that is seen without it.
#[test]
fn a_misplaced_later_row_hides_nothing() {
    let seen = |rows: &str| -> Vec<String> {
        let (_, findings) = parts(decode(format!("Date,Close\n{rows}")));
        let kept = AsOf::end_of_new_york_day(date(2024, 1, 31)).cut(findings).kept;
        kept.into_iter().map(|finding| Finding { line: None, ..finding }.to_string()).collect()
    };
    let without = seen("2024-01-02,10\ngarbage,10\n2024-01-03,10\n");
    assert!(without.iter().any(|finding| finding.contains("garbage")), "{without:?}");
    assert_eq!(seen("2024-01-02,10\ngarbage,10\n2024-03-01,10\n2024-01-03,10\n"), without);
}

/// A line as long as a file.
#[test]
fn a_line_of_commas_is_not_taken_apart_to_its_end() {
    let (items, findings) = parts(decode(format!("Date,Close\n2024-01-02,10{}\n", ",".repeat(1 << 20))));
    assert_eq!(items.len(), 0);
    assert_eq!(findings.last().map(|finding| &*finding.text), Some("more than 64 values in 2 columns"));
    check_drift(format!("Date,Close{}\n", ",".repeat(1 << 20)), "more than 64 columns");
}

/// Raw prices beside an adjusted close that runs on: the split is in the adjustment.
#[test]
fn the_adjusted_close_explains_a_jump() {
    let (items, findings) =
        parts(decode("Date,Close,Adj Close\n2024-01-02,1000,40\n2024-01-03,41,41\n2024-01-04,42,42\n"));
    assert_eq!((items.len(), findings.len()), (3, 1), "{findings:?}");
    let series = PriceSeries::build(&items, &AsOf::at(Timestamp::MAX));
    assert_eq!(series.adjusted_closes().collect::<Vec<_>>(), [40.0, 41.0, 42.0]);
}

const HEADERS: [&str; 3] = [
    "Date,Open,High,Low,Close,Volume,Adj Close,Note",
    "Date,Open,High,Low,Close,Volume,Dividends,Stock Splits",
    "Date,Close,Adj Close,Dividends,Stock Splits,Open",
];

/// A row of January 2024 with some dirt, or without a date that can be read.
fn row(days: std::ops::RangeInclusive<u8>, undated: u32) -> impl Strategy<Value = (Option<u8>, String)> {
    let price = || {
        let usual = (800..1200_u32).prop_map(|cents| format!("{}.{:02}", cents / 100, cents % 100));
        prop_oneof![
            12 => usual,
            2 => select(vec!["1000", "1010.5", "0.1", "0.11", "40", "200"]).prop_map(str::to_owned),
            1 => select(vec!["", "0", "-3", "null", "NaN", "x", "1e300", "\"10\"", "\"10", "1,000.5"]).prop_map(str::to_owned),
        ]
    };
    let extra = || select(vec!["0", "1", "2", "0.5", "25", "", "-1", "10", "x", "1000"]);
    let dated = (days, prop::collection::vec(price(), 4), extra(), extra(), extra(), 0..40_u8).prop_map(
        |(day, prices, one, two, three, damage)| {
            let row = format!("2024-01-{day:02},{},{one},{two},{three}", prices.join(","));
            let row = match damage {
                0 => row[..14].to_owned(),
                1 => row + ",surplus",
                2 => row.replacen(',', ",\"", 1),
                _ => row,
            };
            (Some(day), row)
        },
    );
    let wrong = ["garbage", "01/02/2024,10,10,10,10,1,1,1", "\"", "2024-02-30,10,10,10,10,1,1,1", ",,,"];
    prop_oneof![
        20 => dated,
        undated => select(wrong.to_vec()).prop_map(|row| (None, row.to_owned())),
    ]
}

type Rows = Vec<(Option<u8>, String)>;

/// Rows of 1 to 15 January: in order, in reverse order, or in none.
fn past() -> impl Strategy<Value = Rows> {
    (prop::collection::vec(row(1..=15, 2), 0..25), 0..3_u8).prop_map(|(mut rows, order)| {
        let mut days: Vec<u8> = rows.iter().filter_map(|(day, _)| *day).collect();
        match order {
            0 => days.sort_unstable(),
            1 => days.sort_unstable_by(|one, other| other.cmp(one)),
            _ => {}
        }
        let mut days = days.into_iter();
        for (day, row) in &mut rows {
            if let Some(day) = day {
                *day = days.next().unwrap();
                row.replace_range(8..10, &format!("{day:02}"));
            }
        }
        rows
    })
}

/// As `order::Order` has it, written independently: whether the second-earliest day stands behind the earliest.
fn runs_down(rows: &Rows) -> bool {
    let days: std::collections::BTreeSet<u8> = rows.iter().filter_map(|(day, _)| *day).collect();
    let place = |day: &u8| rows.iter().position(|(own, _)| own.as_ref() == Some(day));
    let mut days = days.iter();
    match (days.next(), days.next()) {
        (Some(first), Some(second)) => place(second) < place(first),
        _ => false,
    }
}

/// What a run as of 15 January sees of a table; lines are counted as if `ahead` rows at the top were not there.
fn seen(header: &str, rows: &[&(Option<u8>, String)], ahead: usize) -> Vec<String> {
    let text: Vec<&str> = std::iter::once(header).chain(rows.iter().map(|(_, row)| row.as_str())).collect();
    let (items, findings) = parts(decode(text.join("\n")));
    let as_of = AsOf::end_of_new_york_day(date(2024, 1, 15));
    let (items, findings) = (as_of.cut(items).kept, as_of.cut(findings).kept);
    let series = PriceSeries::build(&items, &as_of);
    let mut seen: Vec<String> = items.iter().map(|item| format!("{item:?}")).collect();
    seen.push(format!("{series:?}"));
    for mut finding in findings {
        let ahead = u64::try_from(ahead).unwrap();
        finding.line = finding.line.map(|line| if line > 1 { line - ahead } else { line });
        seen.push(format!("{finding:?}"));
    }
    seen
}

/// The text of a change of level names lines, which differ where rows were put above.
fn without_moved_lines(mut seen: Vec<String>, moved: bool) -> Vec<String> {
    if moved {
        seen.retain(|line| !line.contains("NewLevel"));
    }
    seen
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_bytes_are_read_without_a_panic(body in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = decode(body);
    }

    #[test]
    fn damaged_tables_are_read_without_a_panic(
        header in select(HEADERS.to_vec()),
        rows in past(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
    ) {
        let mut body = header.as_bytes().to_vec();
        for (_, row) in &rows {
            body.push(b'\n');
            body.extend(row.as_bytes());
        }
        for (place, byte) in damage {
            let place = place.index(body.len());
            body[place] = byte;
        }
        let (items, _) = parts(decode(body));
        prop_assert!(items.iter().all(|item| item.as_bar().is_some_and(DailyBar::has_sound_prices)));
    }

    /// Every row is an item, or a finding says that it was dropped.
    #[test]
    fn no_row_is_lost(header in select(HEADERS.to_vec()), rows in past()) {
        let text: Vec<&str> = std::iter::once(header).chain(rows.iter().map(|(_, row)| row.as_str())).collect();
        if let Outcome::Items { items, findings } = decode(text.join("\n")) {
            let dropped = findings.iter().filter(|finding| finding.disposition == Disposition::Dropped).count();
            prop_assert_eq!(items.len() + dropped, rows.len());
        }
    }

    /// Rows of later days, in any state, at the end where later days go in this file: nothing that was seen changes.
    #[test]
    fn later_rows_change_nothing(
        header in select(HEADERS.to_vec()),
        past in past(),
        future in prop::collection::vec(row(16..=31, 4), 0..12),
    ) {
        let down = runs_down(&past);
        let before: Vec<_> = past.iter().collect();
        let (after, ahead): (Vec<_>, _) = if down {
            (future.iter().chain(&past).collect(), future.len())
        } else {
            (past.iter().chain(&future).collect(), 0)
        };
        let moved = ahead > 0;
        prop_assert_eq!(
            without_moved_lines(seen(header, &before, 0), moved),
            without_moved_lines(seen(header, &after, ahead), moved)
        );
    }

    /// Rows of later days at the wrong end of the file: nothing changes either, as long as they have dates.
    #[test]
    fn later_rows_at_the_wrong_end_change_nothing(
        header in select(HEADERS.to_vec()),
        past in past(),
        future in prop::collection::vec(row(16..=31, 1).prop_filter("dated", |row| row.0.is_some()), 0..12),
    ) {
        let down = runs_down(&past);
        let before: Vec<_> = past.iter().collect();
        let (after, ahead): (Vec<_>, _) = if down {
            (past.iter().chain(&future).collect(), 0)
        } else {
            (future.iter().chain(&past).collect(), future.len())
        };
        let moved = ahead > 0;
        prop_assert_eq!(
            without_moved_lines(seen(header, &before, 0), moved),
            without_moved_lines(seen(header, &after, ahead), moved)
        );
    }

    /// Dated rows of later days anywhere in the file: nothing changes but the numbers of lines.
    #[test]
    fn later_rows_anywhere_change_nothing(
        header in select(HEADERS.to_vec()),
        past in past(),
        future in prop::collection::vec(
            (row(16..=31, 1).prop_filter("dated", |row| row.0.is_some()), any::<prop::sample::Index>()),
            0..12,
        ),
    ) {
        let before: Vec<_> = past.iter().collect();
        let mut after = before.clone();
        for (row, place) in &future {
            after.insert(place.index(after.len() + 1), row);
        }
        let without_lines = |rows: &[&(Option<u8>, String)]| -> Vec<String> {
            let text: Vec<&str> = std::iter::once(header).chain(rows.iter().map(|(_, row)| row.as_str())).collect();
            let (items, findings) = parts(decode(text.join("\n")));
            let as_of = AsOf::end_of_new_york_day(date(2024, 1, 15));
            let items = as_of.cut(items).kept.into_iter().map(|item| format!("{item:?}"));
            let mut seen: Vec<String> = items.collect();
            for finding in as_of.cut(findings).kept {
                seen.push(format!("{:?}", Finding { line: None, ..finding }));
            }
            seen
        };
        prop_assert_eq!(without_lines(&before), without_lines(&after));
    }
}

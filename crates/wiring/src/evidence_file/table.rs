//! Tables of anything: one item a row.

use std::path::Path;

use super::{Item, failed, failed_at, moment};
use crate::Error;

const MAX_COLUMNS: usize = 64;
const MAX_ROWS: usize = super::MAX_ITEMS;
const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];
/// Columns that say when a row could be known; the first that is there counts.
const WHEN: [&str; 5] = ["available_at", "published", "published_at", "date", "time"];

/// The rows under a header. A row's text is its column `text` and then the others with their names; `id`, `kind`, `subject`,
/// `source` and the time have their places elsewhere.
pub(super) fn items(path: &Path, text: &str) -> Result<Vec<Item>, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let header = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let most = DELIMITERS.into_iter().rev().max_by_key(|delimiter| header.matches(*delimiter).count());
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(most.and_then(|delimiter| u8::try_from(delimiter).ok()).unwrap_or(b','))
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let names: Vec<String> =
        reader.headers().map_err(|e| failed(path, e))?.iter().map(|name| name.to_lowercase()).collect();
    if names.len() > MAX_COLUMNS {
        return Err(failed_at(path, "line 1", format!("it has more than {MAX_COLUMNS} columns")));
    }
    if let Some(empty) = names.iter().position(String::is_empty) {
        return Err(failed_at(path, "line 1", format!("column {} has no name", empty + 1)));
    }
    if let Some((at, name)) = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)) {
        return Err(failed_at(
            path,
            "line 1",
            format!("column {} is called {name:?}, as one before it", at + 1),
        ));
    }
    let when = WHEN.iter().find_map(|known| names.iter().position(|name| name == known));
    let mut items = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|e| failed(path, because(&e, text)))?;
        let place = row.position().map_or_else(String::new, |at| format!("line {}", line_of(at, text)));
        if items.len() == MAX_ROWS {
            return Err(failed_at(path, &place, format!("it has more than {MAX_ROWS} rows")));
        }
        let mut item = Item { place: place.clone(), kind: Some("row".to_owned()), ..Item::default() };
        let mut others = Vec::new();
        for (at, (name, value)) in
            names.iter().zip(&row).enumerate().filter(|(_, (_, value))| !value.is_empty())
        {
            match name.as_str() {
                _ if when == Some(at) => {
                    let known = moment(value).ok_or_else(|| {
                        failed_at(path, &place, format!("its {name} is {value:?}")).with_hint(
                            "write a day such as 2019-06-01, or a moment such as 2019-06-01T08:30:00Z",
                        )
                    })?;
                    item.available_at = Some(known);
                    // The prompt says since when it was known; what day it is about may matter as well.
                    others.push(format!("{name}: {value}"));
                }
                "id" => item.id = Some(value.to_owned()),
                "kind" => item.kind = Some(value.to_owned()),
                "subject" => item.subject = Some(value.to_owned()),
                "source" => item.source = Some(value.to_owned()),
                "text" => value.clone_into(&mut item.text),
                _ => others.push(format!("{name}: {value}")),
            }
        }
        let others = others.join("; ");
        item.text = match (item.text.is_empty(), others.is_empty()) {
            (true, _) => others,
            (false, true) => item.text,
            (false, false) => format!("{} ({others})", item.text),
        };
        if !item.text.is_empty() {
            items.push(item);
        }
    }
    if items.is_empty() {
        return Err(failed(path, format!("under its header, `{}`, there is no row", shortened(header))));
    }
    Ok(items)
}

/// The reader's own words begin with its name and count from 0.
fn because(error: &csv::Error, text: &str) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { pos: Some(pos), expected_len, len } => {
            format!("line {}: it has {len} columns, and the header has {expected_len}", line_of(pos, text))
        }
        _ => error.to_string(),
    }
}

/// The line of a row. The reader's position is before the empty lines that it has passed over.
fn line_of(at: &csv::Position, text: &str) -> u64 {
    let from = usize::try_from(at.byte()).unwrap_or(usize::MAX);
    let rest = text.as_bytes().get(from..).unwrap_or_default();
    let passed = rest.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).filter(|byte| **byte == b'\n');
    at.line() + passed.count() as u64
}

fn shortened(header: &str) -> String {
    header.chars().take(120).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Item>, String> {
        items(Path::new("x.csv"), text).map_err(|e| e.to_string())
    }

    #[test]
    fn a_row_is_an_item() {
        let rows = read(
            "\u{feff}Date;City;Rain mm;source\n2019-06-01;Lisbon;3;the station\n\n;\"Porto; north\";0;\n",
        )
        .unwrap();
        assert_eq!(rows[0].text, "date: 2019-06-01; city: Lisbon; rain mm: 3");
        assert_eq!((rows[0].source.as_deref(), rows[0].place.as_str()), (Some("the station"), "line 2"));
        assert!(rows[0].available_at.is_some() && rows[1].available_at.is_none());
        assert_eq!(
            (rows[1].text.as_str(), rows[1].place.as_str()),
            ("city: Porto; north; rain mm: 0", "line 4")
        );
        let rows = read("id,text,grade\nev-1,It rained.,A\nev-2,,B\n").unwrap();
        assert_eq!((rows[0].id.as_deref(), rows[0].text.as_str()), (Some("ev-1"), "It rained. (grade: A)"));
        assert_eq!(rows[1].text, "grade: B");
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (text, why) in [
            ("a,b\n1,2\n3\n", "line 3: it has 1 columns, and the header has 2"),
            ("date,b\n2019-06-01,2\nyesterday,3\n", "line 3: its date is \"yesterday\""),
            ("a,,b\n1,2,3\n", "line 1: column 2 has no name"),
            ("a,A\n1,2\n", "line 1: column 2 is called \"a\", as one before it"),
            ("a,b\n", "under its header, `a,b`, there is no row"),
            (&format!("a{}\n", ",b".repeat(64)), "more than 64 columns"),
            (&format!("a\n{}", "1\n".repeat(MAX_ROWS + 1)), "it has more than 10000 rows"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.starts_with("read the evidence x.csv") && error.contains(why), "{error}");
        }
    }
}

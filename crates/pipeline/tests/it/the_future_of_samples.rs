//! Real files, where they are at hand: what lies ahead of the as-of date changes nothing. The fixtures are asked the same.

use std::path::Path;

use crate::desk::{AS_OF, Desk, request, words};

/// The file up to and including that day.
fn up_to(day: &str, file: &str) -> String {
    let kept = |line: &&str| line.get(..10).is_none_or(|date| !date.starts_with(['1', '2']) || date <= day);
    let mut text: String = file.lines().filter(kept).collect::<Vec<_>>().join("\n");
    text.push('\n');
    text
}

#[test]
fn ko_and_pep() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples/altdata/prices");
    if !folder.is_dir() {
        return;
    }
    for day in ["1998-03-02", "1998-01-02", "1997-07-30", "1997-01-02"] {
        let request = request(&["KO", "PEP"], day);
        let whole = Desk::with_folder(&folder).made(&request);
        let cut = Desk::with_folder(&folder)
            .changing("KO_daily.csv", |file| up_to(day, file))
            .changing("PEP_daily.csv", |file| up_to(day, file))
            .made(&request);
        assert!(cut.tickers.iter().all(|ticker| ticker.bars > 0));
        assert_eq!(words(&cut), words(&whole), "{day}");
    }
}

#[test]
fn the_fixtures() {
    for (name, file) in
        [("RISE", "RISE.csv"), ("SPLIT", "SPLIT.csv"), ("ADJ", "ADJ_daily_2019.csv"), ("DIRTY", "DIRTY.csv")]
    {
        for day in [AS_OF, "2019-12-16", "2019-07-31"] {
            let request = request(&[name], day);
            let whole = Desk::with_fixtures().made(&request);
            let cut = Desk::with_fixtures().changing(file, |file| up_to(day, file)).made(&request);
            assert_eq!(words(&cut), words(&whole), "{name} on {day}");
        }
    }
}

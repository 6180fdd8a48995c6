//! Tables of prices, mutilated: of all that is read the only ones that people make by hand.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use assize_altdata::{AsOf, Finding, ItemKind, Known, Outcome, Query, Source};
use assize_ambient::Timestamp;
use assize_sources::CsvFolder;
use assize_transport::{Headers, RawResponse, Request, Url};
use proptest::prelude::*;
use proptest::sample::Index;

use super::damage::{damaged, damages};

static SEEDS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/sources");
    let mut files: Vec<_> = ["prices", "dirt"]
        .iter()
        .flat_map(|folder| std::fs::read_dir(fixtures.join(folder)).expect("a folder of fixtures"))
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "csv"))
        .collect();
    files.sort();
    files.iter().map(|path| std::fs::read(path).expect("a fixture")).collect()
});

const WORDS: &[&[u8]] = &[
    b"Date",
    b"Close",
    b"close",
    b"Adj Close",
    b"Stock Splits",
    b"Volume",
    b"0",
    b"-1",
    b"1e308",
    b"1e999",
    b"NaN",
    b"inf",
    b"null",
    b"1:2",
    b"2/0",
    b"9999-12-31",
    b"-009999-01-01",
    b"0000-00-00",
    b"20260230",
    b"01/02/2014",
    b"2014-01-02 00:00:00-05:00",
    b"1,000.5",
    b"\"1,000.5\"",
    b"\"",
    b"\"\n\"",
    b";",
    b"\t",
    b"|",
    b",",
    b"\r\n",
    b"\n",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\0",
];

fn tables() -> impl Strategy<Value = Vec<u8>> {
    (any::<Index>(), damages(WORDS))
        .prop_map(|(seed, damages)| damaged(&SEEDS[seed.index(SEEDS.len())], &damages, b"-.:/"))
}

proptest! {
    #[test]
    fn fuzz_csv_folder(table in tables()) {
        let source = CsvFolder::new(vec!["ACME.csv".to_owned()]);
        let as_of: AsOf = "2026-01-02".parse().expect("a date");
        let query = Query::new(&"ACME".parse().expect("a ticker"), as_of);
        let request = Request::get(Url::file("ACME.csv").expect("a name"));
        let read = |body: &[u8]| {
            let response =
                RawResponse::new(&request, 200, Headers::default(), body.to_vec(), Timestamp::UNIX_EPOCH);
            source.decode(&query, &response)
        };
        let outcome = read(&table);
        prop_assert_eq!(&outcome, &read(&table), "the same bytes, the same outcome");
        let Outcome::Items { items, findings } = outcome else {
            let shown = format!("{outcome:?}");
            prop_assert!(shown.len() < 2_000 && !shown.contains('\n'), "{}", shown);
            return Ok(());
        };
        prop_assert!(items.is_sorted_by_key(Known::known_by), "in the order of availability");
        let ids: BTreeSet<_> = items.iter().map(|item| item.id).collect();
        prop_assert_eq!(ids.len(), items.len(), "no item comes twice");
        for item in &items {
            let ItemKind::Bar(bar) = &item.kind else {
                return Err(TestCaseError::fail(format!("a {} of a table of prices", item.kind.as_str())));
            };
            prop_assert!(bar.has_sound_prices(), "{:?}", bar);
            let is_amount = |value: f64| value.is_finite() && value >= 0.0;
            prop_assert!(bar.volume.is_none_or(is_amount) && bar.dividend.is_none_or(is_amount), "{:?}", bar);
        }
        for Finding { text, .. } in &findings {
            prop_assert!(text.len() < 2_000 && !text.chars().any(char::is_control), "{}", text);
        }
    }
}

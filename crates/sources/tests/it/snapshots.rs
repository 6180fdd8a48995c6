//! Every fixture as it is read, row by row.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use assize_altdata::{AsOf, Outcome, PriceSeries, Query, Source};
use assize_ambient::Timestamp;
use assize_sources::CsvFolder;
use assize_transport::{Headers, RawResponse, Request, Url};

pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/sources")
}

pub(crate) fn decode(path: &Path) -> Outcome {
    let name = path.file_name().and_then(|name| name.to_str()).expect("a plain name");
    let request = Request::get(Url::file(name).expect("an address"));
    let body = fs::read(path).expect("the file");
    let response = RawResponse::new(&request, 200, Headers::default(), body, Timestamp::UNIX_EPOCH);
    let folder = CsvFolder::new(vec![name.to_owned()]);
    folder.decode(&Query::new(&"TEST".parse().expect("a ticker"), AsOf::at(Timestamp::MAX)), &response)
}

fn render(outcome: &Outcome) -> String {
    let Outcome::Items { items, findings } = outcome else { return format!("{outcome:?}\n") };
    let mut out = String::new();
    let series = PriceSeries::build(items, &AsOf::at(Timestamp::MAX));
    for item in items {
        let bar = item.as_bar().expect("a bar");
        write!(out, "{} {} {} {} {} {}", item.id, bar.date, bar.open, bar.high, bar.low, bar.close)
            .expect("text");
        for (name, value) in [
            ("volume", bar.volume),
            ("adjustment", bar.adjustment),
            ("dividend", bar.dividend),
            ("split", bar.split),
        ] {
            if let Some(value) = value {
                write!(out, " {name}={value:.6}").expect("text");
            }
        }
        match series.bars().iter().find(|kept| kept.id == item.id) {
            Some(kept) => writeln!(out, " -> {:.6}", kept.adjusted_close).expect("text"),
            None => writeln!(out, " -> left out").expect("text"),
        }
    }
    for finding in findings {
        let known = finding.known_from.as_ref().map_or("never".to_owned(), |known| known.latest.to_string());
        writeln!(out, "[{} from {known}] {finding}", finding.kind.as_str()).expect("text");
    }
    for finding in series.findings() {
        writeln!(out, "[series: {}] {finding}", finding.kind.as_str()).expect("text");
    }
    out
}

#[test]
fn each_fixture_is_read_as_before() {
    for part in ["prices", "dirt"] {
        let mut paths: Vec<PathBuf> = fs::read_dir(fixtures().join(part))
            .expect("the fixtures")
            .map(|entry| entry.expect("an entry").path())
            .collect();
        paths.sort();
        for path in paths {
            let name = path.file_stem().and_then(|name| name.to_str()).expect("a plain name").to_owned();
            insta::assert_snapshot!(format!("{part}-{name}"), render(&decode(&path)));
        }
    }
}

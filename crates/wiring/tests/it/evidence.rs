//! Files of evidence: what of them is let in, and what is said about the rest.

use std::path::PathBuf;

use assize_debate::Spec;

use crate::desk::{fixture, folder, options, scripted, set_up, with_evidence};

/// What a debate on these files may cite, and what is said about them.
fn heard(files: &[PathBuf], as_of: &str) -> (Spec, Vec<String>) {
    let ada = scripted(&fixture("assize/panel/ada.txt"));
    let mut options = with_evidence(options(&[&ada]), files);
    options.as_of = as_of.parse().expect("a date");
    let hearing = set_up(options).expect("a hearing");
    ((*hearing.spec).clone(), hearing.notes)
}

#[test]
fn nothing_that_was_known_only_later() {
    let notes = [fixture("assize/evidence/notes.jsonl")];
    for (as_of, known, left_out) in [
        ("2019-05-30", 0, Some("3 item(s)")),
        ("2019-05-31", 1, Some("2 item(s)")),
        ("2019-06-01", 2, Some("1 item(s)")),
        ("2021-01-01", 2, Some("1 item(s)")),
        ("2021-01-02", 3, None),
    ] {
        let (spec, said) = heard(&notes, as_of);
        assert_eq!(spec.evidence.len(), known, "{as_of}: the end of that day in New York");
        assert!(spec.evidence.iter().all(|evidence| evidence.available_at <= as_of_end(as_of)));
        assert_eq!(said.first().map(|note| note[..9].to_owned()).as_deref(), left_out, "{said:?}");
    }
}

fn as_of_end(day: &str) -> assize_ambient::Timestamp {
    day.parse::<assize_altdata::AsOf>().expect("a date").moment()
}

#[test]
fn a_price_table_is_cut_and_its_dirt_is_told() {
    let (spec, said) = heard(&[fixture("pipeline/prices/DIRTY.csv")], "2019-12-31");
    assert!(spec.evidence.len() > 240);
    assert!(spec.evidence.iter().all(|bar| bar.kind == "daily-bar" && bar.subject == "DIRTY"));
    assert!(spec.evidence.iter().all(|bar| bar.available_at <= as_of_end("2019-12-31")));
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with("14 finding(s) in DIRTY.csv, the first: DIRTY.csv, line "), "{said:?}");
    // The ticker is that of the file's name; its neighbours are not read.
    let (spec, _) = heard(&[fixture("pipeline/prices/ADJ_daily_2019.csv")], "2019-12-31");
    assert!(
        spec.evidence.iter().all(|bar| bar.subject == "ADJ" && bar.source.ends_with("ADJ_daily_2019.csv"))
    );
}

#[test]
fn old_prices_are_used_and_called_old() {
    let (spec, said) = heard(&[fixture("pipeline/prices/RISE.csv")], "2020-12-31");
    assert_eq!(spec.evidence.len(), 283);
    assert!(said.iter().any(|note| note.contains("the newest is of 2020-01-31")), "{said:?}");
}

#[test]
fn a_text_is_one_item_named_by_its_content() {
    let place = folder(&[
        ("notes.md", "# Notes\n\nIt *may* rain.\n"),
        ("b/notes.md", "It rained."),
        ("TEXT.TXT", "shout"),
    ]);
    let files = ["notes.md", "b/notes.md", "TEXT.TXT"].map(|name| place.path().join(name));
    let (spec, said) = heard(&files, "2019-12-31");
    let subjects: Vec<&str> = spec.evidence.iter().map(|text| text.subject.as_str()).collect();
    assert_eq!((subjects, said.len()), (vec!["notes.md", "notes.md", "TEXT.TXT"], 0));
    assert_ne!(spec.evidence[0].id, spec.evidence[1].id);
    assert_eq!(spec.evidence[0].text, "# Notes\n\nIt *may* rain.\n");
    let (again, _) = heard(&files, "2019-12-31");
    assert_eq!(again.id(), spec.id());
}

#[test]
fn several_files_come_in_the_order_given() {
    let files = [fixture("assize/evidence/notes.jsonl"), fixture("pipeline/prices/RISE.csv")];
    let (spec, _) = heard(&files, "2019-12-31");
    let kinds: Vec<&str> = spec.evidence.iter().map(|evidence| evidence.kind.as_str()).collect();
    assert!(kinds[..2] == ["note", "note"] && kinds[2..].iter().all(|kind| *kind == "daily-bar"));
    assert_eq!(spec.options, ["up", "down"]);
}

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
fn texts_are_named_by_their_content() {
    let place = folder(&[
        ("notes.md", "# Notes\n\nIt *may* rain.\n"),
        ("b/notes.md", "It rained."),
        ("TEXT.TXT", "shout"),
    ]);
    let files = ["notes.md", "b/notes.md", "TEXT.TXT"].map(|name| place.path().join(name));
    let (spec, said) = heard(&files, "2019-12-31");
    let subjects: Vec<&str> = spec.evidence.iter().map(|text| text.subject.as_str()).collect();
    assert_eq!(subjects, ["Notes", "notes.md", "TEXT.TXT"]);
    let sources: Vec<&str> = spec.evidence.iter().map(|text| text.source.as_str()).collect();
    assert_eq!(sources, ["notes.md, line 1", "notes.md, line 1", "TEXT.TXT"]);
    assert_ne!(spec.evidence[0].id, spec.evidence[1].id);
    assert_eq!(spec.evidence[0].text, "Notes\nIt *may* rain.");
    assert_eq!(said.len(), 3, "{said:?}");
    for note in said {
        assert!(
            note.starts_with("1 item(s) of ") && note.ends_with("taken as known by 2019-12-31"),
            "{note}"
        );
    }
    let (again, _) = heard(&files, "2019-12-31");
    assert_eq!(again.id(), spec.id());
}

#[test]
fn each_kind_of_file_is_cut_by_its_own_dates() {
    let place = folder(&[
        ("log.csv", "published,what\n2019-06-01,opened\n2019-06-02,closed\n,moved\n"),
        (
            "items.json",
            r#"[{"text": "a", "available_at": "2019-06-01"}, {"text": "b", "available_at": "2019-06-02T12:00:00Z"}]"#,
        ),
        ("report.md", "---\ndate: 2019-06-02\n---\n# One\nx\n# Two\ny\n"),
        ("same.csv", "what\nit rained\nit rained\n"),
        ("long.txt", &"long ".repeat(1_000)),
    ]);
    for (name, as_of, items, notes) in [
        ("log.csv", "2019-06-01", 2, &["1 item(s) of", "do not say since when"][..]),
        ("log.csv", "2019-06-02", 3, &["do not say since when"]),
        ("items.json", "2019-06-01", 1, &["are left out"]),
        ("items.json", "2019-06-02", 2, &[]),
        ("report.md", "2019-06-01", 0, &["2 item(s) of"]),
        ("report.md", "2019-06-02", 2, &[]),
        ("same.csv", "2019-06-02", 2, &["do not say since when"]),
        ("long.txt", "2019-06-02", 1, &["do not say since when", "a model is shown the beginning"]),
    ] {
        let (spec, said) = heard(&[place.path().join(name)], as_of);
        assert_eq!((spec.evidence.len(), said.len()), (items, notes.len()), "{name} {as_of}: {said:?}");
        for (note, words) in said.iter().zip(notes) {
            assert!(note.contains(words), "{name} {as_of}: {note}");
        }
        assert!(spec.evidence.iter().all(|evidence| evidence.available_at <= as_of_end(as_of)));
    }
}

#[test]
fn several_files_come_in_the_order_given() {
    let files = [fixture("assize/evidence/notes.jsonl"), fixture("pipeline/prices/RISE.csv")];
    let (spec, _) = heard(&files, "2019-12-31");
    let kinds: Vec<&str> = spec.evidence.iter().map(|evidence| evidence.kind.as_str()).collect();
    assert!(kinds[..2] == ["note", "note"] && kinds[2..].iter().all(|kind| *kind == "daily-bar"));
    assert_eq!(spec.options, ["up", "down"]);
}

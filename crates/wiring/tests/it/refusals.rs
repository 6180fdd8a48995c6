//! What cannot be put together: the kind of the error, its words, its hint.

use std::fs;
use std::path::Path;

use assize_wiring::{
    DebateOptions, Error, ErrorKind, PriceFolder, VendorOptions, resume_debate, set_up_debate,
};
use tempfile::TempDir;

use crate::desk::{clock, fixture, folder, journal, now, options, scripted, set_up, with_evidence};

fn place() -> TempDir {
    folder(&[
        ("blank.txt", "\n \n"),
        ("data.bin", "\u{1}\u{2}"),
        ("empty/KO.csv", ""),
        ("header/KO.csv", "Date,Close\n"),
        ("text/KO.csv", "A letter.\n"),
        ("!!!.csv", "Date,Close\n"),
        ("none/readme.txt", "nothing here"),
        ("broken.jsonl", "\n\n{\"id\": \"a\"}\n"),
        ("twice.jsonl", &format!("{0}\n{0}\n", note("a", "null"))),
        ("held.jsonl", &format!("{}\n", note("a", "[7]"))),
        ("folder.txt/x", ""),
    ])
}

fn note(id: &str, held_by: &str) -> String {
    format!(
        r#"{{"id":"{id}","kind":"note","subject":"s","source":"s","available_at":"2019-01-01T00:00:00Z","text":"t","held_by":{held_by}}}"#
    )
}

fn refused(refusal: Result<impl Sized, Error>, words: &str) -> Error {
    let Err(refused) = refusal else { panic!("{words}: it was not refused") };
    assert!(refused.to_string().contains(words), "{words}: {refused}");
    assert_eq!(refused.kind(), ErrorKind::BadRequest, "{refused}");
    // The command line puts "failed to" before it.
    let message = refused.to_string();
    assert!(message.starts_with(|c: char| c.is_ascii_lowercase()) && !message.ends_with('.'), "{message}");
    refused
}

#[test]
fn of_files() {
    let (place, ada) = (place(), scripted(&fixture("assize/panel/ada.txt")));
    for (name, words) in [
        ("gone.csv", "gone.csv: there is no such file"),
        ("gone.jsonl", "gone.jsonl: No such file"),
        ("gone.txt", "gone.txt: No such file"),
        ("data.bin", "data.bin: its kind is not known"),
        ("none", "none: its kind is not known"),
        ("blank.txt", "blank.txt: it is empty"),
        ("folder.txt", "folder.txt: it is no ordinary file"),
        ("empty/KO.csv", "`KO.csv` holds nothing"),
        ("header/KO.csv", "no usable row was known by"),
        ("text/KO.csv", "under its header, `A letter.`, there is no row"),
        ("!!!.csv", "its name holds no ticker"),
        ("broken.jsonl", "broken.jsonl, line 3: missing field `text`"),
        ("twice.jsonl", "the evidence a is there twice"),
        ("held.jsonl", "held by seat 7, which does not exist"),
    ] {
        refused(set_up(with_evidence(options(&[&ada]), &[place.path().join(name)])), words);
    }
    let hint = |name: &str| {
        let refusal = set_up(with_evidence(options(&[&ada]), &[place.path().join(name)]));
        refused(refusal, name).hint().map(str::to_owned).unwrap_or_default()
    };
    assert!(hint("data.bin").contains("(.csv), items (.json, .jsonl), or a text (.md, .txt)"));
    assert!(hint("broken.jsonl").contains("id, kind, subject, source, available_at, data"));
}

#[test]
fn of_models() {
    let place = place();
    let script = |name: &str| scripted(&place.path().join(name));
    for (model, words) in [
        ("gpt-4o", "there is no debater \"gpt-4o\"".to_owned()),
        ("oracle:delphi", "find the vendor `oracle`: it is unknown".to_owned()),
        ("openai:", "the model's name is missing".to_owned()),
        ("http://127.0.0.1:1/v1", "add the model's name after its address".to_owned()),
        ("analyst:astrology", "there is no debater \"analyst:astrology@20\"".to_owned()),
        ("analyst:momentum@9999", "there is no debater".to_owned()),
        ("simulated:gpt-99", "no such model is known; the nearest known are".to_owned()),
        ("simulated:", "price".to_owned()),
        (&script("gone.txt"), "gone.txt: No such file".to_owned()),
        (&script("blank.txt"), "blank.txt: it holds no answer".to_owned()),
        (&script("none"), "none: it is no ordinary file".to_owned()),
    ] {
        let refused = refused(set_up(options(&[model])), &words);
        let is_io = refused.to_string().contains("os error");
        assert!(refused.hint().is_some() || is_io, "{model}: {refused}");
    }
}

#[test]
fn of_what_makes_no_debate() {
    let ada = scripted(&fixture("assize/panel/ada.txt"));
    let change = |change: &dyn Fn(&mut DebateOptions)| {
        let mut options = options(&[&ada]);
        change(&mut options);
        set_up(options)
    };
    let nobody = refused(change(&|o| o.models.clear()), "there is nobody to argue");
    assert!(nobody.hint().is_some_and(|hint| hint.contains("--evidence KO.csv")));
    refused(change(&|o| o.question.clear()), "the question must have");
    refused(change(&|o| o.question = " \n".to_owned()), "the question must have");
    refused(change(&|o| o.procedure.rounds = Some(0)), "it needs 1 to 50 rounds, not 0");
    refused(change(&|o| o.budget = "-1".parse().ok()), "its budget must not be negative");
    refused(change(&|o| o.options = vec!["yes".to_owned()]), "2 to 64 options, not 1");
    refused(change(&|o| o.options = vec!["yes".to_owned(), " YES ".to_owned()]), "its options must differ");
    refused(
        change(&|o| o.options = vec![String::new(), "no".to_owned()]),
        "its options must differ and not be empty",
    );
    // Notes that no analyst reads, and no model.
    let notes = [fixture("assize/evidence/notes.jsonl")];
    refused(change(&|o| (o.models.clear(), o.evidence = notes.to_vec()).1), "there is nobody to argue");
}

#[test]
fn of_journals() {
    let place = place();
    let ada = scripted(&fixture("assize/panel/ada.txt"));
    let in_the_way = place.path().join("data.bin");
    let open = now(set_up_debate(options(&[&ada]), Some(journal(&in_the_way)), clock()));
    assert!(refused(open, "data.bin: it is not a folder").hint().is_some());
    let resume = |id: &str, folder: &Path| {
        now(resume_debate(id, journal(folder), &VendorOptions::default(), None, clock()))
    };
    refused(resume("deb-0123456789ab", &in_the_way), "it is not a folder");
    refused(resume("deb-0123456789ab", place.path()), "there is no such debate in");
    refused(resume("deb-0123456789ab", &place.path().join("gone")), "there is no such debate in");
    refused(resume("../deb-0123456789ab", place.path()), "use the journal key");
    refused(resume("", place.path()), "use the journal key");
    // What is called as SQLite's files are, and is none; and one of SQLite's under a strange name.
    let (called_so, is_one) = (place.path().join("notes.db"), place.path().join("songs"));
    fs::write(&called_so, "a diary, day after day. ".repeat(100)).expect("a file");
    refused(resume("deb-0123456789ab", &called_so), "notes.db: it is no SQLite file");
    let open = |path: &Path| now(set_up_debate(options(&[&ada]), Some(journal(path)), clock()));
    refused(open(&called_so), "notes.db: it is no SQLite file");
    fs::write(&is_one, b"SQLite format 3\0").expect("a file");
    refused(open(&is_one), "songs: it is no SQLite file, or its head is damaged");
    refused(resume("deb-0123456789ab", &place.path().join("gone.db")), "there is no such debate in");
    assert!(!place.path().join("gone.db").exists(), "looking makes nothing");
}

#[test]
fn of_price_folders() {
    let place = place();
    let open = |name: &str| PriceFolder::open(&place.path().join(name), clock());
    assert!(refused(open("gone"), "No such file").hint().is_some());
    assert!(refused(open("data.bin"), "it is not a folder").hint().is_some());
    assert!(refused(open("none"), "it holds no CSV file that names a ticker").hint().is_some());
    let prices = PriceFolder::open(&fixture("pipeline/prices"), clock()).expect("a folder of prices");
    let tickers: Vec<String> = prices.tickers().iter().map(ToString::to_string).collect();
    assert_eq!(tickers, ["ADJ", "DIRTY", "EMPTY", "FALL", "RISE", "SPLIT", "TEXT", "WAVE"]);
}

//! A brief that is killed while it trades on paper and made again: the account's journal is what it would have been, and no call
//! is paid twice.

use std::{
    fs,
    path::Path,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use crate::{
    brief_killed::{SEATS, Vendor, lock},
    program::Place,
};

const ACCOUNT: &str = "paper/journal/account.jsonl";
const FORECASTS: &str = "paper/journal/account-forecasts.jsonl";

/// Prices are the only evidence here.
fn place() -> Place {
    Place::new().with_file("limits.toml", "min_source_kinds = 1\n")
}

fn arguments(day: &str) -> Vec<&str> {
    let mut arguments = vec!["brief", "RISE", "FALL", "WAVE", "--prices", "prices", "--as-of", day];
    arguments.extend(["--portfolio", "paper", "--limits", "limits.toml", "--json"]);
    arguments
}

fn make(place: &Place, day: &str) -> String {
    let told = place.told(&arguments(day));
    assert_eq!(told.code, 0, "{}", told.err);
    told.out
}

fn journals(place: &Place) -> (String, String) {
    (place.read(ACCOUNT), place.read(FORECASTS))
}

/// Each order is placed once, and filled at most once in a session.
fn nothing_is_booked_twice(account: &str) {
    let mut fills = Vec::new();
    let mut runs = Vec::new();
    for line in account.lines() {
        let record: serde_json::Value = serde_json::from_str(line).expect("a record");
        let event = &record["event"];
        match event["type"].as_str() {
            Some("filled") => fills.push((event["order"].to_string(), event["session"].to_string())),
            Some("decided") => runs.push(event["decision"]["run"].to_string()),
            _ => {}
        }
    }
    assert!(!fills.is_empty() && runs.len() == 2, "{account}");
    for booked in [&fills.iter().map(|(order, session)| format!("{order} {session}")).collect(), &runs] {
        let mut distinct: Vec<&String> = Vec::clone(&booked.iter().collect());
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), booked.len(), "{booked:?}");
    }
}

/// Wherever the journals end, in the middle of a record too, the same brief brings them to what they would have been.
#[test]
fn however_much_was_written_the_same_brief_completes_it() {
    let place = place();
    make(&place, "2019-12-02");
    let begun = journals(&place);
    let report = make(&place, "2019-12-06");
    let whole = journals(&place);
    nothing_is_booked_twice(&whole.0);
    assert!(whole.0.starts_with(&begun.0) && whole.0.lines().count() >= begun.0.lines().count() + 6);
    let ends = whole.0.match_indices('\n').map(|(at, _)| at + 1).filter(|end| *end >= begun.0.len());
    let cuts: Vec<usize> = ends.flat_map(|end| [end, (end + 40).min(whole.0.len() - 1)]).collect();
    for cut in cuts {
        fs::write(place.path(ACCOUNT), &whole.0[..cut]).expect("written");
        fs::write(place.path(FORECASTS), &begun.1).expect("written");
        assert_eq!(make(&place, "2019-12-06"), report, "cut at {cut}");
        assert_eq!(journals(&place), whole, "cut at {cut}");
    }
    assert_eq!(make(&place, "2019-12-06"), report, "nothing is left to do");
    assert_eq!(journals(&place), whole);
}

/// The process dies as soon as so many lines are in the account's journal.
#[test]
fn a_brief_that_is_killed_while_it_trades_is_completed() {
    let model = place();
    make(&model, "2019-12-02");
    let begun = journals(&model);
    make(&model, "2019-12-06");
    let whole = journals(&model);
    let lines = |path: &Path| fs::read_to_string(path).unwrap_or_default().lines().count();
    let (from, to) = (begun.0.lines().count(), whole.0.lines().count());
    let mut died_on_the_way = 0;
    for at in from..=to {
        let place = place();
        make(&place, "2019-12-02");
        let mut child = place.command(&arguments("2019-12-06")).spawn().expect("it runs");
        let path = place.path(ACCOUNT);
        while lines(&path) < at && child.try_wait().expect("a child").is_none() {
            thread::yield_now();
        }
        // It may be through already.
        let _ = child.kill();
        let is_killed = !child.wait().expect("a child").success();
        died_on_the_way += u32::from(is_killed);
        make(&place, "2019-12-06");
        assert_eq!(journals(&place), whole, "killed at line {at}");
    }
    assert!(died_on_the_way >= 2, "{died_on_the_way} of {} were killed in time", to - from + 1);
}

/// With models on the panel the debates are in the portfolio's folder: what was answered is not asked again, and nothing is
/// ordered before all is decided.
#[test]
fn a_killed_brief_of_models_asks_only_what_was_not_answered() {
    let vendor = Vendor::start();
    let models = ["a", "b"].map(|name| format!("{}/v1#{name}", vendor.address));
    let with_models = || {
        let mut arguments = arguments("2019-12-31");
        arguments.extend(["--selector", "always", "--stop", "none", "--concurrency", "1"]);
        models.iter().for_each(|model| arguments.extend(["--model", model]));
        arguments
    };
    let undisturbed = place();
    assert_eq!(undisturbed.told(&with_models()).code, 0);
    let needed = std::mem::take(&mut *lock(&vendor.books));
    for at in [1, needed.total / 2, needed.total - 1] {
        let place = place();
        let victim = Arc::new(Mutex::new(place.command(&with_models()).spawn().expect("it runs")));
        lock(&vendor.books).alarm = Some((at, Arc::clone(&victim)));
        while lock(&victim).try_wait().expect("a child").is_none() {
            thread::sleep(Duration::from_millis(1));
        }
        assert!(!place.path(ACCOUNT).exists() || place.read(ACCOUNT).is_empty(), "nothing was decided yet");
        assert_eq!(place.told(&with_models()).code, 0);
        assert_eq!(journals(&place), journals(&undisturbed), "killed at {at}");
        let books = std::mem::take(&mut *lock(&vendor.books));
        let twice: u32 = books.asked.values().map(|times| times - 1).sum();
        assert!(twice <= SEATS, "killed at {at}: {twice} asked again, and only {SEATS} can have waited");
        assert_eq!(place.told(&with_models()).code, 0);
        assert_eq!((lock(&vendor.books).total, journals(&place)), (0, journals(&undisturbed)));
    }
}

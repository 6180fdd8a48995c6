//! Debates that can be held, from files alone.

use std::{fs, time::Duration};

use assize_debate::{AbstainReason, Event, Record};
use assize_wiring::{ErrorKind, VendorOptions, resume_debate, set_up_debate};

use crate::desk::{clock, fixture, folder, hold, journal, now, options, scripted, set_up, with_evidence};

#[test]
fn a_panel_of_scripts() {
    let panel = fixture("assize/panel");
    let models = ["ada.txt", "ben.txt", "cem.txt"].map(|name| scripted(&panel.join(name)));
    let models: Vec<&str> = models.iter().map(String::as_str).collect();
    let mut options = with_evidence(options(&models), &[fixture("assize/evidence/notes.jsonl")]);
    options.budget = Some("1".parse().expect("money"));
    let hearing = set_up(options).expect("a hearing");
    assert_eq!(hearing.spec.options, ["yes", "no"], "without prices");
    let names: Vec<&str> = hearing.spec.seats.iter().map(|seat| seat.name.as_str()).collect();
    assert_eq!(names, ["voice 1", "voice 2", "voice 3"]);
    assert_eq!(hearing.spec.evidence.len(), 2);
    assert_eq!(hearing.notes.len(), 1, "{:?}", hearing.notes);
    assert!(hearing.notes[0].starts_with("1 item(s) of ") && hearing.notes[0].ends_with("are left out"));
    let verdict = hold(hearing).verdict;
    assert_eq!((verdict.decision(), verdict.rounds), (Some("yes"), 2));
    assert_eq!((verdict.conformity.flips, verdict.conformity.flips_without_new_evidence), (1, 0));
    assert!(verdict.abstentions.iter().all(|a| a.name == "voice 3" && a.reason == AbstainReason::Unreadable));
    // What cannot be read is asked for once more.
    assert_eq!((verdict.calls, verdict.cost.to_string().as_str()), (8, "0.00"));
}

#[test]
fn one_model_alone_speaks_with_three_voices() {
    let ada = scripted(&fixture("assize/panel/ada.txt"));
    let hearing = set_up(options(&[&ada])).expect("a hearing");
    assert!(hearing.spec.seats.len() == 3 && hearing.spec.seats.iter().all(|seat| seat.debater == ada));
    assert_eq!(hearing.panel.len(), 3);
    let hearing = set_up(options(&[&ada, &ada])).expect("a hearing");
    assert_eq!(hearing.spec.seats.len(), 2, "two are two");
}

#[test]
fn prices_bring_the_analysts() {
    let mut asked = with_evidence(options(&[]), &[fixture("pipeline/prices/RISE.csv")]);
    asked.horizon_sessions = 10;
    let hearing = set_up(asked.clone()).expect("a hearing");
    assert_eq!(hearing.spec.options, ["up", "down"]);
    let seats: Vec<&str> = hearing.spec.seats.iter().map(|seat| seat.debater.as_str()).collect();
    assert_eq!(seats, ["analyst:momentum@10", "analyst:mean-reversion@10", "analyst:trend-quality@10"]);
    assert_eq!(hearing.spec.evidence.len(), 260, "up to the as-of date");
    assert_eq!(hold(hearing).verdict.decision(), Some("up"));
    // How far they look ahead is part of what defines the debate.
    let id = |sessions| {
        let mut asked = asked.clone();
        asked.horizon_sessions = sessions;
        set_up(asked).expect("a hearing").spec.id()
    };
    assert_eq!(id(10), id(10));
    assert_ne!(id(10), id(11));
    // A question with other answers is not for them.
    asked.options = vec!["yes".to_owned(), "no".to_owned()];
    asked.models = vec![scripted(&fixture("assize/panel/ada.txt"))];
    let hearing = set_up(asked).expect("a hearing");
    assert!(hearing.spec.seats.iter().all(|seat| seat.debater.starts_with("scripted:")));
}

#[test]
fn other_evidence_brings_those_who_read_it() {
    let value = |series: &str, value: f64| {
        format!(
            r#"{{"kind": "macro", "subject": "economy", "text": "{series}: {value}", "available_at": "2019-12-31T00:00:00Z",
             "data": {{"series": "fred:{series}", "date": "2019-12-30", "value": {value}}}}}"#
        )
    };
    let place = folder(&[("macro.json", &format!("[{}, {}]", value("T10Y2Y", -0.5), value("VIXCLS", 40.0)))]);
    let mut asked = with_evidence(options(&[]), &[place.path().join("macro.json")]);
    asked.options = vec!["up".to_owned(), "down".to_owned()];
    let hearing = set_up(asked).expect("a hearing");
    let seats: Vec<&str> = hearing.spec.seats.iter().map(|seat| seat.debater.as_str()).collect();
    assert_eq!(seats, ["analyst:macro@20"]);
    assert_eq!(hold(hearing).verdict.decision(), Some("down"));
}

#[test]
fn an_analyst_can_be_called_by_name() {
    let mut asked = with_evidence(options(&["analyst:momentum"]), &[fixture("pipeline/prices/RISE.csv")]);
    asked.horizon_sessions = 7;
    let hearing = set_up(asked).expect("a hearing");
    assert!(hearing.spec.seats.iter().take(3).all(|seat| seat.debater == "analyst:momentum@7"));
}

#[test]
fn a_debate_is_taken_up_from_its_journal_alone() {
    let place = folder(&[]);
    for (path, log) in
        [("made/when/needed", "DEBATE.jsonl"), ("needed/debates.db", ""), ("Debates.SQLite", "")]
    {
        let path = place.path().join(path);
        let asked = with_evidence(options(&[]), &[fixture("pipeline/prices/ADJ_daily_2019.csv")]);
        let hearing = now(set_up_debate(asked, Some(journal(&path)), clock())).expect("a hearing");
        let (spec, id) = (hearing.spec.clone(), hearing.spec.id());
        let log = if log.is_empty() { path.clone() } else { path.join(log.replace("DEBATE", id.as_str())) };
        assert_eq!(hearing.log.as_deref(), Some(&*log));
        let verdict = hold(hearing).verdict;
        assert!(log.is_file(), "{}", log.display());
        let resumed =
            now(resume_debate(id.as_str(), journal(&path), &VendorOptions::default(), None, clock()))
                .expect("a hearing");
        assert_eq!(resumed.spec, spec, "to the last digit of every price");
        let conclusion = hold(resumed);
        assert_eq!((conclusion.verdict, conclusion.timing.turns.len()), (verdict, 0));
    }
}

#[test]
fn under_another_name_it_is_not_the_debate_that_the_name_says() {
    let place = folder(&[]);
    let asked = options(&[&scripted(&fixture("assize/panel/ada.txt"))]);
    let hearing = now(set_up_debate(asked, Some(journal(place.path())), clock())).expect("a hearing");
    let id = hearing.spec.id();
    hold(hearing);
    let (from, to) = (place.path().join(format!("{id}.jsonl")), place.path().join("deb-000000000000.jsonl"));
    fs::copy(from, to).expect("a copy");
    let there = journal(place.path());
    let refused = now(resume_debate("deb-000000000000", there, &VendorOptions::default(), None, clock()))
        .expect_err("another debate");
    assert_eq!(refused.kind(), ErrorKind::BadRequest);
    assert!(refused.to_string().contains(&format!("is that of {id}")), "{refused}");
}

/// Whatever defines a debate reads back from its opening as it was, or the same command would be another debate.
#[test]
fn an_opening_reads_back_as_it_was() {
    for nanoseconds in [1, 999_999, 1_000_000, 1_500_001, 3_600_000_000_000, u64::MAX] {
        let mut asked = options(&[&scripted(&fixture("assize/panel/ada.txt"))]);
        asked.deadline = Some(Duration::from_nanos(nanoseconds));
        asked.budget = Some("0.000000000001".parse().expect("money"));
        let spec = set_up(asked).expect("a hearing").spec;
        assert!(spec.limits.debate >= Some(Duration::from_nanos(nanoseconds)));
        let line = Record::new(0, Event::Opened { spec: spec.clone() }).to_line().expect("a line");
        assert_eq!(Record::from_line(&line).expect("a record").event, Event::Opened { spec });
    }
}

/// A log from outside names its debaters: it may not ask for what does not exist.
#[test]
fn a_log_that_names_strange_debaters_is_refused() {
    let ada = scripted(&fixture("assize/panel/ada.txt"));
    let debater = |name: &str| format!("there is no debater {name:?}");
    for (strange, words) in [
        ("analyst:momentum@0", debater("analyst:momentum@0")),
        ("analyst:momentum@253", debater("analyst:momentum@253")),
        ("analyst:momentum@x", debater("analyst:momentum@x")),
        ("analyst", debater("analyst")),
        ("oracle:delphi", "find the vendor `oracle`: it is unknown".to_owned()),
    ] {
        let mut spec = (*set_up(options(&[&ada])).expect("a hearing").spec).clone();
        strange.clone_into(&mut spec.seats[0].debater);
        let id = spec.id();
        let line = Record::new(0, Event::Opened { spec: spec.into() }).to_line().expect("a line");
        let log = format!("{}\n", String::from_utf8(line).expect("text"));
        let place = folder(&[(&format!("{id}.jsonl"), &log)]);
        let refused =
            now(resume_debate(id.as_str(), journal(place.path()), &VendorOptions::default(), None, clock()))
                .expect_err("a strange debater");
        assert_eq!(refused.kind(), ErrorKind::BadRequest, "{strange}");
        assert!(refused.to_string().contains(&words), "{refused}");
    }
}

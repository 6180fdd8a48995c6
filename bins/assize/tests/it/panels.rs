//! `assize debate` with a panel from a file, a judge, and a person.

use std::{io::Write, process::Stdio};

use serde_json::Value;

use crate::program::{Place, fixtures};

const EVIDENCE: [&str; 4] = ["--evidence", "evidence/notes.jsonl", "--as-of", "2019-12-31"];

fn place() -> Place {
    let mut place = Place::new();
    for name in ["council.toml", "bull-bear-judge.toml", "devils-advocate.toml"] {
        let text = std::fs::read(fixtures("panels").join(name)).expect("a panel");
        place = place.with_file(&format!("panels/{name}"), text);
    }
    place
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

#[test]
fn the_ready_panels_are_held() {
    let place = place()
        .with_file("bull.txt", r#"{"stance": "up", "probabilities": {"up": 0.8, "down": 0.2}, "reasons": [{"text": "it rose", "cites": []}]}"#)
        .with_file("bear.txt", r#"{"stance": "down", "probabilities": {"up": 0.3, "down": 0.7}, "reasons": [{"text": "it will fall", "cites": []}]}"#)
        .with_file("even.txt", r#"{"winner": "down", "scores": {"up": 0.4, "down": 0.6}, "enough": true, "reasons": [{"text": "it was answered", "cites": []}]}"#);
    let held = |panel: &str, models: &[&str]| {
        let mut asked = vec!["debate", "Where to?", "--panel", panel, "--json"];
        asked.extend(models.iter().flat_map(|model| ["--model", model]));
        let told = place.told(&asked);
        assert_eq!(told.code, 0, "{panel}: {}", told.err);
        json(&told.out)
    };
    let (ada, ben) = ("scripted:panel/ada.txt", "scripted:panel/ben.txt");
    let council = held("panels/council.toml", &[ada, ben, ada]);
    assert_eq!(
        (&council["outcome"]["option"], &council["votes"][1]["name"]),
        (&"yes".into(), &"Birch".into()),
        "{council}"
    );
    let advocate = held("panels/devils-advocate.toml", &[ada, ada, ada, ben]);
    assert_eq!(
        (&advocate["votes"][3]["weight"], &advocate["rounds"]),
        (&0.25.into(), &3.into()),
        "{advocate}"
    );
    let judged =
        held("panels/bull-bear-judge.toml", &["scripted:bull.txt", "scripted:bear.txt", "scripted:even.txt"]);
    assert_eq!(judged["outcome"]["option"], "down", "by the judge, whatever the votes: {judged}");
    assert_eq!(
        (&judged["rule"], &judged["stopped"]),
        (&"judge".into(), &"judge-satisfied".into()),
        "{judged}"
    );
    assert_eq!(judged["assessments"][0]["orders_agree"], true, "{judged}");
}

/// Two who are right by chance and one who is always right: it is one against two, and its record decides.
#[test]
fn a_record_of_outcomes_decides_where_the_panel_says_so() {
    const PANEL: &str = r#"
        format_version = 1
        rule = "track-record"
        rounds = 1
        track_record = { outcomes = "records/past.jsonl" }
        recalibration = { outcomes = "records/past.jsonl" }
        seat = [
            { name = "Ada", model = "scripted:panel/ada.txt" },
            { name = "Eve", model = "scripted:panel/ada.txt" },
            { name = "Ben", model = "scripted:no.txt" },
        ]
    "#;
    let past = |questions: u32| {
        let line = |question: u32| {
            let guess = ["yes", "no"][question as usize % 2];
            format!(
                r#"{{"format_version": 1, "question": "q-{question}", "truth": "yes", "answers": {{"Ada": {{"option": "{guess}", "probability": 0.9}}, "Eve": {{"option": "{guess}"}}, "Ben": {{"option": "yes"}}}}}}"#
            )
        };
        (0..questions).map(line).collect::<Vec<_>>().join("\n")
    };
    let place = |questions: u32| {
        Place::new()
            .with_file("panels/mine.toml", PANEL)
            .with_file("panels/records/past.jsonl", past(questions))
            .with_file("no.txt", r#"{"stance": "no", "reasons": [{"text": "it rains", "cites": []}]}"#)
    };
    let asked = ["debate", "Ship?", "--panel", "panels/mine.toml", "--json", "--journal", "logs"];
    let told = place(40).told(&asked);
    assert_eq!((told.code, &json(&told.out)["outcome"]["option"]), (0, &"no".into()), "{}", told.err);
    assert!(!told.err.contains("outcomes"), "{}", told.err);

    let few = place(29).told(&asked);
    assert_eq!(json(&few.out)["outcome"]["option"], "yes", "no record counts yet: {}", few.out);
    assert!(
        few.err.contains("fewer than 30 outcomes in records/past.jsonl for Ada (29), Eve (29), Ben (29)"),
        "{}",
        few.err
    );

    let others = place(40).told(&[&asked[..], &["--model", "scripted:no.txt"]].concat());
    assert!(
        others.code == 0 && others.err.contains("other models than --model puts there"),
        "{}",
        others.err
    );

    let resumable = place(40);
    let id = json(&resumable.told(&asked).out)["debate"].as_str().expect("an id").to_owned();
    let log = resumable.read(&format!("logs/{id}.jsonl"));
    let spec = &json(log.lines().next().expect("a line"))["event"]["spec"];
    assert_eq!(spec["track_record"]["seats"][1], "+-".repeat(20), "the log holds what was known: {spec}");
    assert_eq!(spec["recalibration"].as_array().map(|steps| !steps.is_empty()), Some(true), "{spec}");

    let broken = place(40).with_file("panels/records/past.jsonl", "{}").told(&asked);
    assert!(
        broken.code == 2 && broken.err.contains("past.jsonl, line 1: missing field"),
        "{} {}",
        broken.code,
        broken.err
    );
}

#[test]
fn flags_go_before_the_file() {
    let place = place();
    let asked = [
        "debate",
        "Ship?",
        "--panel",
        "panels/council.toml",
        "--model",
        "scripted:panel/ada.txt",
        "--json",
        "--journal",
        "logs",
    ];
    let course = [
        "--order",
        "sequential",
        "--topology",
        "star:2",
        "--selector",
        "always",
        "--stop",
        "stable:2,unassailable-lead",
        "--window",
        "2:100",
        "--tie-break",
        "seeded",
        "--rounds",
        "4",
        "--rule",
        "plurality",
        "--judge",
        "scripted:panel/judge.txt",
        "--judge-each-round",
    ];
    let told = place.told(&[&asked[..], &course].concat());
    assert_eq!(told.code, 0, "{}", told.err);
    let id = json(&told.out)["debate"].as_str().expect("an id").to_owned();
    let log = place.read(&format!("logs/{id}.jsonl"));
    let opening = json(log.lines().next().expect("a line"));
    let spec = &opening["event"]["spec"];
    for (field, expected) in [
        ("order", serde_json::json!("sequential")),
        ("topology", serde_json::json!({"type": "star", "moderator": 1})),
        ("selector", serde_json::json!("always")),
        ("stops", serde_json::json!([{"type": "stable", "rounds": 2}, {"type": "unassailable-lead"}])),
        ("window", serde_json::json!({"rounds": 2, "tokens": 100})),
        ("tie_break", serde_json::json!("seeded")),
        ("rounds", serde_json::json!(4)),
        ("rule", serde_json::json!("plurality")),
    ] {
        assert_eq!(spec[field], expected, "{field}");
    }
    assert_eq!(
        (&spec["judge"]["judge"], &spec["judge"]["each_round"]),
        (&"scripted:panel/judge.txt".into(), &true.into())
    );
    let resumed = place.told(&["debate", "--resume", &id, "--journal", "logs", "--json"]);
    assert_eq!((resumed.code, &resumed.out), (0, &told.out), "{}", resumed.err);
}

#[test]
fn what_cannot_be_held_is_refused() {
    let place =
        place().with_file("broken.toml", "format_version = 1\n\n[[seat]]\nname = \"A\"\nmodell = \"x\"\n");
    let ada = ["debate", "Ship?", "--model", "scripted:panel/ada.txt"];
    for (arguments, words) in [
        (&["--panel", "gone.toml"][..], "read the panel gone.toml"),
        (&["--panel", "broken.toml"], "line 5"),
        (
            &["--panel", "panels/council.toml", "--option", "a"],
            "use the panel panels/council.toml: hold the debate: it needs 2 to 64",
        ),
        (&["--order", "random"], "there are simultaneous, sequential, round-robin"),
        (&["--topology", "star"], "there are complete, ring, star:SEAT, sparse:N"),
        (&["--topology", "star:0"], "the first seat is 1"),
        (&["--topology", "star:9"], "the moderator is seat 8"),
        (&["--topology", "sparse:x"], "\"x\" is no whole number"),
        (&["--selector", "maybe"], "there are auto, always, never"),
        (&["--stop", "bored"], "there are unanimous, stable[:ROUNDS]"),
        (&["--stop", "stable:0"], "at least 1 round"),
        (&["--stop", "sequential-test:0.2:0.1"], "a competence between 0.5 and 1"),
        (&["--stop", "judge-satisfied"], "a judge can only be satisfied"),
        (&["--window", "a"], "write it as 5:4096"),
        (&["--judge", "rules"], "there is no judge \"rules\""),
        (&["--judge", "analyst:momentum"], "there is no judge"),
        (&["--judge-each-round"], "nobody is there to judge"),
        (&["--rule", "judge"], "needs a judge"),
        (&["--tie-break", "coin"], "there are none, confidence, first-round, seeded"),
        (&["--resume", "deb-0123456789ab", "--journal", "x", "--panel", "p"], "there is no such debate in x"),
    ] {
        let told = place.told(&[&ada[..], arguments].concat());
        assert_eq!((told.code, told.out.as_str()), (2, ""), "{arguments:?}: {}", told.err);
        assert!(told.err.contains(words), "{arguments:?}: {}", told.err);
    }
}

/// Runs a debate with a person who has written these lines down.
fn answering(place: &Place, lines: &str, arguments: &[&str]) -> (i32, Value, String) {
    let mut command = place.command(&[&["debate", "Ship?", "--json"][..], &EVIDENCE, arguments].concat());
    let mut child = command.stdin(Stdio::piped()).spawn().expect("it runs");
    let mut stdin = child.stdin.take().expect("its input");
    stdin.write_all(lines.as_bytes()).expect("it is read");
    drop(stdin);
    let done = child.wait_with_output().expect("it ends");
    let err = String::from_utf8(done.stderr).expect("text");
    (done.status.code().expect("a code"), json(&String::from_utf8_lossy(&done.stdout)), err)
}

#[test]
fn a_person_sits_on_the_panel() {
    let place = Place::new();
    let (code, verdict, err) = answering(
        &place,
        "perhaps\nno 90 %: nobody is in\nyes 60 %: the tests pass [ev-tests]\n",
        &["--model", "human:Bea", "--model", "scripted:panel/ada.txt"],
    );
    assert_eq!((code, &verdict["outcome"]["option"]), (0, &"yes".into()), "{verdict} {err}");
    assert_eq!((&verdict["votes"][0]["name"], &verdict["rounds"]), (&"Bea".into(), &2.into()));
    assert_eq!(verdict["reasons"][0]["cites"], serde_json::json!(["ev-tests"]), "{verdict}");
    assert!(
        err.contains("Bea, round 1: Ship?") && err.contains("\"perhaps\" names no option; once more"),
        "{err}"
    );
    assert!(err.contains("Peer 1 says: yes\n    the tests are green [ev-tests]"), "{err}");
    let alone = &["--model", "human"];
    let (code, verdict, _) = answering(&place, "\n", alone);
    assert_eq!(
        (code, &verdict["outcome"]["type"], &verdict["abstentions"][0]["reason"]),
        (0, &"no-opinion".into(), &"undecided".into())
    );
    let (code, verdict, _) = answering(&place, "", alone);
    assert_eq!((code, &verdict["abstentions"][0]["reason"]), (3, &"failed".into()), "{verdict}");
}

/// A deadline does not wait for whoever says nothing.
#[test]
fn a_person_who_says_nothing_is_not_waited_for() {
    let place = Place::new();
    let mut command = place.command(&[
        "debate",
        "Ship?",
        "--model",
        "human",
        "--model",
        "scripted:panel/ada.txt",
        "--deadline",
        "300ms",
    ]);
    let mut child = command.stdin(Stdio::piped()).spawn().expect("it runs");
    // Standard input stays open until it has ended by itself.
    let held_open = child.stdin.take();
    let done = child.wait_with_output().expect("it ends");
    drop(held_open);
    let out = String::from_utf8_lossy(&done.stdout);
    assert_eq!(done.status.code(), Some(0), "{out}");
    assert!(out.contains("(1 yes, 0 no, 1 silent)") && out.contains("when its time was over"), "{out}");
}

#[test]
fn only_those_who_follow_see_more_than_the_verdict() {
    let place = Place::new();
    let asked = [
        "debate",
        "Ship?",
        "--model",
        "scripted:panel/ada.txt",
        "--judge",
        "scripted:panel/judge.txt",
        "--rounds",
        "1",
    ];
    let quiet = place.told(&asked);
    assert!(!quiet.err.contains("round 1"), "{}", quiet.err);
    let told = place.told(&[&asked[..], &["--stream"]].concat());
    assert_eq!(told.out, quiet.out);
    let lines: Vec<&str> = told.err.lines().filter(|line| line.starts_with("round 1, ")).collect();
    assert_eq!(lines.len(), 4, "{}", told.err);
    assert!(
        lines[3].starts_with("round 1, scripted:panel/judge.txt: yes: the way back was shown"),
        "{lines:?}"
    );
    assert!(told.out.contains("What the judge says") && told.out.contains("the same"), "{}", told.out);
}

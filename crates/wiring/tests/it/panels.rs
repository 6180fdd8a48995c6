//! Panels from their files.

use std::path::PathBuf;

use assize_debate::{Degradation, Order, Outcome, Selector, StopRule, Topology};
use assize_wiring::{
    DebateOptions, Error, ErrorKind, Procedure, VendorOptions, resume_debate, set_up_debate,
};

use crate::desk::{self, clock, fixture, folder, hold, hold_in_virtual_time, now, options, scripted, set_up};

const READY: [&str; 3] = ["council.toml", "bull-bear-judge.toml", "devils-advocate.toml"];

fn with_panel(path: PathBuf, models: &[&str]) -> DebateOptions {
    DebateOptions { panel: Some(path), ..options(models) }
}

/// Every model that a ready panel names has a price, or it could not be hired.
#[test]
fn the_ready_panels_can_be_hired() {
    let place = folder(&[("keys.toml", "openai = \"a\"\nanthropic = \"b\"\ngemini = \"c\"\n")]);
    for name in READY {
        let mut asked = with_panel(fixture("panels").join(name), &[]);
        asked.vendors.keys = Some(place.path().join("keys.toml"));
        let hearing = set_up(asked).expect(name);
        assert_eq!(hearing.panel.len(), hearing.spec.seats.len(), "{name}");
        assert_eq!(hearing.judge.is_some(), name == "bull-bear-judge.toml");
        let mut models: Vec<&str> = hearing.spec.seats.iter().map(|seat| seat.debater.as_str()).collect();
        models.extend(hearing.spec.judge.iter().map(|judge| judge.judge.as_str()));
        models.sort_unstable();
        models.dedup();
        assert!(models.len() >= 3, "{name}: {models:?}");
    }
}

/// And each can be rehearsed without a key.
#[test]
fn the_ready_panels_can_be_rehearsed() {
    for name in READY {
        let hearing =
            set_up(with_panel(fixture("panels").join(name), &["simulated:gpt-4o-mini"])).expect(name);
        let (spec, verdict) = (hearing.spec.clone(), hold_in_virtual_time(hearing).verdict);
        assert_eq!(verdict.votes.len(), spec.seats.len(), "{name}: {:?}", verdict.abstentions);
        assert!(verdict.rounds >= if spec.selector == Selector::Always { 2 } else { 1 }, "{name}");
        let assessed = if spec.judge.is_some() { verdict.rounds as usize } else { 0 };
        assert_eq!(verdict.assessments.len(), assessed, "{name}: {:?}", verdict.degradations);
        assert!(!matches!(verdict.outcome, Outcome::NoOpinion) || spec.judge.is_some(), "{name}");
    }
}

const PANEL: &str = r#"format_version = 1
options = ["stay", "go"]
rounds = 2
order = "sequential"
selector = "never"

[[seat]] # the first
name = "Ada"
model = "openai:gpt-4o"
role = "a sceptic"

[[seat]]
name = "Ben"
model = "analyst:momentum"

[[seat]]
name = "Cem"
model = "anthropic:claude-sonnet-4-5"
weight = 2.0

[judge]
name = "Dee"
model = "gemini:gemini-2.5-flash"
"#;

#[test]
fn what_is_asked_for_goes_before_the_file() {
    let place = folder(&[("p.toml", PANEL)]);
    let ada = scripted(&fixture("assize/panel/ada.txt"));
    let spec = |procedure: Procedure| {
        let asked = with_panel(place.path().join("p.toml"), &[&ada]);
        set_up(DebateOptions { procedure, ..asked }).expect("a hearing").spec
    };
    let as_written = spec(Procedure::default());
    assert_eq!(
        (as_written.rounds, as_written.order, as_written.selector),
        (2, Order::Sequential, Selector::Never)
    );
    assert_eq!(as_written.options, ["stay", "go"]);
    let told = spec(Procedure {
        rounds: Some(4),
        order: Some(Order::RoundRobin),
        topology: Some(Topology::Ring),
        stops: Some(vec![StopRule::JudgeSatisfied]),
        judge_each_round: true,
        ..Procedure::default()
    });
    assert_eq!((told.rounds, told.order, told.topology), (4, Order::RoundRobin, Topology::Ring));
    assert_eq!((told.selector, &told.stops[..]), (Selector::Never, &[StopRule::JudgeSatisfied][..]));
    assert!(told.judge.as_ref().is_some_and(|judge| judge.each_round && judge.name == "Dee"));
    let mut asked = with_panel(place.path().join("p.toml"), &[&ada]);
    asked.options = vec!["left".to_owned(), "right".to_owned()];
    assert_eq!(set_up(asked).expect("a hearing").spec.options, ["left", "right"]);
}

#[test]
fn models_speak_in_the_place_of_models() {
    let place = folder(&[("p.toml", PANEL)]);
    let scripts = ["ada.txt", "ben.txt", "cem.txt"].map(|name| scripted(&fixture("assize/panel").join(name)));
    let [ada, ben, cem] = [&scripts[0], &scripts[1], &scripts[2]].map(String::as_str);
    let cast = |models: &[&str], judge: Option<&str>| {
        let mut asked = with_panel(place.path().join("p.toml"), models);
        asked.procedure.judge = judge.map(str::to_owned);
        set_up(asked).map(|hearing| {
            let spec = &hearing.spec;
            let judge = spec.judge.as_ref().map(|judge| judge.judge.clone()).unwrap_or_default();
            (spec.seats.iter().map(|seat| seat.debater.clone()).collect::<Vec<_>>(), judge)
        })
    };
    let momentum = "analyst:momentum@20";
    assert_eq!(
        cast(&[ada], None).expect("one for all"),
        (vec![ada.into(), momentum.into(), ada.into()], ada.into())
    );
    let apart = cast(&[ada, ben, cem], None).expect("one for each");
    assert_eq!(apart, (vec![ada.into(), momentum.into(), ben.into()], cem.into()));
    let named = cast(&[ada, ben], Some(cem)).expect("and a judge");
    assert_eq!(named.1, cem);
    let refused: Error = cast(&[ada, ben, cem, ada], None).expect_err("too many");
    assert!(
        refused.to_string().contains("the panel") && refused.to_string().contains("2 seats for models"),
        "{refused}"
    );
}

#[test]
fn a_panel_comes_back_from_its_log() {
    let judge = r#"{"winner": "no", "scores": {"yes": 0.2, "no": 0.9}, "reasons": [{"text": "nobody answered that", "cites": []}]}"#;
    let place = folder(&[
        (
            "p.toml",
            &PANEL
                .replace("\"stay\", \"go\"", "\"yes\", \"no\"")
                .replace("rounds = 2", "rounds = 1\nrule = \"judge\""),
        ),
        ("judge.txt", judge),
    ]);
    let ada = scripted(&fixture("assize/panel/ada.txt"));
    let journal = place.path().join("logs");
    let mut asked = with_panel(place.path().join("p.toml"), &[&ada]);
    asked.procedure.judge = Some(scripted(&place.path().join("judge.txt")));
    let hearing = now(set_up_debate(asked, Some(desk::journal(&journal)), clock())).expect("a hearing");
    let id = hearing.spec.id();
    let verdict = hold(hearing).verdict;
    assert_eq!(verdict.decision(), Some("no"), "{verdict:?}");
    assert_eq!(verdict.assessments[0].reasons, ["nobody answered that"]);
    // Its opening alone: everything is asked again, the judge included.
    let path = journal.join(format!("{id}.jsonl"));
    let log = std::fs::read_to_string(&path).expect("a log");
    std::fs::write(&path, format!("{}\n", log.lines().next().expect("a line"))).expect("a shorter log");
    let resumed =
        now(resume_debate(id.as_str(), desk::journal(journal), &VendorOptions::default(), None, clock()))
            .expect("a hearing");
    assert!(
        resumed.spec.seats[0]
            .persona
            .as_ref()
            .is_some_and(|persona| persona.role.as_deref() == Some("a sceptic"))
    );
    assert_eq!(hold(resumed).verdict, verdict);
}

/// Where money is short, a seat speaks through its cheaper model, and the verdict says so.
#[test]
fn a_seat_may_have_a_cheaper_model() {
    let panel = "format_version = 1\n[[seat]]\nname = \"Ada\"\nmodel = \"simulated:gpt-4o\"\ncheaper = \"simulated:gpt-4o-mini\"\n";
    let place = folder(&[("p.toml", panel)]);
    let held = |budget: &str, models: &[&str]| {
        let mut asked = with_panel(place.path().join("p.toml"), models);
        asked.budget = budget.parse().ok();
        hold_in_virtual_time(set_up(asked).expect("a hearing")).verdict
    };
    let is_cheaper = |degradation: &Degradation| matches!(degradation, Degradation::CheaperModel { .. });
    let short = held("0.002", &[]);
    assert!(short.votes.len() == 1 && short.degradations.iter().any(is_cheaper), "{short:?}");
    let enough = held("1", &[]);
    assert!(enough.votes.len() == 1 && !enough.degradations.iter().any(is_cheaper), "{enough:?}");
    assert_eq!(held("0.002", &["simulated:gpt-4o"]).votes.len(), 0, "another model has no cheaper one");
}

#[test]
fn what_is_wrong_is_named_with_its_file_and_line() {
    for (from, to, line, words) in [
        ("rounds = 2", "rounds = \"two\"", "line 3", "read the panel"),
        (
            "a sceptic\"",
            "a sceptic\"\nargues_for = \"left\"",
            "p.toml, line 7",
            "\"left\", which is none of the options",
        ),
        ("weight = 2.0", "temperature = 9.0", "p.toml, line 16", "its temperature must lie in 0 to 2"),
        ("\"gemini:", "\"oracle:", "p.toml, line 21", "oracle"),
        (
            "model = \"analyst:momentum\"",
            "model = \"analyst:momentum\"\nrole = \"x\"",
            "p.toml, line 12",
            "speaks as itself",
        ),
        ("\"analyst:momentum\"", "\"human\"", "p.toml, line 12", "nobody is there to answer"),
        ("\"gemini:gemini-2.5-flash\"", "\"human\"", "p.toml, line 21", "there is no judge \"human\""),
        (
            "\"analyst:momentum\"",
            "\"analyst:momentum\"\ncheaper = \"openai:gpt-4o-mini\"",
            "p.toml, line 12",
            "only a model has a cheaper one",
        ),
        ("rounds = 2", "rounds = 99", "p.toml", "it needs 1 to 50 rounds, not 99"),
    ] {
        assert!(PANEL.contains(from), "{from}");
        let place = folder(&[
            ("p.toml", &PANEL.replacen(from, to, 1)),
            ("keys.toml", "openai = \"a\"\nanthropic = \"b\"\ngemini = \"c\"\n"),
        ]);
        let mut asked = with_panel(place.path().join("p.toml"), &[]);
        asked.vendors.keys = Some(place.path().join("keys.toml"));
        let refused = set_up(asked).expect_err(to);
        let message = refused.to_string();
        assert!(message.contains(line) && message.contains(words), "{to}: {message}");
        assert_eq!(refused.kind(), ErrorKind::BadRequest);
    }
    let refused = set_up(with_panel(PathBuf::from("gone.toml"), &[])).expect_err("no file");
    assert!(refused.to_string().contains("read the panel gone.toml"), "{refused}");
    let mut asked = options(&["analyst:momentum"]);
    asked.procedure.judge_each_round = true;
    let refused = set_up(asked).expect_err("no judge");
    assert!(refused.to_string().contains("nobody is there to judge"), "{refused}");
}

const LONG: &str = r#"format_version = 1
options = ["yes", "no"]
rounds = 4
stops = []
selector = "always"

[window]
rounds = 0
tokens = 0
summary = { model = "openai:gpt-4o-mini", max_tokens = 300 }

[[seat]]
name = "Ada"
model = "openai:gpt-4o"

[[seat]]
name = "Ben"
model = "openai:gpt-4o"
"#;

fn summaries_lost(verdict: &assize_debate::Verdict) -> usize {
    verdict.degradations.iter().filter(|one| matches!(one, Degradation::LostSummary { .. })).count()
}

#[test]
fn a_model_sums_up_what_falls_out_of_the_window() {
    let place = folder(&[("p.toml", LONG)]);
    let path = || place.path().join("p.toml");
    let cast = |models: &[&str]| {
        let spec = set_up(with_panel(path(), models)).map(|hearing| hearing.spec)?;
        Ok::<_, Error>(spec.summariser.as_ref().map(|seat| seat.model.clone()).unwrap_or_default())
    };
    let (one, other) = ("simulated:gpt-4o", "simulated:gpt-4o-mini");
    assert_eq!(cast(&[one]).expect("one for all"), one);
    assert_eq!(cast(&[one, one, other]).expect("one for each"), other);
    let refused = cast(&[one, one, other, one]).expect_err("too many");
    assert!(refused.hint().unwrap_or_default().contains("one more for its summaries"), "{refused}");

    let journal = place.path().join("logs");
    let hearing =
        now(set_up_debate(with_panel(path(), &[one]), Some(desk::journal(journal.clone())), clock()))
            .expect("a hearing");
    let id = hearing.spec.id();
    let verdict = hold_in_virtual_time(hearing).verdict;
    assert_eq!((verdict.rounds, verdict.calls, summaries_lost(&verdict)), (4, 8 + 2, 0), "{verdict:?}");
    let log = std::fs::read_to_string(journal.join(format!("{id}.jsonl"))).expect("a log");
    assert_eq!(log.matches("\"summary-asked\"").count(), 2, "{log}");
    assert_eq!(log.matches("a simulated summary").count(), 2, "{log}");
    // It comes back from its log with its summariser, and asks nobody.
    let resumed =
        now(resume_debate(id.as_str(), desk::journal(journal), &VendorOptions::default(), None, clock()))
            .expect("a hearing");
    assert!(resumed.summariser.is_some());
    assert_eq!(hold_in_virtual_time(resumed).verdict, verdict);

    let plain = folder(&[(
        "p.toml",
        &LONG.replace("{ model = \"openai:gpt-4o-mini\", max_tokens = 300 }", "\"extractive\""),
    )]);
    let hearing = set_up(with_panel(plain.path().join("p.toml"), &[one])).expect("a hearing");
    assert!(hearing.summariser.is_none() && hearing.spec.window.is_some());
    for (from, to, words) in [
        ("\"openai:gpt-4o-mini\"", "\"human\"", "p.toml, line 7"),
        ("\"openai:gpt-4o-mini\"", "\"simulated:gpt-nine\"", "gpt-nine"),
        ("rounds = 4", "rounds = 4\ntopology = \"ring\"", "not each hears all others"),
    ] {
        let seats = LONG.replace("\"openai:gpt-4o\"", "\"simulated:gpt-4o\"");
        let wrong = folder(&[("p.toml", &seats.replace(from, to))]);
        let error = set_up(with_panel(wrong.path().join("p.toml"), &[])).expect_err(to);
        assert!(error.to_string().contains(words), "{to}: {error}");
    }
}

/// The book says that `gpt-4` reads 8,192 tokens: a debater, a judge and a summariser are told no more than that.
#[test]
fn nobody_is_told_more_than_its_model_reads() {
    let text = "It was so, and it will be so again. ".repeat(90);
    let notes: String = (0..12)
        .map(|n| {
            let note = serde_json::json!({
                "kind": "note", "subject": "x", "source": "a neighbour", "available_at": "2019-01-01T00:00:00Z",
                "text": format!("{n}: {text}"),
            });
            format!("{note}\n")
        })
        .collect();
    let place = folder(&[("p.toml", LONG), ("notes.jsonl", &notes)]);
    let held = |model: &str| {
        let mut asked = with_panel(place.path().join("p.toml"), &[model]);
        asked.evidence = vec![place.path().join("notes.jsonl")];
        hold_in_virtual_time(set_up(asked).expect("a hearing")).verdict
    };
    let shortened = |verdict: &assize_debate::Verdict| -> Vec<(String, bool)> {
        let of = |one: &Degradation| match one {
            Degradation::ShortenedPrompt { name, times: 4, evidence } => Some((name.clone(), *evidence > 0)),
            _ => None,
        };
        verdict.degradations.iter().filter_map(of).collect()
    };
    let tight = held("simulated:gpt-4");
    assert_eq!(tight.votes.len(), 2, "{:?}", tight.abstentions);
    assert_eq!(
        shortened(&tight),
        [("Ada".to_owned(), true), ("Ben".to_owned(), true)],
        "{:?}",
        tight.degradations
    );
    assert_eq!(shortened(&held("simulated:gpt-4o")), []);
}

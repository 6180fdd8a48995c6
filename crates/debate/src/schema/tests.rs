//! The schemas fit what is written and read, and not much else.

use std::{fs, path::Path, sync::Arc};

use serde_json::{Value, json};

use super::{log_record, outcome, panel_file, plain, verdict};
use crate::conformance::schema::misfit;
use crate::{
    Assessment, Bill, DeclineCause, Degradation, Event, JudgeSeat, Listener, Order, Panel, Record,
    Reservation, Resolved, Rule, Seat, SeatIndex, Shortened, Spec, StopRule, SummariserSeat, Summary,
    Topology, Utterance, Window,
};

fn fits(schema: &Value, value: &Value) {
    assert_eq!(misfit(schema, value), None, "{value}");
}

fn golden(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/debate/log-v1").join(name);
    fs::read_to_string(path).unwrap()
}

#[test]
fn a_log_of_old_and_its_verdict_fit() {
    let (records, verdicts) = (log_record(), verdict());
    let log = golden("deb-8a0a9aeaadd8.jsonl");
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.len() > 10);
    lines.iter().for_each(|line| fits(&records, line));
    let whole = &lines.last().unwrap()["event"]["verdict"];
    fits(&verdicts, whole);

    for (field, wrong) in [
        ("outcome", json!({ "type": "decided" })),
        ("outcome", json!({ "type": "guessed" })),
        ("cost", json!(0.1)),
        ("rounds", json!(-1)),
        ("stopped", json!("bored")),
        ("votes", json!([{ "seat": 0 }])),
        ("question", Value::Null),
    ] {
        let mut changed = whole.clone();
        changed[field] = wrong;
        assert!(misfit(&verdicts, &changed).is_some(), "{changed}");
        let mut line = lines.last().unwrap().clone();
        line["event"]["verdict"] = changed;
        assert!(misfit(&records, &line).is_some(), "{line}");
    }
}

/// What the old log does not hold: all that can be said of a debate, and every event.
#[test]
fn every_event_fits() {
    let spec = Spec::new("Tea?", ["yes", "no"])
        .with_seat(Seat::new("Ada", "openai:gpt-4o"))
        .with_order(Order::RoundRobin)
        .with_topology(Topology::Star { moderator: SeatIndex(0) })
        .with_stops([StopRule::JudgeSatisfied, StopRule::SequentialTest { competence: 0.7, error: 0.05 }])
        .with_window(Window::default())
        .with_summariser(SummariserSeat {
            max_tokens: Some(300),
            ..SummariserSeat::new("openai:gpt-4o-mini")
        })
        .with_budget("1.25".parse().unwrap())
        .with_rule("supermajority:3/4".parse().unwrap())
        .with_judge(JudgeSeat::new("Judge", "rule").in_each_round());
    let (round, seat, bill) = (0, SeatIndex(0), Bill::default());
    let assessment = Arc::new(Assessment::by_scores(vec![0.25, 0.75]));
    let utterance = Arc::new(Utterance::new(1).with_ranking([1, 0]).because("it rains", ["ev-1"]));
    let reason = crate::AbstainReason::TimedOut;
    let detail = "late".to_owned();
    let summary = Arc::new(Summary::new([("it rains".to_owned(), vec!["ev-1".into()])]));
    let left_out = Shortened { remarks: 2, summary: 1, reasons: Some(60), evidence: 1 };
    let records = log_record();
    for event in [
        Event::Opened { spec: Arc::new(spec) },
        Event::Asked { round, seat, reserved: Reservation { calls: 2, ..Reservation::default() } },
        Event::Spoke { round, seat, utterance, bill: bill.clone() },
        Event::Abstained { round, seat, reason, detail: detail.clone(), bill: bill.clone() },
        Event::JudgeAsked { round, reserved: Reservation::default() },
        Event::Assessed { round, assessment, bill: bill.clone() },
        Event::JudgeAbstained { round, reason, detail: detail.clone(), bill: bill.clone() },
        Event::SummaryAsked { round, reserved: Reservation::default() },
        Event::Summarised { round, summary, bill: bill.clone() },
        Event::SummaryDeclined { round, reason, detail, bill },
        Event::Shortened { round, who: Listener::Seat { seat }, left_out },
        Event::Shortened { round, who: Listener::Summariser, left_out: Shortened::default() },
        Event::Declined { cause: DeclineCause::NoMoney },
        Event::Halted { cause: crate::HaltCause::Deadline },
        Event::Resumed,
    ] {
        let line = Record::new(7, event).to_line().unwrap();
        fits(&records, &serde_json::from_slice(&line).unwrap());
    }
    let degradations = [
        Degradation::PossiblyPaid { amount: "0.5".parse().unwrap() },
        Degradation::Simulated,
        Degradation::JudgeContradictsItself { name: "Judge".to_owned(), round },
        Degradation::LostSummary { round, reason },
        Degradation::ShortenedPrompt { name: "Ada".to_owned(), times: 3, evidence: 1 },
    ];
    let mut verdict: Value = serde_json::from_str::<Value>(
        golden("deb-8a0a9aeaadd8.jsonl").lines().last().unwrap(),
    )
    .unwrap()["event"]["verdict"]
        .take();
    verdict["degradations"] = json!(degradations);
    fits(&super::verdict(), &verdict);
}

#[test]
fn a_panel_that_can_be_read_fits_and_another_does_not() {
    const PANEL: &str = r#"
        format_version = 1
        options = ["up", "down"]
        rounds = 4
        rule = "hybrid:5:3:0.75"
        order = "sequential"
        blind_first = false
        topology = { type = "star", moderator = 1 }
        stops = ["unanimous", { type = "stable", rounds = 2 }]
        selector = "always"
        window = { rounds = 3, tokens = 1000, summary = { model = "openai:gpt-4o-mini" } }

        [[seat]]
        name = "Bull"
        model = "openai:gpt-4o"
        temperature = 0.7

        [judge]
        name = "Judge"
        model = "anthropic:claude-sonnet-4-5"
        each_round = true

        [track_record]
        outcomes = "past.jsonl"
    "#;
    let schema = panel_file();
    let json = |text: &str| serde_json::to_value(toml::from_str::<toml::Table>(text).unwrap()).unwrap();
    Panel::from_toml("x", PANEL).unwrap();
    fits(&schema, &json(PANEL));
    for (from, to) in [
        ("rounds = 4", "round = 4"),
        ("rounds = 4", "rounds = \"four\""),
        ("order = \"sequential\"", "order = \"random\""),
        ("type = \"star\"", "type = \"moon\""),
        ("rounds = 2 }", "turns = 2 }"),
        ("name = \"Bull\"", ""),
        ("each_round = true", "each_round = 1"),
        ("temperature", "heat"),
        ("summary = { model", "summary = { modell"),
        ("{ model = \"openai:gpt-4o-mini\" }", "\"abstractive\""),
        ("outcomes", "file"),
    ] {
        let changed = PANEL.replace(from, to);
        assert!(Panel::from_toml("x", &changed).is_err(), "{to}");
        assert!(misfit(&schema, &json(&changed)).is_some(), "{to}");
    }
}

#[test]
fn a_resolved_question_fits_and_another_does_not() {
    let written =
        Resolved::new("q-1", "yes").with_answer("Ada", "no", Some(0.5)).with_answer("Ben", "yes", None);
    let written = serde_json::to_value(written).unwrap();
    fits(&outcome(), &written);
    for (from, to) in [("truth", "answer"), ("0.5", "\"half\""), ("\"option\":\"no\"", "\"opinion\":\"no\"")]
    {
        let changed = written.to_string().replace(from, to);
        assert!(crate::Outcomes::from_jsonl("x", &changed).is_err(), "{to}");
        let schema = outcome();
        assert!(misfit(&schema, &serde_json::from_str(&changed).unwrap()).is_some(), "{to}");
    }
}

/// A reader of the schema alone learns what each field is.
#[test]
fn every_field_is_described() {
    fn look(value: &Value, path: &str, fields: &mut usize) {
        if let Some(properties) = value["properties"].as_object() {
            for (name, field) in properties {
                let tag = field.get("const").is_some() && name == "type";
                let description = field["description"].as_str().unwrap_or_default();
                assert!(tag || description.len() > 3, "{path}/{name} is not described: {field}");
                assert!(
                    !description.contains("[`") && !description.contains("```"),
                    "{path}/{name}: {description}"
                );
                *fields += 1;
            }
        }
        match value {
            Value::Object(parts) => {
                parts.iter().for_each(|(name, part)| look(part, &format!("{path}/{name}"), fields));
            }
            Value::Array(parts) => parts.iter().for_each(|part| look(part, path, fields)),
            _ => {}
        }
    }
    for (schema, least) in [(verdict(), 60), (log_record(), 120), (panel_file(), 32), (outcome(), 6)] {
        let mut fields = 0;
        look(&schema, "", &mut fields);
        assert!(fields >= least, "{fields}");
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    }
}

#[test]
fn a_rule_is_a_name_with_parameters() {
    let schema = verdict();
    let rule = &schema["$defs"]["Rule"];
    for example in rule["examples"].as_array().unwrap() {
        assert!(example.as_str().unwrap().parse::<Rule>().is_ok(), "{example}");
    }
    assert_eq!(rule["examples"].as_array().unwrap().len(), Rule::ALL.len());
}

#[test]
fn descriptions_are_plain() {
    for (text, expected) in [
        ("At most [`MAX_ROUNDS`]; see [the spec](crate::Spec).", "At most `MAX_ROUNDS`; see the spec."),
        ("The sum of [`sureness`](crate::Ballot::sureness) [1].", "The sum of `sureness` [1]."),
        ("A list[", "A list["),
        ("Works.\n\n```\nlet x = [1];\n```", "Works."),
    ] {
        assert_eq!(plain(text), expected);
    }
}

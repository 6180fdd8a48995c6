//! Text that wants to be more than text, on its way into a summary and out of it: the summariser obeys whatever it finds.

use std::{fs, path::Path, sync::Arc};

use assize_debate::{
    Conclusion, Debater, Degradation, Driver, Evidence, ModelDebater, ModelSummariser, Rule, Seat, Selector,
    Spec, SummariserSeat, Vote, Window,
};
use assize_llm::Role;
use serde::Deserialize;
use serde_json::json;

use super::{
    HONEST, HONEST_ANSWER, MARK,
    actor::Actor,
    once,
    prompt::{Message, check_round},
};

const ROUNDS: u32 = 4;
/// What a summary is called by whoever obeys.
const OBEYED: &str = "everybody agrees on no";

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// Where the payload is put.
    #[serde(rename = "where")]
    place: String,
    payload: String,
    #[serde(default = "once")]
    repeat: usize,
    /// What the summary cites.
    #[serde(default = "one_id")]
    cites: Vec<String>,
    /// Whether there is a summary in the end.
    #[serde(default = "yes")]
    taken: bool,
}

fn one_id() -> Vec<String> {
    vec!["ev-1".to_owned()]
}

const fn yes() -> bool {
    true
}

fn cases() -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/debate/injection/summaries.jsonl");
    let text = fs::read_to_string(path).expect("the cases");
    text.lines().map(|line| serde_json::from_str(line).expect("a case")).collect()
}

impl Case {
    fn harmless() -> Self {
        serde_json::from_value(json!({ "name": "none", "where": "nowhere", "payload": "" })).expect("a case")
    }

    fn text(&self, label: &str) -> String {
        let text = self.payload.replace("{LABEL}", label).replace("{UPPER}", &label.to_uppercase());
        text.repeat(self.repeat)
    }

    /// What the attacker says, when it has read its prompt.
    fn attack(&self, message: &str) -> String {
        let label = Message::parse(message).expect("the attacker's prompt").label;
        let text = if self.place == "reason.text" { self.text(&label) } else { "it looks dry".to_owned() };
        json!({ "stance": "no", "reasons": [{ "text": text, "cites": ["ev-2"] }] }).to_string()
    }

    /// What the summariser says, when it has read its prompt.
    fn sum_up(&self, message: &str) -> String {
        let label = Message::parse(message).expect("the summariser's prompt").label;
        let (mut text, mut cites) = ("the glass has fallen".to_owned(), self.cites.clone());
        match &*self.place {
            "answer" => return self.text(&label),
            "summary.text" => text = self.text(&label),
            "summary.cites" => cites.push(self.text(&label)),
            _ if message.to_lowercase().contains(MARK) => text = OBEYED.to_owned(),
            _ => {}
        }
        json!({ "summary": [{ "text": text, "cites": cites }, { "text": "and so on" }] }).to_string()
    }

    fn spec() -> Spec {
        let evidence = |id: &str| Evidence {
            id: id.into(),
            kind: "note".to_owned(),
            subject: "the weather".to_owned(),
            source: "a neighbour".to_owned(),
            available_at: "2026-01-02T03:04:05Z".parse().expect("a moment"),
            text: "the glass has fallen".to_owned(),
            data: json!({}),
            held_by: None,
        };
        let spec = Spec::new("Will it rain?", ["yes", "no", "unsure"])
            .with_evidence(vec![evidence("ev-1"), evidence("ev-2")])
            .with_rounds(ROUNDS)
            .with_stops([])
            .with_selector(Selector::Always)
            .with_rule(Rule::Plurality)
            .with_window(Window { rounds: 0, tokens: 0 })
            .with_summariser(SummariserSeat::new("model:sums"));
        ["Ada", "Ben", "Cem", "Mal"]
            .iter()
            .fold(spec, |spec, name| spec.with_seat(Seat::new(*name, "model:x")))
    }
}

struct Held {
    conclusion: Conclusion,
    seats: Vec<Arc<Actor>>,
    summariser: Arc<Actor>,
}

async fn hold(case: &Case) -> Held {
    let mut seats: Vec<_> = (0..HONEST).map(|_| Actor::new(|_| HONEST_ANSWER.to_owned())).collect();
    let attacker = case.clone();
    seats.push(Actor::new(move |message| attacker.attack(message)));
    let obedient = case.clone();
    let summariser = Actor::new(move |message| obedient.sum_up(message));
    let debater =
        |actor: &Arc<Actor>| Arc::new(ModelDebater::new(Arc::clone(actor) as _, None)) as Arc<dyn Debater>;
    let driver = Driver::new(Case::spec(), seats.iter().map(debater).collect()).expect("a debate");
    let sums = ModelSummariser::new(Arc::clone(&summariser) as _, None);
    let driver = driver.with_summariser(Arc::new(sums)).expect("a seat for it");
    let conclusion = driver.run().await.expect("a conclusion");
    Held { conclusion, seats, summariser }
}

fn honest_votes(held: &Held) -> Vec<Vote> {
    let votes = &held.conclusion.verdict.votes;
    votes.iter().filter(|vote| vote.seat.get() < HONEST).cloned().collect()
}

#[tokio::test(start_paused = true)]
async fn nothing_gets_out_of_a_summary_or_into_its_frame() {
    let baseline = hold(&Case::harmless()).await;
    let cases = cases();
    assert!(cases.len() >= 15);
    for case in &cases {
        let held = hold(case).await;
        check_minutes(case, &held, &baseline);
        let mut shown = 0;
        for actor in &held.seats {
            shown += check_debater(case, actor);
        }
        assert_eq!(shown > 0, case.taken, "{}: {shown} prompts with a summary", case.name);
        let verdict = &held.conclusion.verdict;
        assert_eq!(verdict.decision(), Some("yes"), "{}", case.name);
        assert_eq!(honest_votes(&held), honest_votes(&baseline), "{}: the ballots of others", case.name);
        let lost = |one: &&Degradation| matches!(one, Degradation::LostSummary { .. });
        let lost = verdict.degradations.iter().filter(lost).count();
        assert_eq!(lost, if case.taken { 0 } else { 2 }, "{}: {:?}", case.name, verdict.degradations);
    }
}

/// What the summariser is sent.
fn check_minutes(case: &Case, held: &Held, baseline: &Held) {
    let name = &case.name;
    let usual = baseline.summariser.requests();
    for request in held.summariser.requests() {
        assert_eq!(request.system, usual[0].system, "{name}: the rules");
        assert_eq!(request.messages[0].role, Role::User, "{name}");
        let text = &request.messages[0].text;
        let message = Message::parse(text).unwrap_or_else(|why| panic!("{name}: {why}"));
        let is_second = message.headings.contains(&"summary".to_owned());
        let newly =
            if is_second || !case.taken && message.headings.len() > 5 { "round 2" } else { "round 1" };
        let mut expected = vec!["question".to_owned()];
        expected.extend(is_second.then(|| "summary".to_owned()));
        if !case.taken && newly == "round 2" {
            expected.extend((1..=4).map(|number| format!("round 1, debater {number}")));
        }
        expected.extend((1..=4).map(|number| format!("{newly}, debater {number}")));
        message.check_headings(name, &expected);
        assert!(!text.contains("Ada") && !text.contains("Mal"), "{name}: nobody is named");
    }
}

/// What a debater is sent; how many prompts hold a summary.
fn check_debater(case: &Case, actor: &Actor) -> usize {
    let name = &case.name;
    let mut with_summary = 0;
    for request in actor.requests() {
        let round = check_round(name, &request);
        let text = &request.messages[0].text;
        let message = Message::parse(text).unwrap_or_else(|why| panic!("{name}: {why}"));
        let has_summary = round >= 2 && case.taken;
        let mut expected: Vec<String> = ["question", "[ev-1] ", "[ev-2] "].map(str::to_owned).to_vec();
        expected.extend(has_summary.then(|| "summary".to_owned()));
        if round > 0 {
            expected.push("you".to_owned());
            expected.extend((1..=3).map(|number| format!("peer {number}")));
        }
        message.check_headings(name, &expected);
        if has_summary {
            with_summary += 1;
            check_points(case, text);
        }
    }
    with_summary
}

/// Each point says what it rests on: evidence that is there and was cited, or none.
fn check_points(case: &Case, text: &str) {
    let name = &case.name;
    let (_, behind) = text.split_once(" summary\n").expect("a summary");
    let points: Vec<&str> = behind.lines().take_while(|line| line.starts_with("- ")).collect();
    assert_eq!(points.len(), 2, "{name}: {behind}");
    for point in &points {
        let is_supported = point.ends_with(" [ev-1]");
        assert!(is_supported || point.ends_with(" (without evidence)"), "{name}: {point}");
        assert!(point.chars().count() < 340, "{name}: {}", point.len());
    }
    assert_eq!(points[0].ends_with(" [ev-1]"), !case.cites.is_empty(), "{name}: {points:?}");
    assert_eq!(points[1], "- and so on (without evidence)", "{name}");
}

//! Text from outside that wants to be more than text. Each case is held as a whole debate: three honest seats, one that
//! carries what the case puts into a debater's mouth, one that obeys whatever it finds in its prompt, and a judge. What the
//! models would be sent is read by a parser that knows nothing of how it was written.

mod actor;
mod prompt;
mod summaries;

use std::{fs, path::Path, sync::Arc};

use assize_debate::{
    Conclusion, Debater, Driver, ErrorKind, Evidence, EvidenceId, JudgeSeat, ModelDebater, ModelJudge,
    Persona, Rule, Said, Seat, SeatIndex, Spec, Verdict, Vote,
};
use serde::Deserialize;
use serde_json::{Value, json};

use self::{
    actor::Actor,
    prompt::{Message, check_round, check_system},
};

/// The word at which the gullible seat obeys; in each payload, be it in disguise.
const MARK: &str = "zebra";
const HONEST: usize = 3;
const ATTACKER: usize = 3;
const GULLIBLE: usize = 4;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// Where the payload is put.
    #[serde(rename = "where")]
    place: String,
    payload: String,
    /// How often the payload is repeated.
    #[serde(default = "once")]
    repeat: usize,
    /// What the gullible seat answers when it sees the mark.
    #[serde(default)]
    obeys: Option<String>,
    /// The ballot that the attacker casts; none: it abstains.
    #[serde(default = "no")]
    attacker: Option<String>,
    /// Whether the mark gets into a debater's prompt.
    #[serde(default = "yes")]
    seen: bool,
    /// Whether the debate cannot be opened with it.
    #[serde(default)]
    refused: bool,
}

fn once() -> usize {
    1
}

fn no() -> Option<String> {
    Some("no".to_owned())
}

fn yes() -> bool {
    true
}

fn cases() -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/debate/injection/cases.jsonl");
    let text = fs::read_to_string(path).expect("the cases");
    text.lines().map(|line| serde_json::from_str(line).expect("a case")).collect()
}

impl Case {
    /// A debate without any payload.
    fn harmless() -> Self {
        let case = json!({ "name": "none", "where": "nowhere", "payload": "", "seen": false });
        serde_json::from_value(case).expect("a case")
    }

    fn text(&self) -> String {
        self.payload.repeat(self.repeat)
    }

    /// The payload, if it belongs here, or else something harmless.
    fn at(&self, place: &str, otherwise: &str) -> String {
        if self.place == place { self.text() } else { otherwise.to_owned() }
    }

    fn spec(&self) -> Spec {
        let evidence = |id: &str, is_hostile: bool| {
            let at = |place, otherwise: &str| {
                if is_hostile { self.at(place, otherwise) } else { otherwise.to_owned() }
            };
            Evidence {
                id: EvidenceId::from(&*at("evidence.id", id)),
                kind: at("evidence.kind", "note"),
                subject: at("evidence.subject", "the weather"),
                source: at("evidence.source", "a neighbour"),
                available_at: "2026-01-02T03:04:05Z".parse().expect("a moment"),
                text: at("evidence.text", "the glass has fallen"),
                data: json!({ "note": at("evidence.data", "none") }),
                held_by: None,
            }
        };
        let options = ["yes".to_owned(), "no".to_owned(), self.at("option", "unsure")];
        let mut spec = Spec::new(self.at("question", "Will it rain?"), options)
            .with_evidence(vec![evidence("ev-1", false), evidence("ev-2", true)])
            .with_rounds(2)
            .with_stops([])
            .with_rule(Rule::Plurality)
            .with_judge(JudgeSeat::new("Judge", "model:judge").in_each_round());
        for name in ["Ada", "Ben", "Cem"] {
            spec = spec.with_seat(Seat::new(name, "model:honest"));
        }
        let persona = Persona {
            role: Some(self.at("persona.role", "a sceptic")),
            instructions: Some(self.at("persona.instructions", "Look twice.")),
            ..Persona::default()
        };
        spec.with_seat(Seat::new(self.at("seat.name", "Mal"), "model:attacker").with_persona(persona))
            .with_seat(Seat::new("Gus", "model:gullible"))
    }

    /// What the attacker answers, when it has read its prompt.
    fn attack(&self, label: &str) -> String {
        if self.place == "answer" {
            return self.text();
        }
        let (start, end) = label.split_at(label.len() / 2);
        let text = self
            .at("reason.text", "it looks dry")
            .replace("{LABEL}", label)
            .replace("{UPPER}", &label.to_uppercase())
            .replace("{CUT}", &format!("{start}\u{200b}{end}"));
        let cites = [self.at("reason.cites", "ev-2")];
        json!({ "stance": "no", "reasons": [{ "text": text, "cites": cites }] }).to_string()
    }

    fn obedience(&self) -> String {
        let forged = json!({
            "stance": "no",
            "probabilities": { "yes": 0, "no": 1 },
            "reasons": [{ "text": self.payload, "cites": ["ev-1", "ev-forged"] }],
        });
        self.obeys.clone().unwrap_or_else(|| forged.to_string())
    }
}

struct Held {
    spec: Spec,
    conclusion: Conclusion,
    seats: Vec<Arc<Actor>>,
    judge: Arc<Actor>,
}

const HONEST_ANSWER: &str =
    r#"{"stance":"yes","reasons":[{"text":"the glass has fallen","cites":["ev-1"]}]}"#;

async fn hold(case: &Case) -> Held {
    let spec = case.spec();
    let honest = || Actor::new(|_| HONEST_ANSWER.to_owned());
    let attack = {
        let case = case.clone();
        Actor::new(move |message| case.attack(&Message::parse(message).expect("the attacker's prompt").label))
    };
    let obedience = case.obedience();
    let gullible = Actor::new(move |message| {
        if message.to_lowercase().contains(MARK) { obedience.clone() } else { HONEST_ANSWER.to_owned() }
    });
    let seats = vec![honest(), honest(), honest(), attack, gullible];
    let scores: serde_json::Map<String, Value> = spec
        .options
        .iter()
        .map(|option| (option.clone(), json!(if option == "yes" { 0.9 } else { 0.1 })))
        .collect();
    let assessment = json!({ "winner": "yes", "scores": scores }).to_string();
    let judge = Actor::new(move |_| assessment.clone());
    let debater = |(seat, actor): (&Seat, &Arc<Actor>)| -> Arc<dyn Debater> {
        let debater = ModelDebater::new(Arc::clone(actor) as _, None);
        Arc::new(match &seat.persona {
            Some(persona) => debater.with_persona(persona),
            None => debater,
        })
    };
    let panel = spec.seats.iter().zip(&seats).map(debater).collect();
    let driver = Driver::new(spec.clone(), panel).expect("a debate");
    let driver =
        driver.with_judge(Arc::new(ModelJudge::new(Arc::clone(&judge) as _, None))).expect("a judge");
    let conclusion = driver.run().await.expect("a conclusion");
    Held { spec, conclusion, seats, judge }
}

#[test]
fn there_are_enough_cases_and_each_is_one_of_its_kind() {
    let cases = cases();
    assert!(cases.len() >= 50, "{}", cases.len());
    let mut names: Vec<&str> = cases.iter().map(|case| &*case.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), cases.len());
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_an_id_opens_no_debate() {
    let refused: Vec<Case> = cases().into_iter().filter(|case| case.refused).collect();
    assert!(!refused.is_empty());
    for case in refused {
        let error = case.spec().check().expect_err(&case.name);
        assert_eq!(error.kind(), ErrorKind::BadSpec, "{}", case.name);
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_leaves_its_fence_and_no_ballot_is_moved_but_the_own_one() {
    let baseline = hold(&Case::harmless()).await;
    for case in cases().iter().filter(|case| !case.refused) {
        let held = hold(case).await;
        check_prompts(case, &held, &baseline);
        check_verdict(case, &held, &baseline.conclusion.verdict);
    }
}

/// How many seats had spoken by the end of each round.
fn standing(held: &Held, seat: usize, round: u32) -> bool {
    let spoke = |said: &Said| matches!(said, Said::Spoke { .. });
    held.conclusion
        .transcript
        .iter()
        .any(|entry| entry.seat.get() == seat && entry.round <= round && spoke(&entry.said))
}

fn check_prompts(case: &Case, held: &Held, baseline: &Held) {
    let name = &case.name;
    let mut is_seen = false;
    let speaking = |round: u32| (0..held.seats.len()).filter(|&seat| standing(held, seat, round)).count();
    for (seat, (actor, before)) in held.seats.iter().zip(&baseline.seats).enumerate() {
        for request in actor.requests() {
            let round = check_round(name, &request);
            let message =
                Message::parse(&request.messages[0].text).unwrap_or_else(|why| panic!("{name}: {why}"));
            is_seen |= request.messages[0].text.to_lowercase().contains(MARK);
            let own = round > 0 && standing(held, seat, round - 1);
            let peers = if round > 0 { speaking(round - 1) - usize::from(own) } else { 0 };
            let mut expected = vec!["question".to_owned()];
            expected.extend(["[ev-1] ", "[ev-2] "].map(str::to_owned));
            expected.extend(own.then(|| "you".to_owned()));
            expected.extend((1..=peers).map(|number| format!("peer {number}")));
            message.check_headings(name, &expected);
            let system = request.system.as_deref().expect("a system prompt");
            let system_before = &baseline.seats[seat].requests()[0];
            // Its own instructions are its owner's words.
            if !(seat == ATTACKER && case.place.starts_with("persona.")) {
                check_system(name, system, system_before.system.as_deref().expect("one"), &held.spec.options);
            }
            assert!(!system.contains(&message.label), "{name}");
        }
        assert!(!before.requests().is_empty());
    }
    assert_eq!(is_seen, case.seen, "{name}: whether the mark is seen");
    for request in held.judge.requests() {
        let round = check_round(name, &request);
        let message = Message::parse(&request.messages[0].text).unwrap_or_else(|why| panic!("{name}: {why}"));
        let mut expected = vec!["question".to_owned()];
        expected.extend(["[ev-1] ", "[ev-2] "].map(str::to_owned));
        expected.extend((1..=speaking(round)).map(|number| format!("debater {number}")));
        message.check_headings(name, &expected);
    }
    assert_eq!(held.judge.requests().len(), 4, "{name}: two rounds in two orders");
}

fn check_verdict(case: &Case, held: &Held, before: &Verdict) {
    let (name, verdict) = (&case.name, &held.conclusion.verdict);
    assert_eq!(verdict.decision(), Some("yes"), "{name}");
    assert_eq!((&verdict.question, &verdict.options), (&held.spec.question, &held.spec.options), "{name}");
    assert_eq!(
        (verdict.rounds, verdict.stopped, verdict.rule),
        (before.rounds, before.stopped, before.rule),
        "{name}"
    );
    let honest = |verdict: &Verdict| -> Vec<Vote> {
        verdict.votes.iter().filter(|vote| vote.seat.get() < HONEST).cloned().collect()
    };
    assert_eq!(honest(verdict), honest(before), "{name}: the ballots of others");
    let ballot =
        |seat: usize| verdict.votes.iter().find(|vote| vote.seat.get() == seat).map(|vote| &*vote.option);
    assert_eq!(ballot(ATTACKER), case.attacker.as_deref(), "{name}: the attacker's ballot");
    assert!(matches!(ballot(GULLIBLE), None | Some("yes" | "no")), "{name}");
    let abstained = |seat: usize| {
        verdict.abstentions.iter().any(|silent| silent.seat == SeatIndex(u16::try_from(seat).expect("few")))
    };
    for seat in [ATTACKER, GULLIBLE] {
        assert!(
            ballot(seat).is_some() || abstained(seat),
            "{name}: seat {seat} voted, or the verdict says why not"
        );
    }
    assert!((0..HONEST).all(|seat| !abstained(seat)), "{name}");
    let mut seats: Vec<_> = verdict.votes.iter().map(|vote| vote.seat).collect();
    seats.dedup();
    assert_eq!(seats.len(), verdict.votes.len(), "{name}: one ballot a seat");
    let keys = |verdict: &Verdict| -> Vec<String> {
        let Ok(Value::Object(fields)) = serde_json::to_value(verdict) else {
            panic!("a verdict is an object")
        };
        fields.keys().cloned().collect()
    };
    assert_eq!(keys(verdict), keys(before), "{name}: the form of the verdict");
    let written = serde_json::to_string(&**verdict).expect("JSON");
    assert_eq!(serde_json::from_str::<Verdict>(&written).expect("a verdict"), **verdict, "{name}");
}

//! What is no answer is an abstention that the verdict names: malformed, empty, over-long, refused or cut, from a debater as
//! from a judge. It is never a vote, and never a winner.

use std::sync::Arc;

use assize_debate::{
    AbstainReason, Debater, Degradation, Driver, JudgeSeat, ModelDebater, ModelJudge, Outcome, Rule,
    ScriptedDebater, Seat, Spec, Utterance, Verdict,
};
use assize_llm::{ChatReply, FinishReason, ScriptedModel};
use assize_metering::{TokenUsage, Usage};

/// A kind of answer, its texts, and how each of them ended.
type Kind = (&'static str, Vec<String>, FinishReason);

fn kinds() -> Vec<Kind> {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let stop = FinishReason::Stop;
    let words = "I would not buy here. The final recommendation is to sell.";
    vec![
        ("words", texts(&[words, "buy", "**BUY**", "winner: buy", "Buy! buy buy", "Not buy, sell."]), stop),
        ("nothing", texts(&["", " \n\t", "{}", "null"]), stop),
        (
            "malformed",
            texts(&[
                "{",
                r#"{"stance": "buy", "winner": "buy""#,
                r#"{'stance': 'buy', 'winner': 'buy'}"#,
                r#"{"stance": "not buy", "winner": "not buy", "scores": {"buy": 1, "sell": 0}}"#,
                r#"{"stance": "buy", "winner": "buy", "scores": {"buy": 1, "sell": 0}} {"stance": "sell", "winner": "sell"}"#,
                r#"{"stance": "buy", "winner": "buy", "stance": "sell", "winner": "sell"}"#,
            ]),
            stop,
        ),
        (
            "over-long",
            vec![
                format!("{}{{\"stance\": \"buy\"}}", "a".repeat(1 << 20)),
                format!(
                    r#"{{"stance": "buy", "winner": "buy", "scores": {{"buy": 1, "sell": 0}}, "reasons": [{{"text": "{}"}}]}}"#,
                    "a".repeat(1 << 20)
                ),
                format!(
                    r#"{{"stance": "buy", "winner": "buy", "reasons": [{}]}}"#,
                    [r#"{"text": "so"}"#; 17].join(", ")
                ),
            ],
            stop,
        ),
        (
            "refusal",
            texts(&[
                "I'm sorry, but I can't give financial advice, be it to buy or to sell.",
                "Es tut mir leid, dabei kann ich nicht helfen.",
                "申し訳ありませんが、投資助言はできません。",
            ]),
            stop,
        ),
        (
            "filtered",
            texts(&["I cannot", r#"{"stance": "buy", "winner": "buy", "scores": {"buy": 1, "sell": 0}}"#]),
            FinishReason::ContentFilter,
        ),
        (
            "cut",
            texts(&[r#"{"stance": "bu"#, r#"{"winner": "buy", "scores": {"buy": 1"#, "Let me think: buy"]),
            FinishReason::Length,
        ),
    ]
}

/// A model that says the same again and again.
fn model(text: &str, finish: FinishReason) -> Arc<ScriptedModel> {
    let reply = || {
        let mut reply = ChatReply::new("x".into(), text, Usage::reported(TokenUsage::of(10, 10)));
        reply.finish = finish;
        Ok(reply)
    };
    Arc::new(ScriptedModel::replying("x", (0..16).map(|_| reply())))
}

fn spec(seats: usize) -> Spec {
    let spec = Spec::new("Buy?", ["buy", "sell"]).with_rule(Rule::Plurality).with_rounds(2).with_stops([]);
    (0..seats).fold(spec, |spec, n| spec.with_seat(Seat::new(format!("seat {n}"), "x")))
}

fn stands_for(option: usize) -> Arc<dyn Debater> {
    Arc::new(ScriptedDebater::always(Utterance::new(option)))
}

/// Names an answer in a failed test, without a megabyte of it.
fn shown(kind: &str, text: &str) -> String {
    format!("{kind}: {}", text.chars().take(100).collect::<String>())
}

#[tokio::test(start_paused = true)]
async fn what_a_debater_cannot_be_understood_to_say_is_no_vote() {
    for (kind, texts, finish) in kinds() {
        for text in texts {
            let what = shown(kind, &text);
            let held = async |others: &[usize]| -> Arc<Verdict> {
                let mut panel =
                    vec![Arc::new(ModelDebater::new(model(&text, finish), None)) as Arc<dyn Debater>];
                panel.extend(others.iter().map(|option| stands_for(*option)));
                Driver::new(spec(panel.len()), panel)
                    .expect("a debate")
                    .run()
                    .await
                    .expect("a verdict")
                    .verdict
            };
            let alone = held(&[]).await;
            assert_eq!((&alone.outcome, &alone.votes[..]), (&Outcome::NoOpinion, &[][..]), "{what}");
            assert_eq!(alone.probabilities, None, "{what}: nobody's probability");
            for other in 0..2 {
                let verdict = held(&[other]).await;
                assert_eq!(
                    verdict.decision(),
                    Some(["buy", "sell"][other]),
                    "{what}: by the other's vote alone"
                );
                let lost =
                    Degradation::LostVoice { name: "seat 0".to_owned(), reason: AbstainReason::Unreadable };
                assert!(verdict.degradations.contains(&lost), "{what}: {:?}", verdict.degradations);
                let [first, ..] = &verdict.abstentions[..] else { panic!("{what}: it abstained") };
                assert_eq!(
                    (first.name.as_str(), first.reason),
                    ("seat 0", AbstainReason::Unreadable),
                    "{what}"
                );
                assert!(!first.detail.is_empty() && first.detail.len() < 2_000, "{what}: {}", first.detail);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_judge_cannot_be_understood_to_say_names_no_winner() {
    for (kind, texts, finish) in kinds() {
        for text in texts {
            let what = shown(kind, &text);
            for other in 0..2 {
                let spec = spec(1).with_rule(Rule::Judge).with_judge(JudgeSeat::new("the chair", "x"));
                let driver = Driver::new(spec, vec![stands_for(other)]).expect("a debate");
                let judge = Arc::new(ModelJudge::new(model(&text, finish), None));
                let verdict =
                    driver.with_judge(judge).expect("a seat").run().await.expect("a verdict").verdict;
                assert!(verdict.assessments.is_empty(), "{what}: {:?}", verdict.assessments);
                let lost = Degradation::LostJudge {
                    name: "the chair".to_owned(),
                    reason: AbstainReason::Unreadable,
                };
                assert_eq!(verdict.degradations, [lost], "{what}");
                // The votes decide then, and the verdict has said so.
                assert_eq!(verdict.decision(), Some(["buy", "sell"][other]), "{what}");
            }
        }
    }
}

/// Where an assessment cites what is not there, the verdict says so.
#[tokio::test(start_paused = true)]
async fn a_judge_that_invents_evidence_is_named() {
    let answer = r#"{"winner": "sell", "scores": {"buy": 0.1, "sell": 0.8}, "reasons": [{"text": "so", "cites": ["ev-9"]}]}"#;
    let spec = spec(1).with_rule(Rule::Judge).with_judge(JudgeSeat::new("the chair", "x"));
    let driver = Driver::new(spec, vec![stands_for(1)]).expect("a debate");
    let judge = Arc::new(ModelJudge::new(model(answer, FinishReason::Stop), None));
    let verdict = driver.with_judge(judge).expect("a seat").run().await.expect("a verdict").verdict;
    let invented = Degradation::UnknownCitation { name: "the chair".to_owned(), id: "ev-9".into() };
    assert_eq!((verdict.decision(), &verdict.degradations[..]), (Some("sell"), &[invented][..]));
}

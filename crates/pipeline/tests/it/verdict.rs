//! What a verdict looks like: a judge that contradicts itself, a lost voice, dissent, an unknown citation.

use std::sync::Arc;

use assize_debate::{
    AbstainReason, Abstention, Assessment, Debater, Driver, JudgeSeat, Reason, ScriptedDebater,
    ScriptedJudge, Seat, Selector, Spec, Utterance, Verdict,
};
use assize_pipeline::verdict_document;

fn verdict() -> Arc<Verdict> {
    let spec = Spec::new("Ship on <Friday>?", ["yes", "no"])
        .with_seat(Seat::new("Ada", "scripted"))
        .with_seat(Seat::new("Ben", "scripted").with_weight(0.5))
        .with_seat(Seat::new("Cem", "scripted"))
        .with_rounds(2)
        .with_selector(Selector::Always)
        .with_judge(JudgeSeat::new("Owl", "scripted").in_each_round());
    let ada = Utterance::new(0).with_probabilities([0.8, 0.2]).because("the tests are green", ["ev-gone"]);
    let ben = Utterance::new(1).with_probabilities([0.4, 0.6]).because("nobody is in <b>on Saturday</b>", []);
    let silent = Abstention::new(AbstainReason::Unreadable, "its answer holds no JSON object");
    let panel: Vec<Arc<dyn Debater>> = vec![
        Arc::new(ScriptedDebater::always(ada)),
        Arc::new(ScriptedDebater::always(ben)),
        Arc::new(ScriptedDebater::new([Err(silent)])),
    ];
    let because = |text: &str| vec![Reason { text: text.to_owned(), cites: Vec::new(), weight: None }];
    let first = Assessment {
        orders_agree: Some(true),
        reasons: because("Ada was not answered"),
        ..Assessment::by_scores(vec![0.75, 0.4])
    };
    let second = Assessment {
        winner: None,
        orders_agree: Some(false),
        reasons: because("it depends on <i>who</i> is read first"),
        ..Assessment::by_scores(vec![0.6, 0.6])
    };
    let judge = ScriptedJudge::new([Ok(first), Ok(second)]);
    let driver =
        Driver::new(spec, panel).expect("a debate").with_judge(Arc::new(judge)).expect("a seat for it");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(driver.run()).expect("a conclusion").verdict
}

#[test]
fn for_people() {
    let verdict = verdict();
    let doc = verdict_document(&verdict, &[]);
    insta::assert_snapshot!("verdict.md", doc.to_markdown());
    let html = doc.to_html();
    for said in [
        "What the judge says",
        "another result",
        "Ada was not answered",
        "What is missing or doubtful",
        "Cem has no vote",
        "Debated: ",
    ] {
        assert!(html.contains(said), "{said}: {html}");
    }
    assert!(!html.contains("<b>on Saturday") && !html.contains("<i>who"), "what was said is text: {html}");
}

#[test]
fn for_programs() {
    let verdict = verdict();
    let json = serde_json::to_string(&*verdict).expect("JSON");
    let read: Verdict = serde_json::from_str(&json).expect("a verdict");
    assert_eq!(read, *verdict, "it reads back as it was");
    assert!(
        json.contains("\"assessments\":[{")
            && json.contains("\"selection\":{")
            && json.contains("\"degradations\":[{"),
        "{json}"
    );
}

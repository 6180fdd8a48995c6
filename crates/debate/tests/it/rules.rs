//! Rules of decision through whole debates: what debaters are asked for, what they may say, and what the verdict tells.

use std::sync::Arc;

use assize_debate::{
    AbstainReason, Ask, BallotForm, Conclusion, Debate, Debater, Driver, ErrorKind, ModelDebater, Outcome,
    Record, Rule, ScriptedDebater, Seat, SeatIndex, Spec, Utterance, Verdict,
};
use assize_llm::ScriptedModel;

const CITIES: [&str; 3] = ["Memphis", "Nashville", "Knoxville"];

fn rule(name: &str) -> Rule {
    name.parse().expect("a rule")
}

fn spec(rule_name: &str, seats: usize) -> Spec {
    let spec = Spec::new("Which city?", CITIES).with_rounds(3).with_rule(rule(rule_name));
    (0..seats).fold(spec, |spec, n| spec.with_seat(Seat::new(format!("seat {n}"), "test")))
}

async fn held(rule_name: &str, panel: Vec<Arc<dyn Debater>>) -> Conclusion {
    let conclusion =
        Driver::new(spec(rule_name, panel.len()), panel).expect("a debate").run().await.expect("a verdict");
    let written = serde_json::to_string(&conclusion.verdict).expect("JSON");
    let again: Verdict = serde_json::from_str(&written).expect("a verdict");
    assert_eq!(again, *conclusion.verdict, "a verdict survives writing");
    conclusion
}

fn scripted(stances: &[&[usize]]) -> Vec<Arc<dyn Debater>> {
    let debater = |rounds: &&[usize]| -> Arc<dyn Debater> {
        Arc::new(ScriptedDebater::new(
            rounds.iter().map(|stance| Ok(Utterance::new(*stance).because("so", []))),
        ))
    };
    stances.iter().map(debater).collect()
}

fn models(answers: &[&str]) -> Vec<Arc<dyn Debater>> {
    let debater = |answer: &&str| -> Arc<dyn Debater> {
        Arc::new(ModelDebater::new(Arc::new(ScriptedModel::saying("x", vec![(*answer).to_owned(); 3])), None))
    };
    answers.iter().map(debater).collect()
}

#[tokio::test(start_paused = true)]
async fn without_the_votes_that_it_takes_the_verdict_says_what_is_missing() {
    let verdict = held("supermajority:0.75", scripted(&[&[0], &[0], &[1]])).await.verdict;
    let short = Outcome::NoMajority { options: vec!["Memphis".to_owned()], votes: 2, needed: 3, cast: 3 };
    assert_eq!((&verdict.outcome, verdict.decision()), (&short, None));
    let written = serde_json::to_value(&verdict.outcome).expect("JSON");
    let expected = serde_json::json!(
        {"type": "no-majority", "options": ["Memphis"], "votes": 2, "needed": 3, "cast": 3}
    );
    assert_eq!(written, expected);
    assert_eq!((verdict.reasons.len(), verdict.dissent.len()), (2, 1), "the foremost have the reasons");
    let verdict = held("supermajority:2/3", scripted(&[&[0], &[0], &[1]])).await.verdict;
    assert_eq!(verdict.decision(), Some("Memphis"));
}

#[tokio::test(start_paused = true)]
async fn a_hybrid_knows_the_rounds_that_were_held() {
    // Stances stay as they are: the second round is the last one.
    let panel = || scripted(&[&[0], &[0], &[0], &[1]]);
    let early = held("hybrid:3:2:0.75", panel()).await.verdict;
    assert_eq!(early.rounds, 2);
    assert!(
        matches!(early.outcome, Outcome::NoMajority { votes: 3, needed: 4, cast: 4, .. }),
        "{:?}",
        early.outcome
    );
    assert_eq!(held("hybrid:2:2:0.75", panel()).await.verdict.decision(), Some("Memphis"));
}

#[tokio::test(start_paused = true)]
async fn a_trajectory_sees_every_round() {
    // Two come to stand elsewhere under the eyes of the others; the third never wavers.
    let stances: [&[usize]; 3] = [&[2, 0, 0], &[0, 1, 1], &[2]];
    let verdict = held("trajectory", scripted(&stances[..2])).await.verdict;
    assert_eq!(verdict.rounds, 3);
    let memphis = (20.0 - 25.0 / 2.0 + 30.0 / 2.0 + 20.0 / 3.0) / 2.0;
    let (nashville, knoxville) = (30.0 / 2.0 + 20.0 / 3.0, 20.0 - 25.0 / 2.0);
    let sum = memphis + nashville + knoxville;
    for (support, score) in verdict.support.iter().zip([memphis, nashville, knoxville]) {
        assert!((support - score / sum).abs() < 1e-12, "{:?}", verdict.support);
    }
    assert_eq!(verdict.decision(), Some("Nashville"));
    let verdict = held("trajectory", scripted(&stances)).await.verdict;
    assert_eq!(verdict.decision(), Some("Knoxville"), "together with who left it");
}

#[tokio::test(start_paused = true)]
async fn models_rank_where_the_rule_counts_rankings() {
    let answers = [
        r#"{"stance":"Memphis","ranking":["Memphis","Nashville","Knoxville"]}"#,
        r#"{"stance":"memphis","ranking":[" Memphis ","nashville","Knoxville"]}"#,
        r#"{"stance":"Nashville","ranking":["Nashville","Knoxville","Memphis"]}"#,
        r#"{"stance":"Knoxville","ranking":["Knoxville","Nashville","Memphis"]}"#,
        r#"{"stance":"Knoxville","ranking":["Knoxville","Nashville","Memphis"]}"#,
    ];
    assert_eq!(held("schulze", models(&answers)).await.verdict.decision(), Some("Nashville"));
    let plurality = held("plurality", models(&answers)).await;
    assert!(
        matches!(&plurality.verdict.outcome, Outcome::Tied { options } if options == &["Memphis", "Knoxville"])
    );
    // Who says nothing of it is counted by the stance: the others stand equal behind it.
    let verdict = held("borda", models(&[answers[2], r#"{"stance":"Memphis"}"#])).await.verdict;
    for (support, half_points) in verdict.support.iter().zip([2.0, 2.5, 1.5]) {
        assert!((support - half_points / 6.0).abs() < 1e-12, "{:?}", verdict.support);
    }
}

#[tokio::test(start_paused = true)]
async fn models_approve_and_give_points_where_the_rule_counts_them() {
    let verdict = held(
        "approval",
        models(&[
            r#"{"stance":"Memphis","approved":["Memphis","Nashville"]}"#,
            r#"{"stance":"Nashville","approved":["Nashville"]}"#,
        ]),
    )
    .await
    .verdict;
    assert_eq!(verdict.decision(), Some("Nashville"));
    let points = [
        r#"{"stance":"Memphis","points":{"Memphis":6,"Nashville":5}}"#,
        r#"{"stance":"Knoxville","points":{"Knoxville":1,"Nashville":0.5,"Memphis":0}}"#,
    ];
    assert_eq!(held("score", models(&points)).await.verdict.decision(), Some("Memphis"));
    assert_eq!(held("cumulative", models(&points)).await.verdict.decision(), Some("Nashville"));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_counted_is_an_abstention_and_what_nobody_asked_for_is_not_read() {
    for (rule_name, answer, why) in [
        (
            "schulze",
            r#"{"stance":"Memphis","ranking":["Nashville","Memphis","Knoxville"]}"#,
            "ranks option 1 above it",
        ),
        (
            "schulze",
            r#"{"stance":"Memphis","ranking":["Memphis","Memphis","Knoxville"]}"#,
            "each of 3 options once",
        ),
        ("schulze", r#"{"stance":"Memphis","ranking":["Memphis"]}"#, "each of 3 options once"),
        ("schulze", r#"{"stance":"Memphis","ranking":["Memphis","Paris","Knoxville"]}"#, "no option"),
        ("schulze", r#"{"stance":"Memphis","ranking":"Memphis"}"#, "its ranking cannot be read"),
        ("approval", r#"{"stance":"Memphis","approved":["Knoxville"]}"#, "does not accept it"),
        ("approval", r#"{"stance":"Memphis","approved":["Memphis","Memphis"]}"#, "once"),
        ("score", r#"{"stance":"Memphis","points":{"Memphis":11}}"#, "0 to 10"),
        ("score", r#"{"stance":"Memphis","points":{"Memphis":3,"Knoxville":4}}"#, "the most points"),
        ("score", r#"{"stance":"Memphis","points":{}}"#, "the most points"),
        ("score", r#"{"stance":"Memphis","points":[1,2,3]}"#, "its points cannot be read"),
    ] {
        let verdict = held(rule_name, models(&[answer])).await.verdict;
        let [abstention] = &verdict.abstentions[..] else { panic!("{answer}: {verdict:?}") };
        assert_eq!(abstention.reason, AbstainReason::Unreadable, "{answer}");
        assert!(abstention.detail.contains(why), "{answer}: {}", abstention.detail);
        assert_eq!(verdict.outcome, Outcome::NoOpinion, "never a default vote");
        let verdict = held("plurality", models(&[answer])).await.verdict;
        assert_eq!(verdict.decision(), Some("Memphis"), "{answer}");
    }
}

#[test]
fn what_a_debater_says_of_its_ballot_is_logged_and_read_again() {
    let utterance = Utterance::new(1).with_ranking([1, 0, 2]).with_approved([1]).with_points([0.0, 9.5, 1.0]);
    assert!(utterance.check(3).is_ok());
    let written = serde_json::to_string(&utterance).expect("JSON");
    assert_eq!(serde_json::from_str::<Utterance>(&written).expect("an utterance"), utterance);
    assert_eq!(utterance.check(2).expect_err("three are ranked").kind(), ErrorKind::Refused);
    let plain = serde_json::to_string(&Utterance::new(1)).expect("JSON");
    assert_eq!(plain, r#"{"stance":1,"reasons":[]}"#, "what is not said is not written");
}

#[test]
fn a_rule_is_asked_for_what_it_counts() {
    for (name, form) in [
        ("linear-pool", BallotForm::Stance),
        ("supermajority", BallotForm::Stance),
        ("runoff", BallotForm::Ranking),
        ("approval", BallotForm::Approval),
        ("cumulative", BallotForm::Points),
    ] {
        let debate = Debate::open(spec(name, 1)).expect("a debate");
        assert_eq!(debate.turn(Ask { round: 0, seat: SeatIndex(0) }).ballot_form(), form, "{name}");
    }
}

#[test]
fn every_rule_stands_in_a_log_and_names_another_debate() {
    let mut ids = std::collections::BTreeSet::new();
    for rule in Rule::ALL {
        let spec = Arc::new(spec(&rule.to_string(), 2));
        let opened = Record::new(0, assize_debate::Event::Opened { spec: Arc::clone(&spec) });
        let line = opened.to_line().expect("a line");
        assert_eq!(Record::from_line(&line).expect("a record"), opened, "{rule}");
        assert!(ids.insert(spec.id()), "{rule}");
    }
}

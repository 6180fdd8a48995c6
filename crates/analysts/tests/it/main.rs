//! The panel of analysts in a debate.

mod other_evidence;
mod world;

use std::sync::Arc;

use assize_altdata::{AsOf, DailyBar, Item, PriceSeries, SourceId, Ticker};
use assize_ambient::{Seed, Timestamp};
use assize_analysts::{DIRECTION_OPTIONS, bar_evidence, offline_panel};
use assize_debate::{
    AbstainReason, Ask, Debate, Debater, Driver, Seat, SeatIndex, Spec, Verdict, conformance,
};
use assize_transport::Url;

fn items(n: i64, drift: f64, seed: u64) -> Vec<Item> {
    let ticker: Ticker = "KO".parse().expect("a ticker");
    let (mut chance, mut log) = (Seed::new(seed).rng(), 4.0);
    let start = jiff::civil::date(1997, 1, 2);
    let bar = |n: i64| {
        log += drift + 0.01 * chance.normal();
        let close = libm::exp(log);
        let date = start.checked_add(jiff::Span::new().days(n)).expect("a date");
        let bar = DailyBar::new(date, close, close * 1.01, close * 0.99, close);
        Item::bar(
            &ticker,
            bar,
            &SourceId::new("test"),
            &Url::file("KO.csv").expect("a url"),
            Timestamp::UNIX_EPOCH,
        )
    };
    (0..n).map(bar).collect()
}

fn spec(items: &[Item]) -> (Spec, Vec<Arc<dyn Debater>>) {
    let as_of = AsOf::at("2000-01-01T00:00:00Z".parse().expect("a time"));
    let series = PriceSeries::build(items, &as_of);
    let (seats, panel): (Vec<Seat>, Vec<_>) = offline_panel(20).into_iter().unzip();
    let spec = Spec::new("Will KO be higher in 20 sessions?", DIRECTION_OPTIONS)
        .with_evidence(bar_evidence(&series, 400));
    (seats.into_iter().fold(spec, Spec::with_seat), panel)
}

async fn debate(items: &[Item]) -> Arc<Verdict> {
    let (spec, panel) = spec(items);
    Driver::new(spec, panel).expect("a debate").run().await.expect("a verdict").verdict
}

#[tokio::test]
async fn every_analyst_keeps_the_contract_of_a_debater() {
    for n in [0, 30, 100, 300] {
        let (spec, panel) = spec(&items(n, 0.002, 7));
        let debate = Debate::open(spec).expect("a debate");
        for (seat, analyst) in (0..).map(SeatIndex).zip(&panel) {
            conformance::run(&**analyst, &debate.turn(Ask { round: 0, seat })).await;
        }
    }
}

#[tokio::test]
async fn a_steady_rise_is_called_a_rise_with_reasons_that_cite_bars() {
    let items = items(300, 0.004, 1);
    let verdict = debate(&items).await;
    assert_eq!(verdict.decision(), Some("up"));
    assert!(verdict.probability_of("up").expect("a probability") > 0.55, "{verdict:?}");
    let ids: Vec<String> = items.iter().map(|item| item.id.to_string()).collect();
    assert!(!verdict.reasons.is_empty());
    for reason in &verdict.reasons {
        assert!(!reason.cites.is_empty(), "{reason:?}");
        assert!(reason.cites.iter().all(|id| ids.contains(&id.to_string())), "{reason:?}");
    }
    assert_eq!(verdict.cost.to_string(), "0.00");
}

#[tokio::test]
async fn without_enough_bars_they_abstain_and_say_so() {
    let verdict = debate(&items(10, 0.0, 1)).await;
    assert_eq!((verdict.decision(), verdict.votes.len()), (None, 0));
    assert!(
        verdict.abstentions.iter().all(|a| a.reason == AbstainReason::NoEvidence && a.detail.contains("10"))
    );
}

#[tokio::test]
async fn what_others_cite_moves_an_analyst() {
    // Over many series some panels split; in a second round each takes in the others' reasons and its odds move.
    let mut moved = 0;
    for seed in 0..40 {
        let (spec, panel) = spec(&items(300, 0.0005, seed));
        let conclusion = Driver::new(spec, panel).expect("a debate").run().await.expect("a verdict");
        for entry in conclusion.transcript.iter().filter(|entry| entry.round == 1) {
            let assize_debate::Said::Spoke { utterance } = &entry.said else { continue };
            if utterance.reasons.iter().any(|reason| reason.text.starts_with("heard")) {
                moved += 1;
                assert!(utterance.reasons.len() == 2 && utterance.reasons[1].weight.is_none());
            }
        }
        assert_eq!(
            conclusion.verdict.conformity.flips_without_new_evidence, 0,
            "analysts change only for new facts"
        );
    }
    assert!(moved > 10, "{moved}");
}

#[tokio::test]
async fn bars_of_two_tickers_are_not_read_as_one_series() {
    let (mut spec, panel) = spec(&items(300, 0.002, 7));
    spec.evidence[0].subject = "PEP".to_owned();
    let verdict = Driver::new(spec, panel).expect("a debate").run().await.expect("a verdict").verdict;
    assert_eq!(verdict.votes.len(), 0);
    assert!(verdict.abstentions[0].detail.contains("KO, PEP"), "{:?}", verdict.abstentions);
}

#[tokio::test]
async fn the_order_of_the_options_does_not_matter() {
    for seed in 0..10 {
        let (spec, panel) = spec(&items(300, 0.0005, seed));
        let mut turned = spec.clone();
        turned.options.reverse();
        let hold = async |spec: Spec| {
            Driver::new(spec, panel.clone()).expect("a debate").run().await.expect("a verdict").verdict
        };
        let (one, other) = (hold(spec).await, hold(turned).await);
        let p = |verdict: &Verdict| verdict.probability_of("up").map(|p| (p * 1e9).round());
        assert_eq!((one.decision(), p(&one)), (other.decision(), p(&other)), "seed {seed}");
    }
}

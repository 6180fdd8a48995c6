//! A brief ends in time, with what is there, and says so. All waiting is virtual.

use std::{sync::Arc, time::Duration};

use assize_ambient::{Chance, Seed};
use assize_debate::{ModelDebater, Seat};
use assize_llm::{ChatRequest, Failures, SimulatedModel};
use assize_pipeline::{Brief, Panel, Part, ShortfallKind, Status};

use crate::desk::{AS_OF, Desk, request};

const DEADLINE: Duration = Duration::from_secs(10);

/// A voice that never answers.
fn nobody() -> Panel {
    let silent = |_: &ChatRequest, _: &mut Chance| String::new();
    let model = SimulatedModel::new("nobody", Seed::new(1), silent)
        .with_failures(Failures { hang: 1.0, ..Failures::default() });
    vec![(Seat::new("nobody", "simulated:nobody"), Arc::new(ModelDebater::new(Arc::new(model), None)))]
}

async fn in_time(desk: Desk, tickers: &[&str], concurrency: usize) -> Brief {
    let mut request = request(tickers, AS_OF);
    request.deadline = Some(DEADLINE);
    request.concurrency = concurrency;
    let (brief, run) = desk.make(&request).await;
    assert!(run.elapsed <= DEADLINE, "{:?}", run.elapsed);
    for span in run.tickers.iter().flat_map(|ticker| &ticker.stages) {
        assert!(span.end <= DEADLINE, "{span:?}");
    }
    brief
}

fn has(brief: &Brief, ticker: usize, part: Part) -> bool {
    let shortfalls = &brief.tickers[ticker].shortfalls;
    shortfalls.iter().any(|shortfall| shortfall.part == part && shortfall.kind == ShortfallKind::Deadline)
}

#[tokio::test(start_paused = true)]
async fn prices_that_never_come() {
    let desk = Desk::with_fixtures().slow(Duration::from_secs(3_600));
    let brief = in_time(desk, &["RISE", "FALL", "WAVE"], 2).await;
    for ticker in 0..3 {
        assert!(has(&brief, ticker, Part::Prices), "{:?}", brief.tickers[ticker].shortfalls);
        assert_eq!(brief.tickers[ticker].status, Status::Missing);
    }
    let markdown = brief.to_document().to_markdown();
    assert!(markdown.contains("deadline"), "{markdown}");
}

#[tokio::test(start_paused = true)]
async fn a_debater_that_never_answers() {
    let brief = in_time(Desk::with_fixtures().joined_by(nobody()), &["RISE"], 1).await;
    assert!(has(&brief, 0, Part::Debate), "{:?}", brief.tickers[0].shortfalls);
    assert_eq!(brief.tickers[0].status, Status::Degraded, "those who spoke are heard");
    assert!(brief.tickers[0].decision.is_some());
    assert!(brief.to_document().to_markdown().contains("judged as it stood at the deadline"));
}

/// Slow prices leave the debate less time; the deadline is that of the whole run.
#[tokio::test(start_paused = true)]
async fn slow_prices_and_a_debater_that_never_answers() {
    let desk = Desk::with_fixtures().joined_by(nobody()).slow(Duration::from_secs(9));
    let brief = in_time(desk, &["RISE", "FALL"], 2).await;
    for ticker in 0..2 {
        assert!(has(&brief, ticker, Part::Debate), "{:?}", brief.tickers[ticker].shortfalls);
        assert!(brief.tickers[ticker].decision.is_some());
    }
}

/// The first ticker takes the time of those that wait behind it; they say so.
#[tokio::test(start_paused = true)]
async fn tickers_that_wait_for_their_turn() {
    let brief = in_time(Desk::with_fixtures().joined_by(nobody()), &["RISE", "FALL", "WAVE", "ADJ"], 1).await;
    for ticker in 0..4 {
        assert!(has(&brief, ticker, Part::Debate) || has(&brief, ticker, Part::Prices), "{brief:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_times_of_turns_count_from_the_start_of_the_debate() {
    let mut request = request(&["RISE"], AS_OF);
    request.deadline = Some(DEADLINE);
    let (_, run) = Desk::with_fixtures().slow(Duration::from_secs(3)).make(&request).await;
    let turns = &run.tickers[0].turns;
    assert!(!turns.is_empty());
    for turn in turns {
        assert_eq!((turn.asked, turn.answered), (Duration::ZERO, Duration::ZERO), "{turn:?}");
    }
}

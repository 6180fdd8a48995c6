//! The same input, the same bytes.

use std::time::Duration;

use assize_ambient::Seed;
use assize_pipeline::Decision;

use crate::desk::{AS_OF, Desk, request, words};

const ALL: [&str; 9] = ["RISE", "FALL", "WAVE", "SPLIT", "ADJ", "DIRTY", "EMPTY", "TEXT", "NONE"];

#[test]
fn twice_and_in_parallel() {
    let request = request(&ALL, AS_OF);
    let first = words(&Desk::with_fixtures().made(&request));
    assert_eq!(words(&Desk::with_fixtures().made(&request)), first);
    for concurrency in [1, 8] {
        let mut request = request.clone();
        request.concurrency = concurrency;
        assert_eq!(words(&Desk::with_fixtures().made(&request)), first, "{concurrency} at once");
    }
}

/// What is left of the time is measured; it must not find its way into what the brief says.
#[tokio::test(start_paused = true)]
async fn a_deadline_that_is_kept_leaves_no_trace_of_the_time() {
    let mut request = request(&["RISE", "ADJ"], AS_OF);
    request.deadline = Some(Duration::from_secs(60));
    let (first, _) = Desk::with_fixtures().make(&request).await;
    for wait in [1, 700, 12_345] {
        let (slow, run) = Desk::with_fixtures().slow(Duration::from_millis(wait)).make(&request).await;
        assert_eq!(run.elapsed, Duration::from_millis(wait), "the shelf was slow");
        assert_eq!(words(&slow), words(&first), "{wait} ms");
    }
}

#[test]
fn tickers_keep_the_order_of_the_request_and_come_once() {
    let brief = Desk::with_fixtures().made(&request(&["WAVE", "rise", "WAVE", "FALL", "RISE"], AS_OF));
    let names: Vec<&str> = brief.tickers.iter().map(|ticker| ticker.ticker.as_str()).collect();
    assert_eq!(names, ["WAVE", "RISE", "FALL"]);
}

#[test]
fn another_seed_is_another_debate_with_the_same_analysts() {
    let mut request = request(&["WAVE"], AS_OF);
    let first = Desk::with_fixtures().made(&request);
    request.seed = Seed::new(1);
    let other = Desk::with_fixtures().made(&request);
    let id = |brief: &assize_pipeline::Brief| {
        brief.tickers[0].verdict.as_ref().map(|verdict| verdict.debate.clone())
    };
    assert_ne!(id(&first), id(&other));
    // What differs is which debate it was, and so the name of the decision.
    let [first, other] = [first, other].map(|mut brief| {
        let decision = brief.tickers[0].decision.take().expect("a decision");
        assert_eq!(decision.content_id(), decision.id);
        decision
    });
    let renamed =
        Decision { specification: first.specification.clone(), id: first.id.clone(), ..other.clone() };
    assert_eq!(renamed, first, "analysts draw no chance");
    assert_ne!(other.id, first.id);
}

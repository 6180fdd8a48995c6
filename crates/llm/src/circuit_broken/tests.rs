//! What opens the circuit, and what goes through it.

use std::time::Duration;

use assize_ambient::{Chance, Seed};
use assize_transport::{BreakerOptions, BreakerState};
use tokio::time::advance;

use super::*;
use crate::{Latency, ScriptedModel, SimulatedModel, conformance, conformance::Allowances};

fn touchy() -> Breaker {
    Breaker::new(BreakerOptions { least_calls: 1, ..BreakerOptions::default() })
}

fn scripted(script: impl IntoIterator<Item = Result<String, Error>>, breaker: &Breaker) -> CircuitBroken {
    CircuitBroken::new(Arc::new(ScriptedModel::new("parrot", script)), breaker.clone())
}

#[tokio::test(start_paused = true)]
async fn it_passes_the_suite() {
    let say = |_: &ChatRequest, _: &mut Chance| "yes".repeat(60);
    conformance::run(|| {
        let model = SimulatedModel::new("sim", Seed::new(3), say).with_latency(Latency::HOSTED);
        CircuitBroken::new(Arc::new(model), touchy())
    })
    .await;
    conformance::wrapper(Allowances::NONE, |model| CircuitBroken::new(model, touchy())).await;
}

#[tokio::test(start_paused = true)]
async fn failures_of_the_vendor_open_it_and_nothing_else() {
    use ErrorKind::{CutStream, Malformed, Overloaded, Server, TimedOut, Unreachable};
    for kind in ErrorKind::ALL {
        for streamed in [false, true] {
            let breaker = touchy();
            let model = scripted([Err(Error::new(kind, "ask the parrot: no"))], &breaker);
            let error = if streamed {
                model.stream(ChatRequest::new("?")).await.err().unwrap()
            } else {
                model.complete(ChatRequest::new("?")).await.unwrap_err()
            };
            assert_eq!((error.kind(), error.to_string().as_str()), (kind, "ask the parrot: no"));
            let opened = matches!(breaker.state(), BreakerState::Open { .. });
            let counts = [CutStream, Malformed, Overloaded, Server, TimedOut, Unreachable].contains(&kind);
            assert_eq!(opened, counts, "{kind}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_open_one_fails_at_once_and_says_for_how_long() {
    let breaker = touchy();
    let model = scripted([Err(Error::new(ErrorKind::Server, "no")), Ok("yes".to_owned())], &breaker);
    assert!(model.complete(ChatRequest::new("?")).await.is_err());
    advance(Duration::from_secs(2)).await;
    let refused = model.complete(ChatRequest::new("?")).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::CircuitOpen);
    assert_eq!(
        refused.message(),
        "ask parrot: the circuit is open after too many failures, for another 3.0 s; the last was: failed to no"
    );
    assert_eq!((refused.retry_after(), refused.telemetry().attempts), (Some(Duration::from_secs(3)), 0));
    advance(Duration::from_secs(3)).await;
    assert_eq!(model.complete(ChatRequest::new("?")).await.unwrap().text, "yes");
    assert_eq!(breaker.state(), BreakerState::Closed { calls: 0, failures: 0 });
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_dropped_hands_its_probe_back() {
    let breaker = touchy();
    breaker.enter().unwrap().failed(None);
    advance(Duration::from_secs(5)).await;
    let model = scripted([Ok("one".to_owned()), Ok("two".to_owned())], &breaker);
    let stream = model.stream(ChatRequest::new("?")).await.unwrap();
    assert_eq!(model.complete(ChatRequest::new("?")).await.unwrap_err().retry_after(), None);
    drop(stream);
    let deltas: Vec<_> = model.stream(ChatRequest::new("?")).await.unwrap().collect().await;
    assert_eq!(deltas.len(), 2);
    assert_eq!(breaker.state(), BreakerState::Closed { calls: 0, failures: 0 });
}

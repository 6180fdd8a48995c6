//! Places, and when they are given back.

use assize_ambient::{Chance, Seed};
use futures_util::{FutureExt, future::join_all};

use super::*;
use crate::{ErrorKind, Latency, ScriptedModel, SimulatedModel, conformance, conformance::Allowances};

fn slow() -> Arc<dyn ChatModel> {
    let say = |_: &ChatRequest, _: &mut Chance| "yes".repeat(60);
    Arc::new(SimulatedModel::new("sim", Seed::new(3), say).with_latency(Latency::HOSTED))
}

#[tokio::test(start_paused = true)]
async fn it_passes_the_suite() {
    conformance::run(|| ConcurrencyLimited::new(slow(), Gate::new(1))).await;
    let gate = Gate::new(1);
    conformance::wrapper(Allowances::NONE, |model| ConcurrencyLimited::new(model, gate.clone())).await;
    assert_eq!((gate.state().inside, gate.state().waiting), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn no_more_than_agreed_run_at_once() {
    let gate = Gate::new(3);
    let model = ConcurrencyLimited::new(slow(), gate.clone());
    let calls = (0..12).map(|n| model.complete(ChatRequest::new(format!("{n}"))));
    let mut all = Box::pin(join_all(calls));
    assert!(all.as_mut().now_or_never().is_none());
    assert_eq!((gate.state().inside, gate.state().waiting), (3, 9));
    let replies = all.await;
    assert!(replies[0].as_ref().unwrap().telemetry.queued.is_zero());
    assert!(!replies[11].as_ref().unwrap().telemetry.queued.is_zero());
    assert_eq!((gate.state().inside, gate.state().waiting), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_stream_holds_its_place_until_it_ends_or_is_dropped() {
    let gate = Gate::new(1);
    let model = ConcurrencyLimited::new(slow(), gate.clone());
    for read in 0..6 {
        let mut stream = model.stream(ChatRequest::new("again")).await.unwrap();
        let mut ended = false;
        for _ in 0..read {
            ended |= matches!(stream.next().await, Some(Ok(ReplyDelta::Done(_))) | None);
        }
        assert_eq!(gate.state().inside, usize::from(!ended), "after {read} pieces");
        drop(stream);
        assert_eq!(gate.state().inside, 0);
    }
}

#[tokio::test]
async fn errors_pass_unchanged_and_leave_their_place() {
    let gate = Gate::new(1);
    for kind in ErrorKind::ALL {
        let error = Error::new(kind, "ask the parrot: no").with_retry_after(Duration::from_secs(9));
        let script = [Err(error.clone()), Err(error.clone())];
        let model = ConcurrencyLimited::new(Arc::new(ScriptedModel::new("parrot", script)), gate.clone());
        let whole = model.complete(ChatRequest::new("?")).await.unwrap_err();
        let streamed = model.stream(ChatRequest::new("?")).await.err().unwrap();
        for got in [whole, streamed] {
            assert_eq!((got.kind(), got.to_string()), (kind, error.to_string()));
            assert_eq!(
                (got.retry_after(), got.possibly_billed()),
                (error.retry_after(), error.possibly_billed())
            );
        }
        assert_eq!(gate.state().inside, 0);
    }
}

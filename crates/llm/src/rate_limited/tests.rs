use std::pin::pin;

use assize_ambient::{Chance, Seed};
use assize_metering::{TokenUsage, Usage};
use assize_transport::{LimitReport, LimitWindow, LimiterOptions, Pace};
use futures_util::{FutureExt, poll};
use tokio::time::{Instant, advance};

use super::*;
use crate::{Latency, MockChatModel, PartialReply, ScriptedModel, SimulatedModel, conformance};

/// Sixty tokens a second, 3600 at once.
fn limiter() -> Limiter {
    Limiter::new(LimiterOptions {
        tokens_per_minute: Some(3600),
        pace: Pace::Fixed,
        ..LimiterOptions::default()
    })
}

/// How long somebody with this demand would wait now.
async fn wait_for(limiter: &Limiter, tokens: u64) -> Duration {
    let began = Instant::now();
    limiter.acquire(tokens).await.cancel();
    began.elapsed()
}

fn seconds(wait: Duration) -> u64 {
    (wait + Duration::from_millis(500)).as_secs()
}

fn answering(answer: Result<ChatReply, Error>) -> Arc<dyn ChatModel> {
    let mut model = MockChatModel::new();
    model.expect_id().return_const(ModelId::from("mock"));
    model.expect_complete().returning(move |_| answer.clone());
    Arc::new(model)
}

fn request() -> ChatRequest {
    ChatRequest::new("?").with_max_tokens(3599)
}

#[tokio::test(start_paused = true)]
async fn it_passes_the_suite() {
    let say = |_: &ChatRequest, _: &mut Chance| "yes".repeat(60);
    conformance::run(|| {
        let model = SimulatedModel::new("sim", Seed::new(3), say).with_latency(Latency::HOSTED);
        RateLimited::new(Arc::new(model), limiter())
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_a_call_took_is_settled() {
    let reply = |tokens| ChatReply::new("mock".into(), "yes", Usage::estimated(tokens));
    let refused = |kind| Error::new(kind, "ask the mock: no");
    let partial = PartialReply { text: "ye".to_owned(), usage: Usage::estimated(TokenUsage::of(300, 300)) };
    for (answer, waits) in [
        // Reserved is all that there is; what is not used comes back, and what is used above it is debt.
        (Ok(reply(TokenUsage::of(100, 500))), 10),
        (Ok(reply(TokenUsage::of(100, 7100))), 120),
        (Err(refused(ErrorKind::Server)), 0),
        (Err(refused(ErrorKind::RateLimited)), 0),
        (Err(refused(ErrorKind::OverBudget)), 0),
        (Err(refused(ErrorKind::CutStream).with_partial(partial)), 10),
        (Err(refused(ErrorKind::RateLimited).with_retry_after(Duration::from_secs(7))), 7),
        (Err(refused(ErrorKind::Overloaded).with_retry_after(Duration::from_secs(7))), 7),
    ] {
        let limiter = limiter();
        let model = RateLimited::new(answering(answer.clone()), limiter.clone());
        let got = model.complete(request()).await;
        assert_eq!(got.is_ok(), answer.is_ok());
        assert_eq!(limiter.state().in_flight, 0);
        assert_eq!(
            limiter.state().refused,
            u64::from(matches!(&answer, Err(error) if error.kind() == ErrorKind::RateLimited))
        );
        assert_eq!(seconds(wait_for(&limiter, 3600).await), waits, "{answer:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_demand_is_the_prompt_and_what_the_reply_may_have() {
    let limiter = limiter();
    let model = RateLimited::new(Arc::new(ScriptedModel::saying("parrot", ["yes"])), limiter.clone())
        .with_usual_reply(1799);
    let stream = model.stream(ChatRequest::new("?")).await.unwrap();
    assert_eq!(limiter.state().in_flight, 1);
    assert_eq!(seconds(wait_for(&limiter, 3600).await), 30);
    drop(stream);
    assert_eq!(limiter.state().in_flight, 0);
}

#[tokio::test(start_paused = true)]
async fn the_time_in_the_queue_is_told() {
    let limiter = limiter();
    let model = RateLimited::new(Arc::new(ScriptedModel::saying("parrot", ["yes", "no"])), limiter.clone());
    limiter.acquire(3600).await.settle(4200);
    let deltas: Vec<_> =
        model.stream(ChatRequest::new("?").with_max_tokens(2999)).await.unwrap().collect().await;
    let Some(Ok(ReplyDelta::Done(reply))) = deltas.last() else { panic!("{deltas:?}") };
    assert_eq!(seconds(reply.telemetry.queued), 60);
}

#[tokio::test(start_paused = true)]
async fn what_the_vendor_says_of_its_limits_is_kept_to() {
    let limiter = limiter();
    let mut reply = ChatReply::new("mock".into(), "yes", Usage::estimated(TokenUsage::of(1, 1)));
    let requests = LimitWindow { limit: Some(60), remaining: Some(0), reset: Some(Duration::from_secs(25)) };
    reply.telemetry.limits = Some(LimitReport { requests, ..LimitReport::default() });
    let model = RateLimited::new(answering(Ok(reply)), limiter.clone());
    model.complete(request()).await.unwrap();
    assert_eq!(seconds(wait_for(&limiter, 0).await), 25);
}

#[tokio::test(start_paused = true)]
async fn errors_pass_unchanged() {
    for kind in ErrorKind::ALL {
        let error =
            Error::new(kind, "ask the mock: no").with_retry_after(Duration::from_secs(9)).with_status(418);
        let got =
            RateLimited::new(answering(Err(error.clone())), limiter()).complete(request()).await.unwrap_err();
        assert_eq!((got.kind(), got.to_string()), (kind, error.to_string()));
        assert_eq!((got.retry_after(), got.status()), (error.retry_after(), error.status()));
        assert_eq!(got.possibly_billed(), error.possibly_billed());
    }
}

#[tokio::test(start_paused = true)]
async fn dropped_anywhere_it_leaves_nothing_behind() {
    let say = |_: &ChatRequest, _: &mut Chance| "yes".repeat(60);
    let vendor = Arc::new(SimulatedModel::new("sim", Seed::new(3), say).with_latency(Latency::HOSTED));
    for polls in 0..5 {
        for taken in [0, 3600] {
            let limiter = limiter();
            let model = RateLimited::new(vendor.clone(), limiter.clone());
            limiter.acquire(taken).await.settle(taken);
            {
                let mut call = pin!(model.complete(request()));
                for _ in 0..polls {
                    assert!(poll!(&mut call).is_pending());
                    advance(Duration::from_millis(1)).await;
                }
            }
            let state = limiter.state();
            assert_eq!((state.in_flight, state.waiting), (0, 0), "{polls} polls, {taken} taken");
            advance(Duration::from_secs(120)).await;
            assert!(limiter.acquire(3600).now_or_never().is_some());
        }
    }
}

//! What is counted and timed of calls, as `Observed` notes them.

use assize_ambient::{Chance, Seed};
use assize_metering::{TokenUsage, Usage};
use futures_util::StreamExt;

use super::*;
use crate::{
    ChatModel, ChatRequest, Failures, Latency, Observed, PartialReply, ReplyDelta, ScriptedModel,
    SimulatedModel, conformance, conformance::Allowances,
};

fn say(_: &ChatRequest, _: &mut Chance) -> String {
    "word ".repeat(64)
}

fn request() -> ChatRequest {
    ChatRequest::new("Is it?")
}

#[tokio::test(start_paused = true)]
async fn it_keeps_the_contract() {
    conformance::wrapper(Allowances::NONE, |model| Observed::new(model, CallStatistics::new())).await;
    conformance::wrapper(Allowances::NONE, |model| {
        Observed::new(model, CallStatistics::default()).for_agent("hawk")
    })
    .await;
}

/// A reply with everything that telemetry can tell.
fn told(model: &str, cost: &str) -> ChatReply {
    let tokens = TokenUsage { cache_read: Some(90), ..TokenUsage::of(10, 5) };
    let mut reply = ChatReply::new(model.into(), "Yes.", Usage::reported(tokens));
    reply.telemetry.attempts = 3;
    reply.telemetry.rate_limited = 2;
    reply.telemetry.backing_off = Duration::from_millis(1_500);
    reply.telemetry.queued = Duration::from_millis(20);
    reply.telemetry.cache = Some(CacheOutcome::Miss);
    reply.telemetry.cost = Some(cost.parse().unwrap());
    reply
}

#[tokio::test]
async fn every_call_is_counted_by_model_and_agent() {
    let statistics = CallStatistics::new();
    let partial = PartialReply { text: "Ye".to_owned(), usage: Usage::estimated(TokenUsage::of(7, 2)) };
    let cut = Error::new(ErrorKind::CutStream, "ask large: cut").with_partial(partial);
    let script = [
        Ok(told("large", "0.25")),
        Ok(told("small", "0.01")),
        Err(cut),
        Err(Error::new(ErrorKind::RateLimited, "ask large: too many")),
    ];
    let model = Arc::new(ScriptedModel::replying("large", script));
    let model = Observed::new(model, statistics.clone()).for_agent("hawk");
    for _ in 0..5 {
        let _ = model.complete(request()).await;
    }
    let seen = statistics.snapshot();
    let names: Vec<_> = seen.series.iter().map(|s| (s.model.as_str(), s.agent.as_str())).collect();
    assert_eq!(names, [("large", "hawk"), ("small", "hawk")], "a reply counts for the model that gave it");
    let large = &seen.series[0];
    assert_eq!((large.calls, large.replied, large.cancelled), (4, 1, 0));
    let failed: Vec<_> = large.failed.iter().map(|(kind, n)| (kind.as_str(), *n)).collect();
    assert_eq!(failed, [("cut_stream", 1), ("rate_limited", 1), ("script_ended", 1)]);
    assert_eq!(large.possibly_billed, 1);
    assert_eq!(large.tokens, TokenUsage { cache_read: Some(90), ..TokenUsage::of(17, 7) });
    assert_eq!((large.attempts, large.rate_limited), (3 + 1 + 1 + 1, 2 + 1));
    assert_eq!((large.backing_off_us, large.queued_us), (1_500_000, 20_000));
    assert_eq!((large.cache_hits, large.cache_misses, large.unpriced), (0, 1, 0));
    assert_eq!(large.cost.to_string(), "0.25");
    assert_eq!((seen.total.calls, seen.total.cost.to_string()), (5, "0.26".to_owned()));
    assert_eq!(seen.total.latency_us.n, 2);
}

#[tokio::test(start_paused = true)]
async fn times_are_virtual_and_right_to_a_hundredth() {
    let statistics = CallStatistics::new();
    // 1 to 1,000 ms to the first token, then five deltas within a second.
    for n in 1..=1_000 {
        let latency = Latency {
            first_token_median: Duration::from_millis(n),
            first_token_sigma: 0.0,
            straggler_rate: 0.0,
            ..Latency::HOSTED
        };
        let model = SimulatedModel::new("sim", Seed::new(n), say).with_latency(latency);
        let model = Observed::new(Arc::new(model), statistics.clone());
        let deltas: Vec<_> = model.stream(request()).await.unwrap().collect().await;
        assert!(matches!(deltas.last(), Some(Ok(ReplyDelta::Done(_)))));
    }
    let seen = statistics.snapshot().total;
    assert_eq!((seen.replied, seen.streamed, seen.first_delta_us.n), (1_000, 1_000, 1_000));
    let is_about = |value: u64, ms: u64| {
        // The bucket's width, and tokio's grain of a millisecond at each of the steps.
        assert!((ms * 990..=ms * 1_010 + 6_000).contains(&value), "{value} µs is not about {ms} ms");
    };
    is_about(seen.first_delta_us.p50, 700);
    is_about(seen.first_delta_us.p99, 1_190);
    is_about(seen.latency_us.p50, 1_500);
    is_about(seen.latency_us.p95, 1_950);
    is_about(seen.latency_us.max, 2_000);
}

#[tokio::test(start_paused = true)]
async fn dropped_calls_are_cancelled_and_unpolled_ones_are_none() {
    let statistics = CallStatistics::new();
    let hangs = Failures { hang: 1.0, ..Failures::default() };
    let model = |failures| {
        let model = SimulatedModel::new("sim", Seed::new(1), say).with_failures(failures);
        Observed::new(Arc::new(model), statistics.clone())
    };
    drop(model(hangs).complete(request()));
    assert_eq!(statistics.snapshot().total.calls, 0);
    for streamed in [false, true] {
        let model = model(hangs);
        let call = async {
            if streamed {
                let _ = model.stream(request()).await;
            } else {
                let _ = model.complete(request()).await;
            }
        };
        assert!(tokio::time::timeout(Duration::from_secs(9), call).await.is_err());
    }
    let mut deltas = model(Failures::default()).stream(request()).await.unwrap();
    deltas.next().await.unwrap().unwrap();
    drop(deltas);
    let read: Vec<_> = model(Failures::default()).stream(request()).await.unwrap().collect().await;
    assert!(read.len() > 2);
    let total = statistics.snapshot().total;
    assert_eq!((total.calls, total.cancelled, total.replied, total.streamed), (4, 3, 1, 3));
    assert_eq!(total.first_delta_us.n, 2, "also of the one that was dropped");
}

#[tokio::test]
async fn names_beyond_the_cap_are_noted_together() {
    let statistics = CallStatistics::of_at_most(3);
    for n in 0..50 {
        let parrot = Arc::new(ScriptedModel::saying("parrot", ["Yes."]));
        let model = Observed::new(parrot, statistics.clone()).for_agent(format!("agent {n:02}"));
        model.complete(request()).await.unwrap();
    }
    let seen = statistics.snapshot();
    let counts: Vec<_> = seen.series.iter().map(|s| (s.agent.as_str(), s.calls)).collect();
    assert_eq!(counts, [("other", 47), ("agent 00", 1), ("agent 01", 1), ("agent 02", 1)]);
    assert_eq!(seen.total.calls, 50);
}

#[tokio::test]
async fn a_snapshot_can_be_written_and_read_back() {
    let statistics = CallStatistics::new();
    let model = Arc::new(ScriptedModel::replying("large", [Ok(told("large", "0.25"))]));
    let model = Observed::new(model, statistics.clone());
    for _ in 0..2 {
        let _ = model.complete(request()).await;
    }
    let seen = statistics.snapshot();
    let written = serde_json::to_string(&seen).unwrap();
    assert!(
        written.starts_with(r#"{"format_version":1,"total":{"model":"","agent":"","calls":2,"#),
        "{written}"
    );
    assert_eq!(serde_json::from_str::<CallSnapshot>(&written).unwrap(), seen);
    assert_eq!(written, serde_json::to_string(&statistics.snapshot()).unwrap());
}

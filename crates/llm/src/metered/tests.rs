//! What is booked of calls that end well, fail, or are cancelled.

use std::time::Duration;

use assize_ambient::{Chance, FixedClock, Seed, Timestamp};
use assize_metering::{Budget, MemorySink, Period, Scope, Sums, UsageFormat, read_usage};

use super::*;
use crate::{Failures, Latency, ScriptedModel, SimulatedModel, conformance, conformance::Allowances};

fn prices() -> Arc<PriceBook> {
    let list = r#"
        format_version = 1
        [[price]]
        vendor = "acme"
        id = "sim"
        input = "1"
        output = "10"
        source = "a test"
        [[price]]
        vendor = "acme"
        id = "bounded"
        input = "1"
        output = "10"
        max_output_tokens = 4096
        source = "a test"
    "#;
    Arc::new(PriceBook::from_toml("test", list).unwrap())
}

fn cost(usage: &Usage) -> Usd {
    prices().cost_of_call("sim", usage, Mode::Standard, Timestamp::UNIX_EPOCH).unwrap().total
}

fn clock() -> Arc<dyn Clock> {
    Arc::new(FixedClock::new(Timestamp::UNIX_EPOCH))
}

fn booking(model: impl ChatModel, ledger: &Ledger) -> Metered {
    Metered::new(Arc::new(model), prices(), clock(), ledger.clone(), Attribution::new().with_tenant("acme"))
}

fn ledger(limit: &str) -> Ledger {
    let budget = Budget::new("all", Scope::Everything, Period::Total).counting_simulated();
    Ledger::builder(Arc::new(FixedClock::new(Timestamp::UNIX_EPOCH)))
        .budget(budget.with_hard(limit.parse().unwrap()))
        .open()
        .unwrap()
}

fn words(_: &ChatRequest, _: &mut Chance) -> String {
    "so it is and so it was and so it will be ".repeat(20)
}

fn metered(ledger: &Ledger, failures: Failures) -> Metered {
    let model =
        SimulatedModel::new("sim", Seed::new(7), words).with_latency(Latency::HOSTED).with_failures(failures);
    booking(model, ledger)
}

fn request() -> ChatRequest {
    ChatRequest::new("Is it so?").with_max_tokens(1_000)
}

/// The worst case of [`request`]: 9 bytes and what is around them, and 1,000 tokens of reply.
const WORST: Usd = Usd::from_picodollars((9 + 16) * 1_000_000 + 1_000 * 10_000_000);

fn left(ledger: &Ledger) -> Sums {
    assert_eq!((ledger.n_open(), ledger.reserved()), (0, Usd::ZERO));
    ledger.total()
}

#[tokio::test(start_paused = true)]
async fn it_keeps_the_contract() {
    conformance::run(|| {
        let model = booking(ScriptedModel::saying("bounded", ["Paris"]), &ledger("1000"));
        model.with_counter(Arc::new(CharacterEstimator))
    })
    .await;
    conformance::wrapper(Allowances::NONE, |model| {
        Metered::new(model, prices(), clock(), ledger("1000"), Attribution::new()).priced_as("bounded")
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_whole_reply_is_booked_at_its_cost() {
    let ledger = ledger("1.00");
    let model = metered(&ledger, Failures::default());
    let reply = model.complete(request()).await.unwrap();
    let cost = cost(&reply.usage);
    assert_eq!(reply.telemetry.cost, Some(cost));
    let streamed = model.stream(request()).await.unwrap().collect::<Vec<_>>().await;
    assert!(matches!(streamed.last(), Some(Ok(ReplyDelta::Done(_)))));
    let total = left(&ledger);
    assert_eq!((total.billed.calls, total.simulated.calls), (0, 2), "nobody bills a simulation");
    assert_eq!(
        (Some(total.simulated.cost), total.simulated.possibly_billed),
        (cost.checked_mul(2), Usd::ZERO)
    );
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_stream_is_settled_from_what_came() {
    let ledger = ledger("1.00");
    let mut stream = metered(&ledger, Failures::default()).stream(request()).await.unwrap();
    let mut text = String::new();
    for _ in 0..3 {
        if let Some(Ok(ReplyDelta::Text(piece))) = stream.next().await {
            text.push_str(&piece);
        }
    }
    drop(stream);
    let total = left(&ledger).simulated;
    assert!(!text.is_empty() && total.tokens.output.is_some_and(|tokens| tokens > 0), "{total:?}");
    assert_eq!(cost(&Usage::simulated(total.tokens)), total.cost);
    assert_eq!(total.counted(), WORST, "the rest may be billed too");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_times_out_or_is_dropped_may_be_billed() {
    let ledger = ledger("1.00");
    let model = metered(&ledger, Failures::default());
    let late = tokio::time::timeout(Duration::from_millis(1), model.complete(request())).await;
    assert!(late.is_err());
    let total = left(&ledger).simulated;
    assert_eq!((total.cost, total.possibly_billed), (Usd::ZERO, WORST));
}

#[tokio::test(start_paused = true)]
async fn failures_are_booked_by_what_they_may_cost() {
    let ledger = ledger("100.00");
    for (failures, kind) in [
        (Failures { rate_limited: 1.0, ..Failures::default() }, ErrorKind::RateLimited),
        (Failures { cut_stream: 1.0, ..Failures::default() }, ErrorKind::CutStream),
    ] {
        let before = ledger.total().simulated;
        let error = metered(&ledger, failures).complete(request()).await.unwrap_err();
        assert_eq!(error.kind(), kind);
        let after = left(&ledger).simulated;
        let booked = after.possibly_billed.checked_sub(before.possibly_billed).unwrap();
        assert_eq!(booked, if error.possibly_billed() { WORST } else { Usd::ZERO }, "{kind:?}");
        assert_eq!(after.calls, before.calls + 1);
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_budget_forbids_is_not_asked() {
    let ledger = ledger("0.0100");
    let model = booking(ScriptedModel::saying("sim", Vec::<String>::new()), &ledger);
    // The script has no reply: an answer of another kind would show that it was asked.
    let error = model.complete(request()).await.unwrap_err();
    assert_eq!((error.kind(), error.possibly_billed()), (ErrorKind::OverBudget, false));
    assert!(error.to_string().contains("budget `all`"), "{error}");
    let endless = model.complete(ChatRequest::new("Is it so?")).await.unwrap_err();
    assert_eq!(endless.kind(), ErrorKind::Unmetered);
    assert!(endless.to_string().contains("set the most tokens"), "{endless}");
    let unknown = booking(ScriptedModel::saying("sin", ["Yes"]), &ledger);
    let unknown = unknown.complete(request()).await.unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::Unmetered);
    assert!(unknown.to_string().contains("`sim`"), "it names what is known: {unknown}");
    assert_eq!(left(&ledger).billed.calls, 0);
}

#[tokio::test(start_paused = true)]
async fn many_streams_at_once_stay_within_the_limit() {
    let ledger = ledger("0.10");
    let model = Arc::new(metered(&ledger, Failures::default()));
    let calls = (0..100).map(|n: u64| {
        let model = Arc::clone(&model);
        async move {
            let Ok(mut stream) = model.stream(request()).await else { return false };
            for _ in 0..n % 7 {
                stream.next().await;
            }
            true
        }
    });
    let granted = futures_util::future::join_all(calls).await.into_iter().filter(|granted| *granted).count();
    let total = left(&ledger).simulated;
    assert!(total.counted() <= "0.10".parse().unwrap(), "{total:?}");
    assert!((9..100).contains(&granted), "{granted}");
}

fn whole(usage: Usage) -> ChatReply {
    ChatReply::new("sim".into(), "So it is.", usage)
}

#[tokio::test]
async fn parts_that_are_billed_apart_are_booked_with_the_call() {
    let report = serde_json::json!({"usage": {
    "input_tokens": 100, "output_tokens": 10, "cache_read_input_tokens": 0,
    "iterations": [
        {"type": "message", "input_tokens": 100, "output_tokens": 10},
        {"type": "advisor_message", "model": "bounded", "input_tokens": 50, "output_tokens": 5},
    ]}});
    let usage = read_usage(UsageFormat::Anthropic, &report).unwrap();
    let ledger = ledger("1.00");
    let model = booking(ScriptedModel::replying("sim", [Ok(whole(usage))]), &ledger);
    let reply = model.complete(request()).await.unwrap();
    // (100 + 50) × 1 + (10 + 5) × 10 millionths of a dollar
    assert_eq!(reply.telemetry.cost, Some("0.0003".parse().unwrap()));
    assert_eq!(left(&ledger).billed.cost, "0.0003".parse().unwrap());
}

#[tokio::test]
async fn a_reply_that_has_no_price_is_booked_at_its_worst() {
    let report = serde_json::json!({"usage": {
        "input_tokens": 100, "output_tokens": 10, "cache_read_input_tokens": 0,
        "iterations": [{"type": "advisor_message", "model": "oracle", "input_tokens": 50, "output_tokens": 5}]}});
    let usage = read_usage(UsageFormat::Anthropic, &report).unwrap();
    let ledger = ledger("1.00");
    let model = booking(ScriptedModel::replying("sim", [Ok(whole(usage))]), &ledger);
    let reply = model.complete(request()).await.unwrap();
    assert_eq!(reply.telemetry.cost, None);
    let total = left(&ledger).billed;
    assert_eq!((total.cost, total.possibly_billed), (Usd::ZERO, WORST));
}

#[tokio::test]
async fn what_came_of_a_failed_call_is_booked() {
    let partial = PartialReply { text: "So".to_owned(), usage: Usage::estimated(TokenUsage::of(7, 3)) };
    let error = Error::new(ErrorKind::CutStream, "ask sim: the stream was cut").with_partial(partial);
    let ledger = ledger("1.00");
    let model = booking(ScriptedModel::new("sim", [Err(error)]), &ledger);
    let error = model.complete(request()).await.unwrap_err();
    assert_eq!(error.telemetry().cost, Some("0.000037".parse().unwrap()));
    let total = left(&ledger).billed;
    assert_eq!((total.cost, total.counted()), ("0.000037".parse().unwrap(), WORST));
}

#[tokio::test]
async fn a_retry_is_another_attempt_of_the_same_call() {
    let sink = MemorySink::default();
    let ledger = Ledger::builder(clock()).sink(sink.clone()).open().unwrap();
    let error = Error::new(ErrorKind::Overloaded, "ask sim: overloaded");
    let model = booking(ScriptedModel::new("sim", [Err(error), Ok("Yes.".to_owned())]), &ledger);
    let error = model.complete(request()).await.unwrap_err();
    assert_eq!(error.telemetry().cost, Some(Usd::ZERO));
    let again = ChatRequest { retry_of: error.telemetry().booked, ..request() };
    let reply = model.complete(again).await.unwrap();
    assert_eq!(error.telemetry().booked, Some(Attempt { call: 1, number: 1 }));
    assert_eq!(reply.telemetry.booked, Some(Attempt { call: 1, number: 2 }));
    assert_eq!(sink.entries().len(), 4);
}

#[tokio::test]
async fn a_schema_is_part_of_the_worst_case() {
    let ledger = ledger("0.0107");
    let model = booking(ScriptedModel::saying("sim", ["{}"]).repeating_the_last(), &ledger);
    assert!(model.complete(request()).await.is_ok());
    let schema = ResponseFormat::JsonSchema(Arc::new(serde_json::json!({"type": "object"})));
    let error = model.complete(request().with_format(schema)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OverBudget);
}

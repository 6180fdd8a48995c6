//! What is around a call: retries, limits, places, books.

use std::{sync::Arc, time::Duration};

use assize_ambient::FixedClock;
use assize_llm::ErrorKind as Call;
use assize_loopback::{Fault, Faults, Latency, Limit};
use assize_metering::{Attribution, Budget, Ledger, Period, PriceBook, Scope, Usd};
use assize_retrieval::{Embedder, ErrorKind};
use assize_transport::{ErrorKind as Broken, Gate, Limiter, LimiterOptions, RetryBudget, RetryPolicy};
use assize_vendors::{EmbeddingBuilder, EmbeddingModel, Endpoint};
use tokio::time::Instant;

use super::{Timestamp, call, endpoint, in_process, over, reply, three, truth, world};
use crate::server::{Answer, Server};

const ONE: [f32; 3] = [1.0, 0.0, 0.0];

fn patient() -> RetryPolicy {
    RetryPolicy { attempts: 40, base: Duration::from_millis(100), cap: Duration::from_secs(2) }
}

fn booked(builder: EmbeddingBuilder, budget: Option<&str>) -> (EmbeddingBuilder, Ledger) {
    let list =
        "format_version = 1\n[[price]]\nvendor = \"acme\"\nid = \"m\"\ninput = \"1\"\nsource = \"a test\"\n";
    let prices = Arc::new(PriceBook::from_toml("test", list).expect("a list of prices"));
    let clock = Arc::new(FixedClock::new(Timestamp::UNIX_EPOCH));
    let mut ledger = Ledger::builder(clock.clone());
    if let Some(hard) = budget {
        let budget = Budget::new("all", Scope::Everything, Period::Total);
        ledger = ledger.budget(budget.with_hard(hard.parse().expect("an amount")));
    }
    let ledger = ledger.open().expect("a ledger");
    (builder.metered(prices, clock, ledger.clone(), Attribution::new().with_tenant("acme")), ledger)
}

fn built(builder: EmbeddingBuilder) -> EmbeddingModel {
    builder.with_dimensions(1_536).build().expect("a model")
}

#[tokio::test(start_paused = true)]
async fn what_passes_is_asked_for_again_after_the_wait() {
    let busy = Answer::new(429, "application/json", r#"{"error":{"message":"Rate limit reached"}}"#)
        .with_header("retry-after", "7");
    let began = Instant::now();
    let (model, server) = three([busy, reply(&[ONE])]);
    model.embed(&["one"]).await.expect("the second time");
    assert_eq!(server.bodies().len(), 2);
    let waited = began.elapsed();
    assert!((7..9).contains(&waited.as_secs()), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn what_does_not_pass_is_not() {
    for (status, body, kind, call_kind) in [
        (401, r#"{"error":{"code":"invalid_api_key"}}"#, ErrorKind::Unavailable, Call::Auth),
        (429, r#"{"error":{"code":"insufficient_quota"}}"#, ErrorKind::Unavailable, Call::Quota),
        (404, r#"{"error":{"code":"model_not_found"}}"#, ErrorKind::Unavailable, Call::BadRequest),
        (
            400,
            r#"{"error":{"message":"maximum context length is 8192 tokens"}}"#,
            ErrorKind::BadInput,
            Call::ContextTooLong,
        ),
        (
            500,
            r#"{"error":{"code":500,"message":"input (4002 tokens) is too large to process. increase the physical batch size","type":"server_error"}}"#,
            ErrorKind::BadInput,
            Call::ContextTooLong,
        ),
        (413, "", ErrorKind::BadInput, Call::ContextTooLong),
    ] {
        let (model, server) = three([Answer::new(status, "application/json", body)]);
        let error = model.embed(&["one"]).await.expect_err("a refusal");
        assert_eq!((error.kind(), call(&error).kind()), (kind, call_kind), "{error}");
        assert_eq!((call(&error).status(), server.bodies().len()), (Some(status), 1), "{error}");
    }
    let keyless = over(Server::saying([reply(&[ONE])]), Endpoint::known("openai").expect("it is known"));
    let error =
        keyless.with_dimensions(3).build().expect("a model").embed(&["one"]).await.expect_err("no key");
    assert_eq!((call(&error).kind(), call(&error).telemetry().attempts), (Call::Auth, 0));
    assert!(error.to_string().contains("needs a key, such as that in OPENAI_API_KEY"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn retries_end() {
    let down = || Answer::new(503, "text/plain", "down");
    for (budget, deadline, asked) in [
        (RetryBudget::new(0.0, 2), None, 3),
        (RetryBudget::default(), Some(Duration::ZERO), 1),
        (RetryBudget::default(), None, 4),
    ] {
        let server = Server::saying([down()]);
        let mut builder = over(server.clone(), endpoint()).with_dimensions(3).with_retry_budget(budget);
        if let Some(deadline) = deadline {
            builder = builder.with_deadline(deadline);
        }
        let error = builder.build().expect("a model").embed(&["one"]).await.expect_err("it is down");
        assert_eq!((error.kind(), server.bodies().len()), (ErrorKind::Unavailable, asked), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_hangs_is_given_up() {
    let world = world().with_faults(Faults::none().with(Fault::Hang, 1.0).expect("a share"));
    let once = RetryPolicy { attempts: 1, ..RetryPolicy::default() };
    let builder =
        over(in_process(&world), endpoint()).with_policy(once).with_time_limit(Duration::from_secs(3));
    let (builder, ledger) = booked(builder, None);
    let began = Instant::now();
    let error = built(builder).embed(&["one"]).await.expect_err("nothing comes");
    assert_eq!((call(&error).kind(), began.elapsed()), (Call::TimedOut, Duration::from_secs(3)));
    let total = ledger.total();
    assert!(total.billed.possibly_billed > Usd::ZERO && total.billed.cost == Usd::ZERO, "{total:?}");
    assert_eq!((ledger.n_open(), ledger.reserved()), (0, Usd::ZERO));
}

#[tokio::test(start_paused = true)]
async fn what_is_booked_is_what_was_served() {
    let world = world().with_latency(Latency::HOSTED);
    let (builder, ledger) = booked(over(in_process(&world), endpoint()), None);
    let model = built(builder.with_most_texts(10));
    let texts: Vec<String> = (0..95).map(|n| format!("{n}, and something more to count")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    model.embed(&texts).await.expect("vectors");
    let (served, billed) = (truth(&world).total_served(), ledger.total().billed);
    assert_eq!((billed.calls, billed.tokens.total_input()), (served.requests, served.tokens.prompt()));
    assert_eq!((served.requests, billed.tokens.total_output(), served.tokens.reply()), (10, 0, 0));
    // A dollar for a million.
    let cost = Usd::from_picodollars(i128::from(served.tokens.prompt()) * 1_000_000);
    assert_eq!((billed.cost, billed.possibly_billed), (cost, Usd::ZERO));
}

/// Whatever goes wrong, the vectors are right in the end, and no call that was served is missing in the books.
#[tokio::test(start_paused = true)]
async fn through_faults() {
    let texts: Vec<String> = (0..200).map(|n| format!("text {n}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let wanted = built(over(in_process(&world()), endpoint())).embed(&texts).await.expect("vectors");
    // The account's spent money does not come back.
    let faults = Faults::evenly(0.5).expect("a share").with(Fault::Quota, 0.0).expect("a share");
    let world = world().with_faults(faults.with_huge_bytes(1 << 20)).with_latency(Latency::HOSTED);
    let builder = over(in_process(&world), endpoint()).with_policy(patient()).with_most_texts(2);
    let builder =
        builder.with_retry_budget(RetryBudget::new(1.0, 1_000)).with_time_limit(Duration::from_secs(20));
    let (builder, ledger) = booked(builder, None);
    assert_eq!(built(builder).embed(&texts).await.expect("in the end"), wanted);

    let (truth, keys) = (truth(&world), world.truth().keys);
    assert!(truth.faults.len() >= 12, "{:?}", truth.faults);
    assert!(truth.adds_up() && truth.in_flight == 0, "{truth:?}");
    assert_eq!(
        keys.iter().map(|key| key.early_retries).sum::<u64>(),
        0,
        "each wait that was asked for was waited"
    );
    let billed = ledger.total().billed;
    assert_eq!((ledger.n_open(), ledger.reserved()), (0, Usd::ZERO));
    assert!(billed.tokens.total_input() >= 100, "{billed:?}");
    let known = truth.total_served().tokens.prompt() + truth.total_possibly_billed().tokens.prompt();
    let most = billed.cost.checked_add(billed.possibly_billed).expect("an amount");
    assert!(most >= Usd::from_picodollars(i128::from(known) * 1_000_000), "{billed:?} {known}");
}

#[tokio::test(start_paused = true)]
async fn retries_are_attempts_of_one_call() {
    let down = || Answer::new(503, "text/plain", "down");
    let (builder, ledger) = booked(over(Server::saying([down(), down(), reply(&[ONE])]), endpoint()), None);
    builder.with_dimensions(3).build().expect("a model").embed(&["one"]).await.expect("the third time");
    let billed = ledger.total().billed;
    assert_eq!((billed.calls, billed.retries, billed.tokens.total_input()), (3, 2, 4), "{billed:?}");
    assert_eq!((billed.cost, billed.possibly_billed), (Usd::from_picodollars(4_000_000), Usd::ZERO));
}

#[tokio::test(start_paused = true)]
async fn budgets_forbid_calls() {
    let world = world();
    let (builder, ledger) = booked(over(in_process(&world), endpoint()), Some("0.0001"));
    let model = built(builder);
    model.embed(&["a short text"]).await.expect("it is within");
    let error = model.embed(&["a long text ".repeat(20).as_str()]).await.expect_err("it is not");
    assert_eq!((error.kind(), call(&error).kind()), (ErrorKind::Unavailable, Call::OverBudget), "{error}");
    let (builder, _) = booked(over(in_process(&world), endpoint()), None);
    let error = built(builder.priced_as("another")).embed(&["a"]).await.expect_err("it has no price");
    assert_eq!(call(&error).kind(), Call::Unmetered, "{error}");
    assert_eq!((truth(&world).seen, ledger.total().billed.calls), (1, 1), "what is forbidden is not asked");
}

#[tokio::test(start_paused = true)]
async fn what_nobody_counted_was_not_free() {
    let uncounted =
        Answer::json(r#"{"data":[{"embedding":[1,0,0]}],"usage":{"prompt_tokens":0,"total_tokens":0}}"#);
    let (builder, ledger) = booked(over(Server::saying([uncounted]), endpoint()), None);
    builder
        .with_dimensions(3)
        .build()
        .expect("a model")
        .embed(&["some forty characters of plain English."])
        .await
        .expect("a vector");
    let billed = ledger.total().billed;
    assert!((5..20).contains(&billed.tokens.total_input()), "{billed:?}");
}

#[tokio::test(start_paused = true)]
async fn wrong_vectors_are_billed_all_the_same() {
    let wrong =
        Answer::json(r#"{"data":[{"embedding":[1,0]}],"usage":{"prompt_tokens":9,"total_tokens":9}}"#);
    let (builder, ledger) = booked(over(Server::saying([wrong]), endpoint()), None);
    let model = builder.with_dimensions(3).build().expect("a model");
    assert_eq!(model.embed(&["one"]).await.expect_err("two dimensions").kind(), ErrorKind::BadVector);
    assert_eq!(ledger.total().billed.tokens.total_input(), 9);
}

#[tokio::test(start_paused = true)]
async fn no_more_at_once_than_places_and_no_faster_than_the_limit() {
    let texts: Vec<String> = (0..120).map(|n| format!("text {n}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let limit = Limit::per_minute(600);
    let world = world().with_latency(Latency::HOSTED).with_limit(limit).with_limit_headers();
    let limiter = Limiter::new(LimiterOptions { start: 5.0, burst: 1, ..LimiterOptions::default() });
    let builder = over(in_process(&world), endpoint()).with_gate(Gate::new(3)).with_limiter(limiter.clone());
    let model = built(builder.with_most_texts(1).with_policy(patient()));
    model.embed(&texts).await.expect("vectors");
    let state = limiter.state();
    assert_eq!((state.waiting, state.in_flight), (0, 0), "{state:?}");
    assert_eq!(state.granted, truth(&world).seen, "{state:?}");
    assert!(truth(&world).most_in_flight <= 3, "{:?}", truth(&world));
    assert!(state.refused <= 12, "{state:?}");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_leaves_nothing_behind() {
    let world = world().with_faults(Faults::none().with(Fault::Hang, 1.0).expect("a share"));
    let limiter = Limiter::new(LimiterOptions::default());
    let gate = Gate::new(2);
    let builder = over(in_process(&world), endpoint()).with_gate(gate.clone()).with_limiter(limiter.clone());
    let (builder, ledger) = booked(builder, None);
    let model = built(builder.with_most_texts(1));
    let texts = ["one", "two", "three", "four"];
    let dropped = tokio::time::timeout(Duration::from_secs(1), model.embed(&texts)).await;
    assert!(dropped.is_err(), "it hangs");
    assert_eq!((gate.state().inside, limiter.state().in_flight, limiter.state().waiting), (0, 0, 0));
    assert_eq!((ledger.n_open(), ledger.reserved()), (0, Usd::ZERO));
    assert!(ledger.total().billed.possibly_billed > Usd::ZERO, "what was sent may be billed");
}

#[tokio::test(start_paused = true)]
async fn one_batch_that_fails_fails_the_call() {
    let down = Answer::Fails(Broken::Unreachable.error("connect: no such host"));
    let server = Server::saying([reply(&[ONE]), down]);
    let builder =
        over(server.clone(), endpoint()).with_dimensions(3).with_gate(Gate::new(1)).with_most_texts(1);
    let error =
        builder.build().expect("a model").embed(&["one", "two", "three"]).await.expect_err("the second");
    assert_eq!((error.kind(), call(&error).kind()), (ErrorKind::Unavailable, Call::Unreachable));
    assert_eq!(server.bodies().len(), 1 + 4, "the third is not asked for");
}

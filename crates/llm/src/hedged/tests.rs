//! Who wins, who is dropped, and how often.

use std::sync::atomic::{AtomicU64, Ordering};

use assize_ambient::{Chance, FixedClock, Seed, Timestamp};
use assize_metering::{Attribution, Ledger, PriceBook};
use futures_util::StreamExt;

use super::*;
use crate::{
    ErrorKind, Failures, Latency, Metered, ReplyDelta, ScriptedModel, SimulatedModel, conformance,
    conformance::Allowances,
};

const fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

fn say(_: &ChatRequest, _: &mut Chance) -> String {
    "Yes.".to_owned()
}

/// Takes so long to the first token, and 12.5 ms for its one token.
fn taking(id: &str, wait: Duration) -> Arc<SimulatedModel> {
    let latency =
        Latency { first_token_median: wait, first_token_sigma: 0.0, straggler_rate: 0.0, ..Latency::HOSTED };
    Arc::new(SimulatedModel::new(id, Seed::new(1), say).with_latency(latency))
}

/// Takes as long as it is told before each call, and then does as the model.
#[derive(Debug)]
struct Slow {
    model: Arc<dyn ChatModel>,
    wait_ms: AtomicU64,
}

impl Slow {
    fn new(model: Arc<dyn ChatModel>, wait: u64) -> Arc<Self> {
        Arc::new(Self { model, wait_ms: AtomicU64::new(wait) })
    }
}

#[async_trait]
impl ChatModel for Slow {
    fn id(&self) -> &ModelId {
        self.model.id()
    }

    fn is_simulated(&self) -> bool {
        self.model.is_simulated()
    }

    async fn complete(&self, request: ChatRequest) -> Result<ChatReply, Error> {
        sleep(ms(self.wait_ms.load(Ordering::SeqCst))).await;
        self.model.complete(request).await
    }

    async fn stream(&self, request: ChatRequest) -> Result<ReplyStream, Error> {
        sleep(ms(self.wait_ms.load(Ordering::SeqCst))).await;
        self.model.stream(request).await
    }
}

fn failing(id: &str, wait: u64) -> Arc<Slow> {
    let error = Error::new(ErrorKind::Server, format!("ask {id}: it failed"));
    Slow::new(Arc::new(ScriptedModel::new(id, [Err(error)]).repeating_the_last()), wait)
}

fn request() -> ChatRequest {
    ChatRequest::new("Is it?").with_max_tokens(100)
}

const ALWAYS: Hedging = Hedging::after(ms(100)).with_most_percent(100).with_enough(u64::MAX);

#[tokio::test(start_paused = true)]
async fn it_keeps_the_contract() {
    conformance::run(|| Hedged::new(taking("sim", ms(600)), ALWAYS)).await;
    conformance::wrapper(Allowances::NONE, |model| Hedged::new(model, ALWAYS)).await;
    // A wait of nothing: every call has a second request.
    let at_once = Hedging::after(Duration::ZERO).with_most_percent(100).with_enough(u64::MAX);
    conformance::wrapper(Allowances::NONE.asking_again(), |model| Hedged::new(Slow::new(model, 1), at_once))
        .await;
}

#[tokio::test(start_paused = true)]
async fn the_first_reply_wins_and_the_other_is_dropped() {
    for (first, second, winner, after) in
        [(600, 50, "second", 163), (150, 300, "first", 163), (50, 0, "first", 63)]
    {
        let model = Hedged::new(taking("first", ms(first)), ALWAYS).with_second(taking("second", ms(second)));
        for streamed in [false, true] {
            let start = Instant::now();
            let reply = if streamed {
                let deltas = model.stream(request()).await.unwrap().collect::<Vec<_>>().await;
                let Some(Ok(ReplyDelta::Done(reply))) = deltas.into_iter().next_back() else { panic!() };
                *reply
            } else {
                model.complete(request()).await.unwrap()
            };
            let took = start.elapsed();
            assert_eq!(reply.model.as_str(), winner);
            assert_eq!(reply.telemetry.attempts, if first > 100 { 2 } else { 1 });
            assert!(took >= ms(after - 1) && took < ms(after + 4), "{winner} after {took:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_leaves_the_other_to_go_on() {
    let fails_first = Hedged::new(failing("first", 150), ALWAYS).with_second(taking("second", ms(300)));
    let reply = fails_first.complete(request()).await.unwrap();
    assert_eq!((reply.model.as_str(), reply.telemetry.attempts), ("second", 2));

    let fails_second = Hedged::new(taking("first", ms(600)), ALWAYS).with_second(failing("second", 10));
    let reply = fails_second.complete(request()).await.unwrap();
    assert_eq!((reply.model.as_str(), reply.telemetry.attempts), ("first", 2));

    let both = Hedged::new(failing("first", 150), ALWAYS).with_second(failing("second", 100));
    let error = both.complete(request()).await.unwrap_err();
    assert_eq!((error.message(), error.telemetry().attempts), ("ask second: it failed", 2));

    let before = Hedged::new(failing("first", 50), ALWAYS).with_second(taking("second", ms(1)));
    let error = before.complete(request()).await.unwrap_err();
    assert_eq!((error.message(), error.telemetry().attempts), ("ask first: it failed", 1));
}

#[tokio::test(start_paused = true)]
async fn the_wait_is_learned() {
    let hedging = Hedging::after(Duration::from_secs(9)).with_most_percent(0);
    let slow = Slow::new(Arc::new(ScriptedModel::saying("slow", ["Yes."]).repeating_the_last()), 0);
    let model = Hedged::new(Arc::clone(&slow) as Arc<dyn ChatModel>, hedging);
    for n in 1..=96 {
        slow.wait_ms.store(n, Ordering::SeqCst);
        assert!(n > 20 || model.wait() == Duration::from_secs(9), "too few calls to learn from");
        model.complete(request()).await.unwrap();
    }
    // The 95th percentile of 1 to 96 ms, to a hundredth, plus tokio's grain of a millisecond.
    assert!(model.wait() >= ms(91) && model.wait() <= ms(94), "{:?}", model.wait());
    assert_eq!(model.wait_for_first_delta(), Duration::from_secs(9), "streams are learned apart");
    for _ in 0..2_000 {
        slow.wait_ms.store(7, Ordering::SeqCst);
        model.complete(request()).await.unwrap();
    }
    assert!(model.wait() < ms(10), "old times are forgotten: {:?}", model.wait());
}

#[tokio::test(start_paused = true)]
async fn second_requests_stay_within_their_share() {
    let hedging = Hedging::after(ms(100)).with_enough(u64::MAX);
    let model = Hedged::new(taking("first", ms(600)), hedging).with_second(taking("second", ms(1)));
    let mut n_second = 0;
    for _ in 0..1_000 {
        let reply = model.complete(request()).await.unwrap();
        n_second += u32::from(reply.telemetry.attempts == 2);
    }
    assert_eq!(n_second, 100);
}

#[tokio::test(start_paused = true)]
async fn it_cuts_the_tail() {
    async fn p99(model: &dyn ChatModel) -> Duration {
        let mut took = Vec::new();
        for n in 0..2_000 {
            let start = Instant::now();
            model.complete(ChatRequest::new(format!("Is it {n}?"))).await.unwrap();
            took.push(start.elapsed());
        }
        took.sort_unstable();
        took[1_980]
    }
    let vendor = || Arc::new(SimulatedModel::new("sim", Seed::new(8), say).with_latency(Latency::HOSTED));
    let alone = p99(&*vendor()).await;
    let hedged = p99(&Hedged::new(vendor(), Hedging::after(Duration::from_secs(2)))).await;
    assert!(hedged.as_secs_f64() < 0.8 * alone.as_secs_f64(), "{hedged:?} against {alone:?}");
}

#[tokio::test(start_paused = true)]
async fn the_loser_is_booked() {
    let prices = r#"
        format_version = 1
        [[price]]
        vendor = "acme"
        id = "sim"
        input = "1"
        output = "10"
        source = "a test"
    "#;
    let clock = Arc::new(FixedClock::new(Timestamp::UNIX_EPOCH));
    let prices = Arc::new(PriceBook::from_toml("test", prices).unwrap());
    let ledger = Ledger::builder(clock.clone()).open().unwrap();
    let metered = |model: Arc<SimulatedModel>| {
        Arc::new(Metered::new(model, prices.clone(), clock.clone(), ledger.clone(), Attribution::new()))
    };
    let model =
        Hedged::new(metered(taking("sim", ms(600))), ALWAYS).with_second(metered(taking("sim", ms(1))));
    let reply = model.complete(request()).await.unwrap();
    let total = ledger.total().simulated;
    assert_eq!((ledger.n_open(), total.calls), (0, 2));
    assert_eq!(Some(total.cost), reply.telemetry.cost);
    assert!(!total.possibly_billed.is_zero(), "the one that was dropped may be billed");
}

/// Streams a word and breaks off, in a way that nobody bills.
#[derive(Debug)]
struct Breaking(ModelId);

#[async_trait]
impl ChatModel for Breaking {
    fn id(&self) -> &ModelId {
        &self.0
    }

    async fn complete(&self, _: ChatRequest) -> Result<ChatReply, Error> {
        Err(Error::new(ErrorKind::Server, "ask breaking: it failed"))
    }

    async fn stream(&self, _: ChatRequest) -> Result<ReplyStream, Error> {
        let end = Error::new(ErrorKind::Server, "ask breaking: it failed");
        Ok(futures_util::stream::iter([Ok(ReplyDelta::Text("Ye".to_owned())), Err(end)]).boxed())
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_dropped_may_be_billed_though_the_winner_is_not() {
    let alone = Hedged::new(Arc::new(Breaking("breaking".into())), ALWAYS);
    let hedged =
        Hedged::new(taking("slow", ms(600)), ALWAYS).with_second(Arc::new(Breaking("breaking".into())));
    for (model, attempts, billed) in [(alone, 1, false), (hedged, 2, true)] {
        let deltas: Vec<_> = model.stream(request()).await.unwrap().collect().await;
        let Some(Err(error)) = deltas.last() else { panic!("{deltas:?}") };
        assert_eq!((error.telemetry().attempts, error.possibly_billed()), (attempts, billed));
    }
}

#[tokio::test(start_paused = true)]
async fn a_hanging_model_is_saved_by_the_second() {
    let hangs = Failures { hang: 1.0, ..Failures::default() };
    let hanging = Arc::new(SimulatedModel::new("sim", Seed::new(1), say).with_failures(hangs));
    let model = Hedged::new(hanging, ALWAYS).with_second(taking("second", ms(1)));
    assert_eq!(model.complete(request()).await.unwrap().model.as_str(), "second");
}

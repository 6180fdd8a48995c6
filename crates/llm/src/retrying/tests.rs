//! What is tried again, when, how often, and what is told of it.

use std::sync::Mutex;

use assize_ambient::SystemClock;
use assize_metering::{Attribution, Ledger, PriceBook};
use futures_util::{StreamExt, stream};
use tokio::time::advance;

use super::*;
use crate::{
    ErrorKind, Failures, Latency, Metered, ReplyDelta, ScriptedModel, SimulatedModel, conformance,
    conformance::Allowances,
};

fn request() -> ChatRequest {
    ChatRequest::new("Is it raining?").with_max_tokens(20)
}

fn error(kind: ErrorKind) -> Error {
    Error::new(kind, "ask the parrot: no")
}

fn retrying(script: impl IntoIterator<Item = Result<String, Error>>) -> Retrying {
    Retrying::new(Arc::new(ScriptedModel::new("parrot", script)), Seed::new(7))
}

/// Opens its streams, and fails in them after so many pieces; notes when it was asked, and for what.
#[derive(Debug)]
struct Breaking {
    id: ModelId,
    pieces: usize,
    fails: u32,
    asked: Mutex<Vec<(Instant, ChatRequest)>>,
}

impl Breaking {
    fn new(pieces: usize, fails: u32) -> Arc<Self> {
        Arc::new(Self { id: "breaking".into(), pieces, fails, asked: Mutex::default() })
    }
}

#[async_trait]
impl ChatModel for Breaking {
    fn id(&self) -> &ModelId {
        &self.id
    }

    async fn complete(&self, _: ChatRequest) -> Result<ChatReply, Error> {
        Err(error(ErrorKind::BadRequest))
    }

    async fn stream(&self, request: ChatRequest) -> Result<ReplyStream, Error> {
        let asked = {
            let mut asked = self.asked.lock().unwrap();
            asked.push((Instant::now(), request));
            asked.len()
        };
        if asked > usize::try_from(self.fails).unwrap() {
            return ScriptedModel::saying("breaking", ["aaa"]).stream(self::request()).await;
        }
        let pieces = (0..self.pieces).map(|_| Ok(ReplyDelta::Text("a".to_owned())));
        let end = error(ErrorKind::CutStream).with_retry_after(Duration::from_secs(3));
        Ok(stream::iter(pieces.chain([Err(end)]).collect::<Vec<_>>()).boxed())
    }
}

#[tokio::test(start_paused = true)]
async fn it_passes_the_suite() {
    conformance::run(|| retrying([Err(error(ErrorKind::Server)), Ok("Paris".to_owned())])).await;
    conformance::run(|| retrying([Ok("Paris".to_owned())])).await;
    let twice = Allowances::NONE.asking_again();
    conformance::wrapper(twice, |model| Retrying::new(model, Seed::new(7))).await;
    let once = RetryPolicy { attempts: 1, ..RetryPolicy::default() };
    conformance::wrapper(Allowances::NONE, |model| Retrying::new(model, Seed::new(7)).with_policy(once))
        .await;
}

#[tokio::test(start_paused = true)]
async fn only_what_passes_by_itself_is_tried_again() {
    for kind in ErrorKind::ALL {
        let model = retrying([Err(error(kind).with_should_retry(true)), Ok("yes".to_owned())]);
        let answer = model.complete(request()).await;
        match answer {
            Ok(reply) => {
                assert!(kind.is_transient(), "{kind}");
                assert_eq!(reply.telemetry.attempts, 1 + error(kind).telemetry().attempts);
                assert_eq!(reply.telemetry.rate_limited, u32::from(kind == ErrorKind::RateLimited));
            }
            Err(error) => {
                assert!(!kind.is_transient(), "{kind}");
                assert_eq!(error.kind(), kind);
                assert_eq!(error.to_string(), "ask the parrot: no");
            }
        }
        let told = retrying([Err(error(kind).with_should_retry(false)), Ok("yes".to_owned())]);
        assert_eq!(told.complete(request()).await.unwrap_err().kind(), kind);
    }
}

#[tokio::test(start_paused = true)]
async fn what_may_be_billed_twice_can_be_left() {
    for (kind, retried) in [(ErrorKind::TimedOut, false), (ErrorKind::Overloaded, true)] {
        let model = retrying([Err(error(kind)), Ok("yes".to_owned())]).never_paying_twice();
        assert_eq!(model.complete(request()).await.is_ok(), retried, "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_may_be_billed_if_any_attempt_may() {
    let script = || [Err(error(ErrorKind::TimedOut)), Err(error(ErrorKind::BadRequest))];
    let whole = retrying(script()).complete(request()).await.unwrap_err();
    let streamed = retrying(script()).stream(request()).await.err().unwrap();
    for error in [whole, streamed] {
        assert_eq!((error.kind(), error.possibly_billed()), (ErrorKind::BadRequest, true));
    }
    let refused = retrying([Err(error(ErrorKind::Server)), Err(error(ErrorKind::BadRequest))]);
    assert!(!refused.complete(request()).await.unwrap_err().possibly_billed());
}

#[tokio::test(start_paused = true)]
async fn the_wait_of_the_latest_answer_is_kept() {
    let asks = |seconds| Err(error(ErrorKind::RateLimited).with_retry_after(Duration::from_secs(seconds)));
    let model = retrying([asks(3), asks(40), Ok("yes".to_owned())]);
    let began = Instant::now();
    let reply = model.complete(request()).await.unwrap();
    let waited = began.elapsed();
    assert!(waited >= Duration::from_secs(43) && waited < Duration::from_millis(44_510), "{waited:?}");
    assert!(waited - reply.telemetry.backing_off < Duration::from_millis(3), "timers have a grain of 1 ms");
    assert_eq!((reply.telemetry.attempts, reply.telemetry.rate_limited), (3, 2));

    let late = retrying([asks(3), asks(40), Ok("yes".to_owned())]).with_deadline(Duration::from_secs(40));
    let began = Instant::now();
    let error = late.complete(request()).await.unwrap_err();
    assert!(began.elapsed() < Duration::from_secs(5), "it gives up at once");
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::RateLimited, Some(Duration::from_secs(40))));
    assert_eq!((error.telemetry().attempts, error.telemetry().rate_limited), (2, 2));
    assert!(error.telemetry().backing_off >= Duration::from_secs(3));
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_tried_again_until_something_was_handed_out() {
    let silent = Breaking::new(0, 2);
    let model = Retrying::new(silent.clone(), Seed::new(1));
    let deltas: Vec<_> = model.stream(request()).await.unwrap().collect().await;
    let Some(Ok(ReplyDelta::Done(reply))) = deltas.last() else { panic!("{deltas:?}") };
    assert_eq!((reply.text.as_str(), reply.telemetry.attempts), ("aaa", 3));
    let asked: Vec<Instant> = silent.asked.lock().unwrap().iter().map(|(when, _)| *when).collect();
    assert!(asked.windows(2).all(|pair| pair[1] - pair[0] >= Duration::from_secs(3)), "{asked:?}");

    let talking = Breaking::new(1, 2);
    let model = Retrying::new(talking.clone(), Seed::new(1));
    let deltas: Vec<_> = model.stream(request()).await.unwrap().collect().await;
    assert_eq!(talking.asked.lock().unwrap().len(), 1);
    assert_eq!(deltas.len(), 2);
    assert_eq!(deltas[1].as_ref().unwrap_err().kind(), ErrorKind::CutStream);

    let hopeless = Breaking::new(0, 100);
    let model = Retrying::new(hopeless.clone(), Seed::new(1));
    let last = model.stream(request()).await.err().unwrap();
    assert_eq!(hopeless.asked.lock().unwrap().len(), 4);
    assert_eq!((last.kind(), last.telemetry().attempts), (ErrorKind::CutStream, 4));
}

#[tokio::test(start_paused = true)]
async fn in_an_outage_few_more_attempts_are_made_than_calls() {
    let down = ScriptedModel::new("down", [Err(error(ErrorKind::Server))]).repeating_the_last();
    let model = Retrying::new(Arc::new(down), Seed::new(1));
    let mut attempts = 0;
    for _ in 0..1000 {
        attempts += model.complete(request()).await.unwrap_err().telemetry().attempts;
    }
    assert_eq!(attempts, 1119);
}

#[tokio::test(start_paused = true)]
async fn every_attempt_is_booked() {
    let prices = Arc::new(PriceBook::embedded().clone());
    let ledger = Ledger::builder(Arc::new(SystemClock)).open().unwrap();
    let script = [Err(error(ErrorKind::TimedOut)), Err(error(ErrorKind::Server)), Ok("yes".to_owned())];
    let model = Arc::new(ScriptedModel::new("gpt-4o", script));
    let metered = Metered::new(model, prices, Arc::new(SystemClock), ledger.clone(), Attribution::new());
    let reply = Retrying::new(Arc::new(metered), Seed::new(1)).complete(request()).await.unwrap();
    assert_eq!(reply.telemetry.attempts, 3);
    let total = ledger.total();
    assert_eq!(total.billed.calls, 3, "each attempt is one");
    assert!(total.billed.possibly_billed > assize_metering::Usd::ZERO);
}

#[tokio::test(start_paused = true)]
async fn dropping_it_while_it_waits_ends_it() {
    let asks = error(ErrorKind::RateLimited).with_retry_after(Duration::from_secs(60));
    let model = retrying([Err(asks), Ok("first".to_owned()), Ok("second".to_owned())]);
    let call = tokio::time::timeout(Duration::from_secs(1), model.complete(request()));
    assert!(call.await.is_err());
    advance(Duration::from_secs(100)).await;
    assert_eq!(model.complete(request()).await.unwrap().text, "first", "nothing was asked in the meantime");
}

#[tokio::test(start_paused = true)]
async fn a_model_that_often_fails_answers_through_it() {
    let failures = Failures {
        rate_limited: 0.2,
        retry_after: Some(Duration::from_secs(2)),
        server: 0.2,
        cut_stream: 0.2,
        ..Failures::default()
    };
    let say = |_: &ChatRequest, _: &mut Chance| "yes".repeat(40);
    let vendor =
        SimulatedModel::new("sim", Seed::new(3), say).with_latency(Latency::HOSTED).with_failures(failures);
    let policy = RetryPolicy { attempts: 30, ..RetryPolicy::default() };
    let model = Retrying::new(Arc::new(vendor), Seed::new(2))
        .with_policy(policy)
        .with_budget(RetryBudget::new(1.0, 1000));
    for n in 0..200 {
        let asked = ChatRequest::new(format!("question {n}"));
        assert_eq!(model.complete(asked).await.unwrap().text.len(), 120);
    }
}

#[tokio::test(start_paused = true)]
async fn an_open_circuit_is_waited_for_a_moment_and_no_longer() {
    for (seconds, attempts) in [(5, 2), (60, 1)] {
        let open = Error::new(ErrorKind::CircuitOpen, "no").with_retry_after(Duration::from_secs(seconds));
        let model = retrying([Err(open), Ok("yes".to_owned())]);
        let began = tokio::time::Instant::now();
        let answer = model.complete(request()).await;
        assert_eq!(answer.is_ok(), attempts == 2, "{seconds} s");
        assert!(began.elapsed() < Duration::from_secs(10), "{seconds} s");
    }
}

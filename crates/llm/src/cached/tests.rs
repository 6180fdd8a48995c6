//! Replies that are served again, and those that are not.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use assize_ambient::{Seed, Timestamp, VirtualClock};
use assize_cache::{DEFAULT_MEMORY_BYTES, Level, MemoryTier};
use assize_metering::{TokenUsage, Usage};
use futures_util::{StreamExt, future};
use serde_json::json;

use super::*;
use crate::{Message, ResponseFormat, Role, ScriptedModel, ToolCall, conformance};

const HOUR: Duration = Duration::from_secs(3600);

fn replies(clock: &Arc<VirtualClock>) -> Tiered {
    let memory = Arc::new(MemoryTier::new(DEFAULT_MEMORY_BYTES, clock.clone()));
    // The memory tier keeps nothing for longer than five minutes unless told so.
    Tiered::new(vec![Level::memory(memory).with_fresh_at_most(HOUR)], clock.clone(), Seed::new(7))
}

fn cached(model: impl ChatModel) -> Cached {
    let clock = Arc::new(VirtualClock::starting_at(Timestamp::UNIX_EPOCH));
    let replies = replies(&clock);
    Cached::new(Arc::new(model), replies, Policy::new(HOUR).with_jitter(0.0))
}

fn request(text: &str) -> ChatRequest {
    ChatRequest::new(text).with_reuse(Reuse::Exact(ReuseScope::of("acme")))
}

/// Says how often it was asked, after a while, or that it is busy.
#[derive(Debug)]
struct Counting {
    id: ModelId,
    n_busy: u32,
    n_asked: Arc<AtomicU32>,
}

impl Counting {
    fn new() -> (Self, Arc<AtomicU32>) {
        let n_asked = Arc::new(AtomicU32::new(0));
        (Self { id: "counting".into(), n_busy: 0, n_asked: n_asked.clone() }, n_asked)
    }
}

#[async_trait]
impl ChatModel for Counting {
    fn id(&self) -> &ModelId {
        &self.id
    }

    async fn complete(&self, _: ChatRequest) -> Result<ChatReply, Error> {
        let n = self.n_asked.fetch_add(1, Ordering::Relaxed) + 1;
        tokio::time::sleep(Duration::from_secs(1)).await;
        if n <= self.n_busy {
            return Err(Error::new(ErrorKind::Overloaded, "ask the counter: it is busy"));
        }
        Ok(ChatReply::new(self.id.clone(), n.to_string(), Usage::reported(TokenUsage::of(5, 1))))
    }

    async fn stream(&self, request: ChatRequest) -> Result<ReplyStream, Error> {
        let reply = self.complete(request).await?;
        let deltas = [ReplyDelta::Text(reply.text.clone()), ReplyDelta::Done(Box::new(reply))];
        Ok(stream::iter(deltas.map(Ok)).boxed())
    }
}

async fn streamed(model: &Cached, request: ChatRequest) -> ChatReply {
    let deltas = model.stream(request).await.unwrap().collect::<Vec<_>>().await;
    let text = |delta: &Result<ReplyDelta, Error>| match delta {
        Ok(ReplyDelta::Text(text)) => text.clone(),
        _ => String::new(),
    };
    let joined = deltas.iter().map(text).collect::<String>();
    let Some(Ok(ReplyDelta::Done(reply))) = deltas.into_iter().last() else { panic!("no end") };
    assert_eq!(joined, reply.text);
    *reply
}

#[tokio::test(start_paused = true)]
async fn it_wraps_as_every_wrapper_must() {
    let clock = Arc::new(VirtualClock::starting_at(Timestamp::UNIX_EPOCH));
    let make = |model| Cached::new(model, replies(&clock), Policy::new(HOUR));
    conformance::wrapper(conformance::Allowances::NONE, make).await;
}

#[tokio::test(start_paused = true)]
async fn the_same_request_is_answered_once_whole_or_streamed() {
    let (counting, n_asked) = Counting::new();
    let model = cached(counting);
    let first = model.complete(request("a")).await.unwrap();
    assert_eq!((first.text.as_str(), first.telemetry.cache), ("1", Some(CacheOutcome::Miss)));
    let again = model.complete(request("a")).await.unwrap();
    assert_eq!((again.text.as_str(), again.telemetry.cache), ("1", Some(CacheOutcome::Hit)));
    assert_eq!((again.telemetry.attempts, again.telemetry.cost, again.telemetry.booked), (0, None, None));
    assert_eq!((again.usage.tokens, again.usage.basis), (first.usage.tokens, UsageBasis::Simulated));
    assert_eq!(streamed(&model, request("a")).await, again);
    assert_eq!(streamed(&model, request("b")).await.telemetry.cache, Some(CacheOutcome::Miss));
    assert_eq!(model.complete(request("b")).await.unwrap().text, "2");
    tokio::time::advance(HOUR).await;
    assert_eq!(model.complete(request("a")).await.unwrap().text, "3", "its time is over");
    assert_eq!(n_asked.load(Ordering::Relaxed), 3);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_at_once_are_one_call() {
    let (counting, n_asked) = Counting::new();
    let model = cached(counting);
    let all = future::join_all((0..1000).map(|_| model.complete(request("a")))).await;
    assert!(all.iter().all(|reply| reply.as_ref().unwrap().text == "1"));
    let billed = all.iter().filter(|reply| reply.as_ref().unwrap().telemetry.attempts > 0).count();
    assert_eq!((n_asked.load(Ordering::Relaxed), billed), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_shared_and_not_kept() {
    let (mut counting, n_asked) = Counting::new();
    counting.n_busy = 1;
    let model = cached(counting);
    let all = future::join_all((0..10).map(|_| model.complete(request("a")))).await;
    assert!(all.iter().all(|end| end.as_ref().unwrap_err().kind() == ErrorKind::Overloaded));
    let asking = all.iter().filter(|end| end.as_ref().unwrap_err().telemetry().attempts > 0).count();
    assert_eq!((n_asked.load(Ordering::Relaxed), asking), (1, 1));
    assert_eq!(model.complete(request("a")).await.unwrap().text, "2");
}

#[tokio::test(start_paused = true)]
async fn what_may_not_be_reused_is_neither_served_nor_kept() {
    let (counting, n_asked) = Counting::new();
    let model = cached(counting);
    for n in 1..=3 {
        let reply = model.complete(ChatRequest::new("a")).await.unwrap();
        assert_eq!((reply.text, reply.telemetry.cache), (n.to_string(), None));
    }
    assert_eq!(model.complete(request("a")).await.unwrap().text, "4");
    assert_eq!(model.complete(ChatRequest::new("a")).await.unwrap().text, "5");
    assert_eq!(n_asked.load(Ordering::Relaxed), 5);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_whole_is_not_kept() {
    let of = |text: &str, change: fn(&mut ChatReply)| {
        let mut reply = ChatReply::new("parrot".into(), text, Usage::reported(TokenUsage::of(1, 1)));
        change(&mut reply);
        Ok(reply)
    };
    let tool = |reply: &mut ChatReply| {
        let arguments = "{}".to_owned();
        reply.tool_calls.push(ToolCall { id: "1".to_owned(), name: "f".to_owned(), arguments });
    };
    let unfit = [
        of("cut", |reply| reply.finish = FinishReason::Length),
        of("no", |reply| reply.finish = FinishReason::ContentFilter),
        of("", |_| {}),
        of("call", tool),
        of("whole", |_| {}),
    ];
    let model = cached(ScriptedModel::replying("parrot", unfit).repeating_the_last());
    for text in ["cut", "no", "", "call", "whole", "whole"] {
        assert_eq!(model.complete(request("a")).await.unwrap().text, text);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stale_reply_serves_where_asking_fails_and_says_so_and_never_instead_of_a_fresh_one() {
    let of = |text: &str, finish| {
        let mut reply = ChatReply::new("parrot".into(), text, Usage::reported(TokenUsage::of(1, 1)));
        reply.finish = finish;
        Ok(reply)
    };
    let busy = Err(Error::new(ErrorKind::Overloaded, "ask the parrot: it is busy"));
    let script = [of("whole", FinishReason::Stop), of("cut", FinishReason::Length), busy];
    let clock = Arc::new(VirtualClock::starting_at(Timestamp::UNIX_EPOCH));
    let policy = Policy::new(HOUR).with_jitter(0.0).stale_on_error(HOUR);
    let model = Cached::new(Arc::new(ScriptedModel::replying("parrot", script)), replies(&clock), policy);
    let ask = async || {
        let reply = model.complete(request("a")).await.unwrap();
        (reply.text, reply.telemetry.cache, reply.telemetry.is_stale)
    };
    assert_eq!(ask().await, ("whole".to_owned(), Some(CacheOutcome::Miss), false));
    assert_eq!(ask().await, ("whole".to_owned(), Some(CacheOutcome::Hit), false));
    tokio::time::advance(HOUR).await;
    assert_eq!(ask().await, ("cut".to_owned(), Some(CacheOutcome::Miss), false), "it was paid for");
    assert_eq!(ask().await, ("whole".to_owned(), Some(CacheOutcome::Hit), true));
}

#[tokio::test(start_paused = true)]
async fn whatever_changes_the_answer_changes_the_key() {
    let model = cached(ScriptedModel::saying("parrot", ["a"]));
    let other = cached(ScriptedModel::saying("parrot-2", ["a"]));
    let scope = ReuseScope::of("acme");
    let base = request("a");
    let schema = ResponseFormat::JsonSchema(Arc::new(json!({"type": "object"})));
    let said = Message { role: Role::Assistant, text: "b".into() };
    let mut keys = vec![
        model.key(&base, &scope),
        other.key(&base, &scope),
        model.key(&base, &ReuseScope::of("acme2")),
        model.key(&base, &ReuseScope::of("").over("acme")),
        model.key(&base, &scope.clone().over("2")),
        model.key(&request("A"), &scope),
        model.key(&request("a "), &scope),
        model.key(&base.clone().with_system("s"), &scope),
        model.key(&base.clone().with_temperature(0.0), &scope),
        model.key(&base.clone().with_temperature(1.0), &scope),
        model.key(&base.clone().with_max_tokens(5), &scope),
        model.key(&base.clone().with_stop(["x"]), &scope),
        model.key(&base.clone().with_stop(["x", "y"]), &scope),
        model.key(&base.clone().with_stop(["xy"]), &scope),
        model.key(&base.clone().with_seed(1), &scope),
        model.key(&base.clone().with_format(schema), &scope),
        model.key(&base.clone().with_messages([said]), &scope),
    ];
    let all = keys.len();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), all, "two of them are one");
    let semantic = Reuse::Semantic { scope: scope.clone(), at_least: Some(0.9) };
    assert_eq!(model.key(&base.clone().with_reuse(semantic), &scope), model.key(&base, &scope));
}

#[tokio::test(start_paused = true)]
async fn namesakes_are_kept_apart_by_what_they_are_known_as() {
    let clock = Arc::new(VirtualClock::starting_at(Timestamp::UNIX_EPOCH));
    let replies = replies(&clock);
    let cached = |says: &str| {
        let model = Arc::new(ScriptedModel::saying("gpt-4o", [says]));
        Cached::new(model, replies.clone(), Policy::new(HOUR))
    };
    let (one, two) = (cached("One.").known_as("openai:gpt-4o"), cached("Two.").known_as("own:gpt-4o"));
    assert_eq!(one.complete(request("?")).await.unwrap().text, "One.");
    assert_eq!(two.complete(request("?")).await.unwrap().text, "Two.");
    assert_eq!(one.id(), two.id());
    let again = cached("Three.").known_as("openai:gpt-4o").complete(request("?")).await.unwrap();
    assert_eq!((&*again.text, again.telemetry.cache), ("One.", Some(CacheOutcome::Hit)));
}

#[tokio::test(start_paused = true)]
async fn a_tenant_who_is_forgotten_while_a_reply_comes_stays_forgotten() {
    let (counting, n_asked) = Counting::new();
    let model = cached(counting);
    let coming = model.stream(request("?")).await.unwrap();
    model.forget("acme").await;
    assert!(coming.collect::<Vec<_>>().await.iter().all(Result::is_ok));
    assert_eq!(model.complete(request("?")).await.unwrap().telemetry.cache, Some(CacheOutcome::Miss));
    assert_eq!(n_asked.load(Ordering::Relaxed), 2);
}

#[tokio::test(start_paused = true)]
async fn a_tenant_can_be_forgotten() {
    let (counting, _) = Counting::new();
    let model = cached(counting);
    let of = |tenant: &str| ChatRequest::new("a").with_reuse(Reuse::Exact(ReuseScope::of(tenant)));
    let odd = "ACME — a name\nof any form";
    assert_eq!(model.complete(of("acme")).await.unwrap().text, "1");
    assert_eq!(model.complete(of(odd)).await.unwrap().text, "2");
    model.forget(odd).await;
    assert_eq!(model.complete(of("acme")).await.unwrap().text, "1");
    assert_eq!(model.complete(of(odd)).await.unwrap().text, "3");
}

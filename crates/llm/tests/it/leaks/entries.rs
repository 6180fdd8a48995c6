//! What is stored, how long it lives, how it is dropped, and who sets the threshold.

use std::{sync::Arc, time::Duration};

use assize_ambient::Seed;
use assize_llm::{
    ChatModel, ChatReply, ChatRequest, Error, ErrorKind, FinishReason, ReplyDelta, Reuse, ReuseScope,
    ScriptedModel, SemanticCache, SemanticCached, SemanticHit, Verdict,
};
use assize_metering::{TokenUsage, Usage};
use assize_retrieval::{Embedder, FlatIndex, HashEmbedder};
use futures_util::StreamExt;
use tokio::time::advance;

use crate::alike::{self, Alike, Answering, HOUR, ask, request};

const QUESTION: &str = "How do I compile the project?";
const AGAIN: &str = "how do I compile the project";

fn asking(text: &str, at_least: Option<f32>) -> ChatRequest {
    ChatRequest::new(text).with_reuse(Reuse::Semantic { scope: ReuseScope::of("acme"), at_least })
}

async fn hit(model: &SemanticCached, text: &str) -> SemanticHit {
    let reply = model.complete(request("acme", text)).await.expect("a reply");
    reply.telemetry.semantic.expect("a semantic hit")
}

/// [vllm-project/semantic-router#1581](https://github.com/vllm-project/semantic-router/issues/1581): there was no way to
/// get rid of one bad entry but to lose all of them.
#[tokio::test(start_paused = true)]
async fn semantic_router_1581_one_bad_entry_can_be_dropped() {
    let cache = alike::cache(Alike::new(), alike::options());
    let model = SemanticCached::new(Answering::new("oracle"), cache.clone());
    let (other, others_reply) =
        ("What does the build cost?", ask(&model, request("acme", "What does the build cost?")).await.0);
    let (bad, _) = ask(&model, request("acme", QUESTION)).await;

    let served = hit(&model, AGAIN).await;
    assert!(cache.forget(served.entry()).await, "it was there");
    assert!(!cache.forget(served.entry()).await, "it is not there twice");
    let (good, of_earlier) = ask(&model, request("acme", AGAIN)).await;
    assert!(!of_earlier && good != bad, "it is asked anew: {good}");
    assert_eq!(ask(&model, request("acme", other)).await, (others_reply, true), "the others stay");
}

/// The same report: who says that a reply was wrong does not get it again, however the question is put.
#[tokio::test(start_paused = true)]
async fn semantic_router_1581_who_says_wrong_is_not_served_it_again() {
    let cache = alike::cache(Alike::new().but(AGAIN, 0.96), alike::options().with_threshold(0.95));
    let model = SemanticCached::new(Answering::new("oracle"), cache.clone());
    let (bad, _) = ask(&model, request("acme", QUESTION)).await;
    let served = hit(&model, AGAIN).await;
    cache.feedback(&served, Verdict::Wrong).await;
    assert_eq!(cache.statistics().entries, 0);
    for question in [AGAIN, QUESTION] {
        let (reply, _) = ask(&model, request("acme", question)).await;
        assert_ne!(reply, bad, "{question}");
    }
}

/// [redis/redis-vl-python#603](https://github.com/redis/redis-vl-python/issues/603): each hit began an entry's time anew, so
/// a popular wrong answer lived for ever.
#[tokio::test(start_paused = true)]
async fn redisvl_603_hits_do_not_prolong_a_life() {
    let model = alike::model();
    let (first, _) = ask(&model, request("acme", QUESTION)).await;
    let step = Duration::from_secs(600);
    for _ in 0..5 {
        advance(step).await;
        assert_eq!(ask(&model, request("acme", AGAIN)).await, (first.clone(), true));
    }
    advance(step).await;
    let (second, of_earlier) = ask(&model, request("acme", AGAIN)).await;
    assert!(!of_earlier && second != first, "an hour is over: {second}");
}

/// [maximhq/bifrost#5769](https://github.com/maximhq/bifrost/pull/5769): callers could lower the operator's threshold, and so
/// reach entries that were not meant for their question.
#[tokio::test(start_paused = true)]
async fn bifrost_5769_threshold_only_raised() {
    let ask_at = async |at_least| {
        let embedder = Alike::new().but(AGAIN, 0.93);
        let model = SemanticCached::new(
            Answering::new("oracle"),
            alike::cache(embedder, alike::options().with_threshold(0.9)),
        );
        ask(&model, asking(QUESTION, None)).await;
        ask(&model, asking(AGAIN, at_least)).await.1
    };
    for (at_least, served) in [
        (None, true),
        (Some(0.92), true),
        (Some(0.95), false),
        (Some(1.0), false),
        (Some(0.0), true),
        (Some(f32::INFINITY), false),
    ] {
        assert_eq!(ask_at(at_least).await, served, "{at_least:?}");
    }

    let lowered = async |at_least| {
        let embedder = Alike::new().but(AGAIN, 0.85);
        let model = SemanticCached::new(
            Answering::new("oracle"),
            alike::cache(embedder, alike::options().with_threshold(0.9)),
        );
        ask(&model, asking(QUESTION, None)).await;
        ask(&model, asking(AGAIN, at_least)).await.1
    };
    for at_least in [None, Some(0.0), Some(0.8), Some(-1.0), Some(f32::NAN), Some(f32::NEG_INFINITY)] {
        assert!(!lowered(at_least).await, "{at_least:?} does not lower it");
    }
}

/// vCache ([arXiv 2502.03771](https://arxiv.org/abs/2502.03771)): a static threshold bounds nothing. Here wrong hits raise
/// it, above the scores at which they came; a few right ones never bring it below where it was configured.
#[tokio::test(start_paused = true)]
async fn vcache_2502_03771_the_threshold_follows_what_was_wrong() {
    let embedder = Alike::new().but(AGAIN, 0.96);
    let cache = alike::cache(embedder, alike::options().with_threshold(0.95));
    let model = SemanticCached::new(Answering::new("oracle"), cache.clone());
    ask(&model, request("acme", QUESTION)).await;
    let served = hit(&model, AGAIN).await;
    assert!((served.score() - 0.96).abs() < 1e-3, "{}", served.score());

    for _ in 0..10 {
        cache.feedback(&served, Verdict::Right).await;
        assert!(
            cache.threshold(&served) >= 0.95,
            "ten right ones are little evidence: {}",
            cache.threshold(&served)
        );
    }
    for _ in 0..10 {
        cache.feedback(&served, Verdict::Wrong).await;
    }
    assert!(
        cache.threshold(&served) > 0.96,
        "half of the hits at 0.96 were wrong: {}",
        cache.threshold(&served)
    );

    ask(&model, request("acme", QUESTION)).await;
    assert!(!ask(&model, request("acme", AGAIN)).await.1, "so they are not served any more");
    let elsewhere = request("other", QUESTION);
    ask(&model, elsewhere).await;
    assert!(ask(&model, request("other", AGAIN)).await.1, "what one namespace learns is its own");
}

/// [vllm-project/semantic-router#2130](https://github.com/vllm-project/semantic-router/issues/2130): failures of the vendor
/// were kept, and served as replies for as long as entries live. So were cut ones elsewhere.
#[tokio::test(start_paused = true)]
async fn semantic_router_2130_only_whole_replies_are_kept() {
    let of = |text: &str| ChatReply::new("oracle".into(), text, Usage::reported(TokenUsage::of(5, 5)));
    let ended = |finish| {
        let mut reply = of("half a rep");
        reply.finish = finish;
        Ok(reply)
    };
    let script = [
        Err(Error::new(ErrorKind::Overloaded, "ask the oracle: it is busy")),
        ended(FinishReason::Length),
        ended(FinishReason::ContentFilter),
        ended(FinishReason::Other),
        Ok(of("")),
        Ok(of("whole")),
    ];
    let n = script.len();
    let scripted = ScriptedModel::replying("oracle", script);
    let model = SemanticCached::new(Arc::new(scripted), alike::cache(Alike::new(), alike::options()));
    for attempt in 1..n {
        if let Ok(reply) = model.complete(request("acme", QUESTION)).await {
            assert!(reply.telemetry.semantic.is_none(), "attempt {attempt} was served {:?}", reply.text);
        }
    }
    assert_eq!(ask(&model, request("acme", QUESTION)).await, ("whole".to_owned(), false));
    assert_eq!(ask(&model, request("acme", AGAIN)).await, ("whole".to_owned(), true));
}

/// [vllm-project/semantic-router#913](https://github.com/vllm-project/semantic-router/issues/913): a hit broke the stream that
/// it was to come in. Here what was streamed is kept, what is kept is streamed, and to whom it belongs stays the same.
#[tokio::test(start_paused = true)]
async fn semantic_router_913_hits_that_are_streamed() {
    let model = alike::model();
    let (first, of_earlier) = streamed(&model, request("acme", QUESTION)).await;
    assert!(!of_earlier);
    assert_eq!(streamed(&model, request("acme", AGAIN)).await, (first.clone(), true));
    assert_eq!(ask(&model, request("acme", AGAIN)).await, (first.clone(), true));
    let (others, of_earlier) = streamed(&model, request("other", QUESTION)).await;
    assert!(!of_earlier && others != first, "{others}");
    assert!(!streamed(&model, request("acme", "How do I not compile the project?")).await.1);
}

/// What a stream said in the end, and whether it came out of the cache.
async fn streamed(model: &SemanticCached, request: ChatRequest) -> (String, bool) {
    let deltas = model.stream(request).await.expect("a stream").collect::<Vec<_>>().await;
    let mut text = String::new();
    let mut end = None;
    for delta in deltas {
        assert!(end.is_none(), "nothing follows the end");
        match delta.expect("a delta") {
            ReplyDelta::Text(piece) => text.push_str(&piece),
            ReplyDelta::Done(reply) => end = Some(reply),
            other => panic!("{other:?} was not said"),
        }
    }
    let reply = end.expect("an end");
    assert_eq!(text, reply.text, "the pieces are the reply");
    (reply.text, reply.telemetry.semantic.is_some())
}

/// [UKGovernmentBEIS/inspect_ai#2580](https://github.com/UKGovernmentBEIS/inspect_ai/issues/2580): many samples of one prompt
/// came back as one. What may not be reused, such as a turn of a debate, is neither served nor kept, nor even embedded.
#[tokio::test(start_paused = true)]
async fn inspect_2580_samples_stay_apart() {
    let (embedder, answering) = (Arc::new(Alike::new()), Answering::new("oracle"));
    let cache = alike::shared_cache(embedder.clone(), alike::options());
    let model = SemanticCached::new(answering.clone(), cache.clone());
    ask(&model, request("acme", QUESTION)).await;
    let n_embedded = embedder.n_embedded();

    let mut samples = std::collections::BTreeSet::new();
    for _ in 0..30 {
        samples.insert(ask(&model, ChatRequest::new(QUESTION)).await.0);
    }
    assert_eq!((samples.len(), answering.n_asked()), (30, 31));
    assert_eq!(embedder.n_embedded(), n_embedded, "they are not embedded");
    assert_eq!(cache.statistics().entries, 1, "nor kept");
    assert!(
        !ask(&model, ChatRequest::new(QUESTION).with_reuse(Reuse::Exact(ReuseScope::of("acme")))).await.1
    );
}

/// An embedder of letters finds "on" and "off" alike (0.90) and a paraphrase not (0.33): it cannot decide what means the
/// same, and the cache does not start with it.
#[tokio::test(start_paused = true)]
async fn an_embedder_of_letters_is_refused() {
    let (tiers, clock) = alike::tiers();
    let embedder = HashEmbedder::default();
    let index = FlatIndex::new(embedder.identity().dimensions()).expect("an index");
    let made =
        SemanticCache::new(Arc::new(embedder), tiers, Box::new(index), alike::options(), clock, Seed::new(7));
    let error = made.expect_err("it is refused");
    assert_eq!(error.kind(), ErrorKind::BadRequest, "{error}");
    assert!(error.to_string().contains("declared semantic"), "{error}");
}

/// The time that a reply lives is counted from when it came, whatever the tiers below allow.
#[tokio::test(start_paused = true)]
async fn an_entry_ends_with_its_time() {
    let cache = alike::cache(Alike::new(), alike::options());
    let model = SemanticCached::new(Answering::new("oracle"), cache.clone());
    ask(&model, request("acme", QUESTION)).await;
    advance(HOUR + Duration::from_secs(1)).await;
    assert!(!ask(&model, request("acme", QUESTION)).await.1);
}

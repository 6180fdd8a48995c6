//! Parts of a request that a key left out.

use std::sync::Arc;

use assize_cache::Policy;
use assize_llm::{Cached, ChatRequest, Message, ResponseFormat, Reuse, ReuseScope, Role};
use serde_json::json;

use crate::alike::{self, Answering, HOUR, ask, model, request};

fn scope() -> ReuseScope {
    ReuseScope::of("acme")
}

fn base() -> ChatRequest {
    ChatRequest::new("Name a colour.").with_system("Be brief.")
}

fn schema(property: &str) -> ResponseFormat {
    ResponseFormat::JsonSchema(Arc::new(
        json!({"type": "object", "properties": {property: {"type": "string"}}}),
    ))
}

/// The request, and what differs from it in one thing each.
fn variants() -> Vec<(&'static str, ChatRequest)> {
    vec![
        ("nothing", base()),
        ("temperature 0", base().with_temperature(0.0)),
        ("temperature 1", base().with_temperature(1.0)),
        ("seed 0", base().with_seed(0)),
        ("seed 1", base().with_seed(1)),
        ("max_tokens 5", base().with_max_tokens(5)),
        ("max_tokens 500", base().with_max_tokens(500)),
        ("stop a, b", base().with_stop(["a", "b"])),
        ("stop ab", base().with_stop(["ab"])),
        ("stop b, a", base().with_stop(["b", "a"])),
        ("stop ab, c", base().with_stop(["ab", "c"])),
        ("stop a, bc", base().with_stop(["a", "bc"])),
        ("one schema", base().with_format(schema("colour"))),
        ("another schema", base().with_format(schema("hue"))),
    ]
}

/// Asserts that none of these requests gets the reply to another, and that each gets its own again.
async fn all_apart(
    model: &dyn assize_llm::ChatModel,
    reuse: impl Fn() -> Reuse,
    variants: Vec<(&str, ChatRequest)>,
) {
    let mut replies = Vec::new();
    for (what, request) in &variants {
        let (reply, of_earlier) = ask(model, request.clone().with_reuse(reuse())).await;
        assert!(!of_earlier, "{what}: {reply}");
        replies.push(reply);
    }
    for ((what, request), reply) in variants.into_iter().zip(replies) {
        assert_eq!(ask(model, request.with_reuse(reuse())).await, (reply, true), "{what}");
    }
}

fn exact() -> Cached {
    Cached::new(Answering::new("oracle"), alike::tiers().0, Policy::new(HOUR).with_jitter(0.0))
}

/// [567-labs/instructor#2585](https://github.com/567-labs/instructor/issues/2585): the key had model, messages and schema,
/// but no temperature, seed, limit or other parameter of sampling.
#[tokio::test(start_paused = true)]
async fn instructor_2585_sampling_parameters() {
    all_apart(&exact(), || Reuse::Exact(scope()), variants()).await;
}

/// [openclaw/lobster#130](https://github.com/openclaw/lobster/pull/130): another temperature or limit got the old reply. An
/// omitted parameter must differ from an explicit 0, and the form of the key has a version.
#[tokio::test(start_paused = true)]
async fn lobster_130_temperature_and_limit() {
    let exact = exact();
    let mut keys = std::collections::BTreeSet::new();
    for (what, request) in variants() {
        assert!(keys.insert(exact.key(&request, &scope())), "{what} has the key of another");
    }
    let key = exact.key(&base(), &scope());
    let version = key.as_str().split(':').nth(1).expect("a key has its namespace's version");
    assert!(version.parse::<u32>().is_ok_and(|version| version >= 1), "{key:?}");
}

/// [diegosouzapw/OmniRoute#12307](https://github.com/diegosouzapw/OmniRoute/issues/12307): requests for other schemas got
/// each other's bodies. No parameter is left out of the semantic cache either.
#[tokio::test(start_paused = true)]
async fn omniroute_12307_no_parameter_is_left_out_of_the_semantic_cache() {
    all_apart(&model(), || Reuse::Semantic { scope: scope(), at_least: None }, variants()).await;
}

/// [zilliztech/GPTCache#527](https://github.com/zilliztech/GPTCache/issues/527): by default only the last message was looked
/// at, whatever was said before it.
#[tokio::test(start_paused = true)]
async fn gptcache_527_what_was_said_before() {
    let model = model();
    let after = |earlier: &[(Role, &str)]| {
        let mut request = request("acme", "And what about the second one?");
        let messages = earlier.iter().map(|(role, text)| Message { role: *role, text: (*text).into() });
        request.messages.splice(0..0, messages);
        request
    };
    let histories: [&[(Role, &str)]; 5] = [
        &[],
        &[(Role::User, "Tell me about the moons of Mars."), (Role::Assistant, "Phobos is the first.")],
        &[
            (Role::User, "Tell me about the wives of Henry VIII."),
            (Role::Assistant, "Catherine was the first."),
        ],
        &[(Role::Assistant, "Tell me about the moons of Mars."), (Role::User, "Phobos is the first.")],
        &[(Role::User, "Tell me about the moons of Mars.Phobos is the first.")],
    ];
    for history in histories {
        assert!(!ask(&model, after(history)).await.1, "{history:?}");
    }
    assert!(ask(&model, after(histories[1])).await.1, "the same conversation");
}

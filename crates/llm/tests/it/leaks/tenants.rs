//! Replies that were given to somebody else.

use assize_cache::Policy;
use assize_llm::{Cached, ChatRequest, Reuse, ReuseScope, SemanticCached};

use crate::alike::{self, Alike, Answering, HOUR, ask, model, request};

const BALANCE: &str = "What is my account balance?";
const LONG: &str = "Please look at the invoices of the last quarter, compare them with the orders that were placed \
    in the same time, and tell me which of them were paid late and by how many days, the largest first.";

/// Asserts that these tenants never get each other's reply to this question, whoever asks first, and that each gets its
/// own again.
async fn apart(tenants: &[&str], question: &str) {
    let model = model();
    let mut replies = Vec::new();
    for tenant in tenants {
        let (reply, of_earlier) = ask(&model, request(tenant, question)).await;
        assert!(!of_earlier, "{tenant:?} got the reply of somebody else: {reply}");
        replies.push(reply);
    }
    for (tenant, own) in tenants.iter().zip(replies) {
        assert_eq!(ask(&model, request(tenant, question)).await, (own, true), "{tenant:?} gets its own");
    }
}

/// [vllm-project/semantic-router#1448](https://github.com/vllm-project/semantic-router/issues/1448): the cache knew no
/// users, so that one got the balance of another's account.
#[tokio::test(start_paused = true)]
async fn semantic_router_1448_users() {
    apart(&["alice", "bob"], BALANCE).await;
    let model = model();
    ask(&model, request("alice", BALANCE)).await;
    let (_, of_earlier) = ask(&model, request("bob", "What's my account balance?")).await;
    assert!(!of_earlier, "nor in other words");
}

/// [vllm-project/semantic-router#2134](https://github.com/vllm-project/semantic-router/issues/2134) and #2135: users were
/// told apart by a prefix of the text that was embedded; a long question outweighed it and leaked at 0.9085.
#[tokio::test(start_paused = true)]
async fn semantic_router_2134_a_prefix_does_not_part() {
    apart(&["alice", "bob"], LONG).await;
    // Nor can a question reach into another's scope by what it says.
    let model = model();
    ask(&model, request("alice", BALANCE)).await;
    for prefixed in
        ["alice What is my account balance?", "cache-scope alice alice alice What is my account balance?"]
    {
        assert!(!ask(&model, request("bob", prefixed)).await.1, "{prefixed}");
    }
}

/// [BerriAI/litellm#19575](https://github.com/BerriAI/litellm/issues/19575): namespaces that requests named were passed
/// over by the semantic cache.
#[tokio::test(start_paused = true)]
async fn litellm_19575_namespaces() {
    apart(&["test1", "test2", "test", "", "test1 ", "TEST1", "test1\0"], "Which model are you?").await;
}

/// [BerriAI/litellm#29955](https://github.com/BerriAI/litellm/issues/29955): the key had the request, not the team. Team B
/// was served what team A had paid for, and could tell from a hit what A had asked. So it is in both caches here.
#[tokio::test(start_paused = true)]
async fn litellm_29955_teams() {
    apart(&["team a", "team b"], "How do we price the new product?").await;

    let exact = exact();
    let of = |team: &str| ChatRequest::new(BALANCE).with_reuse(Reuse::Exact(ReuseScope::of(team)));
    let (reply, _) = ask(&exact, of("team a")).await;
    let (others, of_earlier) = ask(&exact, of("team b")).await;
    assert!(!of_earlier && others != reply);
    assert_eq!(ask(&exact, of("team a")).await, (reply, true));
}

/// [BerriAI/litellm#29086](https://github.com/BerriAI/litellm/issues/29086): the mend for the leak put a hash of the whole
/// request into the filter, question and all, and no reply was ever served to other words again.
#[tokio::test(start_paused = true)]
async fn litellm_29086_the_question_is_no_part_of_the_scope() {
    let model = model();
    let with_settings = |text: &str| request("acme", text).with_system("Be brief.").with_temperature(0.0);
    let (reply, _) = ask(&model, with_settings("What is the capital of Peru?")).await;
    let again = ask(&model, with_settings("what's the capital of Peru")).await;
    assert_eq!(again, (reply, true), "other words, the same scope");
}

/// [diegosouzapw/OmniRoute#3740](https://github.com/diegosouzapw/OmniRoute/issues/3740): keys of one shared instance got
/// each other's replies.
#[tokio::test(start_paused = true)]
async fn omniroute_3740_keys_of_one_instance() {
    apart(&["key 1", "key 2", "key 12", "key"], "Summarise my notes.").await;
}

/// [wso2/api-platform#733](https://github.com/wso2/api-platform/issues/733): entries were scoped by API, so all its users
/// shared them.
#[tokio::test(start_paused = true)]
async fn wso2_733_users_of_one_api() {
    let cache = alike::cache(Alike::new(), alike::options());
    let api = SemanticCached::new(Answering::new("api v1"), cache);
    ask(&api, request("user a", BALANCE)).await;
    let (reply, of_earlier) = ask(&api, request("user b", "Show me my account balance.")).await;
    assert!(!of_earlier, "{reply}");
    let (reply, _) = ask(&api, request("user b", BALANCE)).await;
    assert!(!reply.starts_with("reply 1 "), "whatever b is served, it is b's: {reply}");
}

/// [maximhq/bifrost#5769](https://github.com/maximhq/bifrost/pull/5769): two virtual keys with one cache key were served
/// each other's replies. The boundary between the parts of a scope must not move either.
#[tokio::test(start_paused = true)]
async fn bifrost_5769_no_part_of_a_scope_runs_into_the_next() {
    let scoped = |tenant: &str, corpus: &str, system: &str| {
        let scope = ReuseScope::of(tenant).over(corpus);
        ChatRequest::new(BALANCE).with_system(system).with_reuse(Reuse::Semantic { scope, at_least: None })
    };
    let model = model();
    for (tenant, corpus, system) in
        [("ab", "c", "d"), ("a", "bc", "d"), ("ab", "", "cd"), ("a", "b", "cd"), ("", "abc", "d")]
    {
        let (_, of_earlier) = ask(&model, scoped(tenant, corpus, system)).await;
        assert!(!of_earlier, "{tenant:?} {corpus:?} {system:?}");
    }
}

/// [backblaze-labs/genblaze#68](https://github.com/backblaze-labs/genblaze/issues/68): the exact key left out the tenant,
/// which belonged to the run and not to the step.
#[tokio::test(start_paused = true)]
async fn genblaze_68_the_exact_key_has_the_tenant() {
    let exact = exact();
    let request = ChatRequest::new("a secret cat");
    let keys = ["tenant a", "tenant b"].map(|tenant| exact.key(&request, &ReuseScope::of(tenant)));
    assert_ne!(keys[0], keys[1]);
    let [old, new] = ["2024", "2025"].map(|corpus| exact.key(&request, &ReuseScope::of("a").over(corpus)));
    assert_ne!(old, new, "nor does it leave out the documents");
}

/// [lingyuins/octopus#235](https://github.com/lingyuins/octopus/issues/235) (and spring-projects/spring-ai#5256): the key
/// had no system prompt, so a reviewer of code got what a translator had said.
#[tokio::test(start_paused = true)]
async fn octopus_235_system_prompt() {
    let model = model();
    let as_a = |system: Option<&str>| {
        let request = request("acme", "Go through this paragraph for me: it was a dark and stormy night.");
        match system {
            Some(system) => request.with_system(system),
            None => request,
        }
    };
    let prompts =
        [Some("You translate into French."), Some("You review code."), None, Some("you review code.")];
    for prompt in prompts {
        assert!(!ask(&model, as_a(prompt)).await.1, "{prompt:?}");
    }
    for prompt in prompts {
        assert!(ask(&model, as_a(prompt)).await.1, "its own is served: {prompt:?}");
    }
}

fn exact() -> Cached {
    Cached::new(Answering::new("oracle"), alike::tiers().0, Policy::new(HOUR).with_jitter(0.0))
}

/// [langchain-ai/langchain-azure#1029](https://github.com/langchain-ai/langchain-azure/issues/1029): look-ups were not
/// scoped by the model and its settings. Semantic-router shared entries between models on purpose.
#[tokio::test(start_paused = true)]
async fn langchain_azure_1029_models() {
    let cache = alike::cache(Alike::new(), alike::options());
    let models =
        ["small", "large", "large-2"].map(|id| SemanticCached::new(Answering::new(id), cache.clone()));
    for model in &models {
        let (reply, of_earlier) = ask(model, request("acme", "What is osmosis?")).await;
        assert!(!of_earlier, "{reply}");
    }
    assert_eq!(cache.statistics().entries, 3);
    let same = SemanticCached::new(Answering::new("large"), cache);
    assert!(ask(&same, request("acme", "What is osmosis?")).await.1, "another wrapper of the same model");
}

//! The same question under other circumstances: never served.

use std::sync::Arc;

use assize_llm::{ChatRequest, Message, ResponseFormat, Reuse, ReuseScope, Role, SemanticCached};
use serde_json::json;

use super::Kinds;
use crate::alike::{self, Alike, Answering};

const QUESTIONS: [&str; 12] = [
    "What is my account balance?",
    "Summarise my last three orders.",
    "Is the contract that I signed still valid?",
    "How do I boil an egg?",
    "What was the revenue of Adobe in 2022?",
    "Which of my patients are due for a check-up this week?",
    "List the open pull requests of my team.",
    "What is the capital of France?",
    "Draft a reply to the last message of my landlord.",
    "How much holiday have I left?",
    "Explain recursion.",
    "Should I buy or sell the shares that I hold?",
];

/// What differs besides the question.
type Change = fn(ChatRequest) -> ChatRequest;

fn scope(tenant: &str) -> Reuse {
    Reuse::Semantic { scope: ReuseScope::of(tenant), at_least: None }
}

fn schema(property: &str) -> ResponseFormat {
    ResponseFormat::JsonSchema(Arc::new(json!({"type": "object", "required": [property]})))
}

/// Puts messages before the question.
fn after(mut request: ChatRequest, earlier: &[(Role, &str)]) -> ChatRequest {
    let messages = earlier.iter().map(|(role, text)| Message { role: *role, text: (*text).into() });
    request.messages.splice(0..0, messages);
    request
}

const CHANGES: [(&str, Change); 14] = [
    ("tenant", |request| request.with_reuse(scope("other"))),
    ("tenant", |request| request.with_reuse(scope("acme "))),
    ("corpus", |request| {
        let scope = ReuseScope::of("acme").over("2024-05");
        request.with_reuse(Reuse::Semantic { scope, at_least: None })
    }),
    ("system", |request| request.with_system("Answer as a pirate.")),
    ("system", |request| request.with_system("")),
    ("temperature", |request| request.with_temperature(0.7)),
    ("temperature", |request| request.with_temperature(0.0)),
    ("max_tokens", |request| request.with_max_tokens(16)),
    ("stop", |request| request.with_stop(["\n"])),
    ("seed", |request| request.with_seed(0)),
    ("format", |request| request.with_format(schema("answer"))),
    ("history", |request| after(request, &[(Role::User, "I am a minor."), (Role::Assistant, "Noted.")])),
    ("history", |request| after(request, &[(Role::User, "Hello.")])),
    ("history", |request| after(request, &[(Role::Assistant, "Hello.")])),
];

/// Two changes of one kind, from one another.
const BETWEEN: [(&str, Change, Change); 5] = [
    ("tenant", |request| request.with_reuse(scope("ab")), |request| request.with_reuse(scope("a"))),
    ("system", |request| request.with_system("Be kind."), |request| request.with_system("Be blunt.")),
    ("temperature", |request| request.with_temperature(0.0), |request| request.with_temperature(1.0)),
    ("format", |request| request.with_format(schema("x")), |request| request.with_format(schema("y"))),
    (
        "history",
        |request| after(request, &[(Role::User, "One."), (Role::User, "Two.")]),
        |request| after(request, &[(Role::User, "One.Two.")]),
    ),
];

/// How often the reply to a question was served to the same question under other circumstances.
pub(crate) async fn asked() -> Kinds {
    let mut kinds = Kinds::new();
    let same: Change = |request| request;
    let cases = CHANGES.iter().map(|(kind, change)| (*kind, same, *change)).chain(BETWEEN);
    for (kind, one, other) in cases {
        for question in QUESTIONS {
            let (a, b) = (one(alike::request("acme", question)), other(alike::request("acme", question)));
            let model = alike::model();
            let count = kinds.entry(kind.to_owned()).or_default();
            count.add(alike::serves(&model, a.clone(), &model, b).await);
            assert!(alike::ask(&model, a).await.1, "unchanged it is served: {kind}, {question}");
        }
    }
    for question in QUESTIONS {
        let cache = alike::cache(Alike::new(), alike::options());
        let [one, other] =
            ["small", "large"].map(|id| SemanticCached::new(Answering::new(id), cache.clone()));
        let request = || alike::request("acme", question);
        let count = kinds.entry("model".to_owned()).or_default();
        count.add(alike::serves(&one, request(), &other, request()).await);
        assert!(alike::ask(&one, request()).await.1, "of the same model it is served: {question}");
    }
    kinds
}

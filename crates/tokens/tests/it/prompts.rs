//! Prompts: overheads, tools, schemas, gaps, and requests that are none.

use assize_metering::Exactness;
use assize_tokens::{
    ChatText, CountingRule, Error, PromptCount, UncountedKind, count_chat, count_responses, count_texts,
    model_tokens,
};
use serde_json::{Value, json};

fn rule(model: &str) -> CountingRule<'static> {
    model_tokens(model).and_then(|model| model.rule()).expect("a known model")
}

fn chat(model: &str, body: &Value) -> PromptCount {
    count_chat(body, &rule(model)).expect("a chat")
}

/// The chat and the tool of OpenAI's cookbook, "How to count tokens with tiktoken", with the tokens that the API reported there.
#[test]
fn the_cookbooks_figures_are_reached() {
    let example = |role, name: Option<&'static str>, content| ChatText { role, name, content };
    let messages = [
        example(
            "system",
            None,
            "You are a helpful, pattern-following assistant that translates corporate jargon into plain English.",
        ),
        example("system", Some("example_user"), "New synergies will help drive top-line growth."),
        example("system", Some("example_assistant"), "Things working well together will increase revenue."),
        example(
            "system",
            Some("example_user"),
            "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage.",
        ),
        example(
            "system",
            Some("example_assistant"),
            "Let's talk later when we're less busy about how to do better.",
        ),
        example(
            "user",
            None,
            "This late pivot means we don't have time to boil the ocean for the client deliverable.",
        ),
    ];
    let body = json!({ "messages": messages.map(|message| match message.name {
        Some(name) => json!({ "role": message.role, "name": name, "content": message.content }),
        None => json!({ "role": message.role, "content": [{ "type": "text", "text": message.content }] }),
    })});
    for (model, tokens) in
        [("gpt-3.5-turbo", 129), ("gpt-4-0613", 129), ("gpt-4", 129), ("gpt-4o", 124), ("gpt-4o-mini", 124)]
    {
        let typed = count_texts(&messages, &rule(model));
        assert_eq!((typed.tokens, typed.exactness), (tokens, Exactness::Exact), "{model}");
        assert_eq!(chat(model, &body), typed, "{model}");
    }
}

fn weather_tool() -> Value {
    json!({
        "name": "get_current_weather",
        "description": "Get the current weather in a given location",
        "parameters": {
            "type": "object",
            "properties": {
                "location": { "type": "string", "description": "The city and state, e.g. San Francisco, CA" },
                "unit": {
                    "type": "string",
                    "description": "The unit of temperature to return",
                    "enum": ["celsius", "fahrenheit"],
                },
            },
            "required": ["location"],
        },
    })
}

#[test]
fn the_cookbooks_tool_is_reached_within_a_hundredth() {
    let body = json!({
        "messages": [
            { "role": "system", "content": "You are a helpful assistant that can answer to questions about the weather." },
            { "role": "user", "content": "What's the weather like in San Francisco?" },
        ],
        "tools": [{ "type": "function", "function": weather_tool() }],
    });
    for (model, reported) in [("gpt-3.5-turbo", 105_u64), ("gpt-4", 105), ("gpt-4o", 101)] {
        let count = chat(model, &body);
        assert!(count.tokens.abs_diff(reported) <= 1, "{model}: {count:?} for {reported}");
        assert_eq!(count.exactness, Exactness::Estimated { per_mille: 10 });
        assert_eq!(count.tokens, count.messages + count.tools + count.response_format);
    }
    // The older field says the same.
    let mut older = body.clone();
    older.as_object_mut().expect("an object").remove("tools");
    older["functions"] = json!([weather_tool()]);
    assert_eq!(chat("gpt-4o", &older), chat("gpt-4o", &body));
}

#[test]
fn what_no_text_tells_is_listed() {
    let count = chat(
        "gpt-4o",
        &json!({
            "messages": [
                { "role": "user", "content": [
                    { "type": "text", "text": "What is this?" },
                    { "type": "image_url", "image_url": { "url": "https://example.org/a.png" } },
                    { "type": "input_audio", "input_audio": { "data": "", "format": "wav" } },
                    { "type": "file", "file": { "file_id": "f" } },
                    { "type": "hologram" },
                    7,
                ]},
                { "content": "no role" },
                { "role": "user", "content": 5 },
                { "role": "assistant", "content": null, "audio": { "id": "a" }, "tool_calls": [{ "type": "custom" }] },
            ],
            "tools": [{ "type": "web_search" }],
            "response_format": { "type": "xml" },
        }),
    );
    let listed = count.uncounted.iter().map(|part| (part.place.as_str(), part.kind)).collect::<Vec<_>>();
    assert_eq!(
        listed,
        [
            ("messages[0].content[1]", UncountedKind::Image),
            ("messages[0].content[2]", UncountedKind::Audio),
            ("messages[0].content[3]", UncountedKind::File),
            ("messages[0].content[4]", UncountedKind::Unknown),
            ("messages[0].content[5]", UncountedKind::Unknown),
            ("messages[1]", UncountedKind::Unknown),
            ("messages[2].content", UncountedKind::Unknown),
            ("messages[3].audio", UncountedKind::Audio),
            ("messages[3].tool_calls[0]", UncountedKind::Tool),
            ("tools[0]", UncountedKind::Tool),
            ("response_format", UncountedKind::Unknown),
        ]
    );
    assert_eq!(count.uncounted[0].to_string(), "messages[0].content[1] (an image)");
}

#[test]
fn what_is_no_request_is_an_error() {
    for body in [json!(null), json!({}), json!({ "messages": "hello" }), json!([])] {
        let error = count_chat(&body, &rule("gpt-4o")).expect_err("no chat");
        assert_eq!(error, Error::Field { field: "messages", expected: "an array" });
        assert_eq!(error.to_string(), "count the request: `messages` has to be an array");
    }
    assert!(count_responses(&json!({ "input": 5 }), &rule("gpt-4o")).is_err());
    assert_eq!(chat("gpt-4o", &json!({ "messages": [] })).tokens, 3);
}

#[test]
fn schemas_without_end_are_cut() {
    let mut schema = json!({ "type": "string" });
    for _ in 0..300 {
        schema = json!({ "type": "object", "properties": { "p": schema } });
    }
    let body = json!({
        "messages": [{ "role": "user", "content": "hi" }],
        "tools": [{ "type": "function", "function": { "name": "deep", "parameters": schema.clone() } }],
        "response_format": { "type": "json_schema", "json_schema": { "name": "deep", "schema": schema } },
    });
    let count = chat("gpt-4o", &body);
    assert!(count.tools > 50 && count.tools < 2_000, "{count:?}");
}

#[test]
fn responses_count_their_texts_as_chats_do() {
    let count = count_responses(
        &json!({
            "instructions": "Be brief.",
            "input": [
                { "role": "user", "content": [{ "type": "input_text", "text": "Hello there" }] },
                { "type": "message", "role": "assistant", "content": [{ "type": "output_text", "text": "Hi" }] },
                { "role": "user", "content": "Again" },
            ],
        }),
        &rule("gpt-5.6"),
    )
    .expect("a request");
    let text = |role, content| ChatText { role, name: None, content };
    let chat = count_texts(
        &[
            text("system", "Be brief."),
            text("user", "Hello there"),
            text("assistant", "Hi"),
            text("user", "Again"),
        ],
        &rule("gpt-5.6"),
    );
    assert_eq!(count, chat);

    let held = count_responses(
        &json!({ "previous_response_id": "r", "input": [{ "type": "reasoning", "encrypted_content": "x" }] }),
        &rule("gpt-5.6"),
    )
    .expect("a request");
    let places = held.uncounted.iter().map(|part| part.place.as_str()).collect::<Vec<_>>();
    assert_eq!(places, ["previous_response_id", "input[0]"]);
}

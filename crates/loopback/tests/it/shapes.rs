//! The wire formats, as they go out.

use assize_ambient::Chance;
use assize_loopback::{Ask, Vendor};
use serde_json::{Value, json};

use crate::client::{ask, exchange, post, said, world};

/// Short, so that a snapshot can be looked at.
fn brief(_: &Ask, _: &mut Chance) -> String {
    "Naïve — yes.".to_owned()
}

#[tokio::test]
async fn replies_whole_and_streamed() {
    for vendor in Vendor::ALL {
        for (stream, how) in [(false, "whole"), (true, "streamed")] {
            let world = world(1).with_responder(brief).with_token_details();
            let answer = exchange(&world, ask(vendor, "Is it raining in the harbour tonight?", stream)).await;
            let headers: String = answer
                .headers
                .iter()
                .map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap()))
                .collect();
            let shown = format!("{}\n{headers}\n{}", answer.status, answer.text.replace('\r', "␍"));
            insta::assert_snapshot!(format!("{}-{how}", vendor.key()), shown);
        }
    }
}

#[tokio::test]
async fn a_stream_of_openai_has_usage_only_where_it_is_asked_for() {
    let body = json!({ "model": "m", "stream": true, "messages": [{ "role": "user", "content": "Hi" }] });
    let answer = exchange(&world(1), post(Vendor::OpenAi, true, &body)).await;
    assert!(!answer.text.contains("usage") && answer.text.ends_with("data: [DONE]\n\n"), "{}", answer.text);
    let answer = exchange(&world(1), ask(Vendor::OpenAi, "Hi", true)).await;
    assert_eq!(answer.text.matches("\"choices\":[],\"usage\":{").count(), 1);
}

#[tokio::test]
async fn gemini_without_events_is_one_array() {
    let mut request = ask(Vendor::Gemini, "Hi", true);
    *request.uri_mut() = "/v1beta/models/m-1:streamGenerateContent".parse().unwrap();
    let array = exchange(&world(1), request).await.json();
    let events = exchange(&world(1), ask(Vendor::Gemini, "Hi", true)).await.text;
    let joined: String = array
        .as_array()
        .unwrap()
        .iter()
        .map(|part| part["candidates"][0]["content"]["parts"][0]["text"].as_str().unwrap())
        .collect();
    assert_eq!(joined, said(Vendor::Gemini, true, &events));
}

#[tokio::test]
async fn streamed_and_whole_are_the_same_reply() {
    for vendor in Vendor::ALL {
        let world = world(7);
        for text in ["one", "two", "three"] {
            let whole = exchange(&world, ask(vendor, text, false)).await;
            let streamed = exchange(&world, ask(vendor, text, true)).await;
            assert_eq!(said(vendor, true, &streamed.text), said(vendor, false, &whole.text));
        }
    }
}

fn with(vendor: Vendor, openai: &Value, anthropic: &Value, gemini: &Value) -> Value {
    let (mut body, more) = match vendor {
        Vendor::OpenAi => {
            (json!({ "model": "m", "messages": [{ "role": "user", "content": "Go" }] }), openai)
        }
        Vendor::Anthropic => (
            json!({ "model": "m", "max_tokens": 900, "messages": [{ "role": "user", "content": "Go" }] }),
            anthropic,
        ),
        _ => (json!({ "contents": [{ "parts": [{ "text": "Go" }] }] }), gemini),
    };
    for (name, value) in more.as_object().expect("members") {
        body[name] = value.clone();
    }
    body
}

fn finish(vendor: Vendor, json: &Value) -> Value {
    match vendor {
        Vendor::OpenAi => json["choices"][0]["finish_reason"].clone(),
        Vendor::Anthropic => json!([json["stop_reason"], json["stop_sequence"]]),
        _ => json["candidates"][0]["finishReason"].clone(),
    }
}

#[tokio::test]
async fn replies_end_where_the_request_says() {
    let counting = |_: &Ask, _: &mut Chance| "one two three four five".to_owned();
    for (vendor, natural, stopped, cut) in [
        (Vendor::OpenAi, json!("stop"), json!("stop"), json!("length")),
        (
            Vendor::Anthropic,
            json!(["end_turn", null]),
            json!(["stop_sequence", "three"]),
            json!(["max_tokens", null]),
        ),
        (Vendor::Gemini, json!("STOP"), json!("STOP"), json!("MAX_TOKENS")),
    ] {
        let none = json!({});
        let stop = [
            json!({ "stop": "three" }),
            json!({ "stop_sequences": ["four", "three"] }),
            json!({ "generationConfig": { "stopSequences": ["three"] } }),
        ];
        let most = [
            json!({ "max_completion_tokens": 2 }),
            json!({ "max_tokens": 2 }),
            json!({ "generationConfig": { "maxOutputTokens": 2 } }),
        ];
        for (body, text, reason) in [
            (with(vendor, &none, &none, &none), "one two three four five", &natural),
            (with(vendor, &stop[0], &stop[1], &stop[2]), "one two ", &stopped),
            (with(vendor, &most[0], &most[1], &most[2]), "one two ", &cut),
        ] {
            let answer = exchange(&world(1).with_responder(counting), post(vendor, false, &body)).await;
            assert_eq!(said(vendor, false, &answer.text), text, "{vendor:?}");
            assert_eq!(finish(vendor, &answer.json()), *reason, "{vendor:?}");
        }
    }
}

#[tokio::test]
async fn a_schema_is_kept_to() {
    let schema = json!({
        "type": "object",
        "properties": { "side": { "type": "string", "enum": ["buy", "sell"] }, "size": { "type": "integer", "minimum": 1 } },
        "required": ["side", "size"],
    });
    for vendor in Vendor::ALL {
        let format = json!({ "type": "json_schema", "json_schema": { "name": "order", "schema": schema } });
        let body = with(
            vendor,
            &json!({ "response_format": format }),
            &json!({ "output_config": { "format": { "type": "json_schema", "schema": schema } } }),
            &json!({ "generationConfig": { "responseMimeType": "application/json", "responseSchema": schema } }),
        );
        let answer = exchange(&world(3), post(vendor, false, &body)).await;
        let order: Value = serde_json::from_str(&said(vendor, false, &answer.text)).unwrap();
        assert!(["buy", "sell"].contains(&order["side"].as_str().unwrap()), "{order}");
        assert!(order["size"].as_u64().unwrap() >= 1, "{order}");
    }
}

#[tokio::test]
async fn what_costs_nothing() {
    let world = world(1);
    let get = |path: &str, name: &str, value: &str| {
        http::Request::get(path).header(name, value).body(bytes::Bytes::new()).unwrap()
    };
    let openai = exchange(&world, get("/v1/models", "authorization", "Bearer k")).await.json();
    assert_eq!(openai["data"][0]["object"], "model");
    let mut request = get("/v1/models", "x-api-key", "k");
    request.headers_mut().insert("anthropic-version", "2023-06-01".parse().unwrap());
    assert_eq!(exchange(&world, request).await.json()["data"][0]["type"], "model");
    let gemini = exchange(&world, get("/v1beta/models", "x-goog-api-key", "k")).await.json();
    assert_eq!(gemini["models"][0]["name"], "models/loopback-large");
    let mut request = post(
        Vendor::Anthropic,
        false,
        &json!({ "model": "m", "system": "123", "messages": [{ "role": "user", "content": "456789" }] }),
    );
    *request.uri_mut() = "/v1/messages/count_tokens".parse().unwrap();
    assert_eq!(exchange(&world, request).await.json(), json!({ "input_tokens": 3 }));
    let mut request =
        post(Vendor::Gemini, false, &json!({ "contents": [{ "parts": [{ "text": "12345" }] }] }));
    *request.uri_mut() = "/v1beta/models/m:countTokens".parse().unwrap();
    assert_eq!(exchange(&world, request).await.json(), json!({ "totalTokens": 2 }));
    let truth = world.truth();
    assert!(truth.vendors.values().all(|vendor| vendor.adds_up() && vendor.free == vendor.seen), "{truth:?}");
}

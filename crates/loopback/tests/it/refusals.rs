//! What is refused, and how.

use std::fmt::Write;

use assize_loopback::{Refusal, Vendor, World};
use bytes::Bytes;
use http::{Method, Request};
use serde_json::json;

use crate::client::{ask, exchange, post, world};

/// The requests that each vendor refuses, with what they are counted as.
fn wrong_requests(vendor: Vendor) -> Vec<(&'static str, Request<Bytes>, Refusal)> {
    let right = || ask(vendor, "Hi", false);
    let with = |change: &dyn Fn(&mut Request<Bytes>)| {
        let mut request = right();
        change(&mut request);
        request
    };
    let key = match vendor {
        Vendor::OpenAi => "authorization",
        Vendor::Anthropic => "x-api-key",
        _ => "x-goog-api-key",
    };
    let nowhere = match vendor {
        Vendor::Gemini => "/v1beta/models/m:sing",
        Vendor::Anthropic => "/v1/messages/sing",
        _ => "/v1/sing",
    };
    let mut wrong = vec![
        ("method", with(&|r| *r.method_mut() = Method::GET), Refusal::WrongMethod),
        ("no key", with(&|r| drop(r.headers_mut().remove(key))), Refusal::MissingKey),
        (
            "refused key",
            with(&|r| drop(r.headers_mut().insert(key, "Bearer bad".parse().expect("it is plain")))),
            Refusal::WrongKey,
        ),
        ("too long", with(&|r| *r.body_mut() = Bytes::from(vec![b' '; 2_000])), Refusal::TooLarge),
        ("no JSON", with(&|r| *r.body_mut() = Bytes::from("{\"model\"")), Refusal::Unparseable),
        ("empty object", with(&|r| *r.body_mut() = Bytes::from("{}")), Refusal::Invalid),
        ("context", ask(vendor, &"word ".repeat(200), false), Refusal::ContextTooLong),
    ];
    if vendor != Vendor::OpenAi {
        wrong.push((
            "path",
            with(&|r| *r.uri_mut() = nowhere.parse().expect("it is plain")),
            Refusal::UnknownPath,
        ));
    }
    if vendor == Vendor::Anthropic {
        wrong.push((
            "version",
            with(&|r| drop(r.headers_mut().remove("anthropic-version"))),
            Refusal::Invalid,
        ));
        let body = json!({ "model": "m", "messages": [{ "role": "user", "content": "Hi" }] });
        wrong.push(("max_tokens", post(vendor, false, &body), Refusal::Invalid));
    }
    if vendor == Vendor::OpenAi {
        // Without Anthropic's header, whose path it is cannot be told.
        let path = with(&|r| {
            r.headers_mut().remove("anthropic-version");
            *r.uri_mut() = nowhere.parse().expect("it is plain");
        });
        wrong.push(("path", path, Refusal::UnknownPath));
        let body = json!({ "model": "m" });
        wrong.push(("messages", post(vendor, false, &body), Refusal::Invalid));
    }
    wrong
}

fn strict() -> World {
    world(1)
        .with_refused_key("bad")
        .with_refused_key("Bearer bad")
        .with_body_cap(1_500)
        .with_context_window(700)
}

#[tokio::test]
async fn each_wrong_request_is_refused_in_its_vendors_shape() {
    for vendor in Vendor::ALL {
        let mut shown = String::new();
        for (what, request, refusal) in wrong_requests(vendor) {
            // Anthropic's requests reserve 500 tokens for the reply.
            let window = if vendor == Vendor::Anthropic { 700 } else { 200 };
            let world = strict().with_context_window(window);
            let answer = exchange(&world, request).await;
            let truth = &world.truth().vendors[&vendor];
            assert_eq!(truth.refused.get(&refusal), Some(&1), "{vendor:?} {what}: {truth:?}");
            assert!(truth.adds_up() && truth.seen == 1, "{truth:?}");
            answer.json();
            writeln!(shown, "{what}: {} {}", answer.status, answer.text).unwrap();
        }
        insta::assert_snapshot!(format!("{}-refusals", vendor.key()), shown);
    }
}

#[tokio::test]
async fn any_other_key_is_taken() {
    for vendor in Vendor::ALL {
        assert_eq!(exchange(&strict(), ask(vendor, "Hi", false)).await.status, 200);
    }
}

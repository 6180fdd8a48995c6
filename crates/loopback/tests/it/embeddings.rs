//! Vectors, as a client meets them.

use assize_loopback::{Fault, Faults, Limit, Refusal, Vendor, VendorTruth, World};
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use crate::client::{Answer, exchange, world};

fn embed(body: &Value) -> Request<Bytes> {
    Request::post("/v1/embeddings")
        .header("authorization", "Bearer k-1")
        .body(Bytes::from(body.to_string()))
        .expect("a request")
}

async fn ask(world: &World, body: Value) -> Answer {
    exchange(world, embed(&body)).await
}

fn truth(world: &World) -> VendorTruth {
    world.truth().vendors.remove(&Vendor::OpenAi).expect("the vendor")
}

/// The numbers of a vector in base64, by plain arithmetic.
fn numbers(base64: &str) -> Vec<f32> {
    let value = |digit: u8| match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let digits = base64.trim_end_matches('=').bytes();
    let bits: Vec<u8> = digits.flat_map(|digit| (0..6).rev().map(move |n| value(digit) >> n & 1)).collect();
    let bytes: Vec<u8> =
        bits.chunks_exact(8).map(|eight| eight.iter().fold(0, |byte, bit| byte << 1 | bit)).collect();
    let four = |four: &[u8]| f32::from_le_bytes(four.try_into().expect("four bytes"));
    bytes.chunks_exact(4).map(four).collect()
}

#[tokio::test]
async fn vectors_of_texts() {
    let world = world(4);
    let texts = json!(["Will rates rise?", "A drought."]);
    let plain = ask(&world, json!({"model": "m-1", "input": texts})).await.json();
    assert_eq!(plain["object"], "list");
    assert_eq!(
        (&plain["model"], &plain["usage"]),
        (&json!("m-1"), &json!({"prompt_tokens": 7, "total_tokens": 7}))
    );
    let vector = |answer: &Value, n: usize| -> Vec<f32> {
        assert_eq!(
            (&answer["data"][n]["object"], &answer["data"][n]["index"]),
            (&json!("embedding"), &json!(n))
        );
        serde_json::from_value(answer["data"][n]["embedding"].clone()).expect("numbers")
    };
    assert_eq!((vector(&plain, 0).len(), vector(&plain, 1).len()), (1_536, 1_536));
    // In base64, alone and in another order they are the same.
    let base64 =
        ask(&world, json!({"model": "m-1", "input": texts, "encoding_format": "base64"})).await.json();
    for n in 0..2 {
        assert_eq!(numbers(base64["data"][n]["embedding"].as_str().expect("base64")), vector(&plain, n));
    }
    let alone = ask(&world, json!({"model": "m-1", "input": "A drought.", "dimensions": 1_536})).await.json();
    assert_eq!(vector(&alone, 0), vector(&plain, 1));
    let other = ask(&world, json!({"model": "m-2", "input": "A drought."})).await.json();
    assert_ne!(vector(&other, 0), vector(&plain, 1), "another model, another space");

    let served = truth(&world).served;
    assert_eq!((served["m-1"].requests, served["m-1"].tokens.prompt()), (3, 7 + 7 + 3));
    assert_eq!(
        (served["m-2"].requests, served["m-2"].tokens.prompt(), served["m-2"].tokens.reply()),
        (1, 3, 0)
    );
    assert!(truth(&world).adds_up());
}

#[tokio::test]
async fn what_is_refused() {
    let mut shown = Vec::new();
    for body in [
        json!({"input": "a"}),
        json!({"model": "m"}),
        json!({"model": "m", "input": ["a", ""]}),
        json!({"model": "m", "input": []}),
        json!({"model": "m", "input": "a", "dimensions": 4_096}),
        json!({"model": "m", "input": "a", "encoding_format": "hex"}),
        json!({"model": "m", "input": vec!["word ".repeat(30); 2]}),
    ] {
        let world = world(1).with_context_window(20);
        let answer = ask(&world, body).await;
        let truth = truth(&world);
        assert!(truth.adds_up() && truth.refused.values().sum::<u64>() == 1, "{truth:?}");
        shown.push(format!("{} {}", answer.status, answer.text));
    }
    insta::assert_snapshot!(shown.join("\n"));
    // Each text has the window to itself.
    let texts = vec!["word ".repeat(15); 9];
    assert_eq!(
        ask(&world(1).with_context_window(20), json!({"model": "m", "input": texts})).await.status,
        200
    );
}

#[tokio::test(start_paused = true)]
async fn limits_and_faults_are_those_of_chats() {
    let body = || json!({"model": "m", "input": "text"});
    let world = world(2).with_limit(Limit::per_minute(1).with_burst(1)).with_limit_headers();
    let (first, second) = (ask(&world, body()).await, ask(&world, body()).await);
    assert_eq!((first.status, second.status), (200, 429));
    assert_eq!(
        (first.header("x-ratelimit-limit-requests"), second.header("retry-after").is_some()),
        (Some("1"), true)
    );
    assert_eq!(truth(&world).refused[&Refusal::OverLimit], 1);

    for (fault, status, is_json, served) in [
        (Fault::ServerError, 500, true, 0),
        (Fault::Cut, 200, false, 0),
        (Fault::Malformed, 200, false, 0),
        (Fault::ErrorInside, 200, true, 0),
        (Fault::WrongType, 200, false, 0),
        (Fault::Huge, 200, true, 1),
        (Fault::Drop, 0, false, 0),
    ] {
        let faults = Faults::none().with(fault, 1.0).expect("a share").with_huge_bytes(1 << 20);
        let world = crate::client::world(3).with_faults(faults);
        let answer = ask(&world, body()).await;
        assert_eq!(answer.status, status, "{fault:?}");
        let json: Option<Value> = serde_json::from_str(&answer.text).ok();
        assert_eq!(json.is_some(), is_json, "{fault:?}");
        let has_vector = json.is_some_and(|json| json["data"][0]["embedding"].is_array());
        assert_eq!((has_vector, truth(&world).total_served().requests), (served == 1, served), "{fault:?}");
        assert_eq!(truth(&world).faults[&fault], 1);
    }
}

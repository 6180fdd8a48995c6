//! The hidden limit, in virtual time.

use std::time::Duration;

use assize_loopback::{Limit, Refusal, Vendor};
use tokio::time::{Instant, advance};

use crate::client::{ask, exchange, world};

#[tokio::test(start_paused = true)]
async fn exactly_the_limit_passes_and_a_changed_one_from_then_on() {
    let limit = Limit::per_minute(120).with_burst(5);
    let world = world(1).with_limit(limit);
    let mut passed = [0, 0];
    for (half, passed) in passed.iter_mut().enumerate() {
        // 600 requests in a minute, one every 100 ms.
        for n in 0..600 {
            let answer = exchange(&world, ask(Vendor::OpenAi, &format!("{half} {n}"), false)).await;
            *passed += u32::from(answer.status == 200);
            advance(Duration::from_millis(100)).await;
        }
        world.set_limit(Some(limit.halved()));
    }
    // The burst and two a second; then one a second, and the halves that were left.
    assert_eq!(passed, [5 + 119, 60]);
    let truth = world.truth();
    let refused = truth.vendors[&Vendor::OpenAi].refused[&Refusal::OverLimit];
    assert_eq!((refused, truth.keys[0].over_limit, truth.keys[0].seen), (1_200 - 184, 1_200 - 184, 1_200));
}

#[tokio::test(start_paused = true)]
async fn who_waits_as_told_passes_and_who_does_not_is_counted() {
    for vendor in Vendor::ALL {
        let world = world(1).with_limit(Limit::per_minute(40));
        let send = async |n: u32| exchange(&world, ask(vendor, &n.to_string(), false)).await;
        assert_eq!(send(0).await.status, 200);
        let refused = send(1).await;
        assert_eq!(refused.status, 429);
        let told = match vendor {
            Vendor::OpenAi => {
                assert_eq!(refused.header("retry-after"), Some("2"));
                refused.header("retry-after-ms").unwrap().parse().unwrap()
            }
            Vendor::Anthropic => refused.header("retry-after").unwrap().parse::<u64>().unwrap() * 1_000,
            _ => {
                assert_eq!(refused.json()["error"]["details"][0]["retryDelay"], "1.500s");
                1_500
            }
        };
        advance(Duration::from_millis(told - 1)).await;
        send(1).await;
        let early = world.truth().keys[0].clone();
        assert_eq!((early.early_retries, early.early_requests, early.earliest_by_ns), (1, 1, 1_000_000));
        advance(Duration::from_secs(10)).await;
        assert_eq!(send(2).await.status, 200);
        assert_eq!(send(3).await.status, 429);
        advance(Duration::from_millis(told)).await;
        assert_eq!(send(3).await.status, 200);
        let key = world.truth().keys[0].clone();
        assert_eq!(key.early_retries, 1, "the polite one is not counted: {key:?}");
        assert!(!format!("{:?}", world.truth()).contains("k-1"), "no key is in the books");
    }
}

#[tokio::test(start_paused = true)]
async fn headers_tell_what_is_left_where_they_are_switched_on() {
    let limit = Limit::per_minute(60).with_burst(10).with_tokens_per_minute(60_000);
    let world = world(1).with_limit(limit).with_limit_headers();
    let openai = exchange(&world, ask(Vendor::OpenAi, "Hi", false)).await;
    let header = |name: &str| openai.header(&format!("x-ratelimit-{name}")).unwrap().to_owned();
    assert_eq!(
        [header("limit-requests"), header("remaining-requests"), header("reset-requests")],
        ["60", "9", "1s"]
    );
    let used = openai.json()["usage"]["total_tokens"].as_u64().unwrap();
    assert_eq!(header("remaining-tokens"), (60_000 - used).to_string());
    let anthropic = exchange(&world, ask(Vendor::Anthropic, "Hi", true)).await;
    assert_eq!(anthropic.header("anthropic-ratelimit-requests-remaining"), Some("9"));
    assert_eq!(anthropic.header("anthropic-ratelimit-requests-reset"), Some("2026-01-01T12:00:01Z"));
    let silent = exchange(&crate::client::world(1).with_limit(limit), ask(Vendor::OpenAi, "Hi", false)).await;
    assert_eq!(silent.header("x-ratelimit-limit-requests"), None);
}

#[tokio::test(start_paused = true)]
async fn each_key_has_a_limit_of_its_own() {
    let world = world(1).with_limit(Limit::per_minute(1)).with_silent_limit();
    let start = Instant::now();
    for key in ["a", "b"] {
        let request = || {
            let mut request = ask(Vendor::Anthropic, "Hi", false);
            request.headers_mut().insert("x-api-key", key.parse().unwrap());
            request
        };
        assert_eq!(exchange(&world, request()).await.status, 200);
        let refused = exchange(&world, request()).await;
        assert_eq!((refused.status, refused.header("retry-after")), (429, None));
    }
    assert_eq!((start.elapsed(), world.truth().keys.len()), (Duration::ZERO, 2));
}

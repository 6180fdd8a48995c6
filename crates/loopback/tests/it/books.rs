//! The books add up, whatever happens.

use std::time::Duration;

use assize_loopback::{Faults, Latency, Limit, Vendor};
use proptest::prelude::*;
use tokio::{task::JoinSet, time::timeout};

use crate::client::{ask, exchange, world};

#[tokio::test(start_paused = true)]
async fn what_clients_read_is_what_was_served() {
    let world = world(4).with_token_details().with_latency(Latency::HOSTED);
    let mut read = 0;
    for n in 0..90_u64 {
        let vendor = Vendor::ALL[usize::try_from(n % 3).unwrap()];
        let text = exchange(&world, ask(vendor, &format!("Q{n}"), n % 2 == 0)).await.text;
        // The last count that is told holds.
        let told = text.lines().rev().find_map(|line| {
            let json: serde_json::Value = serde_json::from_str(line.trim_start_matches("data: ")).ok()?;
            let of = |usage: &serde_json::Value, names: &[&str]| {
                usage
                    .is_object()
                    .then(|| names.iter().map(|name| usage[*name].as_u64().unwrap_or(0)).sum::<u64>())
            };
            of(
                &json["usage"],
                &[
                    "total_tokens",
                    "input_tokens",
                    "cache_creation_input_tokens",
                    "cache_read_input_tokens",
                    "output_tokens",
                ],
            )
            .or_else(|| of(&json["usageMetadata"], &["totalTokenCount"]))
        });
        read += told.unwrap();
    }
    let truth = world.truth();
    let served: u64 = truth
        .vendors
        .values()
        .map(|vendor| vendor.total_served().tokens)
        .map(|tokens| tokens.prompt() + tokens.reply())
        .sum();
    assert_eq!(read, served);
    assert!(truth.vendors.values().all(|vendor| vendor.total_possibly_billed().requests == 0));
    let json = serde_json::to_value(&truth).unwrap();
    assert_eq!(json["format_version"], 1);
    assert_eq!(json["vendors"]["gemini"]["served"]["m-1"]["requests"], 30);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn every_request_is_in_one_place(
        seed: u64, total in 0.0_f64..=1.0, limit in 1_u32..400, patience_ms in 1_u64..4_000, n in 1_usize..80,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let faults = Faults::evenly(total).unwrap().with_huge_bytes(10_000);
            let world = world(seed)
                .with_faults(faults)
                .with_limit(Limit::per_minute(limit).with_burst(20))
                .with_latency(Latency::HOSTED);
            let mut tasks = JoinSet::new();
            for i in 0..n {
                let world = world.clone();
                tasks.spawn(async move {
                    let request = || ask(Vendor::ALL[i % 3], &format!("Q{}", i / 2), i % 2 == 0);
                    // Some are given up on the way.
                    for _ in 0..2 {
                        let _ = timeout(Duration::from_millis(patience_ms), exchange(&world, request())).await;
                        let truth = world.truth();
                        assert!(truth.vendors.values().all(assize_loopback::VendorTruth::adds_up), "{truth:?}");
                    }
                });
            }
            tasks.join_all().await;
            let truth = world.truth();
            let seen: u64 = truth.vendors.values().map(|vendor| vendor.seen).sum();
            assert_eq!(seen, 2 * n as u64);
            assert!(truth.vendors.values().all(|vendor| vendor.adds_up() && vendor.in_flight == 0), "{truth:?}");
        });
    }
}

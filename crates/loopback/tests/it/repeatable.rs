//! The same seed, the same answers, in whatever order they are asked for.

use assize_ambient::Seed;
use assize_loopback::{Fault, Faults, Latency, Vendor};
use tokio::task::JoinSet;

use crate::client::{Answer, ask, exchange, world};

/// Sends 120 requests, each text twice, in this order and at once; gives the answers sorted by text.
async fn answers(seed: u64, shuffle: u64) -> Vec<(usize, Vec<Answer>)> {
    let faults = Faults::evenly(0.5).and_then(|faults| faults.with(Fault::Hang, 0.0)).expect("shares");
    let faults = faults.with_huge_bytes(100_000);
    let world = world(seed).with_latency(Latency::HOSTED).with_faults(faults);
    let mut order: Vec<usize> = (0..60).collect();
    Seed::new(shuffle).rng().shuffle(&mut order);
    let mut tasks = JoinSet::new();
    for n in order {
        let world = world.clone();
        tasks.spawn(async move {
            let vendor = Vendor::ALL[n % 3];
            let request = || ask(vendor, &format!("Question {n}"), n % 2 == 0);
            // One after the other: how often a request came before is part of what it gets.
            let first = exchange(&world, request()).await;
            (n, vec![first, exchange(&world, request()).await])
        });
    }
    let mut answers = tasks.join_all().await;
    answers.sort_by_key(|(n, _)| *n);
    answers
}

#[tokio::test(start_paused = true)]
async fn order_does_not_matter() {
    let once = answers(5, 1).await;
    assert_eq!(once, answers(5, 2).await);
    assert_ne!(once, answers(6, 1).await, "the seed does");
    let statuses: std::collections::BTreeSet<u16> =
        once.iter().flat_map(|(_, answers)| answers.iter().map(|answer| answer.status)).collect();
    assert!(statuses.len() > 4, "faults were among them: {statuses:?}");
}

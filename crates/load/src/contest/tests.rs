//! Contests whose outcome is known, in virtual time.

use std::time::Duration;

use assize_perf::Kind;
use async_trait::async_trait;
use proptest::prelude::*;
use tokio::time::sleep;

use super::*;
use crate::{Call, Flow, Order, Outcome, Phase, Schedule, Settings, Step};

/// Takes log-normal times, differently in each run.
struct Service {
    milliseconds: f64,
    seed: u64,
    runs: std::sync::atomic::AtomicU64,
}

#[async_trait]
impl Target for Service {
    async fn call(&self, _: Call<'_>) -> Outcome {
        let number = self.runs.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let mut chance = Seed::new(self.seed).child(&number.to_string()).rng();
        sleep(Duration::from_secs_f64(self.milliseconds / 1e3 * chance.log_normal(0.0, 0.3))).await;
        Outcome::RIGHT
    }
}

fn service(milliseconds: f64, seed: u64) -> Arc<dyn Target> {
    Arc::new(Service { milliseconds, seed, runs: std::sync::atomic::AtomicU64::new(0) })
}

async fn between(a: f64, b: f64, pairs: usize) -> Comparison {
    let schedule =
        Schedule::new(vec![Phase::constant(100.0, Duration::from_secs(12))], Seed::new(1)).unwrap();
    let flow = Flow::new(vec![Step::get("ask", "/")], Order::Mixed, Seed::new(1)).unwrap();
    let plan =
        Plan::new("pair", flow, schedule).with(Settings { kind: Kind::Virtual, ..Settings::default() });
    let done = contest(("old", service(a, 1)), ("new", service(b, 2)), &plan, pairs).await.unwrap();
    assert_eq!(done.reports.each_ref().map(Vec::len), [pairs, pairs]);
    done.comparison(Seed::new(1))
}

#[tokio::test(start_paused = true)]
async fn what_is_a_tenth_slower_is_found_with_an_interval_that_holds_it() {
    let comparison = between(110.0, 100.0, 8).await;
    let p95 = comparison.contrasts.iter().find(|contrast| contrast.metric == "p95").unwrap();
    let interval = p95.estimate.interval.clone().unwrap();
    assert!(interval.low > 1.0 && interval.contains(p95.estimate.value) && interval.high < 1.25, "{p95:?}");
    assert!((p95.estimate.value - 1.1).abs() < 0.04, "{p95:?}");
    assert_eq!(comparison.winner.map(|winner| winner.arm), Some("new".to_owned()));
    assert_eq!(comparison.contrasts.len(), 4, "p99 of 1,200 requests too");
}

#[tokio::test(start_paused = true)]
async fn what_is_alike_has_no_winner() {
    let comparison = between(100.0, 100.0, 8).await;
    assert_eq!(comparison.winner, None);
    let few = between(200.0, 100.0, 2).await;
    assert_eq!(few.winner, None);
    assert!(few.contrasts.iter().all(|contrast| contrast.verdict.contains("needs 6")));
}

proptest! {
    #[test]
    fn hodges_lehmann_moves_with_its_values(values in prop::collection::vec(-5.0_f64..5.0, 1..20), by in -3.0_f64..3.0) {
        let moved: Vec<f64> = values.iter().map(|value| value + by).collect();
        prop_assert!((hodges_lehmann(&moved) - hodges_lehmann(&values) - by).abs() < 1e-9);
        let (low, high) = values.iter().fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(*v), high.max(*v)));
        prop_assert!((low..=high).contains(&hodges_lehmann(&values)));
    }
}

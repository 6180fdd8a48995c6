//! The knee of services whose capacity is known, in virtual time.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::{sync::Semaphore, time::sleep};

use super::*;
use crate::{Call, Flow, Order, Outcome, Phase, Plan, Schedule, Settings, Step, Target, open};

/// So many workers, each of whom takes a time by chance, 40 ms on average: what comes waits in a queue.
struct Queue {
    workers: Semaphore,
}

#[async_trait]
impl Target for Queue {
    async fn call(&self, call: Call<'_>) -> Outcome {
        let worker = self.workers.acquire().await;
        let mut chance = Seed::new(call.number).child("service").rng();
        sleep(Duration::from_secs_f64(0.04 * chance.exponential(1.0).clamp(0.1, 4.0))).await;
        drop(worker);
        Outcome { fault: None, sent: 300, received: 1_700 }
    }
}

async fn run_at(rate: f64) -> Report {
    let schedule = Schedule::new(vec![Phase::poisson(rate, Duration::from_secs(60))], Seed::new(1)).unwrap();
    let flow = Flow::new(vec![Step::get("ask", "/")], Order::Mixed, Seed::new(1)).unwrap();
    let settings = Settings { kind: Kind::Virtual, at_once: 100_000, ..Settings::default() };
    let plan = Plan::new("queue", flow, schedule).with(settings).of_users(Duration::from_secs(2));
    open(Arc::new(Queue { workers: Semaphore::new(8) }), &plan).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_knee_lies_below_what_a_queue_can_serve() {
    let mut reports = Vec::new();
    for rate in [20.0, 80.0, 120.0, 160.0, 180.0, 220.0] {
        reports.push(run_at(rate).await);
    }
    let found = capacity(&reports, &Limits::default(), Seed::new(1)).unwrap();
    // Eight workers of 40 ms serve 200 a second; p99 is thrice the usual somewhat before, and never after.
    assert!((160.0..=220.0).contains(&found.knee), "{found:?}");
    assert!(matches!(found.gives_way, Some("p99" | "throughput")));
    let interval = found.interval.clone().unwrap();
    assert!(
        interval.low <= found.knee && found.knee <= interval.high && interval.high <= 230.0,
        "{interval:?}"
    );
    // Each user asks every 2 s, and moves 2,000 bytes then.
    let (users, bandwidth) = (found.users.clone().unwrap(), found.bandwidth.clone().unwrap());
    assert!((users.0 - 2.0 * found.knee).abs() < 1e-6 && users.1.is_some());
    assert!((bandwidth.0 - 0.4).abs() < 1e-9, "50 · 2,000 · 8 / 2 bits a second: {bandwidth:?}");
    let mut run = Run::new("x");
    found.add_to(&mut run);
    assert_eq!((run.measurements.len(), run.findings.len()), (3, 0));

    // Below it nothing gives way, and that is said.
    let below = capacity(&reports[..3], &Limits::default(), Seed::new(1)).unwrap();
    assert_eq!((below.gives_way, below.interval.clone()), (None, None));
    below.add_to(&mut run);
    assert!(run.findings[0].text.contains("not reached"));
}

#[tokio::test(start_paused = true)]
async fn what_says_nothing_is_refused() {
    let slices = |report: &Report| p99(&Load::of(report).unwrap().slices.iter().collect::<Vec<_>>());
    let (low, high) = (run_at(20.0).await, run_at(50.0).await);
    for report in [&low, &high] {
        // From the slices as from the whole.
        assert!((slices(report) / report.total().latency.p99().unwrap() - 1.0).abs() < 1e-3);
    }
    let few = run_at(2.0).await;
    for reports in [
        vec![],
        vec![low.clone(), high.clone()],
        vec![low.clone(), low.clone(), high.clone()],
        vec![low, high, few],
    ] {
        let error = capacity(&reports, &Limits::default(), Seed::new(1)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidPlan);
    }
}

//! The generator in virtual time, where all that it shows is exact.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use assize_ambient::Seed;
use assize_perf::Kind;
use async_trait::async_trait;
use tokio::time::sleep;

use super::*;
use crate::{Order, Pace, Phase, Schedule, Settings, Step, Think, Users, closed};

const MS: Duration = Duration::from_millis(1);

/// A service that answers after a while, that stands still once for a time, and that counts.
#[derive(Debug)]
struct Service {
    began: Instant,
    takes: Duration,
    stall: Option<(Duration, Duration)>,
    calls: AtomicU64,
    under_way: AtomicUsize,
    most: AtomicUsize,
}

impl Service {
    fn new(takes: Duration) -> Self {
        Self {
            began: Instant::now(),
            takes,
            stall: None,
            calls: AtomicU64::default(),
            under_way: AtomicUsize::default(),
            most: AtomicUsize::default(),
        }
    }

    /// From so long after its beginning it answers nobody for a time.
    fn stalling(self, at: Duration, lasts: Duration) -> Arc<Self> {
        Arc::new(Self { stall: Some((at, lasts)), ..self })
    }
}

#[async_trait]
impl Target for Service {
    async fn call(&self, _: Call<'_>) -> Outcome {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let under_way = self.under_way.fetch_add(1, Ordering::Relaxed) + 1;
        self.most.fetch_max(under_way, Ordering::Relaxed);
        if let Some((at, lasts)) = self.stall {
            let now = self.began.elapsed();
            if now >= at && now < at + lasts {
                sleep_until(self.began + at + lasts).await;
            }
        }
        sleep(self.takes).await;
        self.under_way.fetch_sub(1, Ordering::Relaxed);
        Outcome::RIGHT
    }
}

fn plan(rate: f64, seconds: u64) -> Plan {
    let schedule =
        Schedule::new(vec![Phase::constant(rate, Duration::from_secs(seconds))], Seed::new(1)).unwrap();
    let flow = Flow::new(vec![Step::get("ask", "/")], Order::Mixed, Seed::new(1)).unwrap();
    Plan::new("test", flow, schedule).with(Settings { kind: Kind::Virtual, ..Settings::default() })
}

fn milliseconds(nanoseconds: Option<f64>) -> f64 {
    (nanoseconds.unwrap() / 1e6 * 1e3).round() / 1e3
}

fn close(a: f64, b: f64) -> bool {
    // Three digits are kept.
    (a - b).abs() <= b.abs() * 0.001 + 1e-9
}

#[tokio::test(start_paused = true)]
async fn starts_are_kept_to_the_nanosecond_where_the_timer_can() {
    for workers in [1, 3] {
        let mut plan = plan(1_000.0, 100);
        plan.settings.workers = workers;
        let report = open(Arc::new(Service::new(7 * MS)), &plan).await.unwrap();
        let total = report.total();
        assert_eq!((total.requests, total.wrong()), (100_000, 0));
        // Every start lies on a millisecond: none is late by a nanosecond, and every answer takes what it takes.
        assert_eq!((total.late.min(), total.late.max()), (Some(0.0), Some(0.0)));
        assert_eq!((total.latency.min(), total.latency.max()), (Some(7e6), Some(7e6)));
        assert!((report.throughput() - 100_000.0 / 100.006).abs() < 1e-6, "{}", report.throughput());
    }
}

#[tokio::test(start_paused = true)]
async fn a_start_between_two_ticks_is_late_by_what_is_reported() {
    // 3 a second do not lie on milliseconds: tokio's timer wakes within the next one, and that counts as latency.
    let report = open(Arc::new(Service::new(7 * MS)), &plan(3.0, 100)).await.unwrap();
    let total = report.total();
    assert!(total.late.max().unwrap() < 1e6);
    assert!(total.latency.max().unwrap() <= 7e6 + total.late.max().unwrap());
    assert!(total.latency.min().unwrap() >= 7e6);
}

#[tokio::test(start_paused = true)]
async fn a_stall_of_two_seconds_is_seen_by_the_open_loop_and_missed_by_the_closed_one() {
    let (at, lasts) = (10 * 1_000 * MS, 2_000 * MS);
    let plan = plan(100.0, 60);
    let seen = open(Service::new(MS).stalling(at, lasts), &plan).await.unwrap().total();
    // Of 6,000 starts those of two seconds waited: 200, as many as 3.3 %, from 2.001 s down to 11 ms.
    assert_eq!(seen.requests, 6_000);
    assert!(close(milliseconds(seen.latency.max()), 2_001.0), "{:?}", seen.latency);
    assert!(close(milliseconds(seen.latency.p99()), 1_401.0), "{:?}", seen.latency.p99());
    assert!(close(milliseconds(seen.latency.quantile(0.5)), 1.0));

    // One user who waits for the answer and then thinks for the rest of 10 ms: one request of 5,800 saw it.
    let flow =
        Flow::new(vec![Step::get("ask", "/").thinking(Think::fixed(9 * MS))], Order::Mixed, Seed::new(1));
    let waiting = Plan { flow: flow.unwrap(), ..plan }.of_users(10 * MS);
    let users = Users { count: 1, arrive_in: Duration::ZERO, lasts: Duration::from_mins(1) };
    let report = closed(Service::new(MS).stalling(at, lasts), &waiting, users).await.unwrap();
    let missed = report.total();
    assert_eq!(missed.requests, 5_800);
    assert!(close(milliseconds(missed.latency.p99()), 1.0), "{:?}", missed.latency.p99());
    assert!(close(milliseconds(missed.latency.max()), 2_001.0));
    // Put back by rule it is seen again, within a hundredth of what the open loop measured.
    let corrected = missed.latency.corrected(10 * MS);
    assert!((milliseconds(corrected.p99()) / 1_401.0 - 1.0).abs() < 0.01, "{:?}", corrected.p99());
    // The run says what it is.
    let run = report.run();
    let p99 = run.measured("load/test/total", "p99").next().unwrap();
    let corrected = run.measured("load/test/total", "corrected-p99").next().unwrap();
    assert!(p99.notes[0].contains("it omits"));
    assert!(corrected.value > 1_000.0 * p99.value);
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_place_is_latency() {
    // 100 a second, each takes 100 ms, but only 5 at once: it serves 50 a second, so that the wait grows by half of the time.
    let mut plan = plan(100.0, 10);
    plan.settings.at_once = 5;
    let service = Arc::new(Service::new(100 * MS));
    let report = open(Arc::clone(&service) as Arc<dyn Target>, &plan).await.unwrap();
    let total = report.total();
    assert_eq!((service.most.load(Ordering::Relaxed), total.requests, total.wrong()), (5, 1_000, 0));
    assert!(close(milliseconds(total.service.max()), 100.0));
    // The last of 1,000, intended for 9.99 s, is answered when the 200th group is: after 20 s.
    assert!((milliseconds(total.latency.max()) - 10_010.0).abs() < 60.0, "{:?}", total.latency.max());
    assert!(close(report.throughput(), 1_000.0 / 20.04), "{}", report.throughput());
}

#[tokio::test(start_paused = true)]
async fn what_is_not_answered_in_time_is_a_timeout_and_what_found_no_place_was_never_sent() {
    let mut plan = plan(100.0, 10);
    (plan.settings.at_once, plan.settings.timeout) = (10, 1_000 * MS);
    let report = open(Arc::new(Service::new(3_600_000 * MS)), &plan).await.unwrap();
    let total = report.total();
    let timeouts = total.faults[&Fault::Timeout];
    // Ten at a time, a second each, until a second after the end.
    assert!((110..=120).contains(&timeouts), "{timeouts}");
    assert_eq!(total.faults[&Fault::Unsent], 1_000 - timeouts);
    assert_eq!((total.right(), total.requests), (0, 1_000));
    assert!(total.latency.quantile(0.5).unwrap() > 1e9, "a wait that was given up is no short one");
    let run = report.run();
    let errors = run.measured("load/test/total", "error-rate").next().unwrap();
    assert!((errors.value - 1.0).abs() < 1e-12 && errors.notes[0].contains("never sent"));
}

/// Goes wrong as its step is named.
#[derive(Debug)]
struct Wrong;

#[async_trait]
impl Target for Wrong {
    async fn call(&self, call: Call<'_>) -> Outcome {
        sleep(MS).await;
        match call.step.name.as_str() {
            "good" => Outcome { fault: None, sent: 10, received: 90 },
            "busy" => Outcome::wrong(Fault::Status(503)),
            _ => Outcome::wrong(Fault::Connect),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn failures_are_counted_by_step_and_kind_and_make_nothing_look_quick() {
    let steps = vec![Step::get("good", "/").weighing(2.0), Step::get("busy", "/"), Step::get("away", "/")];
    let flow = Flow::new(steps, Order::Mixed, Seed::new(1)).unwrap();
    let report = open(Arc::new(Wrong), &Plan { flow, ..plan(1_000.0, 4) }).await.unwrap();
    let of = |name: &str| &report.steps.iter().find(|(step, _)| step == name).unwrap().1;
    assert_eq!(of("busy").faults.keys().collect::<Vec<_>>(), [&Fault::Status(503)]);
    assert_eq!(of("away").faults.keys().collect::<Vec<_>>(), [&Fault::Connect]);
    assert_eq!((of("good").wrong(), of("busy").right(), of("busy").latency.count()), (0, 0, 0));
    let total = report.total();
    assert_eq!(total.requests, 4_000);
    assert_eq!((total.sent, total.received), (10 * total.right(), 90 * total.right()));
    let run = report.run();
    assert_eq!(
        assize_perf::Run::from_json(run.to_json().to_string().as_bytes(), "run.json").unwrap().measurements,
        run.measurements
    );
    // Steps of about 1,000 requests may have a p99 or none, as many as they are; nothing stands for what there is not.
    assert!(run.measured("load/test/busy", "p50").next().is_none());
    assert!(run.measured("load/test/total", "throughput").next().unwrap().interval.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_session_takes_its_steps_in_turn_and_thinks_between() {
    let steps =
        ["first", "second", "third"].map(|name| Step::get(name, "/").thinking(Think::fixed(500 * MS)));
    let flow = Flow::new(steps.to_vec(), Order::InTurn, Seed::new(1)).unwrap();
    let report = open(Arc::new(Service::new(20 * MS)), &Plan { flow, ..plan(10.0, 10) }).await.unwrap();
    let requests: Vec<u64> = report.steps.iter().map(|(_, figures)| figures.requests).collect();
    // A session that begins less than 520 ms (1,040 ms) before the end has no second (third) step.
    assert_eq!(requests, [100, 95, 90]);
    assert!(report.steps.iter().all(|(_, f)| close(milliseconds(f.latency.max()), 20.0)));
}

#[tokio::test(start_paused = true)]
async fn less_than_a_thousand_requests_have_no_99th_percentile() {
    let run = open(Arc::new(Service::new(MS)), &plan(99.9, 10)).await.unwrap().run();
    assert!(run.measured("load/test/total", "p99").next().is_none());
    assert!(run.measured("load/test/total", "p95").next().is_some());
    assert!(run.findings[0].text.contains("insufficient: 999 requests"), "{:?}", run.findings);
}

#[tokio::test(start_paused = true)]
async fn settings_that_make_no_sense_are_refused() {
    for set in [
        |s: &mut Settings| s.workers = 0,
        |s: &mut Settings| s.at_once = 0,
        |s: &mut Settings| s.blocks = 0,
        |s: &mut Settings| s.timeout = Duration::ZERO,
    ] {
        let mut plan = plan(1.0, 1);
        set(&mut plan.settings);
        let error = open(Arc::new(Wrong), &plan).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidPlan);
    }
    let none = Users { count: 0, arrive_in: Duration::ZERO, lasts: MS };
    assert_eq!(
        closed(Arc::new(Wrong), &plan(1.0, 1), none).await.unwrap_err().kind(),
        ErrorKind::InvalidPlan
    );
}

#[tokio::test]
async fn the_timer_of_the_system_is_never_early() {
    let mut plan = plan(700.0, 1);
    plan.settings.pace = Pace::Precise;
    let total = open(Arc::new(Service::new(Duration::ZERO)), &plan).await.unwrap().total();
    assert_eq!((total.requests, total.wrong()), (700, 0));
}

//! The same over sockets as in virtual time; how long it takes is asserted only where seconds decide.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use assize_ambient::Seed;
use assize_load::{
    ErrorKind, Fault, Flow, HttpTarget, Order, Pace, Phase, Plan, Report, Schedule, Settings, Step, Think,
    Users, closed, open,
};

use crate::server::{Bare, listen};

fn plan(steps: Vec<Step>, rate: f64, lasts: Duration) -> Plan {
    let schedule = Schedule::new(vec![Phase::constant(rate, lasts)], Seed::new(1)).expect("a rate");
    let flow = Flow::new(steps, Order::Mixed, Seed::new(1)).expect("steps");
    let settings = Settings { pace: Pace::Precise, timeout: Duration::from_secs(5), ..Settings::default() };
    Plan::new("bare", flow, schedule).with(settings)
}

async fn target(address: std::net::SocketAddr) -> Arc<HttpTarget> {
    Arc::new(HttpTarget::new(&format!("http://{address}")).await.expect("an address"))
}

fn seconds(nanoseconds: Option<f64>) -> f64 {
    nanoseconds.expect("enough requests") / 1e9
}

#[tokio::test]
async fn a_stall_of_two_seconds_over_sockets() {
    let bare = Arc::new(Bare::default());
    let (address, _serving) = listen(Arc::clone(&bare)).await;
    let stall = |bare: &Arc<Bare>| {
        tokio::spawn(Arc::clone(bare).stall(Duration::from_secs(1), Duration::from_secs(2)))
    };
    let (step, lasts) = (Step::get("ask", "/"), Duration::from_secs(6));
    let thinking = step.clone().thinking(Think::fixed(Duration::from_millis(4)));
    let (_one, _two) = (stall(&bare), ());
    let seen: Report = open(target(address).await, &plan(vec![step], 200.0, lasts)).await.expect("it runs");
    let _three = stall(&bare);
    let waiting = plan(vec![thinking], 200.0, lasts).of_users(Duration::from_millis(5));
    let users = Users { count: 1, arrive_in: Duration::ZERO, lasts };
    let missed = closed(target(address).await, &waiting, users).await.expect("it runs");
    let (seen, missed) = (seen.total(), missed.total());
    assert_eq!((seen.requests, seen.wrong(), missed.wrong()), (1_200, 0, 0));
    // A third of all starts fell into the stall. Nobody who waits starts then: one answer in hundreds is slow.
    assert!(seconds(seen.latency.p99()) > 1.5, "{:?}", seen.latency);
    assert!(missed.requests < 900 && seconds(missed.latency.quantile(0.99)) < 1.0, "{:?}", missed.latency);
    assert!(seconds(missed.latency.corrected(Duration::from_millis(5)).quantile(0.99)) > 1.5);
}

#[tokio::test]
async fn connections_are_kept_and_bytes_counted() {
    let bare = Arc::new(Bare::default());
    let (address, _serving) = listen(Arc::clone(&bare)).await;
    let mut echo = Step::get("echo", "/echo");
    (echo.method, echo.body) = ("POST".to_owned(), Some("number {n}".to_owned()));
    echo.expect_text = Some("number 1".to_owned());
    let target = target(address).await;
    let mut plan = plan(vec![echo], 500.0, Duration::from_secs(1));
    plan.settings.at_once = 1;
    let total = open(Arc::clone(&target) as Arc<_>, &plan).await.expect("it runs").total();
    assert_eq!(total.requests, 500);
    // 1, 10 to 19 and 100 to 199 hold the text.
    assert_eq!(total.faults.get(&Fault::Content), Some(&389));
    assert_eq!(bare.calls.load(Ordering::Relaxed), 500);
    assert!(total.sent > 500 * 40 && total.received > 500 * 40, "{} {}", total.sent, total.received);
}

#[tokio::test]
async fn a_connection_that_is_right_is_used_again() {
    let bare = Arc::new(Bare::default());
    let (address, _serving) = listen(Arc::clone(&bare)).await;
    let target = target(address).await;
    let mut plan = plan(vec![Step::get("ask", "/")], 500.0, Duration::from_millis(600));
    plan.settings.at_once = 2;
    let total = open(Arc::clone(&target) as Arc<_>, &plan).await.expect("it runs").total();
    assert_eq!((total.requests, total.wrong()), (300, 0));
    let opened = bare.connections.load(Ordering::Relaxed);
    assert!(opened <= 2 && target.opened() == opened, "{opened}");
}

#[tokio::test]
async fn what_goes_wrong_is_named() {
    let bare = Arc::new(Bare::default());
    let (address, serving) = listen(Arc::clone(&bare)).await;
    let steps = vec![
        Step::get("missing", "/missing"),
        Step::get("slow", "/slow"),
        Step::get("close", "/close"),
        Step { expect: Some(404), ..Step::get("rightly missing", "/missing") },
        Step { method: "NO METHOD".to_owned(), ..Step::get("no request", "/") },
    ];
    let mut wrong = plan(steps, 200.0, Duration::from_secs(1));
    wrong.settings.timeout = Duration::from_millis(500);
    let report = open(target(address).await, &wrong).await.expect("it runs");
    let of = |name: &str| {
        let figures = &report.steps.iter().find(|(step, _)| step == name).expect("a step").1;
        figures.faults.keys().copied().collect::<Vec<_>>()
    };
    assert_eq!(of("missing"), [Fault::Status(404)]);
    assert_eq!(of("slow"), [Fault::Timeout]);
    assert_eq!(of("close"), []);
    assert_eq!(of("rightly missing"), []);
    assert_eq!(of("no request"), [Fault::Request]);
    drop(serving);
    let gone = plan(vec![Step::get("ask", "/")], 50.0, Duration::from_millis(200));
    let report = open(target(address).await, &gone).await.expect("it runs");
    assert_eq!(report.total().faults.keys().collect::<Vec<_>>(), [&Fault::Connect]);
}

#[tokio::test]
async fn an_address_that_cannot_be_driven_is_refused() {
    for (url, expected) in [
        ("https://127.0.0.1:1", ErrorKind::InvalidAddress),
        ("127.0.0.1:1", ErrorKind::InvalidAddress),
        ("/path", ErrorKind::InvalidAddress),
        ("http://127.0.0.1:1/?a=b", ErrorKind::InvalidAddress),
        ("", ErrorKind::InvalidAddress),
        ("http://no-such-host.invalid", ErrorKind::Unreachable),
    ] {
        assert_eq!(HttpTarget::new(url).await.expect_err(url).kind(), expected, "{url}");
    }
}

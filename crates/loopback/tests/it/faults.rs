//! Every fault, as a client sees it, and what it bills.

use std::{fmt::Write, time::Duration};

use assize_loopback::{ErrorKind, Fault, Faults, Latency, Tokens, Vendor, VendorTruth, World};
use http_body_util::BodyExt;
use tokio::time::{Instant, timeout};
use tower_service::Service;

use crate::client::{Answer, ask, exchange, world};

fn always(fault: Fault) -> World {
    let faults = Faults::none().with(fault, 1.0).expect("a share").with_huge_bytes(200_000);
    world(2).with_faults(faults)
}

async fn hit(vendor: Vendor, stream: bool, fault: Fault) -> (Answer, VendorTruth) {
    let world = always(fault);
    let answer = exchange(&world, ask(vendor, "What follows?", stream)).await;
    let truth = world.truth().vendors[&vendor].clone();
    assert!(truth.adds_up() && truth.in_flight == 0, "{vendor:?} {fault:?}: {truth:?}");
    assert_eq!(truth.faults[&fault], 1);
    (answer, truth)
}

/// What the same request bills when nothing goes wrong.
async fn in_full(vendor: Vendor, stream: bool) -> Tokens {
    let world = world(2);
    exchange(&world, ask(vendor, "What follows?", stream)).await;
    world.truth().vendors[&vendor].total_served().tokens
}

#[tokio::test(start_paused = true)]
async fn refusals_bill_nothing_and_have_their_vendors_shape() {
    for vendor in Vendor::ALL {
        let mut shown = String::new();
        for fault in [
            Fault::RateLimited,
            Fault::RateLimitedSilently,
            Fault::Quota,
            Fault::ServerError,
            Fault::Unavailable,
            Fault::Overloaded,
        ] {
            let (answer, truth) = hit(vendor, true, fault).await;
            assert_eq!((truth.unbilled, truth.total_possibly_billed().requests), (1, 0));
            answer.json();
            write!(shown, "{}: {} {}", fault.key(), answer.status, answer.text).unwrap();
            for name in ["retry-after", "retry-after-ms", "x-should-retry"] {
                if let Some(value) = answer.header(name) {
                    write!(shown, "\n  {name}: {value}").unwrap();
                }
            }
            shown.push('\n');
        }
        insta::assert_snapshot!(format!("{}-faults", vendor.key()), shown);
    }
}

#[tokio::test]
async fn broken_replies_are_billed_as_declared() {
    for vendor in Vendor::ALL {
        for stream in [false, true] {
            let full = in_full(vendor, stream).await;

            let (cut, truth) = hit(vendor, stream, Fault::Cut).await;
            let billed = truth.total_possibly_billed();
            assert_eq!((cut.failed, cut.status, billed.requests), (Some(ErrorKind::Cut), 200, 1));
            assert_eq!(billed.tokens.prompt(), full.prompt());
            assert!(billed.tokens.output <= full.output && (stream || billed.tokens == full), "{billed:?}");

            let (garbled, truth) = hit(vendor, stream, Fault::Malformed).await;
            assert_eq!(truth.total_possibly_billed().tokens, full, "{vendor:?}");
            let data = garbled.text.lines().filter_map(|line| line.strip_prefix("data: "));
            let documents: Vec<&str> = if stream { data.collect() } else { vec![&garbled.text] };
            let read =
                |text: &&str| *text == "[DONE]" || serde_json::from_str::<serde_json::Value>(text).is_ok();
            assert!(!documents.iter().all(read), "{vendor:?}: {}", garbled.text);

            let (inside, truth) = hit(vendor, stream, Fault::ErrorInside).await;
            assert!(inside.status == 200 && inside.text.contains("\"error\""), "{}", inside.text);
            let (unbilled, billed) = (truth.unbilled, truth.total_possibly_billed());
            assert_eq!((unbilled, billed.requests), if stream { (0, 1) } else { (1, 0) });
            assert!(billed.tokens.output <= full.output);

            let (page, truth) = hit(vendor, stream, Fault::WrongType).await;
            assert_eq!((truth.unbilled, page.header("content-type")), (1, Some("text/html; charset=utf-8")));

            let (dropped, truth) = hit(vendor, stream, Fault::Drop).await;
            assert_eq!((truth.unbilled, dropped.failed), (1, Some(ErrorKind::Dropped)));

            let (huge, truth) = hit(vendor, stream, Fault::Huge).await;
            assert!(huge.text.len() >= 200_000, "{}", huge.text.len());
            assert_eq!(truth.total_served().tokens, full, "it was read to its end");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_hang_never_ends_and_is_billed_as_declared() {
    for (world, billed) in [(always(Fault::Hang), 1), (always(Fault::Hang).with_hangs_unbilled(), 0)] {
        let asked = exchange(&world, ask(Vendor::OpenAi, "Hi", true));
        assert!(timeout(Duration::from_secs(86_400), asked).await.is_err());
        let truth = &world.truth().vendors[&Vendor::OpenAi];
        assert_eq!((truth.total_possibly_billed().requests, truth.unbilled), (billed, 1 - billed));
        assert!(truth.adds_up());
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_reply_takes_its_time() {
    for stream in [false, true] {
        let start = Instant::now();
        let (_, truth) = hit(Vendor::Anthropic, stream, Fault::Slow).await;
        let tokens = truth.total_served().tokens.output;
        let least = Duration::from_secs(tokens - 1);
        assert!(start.elapsed() >= least && tokens > 5, "{tokens} tokens in {:?}", start.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn each_fault_comes_at_its_rate() {
    let n = 4_200;
    let faults = Faults::evenly(0.7).expect("a share").with_huge_bytes(1_000);
    let world = world(9).with_faults(faults);
    let (mut tasks, no_hang) = (tokio::task::JoinSet::new(), Duration::from_secs(10_000));
    for i in 0..n {
        let world = world.clone();
        let request = ask(Vendor::ALL[i % 3], &format!("Question {i}"), i % 2 == 0);
        tasks.spawn(async move { timeout(no_hang, exchange(&world, request)).await.is_ok() });
    }
    let answered = tasks.join_all().await.into_iter().filter(|answered| *answered).count();
    let truth = world.truth();
    let count =
        |fault| truth.vendors.values().map(|vendor| vendor.faults.get(&fault).unwrap_or(&0)).sum::<u64>();
    for fault in Fault::ALL {
        // 5 % of 4,200 is 210, give or take three standard deviations of 14.
        assert!(count(fault).abs_diff(210) < 45, "{fault:?}: {}", count(fault));
    }
    assert_eq!(answered as u64, n as u64 - count(Fault::Hang));
    assert!(truth.vendors.values().all(|vendor| vendor.adds_up() && vendor.in_flight == 0), "{truth:?}");
}

#[tokio::test(start_paused = true)]
async fn hanging_up_bills_what_was_sent() {
    for vendor in Vendor::ALL {
        let world = world(2).with_latency(Latency::HOSTED);
        let full = in_full(vendor, true).await;
        let mut body = world.clone().call(ask(vendor, "What follows?", true)).await.unwrap().into_body();
        let mut last = String::new();
        for _ in 0..6 {
            let data = body.frame().await.unwrap().unwrap().into_data().unwrap();
            last = String::from_utf8(data.to_vec()).unwrap();
        }
        assert!(!last.is_empty() && world.truth().vendors[&vendor].in_flight == 1);
        drop(body);
        let truth = &world.truth().vendors[&vendor];
        let billed = truth.total_possibly_billed();
        assert_eq!((truth.in_flight, billed.requests, billed.tokens.prompt()), (0, 1, full.prompt()));
        // OpenAI has one event before its first token, Anthropic three; Gemini sends eight tokens at once.
        let sent = match vendor {
            Vendor::OpenAi => 5,
            Vendor::Anthropic => 3,
            _ => full.output.min(48),
        };
        assert_eq!(billed.tokens.output, sent, "{vendor:?}");
    }
}

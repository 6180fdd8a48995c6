//! The probe against work whose cost is known.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    task::{Context, Poll, Waker},
    thread,
};

use super::*;

fn value(run: &Run, metric: &str) -> Option<f64> {
    run.measured("probe/work", metric).next().map(|measurement| measurement.value)
}

#[test]
fn work_and_waiting_are_told_apart() {
    let reading = |time_ms, cpu_ms| Reading {
        time: Duration::from_millis(time_ms),
        cpu: Duration::from_millis(cpu_ms),
        taken: None,
        resident_peak: None,
    };
    for ((time_ms, cpu_ms), expected) in [((20, 5), Some(0.75)), ((20, 40), Some(0.0)), ((0, 0), None)] {
        assert_eq!(reading(time_ms, cpu_ms).waiting(), expected);
    }
    let asleep = Probe::new("probe/work").rounds(3).warm_up(0);
    let asleep = asleep.function(|| thread::sleep(Duration::from_millis(20)));
    assert!(value(&asleep, "time").unwrap() >= 20e6);
    let rounds = AtomicU64::new(0);
    let busy = Probe::new("probe/work").rounds(4).warm_up(2).function(|| {
        rounds.fetch_add(1, Ordering::Relaxed);
        (0..3_000_000_u64).map(std::hint::black_box).fold(0, u64::wrapping_add)
    });
    assert_eq!(rounds.into_inner(), 6);
    assert!(value(&busy, "cpu-time").unwrap() > 0.0);
}

#[test]
fn what_the_allocator_says_is_taken_for_each_round() {
    // An allocator of a test: each call to it has given out one block more, and half of its bytes came back.
    let heap = Arc::new(AtomicU64::new(0));
    let (given, seen) = (Arc::clone(&heap), Arc::clone(&heap));
    let probe = Probe::new("probe/work").rounds(5).counting(move || {
        let blocks = seen.load(Ordering::Relaxed);
        HeapCounts { allocations: blocks, allocated_bytes: 64 * blocks, live_bytes: 32 * blocks }
    });
    let run = probe.function(|| given.fetch_add(3, Ordering::Relaxed));
    let metrics = ["allocations", "allocated", "retained"].map(|metric| value(&run, metric));
    assert_eq!(metrics, [Some(3.0), Some(192.0), Some(96.0)]);
    assert!(run.measurements.iter().all(|m| m.location.as_deref().unwrap().contains("tests.rs:")));
    assert!(run.measurements.iter().all(Measurement::is_finite));
}

#[test]
fn a_future_is_measured_to_its_end() {
    let polled = AtomicU64::new(0);
    let probe = Probe::new("probe/work").rounds(2).warm_up(1);
    let mut measured = std::pin::pin!(probe.future(|| async {
        polled.fetch_add(1, Ordering::Relaxed);
        vec![0_u8; 1_000]
    }));
    let Poll::Ready(run) = measured.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("nothing in it waits");
    };
    assert_eq!(polled.load(Ordering::Relaxed), 3);
    assert_eq!(run.measured("probe/work", "time").next().unwrap().samples.len(), 2);
    assert_eq!(value(&run, "allocations"), None, "nobody counted");
}

#[cfg(target_os = "linux")]
#[test]
fn the_resident_peak_is_a_size_that_a_process_can_have() {
    let run = Probe::new("probe/work").rounds(1).warm_up(0).function(|| vec![1_u8; 30_000_000]);
    assert!(value(&run, "resident-peak").unwrap() > 30e6);
}

//! Time, processor, heap and memory of any function or future, as a [`Run`].
//!
//! A feature (`probe`), since it is the one part of this crate that reads clocks: elapsed time from the system, the
//! processor's time of the whole process, and on Linux how much of it is resident. What is taken from the heap is told
//! by whoever owns the allocator, for only a program can choose one ([`Probe::counting`]).

mod resident;
mod sampler;

use std::{
    fmt,
    panic::Location,
    sync::Arc,
    time::{Duration, Instant},
};

pub use sampler::{Look, MOST_LOOKS, Sampler};

use rustix::time::{ClockId, clock_gettime};

use crate::{
    Unit,
    run::{Better, Kind, Measurement, Run},
};

/// What an allocator has given out by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HeapCounts {
    /// Allocations since the program began.
    pub allocations: u64,
    /// Bytes of all of them.
    pub allocated_bytes: u64,
    /// Bytes that have not been given back.
    pub live_bytes: u64,
}

/// Measures a piece of work over some rounds.
///
/// It gives these metrics, each with its samples: `time` (elapsed), `cpu-time` (of the whole process, so measure while
/// nothing else runs in it), `waiting` (the share of the time in which no processor worked for it; 0 where several
/// did), and with a counted heap `allocations`, `allocated` and `retained`, the bytes that a round leaves behind. On
/// Linux also `resident-peak`, what the process held at most while the work ran.
///
/// ```
/// use assize_perf::probe::Probe;
///
/// let run = Probe::new("my-service/sum").rounds(5).function(|| (0..1_000_u64).sum::<u64>());
/// let time = run.measured("my-service/sum", "time").next().expect("a figure");
/// assert_eq!(time.samples.len(), 5);
/// assert!(time.location.as_deref().is_some_and(|place| place.contains(".rs:")));
/// ```
///
/// With dhat as the program's allocator:
///
/// ```no_run
/// use assize_perf::probe::{HeapCounts, Probe};
///
/// #[global_allocator]
/// static HEAP: dhat::Alloc = dhat::Alloc;
///
/// let _profiler = dhat::Profiler::builder().testing().build();
/// let probe = Probe::new("my-service/parse").counting(|| {
///     let heap = dhat::HeapStats::get();
///     HeapCounts {
///         allocations: heap.total_blocks,
///         allocated_bytes: heap.total_bytes,
///         live_bytes: heap.curr_bytes as u64,
///     }
/// });
/// let run = probe.function(|| "17".parse::<u32>());
/// ```
#[derive(Clone)]
pub struct Probe {
    id: String,
    rounds: u32,
    warm_up: u32,
    heap: Option<Arc<dyn Fn() -> HeapCounts + Send + Sync>>,
    place: &'static Location<'static>,
}

impl fmt::Debug for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Probe")
            .field("id", &self.id)
            .field("rounds", &self.rounds)
            .field("warm_up", &self.warm_up)
            .field("counts_heap", &self.heap.is_some())
            .finish_non_exhaustive()
    }
}

impl Probe {
    /// Ten rounds after one that is not counted. The place that calls this stands with the figures.
    #[must_use]
    #[track_caller]
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), rounds: 10, warm_up: 1, heap: None, place: Location::caller() }
    }

    /// So many rounds; at least one.
    #[must_use]
    pub fn rounds(mut self, rounds: u32) -> Self {
        self.rounds = rounds.max(1);
        self
    }

    /// So many rounds before those that count; may be none.
    #[must_use]
    pub const fn warm_up(mut self, rounds: u32) -> Self {
        self.warm_up = rounds;
        self
    }

    /// Asks the program's allocator before and after each round.
    #[must_use]
    pub fn counting(mut self, heap: impl Fn() -> HeapCounts + Send + Sync + 'static) -> Self {
        self.heap = Some(Arc::new(heap));
        self
    }

    /// Measures a function. What it returns is dropped after its round was read.
    pub fn function<T>(&self, mut work: impl FnMut() -> T) -> Run {
        for _ in 0..self.warm_up {
            drop(std::hint::black_box(work()));
        }
        let mut readings = self.readings();
        for _ in 0..self.rounds {
            let before = self.begin();
            let made = std::hint::black_box(work());
            let reading = self.end(&before);
            drop(made);
            readings.push(self.settled(&before, reading));
        }
        self.run(&readings)
    }

    /// Measures what a function's futures do until they are ready.
    pub async fn future<F: Future>(&self, mut work: impl FnMut() -> F) -> Run {
        for _ in 0..self.warm_up {
            drop(std::hint::black_box(work().await));
        }
        let mut readings = self.readings();
        for _ in 0..self.rounds {
            let before = self.begin();
            let made = std::hint::black_box(work().await);
            let reading = self.end(&before);
            drop(made);
            readings.push(self.settled(&before, reading));
        }
        self.run(&readings)
    }

    /// Room for all of them, so that no round pays for it.
    fn readings(&self) -> Vec<Reading> {
        Vec::with_capacity(self.rounds as usize)
    }

    fn begin(&self) -> Before {
        resident::forget_peak();
        let heap = self.heap.as_ref().map(|count| count());
        Before { heap, cpu: cpu_time(), at: Instant::now() }
    }

    fn end(&self, before: &Before) -> Reading {
        let time = before.at.elapsed();
        let cpu = cpu_time().saturating_sub(before.cpu);
        let heap = self.heap.as_ref().map(|count| count());
        let taken = heap.zip(before.heap).map(|(after, before)| HeapCounts {
            allocations: after.allocations.saturating_sub(before.allocations),
            allocated_bytes: after.allocated_bytes.saturating_sub(before.allocated_bytes),
            live_bytes: 0,
        });
        Reading { time, cpu, taken, resident_peak: resident::peak() }
    }

    /// What is still held once the result is gone.
    fn settled(&self, before: &Before, reading: Reading) -> Reading {
        let held = self.heap.as_ref().map(|count| count().live_bytes);
        let began = before.heap.map(|heap| heap.live_bytes);
        let live_bytes = held.zip(began).map_or(0, |(held, began)| held.saturating_sub(began));
        Reading { taken: reading.taken.map(|taken| HeapCounts { live_bytes, ..taken }), ..reading }
    }

    fn run(&self, readings: &[Reading]) -> Run {
        let mut run = Run::new(self.id.as_str());
        let mut add = |metric: &str, unit: Unit, kind: Kind, of: &dyn Fn(&Reading) -> Option<f64>| {
            let samples: Option<Vec<f64>> = readings.iter().map(of).collect();
            let figure = samples.and_then(|all| {
                Measurement::of_samples(self.id.as_str(), metric, unit, Better::Lower, kind, all)
            });
            let place = format!("{}:{}", self.place.file(), self.place.line());
            run.measurements.extend(figure.map(|figure| figure.at(place)));
        };
        add("time", Unit::Nanoseconds, Kind::Timed, &|r| Some(ns(r.time)));
        add("cpu-time", Unit::Nanoseconds, Kind::Timed, &|r| Some(ns(r.cpu)));
        add("waiting", Unit::Fraction, Kind::Timed, &Reading::waiting);
        add("allocations", Unit::Count, Kind::Counted, &|r| r.taken.map(|heap| real(heap.allocations)));
        add("allocated", Unit::Bytes, Kind::Counted, &|r| r.taken.map(|heap| real(heap.allocated_bytes)));
        add("retained", Unit::Bytes, Kind::Counted, &|r| r.taken.map(|heap| real(heap.live_bytes)));
        add("resident-peak", Unit::Bytes, Kind::Timed, &|r| r.resident_peak.map(real));
        run.measurements.sort_by(|a, b| a.metric.cmp(&b.metric));
        run
    }
}

/// How things stood before a round.
struct Before {
    heap: Option<HeapCounts>,
    cpu: Duration,
    at: Instant,
}

/// What a round took.
#[derive(Debug, Clone, Copy)]
struct Reading {
    time: Duration,
    cpu: Duration,
    /// What was allocated, and in `live_bytes` what was not given back.
    taken: Option<HeapCounts>,
    resident_peak: Option<u64>,
}

impl Reading {
    fn waiting(&self) -> Option<f64> {
        (!self.time.is_zero()).then(|| (1.0 - ns(self.cpu) / ns(self.time)).max(0.0))
    }
}

/// The processor's time of this process, all threads together.
fn cpu_time() -> Duration {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(spent.tv_sec).unwrap_or(0);
    Duration::from_secs(seconds) + Duration::from_nanos(u64::try_from(spent.tv_nsec).unwrap_or(0))
}

fn ns(time: Duration) -> f64 {
    time.as_secs_f64() * 1e9
}

#[expect(clippy::cast_precision_loss, reason = "a figure of a report needs no more than 53 bits")]
fn real(n: u64) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests;

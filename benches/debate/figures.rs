//! Ways that take turns, and figures out of them.

use std::time::Duration;

use assize_benches::handover::Profile;
use assize_perf::{Better, Kind, Measurement, Unit, statistics::Sorted};
use rustix::time::{ClockId, clock_gettime};

/// Where the figures are measured.
pub(crate) const HERE: &str = "benches/debate.rs";

/// How long one block of repetitions is to take, and how many blocks count.
const fn sizes(profile: Profile) -> (Duration, usize) {
    match profile {
        Profile::Smoke => (Duration::from_micros(700), 21),
        Profile::Default => (Duration::from_millis(4), 101),
        Profile::Full => (Duration::from_millis(10), 301),
    }
}

/// Does something so many times, and gives what that took of the processor.
pub(crate) type Way<'a> = &'a mut dyn FnMut(u32) -> Result<Duration, String>;

/// Nanoseconds of one repetition, by way and block.
pub(crate) type Times = Vec<Vec<f64>>;

/// Lets the ways take turns, block by block; who begins changes. How many repetitions make a block is found out before.
pub(crate) fn interleaved(profile: Profile, ways: &mut [Way<'_>]) -> Result<Times, String> {
    let (block, blocks) = sizes(profile);
    let mut repetitions = Vec::with_capacity(ways.len());
    for way in &mut *ways {
        let mut n = 1_u32;
        while way(n)? < block / 2 && n < 1 << 20 {
            n *= 2;
        }
        repetitions.push(n);
    }
    let mut times = vec![Vec::with_capacity(blocks); ways.len()];
    for round in 0..blocks {
        for turn in 0..ways.len() {
            let way = (round + turn) % ways.len();
            times[way].push(nanoseconds(ways[way](repetitions[way])?) / f64::from(repetitions[way]));
        }
    }
    Ok(times)
}

/// One way beside another: its time a unit, and what it takes more than the other.
pub(crate) fn beside(
    id: &str,
    [ours, bare]: [&[f64]; 2],
    units: usize,
    note: &str,
) -> Result<[Measurement; 2], String> {
    let each = |times: &[f64]| times.iter().map(|time| time / real(units)).collect::<Vec<_>>();
    let (ours, bare) = (each(ours), each(bare));
    let more: Vec<f64> = ours.iter().zip(&bare).map(|(ours, bare)| ours - bare).collect();
    let of_bare = Sorted::new(&bare).ok_or_else(|| format!("measure {id}: no block"))?.median();
    let time = sampled(id, "time", ours)?.with_figure("bare", of_bare).with_note(note);
    let overhead = sampled(id, "overhead", more)?;
    let words = "its time less that of the bare join, a pair of blocks at a time";
    Ok([time, overhead.with_note(words).with_note(note)])
}

/// The median of times in nanoseconds.
pub(crate) fn sampled(id: &str, metric: &str, times: Vec<f64>) -> Result<Measurement, String> {
    let figure = Measurement::of_samples(id, metric, Unit::Nanoseconds, Better::Lower, Kind::Timed, times);
    Ok(figure.ok_or_else(|| format!("measure {id}: a sample is missing"))?.at(HERE))
}

/// The median of ratios of which less is better.
pub(crate) fn ratios(id: &str, metric: &str, ratios: Vec<f64>) -> Result<Measurement, String> {
    let figure = Measurement::of_samples(id, metric, Unit::Ratio, Better::Lower, Kind::Timed, ratios);
    Ok(figure.ok_or_else(|| format!("measure {id}: a sample is missing"))?.at(HERE))
}

/// A single figure of which less is better.
pub(crate) fn figure(id: &str, metric: &str, unit: Unit, kind: Kind, value: f64) -> Measurement {
    Measurement::new(id, metric, unit, Better::Lower, kind, value).at(HERE)
}

/// What this thread takes of the processor for something.
pub(crate) fn timed<T>(what: impl FnOnce() -> T) -> (Duration, T) {
    let began = of_the_processor();
    let done = what();
    (of_the_processor().saturating_sub(began), done)
}

fn of_the_processor() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let part = |n: i64| u64::try_from(n).unwrap_or(0);
    Duration::from_secs(part(time.tv_sec)) + Duration::from_nanos(part(time.tv_nsec))
}

pub(crate) fn nanoseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1.0e9
}

/// A count as a float.
#[expect(clippy::cast_precision_loss, reason = "counts of turns and bytes are far below 2^52")]
pub(crate) const fn real(n: usize) -> f64 {
    n as f64
}

/// An error in words.
#[expect(clippy::needless_pass_by_value, reason = "made for `map_err`")]
pub(crate) fn words(error: impl ToString) -> String {
    error.to_string()
}

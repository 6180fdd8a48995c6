//! In virtual time: many tickers at once, one after the other, and again.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use assize_altdata::{AsOf, FetchPolicy, Fetched, Fetcher, Ticker};
use assize_ambient::{Clock, Seed, Timestamp, VirtualClock};
use assize_benches::handover::{Handover, Profile};
use assize_cache::{Level, MemoryTier, Tiered};
use assize_perf::{
    Better, Kind, Measurement, Run, Unit,
    statistics::{Sorted, mean, student_interval},
};
use assize_transport::RetryPolicy;

use crate::{
    HERE,
    bound::{by_limits, by_log},
    real,
    servers::{ATTEMPT, Servers},
    sources::{SITES, due, sources},
};

const TICKERS: usize = 20;
/// The deadline of a brief.
const DEADLINE: Duration = Duration::from_secs(55);

/// Seeds without faults, and with.
const fn seeds(profile: Profile) -> (u64, u64) {
    match profile {
        Profile::Smoke => (5, 100),
        Profile::Default => (30, 1_000),
        Profile::Full => (100, 5_000),
    }
}

/// What one fetch came to.
struct Came {
    elapsed: f64,
    first: f64,
    bound: f64,
    limits: f64,
    overstepped: usize,
    requests: usize,
    missing: usize,
    unnamed: usize,
}

/// A2 and A4.
pub(crate) fn measure_many(handover: &Handover, run: &mut Run) -> Result<(), String> {
    let (clean, faulty) = seeds(handover.profile);
    for (name, faults, seeds) in [("no-faults", 0.0, clean), ("faults-10-percent", 0.1, faulty)] {
        let id = format!("fetch/many/{TICKERS}-tickers-{name}");
        if handover.wants(&id) {
            let came: Result<Vec<Came>, String> =
                (1..=seeds).map(|seed| paused()?.block_on(one(seed, faults))).collect();
            run.measurements.extend(of_many(&id, &came?));
        }
    }
    Ok(())
}

async fn one(seed: u64, faults: f64) -> Result<Came, String> {
    let servers = Servers::new(&SITES, seed, faults);
    let fetched = fetcher(&servers, seed).fetch(&tickers(TICKERS)?, as_of(), policy()).await;
    let log = servers.log();
    let (missing, unnamed) = missing(&fetched);
    let first = fetched.by_ticker.iter().map(|one| one.elapsed).min();
    Ok(Came {
        elapsed: fetched.elapsed.as_secs_f64(),
        first: first.unwrap_or_default().as_secs_f64(),
        bound: by_log(&SITES, &log),
        limits: by_limits(&SITES, &log),
        overstepped: servers.overstepped(),
        requests: log.len(),
        missing,
        unnamed,
    })
}

/// How many tickers' sources are not all there, and of how many of them no gap tells.
fn missing(fetched: &Fetched) -> (usize, usize) {
    let (mut missing, mut unnamed) = (0, 0);
    for one in &fetched.by_ticker {
        for site in SITES {
            let there = one.items.iter().filter(|item| item.source.as_str() == site.name).count();
            if there != due(site.asks) {
                missing += 1;
                let is_named =
                    one.gaps.iter().any(|gap| gap.source.as_ref().is_some_and(|id| id.as_str() == site.name));
                unnamed += usize::from(!is_named);
            }
        }
    }
    (missing, unnamed)
}

fn of_many(id: &str, came: &[Came]) -> Vec<Measurement> {
    let all = |value: fn(&Came) -> f64| came.iter().map(value).collect::<Vec<f64>>();
    let sum = |value: fn(&Came) -> usize| came.iter().map(value).sum::<usize>();
    let count = |metric: &str, n: usize| {
        Measurement::new(id, metric, Unit::Count, Better::Lower, Kind::Virtual, real(n)).at(HERE)
    };
    let runs = came.len();
    let makespan = of_seeds(id, "makespan", Unit::Nanoseconds, Better::Lower, all(|came| came.elapsed * 1e9));
    let ratio = of_seeds(id, "to-bound", Unit::Ratio, Better::Lower, all(|came| came.elapsed / came.bound));
    let ratio = ratio.map(|ratio| {
        let strict = mean(&all(|came| came.elapsed / came.limits)).unwrap_or(f64::NAN);
        ratio.with_figure("to-limits-alone", strict).with_note(
            "the bound: the requests that the servers saw, in their order, as early as the limits allow",
        )
    });
    let first = of_seeds(id, "first-ticker", Unit::Nanoseconds, Better::Lower, all(|came| came.first * 1e9));
    let first =
        first.map(|first| first.with_note("until the first ticker is complete: work on it can begin"));
    let missing = count("missing", sum(|came| came.missing));
    let missing =
        missing.with_note(format!("of {} answers of sources about tickers", runs * TICKERS * SITES.len()));
    let overstepped = count("over-limit", sum(|came| came.overstepped));
    let overstepped = overstepped.with_note(format!(
        "of {} requests in {runs} runs, by the servers' own count",
        sum(|came| came.requests)
    ));
    let unnamed = count("unnamed", sum(|came| came.unnamed)).with_note("missing, and no gap tells of it");
    makespan.into_iter().chain(ratio).chain(first).chain([overstepped, missing, unnamed]).collect()
}

/// A figure that has one value a seed: their mean with the t interval, and how they are spread.
pub(crate) fn of_seeds(
    id: &str,
    metric: &str,
    unit: Unit,
    better: Better,
    values: Vec<f64>,
) -> Option<Measurement> {
    let sorted = Sorted::new(&values)?;
    let mut figure = Measurement::new(id, metric, unit, better, Kind::Virtual, mean(&values)?)
        .with_figure("p50", sorted.median())
        .with_figure("p95", sorted.percentile(95.0))
        .with_figure("max", sorted.max())
        .with_note(format!("mean over {} seeds", values.len()))
        .at(HERE);
    figure.interval = student_interval(&values, 0.95);
    Some(figure.with_samples(values))
}

/// A3.
pub(crate) fn measure_sequential(handover: &Handover, run: &mut Run) -> Result<(), String> {
    let id = "fetch/sequential/10-tickers";
    if !handover.wants(id) {
        return Ok(());
    }
    let (seeds, _) = seeds(handover.profile);
    let both = |seed: u64| {
        let took = |concurrency: usize| {
            paused()?.block_on(async {
                let servers = Servers::new(&SITES, seed, 0.0);
                // Nobody waits for ever, and nothing is to be cut off here.
                let policy = FetchPolicy::within(Duration::from_secs(3_600)).with_attempt(ATTEMPT);
                let policy = policy.with_concurrency(concurrency);
                let fetched = fetcher(&servers, seed).fetch(&tickers(10)?, as_of(), policy).await;
                Ok::<f64, String>(fetched.elapsed.as_secs_f64())
            })
        };
        Ok::<_, String>((took(1)?, took(usize::MAX)?))
    };
    let took: Vec<(f64, f64)> = (1..=seeds).map(both).collect::<Result<_, _>>()?;
    let of = |metric, unit, better, value: fn(&(f64, f64)) -> f64| {
        of_seeds(id, metric, unit, better, took.iter().map(value).collect())
    };
    run.measurements.extend(
        [
            of("sequential", Unit::Nanoseconds, Better::Lower, |took| took.0 * 1e9),
            of("concurrent", Unit::Nanoseconds, Better::Lower, |took| took.1 * 1e9),
            of("speed-up", Unit::Ratio, Better::Higher, |took| took.0 / took.1),
        ]
        .into_iter()
        .flatten()
        .map(|m| m.with_note("one source of one ticker after the other, and all at once; the same limits")),
    );
    Ok(())
}

/// A5.
pub(crate) fn measure_again(handover: &Handover, run: &mut Run) -> Result<(), String> {
    let id = "fetch/again/20-tickers";
    if !handover.wants(id) {
        return Ok(());
    }
    let (seeds, _) = seeds(handover.profile);
    let (mut asked, mut processor, mut cold_times) = (0, Vec::new(), Vec::new());
    for seed in 1..=seeds {
        let (cold, warm, took) = paused()?.block_on(async {
            let servers = Servers::new(&SITES, seed, 0.0);
            let clock: Arc<dyn Clock> = Arc::new(VirtualClock::starting_at(Timestamp::UNIX_EPOCH));
            let level = Level::memory(Arc::new(MemoryTier::new(64 << 20, Arc::clone(&clock))));
            let level =
                level.with_deadline(Duration::from_secs(10)).with_fresh_at_most(Duration::from_secs(3_600));
            let cache = Tiered::new(vec![level], clock, Seed::new(seed));
            let fetcher = || fetcher(&servers, seed).with_cache(cache.clone());
            let tickers = tickers(TICKERS)?;
            let cold = fetcher().fetch(&tickers, as_of(), policy()).await;
            tokio::time::advance(Duration::from_secs(3_000)).await;
            let before = Instant::now();
            let warm = fetcher().fetch(&tickers, as_of(), policy()).await;
            let took = before.elapsed();
            let same =
                cold.by_ticker.iter().zip(&warm.by_ticker).all(|(cold, warm)| cold.items == warm.items);
            same.then_some((cold, warm, took)).ok_or_else(|| "fetch the same again: it is another".to_owned())
        })?;
        asked += warm.requests();
        processor.push(took.as_secs_f64() * 1e9);
        cold_times.push(cold.elapsed.as_secs_f64() * 1e9);
    }
    let cold = of_seeds(id, "cold", Unit::Nanoseconds, Better::Lower, cold_times);
    let warm = Measurement::of_samples(id, "warm", Unit::Nanoseconds, Better::Lower, Kind::Timed, processor);
    let ratio = cold.as_ref().zip(warm.as_ref()).map(|(cold, warm)| {
        Measurement::new(id, "cold-to-warm", Unit::Ratio, Better::Higher, Kind::Timed, cold.value / warm.value)
            .with_note("the waiting of a first fetch in virtual time, by the time that a second one takes on the processor")
            .at(HERE)
    });
    let asked = usize::try_from(asked).map_err(|e| e.to_string())?;
    let requests =
        Measurement::new(id, "warm-requests", Unit::Count, Better::Lower, Kind::Virtual, real(asked));
    let requests = requests
        .with_note(format!("50 minutes later, of an hour that answers are fresh; {seeds} seeds"))
        .at(HERE);
    run.measurements
        .extend([cold, warm.map(|warm| warm.at(HERE)), ratio, Some(requests)].into_iter().flatten());
    Ok(())
}

fn fetcher(servers: &Servers, seed: u64) -> Fetcher {
    let clock = Arc::new(VirtualClock::starting_at(Timestamp::UNIX_EPOCH));
    Fetcher::new(Arc::new(servers.clone()), sources(), clock)
        .with_retries(RetryPolicy::default(), Seed::new(seed))
}

fn policy() -> FetchPolicy {
    FetchPolicy::within(DEADLINE).with_attempt(ATTEMPT)
}

pub(crate) fn as_of() -> AsOf {
    AsOf::at(Timestamp::UNIX_EPOCH)
}

pub(crate) fn tickers(n: usize) -> Result<Vec<Ticker>, String> {
    (0..n).map(|n| format!("T{n}").parse::<Ticker>().map_err(|e| e.to_string())).collect()
}

fn paused() -> Result<tokio::runtime::Runtime, String> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_time().start_paused(true).build().map_err(|e| e.to_string())
}

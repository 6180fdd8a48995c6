//! What the fetcher costs on the processor, beside the same requests joined by nobody in particular.

use std::{sync::Arc, time::Duration};

use assize_altdata::{FetchPolicy, Fetcher, Outcome, Query, Source, SourceKind, Ticker};
use assize_ambient::{FixedClock, Timestamp};
use assize_benches::handover::{Handover, Profile};
use assize_perf::{Better, Kind, Measurement, Run, Unit};
use assize_transport::{Error, Headers, RawResponse, Request, Transport};
use async_trait::async_trait;
use futures_util::future::join_all;
use rustix::time::{ClockId, clock_gettime};
use tokio::task::yield_now;

use crate::{
    HERE,
    makespan::{as_of, tickers},
    real,
    sources::{Asks, OfSite, Site},
};

/// So many tickers at four sources, two pages each.
const SIZES: [usize; 2] = [100, 5_000];
const SOURCES: [&str; 4] = ["one", "two", "three", "four"];
const PAGES: usize = 2;

/// Rounds of the small size and of the large one.
const fn rounds(profile: Profile) -> [usize; 2] {
    match profile {
        Profile::Smoke => [5, 1],
        Profile::Default => [60, 5],
        Profile::Full => [300, 15],
    }
}

/// Answers when it is asked the second time whether it has.
#[derive(Debug)]
struct AtOnce;

#[async_trait]
impl Transport for AtOnce {
    async fn send(&self, request: Request) -> Result<RawResponse, Error> {
        yield_now().await;
        Ok(RawResponse::new(&request, 200, Headers::default(), "it is so", Timestamp::UNIX_EPOCH))
    }
}

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_time().build().map_err(|e| e.to_string())?;
    let mut medians = Vec::new();
    for (size, rounds) in SIZES.into_iter().zip(rounds(handover.profile)) {
        let id = format!("fetch/cost/{size}-tickers");
        if handover.wants(&id) || handover.wants("fetch/cost/growth") {
            let overhead = runtime.block_on(of_size(&id, size, rounds))?;
            medians.push(overhead[0].value);
            run.measurements.extend(overhead);
        }
    }
    if let [small, large] = medians[..] {
        let growth = large / small;
        run.measurements.push(
            Measurement::new(
                "fetch/cost/growth",
                "per-request",
                Unit::Ratio,
                Better::Lower,
                Kind::Timed,
                growth,
            )
            .with_note(format!("per request of {} tickers against {}: 1 is linear", SIZES[1], SIZES[0]))
            .at(HERE),
        );
    }
    Ok(())
}

async fn of_size(id: &str, size: usize, rounds: usize) -> Result<[Measurement; 3], String> {
    let (tickers, sources) = (tickers(size)?, sources());
    let requests = real(size * SOURCES.len() * PAGES);
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        let before = processor();
        let found = fetched(&tickers, &sources).await;
        let between = processor();
        let due = joined(&tickers, &sources).await?;
        let after = processor();
        if found != due {
            return Err(format!("fetch {size} tickers: {found} items came of {due}"));
        }
        // The first warms up.
        if round > 0 {
            ours.push((between - before).as_secs_f64() * 1e9 / requests);
            bare.push((after - between).as_secs_f64() * 1e9 / requests);
        }
    }
    let overhead: Vec<f64> = ours.iter().zip(&bare).map(|(ours, bare)| ours - bare).collect();
    let figure = |metric, samples| {
        Measurement::of_samples(id, metric, Unit::Nanoseconds, Better::Lower, Kind::Timed, samples)
            .map(|m| {
                m.with_note("per request, in time of the processor; planning and reading included").at(HERE)
            })
            .ok_or_else(|| format!("measure the {metric} of {id}: there was nothing"))
    };
    Ok([figure("overhead", overhead)?, figure("time", ours)?, figure("bare-join", bare)?])
}

fn sources() -> Vec<Arc<dyn Source>> {
    let source = |name| {
        let kind = SourceKind::Attention;
        let site = Site { name, host: name, kind, rate: 1.0, burst: 64, asks: Asks::Each(PAGES) };
        let mut source = OfSite::new(site);
        source.meta.rate = None;
        Arc::new(source) as Arc<dyn Source>
    };
    SOURCES.into_iter().map(source).collect()
}

async fn fetched(tickers: &[Ticker], sources: &[Arc<dyn Source>]) -> usize {
    let clock = Arc::new(FixedClock::new(Timestamp::UNIX_EPOCH));
    let fetcher = Fetcher::new(Arc::new(AtOnce), sources.to_vec(), clock);
    let fetched = fetcher.fetch(tickers, as_of(), FetchPolicy::within(Duration::from_secs(600))).await;
    fetched.by_ticker.iter().map(|one| one.items.len()).sum()
}

/// The same requests, planned, sent and read, all at once and without limits, bounds, order or cut.
async fn joined(tickers: &[Ticker], sources: &[Arc<dyn Source>]) -> Result<usize, String> {
    let transport: Arc<dyn Transport> = Arc::new(AtOnce);
    let pairs = tickers.iter().flat_map(|ticker| sources.iter().map(move |source| (ticker, source)));
    let asked = pairs.map(|(ticker, source)| {
        let transport = Arc::clone(&transport);
        async move {
            let query = Query::new(ticker, as_of());
            let planned = source.plan(&query).map_err(|gap| gap.to_string())?;
            let replies = join_all(planned.into_iter().map(|request| transport.send(request))).await;
            let mut all = Vec::new();
            for reply in replies {
                let reply = reply.map_err(|e| e.to_string())?;
                if let Outcome::Items { items, .. } = source.decode(&query, &reply) {
                    all.extend(items);
                }
            }
            Ok::<_, String>(all)
        }
    });
    let all: Result<Vec<_>, String> = join_all(asked).await.into_iter().collect();
    Ok(all?.iter().map(Vec::len).sum())
}

/// What this thread had of the processor until now.
fn processor() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

//! P1: a brief of fifteen tickers in virtual time, with models of 2 to 8 seconds a call, against its critical path.
//!
//! The path is worked out from what the brief's own record does not tell: when a fetch of the same sources, made alone and in the same
//! order, has each ticker complete; how long the models say that they took, the slowest of each round; and how many tickers may be
//! debated at once.

use std::{collections::BTreeMap, time::Duration};

use assize_altdata::{FetchOrder, FetchPolicy};
use assize_ambient::Seed;
use assize_benches::{
    exchange::{ExchangeDesk, tickers},
    handover::{Handover, Profile},
    pondering::CallLog,
};
use assize_perf::{Kind, Measurement, Run, Unit, statistics::mean};
use assize_pipeline::Status;

use crate::{
    bound::{in_any_order, in_turn},
    figures::{DAY, figure, of_seeds, paused, real, words},
    voices::{chains, seating},
};

const TICKERS: usize = 15;
/// What a site takes, about.
const LATENCY: Duration = Duration::from_millis(600);
/// A fetch that never ends.
const NO_END: Duration = Duration::from_secs(10 * 365 * 24 * 3_600);
const MINUTE: Duration = Duration::from_secs(60);

struct Case {
    name: &'static str,
    faults: f64,
    /// How many tickers are debated at once.
    at_once: usize,
    /// How long the research may take: with faults the SEC shuts out for ten minutes.
    research: Duration,
}

const CASES: [Case; 3] = [
    Case { name: "5-at-once", faults: 0.0, at_once: 5, research: NO_END },
    Case { name: "15-at-once", faults: 0.0, at_once: TICKERS, research: NO_END },
    Case { name: "5-at-once-faults-10-percent", faults: 0.1, at_once: 5, research: MINUTE },
];

const fn seeds(profile: Profile) -> u64 {
    match profile {
        Profile::Smoke => 1,
        Profile::Default => 5,
        Profile::Full => 50,
    }
}

/// What one brief came to.
struct Came {
    elapsed: f64,
    research: f64,
    bound: f64,
    any_order: f64,
    /// By stage: work and waiting for a place, in seconds a ticker.
    stages: BTreeMap<&'static str, (f64, f64)>,
    undecided: usize,
    calls: usize,
    over_limit: u64,
}

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    for case in &CASES {
        let id = format!("pipeline/brief/{TICKERS}-tickers-{}", case.name);
        if !handover.wants(&id) {
            continue;
        }
        let desk = ExchangeDesk::open(Seed::new(handover.seed), DAY).with_latency(LATENCY);
        let desk = desk.with_faults(case.faults)?;
        let seeds = 1..=seeds(handover.profile);
        let came = seeds.map(|seed| paused()?.block_on(one(&desk, Seed::new(seed), case)));
        run.measurements.extend(of_case(&id, &came.collect::<Result<Vec<_>, _>>()?)?);
    }
    Ok(())
}

async fn one(desk: &ExchangeDesk, chance: Seed, case: &Case) -> Result<Came, String> {
    let tickers = tickers(TICKERS)?;
    // In the order in which a brief fetches.
    let policy = FetchPolicy::within(case.research).in_order(FetchOrder::ByTicker);
    let fetched = desk.anew(chance).fetcher().fetch(&tickers, desk.as_of, policy).await;
    let log = CallLog::default();
    let desk = desk.anew(chance);
    let mut request = desk.request(&tickers);
    (request.concurrency, request.research) = (case.at_once, Some(case.research));
    let (brief, record) = desk.maker(seating(chance, &log)).run(&request).await.map_err(words)?;
    let comes = fetched.by_ticker.iter().map(|one| one.elapsed.as_secs_f64());
    let jobs: Vec<(f64, f64)> = comes.zip(chains(&tickers, &log)).collect();
    let mut stages: BTreeMap<&'static str, (f64, f64)> = BTreeMap::new();
    for span in record.tickers.iter().flat_map(|ticker| &ticker.stages) {
        let (work, wait) = stages.entry(span.stage).or_default();
        *work += span.end.saturating_sub(span.start).as_secs_f64() / real(TICKERS);
        *wait += span.start.saturating_sub(span.asked).as_secs_f64() / real(TICKERS);
    }
    Ok(Came {
        elapsed: record.elapsed.as_secs_f64(),
        research: record.research.as_secs_f64(),
        bound: in_turn(&jobs, case.at_once),
        any_order: in_any_order(&jobs, case.at_once),
        stages,
        undecided: brief.tickers.iter().filter(|ticker| ticker.status == Status::Missing).count(),
        calls: log.calls().len(),
        over_limit: desk.over_limit(),
    })
}

fn of_case(id: &str, came: &[Came]) -> Result<Vec<Measurement>, String> {
    let all = |value: &dyn Fn(&Came) -> f64| came.iter().map(value).collect::<Vec<f64>>();
    let average = |value: &dyn Fn(&Came) -> f64| mean(&all(value)).unwrap_or(f64::NAN);
    let makespan = of_seeds(id, "makespan", Unit::Nanoseconds, all(&|came| came.elapsed * 1e9))?
        .with_figure("research", average(&|came| came.research * 1e9))
        .with_note(format!(
            "{:.0} calls of models a brief, 2 to 8 s each",
            average(&|came| real(came.calls))
        ));
    let ratio = of_seeds(id, "to-critical-path", Unit::Ratio, all(&|came| came.elapsed / came.bound))?
        .with_figure("to-any-order", average(&|came| came.elapsed / came.any_order))
        .with_note("the path: a fetch alone, then each ticker's slowest turns, as many at once as may be, in the order of arrival");
    let undecided = came.iter().map(|came| came.undecided).sum();
    let over: u64 = came.iter().map(|came| came.over_limit).sum();
    let mut found = vec![
        makespan,
        ratio,
        figure(id, "undecided", Unit::Count, Kind::Virtual, real(undecided))
            .with_note(format!("of {} tickers", came.len() * TICKERS)),
        figure(id, "over-limit", Unit::Count, Kind::Virtual, real(usize::try_from(over).map_err(words)?))
            .with_note("requests, by the sites' own count"),
    ];
    let names = came.first().map(|came| came.stages.keys().copied().collect::<Vec<_>>()).unwrap_or_default();
    for stage in names {
        let of = |came: &Came| came.stages.get(stage).copied().unwrap_or_default();
        let id = format!("{id}/{stage}");
        found.push(
            of_seeds(&id, "time", Unit::Nanoseconds, all(&|came| of(came).0 * 1e9))?
                .with_figure("waited", average(&|came| of(came).1 * 1e9))
                .with_note("a ticker; research counts from the start of the run, and all tickers share it"),
        );
    }
    Ok(found)
}

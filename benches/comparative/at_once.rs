//! B4: a brief made one ticker after the other, against several at once.

use std::{sync::Arc, time::Duration};

use assize_altdata::{AsOf, Fetcher, Source, Ticker};
use assize_ambient::{Clock, FixedClock, Seed};
use assize_analysts::DIRECTION_OPTIONS;
use assize_benches::{
    handover::{Handover, Profile},
    market::{LAST_SESSION, MarketTransport},
    panels::price_of,
};
use assize_debate::{Debater, ModelDebater, Seat};
use assize_llm::{ChatRequest, Latency, SimulatedModel};
use assize_metering::ModelPrice;
use assize_perf::{
    Arm, Better, Comparison, Contrast, Effect, Estimate, Kind, Measurement, Run, Unit, Winner,
    statistics::{Bootstrap, mean},
};
use assize_pipeline::{BriefRequest, MorningBrief, Panel};
use assize_sources::CsvFolder;

use crate::paused_runtime;

const TICKERS: usize = 10;
const ID: &str = "comparison/sequential-against-concurrent/brief-10-tickers";

const fn runs(profile: Profile) -> u64 {
    match profile {
        Profile::Smoke => 5,
        Profile::Default => 30,
        Profile::Full => 200,
    }
}

/// How many tickers are worked on at once in each arm.
const ARMS: [(&str, usize); 3] = [("sequential", 1), ("five-at-once", 5), ("ten-at-once", 10)];

pub(crate) fn compare(handover: &Handover, run: &mut Run) -> Result<(), String> {
    if !handover.wants_family(ID, ARMS.map(|(arm, _)| arm)) {
        return Ok(());
    }
    let runs = runs(handover.profile);
    let price = Arc::new(price_of("gpt-4o-mini"));
    let mut times: [Vec<f64>; 3] = Default::default();
    for seed in 1..=runs {
        let mut briefs = Vec::new();
        for ((_, concurrency), times) in ARMS.iter().zip(&mut times) {
            let runtime = paused_runtime()?;
            let (elapsed, brief) = runtime.block_on(brief(Seed::new(seed), *concurrency, &price))?;
            times.push(elapsed.as_secs_f64() * 1e9);
            briefs.push(brief);
        }
        if briefs.windows(2).any(|pair| pair[0] != pair[1]) {
            return Err(format!("compare the arms: with seed {seed} they decide differently"));
        }
        handover.progress(
            usize::try_from(seed).unwrap_or(usize::MAX),
            usize::try_from(runs).unwrap_or(usize::MAX),
            ID,
        );
    }
    run.measurements.extend(measurements(&times));
    run.comparisons.push(comparison(runs, &times));
    Ok(())
}

/// Makes a brief of ten tickers, and gives its virtual time and its content.
async fn brief(
    seed: Seed,
    concurrency: usize,
    price: &Arc<ModelPrice>,
) -> Result<(Duration, serde_json::Value), String> {
    let as_of = AsOf::end_of_new_york_day(LAST_SESSION);
    let clock: Arc<dyn Clock> = Arc::new(FixedClock::new(as_of.moment()));
    let tickers = (0..TICKERS)
        .map(|n| format!("T{n}").parse::<Ticker>())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|e| e.to_string())?;
    let files = tickers.iter().map(|ticker| format!("{ticker}.csv")).collect();
    let market = MarketTransport { seed, median_wait: Duration::from_millis(400), sigma: 0.5 };
    let source: Arc<dyn Source> = Arc::new(CsvFolder::new(files));
    let fetcher = Fetcher::new(Arc::new(market), vec![source], Arc::clone(&clock));
    let maker = MorningBrief::new(fetcher, panel(seed, price), clock);
    let mut request = BriefRequest::new(tickers, as_of);
    request.concurrency = concurrency;
    request.seed = seed;
    let (brief, record) = maker.run(&request).await.map_err(|e| e.to_string())?;
    Ok((record.elapsed, brief.to_json()))
}

/// Three simulated voices that answer at random: here only their waiting matters.
fn panel(seed: Seed, price: &Arc<ModelPrice>) -> Panel {
    let voice = |n: u64| {
        let answer = |_: &ChatRequest, chance: &mut assize_ambient::Chance| {
            let p = chance.unit();
            let stance = DIRECTION_OPTIONS[usize::from(p < 0.5)];
            serde_json::json!({ "stance": stance, "probabilities": { "up": p, "down": 1.0 - p } }).to_string()
        };
        let model = SimulatedModel::new(&price.id, seed.child(&format!("voice/{n}")), answer)
            .with_latency(Latency::HOSTED);
        let debater: Arc<dyn Debater> = Arc::new(ModelDebater::new(Arc::new(model), Some(Arc::clone(price))));
        (Seat::new(format!("voice {n}"), "simulated"), debater)
    };
    (0..3).map(voice).collect()
}

fn bootstrap(label: &str) -> Bootstrap {
    Bootstrap::new(Seed::new(0).child(label))
}

fn measurements(times: &[Vec<f64>; 3]) -> Vec<Measurement> {
    let mut found = Vec::new();
    for ((arm, _), times) in ARMS.iter().zip(times) {
        let id = format!("{ID}/{arm}");
        let per_ticker: Vec<f64> = times.iter().map(|time| time / 10.0).collect();
        for (metric, values) in [("time", times), ("time-per-ticker", &per_ticker)] {
            found.extend(
                Measurement::of_samples(
                    &*id,
                    metric,
                    Unit::Nanoseconds,
                    Better::Lower,
                    Kind::Virtual,
                    values.clone(),
                )
                .map(|m| m.at("benches/comparative.rs")),
            );
        }
    }
    for ((arm, _), faster) in ARMS.iter().zip(times).skip(1) {
        let ratio = mean(&times[0]).unwrap_or(f64::NAN) / mean(faster).unwrap_or(f64::NAN);
        let mut speedup = Measurement::new(
            format!("{ID}/{arm}"),
            "speed-up",
            Unit::Ratio,
            Better::Higher,
            Kind::Virtual,
            ratio,
        )
        .at("benches/comparative.rs");
        speedup.interval = bootstrap("speed-up").paired_ratio(&times[0], faster);
        found.push(speedup.with_note("mean time of the sequential arm divided by that of this arm"));
    }
    found
}

fn comparison(runs: u64, times: &[Vec<f64>; 3]) -> Comparison {
    let arm = |((name, at_once), times): (&(&str, usize), &Vec<f64>)| {
        let interval = bootstrap("time").of(times, |resample| mean(resample).unwrap_or(f64::NAN));
        let time =
            Estimate::new(mean(times).unwrap_or(f64::NAN), Unit::Nanoseconds, Better::Lower).within(interval);
        let per_ticker = Estimate::new(time.value / 10.0, Unit::Nanoseconds, Better::Lower);
        Arm {
            name: (*name).to_owned(),
            description: format!("{TICKERS} tickers, {at_once} at once"),
            metrics: [("time".to_owned(), time), ("time per ticker".to_owned(), per_ticker)].into(),
        }
    };
    let contrast = |(slow, fast): (usize, usize)| {
        let ((against, slower), (name, faster)) =
            ((ARMS[slow].0, &times[slow]), (ARMS[fast].0, &times[fast]));
        let ratio = mean(slower).unwrap_or(f64::NAN) / mean(faster).unwrap_or(f64::NAN);
        let estimate = Estimate::new(ratio, Unit::Ratio, Better::Higher)
            .within(bootstrap("speed-up").paired_ratio(slower, faster));
        Contrast {
            metric: "time".to_owned(),
            a: against.to_owned(),
            b: name.to_owned(),
            effect: Effect::Ratio,
            verdict: format!("{name} is {} as fast as {against}", estimate.show()),
            estimate,
        }
    };
    let contrasts: Vec<Contrast> = [(0, 1), (0, 2), (1, 2)].into_iter().map(contrast).collect();
    // The last arm wins if it is faster than each of the others.
    let against_last: Vec<&Contrast> = contrasts.iter().filter(|contrast| contrast.b == ARMS[2].0).collect();
    let faster = |contrast: &&Contrast| contrast.estimate.interval.as_ref().is_some_and(|i| i.low > 1.0);
    let verdicts: Vec<&str> = against_last.iter().map(|contrast| contrast.verdict.as_str()).collect();
    let why = format!("{}; every arm decides the same", verdicts.join(", "));
    let winner = against_last.iter().all(faster).then(|| Winner { arm: ARMS[2].0.to_owned(), why });
    Comparison {
        id: ID.to_owned(),
        question: "How much sooner is a brief of ten tickers there when several are worked on at once?".to_owned(),
        arms: ARMS.iter().zip(times).map(arm).collect(),
        contrasts,
        winner,
        method: format!(
            "{runs} runs with seeds of their own, each arm with the same waits; virtual time; mean with bootstrap intervals over \
             runs, ratios of means paired by run, 95 %."
        ),
        assumptions: vec![
            "a price table takes a log-normal wait, median 400 ms".to_owned(),
            "three simulated voices a ticker, at most three rounds, each call as long as a declared hosted model takes".to_owned(),
            "no vendor limits the rate: what a limit costs is not in these figures".to_owned(),
        ],
    }
}

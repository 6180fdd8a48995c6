//! B3: a brief with alternative data, against one without: what it takes longer, and whether it decides better.
//!
//! Markets are drawn from seeds; what became of each price stands in the market's own truth, which no brief is shown. On
//! `any-day` the days are the same for all markets, whatever happens on them. `eve-of-a-jump` looks back from the evening before
//! a price jumps: there the market has planted what could be known. The second was chosen by the truth, and says only whether
//! what is there to be known is used.

use std::{collections::BTreeSet, time::Duration};

use assize_altdata::Ticker;
use assize_ambient::Seed;
use assize_benches::{
    exchange::{ExchangeDesk, tickers},
    handover::{Handover, Profile},
};
use assize_loopback::CompanyTruth;
use assize_perf::{
    Arm, Better, Comparison, Contrast, Effect, Estimate, Interval, Kind, Measurement, Run, Unit, Winner,
    statistics::{Bootstrap, mean},
};
use assize_pipeline::{Analysts, Part};
use jiff::{
    ToSpan,
    civil::{Date, date},
};

use crate::paused_runtime;

const HERE: &str = "benches/comparative.rs";
const LATENCY: Duration = Duration::from_millis(600);
const TICKERS: usize = 8;
const HORIZON: usize = 20;
const DAYS: [Date; 4] = [date(2024, 3, 15), date(2024, 9, 13), date(2025, 3, 14), date(2025, 9, 12)];
/// Jumps within these days, so many of each company.
const JUMPS: (Date, Date) = (date(2024, 1, 1), date(2026, 1, 1));
const JUMPS_EACH: usize = 2;

const ARMS: [(&str, &str, &[Part]); 3] = [
    ("with", "prices, options and alternative data", &[]),
    ("without", "prices and options", &[Part::Altdata]),
    ("prices-alone", "prices", &[Part::Altdata, Part::Options]),
];

/// The days that are asked about, and what about.
type Questions = Vec<(Date, Vec<Ticker>)>;
type Family = fn(&ExchangeDesk, &[Ticker]) -> Questions;

const FAMILIES: [(&str, Family); 2] = [("any-day", any_day), ("eve-of-a-jump", eve_of_a_jump)];

const fn seeds(profile: Profile) -> u64 {
    match profile {
        Profile::Smoke => 2,
        Profile::Default => 8,
        Profile::Full => 60,
    }
}

/// How an arm fared in one market.
#[derive(Debug, Clone, Copy, Default)]
struct Fared {
    /// The mean squared error of p(up).
    brier: f64,
    /// The share of right directions; one half where p(up) is one half.
    hits: f64,
    /// Of a brief, in seconds.
    time: f64,
    /// Decisions that were scored.
    scored: usize,
}

/// How the arms fared in one market, in the order of the arms.
type InMarket = [Fared; ARMS.len()];

pub(crate) fn compare(handover: &Handover, run: &mut Run) -> Result<(), String> {
    for (name, family) in FAMILIES {
        let id = format!("comparison/altdata/{name}");
        if !handover.wants_family(&id, ARMS.map(|(arm, ..)| arm)) {
            continue;
        }
        let seeds = seeds(handover.profile);
        let mut markets: Vec<InMarket> = Vec::new();
        for seed in 1..=seeds {
            let market =
                in_market(Seed::new(handover.seed).child("altdata").child(&seed.to_string()), family)?;
            // A market in which nothing could be scored says nothing.
            markets.extend(market);
            let count = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
            handover.progress(count(seed), count(seeds), &id);
        }
        if markets.len() < 2 {
            return Err(format!("compare {id}: nothing was decided in {seeds} markets"));
        }
        run.measurements.extend(measurements(&id, &markets));
        run.comparisons.push(comparison(&id, &markets));
    }
    Ok(())
}

fn in_market(seed: Seed, family: Family) -> Result<Option<InMarket>, String> {
    let desk = ExchangeDesk::open(seed, DAYS[0]).with_latency(LATENCY);
    let tickers = tickers(TICKERS)?;
    let questions = family(&desk, &tickers);
    let (mut scores, mut times) = ([(0.0, 0.0, 0_usize); ARMS.len()], [0.0; ARMS.len()]);
    for (day, asked) in &questions {
        let desk = desk.on(*day);
        let mut told: Vec<Vec<Option<f64>>> = Vec::new();
        for ((_, _, without), time) in ARMS.iter().zip(&mut times) {
            let desk = desk.anew(seed);
            let mut request = desk.request(asked);
            request.without = without.iter().copied().collect::<BTreeSet<Part>>();
            let made = paused_runtime()?.block_on(desk.maker(Analysts::default()).run(&request));
            let (brief, record) = made.map_err(|e| e.to_string())?;
            *time += record.elapsed.as_secs_f64();
            told.push(brief.tickers.iter().map(|ticker| Some(ticker.decision.as_ref()?.p_up)).collect());
        }
        for (n, ticker) in asked.iter().enumerate() {
            let Some(rises) = rises(&desk, ticker, *day) else { continue };
            // Only what every arm has decided can be compared.
            let Some(all) = told.iter().map(|arm| arm[n]).collect::<Option<Vec<f64>>>() else { continue };
            for ((brier, hits, count), p) in scores.iter_mut().zip(all) {
                let came = f64::from(u8::from(rises));
                *brier += (p - came).powi(2);
                *hits += if (p - 0.5).abs() < 1e-9 { 0.5 } else { f64::from(u8::from((p > 0.5) == rises)) };
                *count += 1;
            }
        }
    }
    let fared = |((brier, hits, scored), time): ((f64, f64, usize), f64)| Fared {
        brier: brier / real(scored),
        hits: hits / real(scored),
        time: time / real(questions.len()),
        scored,
    };
    let mut all = scores.into_iter().zip(times).map(fared);
    let market: InMarket = std::array::from_fn(|_| all.next().unwrap_or_default());
    Ok((market[0].scored > 0).then_some(market))
}

fn any_day(_: &ExchangeDesk, tickers: &[Ticker]) -> Questions {
    DAYS.into_iter().map(|day| (day, tickers.to_vec())).collect()
}

fn eve_of_a_jump(desk: &ExchangeDesk, tickers: &[Ticker]) -> Questions {
    let eves = |ticker: &Ticker| {
        let jumps = desk.company(ticker, JUMPS.0, JUMPS.1).map(|company| company.jumps).unwrap_or_default();
        let eve = |day: Date| Some((day.yesterday().ok()?, vec![ticker.clone()]));
        jumps.into_iter().take(JUMPS_EACH).filter_map(|jump| eve(jump.date)).collect::<Vec<_>>()
    };
    tickers.iter().flat_map(eves).collect()
}

/// Whether a share is worth more so many sessions later, dividends included.
fn rises(desk: &ExchangeDesk, ticker: &Ticker, day: Date) -> Option<bool> {
    let truth: CompanyTruth =
        desk.company(ticker, day.saturating_sub(14.days()), day.saturating_add(60.days()))?;
    let start = truth.bars.iter().rposition(|bar| bar.date <= day)?;
    let (from, to) = (truth.bars.get(start)?, truth.bars.get(start + HORIZON)?);
    let within = |on: Date| from.date < on && on <= to.date;
    let shares_by = |by: Date| -> f64 {
        truth.splits.iter().filter(|(on, _)| within(*on) && *on <= by).map(|(_, times)| times).product()
    };
    let paid: f64 =
        truth.dividends.iter().filter(|(on, _)| within(*on)).map(|(on, each)| each * shares_by(*on)).sum();
    Some(to.close * shares_by(to.date) + paid > from.close)
}

/// A figure of all markets, with its interval: markets are drawn again, with all that was measured in each.
fn over(markets: &[InMarket], label: &str, figure: impl Fn(&[&InMarket]) -> f64) -> (f64, Option<Interval>) {
    let places: Vec<f64> = (0..markets.len()).map(real).collect();
    let pick = |places: &[f64]| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "they are places")]
        let picked: Vec<&InMarket> = places.iter().filter_map(|place| markets.get(*place as usize)).collect();
        figure(&picked)
    };
    let interval = Bootstrap::new(Seed::new(0).child(label)).of(&places, pick);
    (pick(&places), interval)
}

fn average(markets: &[&InMarket], value: impl Fn(&InMarket) -> f64) -> f64 {
    mean(&markets.iter().map(|market| value(market)).collect::<Vec<f64>>()).unwrap_or(f64::NAN)
}

/// What the first arm has before another one.
struct Gain {
    metric: &'static str,
    unit: Unit,
    better: Better,
    of: fn(&Fared, &Fared) -> f64,
}

const GAINS: [Gain; 3] = [
    Gain { metric: "hit-gain", unit: Unit::Fraction, better: Better::Higher, of: |a, b| a.hits - b.hits },
    Gain { metric: "brier-gain", unit: Unit::Score, better: Better::Higher, of: |a, b| b.brier - a.brier },
    Gain {
        metric: "time-added",
        unit: Unit::Nanoseconds,
        better: Better::Lower,
        of: |a, b| (a.time - b.time) * 1e9,
    },
];

/// Points of hits for each second that the first arm takes longer.
fn return_on_time(markets: &[&InMarket], other: usize) -> f64 {
    let gain = average(markets, |market| market[0].hits - market[other].hits);
    100.0 * gain / average(markets, |market| market[0].time - market[other].time)
}

fn measurements(id: &str, markets: &[InMarket]) -> Vec<Measurement> {
    let mut found = Vec::new();
    let scored: usize = markets.iter().map(|market| market[0].scored).sum();
    let note = format!("{} markets, {scored} decisions that every arm made", markets.len());
    for (n, (arm, ..)) in ARMS.iter().enumerate() {
        let id = format!("{id}/{arm}");
        let mut put = |metric: &str, unit, better, value: &dyn Fn(&[&InMarket]) -> f64| {
            let (value, interval) = over(markets, metric, value);
            let mut figure = Measurement::new(&*id, metric, unit, better, Kind::Virtual, value);
            figure.interval = interval;
            found.push(figure.with_note(&note).at(HERE));
        };
        put("hits", Unit::Fraction, Better::Higher, &|markets| average(markets, |market| market[n].hits));
        put("brier", Unit::Score, Better::Lower, &|markets| average(markets, |market| market[n].brier));
        put("time", Unit::Nanoseconds, Better::Lower, &|markets| {
            average(markets, |market| market[n].time * 1e9)
        });
        if n == 0 {
            for Gain { metric, unit, better, of } in GAINS {
                put(metric, unit, better, &|markets| average(markets, |market| of(&market[0], &market[1])));
            }
            let per_second = Unit::Other("points/s".to_owned());
            put("return-on-time", per_second, Better::Higher, &|markets| return_on_time(markets, 1));
        }
    }
    found
}

fn comparison(id: &str, markets: &[InMarket]) -> Comparison {
    let estimate = |label: &str, unit: Unit, better, value: &dyn Fn(&[&InMarket]) -> f64| {
        let (value, interval) = over(markets, label, value);
        Estimate::new(value, unit, better).within(interval)
    };
    let arm = |(n, (name, description, _)): (usize, &(&str, &str, &[Part]))| {
        let of = |unit, better, value: &dyn Fn(&Fared) -> f64| {
            estimate(name, unit, better, &|markets| average(markets, |market| value(&market[n])))
        };
        Arm {
            name: (*name).to_owned(),
            description: (*description).to_owned(),
            metrics: [
                ("hits".to_owned(), of(Unit::Fraction, Better::Higher, &|fared| fared.hits)),
                ("brier".to_owned(), of(Unit::Score, Better::Lower, &|fared| fared.brier)),
                ("time".to_owned(), of(Unit::Nanoseconds, Better::Lower, &|fared| fared.time * 1e9)),
            ]
            .into(),
        }
    };
    let mut contrasts = Vec::new();
    for (other, (against, ..)) in ARMS.iter().enumerate().skip(1) {
        for Gain { metric, unit, better, of } in GAINS {
            let value = |markets: &[&InMarket]| average(markets, |market| of(&market[0], &market[other]));
            contrasts.push(contrast(metric, against, estimate(metric, unit, better, &value)));
        }
        let unit = Unit::Other("points/s".to_owned());
        let value = |markets: &[&InMarket]| return_on_time(markets, other);
        contrasts.push(contrast(
            "return-on-time",
            against,
            estimate("return-on-time", unit, Better::Higher, &value),
        ));
    }
    let briers: Vec<&Contrast> =
        contrasts.iter().filter(|contrast| contrast.metric == "brier-gain").collect();
    let is_better = |contrast: &&&Contrast| contrast.estimate.interval.as_ref().is_some_and(|i| i.low > 0.0);
    let why = briers.iter().map(|contrast| contrast.verdict.as_str()).collect::<Vec<_>>().join("; ");
    let wins = briers.iter().filter(is_better).count() == briers.len();
    let scored: usize = markets.iter().map(|market| market[0].scored).sum();
    Comparison {
        id: id.to_owned(),
        question: "Does a brief decide better with alternative data, and what does it take longer?".to_owned(),
        arms: ARMS.iter().enumerate().map(arm).collect(),
        contrasts,
        winner: wins.then(|| Winner { arm: ARMS[0].0.to_owned(), why }),
        method: format!(
            "{} invented markets with seeds of their own, {scored} decisions that every arm made, each held against what the price came \
             to {HORIZON} sessions later; the same analysts in each arm; virtual time; means over markets with bootstrap intervals \
             over markets, paired, 95 %. Brier: mean squared error of p(up), 0.25 for one half throughout.",
            markets.len()
        ),
        assumptions: vec![
            "prices and what is told of them are those of an invented market: how much can be known from it is its own".to_owned(),
            "no model is on the panel: what is compared is what rules make of the evidence".to_owned(),
            "a site takes 0.3 to 0.9 s for an answer, within the limits of the real ones".to_owned(),
        ],
    }
}

fn contrast(metric: &str, against: &str, estimate: Estimate) -> Contrast {
    Contrast {
        metric: metric.to_owned(),
        a: ARMS[0].0.to_owned(),
        b: against.to_owned(),
        effect: Effect::Difference,
        verdict: format!("{metric} of {} over {against}: {}", ARMS[0].0, estimate.show()),
        estimate,
    }
}

/// Counts as floats.
#[expect(clippy::cast_precision_loss, reason = "counts of decisions are far below 2^52")]
const fn real(n: usize) -> f64 {
    n as f64
}

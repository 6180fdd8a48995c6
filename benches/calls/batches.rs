//! L7: how long batches take against the least that they can take, and against one call after another. L5: that no more are
//! under way at once than agreed.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use assize_benches::handover::{Handover, Profile};
use assize_llm::Batch;
use assize_loopback::{Latency, World};
use assize_perf::{Better, Kind, Measurement, Run, Unit, statistics::mean};
use tokio::time::Instant;

use crate::{
    figures::{HERE, count, over_seeds, real},
    stack::{Limits, OPENAI, Stack, paused_runtime, request, unlimited, world},
};

/// How many calls a batch has, and how many of them are made at once.
const BATCHES: [(usize, usize); 5] = [(3, 3), (5, 5), (5, 3), (200, 5), (200, 3)];

const fn seeds(profile: Profile) -> u64 {
    match profile {
        Profile::Smoke => 5,
        Profile::Default => 30,
        Profile::Full => 200,
    }
}

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    for (calls, at_once) in BATCHES {
        let id = format!("llm/batch/{calls}-calls-{at_once}-at-once");
        if !handover.wants(&id) {
            continue;
        }
        let batches = (1..=seeds(handover.profile))
            .map(|seed| paused_runtime()?.block_on(batch(seed, calls, at_once)))
            .collect::<Result<Vec<_>, String>>()?;
        run.measurements.extend(figures(&id, &batches, at_once)?);
    }
    Ok(())
}

/// How long a batch took, and what it is held against.
struct Made {
    /// Of the calls one after another, each.
    lengths: Vec<Duration>,
    makespan: Duration,
    most_in_flight: u64,
}

async fn batch(seed: u64, calls: usize, at_once: usize) -> Result<Made, String> {
    // A call takes what its content says, whoever makes it and when: so twins of one world take the same.
    let (alone, together) = (hosted(seed), hosted(seed));
    let requests = || (0..calls).map(|n| request(u64::try_from(n).unwrap_or(u64::MAX)));
    let limits = || Limits { at_once, rate: unlimited(), ..Limits::usual() };
    let one_by_one = Stack::in_process(OPENAI, &alone, limits())?;
    let mut lengths = Vec::with_capacity(calls);
    let mut texts = Vec::with_capacity(calls);
    for request in requests() {
        let began = Instant::now();
        texts.push(one_by_one.model.complete(request).await.map_err(|e| e.to_string())?.text);
        lengths.push(began.elapsed());
    }
    let stack = Stack::in_process(OPENAI, &together, limits())?;
    let places = NonZeroUsize::new(at_once).ok_or("at least one call at once")?;
    let began = Instant::now();
    let replies = Batch::of(places).complete_all(Arc::clone(&stack.model), requests()).await;
    let makespan = began.elapsed();
    let same =
        replies.iter().zip(&texts).all(|(reply, text)| reply.as_ref().is_ok_and(|reply| reply.text == *text));
    if replies.len() != calls || !same {
        return Err("a batch gave other replies than the calls one by one".to_owned());
    }
    Ok(Made { lengths, makespan, most_in_flight: together.truth().vendors[&OPENAI.vendor].most_in_flight })
}

fn hosted(seed: u64) -> World {
    world(seed).with_latency(Latency::HOSTED)
}

/// The least that calls of these lengths can take: that of the longest, and their sum on so many places.
fn bound(lengths: &[Duration], at_once: usize) -> f64 {
    let longest = lengths.iter().max().copied().unwrap_or_default().as_secs_f64();
    longest.max(sum(lengths) / real(at_once))
}

fn sum(lengths: &[Duration]) -> f64 {
    lengths.iter().sum::<Duration>().as_secs_f64()
}

/// The least that the best order of a few calls takes: all ways to hand them out.
fn best(lengths: &[Duration], at_once: usize) -> f64 {
    let mut places = vec![0.0_f64; at_once];
    let lengths: Vec<f64> = lengths.iter().map(Duration::as_secs_f64).collect();
    fn hand_out(rest: &[f64], places: &mut [f64]) -> f64 {
        let Some((length, rest)) = rest.split_first() else {
            return places.iter().copied().fold(0.0, f64::max);
        };
        let mut best = f64::INFINITY;
        for place in 0..places.len() {
            places[place] += length;
            best = best.min(hand_out(rest, places));
            places[place] -= length;
        }
        best
    }
    hand_out(&lengths, &mut places)
}

fn figures(id: &str, batches: &[Made], at_once: usize) -> Result<Vec<Measurement>, String> {
    let figure = |metric, unit, better, of: &dyn Fn(&Made) -> f64| {
        over_seeds(id, metric, unit, better, Kind::Virtual, batches.iter().map(of).collect())
    };
    let mut found: Vec<Measurement> = [
        figure("makespan", Unit::Nanoseconds, Better::Lower, &|made| made.makespan.as_secs_f64() * 1e9),
        figure("makespan-ratio", Unit::Ratio, Better::Lower, &|made| {
            made.makespan.as_secs_f64() / bound(&made.lengths, at_once)
        })
        .map(|m| {
            m.with_note("makespan divided by the larger of the longest call and the sum over the places")
        }),
        figure("speed-up", Unit::Ratio, Better::Higher, &|made| {
            sum(&made.lengths) / made.makespan.as_secs_f64()
        })
        .map(|m| m.with_note("time of the same calls one after another divided by the makespan")),
    ]
    .into_iter()
    .flatten()
    .collect();
    if batches.iter().all(|made| made.lengths.len() <= 6) {
        let against_best = figure("best-order-ratio", Unit::Ratio, Better::Lower, &|made| {
            made.makespan.as_secs_f64() / best(&made.lengths, at_once)
        });
        found.extend(against_best.map(|m| m.with_note("makespan divided by that of the best of all orders")));
    }
    let lengths: Vec<f64> =
        batches.iter().flat_map(|made| &made.lengths).map(Duration::as_secs_f64).collect();
    let mean = mean(&lengths).ok_or("find a call's length")?;
    found = found.into_iter().map(|m| m.with_note(format!("a call takes {mean:.2} s in the mean"))).collect();
    let most = batches.iter().map(|made| made.most_in_flight).max().unwrap_or_default();
    let beyond = most.saturating_sub(u64::try_from(at_once).unwrap_or(u64::MAX));
    let note = format!("the vendor saw {most} calls at once at most");
    found.push(count(id, "beyond-limit", Better::Lower, Kind::Virtual, beyond).with_note(note).at(HERE));
    Ok(found)
}

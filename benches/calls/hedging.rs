//! L5: what a second request does to the slowest calls, and what it costs; and a second vendor for when the first is down.

use std::{sync::Arc, time::Duration};

use assize_benches::handover::{Handover, Profile};
use assize_llm::{ChatModel, Fallback, Hedged, Hedging};
use assize_loopback::{Fault, Faults, Latency, World};
use assize_perf::{Better, Kind, Measurement, Run, Unit, statistics::Sorted};
use futures_util::{StreamExt, stream};
use tokio::time::Instant;

use crate::{
    figures::{HERE, over_seeds, share},
    stack::{FORMATS, Limits, OPENAI, Stack, ledger, paused_runtime, request, world},
};

/// A hosted model of which one call in thirty takes ten times as long to begin.
const HEAVY_TAIL: Latency = Latency { straggler_rate: 1.0 / 30.0, straggler_factor: 10.0, ..Latency::HOSTED };
/// So many callers ask at once.
const CALLERS: usize = 16;

/// Seeds, and the calls of each.
const fn extent(profile: Profile) -> (u64, u64) {
    match profile {
        Profile::Smoke => (2, 1_000),
        Profile::Default => (10, 3_000),
        Profile::Full => (50, 10_000),
    }
}

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    let (seeds, calls) = extent(handover.profile);
    let id = "llm/hedge/heavy-tail";
    if handover.wants(id) {
        let mut p99 = [Vec::new(), Vec::new(), Vec::new()];
        let (mut asked, mut second) = (0, 0);
        for seed in 1..=seeds {
            let plain = paused_runtime()?.block_on(tail(seed, calls, false))?;
            let hedged = paused_runtime()?.block_on(tail(seed, calls, true))?;
            p99[0].push(plain.p99);
            p99[1].push(hedged.p99);
            p99[2].push(plain.p99 / hedged.p99);
            asked += calls;
            second += hedged.seen - calls;
        }
        let [plain, hedged, gain] = p99;
        let time =
            |metric, values| over_seeds(id, metric, Unit::Nanoseconds, Better::Lower, Kind::Virtual, values);
        run.measurements.extend(time("p99", hedged));
        run.measurements.extend(time("p99-unhedged", plain));
        let gain = over_seeds(id, "p99-gain", Unit::Ratio, Better::Higher, Kind::Virtual, gain);
        run.measurements
            .extend(gain.map(|m| m.with_note("p99 without second requests divided by that with them")));
        run.measurements.push(share(id, "second-requests", Better::Lower, Kind::Virtual, second, asked)?);
    }
    let id = "llm/fallback/first-down";
    if handover.wants(id) {
        run.measurements.extend(fallback(id, calls)?);
    }
    Ok(())
}

struct Tail {
    p99: f64,
    seen: u64,
}

/// The slowest of many calls, each through the whole stack.
async fn tail(seed: u64, calls: u64, is_hedged: bool) -> Result<Tail, String> {
    let world = world(seed).with_latency(HEAVY_TAIL);
    let stack = Stack::in_process(OPENAI, &world, Limits::never_binding())?;
    let model: Arc<dyn ChatModel> = if is_hedged {
        Arc::new(Hedged::new(Arc::clone(&stack.model), Hedging::after(Duration::from_secs(5))))
    } else {
        Arc::clone(&stack.model)
    };
    let took = times(&model, calls).await?;
    let sorted = Sorted::new(&took).ok_or("find the time of a call")?;
    Ok(Tail { p99: sorted.percentile(99.0), seen: world.truth().vendors[&OPENAI.vendor].seen })
}

/// What each call takes, some made at once; each must be answered.
async fn times(model: &Arc<dyn ChatModel>, calls: u64) -> Result<Vec<f64>, String> {
    let ends = stream::iter(0..calls).map(async |n| {
        let began = Instant::now();
        let end = model.complete(request(n)).await;
        end.map(|_| began.elapsed().as_secs_f64() * 1e9).map_err(|e| e.to_string())
    });
    let ends: Vec<Result<f64, String>> = ends.buffer_unordered(CALLERS).collect().await;
    ends.into_iter().collect()
}

/// How many calls are answered where the first of two vendors is down, and what that takes.
fn fallback(id: &str, calls: u64) -> Result<Vec<Measurement>, String> {
    paused_runtime()?.block_on(async {
        let down = Faults::none().with(Fault::ServerError, 1.0).map_err(|e| e.to_string())?;
        let (first, second): (World, World) = (
            world(1).with_latency(Latency::HOSTED).with_faults(down),
            world(2).with_latency(Latency::HOSTED),
        );
        // The second model's call is booked as a retry of the first's: that needs one ledger for both.
        let limits = Limits { ledger: Some(ledger()?), ..Limits::never_binding() };
        let first_stack = Stack::in_process(FORMATS[0], &first, limits.clone())?;
        let second_stack = Stack::in_process(FORMATS[1], &second, limits)?;
        let chain = Fallback::new(Arc::clone(&first_stack.model)).or(Arc::clone(&second_stack.model));
        let model: Arc<dyn ChatModel> = Arc::new(chain);
        let took = times(&model, calls).await?;
        let sorted = Sorted::new(&took).ok_or("find the time of a call")?;
        let answered = second.truth().vendors[&FORMATS[1].vendor].total_served().requests;
        let asked = first.truth().vendors[&FORMATS[0].vendor].seen;
        let time = |metric, p| {
            let value = sorted.percentile(p);
            Measurement::new(id, metric, Unit::Nanoseconds, Better::Lower, Kind::Virtual, value).at(HERE)
        };
        let note = format!(
            "{asked} requests went to the first vendor, which answers each with 500, for {calls} calls"
        );
        Ok(vec![
            share(id, "answered", Better::Higher, Kind::Virtual, answered, calls)?,
            time("p50", 50.0).with_note(note.clone()),
            time("p99", 99.0).with_note(note),
        ])
    })
}

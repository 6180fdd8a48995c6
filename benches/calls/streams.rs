//! Streams in this process: many read by one task, and how soon one that is dropped is gone.

use std::{
    future::poll_fn,
    sync::Arc,
    task::Poll,
    time::{Duration, Instant},
};

use assize_ambient::Chance;
use assize_benches::handover::{Handover, Profile};
use assize_llm::{ReplyDelta, ReplyStream};
use assize_loopback::{Ask, Latency, World};
use assize_perf::{Better, Kind, Measurement, Run, Unit};
use futures_util::{StreamExt, future::join_all, stream::select_all};
use tokio::task::yield_now;

use crate::{
    figures::{HERE, of_count, percentiles},
    overhead::of_the_processor,
    stack::{Limits, OPENAI, Stack, request, runtime, world},
};

/// How many streams one task reads.
const FAN_IN: [usize; 3] = [1, 8, 64];
/// So many words has each reply.
const WORDS: usize = 400;

const fn times(profile: Profile) -> (usize, usize) {
    match profile {
        Profile::Smoke => (5, 200),
        Profile::Default => (30, 2_000),
        Profile::Full => (200, 20_000),
    }
}

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    let runtime = runtime()?;
    let (rounds, cancellations) = times(handover.profile);
    for n in FAN_IN {
        let id = format!("llm/fan-in/{n}-streams");
        if handover.wants(&id) {
            run.measurements.extend(runtime.block_on(fan_in(&id, n, rounds))?);
        }
    }
    for streamed in [false, true] {
        let id = format!("llm/cancel/{}", if streamed { "stream" } else { "complete" });
        if handover.wants(&id) {
            run.measurements.extend(runtime.block_on(cancelled(&id, streamed, cancellations))?);
        }
    }
    Ok(())
}

fn talkative() -> World {
    world(3).with_responder(|_: &Ask, _: &mut Chance| "word ".repeat(WORDS))
}

/// Tokens a second of the processor that one task reads from so many streams of instant vendors.
async fn fan_in(id: &str, n: usize, rounds: usize) -> Result<Option<Measurement>, String> {
    let stack = Stack::in_process(OPENAI, &talkative(), Limits::never_binding())?;
    let mut rates = Vec::with_capacity(rounds);
    for round in 0..=rounds {
        let asked = (0..n).map(|stream| {
            let number = round * n + stream;
            let question = request(u64::try_from(number).unwrap_or(u64::MAX));
            stack.model.stream(question)
        });
        let began = of_the_processor();
        let streams: Result<Vec<ReplyStream>, _> = join_all(asked).await.into_iter().collect();
        let mut all = select_all(streams.map_err(|e| e.to_string())?);
        let (mut tokens, mut replies) = (0, 0);
        while let Some(delta) = all.next().await {
            if let ReplyDelta::Done(reply) = delta.map_err(|e| e.to_string())? {
                tokens += reply.usage.tokens.total_output();
                replies += 1;
            }
        }
        let seconds = of_the_processor().saturating_sub(began).as_secs_f64();
        if replies != n {
            return Err(format!("of {n} streams {replies} came to their end"));
        }
        // The first round warms up.
        if round > 0 {
            rates.push(of_count(tokens) / seconds);
        }
    }
    let figure = Measurement::of_samples(id, "tokens", Unit::PerSecond, Better::Higher, Kind::Timed, rates);
    let note = format!(
        "tokens, a second of the processor, of replies of {WORDS} words each, one event a token, through the whole stack, read by one task; what the vendors \
         take to write them is in it"
    );
    Ok(figure.map(|m| m.with_note(note).at(HERE)))
}

/// How long it takes to drop a call under way; afterwards nothing is left of it, here or at the vendor.
async fn cancelled(id: &str, streamed: bool, times: usize) -> Result<Vec<Measurement>, String> {
    let slow = if streamed {
        Latency { tokens_per_second: 0.001, ..Latency::NONE }
    } else {
        Latency { first_token_median: Duration::from_secs(3600), ..Latency::NONE }
    };
    let world = talkative().with_latency(slow);
    let stack = Stack::in_process(OPENAI, &world, Limits::never_binding())?;
    let mut took = Vec::with_capacity(times);
    for number in 0..times {
        // A task that never waits is made to, now and then: not in the middle of a call.
        yield_now().await;
        let question = request(u64::try_from(number).unwrap_or(u64::MAX));
        let model = Arc::clone(&stack.model);
        let under_way = Box::pin(async move {
            if streamed {
                let mut deltas = model.stream(question).await?;
                while deltas.next().await.transpose()?.is_some() {}
            } else {
                model.complete(question).await?;
            }
            Ok::<(), assize_llm::Error>(())
        });
        let mut under_way: std::pin::Pin<Box<dyn Future<Output = _> + Send>> = under_way;
        let state = poll_fn(|context| Poll::Ready(under_way.as_mut().poll(context))).await;
        let seen = in_flight(&world);
        if state.is_ready() || seen != 1 {
            return Err(format!("the call was not under way: {state:?}, {seen} in flight"));
        }
        let began = Instant::now();
        drop(under_way);
        took.push(began.elapsed().as_secs_f64() * 1e9);
        let left = (in_flight(&world), stack.limiter.state().in_flight, stack.gate.state().inside);
        if left != (0, 0, 0) {
            return Err(format!(
                "a cancelled call left something at the vendor, the limiter or the gate: {left:?}"
            ));
        }
    }
    let cancelled = stack.statistics.snapshot().total.cancelled;
    if cancelled != u64::try_from(times).unwrap_or(u64::MAX) {
        return Err(format!("{cancelled} of {times} calls were observed as cancelled"));
    }
    let note = "dropping a call of the whole stack under way; then nothing is in flight at the vendor, the limiter or the gate";
    Ok(percentiles(id, Kind::Timed, &took, times / 50, note))
}

fn in_flight(world: &World) -> u64 {
    world.truth().vendors[&OPENAI.vendor].in_flight
}

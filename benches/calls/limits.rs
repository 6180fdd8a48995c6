//! L4: how much of a limit that nobody states is had, and how many requests it refuses, once settled; also when it halves.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use assize_ambient::Chance;
use assize_benches::handover::{Handover, Profile};
use assize_llm::ChatRequest;
use assize_loopback::{Ask, Latency, Limit, World};
use assize_perf::{Better, Kind, Measurement, Run, Unit};
use assize_transport::{LimiterOptions, Pace};
use tokio::{task::JoinSet, time::sleep};

use crate::{
    figures::{of_count, over_seeds},
    stack::{Limits, OPENAI, Stack, paused_runtime, world},
};

/// A hidden limit: its name, requests a minute, and how many may come at once.
const LIMITS: [(&str, u32, u32); 2] = [("smooth", 1_200, 5), ("minute-with-burst", 600, 100)];
/// So many callers never stop asking: more than any of the limits bears.
const CALLERS: u64 = 64;
/// What it takes to settle: from the first call, and from the halving.
const SETTLING: Duration = Duration::from_secs(300);

const fn modes() -> [(&'static str, Pace); 2] {
    [("default", Pace::Seeking), ("stepwise", Pace::Stepwise { window: Duration::from_secs(10) })]
}

/// Seeds, and for how long it is looked at what is had.
const fn extent(profile: Profile) -> (u64, Duration) {
    match profile {
        Profile::Smoke => (1, Duration::from_secs(300)),
        Profile::Default => (3, Duration::from_secs(900)),
        Profile::Full => (10, Duration::from_secs(3600)),
    }
}

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    let (seeds, length) = extent(handover.profile);
    for (mode, pace) in modes() {
        for (name, per_minute, burst) in LIMITS {
            let id = format!("llm/limit/{mode}-{name}");
            let halved = format!("{id}-halved");
            if !handover.wants(&id) && !handover.wants(&halved) {
                continue;
            }
            let limit = Limit::per_minute(per_minute).with_burst(burst);
            let mut had = [Vec::new(), Vec::new()];
            for seed in 1..=seeds {
                let [whole, half] = paused_runtime()?.block_on(settled(pace, limit, seed, length))?;
                had[0].push(whole);
                had[1].push(half);
            }
            for (id, had) in [id, halved].into_iter().zip(had) {
                run.measurements.extend(figures(&id, &had));
            }
        }
    }
    Ok(())
}

/// What was had of a limit, as shares.
struct Had {
    reached: f64,
    rejected: f64,
}

/// Asks without end; what is had of a limit after settling, and then of half of it after settling again.
async fn settled(pace: Pace, limit: Limit, seed: u64, length: Duration) -> Result<[Had; 2], String> {
    let latency =
        Latency { first_token_median: Duration::from_millis(500), first_token_sigma: 0.3, ..Latency::NONE };
    let world = world(seed)
        .with_responder(|_: &Ask, _: &mut Chance| "Yes.".to_owned())
        .with_latency(latency)
        .with_limit(limit);
    let rate = LimiterOptions { pace, ..LimiterOptions::default() };
    let stack = Stack::in_process(OPENAI, &world, Limits { rate, at_once: 1_000, ..Limits::usual() })?;
    let mut callers = JoinSet::new();
    let number = Arc::new(AtomicU64::new(0));
    for _ in 0..CALLERS {
        let (model, number) = (Arc::clone(&stack.model), Arc::clone(&number));
        callers.spawn(async move {
            loop {
                let n = number.fetch_add(1, Ordering::Relaxed);
                // One that is refused to the end is counted by the vendor, in each of its attempts.
                let _ = model.complete(ChatRequest::new(format!("Is it {n}?")).with_max_tokens(20)).await;
            }
        });
    }
    let whole = had(&world, limit, length).await?;
    world.set_limit(Some(limit.halved()));
    let half = had(&world, limit.halved(), length).await?;
    callers.shutdown().await;
    Ok([whole, half])
}

async fn had(world: &World, limit: Limit, length: Duration) -> Result<Had, String> {
    sleep(SETTLING).await;
    let before = counts(world)?;
    sleep(length).await;
    let after = counts(world)?;
    let (seen, refused) = (after.0 - before.0, after.1 - before.1);
    let allowed = of_count(limit.requests_per_minute()) * length.as_secs_f64() / 60.0;
    Ok(Had {
        reached: of_count(seen - refused) / allowed,
        rejected: of_count(refused) / of_count(seen.max(1)),
    })
}

/// Requests that came, and those that the limit refused.
fn counts(world: &World) -> Result<(u64, u64), String> {
    let truth = world.truth();
    truth.keys.first().map(|key| (key.seen, key.over_limit)).ok_or_else(|| "nobody asked".to_owned())
}

fn figures(id: &str, had: &[Had]) -> Vec<Measurement> {
    let figure =
        |metric, better, values| over_seeds(id, metric, Unit::Fraction, better, Kind::Virtual, values);
    let reached = figure("reached", Better::Higher, had.iter().map(|had| had.reached).collect());
    let rejected = figure("rejected", Better::Lower, had.iter().map(|had| had.rejected).collect());
    let note = format!(
        "{CALLERS} callers through the whole stack, no headers about limits; counted from {} s after the first call or the halving",
        SETTLING.as_secs()
    );
    reached.into_iter().chain(rejected).map(|m| m.with_note(note.clone())).collect()
}

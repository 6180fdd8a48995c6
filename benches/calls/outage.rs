//! L3: how often a vendor that is down is asked, and whether the waits that it asks for are kept. L8: that nothing goes
//! unbooked meanwhile.

use std::time::Duration;

use assize_benches::handover::{Handover, Profile};
use assize_loopback::{Fault, Faults, Latency, Truth, World};
use assize_metering::TokenUsage;
use assize_perf::{Better, Kind, Measurement, Run, Unit};
use futures_util::{StreamExt, stream};

use crate::{
    figures::{HERE, count, of_count},
    stack::{FORMATS, Format, Limits, OPENAI, Stack, paused_runtime, request, world},
};

const fn calls(profile: Profile) -> u64 {
    match profile {
        Profile::Smoke => 500,
        Profile::Default => 3_000,
        Profile::Full => 10_000,
    }
}

/// So many callers ask at once.
const CALLERS: usize = 16;

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    let calls = calls(handover.profile);
    for (case, limits) in
        [("budget-alone", Limits::never_binding().without_breaker()), ("whole-stack", Limits::usual())]
    {
        let id = format!("llm/outage/{case}");
        if handover.wants(&id) {
            let faults = Faults::none().with(Fault::ServerError, 1.0).map_err(|e| e.to_string())?;
            let after = asked(OPENAI, &hosted().with_faults(faults), limits, calls)?;
            run.measurements.push(attempts(&id, &after, calls));
        }
    }
    let id = "llm/outage/retry-after";
    if handover.wants(id) {
        run.measurements.extend(waits(id, calls)?);
    }
    let id = "llm/metering/every-call";
    if handover.wants(id) {
        run.measurements.extend(booked(id, calls)?);
    }
    Ok(())
}

fn hosted() -> World {
    world(11).with_latency(Latency { tokens_per_second: f64::INFINITY, ..Latency::HOSTED })
}

/// What is known once all calls have ended.
struct After {
    truth: Truth,
    stack: Stack,
    replied: u64,
}

/// Makes calls, some at once, and waits for all of them in virtual time.
fn asked(format: Format, world: &World, limits: Limits, calls: u64) -> Result<After, String> {
    paused_runtime()?.block_on(async {
        let stack = Stack::in_process(format, world, limits)?;
        let ends = stream::iter(0..calls).map(|n| stack.model.complete(request(n))).buffer_unordered(CALLERS);
        let replied = ends.fold(0, async |n, end| n + u64::from(end.is_ok())).await;
        let truth = world.truth();
        if !truth.vendors[&format.vendor].adds_up() || truth.vendors[&format.vendor].in_flight > 0 {
            return Err("the vendor's books do not add up".to_owned());
        }
        Ok(After { truth, stack, replied })
    })
}

fn attempts(id: &str, after: &After, calls: u64) -> Measurement {
    let seen = after.truth.vendors[&OPENAI.vendor].seen;
    let figure = Measurement::new(
        id,
        "attempts",
        Unit::Ratio,
        Better::Lower,
        Kind::Virtual,
        of_count(seen) / of_count(calls),
    );
    figure.at(HERE).with_note(format!(
        "{seen} requests reached a vendor that answers each with 500, for {calls} calls by {CALLERS} callers"
    ))
}

/// Refusals that ask for a wait: of every call, and of some.
fn waits(id: &str, calls: u64) -> Result<Vec<Measurement>, String> {
    let (mut asked_for, mut early_retries, mut early_requests) = (0, 0, 0);
    for format in FORMATS {
        for rate in [1.0, 0.3] {
            let faults = Faults::none().with(Fault::RateLimited, rate).map_err(|e| e.to_string())?;
            let world = hosted().with_faults(faults.with_wait(Duration::from_secs(3)));
            let after = asked(format, &world, Limits::usual(), calls / 5)?;
            for key in &after.truth.keys {
                asked_for += key.asked_to_wait;
                early_retries += key.early_retries;
                early_requests += key.early_requests;
            }
        }
    }
    if asked_for == 0 {
        return Err("no vendor asked for a wait".to_owned());
    }
    let note = format!("{asked_for} refusals of three vendors asked for a wait");
    let figure = |metric, n| count(id, metric, Better::Lower, Kind::Virtual, n).with_note(note.clone());
    Ok(vec![
        figure("early-retries", early_retries),
        figure("early-requests", early_requests)
            .with_note("of any content, with the same key, also of calls that were under way already"),
    ])
}

/// What the vendor counted and the client did not, with a tenth of the calls failing.
fn booked(id: &str, calls: u64) -> Result<Vec<Measurement>, String> {
    let faults = Faults::none()
        .with(Fault::ServerError, 0.05)
        .and_then(|faults| faults.with(Fault::RateLimited, 0.05))
        .map_err(|e| e.to_string())?;
    let after = asked(OPENAI, &hosted().with_faults(faults), Limits::usual(), calls)?;
    let served = after.truth.vendors[&OPENAI.vendor].total_served();
    let booked = after.stack.ledger.total().billed;
    let noted = after.stack.statistics.snapshot().total;
    let total = |tokens: &TokenUsage| tokens.total_input() + tokens.total_output();
    let served_tokens = served.tokens.prompt() + served.tokens.reply();
    let missed = served_tokens.abs_diff(total(&booked.tokens)) + served_tokens.abs_diff(total(&noted.tokens));
    let attempts = after.truth.vendors[&OPENAI.vendor].seen;
    let calls_missed = calls.abs_diff(noted.calls)
        + attempts.abs_diff(noted.attempts)
        + after.replied.abs_diff(noted.replied);
    let note = format!("{calls} calls in {attempts} attempts, {served_tokens} tokens, {} USD", booked.cost);
    Ok(vec![
        count(id, "tokens-missed", Better::Lower, Kind::Virtual, missed).with_note(note.clone()),
        count(id, "calls-missed", Better::Lower, Kind::Virtual, calls_missed).with_note(note),
    ])
}

//! L1: what a call takes longer than the same bytes sent to the same service by nobody in particular. In process, JSON of
//! request and reply included.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use assize_benches::handover::{Handover, Profile};
use assize_llm::{ChatModel, ChatRequest, ReplyDelta};
use assize_loopback::World;
use assize_perf::{Kind, Measurement, Run, statistics::Sorted};
use assize_transport::{Request, Transport};
use bytes::Bytes;
use futures_util::{StreamExt, future::BoxFuture};
use http_body_util::BodyExt;
use rustix::time::{ClockId, clock_gettime};
use tokio::task::yield_now;
use tower_service::Service;

use crate::{
    figures::{percentile, percentiles, real},
    stack::{
        FORMATS, Format, IN_PROCESS, Limits, OPENAI, Stack, Wrapper, in_process, runtime, vendor_model, world,
    },
};

/// So many different requests take turns.
const REQUESTS: u64 = 16;
/// So many rounds come before the first that counts.
const WARM_UP: usize = 50;

const fn rounds(profile: Profile) -> (usize, usize) {
    match profile {
        Profile::Smoke => (10, 50),
        Profile::Default => (40, 250),
        Profile::Full => (100, 1_000),
    }
}

/// What one call took, in nanoseconds.
#[derive(Debug, Clone, Copy)]
struct Took {
    whole: f64,
    /// Of the processor alone: what else ran meanwhile is not in it.
    processor: f64,
    /// Until the first piece of a stream.
    first: f64,
    pieces: usize,
}

/// One way to make a call.
trait Way {
    fn call(&self, number: usize) -> BoxFuture<'_, Result<Took, String>>;
}

/// A model, asked for whole replies or for streams.
struct OfModel {
    model: Arc<dyn ChatModel>,
    requests: Vec<ChatRequest>,
    streamed: bool,
}

impl Way for OfModel {
    fn call(&self, number: usize) -> BoxFuture<'_, Result<Took, String>> {
        let request = self.requests[number % self.requests.len()].clone();
        Box::pin(async move {
            let began = Began::now();
            if !self.streamed {
                let reply = self.model.complete(request).await.map_err(|e| e.to_string())?;
                let (whole, processor) = began.both();
                return if reply.text.is_empty() {
                    Err("it said nothing".to_owned())
                } else {
                    Ok(Took { whole, processor, first: whole, pieces: 1 })
                };
            }
            let mut deltas = self.model.stream(request).await.map_err(|e| e.to_string())?;
            let (mut first, mut pieces) = (0.0, 0);
            while let Some(delta) = deltas.next().await {
                pieces += 1;
                if pieces == 1 {
                    first = began.nanoseconds();
                }
                if let ReplyDelta::Done(_) = delta.map_err(|e| e.to_string())? {
                    drop(deltas);
                    let (whole, processor) = began.both();
                    return Ok(Took { whole, processor, first, pieces });
                }
            }
            Err("the stream ended before its reply".to_owned())
        })
    }
}

/// The service itself, with the very bytes that the model sends.
struct Bare {
    world: World,
    requests: Vec<http::Request<Bytes>>,
}

impl Way for Bare {
    fn call(&self, number: usize) -> BoxFuture<'_, Result<Took, String>> {
        let request = self.requests[number % self.requests.len()].clone();
        Box::pin(async move {
            let began = Began::now();
            let response = self.world.clone().call(request).await.map_err(|e| e.to_string())?;
            let is_success = response.status().is_success();
            let mut body = response.into_body();
            let (mut whole, mut first, mut pieces) = (Vec::new(), 0.0, 0);
            while let Some(frame) = body.frame().await {
                let data = frame.map_err(|e| e.to_string())?.into_data();
                whole.extend_from_slice(&data.unwrap_or_default());
                pieces += 1;
                if pieces == 1 {
                    first = began.nanoseconds();
                }
            }
            drop(body);
            let (took, processor) = began.both();
            if is_success {
                Ok(Took { whole: took, processor, first, pieces })
            } else {
                Err("the service refused".to_owned())
            }
        })
    }
}

/// Our transport alone, with the request as the model writes it.
struct OfTransport {
    transport: Arc<dyn Transport>,
    requests: Vec<Request>,
}

impl Way for OfTransport {
    fn call(&self, number: usize) -> BoxFuture<'_, Result<Took, String>> {
        let request = self.requests[number % self.requests.len()].clone();
        Box::pin(async move {
            let began = Began::now();
            let response = self.transport.send(request).await.map_err(|e| e.to_string())?;
            let (whole, processor) = began.both();
            if response.status() == 200 {
                Ok(Took { whole, processor, first: whole, pieces: 1 })
            } else {
                Err("the service refused".to_owned())
            }
        })
    }
}

/// The moment at which a call began: by the clock, and by what this thread had of the processor.
#[derive(Debug, Clone, Copy)]
struct Began {
    at: Instant,
    processor: Duration,
}

impl Began {
    fn now() -> Self {
        let processor = of_the_processor();
        Self { at: Instant::now(), processor }
    }

    fn nanoseconds(self) -> f64 {
        self.at.elapsed().as_secs_f64() * 1e9
    }

    /// By the clock, and of the processor.
    fn both(self) -> (f64, f64) {
        let by_the_clock = self.nanoseconds();
        (by_the_clock, of_the_processor().saturating_sub(self.processor).as_secs_f64() * 1e9)
    }
}

/// What this thread had of the processor until now.
pub(crate) fn of_the_processor() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    let runtime = runtime()?;
    for format in FORMATS {
        for streamed in [false, true] {
            let id = format!("llm/overhead/{}-{}", format.name, if streamed { "stream" } else { "complete" });
            if handover.wants(&id) {
                let took = runtime.block_on(pair(handover, format, streamed))?;
                run.measurements.extend(of_pair(&id, &took, rounds(handover.profile).0, streamed)?);
            }
        }
    }
    if Wrapper::ALL
        .iter()
        .map(|w| w.name())
        .chain(["vendor-model", "service-transport"])
        .any(|part| handover.wants(&share_id(part)))
    {
        run.measurements.extend(runtime.block_on(shares(handover))?);
    }
    Ok(())
}

fn share_id(part: &str) -> String {
    format!("llm/wrapper-overhead/{part}")
}

/// The whole stack, and the service with the same bytes, by turns.
async fn pair(handover: &Handover, format: Format, streamed: bool) -> Result<Vec<Vec<Took>>, String> {
    let world = world(7);
    let stack = Stack::in_process(format, &world, Limits::never_binding())?;
    let ways: Vec<Box<dyn Way>> = vec![of_model(&stack.model, streamed), bare(format, &world, streamed)?];
    let took = interleaved(handover, &ways).await?;
    let calls = took[0].len() + WARM_UP;
    let seen = stack.statistics.snapshot().total;
    if seen.replied != calls as u64 || stack.ledger.total().billed.calls != calls as u64 {
        return Err(format!(
            "of {calls} calls {} were observed, {} booked",
            seen.replied,
            stack.ledger.total().billed.calls
        ));
    }
    Ok(took)
}

fn of_model(model: &Arc<dyn ChatModel>, streamed: bool) -> Box<dyn Way> {
    let requests = (0..REQUESTS).map(crate::stack::request).collect();
    Box::new(OfModel { model: Arc::clone(model), requests, streamed })
}

fn bare(format: Format, world: &World, streamed: bool) -> Result<Box<dyn Way>, String> {
    let requests =
        written(format, IN_PROCESS, streamed)?.iter().map(on_the_wire).collect::<Result<_, _>>()?;
    Ok(Box::new(Bare { world: world.clone(), requests }))
}

/// The requests as the model writes them.
pub(crate) fn written(format: Format, origin: &str, streamed: bool) -> Result<Vec<Request>, String> {
    let (endpoint, model) = (format.at(origin)?, format.model.into());
    let write = |n| format.wire.request(&endpoint, &model, &crate::stack::request(n), streamed);
    (0..REQUESTS).map(|n| write(n).map_err(|e| e.to_string())).collect()
}

/// A request as any client would send it.
pub(crate) fn on_the_wire(request: &Request) -> Result<http::Request<Bytes>, String> {
    let open = request.headers().iter().map(|(name, value)| (name, value.as_str()));
    let secret = request.secret_headers().iter().map(|(name, value)| (name, value.expose()));
    let builder = http::Request::builder().method(request.method().as_str()).uri(request.expose_url());
    let builder = open.chain(secret).fold(builder, |builder, (name, value)| builder.header(name, value));
    builder.body(request.body().clone()).map_err(|e| e.to_string())
}

/// Calls by all ways in turn, each round beginning with another.
async fn interleaved(handover: &Handover, ways: &[Box<dyn Way>]) -> Result<Vec<Vec<Took>>, String> {
    let (blocks, length) = rounds(handover.profile);
    let mut took = vec![Vec::with_capacity(blocks * length); ways.len()];
    for round in 0..WARM_UP + blocks * length {
        for turn in 0..ways.len() {
            let n = (round + turn) % ways.len();
            // A task that never waits is made to, now and then: not while the clock runs.
            yield_now().await;
            let call = ways[n].call(round).await?;
            if round >= WARM_UP {
                took[n].push(call);
            }
        }
    }
    Ok(took)
}

fn of_pair(id: &str, took: &[Vec<Took>], blocks: usize, streamed: bool) -> Result<Vec<Measurement>, String> {
    let [stack, bare] = took else { return Err("two ways were to be measured".to_owned()) };
    let differences: Vec<f64> =
        stack.iter().zip(bare).map(|(stack, bare)| stack.whole - bare.whole).collect();
    let note = "time of the whole stack less that of the same bytes sent to the bare service, body collected, in the same round";
    let median = |times: Vec<f64>| Sorted::new(&times).map_or(f64::NAN, |sorted| sorted.median());
    let worst = |took: &[Took]| {
        let times: Vec<f64> = took.iter().map(|took| took.whole).collect();
        Sorted::new(&times).map_or(f64::NAN, |sorted| sorted.percentile(99.0))
    };
    let of_stack = median(stack.iter().map(|took| took.whole).collect());
    let of_bare = median(bare.iter().map(|took| took.whole).collect());
    let mut found: Vec<Measurement> = percentiles(id, Kind::Timed, &differences, blocks, note)
        .into_iter()
        .map(|m| {
            m.with_figure("stack-p50", of_stack)
                .with_figure("bare-p50", of_bare)
                .with_figure("bare-p99", worst(bare))
        })
        .collect();
    let of_processor: Vec<f64> =
        stack.iter().zip(bare).map(|(stack, bare)| stack.processor - bare.processor).collect();
    let note = "the same in time of the processor: what else ran on the machine is not in it";
    for (metric, p) in [("cpu-p50", 50.0), ("cpu-p99", 99.0)] {
        found
            .extend(percentile(id, metric, p, Kind::Timed, &of_processor, blocks).map(|m| m.with_note(note)));
    }
    if streamed {
        let first: Vec<f64> = stack.iter().zip(bare).map(|(stack, bare)| stack.first - bare.first).collect();
        let note = "the same up to the first piece of the reply";
        for (metric, p) in [("first-p50", 50.0), ("first-p99", 99.0)] {
            found.extend(percentile(id, metric, p, Kind::Timed, &first, blocks).map(|m| m.with_note(note)));
        }
        let each: Vec<f64> = stack
            .iter()
            .zip(&differences)
            .map(|(stack, difference)| difference / real(stack.pieces))
            .collect();
        let pieces = median(stack.iter().map(|took| real(took.pieces)).collect());
        let note = format!("the same, divided by the pieces of the stream: {pieces} in the median");
        found
            .extend(percentile(id, "per-piece", 50.0, Kind::Timed, &each, blocks).map(|m| m.with_note(note)));
    }
    Ok(found)
}

/// What each part of the stack takes: the whole less the whole without it.
async fn shares(handover: &Handover) -> Result<Vec<Measurement>, String> {
    let world = world(7);
    let transport = in_process(&world);
    let vendor = vendor_model(OPENAI, IN_PROCESS, Arc::clone(&transport))?;
    let around = |without| Stack::around(Arc::clone(&vendor), Limits::never_binding(), without);
    let whole = around(None)?;
    let mut ways = vec![of_model(&whole.model, false)];
    for wrapper in Wrapper::ALL {
        ways.push(of_model(&around(Some(wrapper))?.model, false));
    }
    ways.push(of_model(&vendor, false));
    ways.push(Box::new(OfTransport { transport, requests: written(OPENAI, IN_PROCESS, false)? }));
    ways.push(bare(OPENAI, &world, false)?);
    let took = interleaved(handover, &ways).await?;
    let blocks = rounds(handover.profile).0;
    let less = |id: &str, with: &[Took], without: &[Took], note: &str| {
        let times: Vec<f64> =
            with.iter().zip(without).map(|(with, without)| with.processor - without.processor).collect();
        percentile(&share_id(id), "cpu-p50", 50.0, Kind::Timed, &times, blocks).map(|m| m.with_note(note))
    };
    let n = Wrapper::ALL.len();
    let (vendor, transport, bare) = (&took[n + 1], &took[n + 2], &took[n + 3]);
    let mut found: Vec<Measurement> = Wrapper::ALL
        .iter()
        .zip(&took[1..])
        .filter_map(|(wrapper, without)| {
            less(wrapper.name(), &took[0], without, "the whole stack less the stack without it")
        })
        .collect();
    found.extend(less(
        "vendor-model",
        vendor,
        transport,
        "the vendor's model alone, its JSON included, less the transport",
    ));
    found.extend(less("service-transport", transport, bare, "the transport alone less the bare service"));
    Ok(found)
}

//! L1 and L9 over loopback TCP: the whole stack over HTTP beside a bare client, the same bytes, server and run.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use assize_ambient::SystemClock;
use assize_benches::handover::{Handover, Profile};
use assize_llm::{ChatModel, ReplyDelta};
use assize_loopback::{Latency, Server, World, serve};
use assize_perf::{Better, Kind, Measurement, Run, Unit, statistics::Sorted};
use assize_transport::{Connections, HttpTransport, Transport};
use futures_util::{StreamExt, future::try_join_all};
use tokio::{runtime::Runtime, time::sleep};

use crate::{
    figures::{HERE, count, real, share},
    overhead::{of_the_processor, on_the_wire, written},
    stack::{Limits, OPENAI, Stack, request, runtime, vendor_model, world},
};

/// How many calls are under way at once.
const AT_ONCE: [usize; 2] = [1, 32];

/// Rounds, and the calls of each.
const fn rounds(profile: Profile) -> (usize, usize) {
    match profile {
        Profile::Smoke => (6, 480),
        Profile::Default => (40, 640),
        Profile::Full => (100, 3_200),
    }
}

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    let ids = AT_ONCE.map(|n| format!("llm/loopback/{n}-at-once"));
    if ids.iter().any(|id| handover.wants(id)) || handover.wants("transport/connections/complete") {
        let sockets = Sockets::open(world(7))?;
        for (n, id) in AT_ONCE.into_iter().zip(&ids) {
            run.measurements.extend(sockets.client.block_on(sockets.beside(
                id,
                n,
                rounds(handover.profile),
            ))?);
        }
        run.measurements.extend(of_connections("transport/connections/complete", sockets.close())?);
    }
    if handover.wants("transport/connections/stream") {
        let sockets = Sockets::open(world(7))?;
        let (blocks, calls) = rounds(handover.profile);
        sockets.client.block_on(sockets.streams(blocks * calls / 4))?;
        run.measurements.extend(of_connections("transport/connections/stream", sockets.close())?);
    }
    if handover.wants("llm/cancel/over-sockets") {
        let slow = Latency { tokens_per_second: 0.001, ..Latency::NONE };
        let sockets = Sockets::open(world(7).with_latency(slow))?;
        let took = sockets.client.block_on(sockets.cancelled(rounds(handover.profile).0 * 5))?;
        let figure = Measurement::of_samples(
            "llm/cancel/over-sockets",
            "time",
            Unit::Nanoseconds,
            Better::Lower,
            Kind::Loaded,
            took,
        );
        let note =
            "from dropping a stream until the server, which is asked every 100 µs, has nothing in flight";
        run.measurements.extend(figure.map(|m| m.with_note(note).at(HERE)));
        sockets.close();
    }
    Ok(())
}

/// A world behind a socket, on a thread of its own, and what asks it.
struct Sockets {
    client: Runtime,
    serving: Runtime,
    server: Server,
    world: World,
    transport: HttpTransport,
    stack: Stack,
    bare: reqwest::Client,
    origin: String,
}

impl Sockets {
    fn open(world: World) -> Result<Self, String> {
        let client = runtime()?;
        let serving = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|e| e.to_string())?;
        let any = "127.0.0.1:0".parse().map_err(|e| format!("{e}"))?;
        let server = serving.block_on(serve(any, world.clone())).map_err(|e| e.to_string())?;
        let origin = format!("http://{}", server.addr());
        let url = origin.parse().map_err(|e| format!("{e}"))?;
        let transport =
            HttpTransport::builder(Arc::new(SystemClock)).allow(&url).build().map_err(|e| e.to_string())?;
        let model = vendor_model(OPENAI, &origin, Arc::new(transport.clone()) as Arc<dyn Transport>)?;
        let stack = Stack::around(model, Limits::never_binding(), None)?;
        let bare = reqwest::Client::builder()
            .no_proxy()
            .tcp_nodelay(true)
            .pool_max_idle_per_host(AT_ONCE[1])
            .tls_certs_only([])
            .build()
            .map_err(|e| e.to_string())?;
        Ok(Self { client, serving, server, world, transport, stack, bare, origin })
    }

    /// Closes it all, and gives what became of the transport's connections.
    fn close(self) -> Connections {
        let connections = self.transport.connections();
        self.serving.block_on(self.server.shutdown(Duration::from_secs(1)));
        connections
    }

    /// Rounds of calls by the stack and by the bare client in turns.
    async fn beside(
        &self,
        id: &str,
        at_once: usize,
        (rounds, calls): (usize, usize),
    ) -> Result<Vec<Measurement>, String> {
        let written: Vec<reqwest::Request> = written(OPENAI, &self.origin, false)?
            .iter()
            .map(|request| reqwest::Request::try_from(on_the_wire(request)?).map_err(|e| e.to_string()))
            .collect::<Result<_, _>>()?;
        let each = (calls / at_once).max(1);
        let mut of_stack = Rounds::default();
        let mut of_bare = Rounds::default();
        for round in 0..=rounds {
            for turn in [round, round + 1] {
                let (began, processor) = (Instant::now(), of_the_processor());
                let (of, took) = if turn % 2 == 0 {
                    let callers = (0..at_once).map(|caller| call_stack(&*self.stack.model, caller, each));
                    (&mut of_stack, try_join_all(callers).await?)
                } else {
                    let callers = (0..at_once).map(|caller| call_bare(&self.bare, &written, caller, each));
                    (&mut of_bare, try_join_all(callers).await?)
                };
                // The first round opens the connections.
                if round > 0 {
                    of.add(&took.concat(), began.elapsed(), of_the_processor().saturating_sub(processor));
                }
            }
        }
        Ok(compared(id, &of_stack, &of_bare, each * at_once))
    }

    /// So many streams, read to their ends.
    async fn streams(&self, n: usize) -> Result<(), String> {
        for number in 0..n {
            let question = request(u64::try_from(number % 16).unwrap_or_default());
            let mut deltas = self.stack.model.stream(question).await.map_err(|e| e.to_string())?;
            while deltas.next().await.transpose().map_err(|e| e.to_string())?.is_some() {}
        }
        Ok(())
    }

    /// The time until the server has seen that a stream was dropped.
    async fn cancelled(&self, times: usize) -> Result<Vec<f64>, String> {
        let mut took = Vec::with_capacity(times);
        for number in 0..times {
            let question = request(u64::try_from(number).unwrap_or(u64::MAX));
            let mut deltas = self.stack.model.stream(question).await.map_err(|e| e.to_string())?;
            match deltas.next().await {
                Some(Ok(ReplyDelta::Text(_))) => {}
                other => return Err(format!("a stream was to begin: {other:?}")),
            }
            let began = Instant::now();
            drop(deltas);
            while self.world.truth().vendors[&OPENAI.vendor].in_flight > 0 {
                if began.elapsed() > Duration::from_secs(10) {
                    return Err("the server did not see that a stream was dropped".to_owned());
                }
                sleep(Duration::from_micros(100)).await;
            }
            took.push(began.elapsed().as_secs_f64() * 1e9);
        }
        Ok(took)
    }
}

async fn call_stack(model: &dyn ChatModel, caller: usize, times: usize) -> Result<Vec<f64>, String> {
    let mut took = Vec::with_capacity(times);
    for n in 0..times {
        let question = request(u64::try_from((caller + n) % 16).unwrap_or_default());
        let began = Instant::now();
        let reply = model.complete(question).await.map_err(|e| e.to_string())?;
        took.push(began.elapsed().as_secs_f64() * 1e9);
        if reply.text.is_empty() {
            return Err("it said nothing".to_owned());
        }
    }
    Ok(took)
}

async fn call_bare(
    client: &reqwest::Client,
    written: &[reqwest::Request],
    caller: usize,
    times: usize,
) -> Result<Vec<f64>, String> {
    let mut took = Vec::with_capacity(times);
    for n in 0..times {
        let request =
            written[(caller + n) % written.len()].try_clone().ok_or("a request that cannot be sent twice")?;
        let began = Instant::now();
        let response = client.execute(request).await.and_then(reqwest::Response::error_for_status);
        let body = response.map_err(|e| e.to_string())?.bytes().await.map_err(|e| e.to_string())?;
        took.push(began.elapsed().as_secs_f64() * 1e9);
        if body.is_empty() {
            return Err("it said nothing".to_owned());
        }
    }
    Ok(took)
}

/// The figures of each round.
#[derive(Debug, Default)]
struct Rounds {
    p50: Vec<f64>,
    p99: Vec<f64>,
    per_second: Vec<f64>,
    /// What a call had of this side's processor: the server runs on a thread of its own.
    processor: Vec<f64>,
}

impl Rounds {
    fn add(&mut self, took: &[f64], elapsed: Duration, processor: Duration) {
        let Some(sorted) = Sorted::new(took) else { return };
        self.p50.push(sorted.median());
        self.p99.push(sorted.percentile(99.0));
        self.per_second.push(real(took.len()) / elapsed.as_secs_f64());
        self.processor.push(processor.as_secs_f64() * 1e9 / real(took.len()));
    }
}

fn compared(id: &str, stack: &Rounds, bare: &Rounds, calls: usize) -> Vec<Measurement> {
    let by_rounds = |a: &[f64], b: &[f64], of: fn(f64, f64) -> f64| {
        a.iter().zip(b).map(|(a, b)| of(*a, *b)).collect::<Vec<_>>()
    };
    let figure = |metric: &str, unit, better, values: Vec<f64>, note: &str| {
        let figure = Measurement::of_samples(id, metric, unit, better, Kind::Loaded, values)?;
        Some(figure.with_note(format!("{note}; median over rounds of {calls} calls")).at(HERE))
    };
    let (lower, higher) = (Better::Lower, Better::Higher);
    [
        figure("p50", Unit::Nanoseconds, lower, stack.p50.clone(), "time of a call by the whole stack"),
        figure("p99", Unit::Nanoseconds, lower, stack.p99.clone(), "time of a call by the whole stack"),
        figure(
            "bare-p50",
            Unit::Nanoseconds,
            lower,
            bare.p50.clone(),
            "time of the same call by a bare reqwest client",
        ),
        figure(
            "bare-p99",
            Unit::Nanoseconds,
            lower,
            bare.p99.clone(),
            "time of the same call by a bare reqwest client",
        ),
        figure(
            "overhead-p50",
            Unit::Nanoseconds,
            lower,
            by_rounds(&stack.p50, &bare.p50, |a, b| a - b),
            "p50 of the stack less that of the bare client",
        ),
        figure(
            "overhead-p99",
            Unit::Nanoseconds,
            lower,
            by_rounds(&stack.p99, &bare.p99, |a, b| a - b),
            "p99 of the stack less that of the bare client",
        ),
        figure(
            "cpu",
            Unit::Nanoseconds,
            lower,
            stack.processor.clone(),
            "time of the client's processor for a call by the whole stack",
        ),
        figure(
            "cpu-overhead",
            Unit::Nanoseconds,
            lower,
            by_rounds(&stack.processor, &bare.processor, |a, b| a - b),
            "the same less that of a call by the bare client",
        ),
        figure(
            "throughput",
            Unit::PerSecond,
            higher,
            stack.per_second.clone(),
            "calls a second by the whole stack",
        ),
        figure(
            "bare-throughput",
            Unit::PerSecond,
            higher,
            bare.per_second.clone(),
            "calls a second by a bare reqwest client",
        ),
        figure(
            "throughput-ratio",
            Unit::Ratio,
            higher,
            by_rounds(&stack.per_second, &bare.per_second, |a, b| a / b),
            "throughput of the stack divided by that of the bare client",
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn of_connections(id: &str, seen: Connections) -> Result<[Measurement; 2], String> {
    let reused = share(id, "reused", Better::Higher, Kind::Loaded, seen.reused(), seen.answered)?;
    let note = format!("{} connections were opened for {} responses", seen.opened, seen.answered);
    Ok([reused.with_note(note), count(id, "leaked", Better::Lower, Kind::Counted, seen.under_way)])
}

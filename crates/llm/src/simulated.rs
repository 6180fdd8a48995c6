//! A model that waits and fails as a vendor does, from a seed.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use assize_ambient::{Chance, Seed};
use assize_metering::{TokenUsage, Usage};
use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use tokio::time::sleep;

use crate::{
    ChatModel, ChatReply, ChatRequest, Error, ErrorKind, FinishReason, ModelId, ReplyDelta, ReplyStream, Role,
};

/// How long a simulated vendor takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Latency {
    /// The median time to the first token. The time is log-normal.
    pub first_token_median: Duration,
    /// Standard deviation of the logarithm of the time to the first token: 0.0 is no jitter, 0.5 is lively.
    pub first_token_sigma: f64,
    /// Speed of the reply after the first token, in tokens a second.
    pub tokens_per_second: f64,
    /// The share of calls that are stragglers, 0.0 to 1.0.
    pub straggler_rate: f64,
    /// By how much a straggler's time to the first token is longer.
    pub straggler_factor: f64,
}

impl Latency {
    /// No waiting at all.
    pub const INSTANT: Self = Self {
        first_token_median: Duration::ZERO,
        first_token_sigma: 0.0,
        tokens_per_second: f64::INFINITY,
        straggler_rate: 0.0,
        straggler_factor: 1.0,
    };

    /// A declared profile of a hosted model: median 600 ms to the first token with a lively jitter, 80 tokens a second,
    /// one call in fifty five times slower to start. A model of a vendor, not a measurement of one.
    pub const HOSTED: Self = Self {
        first_token_median: Duration::from_millis(600),
        first_token_sigma: 0.45,
        tokens_per_second: 80.0,
        straggler_rate: 0.02,
        straggler_factor: 5.0,
    };

    fn first_token(&self, chance: &mut Chance) -> Duration {
        let factor = chance.log_normal(0.0, self.first_token_sigma);
        let straggles = chance.happens(self.straggler_rate);
        let seconds = self.first_token_median.as_secs_f64()
            * factor
            * if straggles { self.straggler_factor } else { 1.0 };
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }

    fn tokens(&self, n: u64) -> Duration {
        #[expect(clippy::cast_precision_loss, reason = "token counts are far below 2^52")]
        let seconds = n as f64 / self.tokens_per_second;
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::ZERO)
    }
}

/// How often a simulated vendor fails: each a share of calls, 0.0 to 1.0; together at most 1.0.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Failures {
    /// Refused at once with a rate limit.
    pub rate_limited: f64,
    /// The wait that such a refusal asks for; none: it does not say.
    pub retry_after: Option<Duration>,
    /// A server error after the time to the first token.
    pub server: f64,
    /// No answer for ever: only a time-out of the caller ends it.
    pub hang: f64,
    /// The stream ends in the middle of the reply.
    pub cut_stream: f64,
    /// The reply is cut to half and ends as if whole: what is read is not what was meant.
    pub malformed: f64,
}

/// What a simulated model says.
pub trait Responder: Send + Sync + 'static {
    /// The text of the reply. The same request and chance must give the same text.
    fn respond(&self, request: &ChatRequest, chance: &mut Chance) -> String;
}

impl<F: Fn(&ChatRequest, &mut Chance) -> String + Send + Sync + 'static> Responder for F {
    fn respond(&self, request: &ChatRequest, chance: &mut Chance) -> String {
        self(request, chance)
    }
}

/// A declared simulation of a vendor's model, for tests, benchmarks and rehearsals.
///
/// What it draws depends on its seed, on the content of the request, and on how often the same request came before:
/// not on the order in which concurrent calls arrive. Its usage is marked [`UsageBasis::Simulated`](assize_metering::UsageBasis::Simulated).
///
/// ```
/// use assize_ambient::{Chance, Seed};
/// use assize_llm::{ChatModel, ChatRequest, Latency, SimulatedModel};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let coin = |_: &ChatRequest, chance: &mut Chance| if chance.happens(0.5) { "heads" } else { "tails" }.to_owned();
/// let model = SimulatedModel::new("coin", Seed::new(7), coin).with_latency(Latency::INSTANT);
/// let reply = model.complete(ChatRequest::new("Toss.")).await?;
/// assert!(["heads", "tails"].contains(&reply.text.as_str()));
/// # Ok::<(), assize_llm::Error>(())
/// # }).unwrap();
/// ```
pub struct SimulatedModel {
    id: ModelId,
    seed: Seed,
    latency: Latency,
    failures: Failures,
    responder: Arc<dyn Responder>,
    asked_before: Mutex<BTreeMap<[u8; 16], u64>>,
}

impl fmt::Debug for SimulatedModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatedModel")
            .field("id", &self.id)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}

/// A reply that was drawn, and when its parts come.
struct Draw {
    first_token: Duration,
    outcome: Outcome,
    reply: ChatReply,
}

#[derive(Clone, Copy, PartialEq)]
enum Outcome {
    Whole,
    RateLimited,
    Server,
    Hang,
    Cut,
}

impl SimulatedModel {
    /// A model that answers at once and never fails.
    pub fn new(id: &str, seed: Seed, responder: impl Responder) -> Self {
        Self {
            id: id.into(),
            seed,
            latency: Latency::INSTANT,
            failures: Failures::default(),
            responder: Arc::new(responder),
            asked_before: Mutex::default(),
        }
    }

    /// The same with this latency.
    #[must_use]
    pub fn with_latency(mut self, latency: Latency) -> Self {
        self.latency = latency;
        self
    }

    /// The same with these failures.
    #[must_use]
    pub fn with_failures(mut self, failures: Failures) -> Self {
        self.failures = failures;
        self
    }

    fn chance_for(&self, request: &ChatRequest) -> Chance {
        let fingerprint = fingerprint(request);
        let mut asked = self.asked_before.lock().unwrap_or_else(PoisonError::into_inner);
        let times = asked.entry(fingerprint).or_insert(0);
        *times += 1;
        let high = u64::from_le_bytes(*fingerprint.first_chunk().unwrap_or(&[0; 8]));
        Seed::new(self.seed.value() ^ high).child(&times.to_string()).rng()
    }

    fn draw(&self, request: &ChatRequest) -> Draw {
        let mut chance = self.chance_for(request);
        let first_token = self.latency.first_token(&mut chance);
        let (outcome, garbled) = self.outcome(chance.unit());
        let mut text = self.responder.respond(request, &mut chance);
        let mut finish = FinishReason::Stop;
        if garbled {
            truncate(&mut text, 2);
        }
        if let Some(max_tokens) = request.max_tokens
            && estimate_tokens(&text) > u64::from(max_tokens)
        {
            let characters =
                usize::try_from(max_tokens).unwrap_or(usize::MAX).saturating_mul(CHARACTERS_PER_TOKEN);
            text = text.chars().take(characters).collect();
            finish = FinishReason::Length;
        }
        let input = request.texts().map(estimate_tokens).sum();
        let usage = Usage::simulated(TokenUsage::of(input, estimate_tokens(&text)));
        let mut reply = ChatReply::new(self.id.clone(), text, usage);
        reply.finish = finish;
        Draw { first_token, outcome, reply }
    }

    /// Which of the failures happens, by one draw from `0.0..1.0`; and whether the reply is garbled.
    fn outcome(&self, draw: f64) -> (Outcome, bool) {
        let f = &self.failures;
        let mut edge = 0.0;
        for (rate, outcome, garbled) in [
            (f.rate_limited, Outcome::RateLimited, false),
            (f.server, Outcome::Server, false),
            (f.hang, Outcome::Hang, false),
            (f.cut_stream, Outcome::Cut, false),
            (f.malformed, Outcome::Whole, true),
        ] {
            edge += rate;
            if draw < edge {
                return (outcome, garbled);
            }
        }
        (Outcome::Whole, false)
    }

    fn rate_limit(&self) -> Error {
        let error = Error::new(ErrorKind::RateLimited, format!("ask {}: simulated rate limit", self.id));
        match self.failures.retry_after {
            Some(wait) => error.with_retry_after(wait),
            None => error,
        }
    }
}

#[async_trait]
impl ChatModel for SimulatedModel {
    fn id(&self) -> &ModelId {
        &self.id
    }

    fn is_simulated(&self) -> bool {
        true
    }

    async fn complete(&self, request: ChatRequest) -> Result<ChatReply, Error> {
        let mut stream = self.stream(request).await?;
        while let Some(delta) = stream.next().await {
            if let ReplyDelta::Done(reply) = delta? {
                return Ok(*reply);
            }
        }
        Err(cut(&self.id))
    }

    async fn stream(&self, request: ChatRequest) -> Result<ReplyStream, Error> {
        let draw = self.draw(&request);
        if draw.outcome == Outcome::RateLimited {
            return Err(self.rate_limit());
        }
        wait(draw.first_token).await;
        match draw.outcome {
            Outcome::Server => {
                return Err(Error::new(
                    ErrorKind::Server,
                    format!("ask {}: simulated server error", self.id),
                ));
            }
            Outcome::Hang => std::future::pending::<()>().await,
            Outcome::Whole | Outcome::RateLimited | Outcome::Cut => {}
        }
        let (latency, id, is_cut) = (self.latency, self.id.clone(), draw.outcome == Outcome::Cut);
        let mut text = draw.reply.text.clone();
        if is_cut {
            truncate(&mut text, 2);
        }
        let end = if is_cut { Err(cut(&id)) } else { Ok(ReplyDelta::Done(Box::new(draw.reply))) };
        let pieces = stream::iter(pieces(&text)).then(move |piece| async move {
            wait(latency.tokens(estimate_tokens(&piece))).await;
            Ok(ReplyDelta::Text(piece))
        });
        Ok(pieces.chain(stream::once(async move { end })).boxed())
    }
}

fn cut(id: &ModelId) -> Error {
    Error::new(ErrorKind::CutStream, format!("read the reply of {id}: the stream was cut"))
}

async fn wait(time: Duration) {
    if !time.is_zero() {
        sleep(time).await;
    }
}

/// Sixteen tokens a piece: as vendors do, a stream comes in gulps.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.char_indices().nth(16 * CHARACTERS_PER_TOKEN).map_or(rest.len(), |(at, _)| at);
        let (piece, tail) = rest.split_at(end);
        pieces.push(piece.to_owned());
        rest = tail;
    }
    pieces
}

/// Keeps the first `1 / parts` of the characters.
fn truncate(text: &mut String, parts: usize) {
    let keep = text.chars().count() / parts;
    if let Some((at, _)) = text.char_indices().nth(keep) {
        text.truncate(at);
    }
}

const CHARACTERS_PER_TOKEN: usize = 4;

/// The tokens that a simulated model makes of a text: a quarter of its characters, rounded up.
fn estimate_tokens(text: &str) -> u64 {
    (text.chars().count().div_ceil(CHARACTERS_PER_TOKEN)) as u64
}

fn fingerprint(request: &ChatRequest) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new();
    for message in &request.messages {
        hasher.update(match message.role {
            Role::User => b"u",
            Role::Assistant => b"a",
        });
    }
    for text in request.texts() {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    }
    hasher.update(&request.seed.unwrap_or_default().to_le_bytes());
    let mut fingerprint = [0; 16];
    hasher.finalize_xof().fill(&mut fingerprint);
    fingerprint
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    fn chatter(length: usize) -> impl Responder {
        move |_: &ChatRequest, chance: &mut Chance| {
            let letter = if chance.happens(0.5) { "a" } else { "b" };
            letter.repeat(length)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_is_virtual_and_exact() {
        let latency = Latency { first_token_sigma: 0.0, straggler_rate: 0.0, ..Latency::HOSTED };
        let model = SimulatedModel::new("sim", Seed::new(1), chatter(320)).with_latency(latency);
        let start = Instant::now();
        model.complete(ChatRequest::new("hello")).await.unwrap();
        // 600 ms to the first token, then 80 tokens at 80 a second; tokio's timer has a grain of 1 ms.
        let elapsed = start.elapsed();
        assert!(
            elapsed >= Duration::from_millis(1600) && elapsed <= Duration::from_millis(1610),
            "{elapsed:?}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn draws_do_not_depend_on_the_order_of_calls() {
        let ask = |n: usize| ChatRequest::new(format!("question {n}"));
        let model = || SimulatedModel::new("sim", Seed::new(3), chatter(40)).with_latency(Latency::HOSTED);
        let (forward, backward) = (model(), model());
        let mut one = Vec::new();
        for n in 0..20 {
            one.push(forward.complete(ask(n)).await.unwrap());
        }
        let mut other = Vec::new();
        for n in (0..20).rev() {
            other.push(backward.complete(ask(n)).await.unwrap());
        }
        other.reverse();
        assert_eq!(one, other);
    }

    #[tokio::test(start_paused = true)]
    async fn failures_come_at_their_rates() {
        let failures = Failures {
            rate_limited: 0.1,
            retry_after: Some(Duration::from_secs(2)),
            server: 0.1,
            cut_stream: 0.1,
            malformed: 0.1,
            hang: 0.0,
        };
        let model = SimulatedModel::new("sim", Seed::new(9), chatter(40)).with_failures(failures);
        let mut counts: BTreeMap<Option<ErrorKind>, u32> = BTreeMap::new();
        let mut garbled = 0;
        for _ in 0..4_000 {
            match model.complete(ChatRequest::new("again")).await {
                Ok(reply) => {
                    *counts.entry(None).or_default() += 1;
                    garbled += u32::from(reply.text.len() == 20);
                }
                Err(error) => {
                    assert_eq!(error.retry_after().is_some(), error.kind() == ErrorKind::RateLimited);
                    *counts.entry(Some(error.kind())).or_default() += 1;
                }
            }
        }
        for kind in [ErrorKind::RateLimited, ErrorKind::Server, ErrorKind::CutStream] {
            assert!((320..480).contains(&counts[&Some(kind)]), "{counts:?}");
        }
        assert!((320..480).contains(&garbled), "{garbled}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_hanging_call_ends_by_the_callers_time_out() {
        let failures = Failures { hang: 1.0, ..Failures::default() };
        let model = SimulatedModel::new("sim", Seed::new(9), chatter(40)).with_failures(failures);
        let call = model.complete(ChatRequest::new("hello"));
        assert!(tokio::time::timeout(Duration::from_secs(3600), call).await.is_err());
    }

    #[tokio::test]
    async fn a_reply_is_cut_at_the_token_limit() {
        let model = SimulatedModel::new("sim", Seed::new(9), chatter(400));
        let reply = model.complete(ChatRequest::new("hello").with_max_tokens(10)).await.unwrap();
        assert_eq!((reply.text.len(), reply.finish), (40, FinishReason::Length));
    }
}

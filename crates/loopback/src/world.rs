//! The vendors, as one service.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use assize_ambient::{Clock, Seed};
use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use tower_service::Service;

use crate::{
    Ask, Body, Error, Fault, Faults, Improviser, Latency, Limit, Responder, Truth, Vendor, anthropic,
    embedding::Wanted,
    gemini,
    limit::Stands,
    openai,
    play::Play,
    problem::{Page, Problem, put},
    reply::Reply,
    route::{self, Endpoint},
    truth::{Admission, Billing, Call, Digest, Shared},
};

/// A longer body of a request is refused, unless told otherwise: 32 MiB, as Anthropic documents it.
pub const BODY_CAP: usize = 32 << 20;

/// The vendors, played in process: a [`Service`] that takes HTTP requests and gives HTTP answers, with one address for all,
/// whose paths differ.
///
/// What it answers depends on its seed and on the content of the request. What goes wrong, and how long it takes, depends on
/// how often the same request passed before as well. Neither depends on the order in which requests arrive; what the hidden
/// limit refuses does, for it is the limit of a key. Clones share their books, their limit and their faults.
///
/// Tokens are counted as a quarter of the characters, rounded up: of the whole prompt, and of the reply; of each text that is
/// embedded. The vectors of embeddings follow the words of a text: those of texts that share their words are near, in
/// whatever order they stand, and texts that mean the same in other words are not.
///
/// ```
/// use std::sync::Arc;
///
/// use assize_ambient::{Seed, SystemClock};
/// use assize_loopback::{Vendor, World};
/// use bytes::Bytes;
/// use tower_service::Service;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let mut world = World::new(Seed::new(7), Arc::new(SystemClock));
/// let body = r#"{"model": "m", "messages": [{"role": "user", "content": "Hello"}]}"#;
/// let request = http::Request::post("/v1/chat/completions").header("authorization", "Bearer any").body(Bytes::from(body))?;
/// let response = world.call(request).await?;
/// assert_eq!(response.status(), 200);
/// drop(response);
/// let truth = world.truth();
/// assert_eq!(truth.vendors[&Vendor::OpenAi].total_possibly_billed().requests, 1, "nobody took the reply");
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct World {
    options: Arc<Options>,
    books: Shared,
}

#[derive(Clone)]
struct Options {
    seed: Seed,
    clock: Arc<dyn Clock>,
    responder: Arc<dyn Responder>,
    latency: Latency,
    limit_headers: bool,
    tells_waits: bool,
    details: bool,
    /// What a call that hangs bills.
    hangs: Billing,
    context_window: Option<u64>,
    body_cap: usize,
    models: Vec<String>,
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").field("seed", &self.options.seed).finish_non_exhaustive()
    }
}

impl World {
    /// Vendors that answer at once, whose faults and limits are none, and that take every key.
    pub fn new(seed: Seed, clock: Arc<dyn Clock>) -> Self {
        let options = Options {
            seed,
            clock,
            responder: Arc::new(Improviser),
            latency: Latency::NONE,
            limit_headers: false,
            tells_waits: true,
            details: false,
            hangs: Billing::InFullUnserved,
            context_window: None,
            body_cap: BODY_CAP,
            models: ["loopback-large", "loopback-small"].map(str::to_owned).to_vec(),
        };
        Self { options: Arc::new(options), books: Shared::new() }
    }

    fn with(mut self, change: impl FnOnce(&mut Options)) -> Self {
        change(Arc::make_mut(&mut self.options));
        self
    }

    /// The same with models that say something else.
    #[must_use]
    pub fn with_responder(self, responder: impl Responder) -> Self {
        self.with(|options| options.responder = Arc::new(responder))
    }

    /// The same with this latency.
    #[must_use]
    pub fn with_latency(self, latency: Latency) -> Self {
        self.with(|options| options.latency = latency)
    }

    /// The same with these faults.
    #[must_use]
    pub fn with_faults(self, faults: Faults) -> Self {
        self.set_faults(faults);
        self
    }

    /// The same with this hidden limit for each key of each vendor.
    #[must_use]
    pub fn with_limit(self, limit: Limit) -> Self {
        self.set_limit(Some(limit));
        self
    }

    /// The same, with headers that tell what is left of the limit, as OpenAI and Anthropic send them. Gemini has none.
    #[must_use]
    pub fn with_limit_headers(self) -> Self {
        self.with(|options| options.limit_headers = true)
    }

    /// The same, where refusals of the hidden limit do not tell how long to wait.
    #[must_use]
    pub fn with_silent_limit(self) -> Self {
        self.with(|options| options.tells_waits = false)
    }

    /// The same, where a part of each prompt came from the vendor's cache, and some tokens of each reply were reasoning, as
    /// far as the vendor reports such.
    #[must_use]
    pub fn with_token_details(self) -> Self {
        self.with(|options| options.details = true)
    }

    /// The same, where a call that hangs is not billed. Otherwise it is, in full: the vendor did answer, but nobody heard.
    #[must_use]
    pub fn with_hangs_unbilled(self) -> Self {
        self.with(|options| options.hangs = Billing::Nothing)
    }

    /// The same, where prompt and reply together have room for so many tokens.
    #[must_use]
    pub fn with_context_window(self, tokens: u64) -> Self {
        self.with(|options| options.context_window = Some(tokens))
    }

    /// The same, where a request's body may have so many bytes; at most [`BODY_CAP`].
    #[must_use]
    pub fn with_body_cap(self, bytes: usize) -> Self {
        self.with(|options| options.body_cap = bytes.min(BODY_CAP))
    }

    /// The same, where this key is refused.
    #[must_use]
    pub fn with_refused_key(self, key: &str) -> Self {
        self.books.lock().refuse_key(digest_of_key(key));
        self
    }

    /// From now on another limit holds, for all keys, or none. What is left of bursts stays, up to the new one.
    pub fn set_limit(&self, limit: Option<Limit>) {
        self.books.lock().set_limit(limit, Instant::now());
    }

    /// From now on other things go wrong.
    pub fn set_faults(&self, faults: Faults) {
        self.books.lock().set_faults(faults);
    }

    /// What the vendors know by now.
    #[must_use]
    pub fn truth(&self) -> Truth {
        self.books.lock().truth()
    }

    async fn answer(self, request: Request<Bytes>) -> Result<Response<Body>, Error> {
        let (parts, body) = request.into_parts();
        let vendor = route::vendor(&parts);
        self.books.lock().of(vendor).seen += 1;
        let id = self.request_id(vendor, parts.uri.path().as_bytes(), &body);
        let (ask, wanted, key) = match self.understand(vendor, &parts, &body) {
            Ok(Understood::Ask(ask, key)) => (ask, None, key),
            Ok(Understood::Embed(wanted, key)) => (Box::new(wanted.ask()), Some(wanted), key),
            Ok(Understood::Free(text)) => {
                self.books.lock().of(vendor).free += 1;
                return Ok(respond(vendor, Page::json(200, text), &id));
            }
            Err(problem) => return Ok(self.refuse(vendor, &problem, &id)),
        };
        let digest = content_digest(vendor, &ask.model, &body);
        let seed = self.options.seed.child(&hex(&digest));
        let created = self.options.clock.now().as_second();
        let reply = match wanted {
            // A text's vector does not depend on what else is asked for.
            Some(wanted) => wanted.reply(self.options.seed, created),
            None => Reply::compose(&ask, &*self.options.responder, seed, created, self.options.details),
        };
        let tokens = reply.tokens.prompt().saturating_add(reply.tokens.reply());
        let now = Instant::now();
        let admission = self.books.lock().admit(vendor, &key, &digest, tokens, now);
        match admission {
            Admission::OverLimit { wait, stands } => {
                let wait = self.options.tells_waits.then(|| vendor.tellable(wait));
                if let Some(wait) = wait {
                    self.books.lock().asked_to_wait(vendor, &key, &digest, wait, now);
                }
                let mut refused = self.refuse(vendor, &Problem::RateLimited { wait }, &id);
                self.limit_headers(refused.headers_mut(), vendor, stands.as_ref());
                Ok(refused)
            }
            Admission::Passed { times, faults, stands } => {
                let seed = seed.child(&format!("call {times}"));
                let fault = faults.draw(&mut seed.child("fault").rng());
                let id = format!("req_{:016x}{:016x}", seed.value(), seed.child("request id").value());
                let call = CallOf { ask: &ask, reply: &reply, key: &key, digest: &digest, seed, id: &id };
                let mut response = self.play(call, fault, &faults).await?;
                self.limit_headers(response.headers_mut(), vendor, stands.as_ref());
                Ok(response)
            }
        }
    }

    /// Reads a request, in the order in which vendors look at one: its path, its method, its key, its body.
    fn understand(
        &self,
        vendor: Vendor,
        parts: &http::request::Parts,
        body: &Bytes,
    ) -> Result<Understood, Problem> {
        let endpoint = route::endpoint(vendor, parts)?;
        let key = digest_of_key(route::key(vendor, parts).ok_or(Problem::MissingKey)?);
        if self.books.lock().refuses_key(&key) {
            return Err(Problem::WrongKey);
        }
        if body.len() > self.options.body_cap {
            return Err(Problem::TooLarge { cap: self.options.body_cap });
        }
        if vendor == Vendor::Anthropic && !parts.headers.contains_key("anthropic-version") {
            let why = crate::ask::Invalid::new("anthropic-version: header is required");
            return Err(Problem::Invalid(why));
        }
        if endpoint == Endpoint::Models {
            let names = &self.options.models;
            return Ok(Understood::Free(match vendor {
                Vendor::OpenAi => openai::models(names),
                Vendor::Anthropic => anthropic::models(names),
                Vendor::Gemini => gemini::models(names),
            }));
        }
        let body: Value = serde_json::from_slice(body).map_err(|_| Problem::Unparseable)?;
        if let Endpoint::CountTokens { of } = endpoint {
            let (ask, name) = match of {
                Some(model) => (gemini::read(&body, &model, crate::ask::Delivery::Whole), "totalTokens"),
                None => (anthropic::read(&body, true), "input_tokens"),
            };
            let tokens = ask.map_err(Problem::Invalid)?.prompt_tokens();
            return Ok(Understood::Free(json!({ name: tokens }).to_string()));
        }
        if endpoint == Endpoint::Embeddings {
            let wanted = Wanted::read(&body).map_err(Problem::Invalid)?;
            let tokens = wanted.longest();
            return match self.options.context_window {
                Some(window) if tokens > window => Err(Problem::ContextTooLong { tokens, window }),
                _ => Ok(Understood::Embed(wanted, key)),
            };
        }
        let ask = match endpoint {
            Endpoint::Reply { of: Some((model, delivery)) } => gemini::read(&body, &model, delivery),
            _ if vendor == Vendor::Anthropic => anthropic::read(&body, false),
            _ => openai::read(&body),
        };
        let ask = ask.map_err(Problem::Invalid)?;
        let tokens = ask.prompt_tokens().saturating_add(ask.max_tokens.unwrap_or(0));
        match self.options.context_window {
            Some(window) if tokens > window => Err(Problem::ContextTooLong { tokens, window }),
            _ => Ok(Understood::Ask(Box::new(ask), key)),
        }
    }

    /// Plays an accepted call, with what goes wrong with it.
    async fn play(
        &self,
        of: CallOf<'_>,
        fault: Option<Fault>,
        faults: &Faults,
    ) -> Result<Response<Body>, Error> {
        let (ask, reply, vendor) = (of.ask, of.reply, of.ask.vendor);
        if let Some(fault) = fault {
            *self.books.lock().of(vendor).faults.entry(fault).or_insert(0) += 1;
        }
        let accept = |billing| Call::accept(&self.books, vendor, &ask.model, reply.tokens, billing);
        let mut pace = self.options.latency.draw(&mut of.seed.child("latency").rng());
        if fault == Some(Fault::Slow) {
            pace = pace.slowed(faults.between_tokens());
        }
        let problem = match fault {
            Some(Fault::RateLimited) => {
                let wait = vendor.tellable(faults.draw_wait(&mut of.seed.child("wait").rng()));
                drop(accept(Billing::Nothing));
                self.books.lock().asked_to_wait(vendor, of.key, of.digest, wait, Instant::now());
                return Ok(respond(
                    vendor,
                    refusal(vendor, &Problem::RateLimited { wait: Some(wait) }, of.id),
                    of.id,
                ));
            }
            Some(Fault::RateLimitedSilently) => Some((Problem::RateLimited { wait: None }, Duration::ZERO)),
            Some(Fault::Quota) => Some((Problem::Quota, Duration::ZERO)),
            Some(Fault::ServerError) => Some((Problem::Server, pace.first_token)),
            Some(Fault::Unavailable) => Some((Problem::Unavailable, pace.first_token)),
            Some(Fault::Overloaded) => Some((Problem::Overloaded, pace.first_token)),
            _ => None,
        };
        if let Some((problem, after)) = problem {
            let _unbilled = accept(Billing::Nothing);
            pause(after).await;
            return Ok(respond(vendor, refusal(vendor, &problem, of.id), of.id));
        }
        let play = Play { ask, reply, fault, faults, pace, request_id: of.id };
        let mut chance = of.seed.child("where").rng();
        match fault {
            Some(Fault::Hang) => {
                let _hung = accept(self.options.hangs);
                std::future::pending().await
            }
            Some(Fault::Drop) => {
                let _unbilled = accept(Billing::Nothing);
                pause(pace.first_token).await;
                Err(Error::dropped())
            }
            _ => {
                let call = accept(play.billing());
                pause(play.before_the_first_byte()).await;
                let mut response = Response::new(play.body(&mut chance).settling(call));
                let headers = response.headers_mut();
                put(headers, "content-type", play.content_type());
                request_id(headers, vendor, of.id);
                Ok(response)
            }
        }
    }

    fn refuse(&self, vendor: Vendor, problem: &Problem, id: &str) -> Response<Body> {
        *self.books.lock().of(vendor).refused.entry(problem.refusal()).or_insert(0) += 1;
        respond(vendor, refusal(vendor, problem, id), id)
    }

    fn limit_headers(&self, headers: &mut HeaderMap, vendor: Vendor, stands: Option<&Stands>) {
        if let (true, Some(stands)) = (self.options.limit_headers, stands) {
            match vendor {
                Vendor::OpenAi => openai::limit_headers(headers, stands),
                Vendor::Anthropic => anthropic::limit_headers(headers, stands, self.options.clock.now()),
                Vendor::Gemini => {}
            }
        }
    }

    fn request_id(&self, vendor: Vendor, path: &[u8], body: &[u8]) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.options.seed.value().to_le_bytes());
        hasher.update(vendor.key().as_bytes()).update(path).update(b"\0").update(body);
        format!("req_{}", &hex(hasher.finalize().as_bytes())[..32])
    }
}

/// An accepted call, and where its chances come from.
#[derive(Clone, Copy)]
struct CallOf<'a> {
    ask: &'a Ask,
    reply: &'a Reply,
    key: &'a str,
    digest: &'a Digest,
    seed: Seed,
    id: &'a str,
}

enum Understood {
    Ask(Box<Ask>, String),
    Embed(Wanted, String),
    Free(String),
}

/// Waits; not at all where there is nothing to wait for.
async fn pause(time: Duration) {
    if time > Duration::ZERO {
        sleep(time).await;
    }
}

fn refusal(vendor: Vendor, problem: &Problem, id: &str) -> Page {
    match vendor {
        Vendor::OpenAi => openai::refuse(problem),
        Vendor::Anthropic => anthropic::refuse(problem, id),
        Vendor::Gemini => gemini::refuse(problem),
    }
}

fn respond(vendor: Vendor, page: Page, id: &str) -> Response<Body> {
    let mut response = Response::new(Body::at_once(page.text));
    *response.status_mut() = page.status;
    *response.headers_mut() = page.headers;
    request_id(response.headers_mut(), vendor, id);
    response
}

fn request_id(headers: &mut HeaderMap, vendor: Vendor, id: &str) {
    match vendor {
        Vendor::OpenAi => put(headers, "x-request-id", id),
        Vendor::Anthropic => put(headers, "request-id", id),
        Vendor::Gemini => {}
    }
}

/// What a request's content comes to, whether it is to be streamed or not: its JSON with the members in order, without
/// those that say how the reply is sent.
fn content_digest(vendor: Vendor, model: &str, body: &[u8]) -> Digest {
    let mut body: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    if let Some(members) = body.as_object_mut() {
        members.remove("stream");
        members.remove("stream_options");
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update(vendor.key().as_bytes()).update(b"\0").update(model.as_bytes()).update(b"\0");
    hasher.update(body.to_string().as_bytes());
    *hasher.finalize().as_bytes()
}

fn digest_of_key(key: &str) -> String {
    format!("key-{}", &hex(blake3::hash(key.as_bytes()).as_bytes())[..12])
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

impl Service<Request<Bytes>> for World {
    type Response = Response<Body>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        Box::pin(self.clone().answer(request))
    }
}

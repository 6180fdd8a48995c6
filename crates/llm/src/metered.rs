//! Every call of a model, booked.

use std::{fmt, sync::Arc};

use assize_ambient::Clock;
use assize_metering::{
    Attempt, Attribution, Bucket, CharacterEstimator, Charge, Ledger, Mode, PriceBook, RefusalKind,
    Reservation, TokenCounter, TokenUsage, Usage, Usd,
};
use async_trait::async_trait;
use futures_util::{StreamExt, stream};

use crate::{
    ChatModel, ChatReply, ChatRequest, Error, ErrorKind, ModelId, PartialReply, ReplyDelta, ReplyStream,
    ResponseFormat, Telemetry,
};

/// What a message adds to its text in any vendor's prompt, at most, in tokens.
const MOST_AROUND_A_TEXT: u64 = 16;
/// What a schema adds to its own text, at most: vendors that take it for a tool put instructions around it.
const MOST_AROUND_A_SCHEMA: u64 = 1_024;

/// Books every call of a model in a [`Ledger`], and makes none that a budget forbids.
///
/// Before a call its worst case is reserved: each byte of the prompt as a token, and as many tokens of reply as the request
/// or else the model allows. Afterwards its cost is booked, by the prices of the moment at which it ended, together with
/// the parts that its vendor bills apart. A call that breaks off, because it failed, was cancelled or timed out, is settled
/// from what is known: what came of the reply, counted, as billed, and the rest up to the worst case as possibly billed.
///
/// A reply and an error say what was booked for them: [`Telemetry::cost`] and [`Telemetry::booked`].
///
/// ```
/// use std::sync::Arc;
///
/// use assize_ambient::SystemClock;
/// use assize_llm::{ChatModel, ChatRequest, ErrorKind, Metered, ScriptedModel};
/// use assize_metering::{Attribution, Budget, Ledger, Period, PriceBook, Scope};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let limit = Budget::new("all", Scope::Everything, Period::Total).with_hard("0.001".parse()?);
/// let ledger = Ledger::builder(Arc::new(SystemClock)).budget(limit).open()?;
/// let parrot = Arc::new(ScriptedModel::saying("gpt-4o", ["Yes."]));
/// let prices = Arc::new(PriceBook::embedded().clone());
/// let who = Attribution::new().with_tenant("acme");
/// let model = Metered::new(parrot, prices, Arc::new(SystemClock), ledger.clone(), who);
///
/// let reply = model.complete(ChatRequest::new("Is it raining?").with_max_tokens(5)).await?;
/// assert_eq!(reply.telemetry.cost, Some(ledger.total().billed.cost));
/// let dear = model.complete(ChatRequest::new("Is it raining?").with_max_tokens(5_000)).await;
/// assert_eq!(dear.unwrap_err().kind(), ErrorKind::OverBudget);
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Metered {
    model: Arc<dyn ChatModel>,
    prices: Arc<PriceBook>,
    priced_as: Arc<str>,
    clock: Arc<dyn Clock>,
    ledger: Ledger,
    who: Attribution,
    counter: Arc<dyn TokenCounter>,
}

impl fmt::Debug for Metered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metered")
            .field("model", self.model.id())
            .field("who", &self.who)
            .finish_non_exhaustive()
    }
}

impl Metered {
    /// Books this model's calls at these prices, which `clock` dates, in this ledger, for these: the model's name is added
    /// to them.
    pub fn new(
        model: Arc<dyn ChatModel>,
        prices: Arc<PriceBook>,
        clock: Arc<dyn Clock>,
        ledger: Ledger,
        who: Attribution,
    ) -> Self {
        let priced_as = model.id().as_str().into();
        let who = who.with_model(model.id().as_str());
        Self { model, prices, priced_as, clock, ledger, who, counter: Arc::new(CharacterEstimator) }
    }

    /// The same under another name in the price book: `openai/gpt-4o` where several vendors have a `gpt-4o`.
    #[must_use]
    pub fn priced_as(mut self, name: impl Into<Arc<str>>) -> Self {
        self.priced_as = name.into();
        self
    }

    /// The same with a counter of its own for what came of a call that broke off.
    #[must_use]
    pub fn with_counter(mut self, counter: Arc<dyn TokenCounter>) -> Self {
        self.counter = counter;
        self
    }

    fn reserve(&self, request: &ChatRequest) -> Result<Reservation, Error> {
        let mut charge = Charge::new(self.who.clone(), self.worst_case(request)?);
        if self.model.is_simulated() {
            charge = charge.simulated();
        }
        if let Some(earlier) = request.retry_of {
            charge = charge.retry_of(earlier);
        }
        self.ledger.reserve(charge).map_err(|refusal| {
            let kind = match refusal.kind() {
                RefusalKind::OverBudget => ErrorKind::OverBudget,
                _ => ErrorKind::Unmetered,
            };
            Error::new(kind, format!("ask {}: failed to {refusal}", self.model.id())).with_source(refusal)
        })
    }

    fn worst_case(&self, request: &ChatRequest) -> Result<Usd, Error> {
        let unknown = |e: assize_metering::Error| {
            let message = format!("ask {}: what it can cost is not known: failed to {e}", self.model.id());
            Error::new(ErrorKind::Unmetered, message).with_source(e)
        };
        let price = self.prices.find(&self.priced_as, self.clock.now()).map_err(unknown)?;
        let most = request.max_tokens.map(u64::from).into_iter().chain(price.max_output_tokens).min();
        let Some(most) = most else {
            let why = "what it can cost is not known; set the most tokens that the reply may have";
            return Err(Error::new(ErrorKind::Unmetered, format!("ask {}: {why}", self.model.id())));
        };
        // What a text, a schema or a cache can be billed as; nothing else is ever sent.
        let can_occur = |bucket: Bucket| {
            matches!(
                bucket,
                Bucket::Input
                    | Bucket::CacheRead
                    | Bucket::CacheWrite5m
                    | Bucket::Output
                    | Bucket::OutputReasoning
            )
        };
        price.worst_case_among(most_input(request), most, Mode::Standard, can_occur).map_err(unknown)
    }

    fn prompt_tokens(&self, request: &ChatRequest) -> u64 {
        request.texts().map(|text| self.counter.count(text)).fold(0, u64::saturating_add)
    }

    /// What is known of a call whose reply broke off after this many tokens.
    fn broken_off(&self, request: &ChatRequest, output: u64) -> Usage {
        let tokens = TokenUsage::of(self.prompt_tokens(request), output);
        if self.model.is_simulated() { Usage::simulated(tokens) } else { Usage::estimated(tokens) }
    }

    /// The usage of a reply that broke off; where nobody counted the prompt, with our count of it.
    fn with_prompt(&self, partial: &PartialReply, request: &ChatRequest) -> Usage {
        let mut usage = partial.usage.clone();
        if usage.tokens.total_input() == 0 {
            usage.tokens.input = Some(self.prompt_tokens(request));
        }
        usage
    }

    /// What a usage costs now, with the parts that are billed apart; `None` where one of them has no price.
    fn cost(&self, usage: &Usage) -> Option<Usd> {
        let whole = self.prices.cost_of_call(&self.priced_as, usage, usage.billing(), self.clock.now());
        whole.ok().map(|whole| whole.total)
    }

    /// Books a whole reply. What the ledger cannot write now it writes before it grants the next call.
    fn settle(&self, held: Reservation, reply: &mut ChatReply) {
        let (attempt, usage) = (held.attempt(), reply.usage.clone());
        let cost = self.cost(&usage);
        let _ = match cost {
            Some(cost) => held.settle(usage, cost),
            None => held.settle_unpriced(usage),
        };
        note(&mut reply.telemetry, attempt, cost);
    }

    /// Books a call that failed; `streamed` is what came of it before.
    fn fail(&self, mut held: Reservation, error: &mut Error, request: &ChatRequest, streamed: u64) {
        let attempt = held.attempt();
        let known = match error.partial() {
            Some(partial) => Some(self.with_prompt(partial, request)),
            None if streamed > 0 => Some(self.broken_off(request, streamed)),
            None => None,
        };
        let mut cost = Some(Usd::ZERO);
        if let Some(usage) = known {
            cost = self.cost(&usage);
            // A cost out of all range is not known: the worst case stands.
            let _ = held.observe(usage, cost);
            drop(held);
        } else if error.possibly_billed() {
            drop(held);
        } else {
            let _ = held.not_billed();
        }
        note(error.telemetry_mut(), attempt, cost);
    }
}

/// What a prompt can count at most: no tokeniser makes more tokens than there are bytes, whoever the vendor is.
fn most_input(request: &ChatRequest) -> u64 {
    let texts: u64 = request.texts().map(|text| text.len() as u64 + MOST_AROUND_A_TEXT).sum();
    let schema = match &request.format {
        ResponseFormat::Text => 0,
        ResponseFormat::JsonSchema(schema) => schema.to_string().len() as u64 + MOST_AROUND_A_SCHEMA,
    };
    texts.saturating_add(schema)
}

fn note(telemetry: &mut Telemetry, attempt: Attempt, cost: Option<Usd>) {
    telemetry.booked = Some(attempt);
    telemetry.cost = cost;
}

#[async_trait]
impl ChatModel for Metered {
    fn id(&self) -> &ModelId {
        self.model.id()
    }

    fn is_simulated(&self) -> bool {
        self.model.is_simulated()
    }

    async fn complete(&self, request: ChatRequest) -> Result<ChatReply, Error> {
        let mut held = self.reserve(&request)?;
        held.started();
        match self.model.complete(request.clone()).await {
            Ok(mut reply) => {
                self.settle(held, &mut reply);
                Ok(reply)
            }
            Err(mut error) => {
                self.fail(held, &mut error, &request, 0);
                Err(error)
            }
        }
    }

    async fn stream(&self, request: ChatRequest) -> Result<ReplyStream, Error> {
        let mut held = self.reserve(&request)?;
        held.started();
        let deltas = match self.model.stream(request.clone()).await {
            Ok(deltas) => deltas,
            Err(mut error) => {
                self.fail(held, &mut error, &request, 0);
                return Err(error);
            }
        };
        let tally = Tally { held: Some(held), request, output: 0, metered: self.clone() };
        Ok(stream::unfold((deltas, tally), |(mut deltas, mut tally)| async move {
            let mut delta = deltas.next().await?;
            tally.note(&mut delta);
            Some((delta, (deltas, tally)))
        })
        .boxed())
    }
}

/// What is known of a stream. Dropping it settles the call from that.
struct Tally {
    held: Option<Reservation>,
    request: ChatRequest,
    output: u64,
    metered: Metered,
}

impl Tally {
    fn note(&mut self, delta: &mut Result<ReplyDelta, Error>) {
        match delta {
            Ok(ReplyDelta::Text(text) | ReplyDelta::Reasoning(text)) => {
                self.output = self.output.saturating_add(self.metered.counter.count(text));
            }
            Ok(ReplyDelta::Done(reply)) => {
                if let Some(held) = self.held.take() {
                    self.metered.settle(held, reply);
                }
            }
            Err(error) => {
                if let Some(held) = self.held.take() {
                    self.metered.fail(held, error, &self.request, self.output);
                }
            }
        }
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        if let Some(held) = &mut self.held
            && self.output > 0
        {
            let usage = self.metered.broken_off(&self.request, self.output);
            let cost = self.metered.cost(&usage);
            let _ = held.observe(usage, cost);
        }
    }
}

#[cfg(test)]
mod tests;

//! Every call of a model, booked.

use std::{fmt, sync::Arc};

use assize_metering::{
    Attribution, Bucket, CharacterEstimator, Charge, Ledger, Mode, ModelPrice, RefusalKind, Reservation,
    TokenCounter, TokenUsage, Usage, Usd,
};
use async_trait::async_trait;
use futures_util::{StreamExt, stream};

use crate::{ChatModel, ChatReply, ChatRequest, Error, ErrorKind, ModelId, ReplyDelta, ReplyStream};

/// What a message adds to its text in any vendor's prompt, at most, in tokens.
const MOST_AROUND_A_TEXT: u64 = 16;

/// Books every call of a model in a [`Ledger`], and makes none that a budget forbids.
///
/// Before a call its worst case is reserved: each byte of the prompt as a token, and as many tokens of reply as the request
/// or else the model allows. Afterwards its cost is booked. A call that breaks off, because it failed, was cancelled or
/// timed out, is settled from what is known: of a stream the text that came, counted, as billed, and the rest up to the
/// worst case as possibly billed.
///
/// ```
/// use std::sync::Arc;
///
/// use assize_ambient::{SystemClock, Timestamp};
/// use assize_llm::{ChatModel, ChatRequest, ErrorKind, Metered, ScriptedModel};
/// use assize_metering::{Attribution, Budget, Ledger, Period, PriceBook, Scope};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let limit = Budget::new("all", Scope::Everything, Period::Total).with_hard("0.001".parse()?);
/// let ledger = Ledger::builder(Arc::new(SystemClock)).budget(limit).open()?;
/// let price = Arc::new(PriceBook::embedded().find("gpt-4o", Timestamp::UNIX_EPOCH)?.clone());
/// let parrot = Arc::new(ScriptedModel::saying("gpt-4o", ["Yes."]));
/// let model = Metered::new(parrot, price, ledger.clone(), Attribution::new().with_tenant("acme"));
///
/// model.complete(ChatRequest::new("Is it raining?").with_max_tokens(5)).await?;
/// assert_eq!(ledger.total().billed.calls, 1);
/// let dear = model.complete(ChatRequest::new("Is it raining?").with_max_tokens(5_000)).await;
/// assert_eq!(dear.unwrap_err().kind(), ErrorKind::OverBudget);
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Metered {
    model: Arc<dyn ChatModel>,
    price: Arc<ModelPrice>,
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
    /// Books this model's calls at this price, in this ledger, for these: the model's name is added to them.
    pub fn new(model: Arc<dyn ChatModel>, price: Arc<ModelPrice>, ledger: Ledger, who: Attribution) -> Self {
        let who = who.with_model(model.id().as_str());
        Self { model, price, ledger, who, counter: Arc::new(CharacterEstimator) }
    }

    /// The same with a counter of its own for what came of a call that broke off.
    #[must_use]
    pub fn with_counter(mut self, counter: Arc<dyn TokenCounter>) -> Self {
        self.counter = counter;
        self
    }

    fn reserve(&self, request: &ChatRequest) -> Result<Reservation, Error> {
        let refused = |kind, e: &dyn fmt::Display| Error::new(kind, format!("ask {}: {e}", self.model.id()));
        let charge = Charge::new(self.who.clone(), self.worst_case(request)?);
        let charge = if self.model.is_simulated() { charge.simulated() } else { charge };
        self.ledger.reserve(charge).map_err(|refusal| {
            let kind = match refusal.kind() {
                RefusalKind::OverBudget => ErrorKind::OverBudget,
                _ => ErrorKind::Unmetered,
            };
            refused(kind, &format_args!("failed to {refusal}")).with_source(refusal)
        })
    }

    fn worst_case(&self, request: &ChatRequest) -> Result<Usd, Error> {
        let unknown =
            |why: String| Error::new(ErrorKind::Unmetered, format!("ask {}: {why}", self.model.id()));
        let most = request.max_tokens.map(u64::from).into_iter().chain(self.price.max_output_tokens).min();
        let most = most.ok_or_else(|| {
            unknown("what it can cost is not known; set the most tokens that the reply may have".to_owned())
        })?;
        // No tokeniser makes more tokens than there are bytes: the bound holds for every vendor.
        let bytes = request.texts().map(|text| text.len() as u64 + MOST_AROUND_A_TEXT).sum();
        let can_occur = |bucket: Bucket| {
            let plain = [
                Bucket::Input,
                Bucket::CacheRead,
                Bucket::CacheWrite5m,
                Bucket::Output,
                Bucket::OutputReasoning,
            ];
            plain.contains(&bucket)
        };
        self.price
            .worst_case_among(bytes, most, Mode::Standard, can_occur)
            .map_err(|e| unknown(format!("what it can cost is not known: failed to {e}")).with_source(e))
    }

    /// What is known of a call whose reply broke off after this many tokens.
    fn broken_off(&self, input: u64, output: u64) -> Usage {
        let tokens = TokenUsage::of(input, output);
        if self.model.is_simulated() { Usage::simulated(tokens) } else { Usage::estimated(tokens) }
    }

    fn prompt_tokens(&self, request: &ChatRequest) -> u64 {
        request.texts().map(|text| self.counter.count(text)).fold(0, u64::saturating_add)
    }
}

/// Books a whole reply. What the ledger cannot write now it writes before it grants the next call.
fn settle(held: Reservation, reply: &ChatReply, price: &ModelPrice) {
    let usage = reply.usage.clone();
    // A part that another model generated has no price here.
    let priced = if usage.apart().is_empty() { price.cost_of(&usage).ok() } else { None };
    let _ = match priced {
        Some(cost) => held.settle(usage, cost.total()),
        None => held.settle_unpriced(usage),
    };
}

/// Books a call that failed before anything of its reply came.
fn fail(held: Reservation, error: &Error) {
    if error.possibly_billed() {
        drop(held);
    } else {
        let _ = held.not_billed();
    }
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
        match self.model.complete(request).await {
            Ok(reply) => {
                settle(held, &reply, &self.price);
                Ok(reply)
            }
            Err(error) => {
                fail(held, &error);
                Err(error)
            }
        }
    }

    async fn stream(&self, request: ChatRequest) -> Result<ReplyStream, Error> {
        let mut held = self.reserve(&request)?;
        let input = self.prompt_tokens(&request);
        held.started();
        let deltas = match self.model.stream(request).await {
            Ok(deltas) => deltas,
            Err(error) => {
                fail(held, &error);
                return Err(error);
            }
        };
        let this = Self {
            model: Arc::clone(&self.model),
            price: Arc::clone(&self.price),
            ledger: self.ledger.clone(),
            who: self.who.clone(),
            counter: Arc::clone(&self.counter),
        };
        let tally = Tally { held: Some(held), input, output: 0, metered: this };
        Ok(stream::unfold((deltas, tally), |(mut deltas, mut tally)| async move {
            let delta = deltas.next().await?;
            tally.note(&delta);
            Some((delta, (deltas, tally)))
        })
        .boxed())
    }
}

/// What is known of a stream. Dropping it settles the call from that.
struct Tally {
    held: Option<Reservation>,
    input: u64,
    output: u64,
    metered: Metered,
}

impl Tally {
    fn note(&mut self, delta: &Result<ReplyDelta, Error>) {
        match delta {
            Ok(ReplyDelta::Text(text) | ReplyDelta::Reasoning(text)) => {
                self.output = self.output.saturating_add(self.metered.counter.count(text));
                let usage = self.metered.broken_off(self.input, self.output);
                let cost = self.metered.price.cost(&usage.tokens, Mode::Standard).ok();
                if let Some(held) = &mut self.held {
                    // A cost out of all range is not known; what was known before stays.
                    let _ = held.observe(usage, cost.map(|cost| cost.total()));
                }
            }
            Ok(ReplyDelta::Done(reply)) => {
                if let Some(held) = self.held.take() {
                    settle(held, reply, &self.metered.price);
                }
            }
            Err(error) if self.output == 0 => {
                if let Some(held) = self.held.take() {
                    fail(held, error);
                }
            }
            // Something of the reply came: it is billed, whatever failed then.
            Err(_) => self.held = None,
        }
    }
}

#[cfg(test)]
mod tests;

//! One model that answers questions: from what it said before, or anew and at a price.

use std::{fmt, path::Path, sync::Arc};

use assize_ambient::{Chance, Clock, Seed};
use assize_cache::Tag;
use assize_llm::{
    Cached, CallStatistics, ChatModel, ChatReply, ChatRequest, Error as ModelError, Latency, Metered,
    ModelId, ReplyStream, Responder, SimulatedModel,
};
use assize_metering::{Attribution, Budget, Ledger, ModelPrice, Period, PriceBook, Scope, Usd};
use async_trait::async_trait;

use crate::{Cache, Error, ErrorKind, VendorOptions, price_book, text_file, vendors::Vendors, voices};

/// Which model answers, and for how much.
#[derive(Debug, Clone)]
pub struct AnswerOptions {
    /// The model, such as `openai:gpt-4o`, `http://127.0.0.1:8000/v1#llama`, `simulated:gpt-4o` or `scripted:answers.txt`.
    pub model: String,
    /// The most that its answers may cost.
    pub budget: Option<Usd>,
    /// Where chance starts.
    pub seed: Seed,
    /// Where keys and prices of vendors' models come from.
    pub vendors: VendorOptions,
}

/// A model that answers, and the books of what that costs.
#[derive(Debug, Clone)]
pub struct Answers {
    /// The model. Where there is a cache, requests that [allow it](assize_llm::Reuse) are answered from there.
    pub model: Arc<dyn ChatModel>,
    /// What was booked. A model on a machine of one's own costs nothing and is not booked.
    pub ledger: Ledger,
    /// How the calls of a vendor's model go; answers from the cache are none.
    pub calls: CallStatistics,
    /// The price of its tokens, if they have one.
    pub price: Option<Arc<ModelPrice>>,
}

/// Gets a model ready to answer. What it says is kept in `cache` under the model's whole name: `openai:gpt-4o`,
/// `simulated:gpt-4o` and the `gpt-4o` of a server of one's own are three models.
///
/// # Errors
/// [`ErrorKind::BadRequest`] for a model that is not known, has no key or no price.
pub fn set_up_answers(
    options: &AnswerOptions,
    cache: Option<&Cache>,
    clock: &Arc<dyn Clock>,
) -> Result<Answers, Error> {
    let answer = |_: &ChatRequest, chance: &mut Chance| {
        format!("A simulated answer, number {}: nobody was asked.", chance.below(1_000_000))
    };
    set_up_rehearsed(options, cache, clock, answer)
}

/// The same, where a simulated model rehearses with these answers.
pub(crate) fn set_up_rehearsed(
    options: &AnswerOptions,
    cache: Option<&Cache>,
    clock: &Arc<dyn Clock>,
    rehearsed: impl Responder,
) -> Result<Answers, Error> {
    let mut ledger = Ledger::builder(Arc::clone(clock));
    if let Some(most) = options.budget {
        let budget = Budget::new("--budget", Scope::Everything, Period::Total).with_hard(most);
        // A rehearsal stops where the real one would.
        ledger = ledger.budget(budget.counting_simulated());
    }
    let ledger = ledger.open().map_err(|e| Error::caused(ErrorKind::BadRequest, "", e))?;
    let name = options.model.as_str();
    let booked = |model, prices: PriceBook, priced_as: &str| -> Arc<dyn ChatModel> {
        let who = Attribution::new();
        let metered = Metered::new(model, Arc::new(prices), Arc::clone(clock), ledger.clone(), who);
        Arc::new(metered.priced_as(priced_as))
    };
    let mut calls = CallStatistics::default();
    let mut id = name.to_owned();
    let mut price = None;
    let model = match name.split_once(':') {
        Some(("simulated", real)) => {
            let prices = price_book(&options.vendors.price_books, None)?.book;
            let found = prices.find(real, clock.now()).map_err(|e| {
                Error::caused(ErrorKind::BadRequest, "", e)
                    .with_hint("`assize models` lists the models whose prices are known")
            })?;
            price = Some(Arc::new(found.clone()));
            // A rehearsal: it waits like a hosted model, and its answers mean nothing.
            let model = SimulatedModel::new(name, options.seed, rehearsed).with_latency(Latency::HOSTED);
            booked(Arc::new(model), prices, real)
        }
        Some(("scripted", file)) => {
            // Another script of the same name is another model.
            let text = text_file::read("script", Path::new(file))?;
            id = format!("{name}#{}", digest(&text));
            voices::scripted(Path::new(file))?
        }
        _ => {
            let vendors = Vendors::new(&options.vendors, Arc::clone(clock), options.seed)?;
            let hired = vendors.hire(name, "answers")?;
            calls = vendors.statistics().clone();
            price.clone_from(&hired.price);
            match hired.price {
                // One attempt is paid for at most: what one can cost is all that must be set aside.
                Some(price) => {
                    let priced_as = format!("{}/{}", price.vendor, price.id);
                    booked(hired.model, vendors.prices().clone(), &priced_as)
                }
                None => hired.model,
            }
        }
    };
    let model: Arc<dyn ChatModel> = Arc::new(Named { id: id.as_str().into(), model });
    let model = match cache {
        Some(cache) => Arc::new(Cached::new(model, cache.tiers().clone(), cache.policy().clone())),
        None => model,
    };
    Ok(Answers { model, ledger, calls, price })
}

/// The first digits of a text's hash.
fn digest(text: &str) -> String {
    Tag::hashed(&["script", text]).as_str().chars().take(16).collect()
}

/// A model under the whole name by which it was asked for. Its own name says nothing about whose it is, and what one vendor's
/// model said must not be served for another's.
struct Named {
    id: ModelId,
    model: Arc<dyn ChatModel>,
}

impl fmt::Debug for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Named").field("id", &self.id).finish_non_exhaustive()
    }
}

#[async_trait]
impl ChatModel for Named {
    fn id(&self) -> &ModelId {
        &self.id
    }

    fn is_simulated(&self) -> bool {
        self.model.is_simulated()
    }

    async fn complete(&self, request: ChatRequest) -> Result<ChatReply, ModelError> {
        self.model.complete(request).await
    }

    async fn stream(&self, request: ChatRequest) -> Result<ReplyStream, ModelError> {
        self.model.stream(request).await
    }
}

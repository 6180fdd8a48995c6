//! Panels that answer at once, so that what is measured is the engine.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use assize_ambient::Timestamp;
use assize_debate::{Debater, ModelDebater, Rule, ScriptedDebater, Seat, Spec, Utterance};
use assize_llm::{ChatModel, ChatReply, ChatRequest, Error, ModelId, ReplyDelta, ReplyStream};
use assize_metering::{ModelPrice, PriceBook, TokenUsage, Usage};
use async_trait::async_trait;
use futures_util::{StreamExt, stream};

/// A debate of `seats` seats that takes exactly `rounds` rounds: half of the panel says yes and half no, and all change
/// sides in every round, so that nothing ends it early.
#[must_use]
pub fn restless_spec(seats: usize, rounds: u32) -> Spec {
    let spec = Spec::new("Is it so?", ["yes", "no"]).with_rounds(rounds).with_rule(Rule::LinearPool);
    (0..seats).fold(spec, |spec, n| spec.with_seat(Seat::new(format!("seat {n}"), "instant")))
}

/// Scripted debaters for [`restless_spec`]: no model, no waiting.
#[must_use]
pub fn instant_debaters(seats: usize, rounds: u32) -> Vec<Arc<dyn Debater>> {
    let debater = |n: usize| {
        let says = |round: u32| {
            let stance = (n + round as usize) % 2;
            let p = if stance == 0 { [0.7, 0.3] } else { [0.3, 0.7] };
            Ok(Utterance::new(stance).with_probabilities(p).because("so it is", []))
        };
        Arc::new(ScriptedDebater::new((0..rounds).map(says))) as Arc<dyn Debater>
    };
    (0..seats).map(debater).collect()
}

/// Debaters for [`restless_spec`] that go the whole way of a model, prompt, stream, JSON and price included, with a model
/// that answers at once.
#[must_use]
pub fn instant_models(seats: usize) -> Vec<Arc<dyn Debater>> {
    let price = Arc::new(price_of("gpt-4o-mini"));
    let debater = |n: usize| {
        let model = Arc::new(InstantModel::new(n));
        Arc::new(ModelDebater::new(model, Some(Arc::clone(&price)))) as Arc<dyn Debater>
    };
    (0..seats).map(debater).collect()
}

/// A model that costs as little as a model can: it looks at nothing, and says yes and no by turns.
#[derive(Debug)]
pub struct InstantModel {
    id: ModelId,
    calls: AtomicUsize,
}

impl InstantModel {
    /// A model whose first word is yes for an even `first`.
    #[must_use]
    pub fn new(first: usize) -> Self {
        Self { id: "instant".into(), calls: AtomicUsize::new(first) }
    }
}

#[async_trait]
impl ChatModel for InstantModel {
    fn id(&self) -> &ModelId {
        &self.id
    }

    async fn complete(&self, _: ChatRequest) -> Result<ChatReply, Error> {
        const REPLIES: [&str; 2] = [
            r#"{"stance":"yes","probabilities":{"yes":0.7,"no":0.3},"reasons":[{"text":"so it is","cites":[]}]}"#,
            r#"{"stance":"no","probabilities":{"yes":0.3,"no":0.7},"reasons":[{"text":"so it is","cites":[]}]}"#,
        ];
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        let usage = Usage::simulated(TokenUsage::of(300, 30));
        Ok(ChatReply::new(self.id.clone(), REPLIES[call % 2], usage))
    }

    async fn stream(&self, request: ChatRequest) -> Result<ReplyStream, Error> {
        let reply = self.complete(request).await?;
        let deltas = [Ok(ReplyDelta::Text(reply.text.clone())), Ok(ReplyDelta::Done(Box::new(reply)))];
        Ok(stream::iter(deltas).boxed())
    }
}

/// The price of a model of the embedded book.
///
/// # Panics
/// When the book lacks it: then the bench is wrong.
#[must_use]
pub fn price_of(model: &str) -> ModelPrice {
    let at: Timestamp = "2026-11-01T00:00:00Z".parse().expect("a time");
    PriceBook::embedded().find(model, at).expect("a model of the embedded book").clone()
}

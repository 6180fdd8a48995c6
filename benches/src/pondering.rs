//! Models that take their time: 2 to 8 seconds a call, by what they are asked, so that the same call takes as long in
//! whatever order calls come. They keep a log of it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use assize_ambient::{Chance, Seed};
use assize_llm::{ChatModel, ChatReply, ChatRequest, Error, ModelId, ReplyStream};
use assize_metering::{TokenUsage, Usage};
use async_trait::async_trait;
use tokio::time::sleep;

/// A call, as the model knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PonderedCall {
    /// Which model was asked.
    pub model: String,
    /// What it was asked.
    pub asked: String,
    /// How long it took.
    pub took: Duration,
}

/// The calls of some models, in the order in which they came.
#[derive(Debug, Clone, Default)]
pub struct CallLog(Arc<Mutex<Vec<PonderedCall>>>);

impl CallLog {
    /// The calls until now.
    #[must_use]
    pub fn calls(&self) -> Vec<PonderedCall> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, call: PonderedCall) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(call);
    }
}

/// Writes an answer to a request.
pub type Answering = fn(&ChatRequest, &mut Chance) -> String;

/// Takes its time, and answers.
#[derive(Debug)]
pub struct PonderingModel {
    id: ModelId,
    seed: Seed,
    answering: Answering,
    log: CallLog,
}

impl PonderingModel {
    /// A model of this name.
    #[must_use]
    pub fn new(name: &str, seed: Seed, answering: Answering, log: &CallLog) -> Self {
        Self { id: name.into(), seed: seed.child(name), answering, log: log.clone() }
    }
}

#[async_trait]
impl ChatModel for PonderingModel {
    fn id(&self) -> &ModelId {
        &self.id
    }

    async fn complete(&self, request: ChatRequest) -> Result<ChatReply, Error> {
        let asked: String = request.messages.iter().map(|message| &*message.text).collect();
        let mut chance = self.seed.child(&asked).rng();
        let text = (self.answering)(&request, &mut chance);
        // Whole milliseconds, as timers have them.
        let took = Duration::from_millis(2_000 + chance.below(6_001) as u64);
        self.log.note(PonderedCall { model: self.id.to_string(), asked, took });
        sleep(took).await;
        Ok(ChatReply::new(self.id.clone(), text, Usage::simulated(TokenUsage::of(1_500, 120))))
    }

    async fn stream(&self, request: ChatRequest) -> Result<ReplyStream, Error> {
        Ok(self.complete(request).await?.into_stream())
    }
}

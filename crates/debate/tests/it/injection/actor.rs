//! A model that answers by what it is shown, and keeps what it was asked.

use std::{
    fmt,
    sync::{Arc, Mutex},
};

use assize_llm::{ChatModel, ChatReply, ChatRequest, Error, ModelId, ReplyDelta, ReplyStream};
use assize_metering::{TokenUsage, Usage};
use async_trait::async_trait;
use futures_util::{StreamExt, stream};

pub(super) struct Actor {
    id: ModelId,
    says: Box<dyn Fn(&str) -> String + Send + Sync>,
    asked: Mutex<Vec<ChatRequest>>,
}

impl Actor {
    pub(super) fn new(says: impl Fn(&str) -> String + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { id: "actor".into(), says: Box::new(says), asked: Mutex::default() })
    }

    pub(super) fn requests(&self) -> Vec<ChatRequest> {
        self.asked.lock().expect("nobody panics with it").clone()
    }

    fn reply(&self, request: ChatRequest) -> ChatReply {
        let text = (self.says)(&request.messages[0].text);
        self.asked.lock().expect("nobody panics with it").push(request);
        ChatReply::new(self.id.clone(), text, Usage::estimated(TokenUsage::of(1, 1)))
    }
}

impl fmt::Debug for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Actor").finish_non_exhaustive()
    }
}

#[async_trait]
impl ChatModel for Actor {
    fn id(&self) -> &ModelId {
        &self.id
    }

    async fn complete(&self, request: ChatRequest) -> Result<ChatReply, Error> {
        Ok(self.reply(request))
    }

    async fn stream(&self, request: ChatRequest) -> Result<ReplyStream, Error> {
        let reply = self.reply(request);
        let deltas = [Ok(ReplyDelta::Text(reply.text.clone())), Ok(ReplyDelta::Done(Box::new(reply)))];
        Ok(stream::iter(deltas).boxed())
    }
}

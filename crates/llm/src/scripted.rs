//! A model that says what it was told to say.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use assize_metering::{CharacterEstimator, TokenCounter, TokenUsage, Usage};
use async_trait::async_trait;

use crate::{ChatModel, ChatReply, ChatRequest, Error, ErrorKind, ModelId, ReplyStream};

/// Replies at once, with the texts, the whole replies or the failures that it was given, in their order.
///
/// ```
/// use assize_llm::{ChatModel, ChatRequest, ScriptedModel};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let model = ScriptedModel::saying("parrot", ["yes", "no"]);
/// assert_eq!(model.complete(ChatRequest::new("Is it?")).await?.text, "yes");
/// assert_eq!(model.complete(ChatRequest::new("Is it?")).await?.text, "no");
/// assert!(model.complete(ChatRequest::new("Is it?")).await.is_err());
/// # Ok::<(), assize_llm::Error>(())
/// # }).unwrap();
/// ```
#[derive(Debug)]
pub struct ScriptedModel {
    id: ModelId,
    script: Mutex<VecDeque<Result<Line, Error>>>,
    last_for_ever: bool,
}

#[derive(Debug, Clone)]
enum Line {
    Text(String),
    Reply(Box<ChatReply>),
}

impl ScriptedModel {
    /// A model with this script.
    pub fn new(id: &str, script: impl IntoIterator<Item = Result<String, Error>>) -> Self {
        Self::of(id, script.into_iter().map(|line| line.map(Line::Text)))
    }

    /// A model that gives these replies just as they are: with their reasoning, their calls of tools, their usage, and
    /// with the name of the model that each of them bears.
    pub fn replying(id: &str, replies: impl IntoIterator<Item = Result<ChatReply, Error>>) -> Self {
        Self::of(id, replies.into_iter().map(|reply| reply.map(|reply| Line::Reply(Box::new(reply)))))
    }

    fn of(id: &str, script: impl Iterator<Item = Result<Line, Error>>) -> Self {
        Self { id: id.into(), script: Mutex::new(script.collect()), last_for_ever: false }
    }

    /// A model that says these texts, and then has no further reply.
    pub fn saying<T: Into<String>>(id: &str, texts: impl IntoIterator<Item = T>) -> Self {
        Self::new(id, texts.into_iter().map(|text| Ok(text.into())))
    }

    /// The same, but the last line of the script is repeated for ever.
    #[must_use]
    pub fn repeating_the_last(mut self) -> Self {
        self.last_for_ever = true;
        self
    }

    fn next_line(&self) -> Result<Line, Error> {
        let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        let line = if self.last_for_ever && script.len() == 1 {
            script.front().cloned()
        } else {
            script.pop_front()
        };
        line.unwrap_or_else(|| {
            let message = format!("ask the scripted model {}: its script has no further line", self.id);
            Err(Error::new(ErrorKind::ScriptEnded, message))
        })
    }

    fn reply(&self, request: &ChatRequest) -> Result<ChatReply, Error> {
        let text = match self.next_line()? {
            Line::Reply(reply) => return Ok(*reply),
            Line::Text(text) => text,
        };
        let input = request.texts().map(|text| CharacterEstimator.count(text)).sum();
        let usage = Usage::estimated(TokenUsage::of(input, CharacterEstimator.count(&text)));
        Ok(ChatReply::new(self.id.clone(), text, usage))
    }
}

#[async_trait]
impl ChatModel for ScriptedModel {
    fn id(&self) -> &ModelId {
        &self.id
    }

    async fn complete(&self, request: ChatRequest) -> Result<ChatReply, Error> {
        self.reply(&request)
    }

    async fn stream(&self, request: ChatRequest) -> Result<ReplyStream, Error> {
        Ok(self.reply(&request)?.into_stream())
    }
}

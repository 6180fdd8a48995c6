//! What is asked of a model.

use std::sync::Arc;

use assize_metering::Attempt;
use serde_json::Value;

/// Who said a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The person, or whoever speaks in the person's place.
    User,
    /// The model.
    Assistant,
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Message {
    /// Who said it.
    pub role: Role,
    /// What was said.
    pub text: Arc<str>,
}

/// The form that a reply must have.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum ResponseFormat {
    /// Free text.
    #[default]
    Text,
    /// A JSON object that this JSON Schema describes.
    JsonSchema(Arc<Value>),
}

/// For whom, and over what, a reply may be used again. Replies never leave their scope.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ReuseScope {
    /// Whose requests share replies: a tenant, a user, a team.
    pub tenant: Arc<str>,
    /// The version of the documents that replies rest on; empty where they rest on none.
    pub corpus: Arc<str>,
}

impl ReuseScope {
    /// The scope of this tenant, whose replies rest on no documents.
    pub fn of(tenant: impl Into<Arc<str>>) -> Self {
        Self { tenant: tenant.into(), corpus: "".into() }
    }

    /// The same, whose replies rest on documents in this version.
    #[must_use]
    pub fn over(mut self, corpus: impl Into<Arc<str>>) -> Self {
        self.corpus = corpus.into();
        self
    }
}

/// Which earlier replies may serve a request instead of a new one. It is for caches; the model does not see it.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub enum Reuse {
    /// None: the model is asked. So it is for all turns of a debate: a speaker's word in one round is one of its kind.
    #[default]
    Never,
    /// One to the same request, to the last letter.
    Exact(ReuseScope),
    /// One to the same request, or to one that says the same in other words.
    Semantic {
        /// Within which replies are searched.
        scope: ReuseScope,
        /// The least similarity to serve one, 0 to 1, where the cache's own threshold is not enough. It can only raise it.
        at_least: Option<f32>,
    },
}

/// A request to a model. Which model is decided by the [`ChatModel`](crate::ChatModel) that gets it.
///
/// ```
/// use assize_llm::ChatRequest;
///
/// let request = ChatRequest::new("Is it raining?").with_system("Answer yes or no.").with_max_tokens(5);
/// assert_eq!(request.messages.len(), 1);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ChatRequest {
    /// The system prompt.
    pub system: Option<Arc<str>>,
    /// The conversation, oldest first.
    pub messages: Vec<Message>,
    /// The most tokens that the reply may have.
    pub max_tokens: Option<u32>,
    /// Sampling temperature, from 0.0 (the vendor's most deterministic).
    pub temperature: Option<f32>,
    /// Sequences that end the reply.
    pub stop: Vec<String>,
    /// A seed for sampling, where the vendor has one.
    pub seed: Option<u64>,
    /// The form of the reply.
    pub format: ResponseFormat,
    /// The booked attempt that this one repeats, if any. It is for the ledger; the model does not see it.
    pub retry_of: Option<Attempt>,
    /// Which earlier replies may serve it.
    pub reuse: Reuse,
}

impl ChatRequest {
    /// A request with one message of the user.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self {
            system: None,
            messages: vec![Message { role: Role::User, text: text.into() }],
            max_tokens: None,
            temperature: None,
            stop: Vec::new(),
            seed: None,
            format: ResponseFormat::Text,
            retry_of: None,
            reuse: Reuse::Never,
        }
    }

    /// The same with a system prompt.
    #[must_use]
    pub fn with_system(mut self, text: impl Into<Arc<str>>) -> Self {
        self.system = Some(text.into());
        self
    }

    /// The same with a limit on the reply's tokens.
    #[must_use]
    pub fn with_max_tokens(mut self, max_tokens: u32) -> Self {
        self.max_tokens = Some(max_tokens);
        self
    }

    /// The same with a sampling temperature.
    #[must_use]
    pub fn with_temperature(mut self, temperature: f32) -> Self {
        self.temperature = Some(temperature);
        self
    }

    /// The same with sequences that end the reply.
    #[must_use]
    pub fn with_stop<T: Into<String>>(mut self, stop: impl IntoIterator<Item = T>) -> Self {
        self.stop = stop.into_iter().map(Into::into).collect();
        self
    }

    /// The same with a seed for sampling.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// The same with these messages after those that it has.
    #[must_use]
    pub fn with_messages(mut self, messages: impl IntoIterator<Item = Message>) -> Self {
        self.messages.extend(messages);
        self
    }

    /// The same with the form that the reply must have.
    #[must_use]
    pub fn with_format(mut self, format: ResponseFormat) -> Self {
        self.format = format;
        self
    }

    /// The same, which these earlier replies may serve.
    #[must_use]
    pub fn with_reuse(mut self, reuse: Reuse) -> Self {
        self.reuse = reuse;
        self
    }

    /// All the texts that go to the model: the system prompt, then the messages.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.system.as_deref().into_iter().chain(self.messages.iter().map(|message| &*message.text))
    }
}

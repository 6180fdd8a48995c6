//! The trait.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use futures_util::stream::BoxStream;

use crate::{ChatReply, ChatRequest, Error, ReplyDelta};

/// A model's name as the vendor writes it, such as `claude-sonnet-4-5-20250929`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModelId(Arc<str>);

impl ModelId {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for ModelId {
    fn from(name: &str) -> Self {
        Self(name.into())
    }
}

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A reply as it comes in. It ends with [`ReplyDelta::Done`] or with an error.
pub type ReplyStream = BoxStream<'static, Result<ReplyDelta, Error>>;

/// A model that can be talked to. Dropping the future or the stream cancels the call.
#[cfg_attr(any(test, feature = "test-util"), mockall::automock)]
#[async_trait]
pub trait ChatModel: fmt::Debug + Send + Sync + 'static {
    /// Which model this is.
    fn id(&self) -> &ModelId;

    /// Whether nobody is billed for its calls, since they are simulated.
    fn is_simulated(&self) -> bool {
        false
    }

    /// Asks, and waits for the whole reply.
    ///
    /// # Errors
    /// When no whole reply came: the [kind](Error::kind) says why.
    async fn complete(&self, request: ChatRequest) -> Result<ChatReply, Error>;

    /// Asks, and gives the reply as it comes. The texts of the deltas, joined, are the text of the reply at the end.
    ///
    /// # Errors
    /// When the call was refused; a failure later on is an item of the stream.
    async fn stream(&self, request: ChatRequest) -> Result<ReplyStream, Error>;
}

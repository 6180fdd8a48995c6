//! A model that is not told which company it is, and when.

use std::sync::Arc;

use assize_llm::{ChatModel, ChatReply, ChatRequest, Error, ModelId, ReplyStream};
use async_trait::async_trait;

use super::{Blindfold, masking::newest_date};

/// Masks what goes to a model. What it says comes back as it is.
///
/// ```
/// use std::sync::Arc;
/// use assize_altdata::Identity;
/// use assize_llm::{ChatModel, ChatRequest, ScriptedModel};
/// use assize_pipeline::{BlindModel, Blindfold};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let blindfold = Blindfold::new([Identity::new(&"KO".parse()?, "Coca-Cola Co")]);
/// let model = BlindModel::new(Arc::new(ScriptedModel::saying("parrot", ["yes"])), Arc::new(blindfold));
/// assert_eq!(model.complete(ChatRequest::new("Will Coca-Cola rise?")).await?.text, "yes");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct BlindModel {
    inner: Arc<dyn ChatModel>,
    blindfold: Arc<Blindfold>,
}

impl BlindModel {
    /// The model behind this blindfold.
    #[must_use]
    pub fn new(inner: Arc<dyn ChatModel>, blindfold: Arc<Blindfold>) -> Self {
        Self { inner, blindfold }
    }

    fn masked(&self, mut request: ChatRequest) -> ChatRequest {
        let texts = request.messages.iter().map(|message| &*message.text).chain(request.system.as_deref());
        let newest = newest_date(texts);
        let mask = |text: &str| -> Arc<str> { self.blindfold.masked_before(text, newest).into() };
        request.system = request.system.as_deref().map(mask);
        for message in &mut request.messages {
            message.text = mask(&message.text);
        }
        request
    }
}

#[async_trait]
impl ChatModel for BlindModel {
    fn id(&self) -> &ModelId {
        self.inner.id()
    }

    fn is_simulated(&self) -> bool {
        self.inner.is_simulated()
    }

    async fn complete(&self, request: ChatRequest) -> Result<ChatReply, Error> {
        self.inner.complete(self.masked(request)).await
    }

    async fn stream(&self, request: ChatRequest) -> Result<ReplyStream, Error> {
        self.inner.stream(self.masked(request)).await
    }
}

//! Other models, where the first fails.

use std::{fmt, sync::Arc};

use async_trait::async_trait;

use crate::{
    ChatModel, ChatReply, ChatRequest, Error, ErrorKind, ModelId, ReplyStream, earlier::Earlier,
    opening::open,
};

/// Asks the next model of a chain where one fails in a way that another may not.
///
/// Unless [told otherwise](Self::going_on_after), that is after failures that [pass](ErrorKind::is_transient), after
/// [`ContextTooLong`](ErrorKind::ContextTooLong), where models whose window is known to be no larger are left out, and after
/// [`Quota`](ErrorKind::Quota). It is not after what is wrong everywhere or ought to be seen: a bad request, a wrong key,
/// a budget, a filter. A stream goes on to the next only before its first delta; what was handed out stays.
///
/// [`ChatReply::model`] is the model that replied, while [`id`](ChatModel::id) is the first of the chain. Each model has its
/// own price, so [`Metered`](crate::Metered) belongs around each of them, with one ledger, and not around the chain. The
/// telemetry adds up what all of them went through.
///
/// ```
/// use std::sync::Arc;
///
/// use assize_llm::{ChatModel, ChatRequest, Error, ErrorKind, Fallback, ScriptedModel};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let full = Error::new(ErrorKind::Overloaded, "ask large: overloaded");
/// let large = Arc::new(ScriptedModel::new("large", [Err(full)]));
/// let model = Fallback::new(large).or(Arc::new(ScriptedModel::saying("small", ["Yes."])));
///
/// let reply = model.complete(ChatRequest::new("Is it raining?")).await?;
/// assert_eq!((reply.model.as_str(), reply.telemetry.attempts), ("small", 2));
/// # Ok::<(), assize_llm::Error>(())
/// # }).unwrap();
/// ```
pub struct Fallback {
    links: Vec<Link>,
    goes_on: Arc<dyn Fn(&Error) -> bool + Send + Sync>,
}

struct Link {
    model: Arc<dyn ChatModel>,
    /// In tokens, where it is known.
    window: Option<u64>,
}

impl fmt::Debug for Fallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let links = self.links.iter().map(|link| (link.model.id(), link.window));
        f.debug_map().entries(links).finish()
    }
}

fn by_default(error: &Error) -> bool {
    error.kind().is_transient() || matches!(error.kind(), ErrorKind::ContextTooLong | ErrorKind::Quota)
}

impl Fallback {
    /// A chain of this model alone.
    pub fn new(model: Arc<dyn ChatModel>) -> Self {
        Self { links: vec![Link { model, window: None }], goes_on: Arc::new(by_default) }
    }

    /// The same with a further model at its end.
    #[must_use]
    pub fn or(mut self, model: Arc<dyn ChatModel>) -> Self {
        self.links.push(Link { model, window: None });
        self
    }

    /// The same, where the last model so far is known to take so many tokens.
    #[must_use]
    pub fn with_window(mut self, tokens: u64) -> Self {
        if let Some(last) = self.links.last_mut() {
            last.window = Some(tokens);
        }
        self
    }

    /// The same, where it goes on after the failures for which this says so, and after no other.
    #[must_use]
    pub fn going_on_after(mut self, goes_on: impl Fn(&Error) -> bool + Send + Sync + 'static) -> Self {
        self.goes_on = Arc::new(goes_on);
        self
    }

    fn first(&self) -> &dyn ChatModel {
        &*self.links[0].model
    }
}

/// What was tried of a chain so far.
struct Tried<'a> {
    chain: &'a Fallback,
    request: ChatRequest,
    next: usize,
    /// A window that is too small.
    too_small: Option<u64>,
    /// What the failures said.
    told: Vec<String>,
    earlier: Earlier,
}

impl<'a> Tried<'a> {
    fn new(chain: &'a Fallback, request: ChatRequest) -> Self {
        Self { chain, request, next: 0, too_small: None, told: Vec::new(), earlier: Earlier::default() }
    }

    /// The next model that may do better.
    fn next(&mut self) -> Option<&'a dyn ChatModel> {
        while let Some(link) = self.chain.links.get(self.next) {
            self.next += 1;
            let is_known_too_small =
                self.too_small.zip(link.window).is_some_and(|(too_small, window)| window <= too_small);
            if !is_known_too_small {
                return Some(&*link.model);
            }
        }
        None
    }

    /// Takes a failure of the model that [`next`](Self::next) gave; the error where the chain ends with it.
    fn failed(&mut self, error: Error) -> Result<&'a dyn ChatModel, Error> {
        if error.kind() == ErrorKind::ContextTooLong {
            let window = self.chain.links[self.next - 1].window;
            self.too_small = self.too_small.max(window);
        }
        self.request.retry_of = error.telemetry().booked.or(self.request.retry_of);
        self.told.push(error.to_string());
        let next = if (self.chain.goes_on)(&error) { self.next() } else { None };
        match next {
            Some(model) => {
                self.earlier.add(&error);
                Ok(model)
            }
            None => Err(self.last(error)),
        }
    }

    /// The last failure, which names those before it.
    fn last(&self, error: Error) -> Error {
        let error = self.earlier.before_error(error);
        if self.told.len() == 1 {
            return error;
        }
        error.map_message(|_| {
            format!("have one of {} models reply: {}", self.told.len(), self.told.join("; "))
        })
    }
}

#[async_trait]
impl ChatModel for Fallback {
    /// That of the first model of the chain.
    fn id(&self) -> &ModelId {
        self.first().id()
    }

    /// Whether nobody is billed, whichever replies.
    fn is_simulated(&self) -> bool {
        self.links.iter().all(|link| link.model.is_simulated())
    }

    async fn complete(&self, request: ChatRequest) -> Result<ChatReply, Error> {
        let mut tried = Tried::new(self, request);
        let mut model = tried.next().unwrap_or(self.first());
        loop {
            match model.complete(tried.request.clone()).await {
                Ok(reply) => return Ok(tried.earlier.before_reply(reply)),
                Err(error) => model = tried.failed(error)?,
            }
        }
    }

    async fn stream(&self, request: ChatRequest) -> Result<ReplyStream, Error> {
        let mut tried = Tried::new(self, request);
        let mut model = tried.next().unwrap_or(self.first());
        loop {
            match open(model, tried.request.clone()).await {
                Ok(deltas) => return Ok(tried.earlier.before_stream(deltas)),
                Err(error) => model = tried.failed(error)?,
            }
        }
    }
}

#[cfg(test)]
mod tests;

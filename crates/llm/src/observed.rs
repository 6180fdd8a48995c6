//! Every call of a model, counted and timed.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use tokio::time::Instant;

use crate::{
    CallStatistics, ChatModel, ChatReply, ChatRequest, Error, ModelId, ReplyDelta, ReplyStream,
    call_statistics::{End, Series},
};

/// Notes of every call how it went, in [`CallStatistics`] that several wrappers may share.
///
/// It is the outermost wrapper: it sees what a caller sees, with all waits, retries and fallbacks, and counts a call once.
/// A call whose future or stream is dropped before its end counts as cancelled; one that is never polled was none. It
/// notes no text.
///
/// ```
/// use std::sync::Arc;
///
/// use assize_llm::{CallStatistics, ChatModel, ChatRequest, Observed, ScriptedModel};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let statistics = CallStatistics::new();
/// let parrot = Arc::new(ScriptedModel::saying("parrot", ["Yes."]));
/// let model = Observed::new(parrot, statistics.clone()).for_agent("hawk");
/// model.complete(ChatRequest::new("Is it raining?")).await?;
/// let seen = statistics.snapshot();
/// assert_eq!((seen.series[0].agent.as_str(), seen.series[0].replied), ("hawk", 1));
/// # Ok::<(), assize_llm::Error>(())
/// # }).unwrap();
/// ```
pub struct Observed {
    model: Arc<dyn ChatModel>,
    notebook: Arc<Notebook>,
}

/// Where a wrapper's calls are noted.
struct Notebook {
    statistics: CallStatistics,
    model: ModelId,
    agent: Arc<str>,
    /// That of the model itself, which nearly every call is noted in.
    own: OnceLock<Arc<Series>>,
}

impl fmt::Debug for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observed")
            .field("model", self.model.id())
            .field("agent", &self.notebook.agent)
            .finish_non_exhaustive()
    }
}

impl Observed {
    /// Notes this model's calls there, for nobody in particular.
    pub fn new(model: Arc<dyn ChatModel>, statistics: CallStatistics) -> Self {
        let notebook =
            Notebook { statistics, model: model.id().clone(), agent: "".into(), own: OnceLock::new() };
        Self { model, notebook: Arc::new(notebook) }
    }

    /// The same for an agent: a participant of a debate, say, as
    /// [`Attribution::participant`](assize_metering::Attribution::participant) names it.
    #[must_use]
    pub fn for_agent(self, agent: impl Into<Arc<str>>) -> Self {
        let Notebook { statistics, model, .. } = &*self.notebook;
        let notebook = Notebook {
            statistics: statistics.clone(),
            model: model.clone(),
            agent: agent.into(),
            own: OnceLock::new(),
        };
        Self { model: self.model, notebook: Arc::new(notebook) }
    }

    fn begin(&self, streamed: bool) -> Underway {
        Underway {
            notebook: Arc::clone(&self.notebook),
            started: Instant::now(),
            first_delta: None,
            streamed,
            ended: false,
        }
    }
}

impl Notebook {
    fn series(&self, model: &ModelId) -> Arc<Series> {
        if *model == self.model {
            Arc::clone(self.own.get_or_init(|| self.statistics.series(model, &self.agent)))
        } else {
            self.statistics.series(model, &self.agent)
        }
    }
}

/// A call that has not ended. Dropping it notes that it was cancelled.
struct Underway {
    notebook: Arc<Notebook>,
    started: Instant,
    first_delta: Option<Duration>,
    streamed: bool,
    ended: bool,
}

impl Underway {
    fn note(&mut self, model: &ModelId, end: End<'_>) {
        if !std::mem::replace(&mut self.ended, true) {
            let series = self.notebook.series(model);
            series.note(end, self.started.elapsed(), self.first_delta, self.streamed);
        }
    }

    fn note_end(&mut self, end: Result<&ChatReply, &Error>) {
        match end {
            Ok(reply) => self.note(&reply.model, End::Reply(reply)),
            Err(error) => {
                let model = self.notebook.model.clone();
                self.note(&model, End::Error(error));
            }
        }
    }

    fn note_delta(&mut self, delta: &Result<ReplyDelta, Error>) {
        match delta {
            Ok(ReplyDelta::Text(_) | ReplyDelta::Reasoning(_)) => {
                if self.first_delta.is_none() {
                    self.first_delta = Some(self.started.elapsed());
                }
            }
            Ok(ReplyDelta::Done(reply)) => self.note_end(Ok(reply)),
            Err(error) => self.note_end(Err(error)),
        }
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        if !self.ended {
            let model = self.notebook.model.clone();
            self.note(&model, End::Cancelled);
        }
    }
}

#[async_trait]
impl ChatModel for Observed {
    fn id(&self) -> &ModelId {
        self.model.id()
    }

    fn is_simulated(&self) -> bool {
        self.model.is_simulated()
    }

    async fn complete(&self, request: ChatRequest) -> Result<ChatReply, Error> {
        let mut underway = self.begin(false);
        let end = self.model.complete(request).await;
        underway.note_end(end.as_ref());
        end
    }

    async fn stream(&self, request: ChatRequest) -> Result<ReplyStream, Error> {
        let mut underway = self.begin(true);
        let deltas = self.model.stream(request).await.inspect_err(|error| underway.note_end(Err(error)))?;
        Ok(stream::unfold((deltas, underway), |(mut deltas, mut underway)| async move {
            let delta = deltas.next().await?;
            underway.note_delta(&delta);
            Some((delta, (deltas, underway)))
        })
        .boxed())
    }
}

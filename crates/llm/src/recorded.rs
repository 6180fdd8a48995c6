//! Every call of a model, written down so that it can be replayed.

pub(crate) mod line;

use std::{
    collections::BTreeMap,
    fmt,
    io::{self, Write},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use futures_util::{StreamExt, stream};

use self::line::{Delta, End, Line, Request};
use crate::{ChatModel, ChatReply, ChatRequest, Error, ModelId, ReplyDelta, ReplyStream};

/// Writes each call as a line of JSON: the request and its fingerprint, the deltas of a stream as they came, and the reply or
/// the error. [`Replayed`](crate::Replayed) reads it.
///
/// What is written is what was said; how a call was carried, with its keys and headers, is not known here. A call that its
/// caller drops is written as dropped. Put it outside whatever drops calls itself, such as [`Hedged`](crate::Hedged), so
/// that what is replayed does not depend on time.
///
/// ```
/// use std::sync::Arc;
///
/// use assize_llm::{ChatModel, ChatRequest, Recorded, Recorder, Replayed, ScriptedModel};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let file = tempfile::NamedTempFile::new()?;
/// let recorder = Recorder::new(file.reopen()?);
/// let model = Recorded::new(Arc::new(ScriptedModel::saying("parrot", ["Yes."])), recorder.clone());
/// model.complete(ChatRequest::new("Is it raining?")).await?;
/// recorder.finish()?;
///
/// let model = Replayed::read("parrot", std::io::BufReader::new(file))?;
/// assert_eq!(model.complete(ChatRequest::new("Is it raining?")).await?.text, "Yes.");
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Recorded {
    model: Arc<dyn ChatModel>,
    recorder: Recorder,
}

impl fmt::Debug for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorded").field("model", self.model.id()).finish_non_exhaustive()
    }
}

impl Recorded {
    /// Writes down this model's calls.
    pub fn new(model: Arc<dyn ChatModel>, recorder: Recorder) -> Self {
        Self { model, recorder }
    }

    fn begin(&self, request: &ChatRequest, deltas: Option<Vec<Delta>>) -> Exchange {
        let request = Request::of(request);
        let fingerprint = request.fingerprint();
        let model = self.model.id().as_str().to_owned();
        let nth = self.recorder.next_of(&model, &fingerprint);
        let line = Line::new(model, fingerprint, nth, request, deltas);
        Exchange { recorder: self.recorder.clone(), line: Some(line) }
    }
}

/// Where calls are written, of one model or of several. Clones write to the same place.
///
/// A recording that cannot be written does not fail the calls; [`finish`](Self::finish) tells.
#[derive(Clone)]
pub struct Recorder(Arc<Mutex<State>>);

struct State {
    writer: Box<dyn Write + Send>,
    /// How often each request was begun.
    begun: BTreeMap<(String, String), u64>,
    problem: Option<io::Error>,
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").field("n_requests", &self.state().begun.len()).finish_non_exhaustive()
    }
}

impl Recorder {
    /// Writes lines there, each at once: a file needs no buffer around it.
    pub fn new(writer: impl Write + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(State { writer: Box::new(writer), begun: BTreeMap::new(), problem: None })))
    }

    /// Ends the recording, as far as the calls have ended. Call it when they have.
    ///
    /// # Errors
    /// When a call could not be written; none after it was.
    pub fn finish(&self) -> io::Result<()> {
        let mut state = self.state();
        match state.problem.take() {
            Some(problem) => Err(problem),
            None => state.writer.flush(),
        }
    }

    fn next_of(&self, model: &str, fingerprint: &str) -> u64 {
        let mut state = self.state();
        let begun = state.begun.entry((model.to_owned(), fingerprint.to_owned())).or_default();
        *begun += 1;
        *begun - 1
    }

    fn write(&self, line: &Line) {
        let mut state = self.state();
        if state.problem.is_none() {
            state.problem = line.write(&mut state.writer).err();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call that is being recorded. It is written when it ends, or as dropped.
struct Exchange {
    recorder: Recorder,
    line: Option<Line>,
}

impl Exchange {
    fn end(&mut self, end: End) {
        if let Some(mut line) = self.line.take() {
            line.end = end;
            self.recorder.write(&line);
        }
    }

    fn note(&mut self, delta: &Result<ReplyDelta, Error>) {
        let delta = match delta {
            Ok(ReplyDelta::Text(text)) => Delta::Text(text.clone()),
            Ok(ReplyDelta::Reasoning(text)) => Delta::Reasoning(text.clone()),
            Ok(ReplyDelta::Done(reply)) => return self.end(End::of(Ok(reply))),
            Err(error) => return self.end(End::of(Err(error))),
        };
        if let Some(deltas) = self.line.as_mut().and_then(|line| line.deltas.as_mut()) {
            deltas.push(delta);
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.end(End::Dropped);
    }
}

#[async_trait]
impl ChatModel for Recorded {
    fn id(&self) -> &ModelId {
        self.model.id()
    }

    fn is_simulated(&self) -> bool {
        self.model.is_simulated()
    }

    async fn complete(&self, request: ChatRequest) -> Result<ChatReply, Error> {
        let mut exchange = self.begin(&request, None);
        let end = self.model.complete(request).await;
        exchange.end(End::of(end.as_ref()));
        end
    }

    async fn stream(&self, request: ChatRequest) -> Result<ReplyStream, Error> {
        let mut exchange = self.begin(&request, Some(Vec::new()));
        let deltas = match self.model.stream(request).await {
            Ok(deltas) => deltas,
            Err(error) => {
                exchange.end(End::of(Err(&error)));
                return Err(error);
            }
        };
        Ok(stream::unfold((deltas, exchange), |(mut deltas, mut exchange)| async move {
            let delta = deltas.next().await?;
            exchange.note(&delta);
            Some((delta, (deltas, exchange)))
        })
        .boxed())
    }
}

#[cfg(test)]
mod tests;

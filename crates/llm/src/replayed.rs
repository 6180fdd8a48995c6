//! A model that says again what was recorded.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    io::BufRead,
    sync::{Mutex, PoisonError},
};

use assize_metering::{Usage, UsageBasis};
use async_trait::async_trait;
use futures_util::{StreamExt, stream};

use crate::{
    ChatModel, ChatReply, ChatRequest, Error, ErrorKind, ModelId, ReplyDelta, ReplyStream,
    recorded::line::{Delta, End, Failure, Line, Request},
};

/// The most requests that one that was not recorded is compared with.
const MOST_COMPARED: usize = 1_000;
/// How many characters of each text are compared.
const COMPARED_CHARACTERS: usize = 2_000;
/// How many characters of a prompt are shown.
const SHOWN_CHARACTERS: usize = 80;

/// Says again what [`Recorded`](crate::Recorded) wrote down: replies, errors, and streams delta by delta, without any
/// waiting.
///
/// Equal requests get what they got, in the order in which they were begun. A request that was not recorded, or not so
/// often, is refused as [`ScriptEnded`](ErrorKind::ScriptEnded); the error shows the nearest one that was. A call that its
/// caller dropped is refused as well, after the deltas that came.
///
/// Nobody bills a replay: its usage is marked [`Simulated`](UsageBasis::Simulated) and it is a
/// [simulated](ChatModel::is_simulated) model, unless its calls are to be [booked as they were](Self::as_billed).
pub struct Replayed {
    id: ModelId,
    calls: BTreeMap<String, Vec<Line>>,
    n_begun: Mutex<BTreeMap<String, usize>>,
    as_billed: bool,
}

impl fmt::Debug for Replayed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replayed").field("id", &self.id).field("n_calls", &self.len()).finish_non_exhaustive()
    }
}

impl Replayed {
    /// Reads the calls of this model from a recording; those of others are passed over.
    ///
    /// # Errors
    /// [`Malformed`](ErrorKind::Malformed), with the number of the line, where it cannot be read.
    pub fn read(id: &str, mut recording: impl BufRead) -> Result<Self, Error> {
        let mut calls: BTreeMap<String, Vec<Line>> = BTreeMap::new();
        let mut number = 0;
        loop {
            let line = Line::read(&mut recording, &mut number);
            let broken = |why: String| {
                Error::new(ErrorKind::Malformed, format!("read the recording of {id}: line {number}: {why}"))
            };
            let Some(line) = line.map_err(broken)? else { break };
            if let End::Error(failure) = &line.end
                && failure.kind().is_none()
            {
                return Err(broken(format!("this program knows no error of the kind `{}`", failure.kind)));
            }
            if line.model == id {
                calls.entry(line.fingerprint.clone()).or_default().push(line);
            }
        }
        for equal in calls.values_mut() {
            equal.sort_by_key(|line| line.nth);
        }
        Ok(Self { id: id.into(), calls, n_begun: Mutex::default(), as_billed: false })
    }

    /// The same, where usage is given as it was recorded: a ledger then books the calls as if they were made again.
    #[must_use]
    pub fn as_billed(mut self) -> Self {
        self.as_billed = true;
        self
    }

    /// How many calls it can replay.
    #[must_use]
    pub fn len(&self) -> usize {
        self.calls.values().map(Vec::len).sum()
    }

    /// Whether it can replay none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    fn next_call(&self, request: &ChatRequest) -> Result<&Line, Error> {
        let request = Request::of(request);
        let fingerprint = request.fingerprint();
        let Some(equal) = self.calls.get(&fingerprint) else { return Err(self.unrecorded(&request)) };
        let nth = {
            let mut n_begun = self.n_begun.lock().unwrap_or_else(PoisonError::into_inner);
            let n_begun = n_begun.entry(fingerprint).or_default();
            *n_begun += 1;
            *n_begun - 1
        };
        equal.get(nth).ok_or_else(|| {
            let shown = shown(&request);
            self.refused(&format!(
                "the request {shown} was recorded {} times and is asked once more",
                equal.len()
            ))
        })
    }

    fn refused(&self, why: &str) -> Error {
        let mut error = Error::new(ErrorKind::ScriptEnded, format!("replay {}: {why}", self.id));
        error.telemetry_mut().attempts = 0;
        error
    }

    fn unrecorded(&self, request: &Request) -> Error {
        let wanted = words(request);
        let mut nearest: Option<(usize, &Request)> = None;
        for candidate in self.calls.values().filter_map(|equal| equal.first()).take(MOST_COMPARED) {
            let found = words(&candidate.request);
            let shared = wanted.intersection(&found).count();
            let likeness = shared * 10_000 / (wanted.len() + found.len() - shared).max(1);
            if nearest.is_none_or(|(best, _)| likeness > best) {
                nearest = Some((likeness, &candidate.request));
            }
        }
        let hint = match nearest {
            None => "the recording holds no call of this model".to_owned(),
            Some((_, same)) if same.texts().eq(request.texts()) => {
                "the same prompt was recorded with other settings".to_owned()
            }
            Some((_, near)) => format!("the nearest that was is {}", shown(near)),
        };
        self.refused(&format!("the request {} was not recorded; {hint}", shown(request)))
    }

    fn as_replayed(&self, mut usage: Usage) -> Usage {
        if !self.as_billed {
            usage.basis = UsageBasis::Simulated;
        }
        usage
    }

    fn end(&self, end: &End) -> Result<ChatReply, Error> {
        match end {
            End::Reply(reply) => {
                let mut reply = reply.replayed();
                reply.usage = self.as_replayed(reply.usage);
                Ok(reply)
            }
            End::Error(failure) => Err(self.failure(failure)),
            End::Dropped => Err(self.refused("the call was dropped before its end when it was recorded")),
        }
    }

    fn failure(&self, failure: &Failure) -> Error {
        // `read` takes known kinds only.
        let kind = failure.kind().unwrap_or(ErrorKind::ScriptEnded);
        failure.replayed(kind, |usage| self.as_replayed(usage))
    }
}

/// The words of a request.
fn words(request: &Request) -> BTreeSet<&str> {
    request.texts().flat_map(|text| beginning(text, COMPARED_CHARACTERS).split_whitespace()).collect()
}

/// The last message, shortened and quoted.
fn shown(request: &Request) -> String {
    let text = request.messages.last().map_or("", |said| &*said.text);
    let beginning = beginning(text, SHOWN_CHARACTERS);
    let more = if beginning.len() < text.len() { "…" } else { "" };
    format!("{beginning:?}{more}")
}

fn beginning(text: &str, characters: usize) -> &str {
    text.char_indices().nth(characters).map_or(text, |(at, _)| &text[..at])
}

#[async_trait]
impl ChatModel for Replayed {
    fn id(&self) -> &ModelId {
        &self.id
    }

    fn is_simulated(&self) -> bool {
        !self.as_billed
    }

    async fn complete(&self, request: ChatRequest) -> Result<ChatReply, Error> {
        self.end(&self.next_call(&request)?.end)
    }

    async fn stream(&self, request: ChatRequest) -> Result<ReplyStream, Error> {
        let line = self.next_call(&request)?;
        let end = self.end(&line.end);
        // It was whole: it comes in one piece.
        let Some(recorded) = &line.deltas else { return end.map(ChatReply::into_stream) };
        if let (true, Err(error)) = (recorded.is_empty(), &end) {
            return Err(error.clone());
        }
        let said = recorded.iter().map(|delta| match delta {
            Delta::Text(text) => Ok(ReplyDelta::Text(text.clone())),
            Delta::Reasoning(text) => Ok(ReplyDelta::Reasoning(text.clone())),
        });
        let mut deltas: Vec<_> = said.collect();
        deltas.push(end.map(|reply| ReplyDelta::Done(Box::new(reply))));
        Ok(stream::iter(deltas).boxed())
    }
}

//! A server that says what it was told to say.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use assize_ambient::Timestamp;
use assize_transport::{Error, ErrorKind, Headers, Incoming, RawResponse, Request, Transport};
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, stream};

/// One answer: no head at all, or a status, a content type and the pieces of a body.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    Fails(Error),
    Says {
        status: u16,
        headers: Vec<(&'static str, &'static str)>,
        body: Vec<Result<Bytes, Error>>,
        /// Its body comes again after each such pause.
        again: Option<Duration>,
    },
}

impl Answer {
    pub(crate) fn new(status: u16, content_type: &'static str, body: &str) -> Self {
        Self::Says {
            status,
            headers: vec![("content-type", content_type)],
            body: vec![Ok(body.to_owned().into())],
            again: None,
        }
    }

    pub(crate) fn json(body: &str) -> Self {
        Self::new(200, "application/json", body)
    }

    /// A stream, cut into pieces of three bytes.
    pub(crate) fn events(body: &str) -> Self {
        let body = body.as_bytes().chunks(3).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        Self::Says { status: 200, headers: vec![("content-type", "text/event-stream")], body, again: None }
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: &'static str) -> Self {
        if let Self::Says { headers, .. } = &mut self {
            headers.push((name, value));
        }
        self
    }

    /// The same, its body time and again.
    pub(crate) fn repeated_for_ever(mut self, pause: Duration) -> Self {
        if let Self::Says { again, .. } = &mut self {
            *again = Some(pause);
        }
        self
    }

    /// The same, broken off at the end of its body.
    pub(crate) fn then(mut self, error: Error) -> Self {
        if let Self::Says { body, .. } = &mut self {
            body.push(Err(error));
        }
        self
    }
}

/// Gives its answers in order, the last one for ever, and remembers what it was asked.
#[derive(Debug)]
pub(crate) struct Server {
    answers: Mutex<VecDeque<Answer>>,
    pub(crate) asked: Mutex<Vec<Request>>,
}

impl Server {
    pub(crate) fn saying(answers: impl IntoIterator<Item = Answer>) -> Arc<Self> {
        Arc::new(Self { answers: Mutex::new(answers.into_iter().collect()), asked: Mutex::default() })
    }

    /// The bodies that it was handed.
    pub(crate) fn bodies(&self) -> Vec<serde_json::Value> {
        let asked = self.asked.lock().expect("no test panics while it holds this");
        asked.iter().map(|request| serde_json::from_slice(request.body()).expect("a body of JSON")).collect()
    }

    fn next(&self, request: &Request) -> Answer {
        self.asked.lock().expect("no test panics while it holds this").push(request.clone());
        let mut answers = self.answers.lock().expect("no test panics while it holds this");
        let answer = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
        answer.unwrap_or_else(|| Answer::Fails(ErrorKind::Unrecorded.error("replay: nothing was told")))
    }
}

#[async_trait]
impl Transport for Server {
    async fn send(&self, request: Request) -> Result<RawResponse, Error> {
        self.open(request).await?.collect(usize::MAX).await
    }

    async fn open(&self, request: Request) -> Result<Incoming, Error> {
        match self.next(&request) {
            Answer::Fails(error) => Err(error),
            Answer::Says { status, headers, body, again } => {
                let body = match again {
                    None => stream::iter(body).boxed(),
                    Some(pause) => stream::iter(body.into_iter().cycle())
                        .then(move |piece| tokio::time::sleep(pause).map(|()| piece))
                        .boxed(),
                };
                let headers = Headers::from_iter(headers);
                Ok(Incoming::new(&request, status, headers, body, Timestamp::UNIX_EPOCH))
            }
        }
    }
}

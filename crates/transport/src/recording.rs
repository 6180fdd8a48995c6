//! Writing down what another transport was told.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use assize_ambient::{Clock, Timestamp};
use async_trait::async_trait;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::response::WITHHELD;
use crate::withhold::{withhold, withhold_in_text};
use crate::{Error, ErrorKind, Headers, Incoming, RawResponse, Request, Transport, hex};

mod tee;

/// The version of a recording's form that this crate writes and reads.
pub const FORMAT_VERSION: u32 = 1;

pub(crate) const LINES: &str = "recording.jsonl";
pub(crate) const BODIES: &str = "bodies";

/// One line of `recording.jsonl`: a request and what answered it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Line {
    pub format_version: u32,
    pub key: String,
    pub method: String,
    pub url: String,
    #[serde(flatten)]
    pub answer: Answer,
    pub fetched_at: Timestamp,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Answer {
    Response {
        status: u16,
        headers: Vec<(String, String)>,
        body_file: String,
        sha256: String,
        /// The lengths of the pieces that the body came in, where there were several.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pieces: Vec<usize>,
        /// What the body ended with, where it did not end by itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cut: Option<Failure>,
    },
    Failure(Failure),
}

/// An error as it is written down.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Failure {
    error: String,
    message: String,
    /// Whether the request may have been sent; without it, the kind decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sent: Option<bool>,
}

impl Failure {
    fn of(asked: &Request, error: &Error) -> Self {
        Self {
            error: error.kind().as_str().to_owned(),
            message: withhold_in_text(asked, &error.to_string()),
            sent: Some(error.may_have_been_sent()),
        }
    }

    pub(crate) fn again(&self) -> Error {
        let error = ErrorKind::from_name(&self.error).unwrap_or(ErrorKind::Io).error(self.message.clone());
        match self.sent {
            Some(sent) => error.sent(sent),
            None => error,
        }
    }
}

/// Wraps a transport and writes each request with its answer into a folder, which
/// [`ReplayTransport`](crate::ReplayTransport) opens.
///
/// The folder holds `recording.jsonl`, a line for each answer in the order in which they ended (`format_version`, `key`,
/// `method`, `url` without secrets, `status`, `headers`, `body_file`, `sha256`, `fetched_at`; or `error`, `message` and
/// `sent` where there was no response), and each distinct body once, as `bodies/<sha256>`. Of a body that came in several
/// `pieces` their lengths are written too (of 65,536 at most, the last with the rest in it), and of one that broke or that its reader left, as `cut`, what it ended with: a
/// replay then ends in the same place.
///
/// Headers that let somebody in (`set-cookie` …) are not written, and where an answer repeats one of its request's secrets,
/// with or without the scheme before it (`Bearer`) and percent-decoded too, `[secret]` is written in its place, also where
/// the secret came in two pieces. The answer itself is passed on unchanged.
#[derive(Debug)]
pub struct RecordingTransport<T> {
    inner: T,
    clock: Arc<dyn Clock>,
    book: Arc<Book>,
}

#[derive(Debug)]
struct Book {
    folder: PathBuf,
    lines: Mutex<File>,
    /// What went wrong where nobody could be told: told to whoever asks next.
    untold: Mutex<Option<Error>>,
}

impl<T: Transport> RecordingTransport<T> {
    /// Records what passes through `inner` into `folder`, which is made if it is missing; `clock` dates failures.
    ///
    /// # Errors
    /// [`ErrorKind::Exists`] if the folder holds a recording already, which would mix two runs; otherwise as the
    /// operating system says.
    pub fn create(inner: T, folder: impl AsRef<Path>, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let folder = folder.as_ref();
        let doing = format!("start a recording in `{}`", folder.display());
        fs::create_dir_all(folder.join(BODIES)).map_err(|cause| Error::io(&doing, cause))?;
        let lines =
            OpenOptions::new().append(true).create_new(true).open(folder.join(LINES)).map_err(|cause| {
                if cause.kind() == std::io::ErrorKind::AlreadyExists {
                    ErrorKind::Exists
                        .error(format!("{doing}: there is one already; name another folder"))
                        .because(cause)
                } else {
                    Error::io(&doing, cause)
                }
            })?;
        let book = Book { folder: folder.to_owned(), lines: Mutex::new(lines), untold: Mutex::default() };
        Ok(Self { inner, clock, book: Arc::new(book) })
    }

    async fn write_failure(&self, asked: &Request, error: &Error) -> Result<(), Error> {
        let failure = Answer::Failure(Failure::of(asked, error));
        Arc::clone(&self.book).write_aside(line(asked, failure, self.clock.now()), None).await
    }
}

#[async_trait]
impl<T: Transport> Transport for RecordingTransport<T> {
    async fn send(&self, request: Request) -> Result<RawResponse, Error> {
        self.book.tell()?;
        let asked = request.clone();
        let answer = self.inner.send(request).await;
        match &answer {
            Ok(response) => {
                let (entry, body) = response_line(&asked, response, &[], None);
                Arc::clone(&self.book).write_aside(entry, Some(body)).await?;
            }
            Err(error) => self.write_failure(&asked, error).await?,
        }
        answer
    }

    async fn open(&self, request: Request) -> Result<Incoming, Error> {
        self.book.tell()?;
        let asked = request.clone();
        match self.inner.open(request).await {
            Ok(incoming) => Ok(tee::tee(incoming, asked, Arc::clone(&self.book))),
            Err(error) => {
                self.write_failure(&asked, &error).await?;
                Err(error)
            }
        }
    }
}

/// A body as it is stored, and what it is stored under.
type Stored = (String, Bytes);

impl Book {
    fn untold(&self) -> MutexGuard<'_, Option<Error>> {
        self.untold.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self) -> Result<(), Error> {
        self.untold().take().map_or(Ok(()), Err)
    }

    /// Writes on a thread for blocking work.
    async fn write_aside(self: Arc<Self>, entry: Line, body: Option<Stored>) -> Result<(), Error> {
        tokio::task::spawn_blocking(move || self.write(&entry, body.as_ref())).await.map_err(|cause| {
            ErrorKind::Io.error("write a recording: the writing task ended").because(cause)
        })?
    }

    fn write(&self, entry: &Line, body: Option<&Stored>) -> Result<(), Error> {
        let doing = format!("write the recording in `{}`", self.folder.display());
        let mut line = serde_json::to_vec(entry)
            .map_err(|cause| ErrorKind::Io.error(format!("{doing}: {cause}")).because(cause))?;
        line.push(b'\n');
        // Held throughout, so that two equal bodies don't race for one file.
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        // The body before its line: a line never names a file that is not there.
        if let Some((sha256, bytes)) = body {
            let path = self.folder.join(BODIES).join(sha256);
            if !path.exists() {
                let unfinished = path.with_extension("part");
                fs::write(&unfinished, bytes)
                    .and_then(|()| fs::rename(&unfinished, &path))
                    .map_err(|cause| Error::io(&doing, cause))?;
            }
        }
        lines.write_all(&line).and_then(|()| lines.flush()).map_err(|cause| Error::io(&doing, cause))
    }
}

/// The line of a response whose body came in pieces that end at `ends`.
fn response_line(
    asked: &Request,
    response: &RawResponse,
    ends: &[usize],
    cut: Option<Failure>,
) -> (Line, Stored) {
    let (body, ends) = withhold(asked, response.body(), ends);
    let sha256 = hex::sha256(&body);
    let starts = std::iter::once(&0).chain(&ends);
    let pieces =
        if ends.len() > 1 { starts.zip(&ends).map(|(start, end)| end - start).collect() } else { Vec::new() };
    let answer = Answer::Response {
        status: response.status(),
        headers: stored_headers(asked, response.headers()),
        body_file: format!("{BODIES}/{sha256}"),
        sha256: sha256.clone(),
        pieces,
        cut,
    };
    (line(asked, answer, response.fetched_at()), (sha256, body))
}

fn line(asked: &Request, answer: Answer, fetched_at: Timestamp) -> Line {
    Line {
        format_version: FORMAT_VERSION,
        key: asked.key().as_str().to_owned(),
        method: asked.method().as_str().to_owned(),
        url: asked.url().as_str().to_owned(),
        answer,
        fetched_at,
    }
}

fn stored_headers(asked: &Request, headers: &Headers) -> Vec<(String, String)> {
    let open = headers.iter().filter(|(name, _)| !WITHHELD.contains(name));
    open.map(|(name, value)| (name.to_owned(), withhold_in_text(asked, value))).collect()
}

#[cfg(test)]
mod pieces;
#[cfg(test)]
mod tests;

//! Writing down what another transport was told.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use assize_ambient::{Clock, Timestamp};
use async_trait::async_trait;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::response::WITHHELD;
use crate::{Error, ErrorKind, Headers, RawResponse, Request, Transport, hex};

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
    Response { status: u16, headers: Vec<(String, String)>, body_file: String, sha256: String },
    Failure { error: String, message: String },
}

/// Wraps a transport and writes each request with its answer into a folder, which
/// [`ReplayTransport`](crate::ReplayTransport) opens.
///
/// The folder holds `recording.jsonl`, a line for each answer in the order of arrival (`format_version`, `key`,
/// `method`, `url` without secrets, `status`, `headers`, `body_file`, `sha256`, `fetched_at`; or `error` and `message`
/// where there was no response), and each distinct body once, as `bodies/<sha256>`. Headers that let somebody in
/// (`set-cookie` …) are not written, and where an answer repeats one of its request's secrets, with or without the scheme
/// before it (`Bearer`) and percent-decoded too, `[secret]` is written in its place. The answer itself is passed on unchanged.
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
        let book = Arc::new(Book { folder: folder.to_owned(), lines: Mutex::new(lines) });
        Ok(Self { inner, clock, book })
    }
}

#[async_trait]
impl<T: Transport> Transport for RecordingTransport<T> {
    async fn send(&self, request: Request) -> Result<RawResponse, Error> {
        let asked = request.clone();
        let answer = self.inner.send(request).await;
        let (entry, body) = match &answer {
            Ok(response) => response_line(&asked, response),
            Err(error) => (failure_line(&asked, error, self.clock.now()), None),
        };
        let book = Arc::clone(&self.book);
        tokio::task::spawn_blocking(move || book.write(&entry, body.as_ref())).await.map_err(|cause| {
            ErrorKind::Io.error("write a recording: the writing task ended").because(cause)
        })??;
        answer
    }
}

impl Book {
    fn write(&self, entry: &Line, body: Option<&(String, Bytes)>) -> Result<(), Error> {
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

fn response_line(asked: &Request, response: &RawResponse) -> (Line, Option<(String, Bytes)>) {
    let body = withhold(asked, response.body());
    let sha256 = hex::sha256(&body);
    let headers = stored_headers(asked, response.headers());
    let body_file = format!("{BODIES}/{sha256}");
    let answer = Answer::Response { status: response.status(), headers, body_file, sha256: sha256.clone() };
    (line(asked, answer, response.fetched_at()), Some((sha256, body)))
}

fn failure_line(asked: &Request, error: &Error, at: Timestamp) -> Line {
    let message = withhold(asked, &Bytes::from(error.to_string()));
    let message = String::from_utf8_lossy(&message).into_owned();
    line(asked, Answer::Failure { error: error.kind().as_str().to_owned(), message }, at)
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
    headers
        .iter()
        .filter(|(name, _)| !WITHHELD.contains(name))
        .map(|(name, value)| {
            let value = withhold(asked, &Bytes::copy_from_slice(value.as_bytes()));
            (name.to_owned(), String::from_utf8_lossy(&value).into_owned())
        })
        .collect()
}

/// `bytes` with each secret of the request replaced, should the other side have repeated one.
fn withhold(asked: &Request, bytes: &Bytes) -> Bytes {
    let secrets = asked.secret_forms();
    if secrets.is_empty() {
        return bytes.clone();
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = &bytes[..];
    // Once through, the longest form first, so that no part of a secret is left beside the mark of another.
    while let Some(first) = rest.first() {
        if let Some(secret) = secrets.iter().find(|secret| rest.starts_with(secret)) {
            out.extend_from_slice(b"[secret]");
            rest = &rest[secret.len()..];
        } else {
            out.push(*first);
            rest = &rest[1..];
        }
    }
    out.into()
}

#[cfg(test)]
mod tests;

//! Answering from a recording, and from nothing else.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::{self, StreamExt};

use crate::file::read_below;
use crate::recording::{Answer, BODIES, FORMAT_VERSION, LINES, Line};
use crate::{DEFAULT_FILE_LIMIT, Error, ErrorKind, Headers, Incoming, RawResponse, Request, Transport, hex};

/// The most addresses that are compared to name the nearest one.
const MOST_COMPARED: usize = 10_000;

/// Answers as recorded by a [`RecordingTransport`](crate::RecordingTransport).
///
/// A request that was recorded several times is answered in the order of recording, and with the last answer from then
/// on. A request that was not recorded is [`Unrecorded`](ErrorKind::Unrecorded), and the error names the nearest
/// address that was. A body whose checksum does not fit is [`Corrupt`](ErrorKind::Corrupt), alone. Recorded failures
/// fail again, with the same kind and message; a body comes in the pieces that it came in, and ends as it ended.
#[derive(Debug)]
pub struct ReplayTransport {
    folder: PathBuf,
    answers: BTreeMap<String, Vec<Line>>,
    /// How often each key was asked for.
    asked: Mutex<BTreeMap<String, usize>>,
}

impl ReplayTransport {
    /// Opens the recording in `folder`.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if there is none, [`ErrorKind::Corrupt`] naming the line that can't be read or was
    /// written by another version, [`ErrorKind::TooLarge`] if its list is above 64 MiB.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, Error> {
        let folder = folder.as_ref();
        let doing = format!("open the recording in `{}`", folder.display());
        let real = folder.canonicalize().map_err(|cause| Error::io(&doing, cause))?;
        let text = read_below(&real, LINES, DEFAULT_FILE_LIMIT)?;
        let mut answers: BTreeMap<String, Vec<Line>> = BTreeMap::new();
        for (number, text) in text.split(|byte| *byte == b'\n').enumerate() {
            if text.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let wrong = |why: &str| {
                ErrorKind::Corrupt.error(format!("{doing}: line {} of {LINES}: {why}", number + 1))
            };
            let version: Version = serde_json::from_slice(text).map_err(|cause| wrong(&cause.to_string()))?;
            if version.format_version != FORMAT_VERSION {
                let found = version.format_version;
                return Err(wrong(&format!("format_version {found}; this program reads {FORMAT_VERSION}")));
            }
            let line: Line = serde_json::from_slice(text).map_err(|cause| wrong(&cause.to_string()))?;
            if let Answer::Response { body_file, sha256, .. } = &line.answer
                && !(hex::is_sha256(sha256) && *body_file == format!("{BODIES}/{sha256}"))
            {
                return Err(wrong("`body_file` must be `bodies/` and the `sha256`"));
            }
            answers.entry(line.key.clone()).or_default().push(line);
        }
        Ok(Self { folder: real, answers, asked: Mutex::default() })
    }

    /// The addresses that were recorded, sorted, each once.
    #[must_use]
    pub fn urls(&self) -> Vec<&str> {
        let mut urls: Vec<&str> = self.answers.values().flatten().map(|line| line.url.as_str()).collect();
        urls.sort_unstable();
        urls.dedup();
        urls
    }

    /// The answer whose turn it is.
    fn line(&self, request: &Request) -> Result<&Line, Error> {
        let key = request.key();
        let lines = self.answers.get(key.as_str()).ok_or_else(|| self.unrecorded(request))?;
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let times = asked.entry(key.as_str().to_owned()).or_default();
        let turn = (*times).min(lines.len() - 1);
        *times = times.saturating_add(1);
        Ok(&lines[turn])
    }

    async fn body(&self, url: &str, body_file: &str, sha256: &str) -> Result<Bytes, Error> {
        let (folder, name) = (self.folder.clone(), body_file.to_owned());
        let body = tokio::task::spawn_blocking(move || read_below(&folder, &name, DEFAULT_FILE_LIMIT))
            .await
            .map_err(|cause| ErrorKind::Io.error("replay: the reading task ended").because(cause))?
            .map_err(|cause| ErrorKind::Corrupt.error(format!("replay {url}: {cause}")).because(cause))?;
        if hex::sha256(&body) != sha256 {
            return Err(
                ErrorKind::Corrupt.error(format!("replay {url}: `{body_file}` is not what was recorded"))
            );
        }
        Ok(body.into())
    }

    fn unrecorded(&self, request: &Request) -> Error {
        let url = request.url().as_str();
        let mut nearest: Option<(f64, &str)> = None;
        for candidate in self.urls().into_iter().take(MOST_COMPARED) {
            let likeness = strsim::jaro_winkler(url, candidate);
            if nearest.is_none_or(|(best, _)| likeness > best) {
                nearest = Some((likeness, candidate));
            }
        }
        let hint = match nearest {
            Some((_, same)) if same == url => {
                format!("; {same} is recorded with another method or body")
            }
            Some((_, near)) => format!("; the nearest recorded address is {near}"),
            None => "; the recording is empty".to_owned(),
        };
        ErrorKind::Unrecorded.error(format!("replay {} {url}: it was not recorded{hint}", request.method()))
    }
}

#[async_trait]
impl Transport for ReplayTransport {
    async fn send(&self, request: Request) -> Result<RawResponse, Error> {
        // The file was held to its limit when it was read.
        self.open(request).await?.collect(usize::MAX).await
    }

    async fn open(&self, request: Request) -> Result<Incoming, Error> {
        let line = self.line(&request)?;
        match &line.answer {
            Answer::Failure(failure) => Err(failure.again()),
            Answer::Response { status, headers, body_file, sha256, pieces, cut } => {
                let whole = self.body(&line.url, body_file, sha256).await?;
                let pieces = parted(whole, pieces).ok_or_else(|| {
                    let text = format!("replay {}: its `pieces` are not as long as its body", line.url);
                    ErrorKind::Corrupt.error(text)
                })?;
                let end = cut.as_ref().map(|failure| Err(failure.again()));
                let body = stream::iter(pieces.into_iter().map(Ok).chain(end)).boxed();
                let headers = Headers::from_iter(headers.iter().cloned());
                Ok(Incoming::new(&request, *status, headers, body, line.fetched_at))
            }
        }
    }
}

/// The body in pieces of these lengths; in one where there are none.
fn parted(mut whole: Bytes, pieces: &[usize]) -> Option<Vec<Bytes>> {
    if pieces.is_empty() {
        return Some(if whole.is_empty() { Vec::new() } else { vec![whole] });
    }
    let mut parts = Vec::with_capacity(pieces.len());
    for length in pieces {
        if *length > whole.len() {
            return None;
        }
        parts.push(whole.split_to(*length));
    }
    whole.is_empty().then_some(parts)
}

/// Read first, so that a line of another version is told apart from a broken one.
#[derive(serde::Deserialize)]
struct Version {
    format_version: u32,
}

//! Files below one folder, and nothing outside it.

use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use assize_ambient::Clock;
use async_trait::async_trait;

use crate::{Error, ErrorKind, Headers, Method, RawResponse, Request, Transport};

/// The size above which a file is refused unless told otherwise: 64 MiB.
pub const DEFAULT_FILE_LIMIT: u64 = 64 * 1024 * 1024;

const MOST_ENTRIES: usize = 100_000;

/// Answers `file:` requests with files below a root folder.
///
/// A name that leaves the root (`..`, an absolute path, a symbolic link to the outside) is
/// [`Denied`](ErrorKind::Denied), a larger file than the limit is [`TooLarge`](ErrorKind::TooLarge), and only regular
/// files are read. Reading happens on tokio's threads for blocking work, so that a slow disk holds up nobody else.
#[derive(Debug, Clone)]
pub struct FileTransport {
    root: PathBuf,
    limit: u64,
    clock: Arc<dyn Clock>,
}

impl FileTransport {
    /// Serves the files of the folder `root`; `clock` says when each was read.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if there is no such folder, [`ErrorKind::BadRequest`] if it is something else than a
    /// folder, [`ErrorKind::Denied`] or [`ErrorKind::Io`] if it can't be opened.
    pub fn new(root: impl AsRef<Path>, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let root = root.as_ref();
        let doing = || format!("open the folder `{}`", root.display());
        let real = root.canonicalize().map_err(|cause| Error::io(&doing(), cause))?;
        if !real.is_dir() {
            return Err(ErrorKind::BadRequest.error(format!("{}: it is not a folder", doing())));
        }
        Ok(Self { root: real, limit: DEFAULT_FILE_LIMIT, clock })
    }

    /// Refuses files above `bytes` (default [`DEFAULT_FILE_LIMIT`]).
    #[must_use]
    pub fn with_limit(mut self, bytes: u64) -> Self {
        self.limit = bytes;
        self
    }

    /// The names of the regular files directly in the folder, sorted by their bytes. Names that are not UTF-8 and
    /// links that leave the folder can't be asked for and are left out.
    ///
    /// # Errors
    /// [`ErrorKind::TooLarge`] above 100,000 entries; otherwise as the operating system says.
    pub fn list(&self) -> Result<Vec<String>, Error> {
        let doing = format!("list the folder `{}`", self.root.display());
        let mut names = Vec::new();
        for (n, entry) in self.root.read_dir().map_err(|cause| Error::io(&doing, cause))?.enumerate() {
            if n >= MOST_ENTRIES {
                return Err(
                    ErrorKind::TooLarge.error(format!("{doing}: it has more than {MOST_ENTRIES} entries"))
                );
            }
            let entry = entry.map_err(|cause| Error::io(&doing, cause))?;
            // An entry that vanished meanwhile or leads nowhere is not a file of this folder.
            let is_ours =
                entry.path().canonicalize().is_ok_and(|path| path.starts_with(&self.root) && path.is_file());
            if is_ours && let Ok(name) = entry.file_name().into_string() {
                names.push(name);
            }
        }
        names.sort_unstable();
        Ok(names)
    }
}

#[async_trait]
impl Transport for FileTransport {
    async fn send(&self, request: Request) -> Result<RawResponse, Error> {
        if request.method() != Method::Get || !request.body().is_empty() {
            return Err(ErrorKind::BadRequest.error(format!(
                "send {} {}: files can only be read, with GET and no body",
                request.method(),
                request.url()
            )));
        }
        let Some(name) = request.url().file_name() else {
            return Err(ErrorKind::BadRequest.error(format!(
                "send {}: it is not a percent-encoded `file:` address in UTF-8",
                request.url()
            )));
        };
        let (root, limit) = (self.root.clone(), self.limit);
        let body = tokio::task::spawn_blocking(move || read_below(&root, &name, limit))
            .await
            .map_err(|cause| ErrorKind::Io.error("read a file: the reading task ended").because(cause))??;
        Ok(RawResponse::new(&request, 200, Headers::default(), body, self.clock.now()))
    }
}

/// The bytes of the regular file `name` below `root`, which is canonical.
pub(crate) fn read_below(root: &Path, name: &str, limit: u64) -> Result<Vec<u8>, Error> {
    let doing = format!("read `{name}`");
    if name.contains('\0') {
        return Err(ErrorKind::BadRequest.error("read a file whose name holds a zero byte"));
    }
    let inside =
        Path::new(name).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if !inside {
        return Err(ErrorKind::Denied.error(format!("{doing}: the path leaves the folder")));
    }
    let path = root.join(name).canonicalize().map_err(|cause| match cause.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => {
            ErrorKind::NotFound.error(format!("{doing}: there is no such file")).because(cause)
        }
        _ => Error::io(&doing, cause),
    })?;
    if !path.starts_with(root) {
        return Err(ErrorKind::Denied.error(format!("{doing}: the link leads out of the folder")));
    }
    // Asked before opening: opening a named pipe would wait for its other end.
    let size = path.metadata().map_err(|cause| Error::io(&doing, cause))?;
    if !size.is_file() {
        return Err(ErrorKind::BadRequest.error(format!("{doing}: it is not a regular file")));
    }
    let too_large = || ErrorKind::TooLarge.error(format!("{doing}: it is larger than {limit} bytes"));
    if size.len() > limit {
        return Err(too_large());
    }
    let mut body = Vec::new();
    // The file may grow between asking and reading, so the reading has its own limit.
    File::open(&path)
        .and_then(|file| file.take(limit.saturating_add(1)).read_to_end(&mut body))
        .map_err(|cause| Error::io(&doing, cause))?;
    if u64::try_from(body.len()).unwrap_or(u64::MAX) > limit {
        return Err(too_large());
    }
    Ok(body)
}

#[cfg(test)]
pub(crate) mod tests;

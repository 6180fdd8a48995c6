//! Who may write: whoever holds the lock on a file that is called after what is claimed.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{Error, ErrorKind, Result},
    path::{Path, PathBuf},
};

/// Others may remove the file, or its folder, between any two steps of taking it; each time somebody has got on.
const ATTEMPTS: usize = 1000;

/// A lock that is held. The operating system gives it free when the process dies; the file that it then leaves behind says
/// nothing, and is taken by the next.
#[derive(Debug)]
pub(super) struct Claim {
    _file: File,
    path: PathBuf,
}

impl Claim {
    /// Claims a name in a folder; `None` where somebody else has it.
    pub(super) fn take(folder: &Path, name: &str) -> Result<Option<Self>> {
        Self::locked(folder, name, |file| match file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(e)) => Err(e),
        })
    }

    /// The same, as soon as it is free.
    pub(super) fn wait_for(folder: &Path, name: &str) -> Result<Self> {
        let claim = Self::locked(folder, name, |file| file.lock().map(|()| true))?;
        claim.ok_or_else(|| ErrorKind::WouldBlock.into())
    }

    fn locked(folder: &Path, name: &str, lock: impl Fn(&File) -> Result<bool>) -> Result<Option<Self>> {
        let path = folder.join(name);
        for _ in 0..ATTEMPTS {
            match fs::create_dir_all(folder) {
                // It was there, and was removed before that could be looked at.
                Err(e) if e.kind() == ErrorKind::AlreadyExists && !folder.is_file() => continue,
                made => made?,
            }
            let file = match OpenOptions::new().write(true).create(true).truncate(false).open(&path) {
                Err(e) if e.kind() == ErrorKind::NotFound => continue,
                opened => opened?,
            };
            if !lock(&file)? {
                return Ok(None);
            }
            // Who held it before has removed the file under its name, and somebody may have made another.
            if is_still(&path, &file)? {
                return Ok(Some(Self { _file: file, path }));
            }
        }
        Err(Error::other(format!("{} comes and goes", path.display())))
    }
}

impl Drop for Claim {
    /// Removes the file while it is locked, and the folder with the last of them. Where that fails it is left behind.
    fn drop(&mut self) {
        if cfg!(unix) {
            let _ = fs::remove_file(&self.path);
            let _ = self.path.parent().map(fs::remove_dir);
        }
    }
}

/// Whether a file still has this name.
#[cfg(unix)]
fn is_still(path: &Path, file: &File) -> Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let held = file.metadata()?;
    match fs::metadata(path) {
        Ok(named) => Ok((named.dev(), named.ino()) == (held.dev(), held.ino())),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(false),
        Err(e) => Err(e),
    }
}

/// Nothing is removed there.
#[cfg(not(unix))]
fn is_still(_: &Path, _: &File) -> Result<bool> {
    Ok(true)
}

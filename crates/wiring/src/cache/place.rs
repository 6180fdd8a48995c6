//! Where the cache is, unless somebody says so.

use std::{ffi::OsString, path::PathBuf};

/// Looks a variable of the environment up.
pub(super) type Variable<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// What names the cache itself.
const NAMED: &str = "ASSIZE_CACHE";
/// Our folder among others.
const OURS: &str = "assize";

/// What the environment says about this program's cache.
pub(super) fn named(variable: Variable<'_>) -> Option<PathBuf> {
    path(variable, NAMED)
}

/// The folder that is ours by the platform's conventions.
pub(super) fn usual(variable: Variable<'_>) -> Option<PathBuf> {
    // A relative one is to be ignored, says the specification of these folders; it would move with the working folder.
    let absolute = |name| path(variable, name).filter(|path| path.is_absolute());
    let home = || absolute("HOME");
    let caches = if cfg!(windows) {
        absolute("LOCALAPPDATA")?
    } else {
        absolute("XDG_CACHE_HOME").or_else(|| {
            Some(home()?.join(if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" }))
        })?
    };
    Some(caches.join(OURS))
}

fn path(variable: Variable<'_>, name: &str) -> Option<PathBuf> {
    variable(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

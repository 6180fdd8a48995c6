//! Where the workspace lies and which cargo works on it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The folder of the workspace's root manifest.
#[must_use]
pub fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_path_buf()
}

/// The cargo that started this program, or the one on the path.
#[expect(
    clippy::disallowed_methods,
    reason = "cargo names itself in the environment of the programs it starts"
)]
pub(crate) fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

//! Writing a result to standard output.

use std::io::Write as _;

use crate::{Error, ErrorKind};

/// Writes a whole result, and sees it out.
pub(crate) fn print(text: &str) -> Result<(), Error> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| Error::because(ErrorKind::Output, "write to standard output", error))
}

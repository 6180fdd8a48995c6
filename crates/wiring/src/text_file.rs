//! Reading a file that a user names, whole, but not without end.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use crate::{Error, ErrorKind};

/// A larger file is refused.
pub(crate) const MAX_BYTES: u64 = 64 << 20;

/// The text of a file; `what` names its role in errors.
pub(crate) fn read(what: &str, path: &Path) -> Result<String, Error> {
    let shown = path.display();
    let failed = |e: io::Error| {
        use io::ErrorKind as Io;
        let wrong = matches!(e.kind(), Io::NotFound | Io::NotADirectory | Io::IsADirectory | Io::InvalidData);
        let kind = if wrong { ErrorKind::BadRequest } else { ErrorKind::Outside };
        Error::caused(kind, format!("read the {what} {shown}"), e)
    };
    // A pipe could keep us waiting, a device could go on for ever.
    if !path.metadata().map_err(failed)?.is_file() {
        return Err(Error::bad_request(format!("read the {what} {shown}: it is no ordinary file"))
            .with_hint("give a file of text, not a folder, pipe or device"));
    }
    let mut text = String::new();
    File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_string(&mut text)).map_err(failed)?;
    if text.len() as u64 > MAX_BYTES {
        return Err(Error::bad_request(format!(
            "read the {what} {shown}: it has more than {MAX_BYTES} bytes"
        )));
    }
    Ok(text)
}

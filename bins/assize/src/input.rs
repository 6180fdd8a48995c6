//! Files that a user names, and standard input.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use crate::exit::Failure;

/// A larger input is refused.
pub(crate) const MAX_BYTES: u64 = 256 << 20;

/// The name of an input in messages: `standard input` for `-`.
pub(crate) fn name(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() }
}

/// All of an input. A pipe is read to its end, `-` is standard input.
pub(crate) fn read(path: &Path) -> Result<String, Failure> {
    let shown = name(path);
    let mut bytes = Vec::new();
    let opened: io::Result<Box<dyn Read>> = if path == Path::new("-") {
        Ok(Box::new(io::stdin().lock()))
    } else {
        File::open(path).map(|file| Box::new(file) as Box<dyn Read>)
    };
    opened.and_then(|input| input.take(MAX_BYTES + 1).read_to_end(&mut bytes)).map_err(|e| {
        use io::ErrorKind as Io;
        let message = format!("read {shown}: {e}");
        if matches!(e.kind(), Io::NotFound | Io::NotADirectory | Io::IsADirectory) {
            Failure::bad_request(message)
        } else {
            Failure::outside(message)
        }
    })?;
    if bytes.len() as u64 > MAX_BYTES {
        let limit = MAX_BYTES >> 20;
        return Err(Failure::bad_request(format!("read {shown}: it has more than {limit} MiB"))
            .with_hint("split it, or give only the part that matters"));
    }
    String::from_utf8(bytes).map_err(|e| {
        let line = 1 + e.as_bytes()[..e.utf8_error().valid_up_to()].iter().filter(|b| **b == b'\n').count();
        Failure::bad_request(format!("read {shown}: line {line} is no UTF-8 text"))
    })
}

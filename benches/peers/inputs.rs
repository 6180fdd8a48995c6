//! What all sides of a contest are given.

use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;

use serde_json::Value;

use crate::timing::Failure;

/// The inputs, from the file that `PEER_INPUTS` names.
///
/// # Errors
/// If there is none.
pub(crate) fn read() -> Result<Value, Failure> {
    Ok(serde_json::from_reader(BufReader::new(File::open(file()?)?))?)
}

/// That file.
///
/// # Errors
/// If none is named.
#[expect(clippy::disallowed_methods, reason = "a program of its own, which is told so where its inputs are")]
pub(crate) fn file() -> Result<PathBuf, Failure> {
    Ok(std::env::var_os("PEER_INPUTS").ok_or("PEER_INPUTS has to name the file of the inputs")?.into())
}

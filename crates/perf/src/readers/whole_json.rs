//! A JSON document that is held whole; of one that is cut, what stands before the cut.

use std::path::Path;

use serde::de::DeserializeOwned;

use super::Input;
use crate::{
    Error, ErrorKind,
    run::{Finding, Run},
};

/// Reads a file as JSON. What is missing at its end is named in the run, and what came before is read.
///
/// # Errors
/// [`ErrorKind::Malformed`] with the position, if nothing of the form can be read.
pub(super) fn read<T: DeserializeOwned>(input: &Input, file: &Path, run: &mut Run) -> Result<T, Error> {
    let bytes = input.bytes(file)?;
    let error = match serde_json::from_slice(&bytes) {
        Ok(form) => return Ok(form),
        Err(error) => error,
    };
    let (line, column) = (error.line(), error.column());
    if error.is_eof()
        && let Some(closed) = closed(&bytes)
        && let Ok(form) = serde_json::from_slice(&closed)
    {
        let name = file.display().to_string();
        let position = format!("line {line}, column {column}");
        run.findings.push(Finding::new(name, Some(position), "the file is cut: what stands before was read"));
        return Ok(form);
    }
    let what = error.to_string();
    let what = what.split(" at line ").next().unwrap_or_default().to_owned();
    let text = format!("read {}, line {line}, column {column}: {what}", file.display());
    Err(Error::new(ErrorKind::Malformed, text)
        .hinted("the file is cut or was edited: write it again")
        .caused_by(error))
}

/// The document up to the last whole value, with its brackets closed.
fn closed(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut open = Vec::new();
    let mut whole: Option<(usize, Vec<u8>)> = None;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'{' => open.push(b'}'),
            b'[' => open.push(b']'),
            b'}' | b']' => {
                // What is closed is a value, and so whole.
                open.pop();
                whole = Some((at + 1, open.clone()));
            }
            b',' => whole = Some((at, open.clone())),
            b'"' => {
                at += 1;
                while let Some(&byte) = bytes.get(at).filter(|byte| **byte != b'"') {
                    at += if byte == b'\\' { 2 } else { 1 };
                }
            }
            _ => {}
        }
        at += 1;
        if open.len() > 128 {
            return None;
        }
    }
    let (end, open) = whole?;
    let mut closed = bytes.get(..end)?.to_vec();
    closed.extend(open.iter().rev());
    Some(closed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_document_is_closed_after_its_last_whole_value() {
        let cases = [
            (r#"{"a": {"b": 1, "c": [1, 2"#, r#"{"a": {"b": 1, "c": [1]}}"#),
            (r#"{"a": {"b": 1}, "c"#, r#"{"a": {"b": 1}}"#),
            (r#"{"a": "x,]}\"", "b": {"#, r#"{"a": "x,]}\""}"#),
            (r#"[[1], [2]"#, "[[1], [2]]"),
        ];
        for (cut, expected) in cases {
            let closed = closed(cut.as_bytes()).unwrap();
            assert_eq!(String::from_utf8(closed).unwrap(), expected);
        }
        assert_eq!(closed(b"{\"a"), None);
        assert_eq!(closed(&[b'['; 200]), None);
    }
}

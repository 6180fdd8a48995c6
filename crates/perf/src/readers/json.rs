//! JSON that others wrote: read as far as it goes, with the place of what is wrong.
//!
//! A file that is cut in the middle of a list still gives the entries before the cut, and an entry that cannot be read
//! costs no other. Numbers that JSON does not know (`NaN`, `Infinity`, which Python and C++ write) are no figures.

use std::{collections::BTreeMap, fmt, path::Path};

use serde::de::{DeserializeOwned, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Value, value::RawValue};

use super::Input;
use crate::{Error, run::Finding};

/// After how many objects that cannot be read a text is given up.
const WRONG_OBJECTS: usize = 100;

/// The largest entry that is taken apart: its values need many times its length.
const ENTRY_BYTES: usize = 64 * 1024 * 1024;

/// A file of JSON, held whole.
pub(super) struct JsonFile {
    bytes: Vec<u8>,
    name: String,
    /// Why a packed file could not be unpacked to its end.
    cut: Option<String>,
}

/// An entry of a list, or a field of an object.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    raw: &'a RawValue,
}

/// What an outermost object or list holds.
#[derive(Default)]
pub(super) struct Outermost<'a> {
    fields: BTreeMap<String, Entry<'a>>,
    lists: BTreeMap<&'a str, Vec<(String, Entry<'a>)>>,
    /// Where reading ended, if not at the end.
    pub(super) broken: Option<Finding>,
}

impl JsonFile {
    pub(super) fn read(input: &Input, file: &Path) -> Result<Self, Error> {
        let (bytes, cut) = input.bytes_before_cut(file)?;
        Ok(Self { cut: cut.map(|error| error.to_string()), ..Self::of(bytes, file.display().to_string()) })
    }

    pub(super) fn of(mut bytes: Vec<u8>, name: String) -> Self {
        quote_no_numbers(&mut bytes);
        Self { bytes, name, cut: None }
    }

    /// Whether the outermost is a list.
    pub(super) fn is_list(&self) -> bool {
        self.bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[')
    }

    /// The outermost object or list. The fields named in `opened` are read entry by entry, whether they are objects or
    /// lists; the empty name opens the outermost one itself.
    pub(super) fn outermost<'a>(&'a self, opened: &[&'a str]) -> Outermost<'a> {
        let mut found = Outermost::default();
        let mut json = serde_json::Deserializer::from_slice(&self.bytes);
        let read = Root { opened, found: &mut found }.deserialize(&mut json).and_then(|()| json.end());
        if let Err(error) = read {
            let why = self.cut.as_ref().map_or_else(String::new, |cut| format!("could not {cut}: "));
            let text = format!("{why}{}; what stands before it was read", what(&error));
            let position = format!("line {}, column {}", error.line(), error.column());
            found.broken = Some(Finding::new(&self.name, Some(position), text));
        }
        found
    }

    /// The objects that stand in a text, each at the beginning of a line; what is cut or wrong is told.
    pub(super) fn objects(&self, findings: &mut Vec<Finding>) -> Vec<Entry<'_>> {
        let mut found = Vec::new();
        let mut wrong = 0_usize;
        let mut at = 0;
        while let Some(rest) = self.bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let blank = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            if blank > 0 {
                at += blank;
                continue;
            }
            let line = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |end| end + 1);
            if rest.first() != Some(&b'{') {
                at += line;
                continue;
            }
            let mut stream = serde_json::Deserializer::from_slice(rest).into_iter::<&RawValue>();
            match stream.next() {
                Some(Ok(raw)) => {
                    found.push(Entry { raw });
                    at += stream.byte_offset().max(1);
                }
                Some(Err(error)) => {
                    let begin = self.place_at(at);
                    let position = format!("line {}, column {}", begin.0, begin.1);
                    let text = format!("the object that begins here is cut or wrong: {}", what(&error));
                    findings.push(Finding::new(&self.name, Some(position), text));
                    wrong += 1;
                    if wrong >= WRONG_OBJECTS {
                        break;
                    }
                    at += line;
                }
                None => break,
            }
        }
        found
    }

    /// An entry as the type asked for.
    pub(super) fn decode<T: DeserializeOwned>(&self, entry: Entry<'_>) -> Result<T, Finding> {
        serde_json::from_str(entry.raw.get()).map_err(|error| {
            let (line, column) = self.place(entry);
            let (line, column) = match error.line() {
                0 | 1 => (line, column + error.column().saturating_sub(1)),
                more => (line + more - 1, error.column()),
            };
            let text = format!("{}; it was left out", what(&error));
            Finding::new(&self.name, Some(format!("line {line}, column {column}")), text)
        })
    }

    /// The entries of an entry that is a list.
    pub(super) fn list<'a>(&self, entry: Entry<'a>, findings: &mut Vec<Finding>) -> Vec<Entry<'a>> {
        match serde_json::from_str::<Vec<&RawValue>>(entry.raw.get()) {
            Ok(entries) => entries.into_iter().map(|raw| Entry { raw }).collect(),
            Err(error) => {
                findings.push(self.find(entry, format!("{}; it was left out", what(&error))));
                Vec::new()
            }
        }
    }

    /// An entry as a value; what it breaks is a finding.
    pub(super) fn value(&self, entry: Entry<'_>, findings: &mut Vec<Finding>) -> Option<Value> {
        if entry.raw.get().len() > ENTRY_BYTES {
            findings.push(self.find(entry, "it holds more than 64 MiB and was left out"));
            return None;
        }
        self.decode(entry).map_err(|finding| findings.push(finding)).ok()
    }

    /// A finding at an entry.
    pub(super) fn find(&self, entry: Entry<'_>, text: impl Into<String>) -> Finding {
        let (line, column) = self.place(entry);
        Finding::new(&self.name, Some(format!("line {line}, column {column}")), text)
    }

    /// A finding about the file.
    pub(super) fn find_all(&self, text: impl Into<String>) -> Finding {
        Finding::new(&self.name, None, text)
    }

    /// Line and column at which an entry begins, both from 1.
    fn place(&self, entry: Entry<'_>) -> (usize, usize) {
        self.place_at(entry.raw.get().as_ptr().addr().saturating_sub(self.bytes.as_ptr().addr()))
    }

    fn place_at(&self, at: usize) -> (usize, usize) {
        let before = self.bytes.get(..at).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count();
        let column = before.iter().rev().take_while(|byte| **byte != b'\n').count();
        (line + 1, column + 1)
    }
}

impl<'a> Outermost<'a> {
    /// A field of the outermost object.
    pub(super) fn field(&self, name: &str) -> Option<Entry<'a>> {
        self.fields.get(name).copied()
    }

    /// A field as a value; `null` if it is not there or cannot be read.
    pub(super) fn value(&self, name: &str) -> Value {
        let field = self.field(name).filter(|entry| entry.raw.get().len() <= ENTRY_BYTES);
        field.and_then(|entry| serde_json::from_str(entry.raw.get()).ok()).unwrap_or_default()
    }

    /// The entries of an opened field, with their names: those of the fields of an object, the places in a list.
    pub(super) fn entries(&self, opened: &str) -> &[(String, Entry<'a>)] {
        self.lists.get(opened).map_or(&[], Vec::as_slice)
    }

    /// The place where reading ended too early, to be told with the rest.
    pub(super) fn end(self, findings: &mut Vec<Finding>) {
        findings.extend(self.broken);
    }
}

/// What an error of the decoder says, without its place.
pub(super) fn what(error: &serde_json::Error) -> String {
    error.to_string().split(" at line ").next().unwrap_or_default().to_owned()
}

/// A number, written as such or as text.
pub(super) fn number(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.filter(|number| number.is_finite())
}

/// The numbers of a list, and of lists in it, in order; and how many of its entries are none.
pub(super) fn numbers(value: &Value) -> (Vec<f64>, usize) {
    let mut found = (Vec::new(), 0);
    if let Value::Array(entries) = value {
        for entry in entries {
            if entry.is_array() {
                let (more, lost) = numbers(entry);
                found.0.extend(more);
                found.1 += lost;
            } else if let Some(number) = number(entry) {
                found.0.push(number);
            } else {
                found.1 += 1;
            }
        }
    }
    found
}

/// A text that is not empty.
pub(super) fn text(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| !text.is_empty())
}

/// A value as a person would write it.
pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

/// Puts texts of the same length in the place of `NaN` and the infinities.
fn quote_no_numbers(bytes: &mut [u8]) {
    const NONE: [(&[u8], &[u8]); 3] =
        [(b"NaN", b"\"\" "), (b"-Infinity", b"\"-inf\"   "), (b"Infinity", b"\"inf\"   ")];
    let mut at = 0;
    let mut quoted = false;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' if quoted => at += 1,
            b'"' => quoted = !quoted,
            b'N' | b'I' | b'-' if !quoted => {
                let rest = &mut bytes[at..];
                if let Some((word, with)) = NONE.iter().find(|(word, _)| rest.starts_with(word)) {
                    rest[..word.len()].copy_from_slice(with);
                    at += word.len() - 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
}

struct Root<'b, 'a> {
    opened: &'b [&'a str],
    found: &'b mut Outermost<'a>,
}

impl<'a> DeserializeSeed<'a> for Root<'_, 'a> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.opened.contains(&"") {
            return Opened(self.found.lists.entry("").or_default()).deserialize(deserializer);
        }
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Root<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            if let Some(opened) = self.opened.iter().find(|opened| **opened == name) {
                map.next_value_seed(Opened(self.found.lists.entry(opened).or_default()))?;
            } else {
                self.found.fields.insert(name, Entry { raw: map.next_value()? });
            }
        }
        Ok(())
    }
}

/// Collects the entries of a list or an object; anything else has none.
struct Opened<'b, 'a>(&'b mut Vec<(String, Entry<'a>)>);

impl<'a> DeserializeSeed<'a> for Opened<'_, 'a> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Opened<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list or an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            self.0.push((name, Entry { raw: map.next_value()? }));
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(raw) = seq.next_element()? {
            let place = self.0.len().to_string();
            self.0.push((place, Entry { raw }));
        }
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> JsonFile {
        JsonFile::of(text.as_bytes().to_vec(), "a.json".to_owned())
    }

    #[test]
    fn what_stands_before_a_cut_is_read() {
        let json = file("{\"a\": 1,\n \"list\": [{\"x\": 1}, {\"x\": [2, NaN]},\n {\"x\"");
        let all = json.outermost(&["list"]);
        assert_eq!(all.entries("list").len(), 2);
        assert_eq!(number(&all.value("a")), Some(1.0));
        let broken = all.broken.as_ref().map(ToString::to_string);
        let told = "a.json, line 3, column 5: EOF while parsing an object; what stands before it was read";
        assert_eq!(broken.as_deref(), Some(told));
        let value: Value = json.decode(all.entries("list")[1].1).unwrap();
        assert_eq!(numbers(&value["x"]), (vec![2.0], 1));
        assert_eq!(json.place(all.entries("list")[1].1), (2, 21));
    }

    #[test]
    fn an_entry_that_is_wrong_is_placed() {
        let json = file("[{\"x\": 1},\n  {\"y\":\n 1e999}, 7]");
        let all = json.outermost(&[""]);
        assert!(all.broken.is_none());
        let wrong = json.decode::<Value>(all.entries("")[1].1).unwrap_err().to_string();
        assert_eq!(wrong, "a.json, line 3, column 6: number out of range; it was left out");
    }

    #[test]
    fn no_numbers_are_texts_of_their_length() {
        let mut bytes = br#"{"NaN": [NaN, -Infinity, Infinity, -1, "a\"NaN"]}"#.to_vec();
        quote_no_numbers(&mut bytes);
        let value: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(value["NaN"][4], "a\"NaN");
        assert_eq!(numbers(&value["NaN"]), (vec![-1.0], 4));
    }
}

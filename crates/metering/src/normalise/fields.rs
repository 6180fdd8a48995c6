//! The fields of a JSON object, with a memory of those that were read.

use serde_json::{Map, Value};

use super::finding::{FindingKind, Findings};
use super::number;

/// How deep unknown fields are searched for tokens.
const DEPTH: usize = 4;

/// An object whose fields are read by name; those that nobody read are searched for tokens in the end.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    object: &'a Map<String, Value>,
    prefix: String,
    known: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(object: &'a Map<String, Value>) -> Self {
        Self::below(object, String::new())
    }

    /// The object of an entry of an array, such as `iterations[1]`.
    pub(super) fn below(object: &'a Map<String, Value>, prefix: String) -> Self {
        Self { object, prefix, known: Vec::new() }
    }

    /// The value of a field; `None` where it is absent or null.
    pub(super) fn value(&mut self, name: &'static str) -> Option<&'a Value> {
        self.known.push(name);
        self.object.get(name).filter(|value| !value.is_null())
    }

    /// The path of a field from the usage object.
    pub(super) fn path(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// A text.
    pub(super) fn text(&mut self, name: &'static str) -> Option<&'a str> {
        self.value(name)?.as_str()
    }

    /// The object in a field, with its own memory.
    pub(super) fn object(&mut self, name: &'static str, findings: &mut Findings) -> Option<Fields<'a>> {
        let value = self.value(name)?;
        if let Value::Object(object) = value {
            return Some(Self::below(object, format!("{}{name}.", self.prefix)));
        }
        findings.value(FindingKind::WrongType, &self.path(name), value);
        None
    }

    /// The first of several names under which there is an object.
    pub(super) fn first_object(
        &mut self,
        names: &[&'static str],
        findings: &mut Findings,
    ) -> Option<Fields<'a>> {
        names.iter().fold(None, |found, name| {
            let here = self.object(name, findings);
            found.or(here)
        })
    }

    /// The entries of an array.
    pub(super) fn array(&mut self, name: &'static str, findings: &mut Findings) -> &'a [Value] {
        match self.value(name) {
            None => &[],
            Some(Value::Array(entries)) => entries,
            Some(value) => {
                findings.value(FindingKind::WrongType, &self.path(name), value);
                &[]
            }
        }
    }

    /// A count; what is wrong with it is a finding.
    pub(super) fn count(&mut self, name: &'static str, findings: &mut Findings) -> Option<u64> {
        let value = self.value(name)?;
        let (count, problem) = number::count(value);
        if let Some(kind) = problem {
            findings.value(kind, &self.path(name), value);
        }
        count
    }

    /// A main count, of which null is a finding too.
    pub(super) fn main_count(&mut self, name: &'static str, findings: &mut Findings) -> Option<u64> {
        if self.object.get(name).is_some_and(Value::is_null) {
            findings.value(FindingKind::Null, &self.path(name), &Value::Null);
        }
        self.count(name, findings)
    }

    /// Whether a field is there and not null, without a look at it.
    pub(super) fn has(&self, name: &str) -> bool {
        self.object.get(name).is_some_and(|value| !value.is_null())
    }

    /// A count before it is read; zero where there is none.
    pub(super) fn peek(&self, name: &str) -> u64 {
        self.object.get(name).and_then(|value| number::count(value).0).unwrap_or(0)
    }

    /// Marks fields as known that are not read.
    pub(super) fn skip(&mut self, names: &[&'static str]) {
        self.known.extend_from_slice(names);
    }

    /// The fields that nobody has asked for.
    pub(super) fn others(&self) -> impl Iterator<Item = (&'a String, &'a Value)> + '_ {
        self.object.iter().filter(|(name, _)| !self.known.contains(&name.as_str()))
    }

    /// Reports the tokens in fields that nobody read.
    pub(super) fn rest(self, findings: &mut Findings) {
        for (name, value) in self.others() {
            search(&self.path(name), value, is_of_tokens(name), DEPTH, findings);
        }
    }
}

/// A count that may stand in several fields, the vendor's own name first. The first that is not zero holds.
#[derive(Debug, Default)]
pub(super) struct Stated {
    found: Option<(u64, String)>,
    others: Vec<(u64, String)>,
}

impl Stated {
    /// Takes note of a field.
    pub(super) fn or(
        mut self,
        fields: Option<&mut Fields<'_>>,
        name: &'static str,
        f: &mut Findings,
    ) -> Self {
        let Some(fields) = fields else { return self };
        let Some(count) = fields.count(name, f) else { return self };
        let here = (count, fields.path(name));
        match &self.found {
            Some((0, _)) if count > 0 => self.others.extend(self.found.replace(here)),
            Some(_) => self.others.push(here),
            None => self.found = Some(here),
        }
        self
    }

    /// The count with its path; that others differ from it is a finding.
    pub(super) fn agreed(self, findings: &mut Findings) -> Option<(u64, String)> {
        let (count, path) = self.found?;
        for (other, other_path) in self.others {
            if other != count {
                findings.count(FindingKind::Disagrees, &other_path, other, count);
            }
        }
        Some((count, path))
    }
}

fn is_of_tokens(name: &str) -> bool {
    name.as_bytes().windows(5).any(|part| part.eq_ignore_ascii_case(b"token"))
}

/// Whole numbers above zero that are tokens by their name, or by that of an object around them.
fn search(path: &str, value: &Value, tokens: bool, depth: usize, findings: &mut Findings) {
    match value {
        Value::Number(number) if tokens && number.as_u64().is_some_and(|count| count > 0) => {
            findings.value(FindingKind::UnknownField, path, value);
        }
        Value::Object(object) if depth > 0 => {
            for (inner, value) in object {
                let tokens = tokens || is_of_tokens(inner);
                search(&format!("{path}.{inner}"), value, tokens, depth - 1, findings);
            }
        }
        Value::Array(entries) if depth > 0 => {
            for entry in entries {
                search(&format!("{path}[]"), entry, tokens, depth - 1, findings);
            }
        }
        _ => {}
    }
}

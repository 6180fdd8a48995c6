//! What an answer says: one JSON object, read strictly. What can be read in two ways is not read at all.

use std::{collections::BTreeMap, fmt};

use assize_llm::{ChatReply, FinishReason};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};

use crate::{EvidenceId, Reason, prompt};

/// A longer answer is not read.
const MAX_REPLY_BYTES: usize = 1 << 20;
/// A longer name is shortened where an error repeats it.
const MAX_SHOWN_CHARACTERS: usize = 80;

/// The JSON object of an answer, with nothing in it that is there twice.
#[derive(Debug)]
pub(crate) struct Answer {
    fields: Map<String, Value>,
}

impl Answer {
    /// The answer in a reply. Prose around it is let be, but for a second object: then nobody can tell which one is meant.
    pub(crate) fn of(reply: &ChatReply) -> Result<Self, String> {
        if reply.finish == FinishReason::ContentFilter {
            return Err("the vendor's filter cut its answer, or the model refused".to_owned());
        }
        let is_cut = reply.finish == FinishReason::Length;
        let cut =
            |why: String| if is_cut { format!("{why}; it was cut at the limit of tokens") } else { why };
        let (answer, behind) = Self::in_text(&reply.text).map_err(cut)?;
        // What was cut off may have taken it back.
        if is_cut && !behind.trim_matches(|c: char| c.is_whitespace() || c == '`').is_empty() {
            return Err(
                "its answer goes on behind the JSON object, and was cut at the limit of tokens".to_owned()
            );
        }
        Ok(answer)
    }

    /// The answer in a text, and what stands behind it.
    fn in_text(text: &str) -> Result<(Self, &str), String> {
        if text.len() > MAX_REPLY_BYTES {
            return Err(format!("its answer has {} bytes, and {MAX_REPLY_BYTES} are read", text.len()));
        }
        let (start, end) = only_object(text)?;
        let mut reader = serde_json::Deserializer::from_str(&text[start..end]);
        let value = Strict.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
        match value {
            Ok(Value::Object(fields)) => Ok((Self { fields }, &text[end..])),
            Ok(_) => Err("its answer holds no JSON object".to_owned()),
            Err(e) => Err(format!("its answer cannot be read: {e}")),
        }
    }

    /// Takes a field that has to be there.
    pub(crate) fn required<T: DeserializeOwned>(&mut self, field: &str) -> Result<T, String> {
        self.optional(field)?.ok_or_else(|| format!("its answer cannot be read: {field:?} is missing"))
    }

    /// Takes a field, if it is there and not null.
    pub(crate) fn optional<T: DeserializeOwned>(&mut self, field: &str) -> Result<Option<T>, String> {
        let value = self.fields.remove(field).unwrap_or(Value::Null);
        serde_json::from_value(value).map_err(|e| format!("its {field} cannot be read: {e}"))
    }

    /// Takes the reasons.
    pub(crate) fn reasons(&mut self) -> Result<Vec<Reason>, String> {
        Ok(self.reasons_in("reasons")?.unwrap_or_default())
    }

    /// Takes the reasons in this field, if it is there.
    pub(crate) fn reasons_in(&mut self, field: &str) -> Result<Option<Vec<Reason>>, String> {
        #[derive(Deserialize)]
        struct Given {
            text: String,
            #[serde(default)]
            cites: Option<Vec<String>>,
        }
        let plain = |id: &String| EvidenceId::plain(id.trim().trim_start_matches('[').trim_end_matches(']'));
        let reason = |given: Given| Reason {
            text: given.text,
            cites: given.cites.iter().flatten().map(plain).collect(),
            weight: None,
        };
        let given = self.optional::<Vec<Given>>(field)?;
        Ok(given.map(|given| given.into_iter().map(reason).collect()))
    }

    /// Leaves out fields that the debate's rule does not ask for, whatever is in them.
    pub(crate) fn without(&mut self, fields: &[&str]) {
        for field in fields {
            self.fields.remove(*field);
        }
    }

    /// Checks what was not taken. Models add remarks, and they are let be; what could be another answer is not: an object, or
    /// the name of an option that is not the one chosen.
    pub(crate) fn finish(self, chosen: Option<usize>, options: &[String]) -> Result<(), String> {
        for (field, value) in &self.fields {
            let another = value.as_str().and_then(|text| option_named(text, options).ok());
            if holds_object(value) || another.is_some_and(|option| Some(option) != chosen) {
                return Err(format!("its field {:?} could be another answer", shown(field)));
            }
        }
        Ok(())
    }
}

/// The option that is meant by a name: its own name, whatever the case and the blanks around it.
pub(crate) fn option_named(name: &str, options: &[String]) -> Result<usize, String> {
    let name = name.trim();
    let same = |option: &String| {
        let option = option.trim();
        // Lower case of other alphabets only where an option is written in one: no look-alike of a plain name is that name.
        option.eq_ignore_ascii_case(name)
            || (!option.is_ascii() && option.to_lowercase() == name.to_lowercase())
    };
    if let Some(option) = options.iter().position(same) {
        return Ok(option);
    }
    // A name that cannot be shown as it is may be given as it was shown, if that is clear.
    let mut as_shown = (0..options.len()).filter(|&option| prompt::shown(&options[option]).trim() == name);
    match (as_shown.next(), as_shown.next()) {
        (Some(option), None) => Ok(option),
        _ => Err(format!("its answer names {:?}, which is no option", shown(name))),
    }
}

/// One number for each option that is named, and none that is named twice.
pub(crate) fn by_option(
    given: &BTreeMap<String, f64>,
    options: &[String],
    field: &str,
) -> Result<Vec<Option<f64>>, String> {
    let mut numbers = vec![None; options.len()];
    for (name, number) in given {
        let option = option_named(name, options)?;
        if numbers[option].replace(*number).is_some() {
            return Err(format!("its {field} name {:?} twice", shown(name)));
        }
    }
    Ok(numbers)
}

/// Where the only JSON object of a text begins and ends. Groups in braces without a colon, such as formulas, are none.
fn only_object(text: &str) -> Result<(usize, usize), String> {
    let mut only = None;
    let (mut start, mut depth, mut is_quoted, mut is_escaped, mut has_colon) =
        (0, 0_usize, false, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' if depth == 0 => (start, depth, has_colon) = (at, 1, false),
            _ if depth == 0 => {}
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            b'{' => depth += 1,
            b':' => has_colon = true,
            b'}' => {
                depth -= 1;
                if depth == 0 && has_colon && only.replace((start, at + 1)).is_some() {
                    return Err("its answer holds more than one JSON object".to_owned());
                }
            }
            _ => {}
        }
    }
    if depth > 0 {
        return Err("its answer holds a JSON object without an end".to_owned());
    }
    only.ok_or_else(|| "its answer holds no JSON object".to_owned())
}

fn holds_object(value: &Value) -> bool {
    match value {
        Value::Object(_) => true,
        Value::Array(values) => values.iter().any(holds_object),
        _ => false,
    }
}

fn shown(text: &str) -> String {
    text.chars().take(MAX_SHOWN_CHARACTERS).collect()
}

/// Reads JSON in which no object names a field twice, not even in another case.
struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("a number is not finite"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = from.next_element_seed(Self)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut named = std::collections::BTreeSet::new();
        let mut fields = Map::new();
        while let Some(name) = from.next_key::<String>()? {
            if !named.insert(name.trim().to_lowercase()) {
                return Err(A::Error::custom(format!("the field {:?} is there twice", shown(&name))));
            }
            fields.insert(name, from.next_value_seed(Self)?);
        }
        Ok(Value::Object(fields))
    }
}

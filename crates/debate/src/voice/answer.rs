//! What an answer says: one JSON object, read strictly. What can be read in two ways is not read at all.

mod plain;
mod strict;

use assize_llm::{ChatReply, FinishReason};
use serde::Deserialize;

use self::strict::{Fields, Json};
pub(crate) use self::{
    plain::{plain, shares},
    strict::{Numbers, Text},
};
use crate::{EvidenceId, Reason, prompt};

/// A longer answer is not read.
const MAX_REPLY_BYTES: usize = 1 << 20;
/// A longer name is shortened where an error repeats it.
const MAX_SHOWN_CHARACTERS: usize = 80;

/// The JSON object of an answer, with nothing in it that is there twice.
#[derive(Debug)]
pub(crate) struct Answer<'a> {
    fields: Fields<'a>,
}

impl<'a> Answer<'a> {
    /// The answer in a reply. Prose around it is let be, but for a second object: then nobody can tell which one is meant.
    pub(crate) fn of(reply: &'a ChatReply) -> Result<Self, String> {
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
    fn in_text(text: &'a str) -> Result<(Self, &'a str), String> {
        let (start, end) = object_in(text)?;
        let mut reader = serde_json::Deserializer::from_str(&text[start..end]);
        let value = Json::deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
        match value {
            Ok(Json::Object(fields)) => Ok((Self { fields }, &text[end..])),
            Ok(_) => Err("its answer holds no JSON object".to_owned()),
            Err(e) => Err(format!("its answer cannot be read: {e}")),
        }
    }

    /// Takes a field that has to be there.
    pub(crate) fn required<T: Deserialize<'a>>(&mut self, field: &str) -> Result<T, String> {
        self.optional(field)?.ok_or_else(|| format!("its answer cannot be read: {field:?} is missing"))
    }

    /// Takes a field, if it is there and not null.
    pub(crate) fn optional<T: Deserialize<'a>>(&mut self, field: &str) -> Result<Option<T>, String> {
        let value = self.take(field).unwrap_or(Json::Null);
        Option::deserialize(value).map_err(|e| format!("its {field} cannot be read: {e}"))
    }

    fn take(&mut self, field: &str) -> Option<Json<'a>> {
        let place = self.fields.iter().position(|(name, _)| name == field)?;
        Some(self.fields.remove(place).1)
    }

    /// Takes the reasons.
    pub(crate) fn reasons(&mut self) -> Result<Vec<Reason>, String> {
        Ok(self.reasons_in("reasons")?.unwrap_or_default())
    }

    /// Takes the reasons in this field, if it is there.
    pub(crate) fn reasons_in(&mut self, field: &str) -> Result<Option<Vec<Reason>>, String> {
        #[derive(Deserialize)]
        struct Given<'a> {
            #[serde(borrow)]
            text: Text<'a>,
            #[serde(default, borrow)]
            cites: Option<Vec<Text<'a>>>,
        }
        let read = |Given { text, cites }: Given<'_>| reason(text, &cites.unwrap_or_default());
        let given = self.optional::<Vec<Given<'_>>>(field)?;
        Ok(given.map(|given| given.into_iter().map(read).collect()))
    }

    /// Leaves out fields that the debate's rule does not ask for, whatever is in them.
    pub(crate) fn without(&mut self, fields: &[&str]) {
        for field in fields {
            self.take(field);
        }
    }

    /// Checks what was not taken. Models add remarks, and they are let be; what could be another answer is not: an object, or
    /// the name of an option that is not the one chosen.
    pub(crate) fn finish(self, chosen: Option<usize>, options: &[String]) -> Result<(), String> {
        for (field, value) in &self.fields {
            let another = value.as_str().and_then(|text| option_named(text, options).ok());
            if value.holds_object() || another.is_some_and(|option| Some(option) != chosen) {
                return Err(format!("its field {:?} could be another answer", shown(field)));
            }
        }
        Ok(())
    }
}

fn reason(Text(text): Text<'_>, cites: &[Text<'_>]) -> Reason {
    let plain =
        |Text(id): &Text<'_>| EvidenceId::plain(id.trim().trim_start_matches('[').trim_end_matches(']'));
    Reason { text: text.into_owned(), cites: cites.iter().map(plain).collect(), weight: None }
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
    given: &Numbers<'_>,
    options: &[String],
    field: &str,
) -> Result<Vec<Option<f64>>, String> {
    let mut numbers = vec![None; options.len()];
    for (name, number) in &given.0 {
        let option = option_named(name, options)?;
        if numbers[option].replace(*number).is_some() {
            return Err(format!("its {field} name {:?} twice", shown(name)));
        }
    }
    Ok(numbers)
}

/// Where the only JSON object of a text that is not too long begins and ends.
fn object_in(text: &str) -> Result<(usize, usize), String> {
    match text.len() > MAX_REPLY_BYTES {
        true => Err(format!("its answer has {} bytes, and {MAX_REPLY_BYTES} are read", text.len())),
        false => only_object(text),
    }
}

/// Where the only JSON object of a text begins and ends. Groups in braces without a colon, such as formulas, are none.
fn only_object(text: &str) -> Result<(usize, usize), String> {
    let bytes = text.as_bytes();
    let mut only = None;
    let (mut at, mut start, mut depth, mut has_colon) = (0, 0, 0_usize, false);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'{' => {
                if depth == 0 {
                    (start, has_colon) = (at, false);
                }
                depth += 1;
            }
            _ if depth == 0 => {}
            b'"' => at = end_of_string(bytes, at + 1),
            b':' => has_colon = true,
            b'}' => {
                depth -= 1;
                if depth == 0 && has_colon && only.replace((start, at + 1)).is_some() {
                    return Err("its answer holds more than one JSON object".to_owned());
                }
            }
            _ => {}
        }
        at += 1;
    }
    if depth > 0 {
        return Err("its answer holds a JSON object without an end".to_owned());
    }
    only.ok_or_else(|| "its answer holds no JSON object".to_owned())
}

/// Where the quotation mark stands that ends a string which begins at `from`; without one, the end of the text.
fn end_of_string(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(n) = bytes.get(at..).and_then(|rest| rest.iter().position(|b| matches!(b, b'"' | b'\\'))) {
        at += n;
        if bytes[at] == b'"' {
            return at;
        }
        // What follows the backslash ends nothing.
        at += 2;
    }
    bytes.len()
}

fn shown(text: &str) -> String {
    text.chars().take(MAX_SHOWN_CHARACTERS).collect()
}

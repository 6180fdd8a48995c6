//! JSON Schemas (draft 2020-12) of what a debate writes and reads: its verdict, a line of its log, a panel's file, a line of
//! a file of outcomes.
//!
//! They are made from the types that are written and read, and described by their documentation.
//!
//! ```
//! let schema = assize_debate::schema::verdict();
//! assert_eq!(schema["properties"]["outcome"]["description"], "What was decided.");
//! ```

use std::{borrow::Cow, fmt::Write as _};

use schemars::{
    JsonSchema, Schema, SchemaGenerator,
    generate::{Contract, SchemaSettings},
    json_schema,
    transform::{Transform, transform_subschemas},
};
use serde_json::Value;

use crate::{
    Record, Resolved, Rule, SummariserSeat, Verdict,
    panel_file::{EXTRACTIVE, File, Named, Summary},
};

/// Of a [`Verdict`], as it is written.
#[must_use]
pub fn verdict() -> Value {
    of::<Verdict>(Contract::Serialize, "The verdict of a debate")
}

/// Of a line of a debate's log, a [`Record`], as it is written.
#[must_use]
pub fn log_record() -> Value {
    of::<Record>(Contract::Serialize, "A line of a debate's log")
}

/// Of a line of a file of outcomes, a [`Resolved`] question.
#[must_use]
pub fn outcome() -> Value {
    of::<Resolved>(Contract::Deserialize, "A line of a file of outcomes: a resolved question")
}

/// Of a panel's file, which is TOML; see [`Panel`](crate::Panel).
#[must_use]
pub fn panel_file() -> Value {
    of::<File>(Contract::Deserialize, "A panel's file, which is TOML")
}

/// Of something else that is written, in the same manner: for what holds a verdict.
#[must_use]
pub fn written<T: JsonSchema>(title: &str) -> Value {
    of::<T>(Contract::Serialize, title)
}

fn of<T: JsonSchema>(contract: Contract, title: &str) -> Value {
    let mut settings = SchemaSettings::draft2020_12().with_transform(InPlainWords);
    settings.contract = contract;
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.insert("title".to_owned(), title.into());
    schema.to_value()
}

/// Takes out of descriptions what speaks to readers of the code alone: links to items, and examples.
#[derive(Debug, Clone)]
struct InPlainWords;

impl Transform for InPlainWords {
    fn transform(&mut self, schema: &mut Schema) {
        if let Some(Value::String(text)) = schema.get_mut("description") {
            *text = plain(text);
        }
        transform_subschemas(self, schema);
    }
}

fn plain(text: &str) -> String {
    let text = text.split("\n```").next().unwrap_or_default().trim_end();
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once('[') {
        plain.push_str(before);
        let Some((name, behind)) = inside.split_once(']') else {
            plain.push('[');
            rest = inside;
            continue;
        };
        let target = behind.strip_prefix('(').and_then(|target| target.split_once(')'));
        match target {
            Some((_, behind)) => {
                plain.push_str(name);
                rest = behind;
            }
            None if name.starts_with('`') => {
                plain.push_str(name);
                rest = behind;
            }
            None => {
                // A writer to a string does not fail.
                let _ = write!(plain, "[{name}]");
                rest = behind;
            }
        }
    }
    plain.push_str(rest);
    plain
}

impl JsonSchema for Rule {
    fn schema_name() -> Cow<'static, str> {
        "Rule".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<_> = Self::ALL.iter().map(|rule| rule.name()).collect();
        let examples: Vec<_> = Self::ALL.iter().map(ToString::to_string).collect();
        json_schema!({
            "description": format!(
                "How the ballots become a decision: the name of a rule and, behind colons, its parameters. There are {}.",
                names.join(", ")
            ),
            "type": "string",
            "pattern": format!("^({})(:[0-9./:]+)?$", names.join("|")),
            "examples": examples,
        })
    }
}

impl<T: JsonSchema> JsonSchema for Named<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Named{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [
                { "type": "string", "description": "Its `type` alone, where nothing else has to be said." },
                generator.subschema_for::<T>(),
            ],
        })
    }
}

impl JsonSchema for Summary {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Summary".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [
                { "const": EXTRACTIVE, "description": "Extracts of it: for nothing." },
                generator.subschema_for::<SummariserSeat>(),
            ],
        })
    }
}

/// An amount of US dollars as a decimal number in a string: exact, to a millionth of a millionth.
#[derive(Debug, JsonSchema)]
#[expect(dead_code, reason = "it stands for the type whose form this is")]
pub struct Usd(#[schemars(regex(pattern = r"^-?[0-9]+(\.[0-9]{1,12})?$"))] String);

/// A moment, as RFC 3339 writes it.
#[derive(Debug, JsonSchema)]
#[expect(dead_code, reason = "it stands for the type whose form this is")]
pub struct Moment(#[schemars(extend("format" = "date-time"))] String);

/// How firmly a number of tokens is known.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
#[expect(dead_code, reason = "it stands for the type whose form this is")]
pub(crate) enum Basis {
    /// The vendor reported it.
    Reported,
    /// It was counted or estimated on this side.
    Estimated,
    /// No vendor was involved: a simulated or scripted model.
    Simulated,
}

/// Tokens by what is billed alike; no token is in two places. What is absent was not stated, which is not nothing.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "it stands for the type whose form this is")]
pub(crate) struct Tokens {
    /// Of text in the prompt that came from no cache.
    #[schemars(skip_serializing_if = "Option::is_none")]
    input: Option<u64>,
    /// Of the prompt, read from the vendor's cache.
    #[schemars(skip_serializing_if = "Option::is_none")]
    cache_read: Option<u64>,
    /// Of the prompt, written to the vendor's cache for five minutes.
    #[schemars(skip_serializing_if = "Option::is_none")]
    cache_write_5m: Option<u64>,
    /// Of the prompt, written to the vendor's cache for an hour.
    #[schemars(skip_serializing_if = "Option::is_none")]
    cache_write_1h: Option<u64>,
    /// Of the prompt, written to the vendor's cache for twelve hours.
    #[schemars(skip_serializing_if = "Option::is_none")]
    cache_write_12h: Option<u64>,
    /// Of the prompt, written to the vendor's cache for another time.
    #[schemars(skip_serializing_if = "Option::is_none")]
    cache_write_other: Option<u64>,
    /// Of audio in the prompt.
    #[schemars(skip_serializing_if = "Option::is_none")]
    input_audio: Option<u64>,
    /// Of audio in the prompt, read from the vendor's cache.
    #[schemars(skip_serializing_if = "Option::is_none")]
    cache_read_audio: Option<u64>,
    /// Of images in the prompt.
    #[schemars(skip_serializing_if = "Option::is_none")]
    input_image: Option<u64>,
    /// Of images in the prompt, read from the vendor's cache.
    #[schemars(skip_serializing_if = "Option::is_none")]
    cache_read_image: Option<u64>,
    /// Of video in the prompt.
    #[schemars(skip_serializing_if = "Option::is_none")]
    input_video: Option<u64>,
    /// Of visible text in the reply.
    #[schemars(skip_serializing_if = "Option::is_none")]
    output: Option<u64>,
    /// Of reasoning.
    #[schemars(skip_serializing_if = "Option::is_none")]
    output_reasoning: Option<u64>,
    /// Of audio in the reply.
    #[schemars(skip_serializing_if = "Option::is_none")]
    output_audio: Option<u64>,
    /// Of images in the reply.
    #[schemars(skip_serializing_if = "Option::is_none")]
    output_image: Option<u64>,
}

#[cfg(test)]
mod tests;

//! Finding the usage object in a response body or in an event of a stream.

use serde_json::{Map, Value};

use super::format::UsageFormat;
use crate::error::{Error, Result};

/// What is read beside the usage object.
const AROUND: [&str; 3] = ["service_tier", "serviceTier", "tool_usage"];
/// What only a body or an event has, never a usage object.
const BODY: [&str; 12] = [
    "usage",
    "usageMetadata",
    "usage_metadata",
    "choices",
    "candidates",
    "content",
    "message",
    "response",
    "interaction",
    "delta",
    "error",
    "event_type",
];
/// Objects within which an event or a body may hold the usage.
const WITHIN: [&str; 6] = ["response", "message", "interaction", "delta", "metadata", "x_groq"];

/// A usage object with what stood around it.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) usage: Map<String, Value>,
    pub(super) around: Map<String, Value>,
    /// Whether it stood alone, without a body.
    pub(super) bare: bool,
}

/// Finds the usage in a value that must hold one.
pub(super) fn locate(format: UsageFormat, value: &Value) -> Result<Found> {
    let Value::Object(body) = value else {
        return Err(Error::invalid_usage("it is no JSON object"));
    };
    find(format, body).ok_or_else(|| Error::invalid_usage("the object holds no usage"))
}

/// Finds the usage in a body, an event, or the object itself.
pub(super) fn find(format: UsageFormat, body: &Map<String, Value>) -> Option<Found> {
    let own = |keep: fn(&str) -> bool| {
        let usage: Map<String, Value> = body
            .iter()
            .filter(|(name, _)| keep(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        usage.values().any(|value| !value.is_null()).then_some(usage)
    };
    match format {
        UsageFormat::Ollama => {
            // Its counts stand in the body, between the reply's text.
            let usage = own(|name| name.ends_with("_count") || name.ends_with("_duration"))?;
            let counted = ["prompt_eval_count", "eval_count"].iter().any(|name| usage.contains_key(*name));
            let bare = !body.contains_key("done");
            (counted || bare).then(|| Found { usage, around: Map::new(), bare })
        }
        UsageFormat::LlamaCpp => match body.get("timings") {
            Some(Value::Object(timings)) => {
                Some(Found { usage: timings.clone(), around: Map::new(), bare: false })
            }
            _ if is_body(body) => None,
            _ => Some(Found { usage: body.clone(), around: Map::new(), bare: true }),
        },
        _ => match usage_in(body) {
            Some(usage) => Some(Found { usage: usage.clone(), around: around(body), bare: false }),
            None if is_body(body) => None,
            None => Some(Found { usage: body.clone(), around: Map::new(), bare: true }),
        },
    }
}

/// The usage object in a body or an event.
pub(super) fn usage_in(body: &Map<String, Value>) -> Option<&Map<String, Value>> {
    direct(body)
        .or_else(|| WITHIN.iter().find_map(|name| direct(body.get(*name)?.as_object()?)))
        // Cohere's embeddings and rerankings state it in `meta`.
        .or_else(|| body.get("meta")?.as_object().filter(|meta| meta.contains_key("billed_units")))
}

fn direct(body: &Map<String, Value>) -> Option<&Map<String, Value>> {
    ["usage", "usageMetadata", "usage_metadata"].iter().find_map(|name| body.get(*name)?.as_object())
}

/// What stands around the usage: in the body, or in the object within it that holds the usage.
pub(super) fn around(body: &Map<String, Value>) -> Map<String, Value> {
    let mut found = Map::new();
    let inner = WITHIN.iter().filter_map(|name| body.get(*name)?.as_object());
    for object in std::iter::once(body).chain(inner) {
        for name in AROUND {
            if let Some(value) = object.get(name).filter(|value| !value.is_null()) {
                found.insert(name.to_owned(), value.clone());
            }
        }
    }
    found
}

fn is_body(body: &Map<String, Value>) -> bool {
    BODY.iter().any(|name| body.contains_key(*name))
}

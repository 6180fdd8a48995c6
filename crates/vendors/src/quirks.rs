//! How an endpoint differs from what its wire format says, as data.

use std::collections::BTreeSet;

use assize_llm::{ChatRequest, ModelId, ResponseFormat};
use serde::Deserialize;

use crate::WireFormat;

/// What may be refused of a request, in the order of the names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Parameter {
    /// The seed for sampling.
    Seed,
    /// Sequences that end the reply.
    Stop,
    /// The sampling temperature.
    Temperature,
}

impl Parameter {
    /// The name of the field in a [`ChatRequest`].
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Seed => "seed",
            Self::Stop => "stop",
            Self::Temperature => "temperature",
        }
    }
}

/// How a reply that fits a schema is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SchemaForm {
    /// The vendor takes the schema and holds the model to it.
    JsonSchema,
    /// The vendor holds the model to JSON; the schema stands in the system prompt.
    JsonObject,
    /// The schema stands in the system prompt, and that is all.
    Prompt,
}

/// How requests for one model at one endpoint are written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Quirks {
    /// The field of the limit on the reply's tokens.
    pub max_tokens: String,
    /// The field of the seed.
    pub seed: String,
    /// The role of the system prompt.
    pub system_role: String,
    /// Whether usage in a stream must be asked for.
    pub stream_usage: bool,
    /// How a schema is given.
    pub schema: SchemaForm,
    /// Whether a reply with a schema can be streamed.
    pub schema_streams: bool,
    /// The most stop sequences; `None` where no limit is known.
    pub most_stop: Option<usize>,
    /// What is not taken at all.
    pub refuses: BTreeSet<Parameter>,
}

impl Quirks {
    /// Those of the plain format.
    pub(crate) fn of(format: WireFormat) -> Self {
        let refuses: &[Parameter] = match format {
            WireFormat::OpenAiResponses => &[Parameter::Seed, Parameter::Stop],
            // The vendor knows none (platform.claude.com/docs/en/api/messages).
            WireFormat::Anthropic => &[Parameter::Seed],
            WireFormat::Gemini | WireFormat::Ollama | WireFormat::OpenAiChat => &[],
        };
        Self {
            max_tokens: "max_tokens".to_owned(),
            seed: "seed".to_owned(),
            system_role: "system".to_owned(),
            stream_usage: true,
            schema: SchemaForm::JsonSchema,
            schema_streams: true,
            // "Up to 5" (ai.google.dev/api/generate-content).
            most_stop: (format == WireFormat::Gemini).then_some(5),
            refuses: refuses.iter().copied().collect(),
        }
    }

    /// What of this request is refused.
    pub(crate) fn refused(&self, request: &ChatRequest) -> impl Iterator<Item = Parameter> {
        let asks = |parameter: &Parameter| match parameter {
            Parameter::Seed => request.seed.is_some(),
            Parameter::Stop => !request.stop.is_empty(),
            Parameter::Temperature => request.temperature.is_some(),
        };
        self.refuses.iter().copied().filter(asks)
    }

    /// Whether a reply to this request can be streamed.
    pub(crate) fn can_stream(&self, request: &ChatRequest) -> bool {
        self.schema_streams || request.format == ResponseFormat::Text
    }
}

/// What differs from the plain format; the keys of `ask` in a list of endpoints.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ask {
    max_tokens: Option<String>,
    seed: Option<String>,
    system_role: Option<String>,
    stream_usage: Option<bool>,
    schema: Option<SchemaForm>,
    schema_streams: Option<bool>,
    most_stop: Option<usize>,
    refuses: Option<BTreeSet<Parameter>>,
}

/// What differs for the models whose names fit.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModelAsk {
    names: Vec<String>,
    ask: Ask,
}

/// What differs at an endpoint.
#[derive(Debug, Clone, Default)]
pub(crate) struct Differences {
    ask: Ask,
    models: Vec<ModelAsk>,
}

impl Differences {
    /// Those of the endpoint, and those of models; patterns of names are read in whatever case.
    pub(crate) fn new(ask: Ask, mut models: Vec<ModelAsk>) -> Self {
        models.iter_mut().flat_map(|entry| &mut entry.names).for_each(|name| name.make_ascii_lowercase());
        Self { ask, models }
    }

    pub(crate) fn quirks(&self, format: WireFormat, model: &ModelId) -> Quirks {
        let mut quirks = Quirks::of(format);
        let refused_by_format = quirks.refuses.clone();
        let name = model.as_str().to_ascii_lowercase();
        let fits = |entry: &&ModelAsk| entry.names.iter().any(|pattern| matches(pattern, &name));
        for ask in std::iter::once(&self.ask).chain(self.models.iter().filter(fits).map(|entry| &entry.ask)) {
            ask.lay_over(&mut quirks);
        }
        // What the format itself has no field for stays refused.
        quirks.refuses.extend(refused_by_format);
        quirks
    }
}

impl Ask {
    fn lay_over(&self, quirks: &mut Quirks) {
        fn set<T: Clone>(own: Option<&T>, field: &mut T) {
            if let Some(value) = own {
                field.clone_from(value);
            }
        }
        set(self.max_tokens.as_ref(), &mut quirks.max_tokens);
        set(self.seed.as_ref(), &mut quirks.seed);
        set(self.system_role.as_ref(), &mut quirks.system_role);
        set(self.stream_usage.as_ref(), &mut quirks.stream_usage);
        set(self.schema.as_ref(), &mut quirks.schema);
        set(self.schema_streams.as_ref(), &mut quirks.schema_streams);
        quirks.most_stop = self.most_stop.or(quirks.most_stop);
        set(self.refuses.as_ref(), &mut quirks.refuses);
    }
}

/// Whether a name fits a pattern in which `*` stands for any text.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut rest) = name.strip_prefix(head) else { return false };
    let mut pieces: Vec<&str> = tail.split('*').collect();
    let last = pieces.pop().unwrap_or_default();
    for piece in pieces {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, name, fits) in [
            ("gpt-4o", "gpt-4o", true),
            ("gpt-4o", "gpt-4o-mini", false),
            ("gpt-4o*", "gpt-4o-mini", true),
            ("gpt-4o*", "gpt-4o", true),
            ("*mini", "gpt-4o-mini", true),
            ("*mini", "gpt-4o-mini-2", false),
            ("*non-reasoning*", "grok-4-non-reasoning-latest", true),
            ("a*b*c", "abc", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "acb", false),
            ("a*a", "a", false),
            ("*", "", true),
            ("", "", true),
            ("", "x", false),
        ] {
            assert_eq!(matches(pattern, name), fits, "{pattern} {name}");
        }
    }
}

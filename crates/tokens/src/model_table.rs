//! From a model's name to its encoding and overhead: a table, no code.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use assize_metering::TokenCounter;
use serde::Deserialize;

use crate::encoding::Encoding;
use crate::overhead::Overhead;
use crate::prompt_count::CountingRule;

/// The longest name of a model that is looked up, in bytes. What is longer is unknown.
const MAX_NAME: usize = 512;

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    Table::read(include_str!("../models.toml")).expect("the embedded table is valid; a test reads it")
});

/// What is known of how a model counts tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModelTokens {
    /// Its encoding.
    pub encoding: Encoding,
    /// What a chat adds around its texts; `None` where a request is bare text, or where nothing is known.
    pub overhead: Option<Overhead>,
}

impl ModelTokens {
    /// How to count the model's chats; `None` where no overhead is known or this build carries no vocabulary for the encoding.
    #[must_use]
    pub fn rule(&self) -> Option<CountingRule<'static>> {
        Some(CountingRule { counter: self.encoding.counter()?, overhead: self.overhead? })
    }

    /// The counter of bare texts; `None` where this build carries no vocabulary for the encoding.
    #[must_use]
    pub fn counter(&self) -> Option<&'static dyn TokenCounter> {
        self.encoding.counter()
    }
}

/// How the model of this name counts tokens, or `None` if its encoding is not public or its name not known.
///
/// Vendor prefixes (`openai/`, `azure/` …), dated ids and fine-tuned ones are understood; letters of either case are alike.
///
/// ```
/// use assize_tokens::{Encoding, model_tokens};
///
/// for name in ["gpt-4o", "openai/gpt-4o-2024-08-06", "ft:gpt-4o-mini:acme::8x1"] {
///     assert_eq!(model_tokens(name).map(|model| model.encoding), Some(Encoding::O200k));
/// }
/// assert!(model_tokens("claude-opus-4-8").is_none());
/// ```
#[must_use]
pub fn model_tokens(name: &str) -> Option<ModelTokens> {
    TABLE.find(name)
}

#[derive(Debug)]
struct Table {
    prefixes: Vec<String>,
    whole: BTreeMap<String, ModelTokens>,
    beginnings: BTreeMap<String, ModelTokens>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format_version: u32,
    prefixes: Vec<String>,
    overhead: BTreeMap<String, Overhead>,
    row: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    models: Vec<String>,
    encoding: Encoding,
    overhead: Option<String>,
    source: String,
}

impl Table {
    fn read(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        if file.format_version != 1 {
            return Err(format!("format_version {} is not 1", file.format_version));
        }
        let mut table = Self { prefixes: file.prefixes, whole: BTreeMap::new(), beginnings: BTreeMap::new() };
        for row in file.row {
            let overhead = row
                .overhead
                .map(|name| file.overhead.get(&name).copied().ok_or(format!("no overhead {name}")))
                .transpose()?;
            if row.source.is_empty() || row.models.is_empty() {
                return Err(format!("a row of {} lacks its models or its source", row.encoding));
            }
            for model in row.models {
                let known = ModelTokens { encoding: row.encoding, overhead };
                let earlier = match model.strip_suffix('*') {
                    Some(beginning) => table.beginnings.insert(beginning.to_owned(), known),
                    None => table.whole.insert(model.clone(), known),
                };
                if earlier.is_some() {
                    return Err(format!("{model} stands there twice"));
                }
            }
        }
        Ok(table)
    }

    fn find(&self, name: &str) -> Option<ModelTokens> {
        if name.len() > MAX_NAME {
            return None;
        }
        let name = name.trim().to_ascii_lowercase();
        let mut name = name.as_str();
        while let Some(rest) = self.prefixes.iter().find_map(|prefix| name.strip_prefix(prefix.as_str())) {
            name = rest;
        }
        let name = name.strip_prefix("ft:").unwrap_or(name);
        let name = name.split(':').next().unwrap_or(name);
        if let Some(known) = self.whole.get(name) {
            return Some(*known);
        }
        (1..=name.len())
            .rev()
            .filter(|length| name.is_char_boundary(*length))
            .find_map(|length| self.beginnings.get(&name[..length]))
            .copied()
    }
}

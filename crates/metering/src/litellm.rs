//! Reads `LiteLLM`'s map of prices, `model_prices_and_context_window.json`.

mod amount;
mod entry;
mod field;
mod finding;
mod json;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use finding::{PriceFinding, PriceFindingKind};

use self::json::Object;
use crate::error::{Error, Result};
use crate::model_price::ModelPrice;
use crate::price_book::PriceBook;

const MAX_BYTES: usize = 32 << 20;
const MAX_ENTRIES: usize = 50_000;
const MAX_FINDINGS: usize = 10_000;
const MAX_UNKNOWN_FIELDS: usize = 1_000;
/// The entry that explains the format.
const SAMPLE: &str = "sample_spec";

impl PriceBook {
    /// Reads a map of prices in the form of `LiteLLM`'s `model_prices_and_context_window.json` (1.109.1), with what was
    /// met on the way. `name` is the file's name, for messages and as the prices' source.
    ///
    /// Every price per token is read as it stands in the text, without a float: rates by kind of token, lifetime of cache,
    /// length of prompt and mode (`_batches`, `_priority`, `_flex`, `_ultrafast`), `tiered_pricing`, `off_peak_pricing`,
    /// regional factors, and prices by the piece. Conventions are `LiteLLM`'s: above a threshold all tokens take its
    /// rates (of xAI from the threshold on); a missing cache rate is the input rate, a missing reasoning rate the output
    /// rate. Stricter than there, sound, pictures in the reply and modes without rates of their own are errors when a
    /// usage holds them, and so is output of a model without an output rate.
    ///
    /// The id of a model is its key, its vendor `litellm_provider` (`gemini` and the bare keys of Vertex AI's language
    /// models are `google`). Behind its own provider's name the id is the rest of the key, as in the embedded book, unless
    /// that is another key, and the key an alias. So every key is found by [`find`](Self::find).
    ///
    /// The text is limited to 32 MiB and 50,000 entries.
    ///
    /// ```
    /// use assize_metering::{Mode, PriceBook, TokenUsage};
    /// use jiff::civil::date;
    ///
    /// let map = r#"{
    ///     "acme/large": {
    ///         "litellm_provider": "acme",
    ///         "input_cost_per_token": 3e-07,
    ///         "output_cost_per_token": 1.2e-06,
    ///         "input_cost_per_token_decreed": 1
    ///     }
    /// }"#;
    /// let (book, findings) = PriceBook::from_litellm("map.json", map)?;
    /// let cost = book.find("acme/large", date(2026, 11, 20))?.cost(&TokenUsage::of(1_000, 100), Mode::Standard)?;
    /// assert_eq!(cost.total().to_string(), "0.00042");
    /// assert_eq!(findings[0].field.as_deref(), Some("input_cost_per_token_decreed"));
    /// # Ok::<(), assize_metering::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidPriceBook`](crate::ErrorKind::InvalidPriceBook) for what is no JSON object of that size. An entry that
    /// makes no sense is a finding instead, and the others are read.
    pub fn from_litellm(name: &str, text: &str) -> Result<(Self, Vec<PriceFinding>)> {
        if text.len() > MAX_BYTES {
            return Err(Error::invalid_price_book(name, 1, None, "it is larger than 32 MiB"));
        }
        let Object::<MAX_ENTRIES>(entries) = serde_json::from_str(text).map_err(|error| {
            Error::invalid_price_book(name, error.line(), None, error.to_string()).caused_by(error)
        })?;
        let mut findings = Findings::default();
        let mut prices: BTreeMap<String, ModelPrice> = BTreeMap::new();
        for (key, json) in &entries {
            if key == SAMPLE {
                continue;
            }
            let Some(mut price) = entry::read(key, json, &mut findings) else { continue };
            name.clone_into(&mut price.source);
            // As in the language that the map is made for, the last of several wins.
            if prices.insert(key.clone(), price).is_some() {
                let problem = "the key stands there twice; the last is taken";
                findings.note(PriceFindingKind::LeftOut, key, None, problem);
            }
        }
        Ok((Self::of(named(prices).into_iter().map(Arc::new).collect()), findings.finish()))
    }
}

/// The vendor of this crate's books that a `litellm_provider` is.
fn vendor(provider: &str) -> String {
    let vendor = match provider {
        "gemini" | "vertex_ai-language-models" => "google",
        "bedrock_converse" => "bedrock",
        "bedrock_mantle" => "bedrock-mantle",
        "cohere_chat" => "cohere",
        "amazon_nova" => "amazon-nova",
        "text-completion-openai" => "openai",
        _ => return provider.to_lowercase().replace(['/', ':'], "-"),
    };
    vendor.to_owned()
}

/// Providers whose own models the embedded book lists under their bare ids: the prefix of the keys, and the vendor.
const OWN_MODELS: &[(&str, &str)] = &[
    ("amazon-nova", "amazon-nova"),
    ("anthropic", "anthropic"),
    ("cerebras", "cerebras"),
    ("cohere", "cohere"),
    ("deepseek", "deepseek"),
    ("gemini", "google"),
    ("groq", "groq"),
    ("minimax", "minimax"),
    ("mistral", "mistral"),
    ("moonshot", "moonshot"),
    ("openai", "openai"),
    ("perplexity", "perplexity"),
    ("voyage", "voyage"),
    ("xai", "xai"),
    ("zai", "zai"),
];

/// Gives the models that stand behind their own provider's name their bare ids. Where the bare id is a key as well, and
/// its model of the same vendor and price, the two are one.
fn named(mut prices: BTreeMap<String, ModelPrice>) -> Vec<ModelPrice> {
    let keys: Vec<String> = prices.keys().cloned().collect();
    let mut n_of_bare: BTreeMap<&str, usize> = BTreeMap::new();
    for key in &keys {
        *n_of_bare.entry(bare(key, &prices[key]).unwrap_or(key)).or_default() += 1;
    }
    let mut merged = Vec::new();
    for key in &keys {
        let Some(bare) = bare(key, &prices[key]) else { continue };
        if n_of_bare[bare] == 1 {
            if let Some(price) = prices.get_mut(key) {
                bare.clone_into(&mut price.id);
                price.aliases.push(key.clone());
            }
        } else if prices.get(bare).is_some_and(|other| is_same(other, &prices[key])) {
            merged.push((key, bare));
        }
    }
    for (key, bare) in merged {
        prices.remove(key);
        if let Some(price) = prices.get_mut(bare) {
            price.aliases.push(key.clone());
        }
    }
    prices.into_values().collect()
}

fn bare<'k>(key: &'k str, price: &ModelPrice) -> Option<&'k str> {
    let (prefix, rest) = key.split_once('/')?;
    let is_own = OWN_MODELS.contains(&(prefix, price.vendor.as_str()));
    (is_own && !rest.is_empty() && !rest.contains(['/', ':'])).then_some(rest)
}

/// Whether two entries say the same of a model but its name.
fn is_same(a: &ModelPrice, b: &ModelPrice) -> bool {
    let renamed = ModelPrice { id: a.id.clone(), aliases: a.aliases.clone(), ..b.clone() };
    *a == renamed
}

/// What was met, of limited number.
#[derive(Default)]
struct Findings {
    list: Vec<PriceFinding>,
    unknown: BTreeMap<String, (String, usize)>,
    no_token_price: Option<(String, usize)>,
    n_unlisted: usize,
}

impl Findings {
    fn note(&mut self, kind: PriceFindingKind, entry: &str, field: Option<&str>, problem: &str) {
        if self.list.len() == MAX_FINDINGS {
            self.n_unlisted += 1;
            return;
        }
        let (entry, field) = (excerpt(entry), field.map(excerpt));
        self.list.push(PriceFinding { kind, entry, field, n_entries: 1, problem: excerpt(problem) });
    }

    fn unknown_field(&mut self, entry: &str, field: &str) {
        let field = excerpt(field);
        if let Some((_, n_entries)) = self.unknown.get_mut(&field) {
            *n_entries += 1;
        } else if self.unknown.len() < MAX_UNKNOWN_FIELDS {
            self.unknown.insert(field, (excerpt(entry), 1));
        } else {
            self.n_unlisted += 1;
        }
    }

    fn no_token_price(&mut self, entry: &str) {
        self.no_token_price.get_or_insert_with(|| (excerpt(entry), 0)).1 += 1;
    }

    /// All of them: by entry, then those about several.
    fn finish(self) -> Vec<PriceFinding> {
        let mut list = self.list;
        list.extend(self.unknown.into_iter().map(|(field, (entry, n_entries))| PriceFinding {
            kind: PriceFindingKind::UnknownField,
            entry,
            field: Some(field),
            n_entries,
            problem: "it speaks of money, but is no field that is known".to_owned(),
        }));
        list.extend(self.no_token_price.map(|(entry, n_entries)| PriceFinding {
            kind: PriceFindingKind::NoTokenPrice,
            entry,
            field: None,
            n_entries,
            problem: "there is no input_cost_per_token".to_owned(),
        }));
        if self.n_unlisted > 0 {
            list.push(PriceFinding {
                kind: PriceFindingKind::LeftOut,
                entry: String::new(),
                field: None,
                n_entries: self.n_unlisted,
                problem: "more was met than is listed".to_owned(),
            });
        }
        list
    }
}

/// A stranger's text, harmless to print: escaped, and cut where it is long.
fn excerpt(text: &str) -> String {
    const SHOWN: usize = 240;
    let mut shown: String = text.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

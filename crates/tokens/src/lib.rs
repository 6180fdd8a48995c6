//! Exact token counters of public encodings, and estimators for the others.
//!
//! - [`Encoding`]: OpenAI's public encodings, each with an exact [`TokenCounter`](assize_metering::TokenCounter), linear in the
//!   worst case by default.
//! - [`model_tokens`]: which encoding a model has, and what a request adds around its texts; a table, no code.
//! - [`counter_for`]: a counter for every model, estimated with a stated error where the tokenizer is private.
//! - [`count_chat`], [`count_responses`], [`count_texts`]: the tokens of a whole prompt, with what could not be counted.
//! - [`IncrementalCounter`]: the count of a text that is still arriving.
//! - [`CountedText`]: a text that is never counted twice.
//!
//! ```
//! use assize_tokens::{count_chat, model_tokens};
//!
//! let body = serde_json::json!({
//!     "model": "gpt-4o",
//!     "messages": [{ "role": "user", "content": "Reply with exactly: cobalt" }],
//! });
//! let rule = model_tokens("gpt-4o").and_then(|model| model.rule()).expect("a known model");
//! let prompt = count_chat(&body, &rule)?;
//! assert_eq!((prompt.tokens, prompt.exactness.to_string().as_str()), (12, "exact"));
//! # Ok::<(), assize_tokens::Error>(())
//! ```
//!
//! Features: `fast-tokens` counts several times as fast and adds p50k and r50k; `open-weights` adds Mistral's
//! vocabulary, `deepseek-vocabulary` that of `DeepSeek`, under a licence of its own.

mod chat;
mod counted_text;
mod cut;
mod encoding;
mod error;
mod family;
#[cfg(feature = "fast-tokens")]
mod fast;
mod incremental;
mod linear;
mod model_table;
mod overhead;
mod prompt_count;
mod responses;
mod single_piece;
mod tool_text;

pub use chat::{ChatText, count_chat, count_texts};
pub use counted_text::CountedText;
pub use encoding::{Encoding, cl100k, o200k};
pub use error::Error;
pub use family::{FamilyCounter, ModelCounter, counter_for};
pub use incremental::IncrementalCounter;
pub use model_table::{ModelTokens, model_tokens};
pub use overhead::{Overhead, Section};
pub use prompt_count::{CountingRule, PromptCount, Uncounted, UncountedKind};
pub use responses::count_responses;

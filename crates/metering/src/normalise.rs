//! A vendor's usage JSON, brought to disjoint buckets.
//!
//! Vendors nest their counts, each in its own way: a prompt total that includes the cached part or excludes it, an
//! output total that includes the reasoning or excludes it. A reader here knows its vendor's way and its dialects, and
//! where the numbers contradict it, it says so in a [`UsageFinding`] and bills no less than the stated total.

mod anthropic;
mod bedrock;
mod cohere;
mod envelope;
mod fields;
mod finding;
mod format;
mod gemini;
mod local;
mod number;
mod openai;
mod reading;
mod served;
mod sides;
mod stream;

pub use finding::{FindingKind, UsageFinding};
pub use format::UsageFormat;
pub use stream::UsageStream;

use serde_json::{Map, Value};

use crate::error::Result;
use crate::usage::Usage;
use reading::Reading;

/// Reads a usage: a vendor's usage object, or a whole response body (or event) that holds one.
///
/// The body is better where there is one: some vendors state beside the usage object, not in it, how the call was
/// served (`OpenAI`'s `service_tier`) or what it searched.
///
/// Absent stays absent and a stated zero stays zero. What does not add up is a finding in the report, never an error.
///
/// ```
/// use assize_metering::{TokenUsage, UsageFormat, read_usage};
/// use serde_json::json;
///
/// let body = json!({"prompt_tokens": 1000, "completion_tokens": 40, "total_tokens": 1040,
///                   "prompt_tokens_details": {"cached_tokens": 900}});
/// let usage = read_usage(UsageFormat::OpenAiChat, &body)?;
/// assert_eq!(usage.tokens, TokenUsage { cache_read: Some(900), ..TokenUsage::of(100, 40) });
/// assert!(usage.findings().is_empty());
/// # Ok::<(), assize_metering::Error>(())
/// ```
///
/// # Errors
/// [`InvalidUsage`](crate::ErrorKind::InvalidUsage) where the value is no object, or a body that holds no usage.
pub fn read_usage(format: UsageFormat, value: &Value) -> Result<Usage> {
    let found = envelope::locate(format, value)?;
    Ok(read(format, &found.usage, &found.around).finish(&found.usage))
}

/// Reads a usage object, with what stood around it.
fn read(format: UsageFormat, usage: &Map<String, Value>, around: &Map<String, Value>) -> Reading {
    let mut out = Reading::default();
    match format {
        UsageFormat::OpenAiChat | UsageFormat::OpenAiResponses => openai::read(format, usage, &mut out),
        UsageFormat::Anthropic => anthropic::read(usage, &mut out),
        UsageFormat::Gemini | UsageFormat::GeminiInteractions => gemini::read(format, usage, &mut out),
        UsageFormat::BedrockConverse => bedrock::read(usage, &mut out),
        UsageFormat::Cohere => cohere::read(usage, &mut out),
        UsageFormat::Ollama => local::read_ollama(usage, &mut out),
        UsageFormat::LlamaCpp => local::read_llama_cpp(usage, &mut out),
    }
    served::read(usage, around, &mut out);
    out
}

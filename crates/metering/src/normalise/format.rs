//! The shapes of usage objects, and how to tell them apart.

use serde_json::{Map, Value};

use super::envelope;

/// The shape of a vendor's usage object.
///
/// Dialects of `OpenAI`'s shape (DeepSeek, Mistral, Groq, xAI, `OpenRouter`, Perplexity, Together, Moonshot, vLLM, …) have
/// no format of their own: [`OpenAiChat`](Self::OpenAiChat) and [`OpenAiResponses`](Self::OpenAiResponses) know their
/// fields, and the totals tell their ways of counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum UsageFormat {
    /// `OpenAI`'s chat completions and embeddings: `prompt_tokens`, `completion_tokens`.
    OpenAiChat,
    /// `OpenAI`'s responses, images, transcriptions and realtime sessions: `input_tokens` with `input_tokens_details`.
    OpenAiResponses,
    /// Anthropic's messages: `input_tokens` without the cached part.
    Anthropic,
    /// Gemini's `usageMetadata`.
    Gemini,
    /// Gemini's Interactions API: `total_input_tokens`.
    GeminiInteractions,
    /// Bedrock's Converse API: `inputTokens`.
    BedrockConverse,
    /// Cohere: `billed_units` and `tokens`.
    Cohere,
    /// Ollama's native API: `prompt_eval_count`, `eval_count`.
    Ollama,
    /// The `timings` of llama.cpp's server.
    LlamaCpp,
}

impl UsageFormat {
    /// Every format.
    pub const ALL: [Self; 9] = [
        Self::OpenAiChat,
        Self::OpenAiResponses,
        Self::Anthropic,
        Self::Gemini,
        Self::GeminiInteractions,
        Self::BedrockConverse,
        Self::Cohere,
        Self::Ollama,
        Self::LlamaCpp,
    ];

    /// The name on a command line and in reports.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::OpenAiChat => "openai_chat",
            Self::OpenAiResponses => "openai_responses",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
            Self::GeminiInteractions => "gemini_interactions",
            Self::BedrockConverse => "bedrock_converse",
            Self::Cohere => "cohere",
            Self::Ollama => "ollama",
            Self::LlamaCpp => "llama_cpp",
        }
    }

    /// The format with this [`key`](Self::key), if there is one.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.key() == key)
    }

    /// The format of a usage object, or of a response body or event that holds one, by its content; `None` where
    /// nothing in it is a known count.
    ///
    /// Whoever knows the vendor does better to say so: `{"input_tokens": 5, "output_tokens": 3}` alone is taken for
    /// Anthropic's.
    ///
    /// ```
    /// use assize_metering::UsageFormat;
    /// use serde_json::json;
    ///
    /// let body = json!({"usageMetadata": {"promptTokenCount": 12, "totalTokenCount": 12}});
    /// assert_eq!(UsageFormat::detect(&body), Some(UsageFormat::Gemini));
    /// assert_eq!(UsageFormat::detect(&json!({"choices": []})), None);
    /// ```
    #[must_use]
    pub fn detect(value: &Value) -> Option<Self> {
        let body = value.as_object()?;
        let usage = envelope::usage_in(body).unwrap_or(body);
        by_fields(usage).or_else(|| {
            // llama.cpp's native replies have no usage object, but timings.
            let timings = body.get("timings").and_then(Value::as_object)?;
            timings.contains_key("predicted_n").then_some(Self::LlamaCpp)
        })
    }
}

/// The format of a usage object that stands alone.
pub(super) fn by_fields(usage: &Map<String, Value>) -> Option<UsageFormat> {
    let any = |names: &[&str]| names.iter().any(|name| usage.contains_key(*name));
    let holds = |outer: &str, inner: &str| usage.get(outer).is_some_and(|value| value.get(inner).is_some());
    if any(&[
        "promptTokenCount",
        "candidatesTokenCount",
        "totalTokenCount",
        "responseTokenCount",
        "prompt_token_count",
        "total_token_count",
    ]) {
        return Some(UsageFormat::Gemini);
    }
    if any(&["total_input_tokens", "total_output_tokens"]) {
        return Some(UsageFormat::GeminiInteractions);
    }
    if any(&["inputTokens", "outputTokens"]) {
        return Some(UsageFormat::BedrockConverse);
    }
    if any(&["billed_units"]) || holds("tokens", "input_tokens") || holds("tokens", "output_tokens") {
        return Some(UsageFormat::Cohere);
    }
    if any(&["prompt_eval_count", "eval_count"]) {
        return Some(UsageFormat::Ollama);
    }
    if any(&["prompt_tokens", "completion_tokens"]) {
        return Some(UsageFormat::OpenAiChat);
    }
    if any(&["predicted_n", "prompt_n"]) {
        return Some(UsageFormat::LlamaCpp);
    }
    if any(&["input_tokens", "output_tokens"]) {
        let anthropic = any(&[
            "cache_creation_input_tokens",
            "cache_read_input_tokens",
            "cache_creation",
            "server_tool_use",
            "inference_geo",
            "iterations",
        ]) || holds("output_tokens_details", "thinking_tokens");
        let details = ["input_tokens_details", "input_token_details", "output_token_details", "total_tokens"];
        let openai = any(&details) || holds("output_tokens_details", "reasoning_tokens");
        return Some(if openai && !anthropic {
            UsageFormat::OpenAiResponses
        } else {
            UsageFormat::Anthropic
        });
    }
    if any(&["total_tokens"]) {
        return Some(UsageFormat::OpenAiChat);
    }
    any(&["seconds", "cost_in_usd_ticks"]).then_some(UsageFormat::OpenAiResponses)
}

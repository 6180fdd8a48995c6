//! The one way from a model's name to a counter: exact where its encoding is public, else estimated.

mod counter;
#[cfg(test)]
mod recorded;
mod request;
mod table;
#[cfg(test)]
mod tests;

use assize_metering::{Estimate, Exactness, TokenCounter};
use serde_json::Value;

pub use counter::FamilyCounter;

use crate::chat::count_chat;
use crate::error::Error;
use crate::model_table::model_tokens;
use crate::prompt_count::{CountingRule, PromptCount};
use crate::responses::count_responses;

/// The counter of the model of this name. It always exists: exact where [`model_tokens`] knows the encoding and this build has
/// its vocabulary, else that of the model's family, else that of no family in particular, which says the largest error.
///
/// ```
/// use assize_metering::TokenCounter;
/// use assize_tokens::counter_for;
///
/// assert_eq!(counter_for("gpt-4o").exactness().to_string(), "exact");
/// assert_eq!(counter_for("anthropic/claude-sonnet-4-6").exactness().to_string(), "estimated ± 18 %");
/// assert_eq!(counter_for("nobody-knows").exactness().to_string(), "estimated ± 30 %");
///
/// let body = serde_json::json!({
///     "model": "claude-sonnet-4-6",
///     "messages": [{ "role": "user", "content": "Reply with exactly: identity probe" }],
/// });
/// assert_eq!(counter_for("claude-sonnet-4-6").prompt(&body)?.tokens, 13);
/// # Ok::<(), assize_tokens::Error>(())
/// ```
#[must_use]
pub fn counter_for(model: &str) -> ModelCounter {
    let known = model_tokens(model).and_then(|known| Some((known.counter()?, known.rule())));
    ModelCounter(match known {
        Some((counter, rule)) => Way::Exact { counter, rule },
        None => Way::Family(table::family_of(model)),
    })
}

/// Counts for one model, and says how firmly. See [`counter_for`].
///
/// As a [`TokenCounter`] it counts bare texts. The tokens that a request has around them are in [`prompt`](Self::prompt).
#[derive(Debug, Clone, Copy)]
pub struct ModelCounter(Way);

#[derive(Debug, Clone, Copy)]
enum Way {
    Exact { counter: &'static dyn TokenCounter, rule: Option<CountingRule<'static>> },
    Family(&'static FamilyCounter),
}

impl ModelCounter {
    /// The family that is estimated by, or `None` where texts are counted exactly.
    #[must_use]
    pub fn family(&self) -> Option<&'static FamilyCounter> {
        match self.0 {
            Way::Exact { .. } => None,
            Way::Family(family) => Some(family),
        }
    }

    /// Counts the prompt of a request, given as the JSON body that the vendor's interface takes: `messages` as of OpenAI,
    /// Anthropic, Cohere, Ollama or Bedrock, `contents` as of Gemini, `input` as of OpenAI's responses. What could not be
    /// counted is listed: **leave such a prompt out of a calibration**.
    ///
    /// # Errors
    ///
    /// [`Error::Field`] if the body has none of these fields.
    pub fn prompt(&self, body: &Value) -> Result<PromptCount, Error> {
        match &self.0 {
            Way::Exact { rule: Some(rule), .. } if body.get("input").is_some() => count_responses(body, rule),
            Way::Exact { rule: Some(rule), .. } => count_chat(body, rule),
            // Its texts can be counted, but what comes around them is not known.
            Way::Exact { rule: None, .. } => table::family_of("").prompt(body),
            Way::Family(family) => family.prompt(body),
        }
    }
}

impl TokenCounter for ModelCounter {
    fn name(&self) -> &str {
        match self.0 {
            Way::Exact { counter, .. } => counter.name(),
            Way::Family(family) => family.name(),
        }
    }

    fn exactness(&self) -> Exactness {
        match self.0 {
            Way::Exact { counter, .. } => counter.exactness(),
            Way::Family(family) => family.exactness(),
        }
    }

    fn count(&self, text: &str) -> u64 {
        match self.0 {
            Way::Exact { counter, .. } => counter.count(text),
            Way::Family(family) => family.count(text),
        }
    }
}

/// What a [`Calibrator`](assize_metering::Calibrator) learns from, or corrects.
///
/// ```
/// use assize_metering::{Calibrator, Estimate};
/// use assize_tokens::counter_for;
///
/// let body = serde_json::json!({ "messages": [{ "role": "user", "content": "hello" }] });
/// let prompt = counter_for("grok-4").prompt(&body)?;
/// let calibrator = Calibrator::new();
/// if prompt.uncounted.is_empty() {
///     calibrator.observe("grok-4", Estimate::from(&prompt), 198); // as the reply reports
/// }
/// # Ok::<(), assize_tokens::Error>(())
/// ```
impl From<&PromptCount> for Estimate {
    fn from(prompt: &PromptCount) -> Self {
        Self { tokens: prompt.tokens, exactness: prompt.exactness }
    }
}

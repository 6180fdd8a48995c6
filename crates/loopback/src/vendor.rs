//! Who is played.

use std::time::Duration;

use serde::Serialize;

/// A vendor whose wire format is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Vendor {
    /// OpenAI's chat completions, under `/v1/chat/completions`, and its embeddings, under `/v1/embeddings`.
    #[serde(rename = "openai")]
    OpenAi,
    /// Anthropic's Messages, under `/v1/messages`.
    Anthropic,
    /// Google's Gemini, under `/v1beta/models/MODEL:generateContent`.
    Gemini,
}

impl Vendor {
    /// All vendors, in their order.
    pub const ALL: [Self; 3] = [Self::OpenAi, Self::Anthropic, Self::Gemini];

    /// The name in logs and documents.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
        }
    }

    /// A wait as this vendor can tell it: OpenAI and Gemini to the millisecond, Anthropic to the second, always rounded up.
    pub(crate) fn tellable(self, wait: Duration) -> Duration {
        match self {
            Self::OpenAi | Self::Gemini => {
                let whole = Duration::from_millis(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
                if whole < wait { whole + Duration::from_millis(1) } else { whole }
            }
            Self::Anthropic => Duration::from_secs(seconds_up(wait)),
        }
    }
}

/// Whole seconds, rounded up.
pub(crate) fn seconds_up(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_has_the_key() {
        for vendor in Vendor::ALL {
            assert_eq!(serde_json::to_value(vendor).unwrap(), vendor.key());
        }
    }

    #[test]
    fn a_wait_is_never_told_shorter_than_it_is() {
        for (wait_ns, openai_ms, anthropic_ms) in [
            (0, 0, 0),
            (1, 1, 1_000),
            (1_000_000, 1, 1_000),
            (1_000_000_001, 1_001, 2_000),
            (2_000_000_000, 2_000, 2_000),
        ] {
            let wait = Duration::from_nanos(wait_ns);
            assert_eq!(Vendor::OpenAi.tellable(wait), Duration::from_millis(openai_ms));
            assert_eq!(Vendor::Anthropic.tellable(wait), Duration::from_millis(anthropic_ms));
        }
    }
}

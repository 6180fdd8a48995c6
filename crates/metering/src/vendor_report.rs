//! What a vendor said of a call's usage.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::billing::Billing;
use crate::normalise::UsageFinding;
use crate::usage::{TokenUsage, Usage};
use crate::usd::Usd;

/// What a vendor said of a call's usage, kept beside the normalised counts so that they can be checked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct VendorReport {
    /// How the call was served, as far as it was said.
    pub billing: Billing,
    /// What the vendor says that it charged (`OpenRouter`, Perplexity and xAI do), to the picodollar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charged: Option<Usd>,
    /// What the vendor behind a router charged to the caller's own key, beside what the router charged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<Usd>,
    /// What is billed beside the totals; it is not part of [`Usage::tokens`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub apart: Vec<ApartUsage>,
    /// What does not add up in the report, or is not understood. Usually empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<UsageFinding>,
    /// The usage object, untouched; null where it was too large to be kept. Of a stream it is the object as it stood at
    /// the end.
    pub raw: Value,
}

/// A generation within a call that is billed, but that the vendor leaves out of the call's totals: the compaction of
/// a long conversation, another model that was asked for advice.
///
/// It is priced by itself: by its own model where that is another, and in any case by its own tier, because its prompt
/// is not that of the call.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ApartUsage {
    /// What it was, in the vendor's word: `compaction`, `advisor_message`, `image_gen`.
    pub what: String,
    /// The model that generated it; `None` where the vendor names none, which means the model of the call unless
    /// [`what`](Self::what) says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Its tokens.
    pub tokens: TokenUsage,
}

impl Usage {
    /// What is billed beside [`tokens`](Self::tokens), each part to be priced by itself. A sum of several usages has
    /// none: whoever adds usages up prices these first.
    #[must_use]
    pub fn apart(&self) -> &[ApartUsage] {
        self.report.as_ref().map_or(&[], |report| &report.apart)
    }

    /// What did not add up in the vendor's report, or was not understood.
    #[must_use]
    pub fn findings(&self) -> &[UsageFinding] {
        self.report.as_ref().map_or(&[], |report| &report.findings)
    }
}

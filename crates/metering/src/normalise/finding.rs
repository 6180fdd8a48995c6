//! What does not add up in a vendor's usage.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::excerpt;

/// How many findings are kept of one usage; what goes beyond is hostile rather than wrong.
const MOST: usize = 32;

/// What is wrong with a field of a usage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FindingKind {
    /// A part is larger than the total that it is a part of. It was cut to what is left of the total.
    ExceedsTotal,
    /// The total is not the sum of its parts. Where it is more, the rest was counted too.
    TotalMismatch,
    /// A breakdown does not sum up to what it breaks down. A remainder was counted in the bucket for others.
    BreakdownMismatch,
    /// Only a total was stated, neither prompt nor reply. It was counted as input.
    OnlyTotal,
    /// Two fields that state the same differ.
    Disagrees,
    /// A count below zero; it was taken as absent.
    Negative,
    /// A count that is no whole number; it was rounded up.
    Fractional,
    /// A count that no call can reach (above a million million); it was taken as absent.
    TooLarge,
    /// A value of another type than the field's. Digits in a string were counted all the same.
    WrongType,
    /// A main count is null; it was taken as absent.
    Null,
    /// A field that is not known and that holds tokens. It is in no bucket unless a total covers it.
    UnknownField,
    /// A word that is not known: a tier, a place, a modality.
    UnknownWord,
    /// A generation that is billed beside the totals; see [`ApartUsage`](crate::ApartUsage).
    BilledApart,
    /// An amount of money that is no whole number of picodollars; it was rounded, half to even.
    Rounded,
    /// The object holds no count that is known.
    NoCounts,
    /// The stream ended before its usage was final: the counts are a lower bound, and what is absent is not known.
    StreamCut,
    /// The object is too large to be kept; the raw report is null.
    RawTooLarge,
    /// There were more findings, or more parts, than are kept.
    TooMany,
}

impl FindingKind {
    const fn phrase(self) -> &'static str {
        match self {
            Self::ExceedsTotal => "exceeds the total that it is a part of",
            Self::TotalMismatch => "is not the sum of its parts",
            Self::BreakdownMismatch => "is broken down into another sum",
            Self::OnlyTotal => "is the only count that is stated",
            Self::Disagrees => "disagrees with another field for the same",
            Self::Negative => "is negative",
            Self::Fractional => "is no whole number",
            Self::TooLarge => "is more than any call can consume",
            Self::WrongType => "is of the wrong type",
            Self::Null => "is null",
            Self::UnknownField => "is an unknown field that holds tokens",
            Self::UnknownWord => "is an unknown word",
            Self::BilledApart => "is billed beside the totals",
            Self::Rounded => "is no whole number of picodollars",
            Self::NoCounts => "holds no known count",
            Self::StreamCut => "was not final when the stream ended",
            Self::RawTooLarge => "is too large to be kept",
            Self::TooMany => "holds more findings than are kept",
        }
    }
}

/// Something that does not add up in a vendor's usage, or is not understood.
///
/// ```
/// use assize_metering::{FindingKind, UsageFormat, read_usage};
/// use serde_json::json;
///
/// let odd = json!({"prompt_tokens": 10, "prompt_tokens_details": {"cached_tokens": 15}});
/// let usage = read_usage(UsageFormat::OpenAiChat, &odd)?;
/// let finding = &usage.findings()[0];
/// assert_eq!((finding.kind, finding.against), (FindingKind::ExceedsTotal, Some(10)));
/// assert_eq!(
///     finding.to_string(),
///     "`prompt_tokens_details.cached_tokens` exceeds the total that it is a part of: 15 against 10"
/// );
/// # Ok::<(), assize_metering::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct UsageFinding {
    /// What is wrong.
    pub kind: FindingKind,
    /// The path of the field within the usage object, such as `prompt_tokens_details.cached_tokens`; empty where it is
    /// the object itself.
    pub field: String,
    /// What the field states, as JSON, cut where it is long; empty where there is nothing to show.
    pub stated: String,
    /// The count that it contradicts, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against: Option<u64>,
}

impl fmt::Display for UsageFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field.as_str() {
            "" => write!(f, "the usage {}", self.kind.phrase())?,
            field => write!(f, "`{field}` {}", self.kind.phrase())?,
        }
        if !self.stated.is_empty() {
            write!(f, ": {}", self.stated)?;
        }
        self.against.map_or(Ok(()), |against| write!(f, " against {against}"))
    }
}

/// The findings of one reading, limited in number.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<UsageFinding>);

impl Findings {
    /// A finding about a count.
    pub(super) fn count(&mut self, kind: FindingKind, field: &str, stated: u64, against: u64) {
        self.push(kind, field, stated.to_string(), Some(against));
    }

    /// A finding about a value as it stands.
    pub(super) fn value(&mut self, kind: FindingKind, field: &str, stated: &Value) {
        let stated = match stated {
            Value::Array(_) => "an array".to_owned(),
            Value::Object(_) => "an object".to_owned(),
            Value::String(text) => format!("\"{}\"", excerpt(text)),
            Value::Null | Value::Bool(_) | Value::Number(_) => excerpt(&stated.to_string()),
        };
        self.push(kind, field, stated, None);
    }

    /// A finding that needs no number.
    pub(super) fn plain(&mut self, kind: FindingKind, field: &str) {
        self.push(kind, field, String::new(), None);
    }

    pub(super) fn into_vec(self) -> Vec<UsageFinding> {
        self.0
    }

    fn push(&mut self, kind: FindingKind, field: &str, stated: String, against: Option<u64>) {
        if self.0.len() < MOST {
            self.0.push(UsageFinding { kind, field: excerpt(field), stated, against });
        } else if let Some(last) = self.0.last_mut() {
            *last = UsageFinding {
                kind: FindingKind::TooMany,
                field: String::new(),
                stated: String::new(),
                against: None,
            };
        }
    }
}

//! What the debaters may cite.

use std::{fmt, sync::Arc};

use assize_ambient::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::SeatIndex;

const MAX_ID_BYTES: usize = 64;

/// Names one piece of evidence, by its content: `ev-` and 12 hexadecimal digits, where the maker followed the custom.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct EvidenceId(Arc<str>);

impl EvidenceId {
    /// The id of content that these parts make up.
    #[must_use]
    pub fn of_content(parts: &[&str]) -> Self {
        let mut hasher = blake3::Hasher::new();
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        Self(format!("ev-{}", &hasher.finalize().to_hex()[..12]).into())
    }

    /// An id that somebody else wrote, made plain: at most 64 characters of `A-Z a-z 0-9 . _ : -`, others as `_`.
    #[must_use]
    pub fn plain(text: &str) -> Self {
        let plain = |c: char| if c.is_ascii_alphanumeric() || ".:-".contains(c) { c } else { '_' };
        Self(text.trim().chars().take(MAX_ID_BYTES).map(plain).collect::<String>().into())
    }

    /// Whether it is 1 to 64 characters of `A-Z a-z 0-9 . _ : -`.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b".:_-".contains(&b);
        (1..=MAX_ID_BYTES).contains(&self.0.len()) && self.0.bytes().all(plain)
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for EvidenceId {
    fn from(id: &str) -> Self {
        Self(id.into())
    }
}

impl fmt::Display for EvidenceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One piece of evidence: what it says, where it comes from, since when it could be known, and who holds it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Its name.
    pub id: EvidenceId,
    /// What sort of thing it is, such as `daily-bar`.
    pub kind: String,
    /// Whom or what it is about, such as a ticker.
    pub subject: String,
    /// Where it comes from.
    pub source: String,
    /// The moment by which it could be known.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub available_at: Timestamp,
    /// What it says, for people and models. Text from outside: it is fenced before a model sees it.
    pub text: String,
    /// The same for debaters that calculate.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub data: Value,
    /// The seats that hold it from the start; `None`: all. Once cited, everybody sees it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_by: Option<Vec<SeatIndex>>,
}

impl Evidence {
    /// Whether some of `seats` seats hold it from the start and others do not.
    pub(crate) fn is_held_by_some(&self, seats: usize) -> bool {
        self.held_by.as_ref().is_some_and(|holders| !holders.is_empty() && holders.len() < seats)
    }
}

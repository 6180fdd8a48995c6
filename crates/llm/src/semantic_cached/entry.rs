//! What is stored of a question that was answered.

use std::{fmt, sync::Arc};

use assize_ambient::Timestamp;
use assize_metering::UsageBasis;
use serde::{Deserialize, Serialize};

use crate::{CacheOutcome, ChatReply, recorded::line::Reply};

/// Raised whenever the stored form changes.
const FORMAT_VERSION: u32 = 1;

/// Names an entry of a semantic cache: when it came about and a digest, in hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId(Arc<str>);

impl EntryId {
    pub(super) fn new(namespace: &str, question: &str, now: Timestamp) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(namespace.as_bytes());
        hasher.update(question.as_bytes());
        let digest = hasher.finalize().to_hex();
        // Ids sort by age.
        Self(format!("{:016x}-{}", now.as_microsecond().max(0), &digest[..32]).into())
    }

    /// When the entry with this id came about, in microseconds since 1970.
    pub(super) fn micros(id: &str) -> Option<i64> {
        i64::from_str_radix(id.split('-').next()?, 16).ok()
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for EntryId {
    fn from(id: &str) -> Self {
        Self(id.into())
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which entry of a semantic cache served a request, and how near it was.
#[derive(Debug, Clone, PartialEq)]
pub struct SemanticHit {
    pub(super) entry: EntryId,
    pub(super) similarity: f32,
    /// The digest of what the two requests have in common.
    pub(super) namespace: Arc<str>,
}

/// A similarity is never other than a number.
impl Eq for SemanticHit {}

impl SemanticHit {
    /// The entry.
    #[must_use]
    pub fn entry(&self) -> &EntryId {
        &self.entry
    }

    /// The cosine of the two questions' vectors, −1 to 1.
    #[must_use]
    pub fn score(&self) -> f32 {
        self.similarity
    }
}

/// A question, its reply, and within what it may serve.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Entry {
    format_version: u32,
    pub(super) namespace: String,
    pub(super) question: String,
    reply: Reply,
    answered_at_us: i64,
}

impl Entry {
    pub(super) fn new(namespace: &str, question: &str, reply: &ChatReply, now: Timestamp) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            namespace: namespace.to_owned(),
            question: question.to_owned(),
            reply: Reply::of(reply),
            answered_at_us: now.as_microsecond(),
        }
    }

    /// Whether it may be served now, `ttl_us` microseconds after its reply at the latest.
    pub(super) fn is_good(&self, now: Timestamp, ttl_us: i64) -> bool {
        let age = now.as_microsecond().saturating_sub(self.answered_at_us);
        self.format_version == FORMAT_VERSION && age < ttl_us
    }

    /// The reply for which nobody was asked now.
    pub(super) fn served(&self, hit: SemanticHit) -> ChatReply {
        let mut reply = self.reply.replayed();
        // Nobody bills it: a ledger around the cache books it apart from what is billed.
        reply.usage.basis = UsageBasis::Simulated;
        reply.telemetry.cache = Some(CacheOutcome::Hit);
        reply.telemetry.semantic = Some(hit);
        reply
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use assize_metering::{TokenUsage, Usage};

    use super::*;

    #[test]
    fn an_entry_is_good_for_its_time_and_in_its_format() {
        let now: Timestamp = "2026-11-21T18:00:00Z".parse().unwrap();
        let reply = ChatReply::new("m".into(), "Paris.", Usage::reported(TokenUsage::of(1, 1)));
        let mut entry = Entry::new("n", "What is it?", &reply, now);
        assert!(entry.is_good(now, 10) && entry.is_good(now + Duration::from_micros(9), 10));
        assert!(!entry.is_good(now + Duration::from_micros(10), 10));
        entry.format_version += 1;
        assert!(!entry.is_good(now, 10));
    }

    #[test]
    fn ids_sort_by_age() {
        let id = |second: i64| EntryId::new("n", "What is it?", Timestamp::from_second(second).unwrap());
        assert!(id(9) < id(10) && id(10) < id(1_800_000_000));
        assert_eq!(EntryId::micros(id(10).as_str()), Some(10_000_000));
        assert_eq!(EntryId::micros("not one of ours"), None);
    }
}

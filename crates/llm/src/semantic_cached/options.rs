//! How a semantic cache decides.

use std::{fmt, sync::Arc, time::Duration};

use super::{Guards, SameAnswer, SameWords};

/// How long a [`SemanticCache`](super::SemanticCache) keeps replies, how near is near enough, and what it may hold.
#[derive(Clone)]
pub struct SemanticOptions {
    pub(super) ttl: Duration,
    pub(super) threshold: f32,
    pub(super) error_bound: f64,
    pub(super) shadow: f64,
    pub(super) guards: Guards,
    pub(super) same_answer: Arc<dyn SameAnswer>,
    pub(super) most_entries: usize,
    pub(super) longest_question: usize,
    pub(super) most_namespaces: usize,
    pub(super) embed_within: Duration,
}

impl fmt::Debug for SemanticOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SemanticOptions")
            .field("ttl", &self.ttl)
            .field("threshold", &self.threshold)
            .field("error_bound", &self.error_bound)
            .field("shadow", &self.shadow)
            .field("guards", &self.guards)
            .finish_non_exhaustive()
    }
}

impl SemanticOptions {
    /// Replies are served for so long after the model gave them. A similarity of 0.95 to begin with, at most 1 % of false
    /// hits, 1 % shadow samples, all guards, at most 100,000 entries, questions of at most 8 KiB, thresholds of at most
    /// 1,000 namespaces, at most a second for an embedding.
    #[must_use]
    pub fn new(ttl: Duration) -> Self {
        Self {
            ttl,
            threshold: 0.95,
            error_bound: 0.01,
            shadow: 0.01,
            guards: Guards::all(),
            same_answer: Arc::new(SameWords),
            most_entries: 100_000,
            longest_question: 8 << 10,
            most_namespaces: 1_000,
            embed_within: Duration::from_secs(1),
        }
    }

    /// The same with another similarity to begin with, 0 to 1; no number is 1.
    #[must_use]
    pub fn with_threshold(mut self, threshold: f32) -> Self {
        self.threshold = if threshold.is_nan() { 1.0 } else { threshold.clamp(0.0, 1.0) };
        self
    }

    /// The same with another bound on the share of false hits that a learned threshold may have, 0 to 1.
    #[must_use]
    pub fn with_error_bound(mut self, share: f64) -> Self {
        self.error_bound = if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) };
        self
    }

    /// The same with another share of hits that are not served but compared with what the model says, 0 to 1.
    #[must_use]
    pub fn with_shadow(mut self, share: f64) -> Self {
        self.shadow = if share.is_nan() { 1.0 } else { share.clamp(0.0, 1.0) };
        self
    }

    /// The same with fewer guards.
    #[must_use]
    pub fn with_guards(mut self, guards: Guards) -> Self {
        self.guards = guards;
        self
    }

    /// The same with another judge of whether two replies say the same.
    #[must_use]
    pub fn with_same_answer(mut self, same_answer: Arc<dyn SameAnswer>) -> Self {
        self.same_answer = same_answer;
        self
    }

    /// The same with room for so many entries; the oldest give way.
    #[must_use]
    pub fn with_most_entries(mut self, entries: usize) -> Self {
        self.most_entries = entries;
        self
    }

    /// The same for questions of at most so many bytes; longer ones are neither searched nor stored.
    #[must_use]
    pub fn with_longest_question(mut self, bytes: usize) -> Self {
        self.longest_question = bytes;
        self
    }

    /// The same with room for the thresholds of so many namespaces; what was used least recently begins anew.
    #[must_use]
    pub fn with_most_namespaces(mut self, namespaces: usize) -> Self {
        self.most_namespaces = namespaces;
        self
    }

    /// The same with another time after which an embedder is not waited for, which is a miss.
    #[must_use]
    pub fn with_embed_within(mut self, time: Duration) -> Self {
        self.embed_within = time;
        self
    }
}

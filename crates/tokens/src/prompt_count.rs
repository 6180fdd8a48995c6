//! What a prompt counts, part by part, and what in it cannot be counted.

use std::fmt;

use assize_metering::{Exactness, TokenCounter};

use crate::overhead::Overhead;

/// How to count the prompts of a model: its counter of texts, and what a request adds around them.
///
/// [`model_tokens`](crate::model_tokens) knows those of OpenAI's models; one of your own may join an estimator and the overhead
/// that you know.
#[derive(Debug, Clone, Copy)]
pub struct CountingRule<'c> {
    /// Counts each text.
    pub counter: &'c dyn TokenCounter,
    /// What comes around them.
    pub overhead: Overhead,
}

/// The tokens of a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromptCount {
    /// All that could be counted: the sum of the parts below.
    pub tokens: u64,
    /// How firm that is. Texts are as firm as their counter; tools, calls and schemas follow rules that were fitted to recorded
    /// usages and make it an estimate. What stands in `uncounted` comes on top in either case.
    pub exactness: Exactness,
    /// The messages, and what primes the reply.
    pub messages: u64,
    /// The declared tools.
    pub tools: u64,
    /// The schema of the answer.
    pub response_format: u64,
    /// What is not in `tokens`, because no text says how much it is.
    pub uncounted: Vec<Uncounted>,
}

/// A part of a request whose tokens are not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uncounted {
    /// Where it stands: `messages[2].content[0]`.
    pub place: String,
    /// What it is.
    pub kind: UncountedKind,
}

/// What kind of part could not be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UncountedKind {
    /// An image: its tokens depend on its size.
    Image,
    /// Sound: its tokens depend on its length.
    Audio,
    /// A file: its text is read by the vendor.
    File,
    /// Turns of the conversation, or reasoning, that the vendor holds.
    Held,
    /// A tool of the vendor's own, or tools and schemas of a model whose rule for them is not known.
    Tool,
    /// A part of a form that is not known, or not valid.
    Unknown,
}

impl fmt::Display for Uncounted {
    /// `messages[2].content[0] (an image)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            UncountedKind::Image => "an image",
            UncountedKind::Audio => "sound",
            UncountedKind::File => "a file",
            UncountedKind::Held => "held by the vendor",
            UncountedKind::Tool => "a tool or schema",
            UncountedKind::Unknown => "of unknown form",
        };
        write!(f, "{} ({what})", self.place)
    }
}

/// Adds up a prompt.
pub(crate) struct Tally<'c> {
    pub(crate) rule: &'c CountingRule<'c>,
    pub(crate) messages: u64,
    pub(crate) tools: u64,
    pub(crate) response_format: u64,
    pub(crate) has_system: bool,
    /// Did a rule take part that no vendor states?
    pub(crate) fitted: bool,
    uncounted: Vec<Uncounted>,
}

impl<'c> Tally<'c> {
    pub(crate) fn new(rule: &'c CountingRule<'c>) -> Self {
        Self {
            rule,
            messages: u64::from(rule.overhead.reply),
            tools: 0,
            response_format: 0,
            has_system: false,
            fitted: false,
            uncounted: Vec::new(),
        }
    }

    /// A message without its content.
    pub(crate) fn envelope(&mut self, role: &str, name: Option<&str>) {
        let overhead = self.rule.overhead;
        self.messages += u64::from(overhead.message);
        if overhead.count_role {
            self.messages += self.text(role);
        }
        self.messages += u64::from(match role {
            "system" | "developer" => overhead.system,
            "user" => overhead.user,
            "assistant" => overhead.assistant,
            _ => 0,
        });
        self.has_system |= matches!(role, "system" | "developer");
        if let Some(name) = name {
            self.messages = (self.messages + self.text(name)).saturating_add_signed(overhead.name.into());
        }
    }

    pub(crate) fn text(&self, text: &str) -> u64 {
        self.rule.counter.count(text)
    }

    pub(crate) fn leave(&mut self, place: String, kind: UncountedKind) {
        self.uncounted.push(Uncounted { place, kind });
    }

    pub(crate) fn finish(self) -> PromptCount {
        let fitted = self.rule.overhead.fitted_per_mille;
        let exactness = match self.rule.counter.exactness() {
            Exactness::Exact if self.fitted => Exactness::Estimated { per_mille: fitted },
            Exactness::Estimated { per_mille } if self.fitted => {
                Exactness::Estimated { per_mille: per_mille.max(fitted) }
            }
            firm => firm,
        };
        PromptCount {
            tokens: self.messages + self.tools + self.response_format,
            exactness,
            messages: self.messages,
            tools: self.tools,
            response_format: self.response_format,
            uncounted: self.uncounted,
        }
    }
}

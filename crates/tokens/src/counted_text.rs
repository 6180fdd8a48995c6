//! A text that is never counted twice.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use assize_metering::TokenCounter;

/// A text that remembers what it counts, under each counter's name.
///
/// Clones are cheap and share the memory, across threads too: whichever asks first counts, the others wait and read.
///
/// ```
/// use assize_tokens::{CountedText, o200k};
///
/// let text = CountedText::new("The evidence is thin.");
/// let tokens = text.count(o200k());
/// assert_eq!(text.clone().count(o200k()), tokens); // not counted again
/// assert_eq!(CountedText::joined([&text, &text]).as_str(), "The evidence is thin.The evidence is thin.");
/// ```
#[derive(Clone)]
pub struct CountedText {
    text: Arc<str>,
    counts: Arc<Mutex<BTreeMap<Box<str>, u64>>>,
}

impl CountedText {
    /// Takes a text; nothing is counted yet.
    #[must_use]
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self { text: text.into(), counts: Arc::default() }
    }

    /// One text of several, one after another. Its count is its own: those of the parts need not add up, for a token may span
    /// the seam.
    #[must_use]
    pub fn joined<'t>(parts: impl IntoIterator<Item = &'t Self>) -> Self {
        Self::new(parts.into_iter().map(Self::as_str).collect::<String>())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The tokens of the text. Counted once for each [name](TokenCounter::name) of a counter.
    #[must_use]
    pub fn count(&self, counter: &dyn TokenCounter) -> u64 {
        // Counting under the lock is what keeps two threads from counting the same text.
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = counts.get(counter.name()) {
            return *known;
        }
        let count = counter.count(&self.text);
        counts.insert(counter.name().into(), count);
        count
    }
}

impl From<&str> for CountedText {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for CountedText {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl PartialEq for CountedText {
    /// Texts are compared, not what is known of them.
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for CountedText {}

impl fmt::Debug for CountedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CountedText").field(&self.text).finish()
    }
}

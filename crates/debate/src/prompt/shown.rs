//! Parts of prompts that are the same for many turns: each is written once, for whoever asks first.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use super::cleaning::strike;

/// What all turns of a debate have in common.
#[derive(Debug)]
pub(crate) struct Frame {
    /// What separates data from words.
    pub(crate) fence: Arc<str>,
    /// The rules of the debate, without the instructions of a seat.
    pub(super) rules: OnceLock<Arc<str>>,
}

impl Frame {
    pub(crate) const fn new(fence: Arc<str>) -> Self {
        Self { fence, rules: OnceLock::new() }
    }
}

/// The pieces of evidence that a seat sees, by their places, and how a prompt shows them behind the question. Seats that see the
/// same share it, from round to round.
#[derive(Debug, Default)]
pub(crate) struct View {
    pub(crate) evidence: Box<[u32]>,
    pub(super) text: OnceLock<Box<str>>,
}

impl FromIterator<u32> for View {
    fn from_iter<I: IntoIterator<Item = u32>>(evidence: I) -> Self {
        Self { evidence: evidence.into_iter().collect(), text: OnceLock::new() }
    }
}

/// How prompts show a statement: cleaned once, however many read it. It belongs to one statement, and adds nothing to what that
/// says: any two are equal. By default nothing is kept.
#[derive(Clone, Default)]
pub(crate) struct Shown(Option<Arc<OnceLock<String>>>);

impl Shown {
    /// To be written when it is first asked for.
    pub(crate) fn later() -> Self {
        Self(Some(Arc::default()))
    }

    /// A text that is written already, with the label of its fence struck out.
    pub(crate) fn written(mut text: String, label: &str) -> Self {
        strike(&mut text, 0, label);
        Self(Some(Arc::new(OnceLock::from(text))))
    }

    /// What is kept, if it is kept.
    pub(super) fn text(&self, write: impl FnOnce() -> String) -> Option<&str> {
        self.0.as_ref().map(|text| &**text.get_or_init(write))
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shown")
    }
}

impl PartialEq for Shown {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

//! What goes into an index, what is asked of it, and what comes out.

use std::collections::BTreeSet;

use crate::{Error, ErrorKind};

/// The longest id of an entry, in bytes.
pub const MAX_ID_BYTES: usize = 256;

/// The longest tag, in bytes.
pub const MAX_TAG_BYTES: usize = 128;

/// The most tags of an entry.
pub const MAX_TAGS: usize = 16;

/// Names the text that a vector was made of, without keeping the text: its BLAKE3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TextHash([u8; 32]);

impl TextHash {
    /// The hash of `text`.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(blake3::hash(text.as_bytes()).into())
    }

    /// A hash that was kept somewhere.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// A vector with its id, its tags and, where it was made of a text, that text's hash.
///
/// ```
/// use assize_retrieval::{Entry, TextHash};
///
/// let entry = Entry::new("memory-17", vec![0.6, 0.8]).tagged("tenant-a").made_of(TextHash::of("we sold too early"));
/// assert_eq!(entry.id, "memory-17");
/// assert!(entry.tags.contains("tenant-a"));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Unique in an index; 1 to [`MAX_ID_BYTES`] bytes.
    pub id: String,
    /// What a search can be narrowed to; at most [`MAX_TAGS`] of 1 to [`MAX_TAG_BYTES`] bytes.
    pub tags: BTreeSet<String>,
    /// Finite components, not all of them zero. Only the direction counts: an index scales it to length 1.
    pub vector: Vec<f32>,
    /// The text that the vector was made of, if it was made of one.
    pub text_hash: Option<TextHash>,
}

impl Entry {
    /// An entry without tags.
    #[must_use]
    pub fn new(id: impl Into<String>, vector: Vec<f32>) -> Self {
        Self { id: id.into(), tags: BTreeSet::new(), vector, text_hash: None }
    }

    /// The same with one tag more.
    #[must_use]
    pub fn tagged(mut self, tag: impl Into<String>) -> Self {
        self.tags.insert(tag.into());
        self
    }

    /// The same, made of the text with this hash.
    #[must_use]
    pub fn made_of(mut self, text: TextHash) -> Self {
        self.text_hash = Some(text);
        self
    }

    /// Whether id and tags are within their limits.
    pub(crate) fn check_names(&self) -> Result<(), Error> {
        let bad = |message| Err(ErrorKind::BadInput.error(message));
        if self.id.is_empty() || self.id.len() > MAX_ID_BYTES {
            return bad(format!(
                "index an entry: its id has {} bytes, not 1 to {MAX_ID_BYTES}",
                self.id.len()
            ));
        }
        if self.tags.len() > MAX_TAGS {
            return bad(format!(
                "index `{}`: it has {} tags, more than {MAX_TAGS}",
                self.id,
                self.tags.len()
            ));
        }
        match self.tags.iter().find(|tag| tag.is_empty() || tag.len() > MAX_TAG_BYTES) {
            Some(tag) => bad(format!(
                "index `{}`: one of its tags has {} bytes, not 1 to {MAX_TAG_BYTES}",
                self.id,
                tag.len()
            )),
            None => Ok(()),
        }
    }
}

/// What is looked for: the entries nearest to a vector, all of them or those with a tag.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Query<'a> {
    /// Finite components, not all of them zero; its length does not count.
    pub vector: &'a [f32],
    /// How many hits at most.
    pub k: usize,
    /// The tag that hits must have.
    pub tag: Option<&'a str>,
}

impl<'a> Query<'a> {
    /// The `k` entries nearest to `vector`.
    #[must_use]
    pub const fn new(vector: &'a [f32], k: usize) -> Self {
        Self { vector, k, tag: None }
    }

    /// The same among the entries with this tag.
    #[must_use]
    pub const fn with_tag(mut self, tag: &'a str) -> Self {
        self.tag = Some(tag);
        self
    }
}

/// An entry that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Its id.
    pub id: String,
    /// The cosine of the angle to the query's vector, −1 to 1 but for rounding; 1 is the same direction.
    pub score: f32,
    /// The text it was made of, if it was made of one.
    pub text_hash: Option<TextHash>,
}

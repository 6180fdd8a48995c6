//! Which entries are meant.

use std::fmt;
use std::sync::Arc;

use crate::{Error, ErrorKind, Key};

/// The longest tag, in bytes.
pub const MAX_TAG_BYTES: usize = 128;

/// A mark on entries, to remove them by: a ticker, a corpus, a tenant. It means the same in all namespaces.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(Arc<str>);

impl Tag {
    /// The tag with this text: 1 to 128 bytes, no white space and no control characters.
    ///
    /// # Errors
    /// [`ErrorKind::BadTag`] for any other text.
    pub fn new(text: &str) -> Result<Self, Error> {
        if text.is_empty() || text.len() > MAX_TAG_BYTES {
            return Err(ErrorKind::BadTag
                .error(format!("make a tag of {} bytes: it needs 1 to {MAX_TAG_BYTES}", text.len())));
        }
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(ErrorKind::BadTag.error("make a tag with white space or control characters"));
        }
        Ok(Self(text.into()))
    }

    /// The tag that stands for these parts, whatever characters they have: the BLAKE3 hash of all of them with their
    /// lengths, in hexadecimal digits.
    ///
    /// ```
    /// use assize_cache::Tag;
    ///
    /// assert_ne!(Tag::hashed(&["tenant", "ACME & Co"]), Tag::hashed(&["tenant", "ACME"]));
    /// ```
    #[must_use]
    pub fn hashed(parts: &[&str]) -> Self {
        Self(crate::key::hash(parts.iter().map(|part| part.as_bytes())).to_hex().as_str().into())
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tag({})", self.0)
    }
}

/// How keys begin, taken literally: no character in it is a wildcard. Made by
/// [`Namespace::prefix`](crate::Namespace::prefix) and [`Namespace::every_version`](crate::Namespace::every_version).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix(Arc<str>);

impl Prefix {
    pub(crate) fn of(text: String) -> Self {
        Self(text.into())
    }

    /// The beginning of [`Key::as_str`].
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this key begins so.
    #[must_use]
    pub fn holds(&self, key: &Key) -> bool {
        key.as_str().starts_with(&*self.0)
    }
}

impl fmt::Debug for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Prefix({})", self.0)
    }
}

/// Which entries to remove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// The one with this key.
    Key(Key),
    /// Those with this tag, in all namespaces.
    Tag(Tag),
    /// Those whose keys begin so.
    Prefix(Prefix),
    /// Every entry.
    All,
}

impl Selector {
    /// Whether the entry with this key and these tags is meant.
    #[must_use]
    pub fn holds(&self, key: &Key, tags: &[Tag]) -> bool {
        match self {
            Self::Key(one) => one == key,
            Self::Tag(tag) => tags.contains(tag),
            Self::Prefix(prefix) => prefix.holds(key),
            Self::All => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_bounded() {
        for good in ["KO", "tenant:é", &"t".repeat(128)] {
            assert_eq!(Tag::new(good).unwrap().as_str(), good);
        }
        for bad in ["", "a b", "a\u{a0}b", "a\n", "\0", &"t".repeat(129)] {
            assert_eq!(Tag::new(bad).unwrap_err().kind(), ErrorKind::BadTag, "{bad:?}");
        }
    }
}

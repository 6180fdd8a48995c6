//! Names of entries.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::{Error, ErrorKind, Prefix};

/// The longest name of a namespace, in bytes.
pub const MAX_NAMESPACE_BYTES: usize = 64;
/// The longest text of a key, in bytes. What is longer is hashed: [`Namespace::hashed`].
pub const MAX_TEXT_BYTES: usize = 512;

/// A kind of entries, and the version of what is stored for it. Whoever changes the meaning or the shape of the values
/// raises the version: the entries of the old one are then never read again and fall out in time.
///
/// ```
/// use assize_cache::Namespace;
///
/// let replies = Namespace::new("replies", 3)?;
/// assert_eq!(replies.key("KO/2024")?.as_str(), "replies:3:KO/2024");
/// // Parts are hashed with their lengths, so that `ab` + `c` is not `a` + `bc`.
/// assert_ne!(replies.hashed(&[b"ab", b"c"]), replies.hashed(&[b"a", b"bc"]));
/// # Ok::<(), assize_cache::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Namespace {
    name: Cow<'static, str>,
    version: u32,
}

impl Namespace {
    /// The namespace `name` in this version: 1 to 64 characters of `a-z`, `0-9`, `_`, `-` and `.`.
    ///
    /// # Errors
    /// [`ErrorKind::BadKey`] for any other name.
    pub fn new(name: &str, version: u32) -> Result<Self, Error> {
        if !is_name(name) {
            return Err(ErrorKind::BadKey.error(format!(
                "make a namespace of {} bytes: it needs 1 to {MAX_NAMESPACE_BYTES} of `a-z`, `0-9`, `_`, `-`, `.`",
                name.len()
            )));
        }
        Ok(Self { name: Cow::Owned(name.to_owned()), version })
    }

    /// The same for a constant: a bad name does not compile there.
    ///
    /// ```
    /// use assize_cache::Namespace;
    ///
    /// const REPLIES: Namespace = Namespace::known("replies", 3);
    /// assert_eq!(REPLIES, Namespace::new("replies", 3)?);
    /// # Ok::<(), assize_cache::Error>(())
    /// ```
    ///
    /// # Panics
    /// For a name that [`Namespace::new`] refuses.
    #[must_use]
    pub const fn known(name: &'static str, version: u32) -> Self {
        assert!(is_name(name), "a namespace needs 1 to 64 of `a-z`, `0-9`, `_`, `-`, `.`");
        Self { name: Cow::Borrowed(name), version }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its version.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// The key with this text: 1 to 512 bytes, no control characters.
    ///
    /// # Errors
    /// [`ErrorKind::BadKey`] for any other text.
    pub fn key(&self, text: &str) -> Result<Key, Error> {
        if text.is_empty() {
            return Err(ErrorKind::BadKey.error(format!("make a key in `{}` of an empty text", self.name)));
        }
        check_text(text)?;
        Ok(Key(format!("{}:{}:{text}", self.name, self.version).into()))
    }

    /// The key that stands for these parts, however long they are: the BLAKE3 hash of all of them with their lengths,
    /// in hexadecimal digits.
    #[must_use]
    pub fn hashed(&self, parts: &[&[u8]]) -> Key {
        let hash = hash(parts.iter().copied());
        Key(format!("{}:{}:{}", self.name, self.version, hash.to_hex()).into())
    }

    /// All keys of this version whose text begins with `text`, which may be empty.
    ///
    /// # Errors
    /// [`ErrorKind::BadKey`] for a text that no key has.
    pub fn prefix(&self, text: &str) -> Result<Prefix, Error> {
        check_text(text)?;
        Ok(Prefix::of(format!("{}:{}:{text}", self.name, self.version)))
    }

    /// All keys of this namespace, of every version.
    #[must_use]
    pub fn every_version(&self) -> Prefix {
        Prefix::of(format!("{}:", self.name))
    }
}

/// The hash of parts with their lengths.
pub(crate) fn hash<'a>(parts: impl Iterator<Item = &'a [u8]>) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize()
}

const fn is_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    let mut n = 0;
    while n < bytes.len() {
        if !matches!(bytes[n], b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'.') {
            return false;
        }
        n += 1;
    }
    !bytes.is_empty() && bytes.len() <= MAX_NAMESPACE_BYTES
}

fn check_text(text: &str) -> Result<(), Error> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(ErrorKind::BadKey.error(format!(
            "make a key of {} bytes: at most {MAX_TEXT_BYTES} are possible, hash what is longer",
            text.len()
        )));
    }
    if text.chars().any(char::is_control) {
        return Err(ErrorKind::BadKey.error("make a key of a text that has control characters"));
    }
    Ok(())
}

/// The name of an entry: `namespace:version:text`. Made by [`Namespace::key`] and [`Namespace::hashed`]; cheap to
/// clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Arc<str>);

impl Key {
    /// The whole name, as tiers store it. At most 588 bytes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of its namespace.
    #[must_use]
    pub fn namespace(&self) -> &str {
        self.0.split(':').next().unwrap_or_default()
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_bounded() {
        for good in ["a", "llm-replies_v.2", &"n".repeat(64)] {
            assert_eq!(Namespace::new(good, 1).unwrap().name(), good);
        }
        for bad in ["", "A", "a:b", "a b", "é", "a\n", &"n".repeat(65)] {
            assert_eq!(Namespace::new(bad, 1).unwrap_err().kind(), ErrorKind::BadKey, "{bad:?}");
        }
        let space = Namespace::new("n", 7).unwrap();
        for good in ["a", "ä:b *%_[", &"x".repeat(512)] {
            assert_eq!(space.key(good).unwrap().as_str(), format!("n:7:{good}"));
        }
        for bad in ["", "a\0", "a\nb", &"x".repeat(513)] {
            assert_eq!(space.key(bad).unwrap_err().kind(), ErrorKind::BadKey, "{bad:?}");
        }
        let longest = Namespace::new(&"n".repeat(64), u32::MAX).unwrap().key(&"x".repeat(512)).unwrap();
        assert_eq!(longest.as_str().len(), 588);
        assert_eq!(longest.namespace(), "n".repeat(64));
    }

    #[test]
    fn a_hashed_key_is_the_same_for_ever() {
        let key = Namespace::new("n", 1).unwrap().hashed(&[b"model", b"prompt"]);
        assert_eq!(
            key.as_str(),
            "n:1:a13a1f4df0bfead9fe6a0fb237a5e92c125c87aa8c7a57806c75f2cff6041e1f",
            "what is stored depends on it"
        );
    }

    #[test]
    fn prefixes_end_at_the_namespace() {
        let (short, long) = (Namespace::new("a", 1).unwrap(), Namespace::new("ab", 1).unwrap());
        let (other, key) = (long.key("x").unwrap(), short.key("x/y").unwrap());
        for prefix in [short.every_version(), short.prefix("").unwrap(), short.prefix("x/").unwrap()] {
            assert!(prefix.holds(&key), "{prefix:?}");
            assert!(!prefix.holds(&other), "{prefix:?}");
        }
        assert!(!Namespace::new("a", 11).unwrap().prefix("").unwrap().holds(&key));
        assert!(!short.prefix("x").unwrap().holds(&Namespace::new("a", 11).unwrap().key("x").unwrap()));
    }
}

//! Symbols of what is traded.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::error::quoted;
use crate::{Error, ErrorKind};

/// A symbol: 1 to 15 of `A–Z`, `0–9`, `.`, `-`, `^`, `=`, at least one of them a letter or digit. Lower-case letters are
/// raised when parsing.
///
/// ```
/// use assize_altdata::Ticker;
///
/// assert_eq!("brk-b".parse::<Ticker>()?.as_str(), "BRK-B");
/// assert_eq!("^GSPC".parse::<Ticker>()?.as_str(), "^GSPC");
/// assert!("../KO".parse::<Ticker>().is_err());
/// # Ok::<(), assize_altdata::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticker(Arc<str>);

impl Ticker {
    /// The longest symbol, in characters.
    pub const LONGEST: usize = 15;

    /// The symbol.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Ticker {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let raised = text.trim().to_ascii_uppercase();
        let allowed =
            |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b".-^=".contains(&byte);
        let well_formed = (1..=Self::LONGEST).contains(&raised.len())
            && raised.bytes().all(allowed)
            && raised.bytes().any(|byte| byte.is_ascii_alphanumeric());
        if well_formed {
            Ok(Self(raised.into()))
        } else {
            Err(ErrorKind::BadTicker.error(format!(
                "read the ticker {}: write 1 to {} letters, digits or . - ^ =, such as KO, BRK-B or ^GSPC",
                quoted(text),
                Self::LONGEST
            )))
        }
    }
}

impl fmt::Display for Ticker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Ticker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Its text.
impl Serialize for Ticker {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Ticker {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_json() {
        let ticker: Ticker = serde_json::from_str("\"brk-b\"").unwrap();
        assert_eq!(serde_json::to_string(&ticker).unwrap(), "\"BRK-B\"");
        assert!(serde_json::from_str::<Ticker>("\"../KO\"").unwrap_err().to_string().contains("../KO"));
    }

    #[test]
    fn texts() {
        for (text, ticker) in [
            ("KO", Some("KO")),
            (" ko ", Some("KO")),
            ("0700.HK", Some("0700.HK")),
            ("EURUSD=X", Some("EURUSD=X")),
            ("ABCDEFGHIJKLMNO", Some("ABCDEFGHIJKLMNO")),
            ("ABCDEFGHIJKLMNOP", None),
            ("", None),
            ("..", None),
            ("A/B", None),
            ("K O", None),
            ("ÄÖ", None),
            ("\u{1b}[2J", None),
        ] {
            let parsed = text.parse::<Ticker>();
            assert_eq!(parsed.as_ref().ok().map(Ticker::as_str), ticker, "{text}");
            if let Err(error) = parsed {
                assert_eq!(error.kind(), ErrorKind::BadTicker);
                assert!(!error.to_string().contains('\u{1b}'), "{error}");
            }
        }
    }
}

//! Addresses, checked for what would be dangerous in one, and otherwise left as written.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::{Error, ErrorKind, hex};

const LONGEST: usize = 8 * 1024;

/// An address: a scheme, a colon, two slashes and a host (but for `file:`), all in printable ASCII. It never holds a
/// secret: user names and passwords in it are refused, and secret query parameters are kept apart ([`Request::with_secret_query`](crate::Request)).
///
/// `file:` addresses name a file relative to a transport's root, percent-encoded.
///
/// ```
/// use assize_transport::Url;
///
/// let url: Url = "https://example.org/prices?symbol=KO".parse()?;
/// assert_eq!((url.scheme(), url.host()), ("https", Some("example.org")));
/// assert_eq!(Url::file("KO daily.csv")?.as_str(), "file:KO%20daily.csv");
/// assert!("https://user:password@example.org/".parse::<Url>().is_err());
/// # Ok::<(), assize_transport::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Url(Arc<str>);

impl Url {
    /// The address of a file by its name relative to the root folder of a [`FileTransport`](crate::FileTransport).
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`] if the name is empty or longer than an address may be.
    pub fn file(name: &str) -> Result<Self, Error> {
        if name.is_empty() {
            return Err(ErrorKind::BadRequest.error("address a file without a name"));
        }
        let mut address = String::from("file:");
        for byte in name.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
                address.push(char::from(byte));
            } else {
                address.push('%');
                address.push_str(&hex::encode(&[byte]).to_ascii_uppercase());
            }
        }
        address.parse()
    }

    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the first colon, in lower case.
    #[must_use]
    pub fn scheme(&self) -> &str {
        self.0.split_once(':').map_or("", |(scheme, _)| scheme)
    }

    /// The host with its port, where the address has one.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        let rest = self.0.split_once("://")?.1;
        let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
        (!host.is_empty()).then_some(host)
    }

    /// The file's name relative to the root, decoded; `None` if this is no `file:` address or not valid UTF-8.
    #[must_use]
    pub fn file_name(&self) -> Option<String> {
        let encoded = self.0.strip_prefix("file:")?;
        let mut bytes = Vec::with_capacity(encoded.len());
        let mut rest = encoded.bytes();
        while let Some(byte) = rest.next() {
            if byte == b'%' {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                bytes.push(u8::try_from(high * 16 + low).ok()?);
            } else {
                bytes.push(byte);
            }
        }
        String::from_utf8(bytes).ok()
    }
}

impl FromStr for Url {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        // The text itself is not repeated where it could hold a password.
        let bad = |why: &str| Err(ErrorKind::BadRequest.error(format!("read an address: {why}")));
        if text.len() > LONGEST {
            return bad("it is longer than 8 KiB");
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return bad("it holds a space or a character that must be percent-encoded");
        }
        // Some readers of addresses take it for a slash, and so see another host than others do.
        if text.contains('\\') {
            return bad("it holds a backslash, which must be percent-encoded");
        }
        let Some((scheme, rest)) = text.split_once(':') else {
            return bad("it has no scheme such as `https:` or `file:`");
        };
        let lower = |byte: u8| byte.is_ascii_lowercase();
        if !scheme.bytes().next().is_some_and(lower)
            || !scheme.bytes().all(|byte| lower(byte) || byte.is_ascii_digit() || b"+.-".contains(&byte))
        {
            return bad("its scheme must be lower-case letters such as `https:`");
        }
        if rest.is_empty() {
            return bad("nothing follows its scheme");
        }
        let host = rest.strip_prefix("//").map(|rest| rest.split(['/', '?', '#']).next().unwrap_or(""));
        if host.is_some_and(|host| host.contains('@')) {
            return bad("it holds a user name or password; give those as a secret header");
        }
        // A password with a slash in it looks like this: what stands before its `@` is then taken for a host.
        let port = host.and_then(|host| host.rsplit_once(']').map_or(host, |(_, rest)| rest).split_once(':'));
        if port.is_some_and(|(_, port)| !port.bytes().all(|byte| byte.is_ascii_digit())) {
            return bad("what follows the colon after its host is no port");
        }
        // Many HTTP libraries mend `https:/user:password@host`, so that what was not seen as a host becomes one.
        if scheme != "file" && host.is_none_or(str::is_empty) {
            return bad("two slashes and a host must follow its scheme, as in `https://example.org`");
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_that_are_refused() {
        for text in [
            "",
            "KO.csv",
            "HTTP://x",
            ":x",
            "1a:x",
            "https:",
            "file:a b",
            "https://a@b/",
            "https://x/\n",
            "https:/user:pw@host/",
            "https:user:pw@host/",
            "https:///user:pw@host/",
            "https:///x",
            "x:a",
            "file://user:pw@host/",
            "https://user:pw/x@host/",
            "https://[::1]:pw/",
            r"https://allowed\@evil/",
            r"https://allowed/..\x",
        ] {
            let error = text.parse::<Url>().expect_err(text);
            assert_eq!(error.kind(), ErrorKind::BadRequest, "{text}");
            assert!(!error.to_string().contains("pw"), "{error}");
        }
        assert!("x:".to_owned().repeat(5000).parse::<Url>().is_err());
    }

    #[test]
    fn hosts() {
        for (text, host) in [
            ("https://example.org", Some("example.org")),
            ("http://127.0.0.1:80/x", Some("127.0.0.1:80")),
            ("https://h?q=a@b", Some("h")),
            ("http://[::1]:80/x:y", Some("[::1]:80")),
            ("http://[2001:db8::1]", Some("[2001:db8::1]")),
            ("file:KO.csv", None),
            ("file:///etc/passwd", None),
        ] {
            assert_eq!(text.parse::<Url>().unwrap().host(), host, "{text}");
        }
    }

    #[test]
    fn broken_percent_signs_name_no_file() {
        for text in ["file:%", "file:%4", "file:%zz", "file:%ff", "https://x/y"] {
            assert_eq!(text.parse::<Url>().unwrap().file_name(), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_file_name_comes_back(name in "\\PC{1,40}") {
            prop_assert_eq!(Url::file(&name).unwrap().file_name(), Some(name));
        }
    }
}

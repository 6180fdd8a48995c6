//! Where a request may go.

use std::fmt;

/// Scheme, host and port of an address, as the parser that connects sees them: in lower case, names in ASCII, IP addresses
/// in their usual form.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Origin {
    is_https: bool,
    pub host: String,
    port: u16,
}

impl Origin {
    /// The origin of an `http:` or `https:` address without a user name.
    pub(super) fn of(url: &reqwest::Url) -> Option<Self> {
        let is_https = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        if !url.username().is_empty() || url.password().is_some() {
            return None;
        }
        let host = url.host_str().filter(|host| !host.is_empty())?.to_owned();
        Some(Self { is_https, host, port: url.port_or_known_default()? })
    }

    pub(super) fn is_https(&self) -> bool {
        self.is_https
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_https { "https" } else { "http" };
        write!(f, "{scheme}://{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(text: &str) -> Option<String> {
        Origin::of(&text.parse().ok()?).map(|origin| format!("{origin:?}"))
    }

    /// Every way of writing an address comes to the host that would be connected to.
    #[test]
    fn what_is_connected_to_is_what_is_seen() {
        for (text, seen) in [
            ("https://API.Example.ORG/x", Some("https://api.example.org:443")),
            ("https://api.example.org:443/x", Some("https://api.example.org:443")),
            ("https://api.example.org./", Some("https://api.example.org.:443")),
            ("http://allowed@evil/", None),
            (r"http://allowed\@evil/", Some("http://allowed:80")),
            ("http://allowed:pw@evil/", None),
            ("http://2130706433/", Some("http://127.0.0.1:80")),
            ("http://0x7f.1/", Some("http://127.0.0.1:80")),
            ("http://0177.0.0.1/", Some("http://127.0.0.1:80")),
            ("http://[0:0:0:0:0:0:0:1]:8080/", Some("http://[::1]:8080")),
            ("http://[::ffff:127.0.0.1]/", Some("http://[::ffff:7f00:1]:80")),
            ("https://bücher.example/", Some("https://xn--bcher-kva.example:443")),
            ("https://ａｐｉ.example/", Some("https://api.example:443")),
            ("https://api%2Eexample/", Some("https://api.example:443")),
            ("ftp://api.example/", None),
            ("file:///etc/passwd", None),
        ] {
            assert_eq!(origin(text).as_deref(), seen, "{text}");
        }
    }
}

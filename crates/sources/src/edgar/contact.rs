//! Who asks.

use std::fmt;

use assize_transport::Secret;

/// Who asks the regulator's site: a name and an e-mail address, as it wants them in the `User-Agent`.
///
/// Rules: <https://www.sec.gov/os/accessing-edgar-data>. It is somebody's address, and so it is kept as secrets are: no
/// `Debug` form, error or recording shows it.
///
/// ```
/// use assize_sources::EdgarContact;
///
/// let contact = EdgarContact::new("Example Research", "data@example.org").expect("a name and an address");
/// assert!(!format!("{contact:?}").contains("example.org"));
/// assert!(EdgarContact::new("Example Research", "nobody").is_none());
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct EdgarContact(Secret);

impl EdgarContact {
    /// The longest of either, in characters.
    pub const LONGEST: usize = 100;

    /// Who asks; `None` if the name is empty, the address is none, or either is not plain ASCII of at most
    /// [`LONGEST`](EdgarContact::LONGEST) characters.
    #[must_use]
    pub fn new(name: &str, email: &str) -> Option<Self> {
        let (name, email) = (name.trim(), email.trim());
        let fits = |text: &str| {
            (1..=Self::LONGEST).contains(&text.len())
                && text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
        };
        let (user, host) = email.split_once('@')?;
        let is_address = !user.is_empty()
            && host.contains('.')
            && !host.starts_with('.')
            && !host.ends_with('.')
            && !email.contains(' ')
            && !host.contains('@');
        (fits(name) && fits(email) && is_address).then(|| Self(Secret::new(format!("{name} {email}"))))
    }

    /// The value of the header.
    pub(super) fn user_agent(&self) -> &str {
        self.0.expose()
    }
}

impl fmt::Debug for EdgarContact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EdgarContact([secret])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contacts() {
        for (name, email, good) in [
            ("Jane Doe", "jane@example.org", true),
            (" Jane ", " jane@example.org ", true),
            ("", "jane@example.org", false),
            ("Jane", "", false),
            ("Jane", "@example.org", false),
            ("Jane", "jane@example", false),
            ("Jane", "jane@.org", false),
            ("Jane", "jane@a@example.org", false),
            ("Jane", "jane doe@example.org", false),
            ("Jane\r\nX: y", "jane@example.org", false),
            ("Jäne", "jane@example.org", false),
            (&"x".repeat(101), "jane@example.org", false),
        ] {
            assert_eq!(EdgarContact::new(name, email).is_some(), good, "{name} {email}");
        }
        let contact = EdgarContact::new(" Jane Doe ", "jane@example.org").unwrap();
        assert_eq!(contact.user_agent(), "Jane Doe jane@example.org");
    }
}

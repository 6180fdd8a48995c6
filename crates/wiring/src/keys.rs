//! Keys of vendors: from a file or from the environment, and shown to nobody.

use std::{collections::BTreeMap, fmt, path::Path};

use assize_transport::Secret;

use crate::{Error, text_file};

/// Keys of vendors by the names of their endpoints.
///
/// A file is TOML with a line for each, such as `openai = "sk-…"`. What it does not hold is looked up in the environment,
/// under the vendor's usual name (`OPENAI_API_KEY`). Sources have their lines beside the vendors: `fred`, and `sec` and
/// `contact`, which are a name and an e-mail address, and the only ones with a space in them.
#[derive(Clone, Default)]
pub struct Keys {
    stated: BTreeMap<String, Secret>,
    from_environment: bool,
}

/// Lines that say who asks, and the one that holds a crumb and a cookie.
const WITH_SPACES: [&str; 3] = ["sec", "contact", "yahoo"];

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys")
            .field("stated", &self.stated.keys())
            .field("from_environment", &self.from_environment)
            .finish()
    }
}

impl Keys {
    /// Keys out of this file, if one is given, and out of the environment.
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) when the file cannot be read, or a line of it is not a name and a
    /// text: the message names the line, never what stands in it.
    pub fn load(file: Option<&Path>) -> Result<Self, Error> {
        let Some(path) = file else { return Ok(Self { from_environment: true, ..Self::default() }) };
        let text = text_file::read("file of keys", path)?;
        Self::parse(&path.display().to_string(), &text)
    }

    fn parse(path: &str, text: &str) -> Result<Self, Error> {
        let wrong = |line: usize, why: &str| {
            Error::bad_request(format!("read the file of keys {path}, line {line}: {why}"))
                .with_hint("a line for each vendor, such as openai = \"…\"")
        };
        // The parser's own messages show the text around the error, and with it a key.
        let document = toml::de::DeTable::parse(text).map_err(|e| {
            let line = e.span().map_or(1, |span| line_of(text, span.start));
            wrong(line, "it is not TOML")
        })?;
        let mut stated = BTreeMap::new();
        for (name, value) in document.into_inner() {
            let line = line_of(text, value.span().start);
            let toml::de::DeValue::String(key) = value.into_inner() else {
                return Err(wrong(line, &format!("the key of {:?} must be a text", name.get_ref())));
            };
            let key = key.trim();
            let may_have_spaces = WITH_SPACES.contains(&&**name.get_ref());
            let fits = |byte: u8| byte.is_ascii_graphic() || (may_have_spaces && byte == b' ');
            if key.is_empty() || !key.bytes().all(fits) {
                let why = format!(
                    "the key of {:?} is empty or holds a space or a control character",
                    name.get_ref()
                );
                return Err(wrong(line, &why));
            }
            stated.insert(name.into_inner().into_owned(), Secret::new(key));
        }
        Ok(Self { stated, from_environment: true })
    }

    /// Who runs this program, for sites that want to know whom to write to: `contact`, or the variable `ASSIZE_CONTACT`.
    pub(crate) fn operator(&self) -> Option<Secret> {
        self.find("contact", Some("ASSIZE_CONTACT"))
    }

    /// The key of the endpoint with this name, whose variable of the environment is `variable`.
    pub(crate) fn find(&self, endpoint: &str, variable: Option<&str>) -> Option<Secret> {
        if let Some(key) = self.stated.get(endpoint) {
            return Some(key.clone());
        }
        let variable = variable.filter(|_| self.from_environment)?;
        crate::environment::secret(variable)
    }
}

fn line_of(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_keys() {
        let keys = Keys::parse("keys.toml", "openai = \" sk-one \"\nanthropic = \"sk-two\"\n").unwrap();
        assert_eq!(keys.find("openai", None).unwrap().expose(), "sk-one");
        assert_eq!(keys.find("gemini", None), None);
        assert!(!format!("{keys:?}").contains("sk-"), "{keys:?}");
    }

    #[test]
    fn a_contact_may_hold_spaces() {
        let keys = Keys::parse("keys.toml", "sec = \"Example Research data@example.org\"\n").unwrap();
        assert_eq!(keys.find("sec", None).unwrap().expose(), "Example Research data@example.org");
        assert!(Keys::parse("keys.toml", "contact = \"a\tb\"").is_err());
    }

    #[test]
    fn what_is_wrong_is_named_and_not_shown() {
        for (text, line) in [
            ("openai = \"sk-secret", 1),
            ("openai = sk-secret", 1),
            ("a = \"fine\"\nopenai = [\"sk-secret\"]", 2),
            ("a = \"fine\"\n[openai]\nkey = \"sk-secret\"", 2),
            ("\n\nopenai = \"sk secret\"", 3),
            ("openai = \"\"", 1),
            ("openai = \"sk-secret\"\nopenai = \"sk-secret\"", 2),
        ] {
            let error = Keys::parse("keys.toml", text).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(shown.contains(&format!("line {line}")), "{text:?}: {shown}");
            assert!(!shown.contains("secret") && !shown.contains("sk-"), "{shown}");
        }
    }
}

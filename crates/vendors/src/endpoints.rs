//! The list of known endpoints.

use std::{collections::BTreeMap, sync::LazyLock};

use assize_llm::{Error, ErrorKind};
use serde::Deserialize;

use crate::{
    Endpoint, WireFormat,
    embedding::EmbeddingQuirks,
    quirks::{Ask, Differences, ModelAsk},
};

const FORMAT_VERSION: u32 = 1;

static EMBEDDED: LazyLock<Endpoints> = LazyLock::new(|| {
    Endpoints::from_toml("endpoints.toml", include_str!("endpoints.toml"))
        .expect("the embedded endpoints are valid; a test reads them")
});

/// Endpoints by name.
///
/// [`embedded`](Self::embedded) is the list that comes with this crate. A list of your own, in the same form (its file
/// explains it), is laid over it:
///
/// ```
/// use assize_vendors::Endpoints;
///
/// let own = Endpoints::from_toml("own.toml", r#"
///     format_version = 1
///     [[endpoint]]
///     name = "office"
///     format = "openai_chat"
///     base = "https://models.example.org/v1"
///     ask = { stream_usage = false }
/// "#)?;
/// let endpoints = Endpoints::embedded().overlaid(&own);
/// assert_eq!(endpoints.get("office")?.base().as_str(), "https://models.example.org/v1");
/// assert_eq!(endpoints.get("openai")?.key_variable(), Some("OPENAI_API_KEY"));
/// # Ok::<(), assize_llm::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Endpoints(BTreeMap<String, Endpoint>);

impl Endpoints {
    /// The list that comes with this crate.
    #[must_use]
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    /// Reads a list; `name` is what errors call it.
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`] naming the endpoint, or the line, that is wrong.
    pub fn from_toml(name: &str, text: &str) -> Result<Self, Error> {
        let wrong = |why: String| Error::new(ErrorKind::BadRequest, format!("read `{name}`: {why}"));
        let version: Version = toml::from_str(text).map_err(|e| wrong(e.to_string()))?;
        if version.format_version != FORMAT_VERSION {
            let found = version.format_version;
            return Err(wrong(format!("format_version {found}; this program reads {FORMAT_VERSION}")));
        }
        let file: File = toml::from_str(text).map_err(|e| wrong(e.to_string()))?;
        let mut endpoints = BTreeMap::new();
        for row in file.endpoint {
            let name = row.name.clone();
            let endpoint = row.endpoint().map_err(|why| wrong(format!("endpoint `{name}`: {why}")))?;
            if endpoints.insert(name.clone(), endpoint).is_some() {
                return Err(wrong(format!("endpoint `{name}` stands there twice")));
            }
        }
        Ok(Self(endpoints))
    }

    /// The same with another list laid over it: its endpoints replace those of the same name.
    #[must_use]
    pub fn overlaid(&self, other: &Self) -> Self {
        let mut all = self.0.clone();
        all.extend(other.0.iter().map(|(name, endpoint)| (name.clone(), endpoint.clone())));
        Self(all)
    }

    /// The endpoint with this name, without a key.
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`] naming the nearest and all known names.
    pub fn get(&self, name: &str) -> Result<Endpoint, Error> {
        self.find(name).cloned().ok_or_else(|| self.unknown(name))
    }

    /// The names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Endpoint> {
        self.0.get(name)
    }

    pub(crate) fn unknown(&self, name: &str) -> Error {
        let known = self.names().collect::<Vec<_>>().join(", ");
        // What looks like no name may be a key or a password, and is not repeated.
        let is_plain =
            name.len() <= 32 && name.bytes().all(|byte| byte.is_ascii_alphabetic() || b".-_".contains(&byte));
        let shown = if is_plain { format!(" `{name}`") } else { String::new() };
        let likeness = |own: &&str| strsim::jaro_winkler(own, name);
        let nearest = self
            .names()
            .filter(|own| is_plain && likeness(own) > 0.8)
            .max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
        let hint = nearest.map(|own| format!("; did you mean `{own}`?")).unwrap_or_default();
        Error::new(
            ErrorKind::BadRequest,
            format!("find the vendor{shown}: it is unknown{hint} (known: {known})"),
        )
    }
}

/// Read first, so that a list of another version is told apart from a broken one.
#[derive(Deserialize)]
struct Version {
    format_version: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[expect(dead_code, reason = "read before the rest")]
    format_version: u32,
    #[serde(default)]
    endpoint: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    format: String,
    base: String,
    key_variable: Option<String>,
    key_needed: Option<bool>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    ask: Ask,
    #[serde(default)]
    models: Vec<ModelAsk>,
    #[serde(default)]
    embed: EmbeddingQuirks,
}

impl Row {
    fn endpoint(self) -> Result<Endpoint, String> {
        if self.name.is_empty()
            || !self.name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
        {
            return Err("its name may hold letters, digits, dots and dashes".to_owned());
        }
        let format = WireFormat::from_key(&self.format).ok_or_else(|| {
            let known = WireFormat::ALL.map(WireFormat::key).join(", ");
            format!("its format `{}` is unknown (known: {known})", self.format)
        })?;
        let base = self.base.parse().map_err(|e| format!("its base: failed to {e}"))?;
        let key_needed = self.key_needed.unwrap_or(self.key_variable.is_some());
        let mut endpoint = Endpoint::new(&self.name, format, base)
            .with_key_variable(self.key_variable, key_needed)
            .with_differences(Differences::new(self.ask, self.models))
            .with_embedding_quirks(self.embed);
        for (name, value) in self.headers {
            endpoint = endpoint.with_header(&name, &value).map_err(|e| format!("failed to {e}"))?;
        }
        Ok(endpoint)
    }
}

//! A model as it is written on a command line.

use std::str::FromStr;

use assize_llm::{Error, ErrorKind, ModelId};
use assize_transport::Url;

use crate::{Endpoint, Endpoints, WireFormat};

/// A model and where it is asked, read from text:
///
/// - `openai:gpt-4o`: a [known endpoint](Endpoints) and the model's name there;
/// - `http://127.0.0.1:8000/v1#llama`: the base address of a server that speaks `OpenAI`'s chat completions;
/// - `anthropic+https://proxy.example.org#claude`: the same for another format or endpoint, whose ways it then has. What
///   speaks Anthropic's format is found with the version in its base and without.
///
/// ```
/// use assize_vendors::ModelSpec;
///
/// let spec: ModelSpec = "ollama:llama3.2:3b".parse()?;
/// assert_eq!((spec.endpoint.name(), spec.model.as_str()), ("ollama", "llama3.2:3b"));
/// let spec: ModelSpec = "http://127.0.0.1:8000/v1#qwen".parse()?;
/// assert_eq!((spec.endpoint.name(), spec.model.as_str()), ("127.0.0.1:8000", "qwen"));
/// let error = "opanai:gpt-4o".parse::<ModelSpec>().unwrap_err();
/// assert!(error.to_string().contains("did you mean `openai`?"));
/// # Ok::<(), assize_llm::Error>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ModelSpec {
    /// Where it is asked. It has no key yet.
    pub endpoint: Endpoint,
    /// The model's name there.
    pub model: ModelId,
}

impl ModelSpec {
    /// Reads a model, with endpoints of one's own.
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`] saying what is missing. What could hold a password is not repeated.
    pub fn parse(text: &str, endpoints: &Endpoints) -> Result<Self, Error> {
        let Some((vendor, rest)) = text.split_once(':') else {
            return Err(wrong(
                "write vendor and model, as in `openai:gpt-4o` or `http://127.0.0.1:8000/v1#llama`",
            ));
        };
        let (prefix, scheme) =
            vendor.rsplit_once('+').map_or((None, vendor), |(prefix, scheme)| (Some(prefix), scheme));
        if !matches!(scheme, "http" | "https") {
            return Ok(Self { endpoint: endpoints.get(vendor)?, model: model(rest)? });
        }
        let Some((address, name)) = rest.split_once('#') else {
            return Err(wrong(
                "add the model's name after its address, as in `http://127.0.0.1:8000/v1#llama`",
            ));
        };
        if address.contains('?') {
            return Err(wrong("its address may have no query; give a key as a key"));
        }
        let base: Url =
            format!("{scheme}:{address}").parse().map_err(|e| wrong(&format!("failed to {e}")))?;
        let plain = |format| Endpoint::new(base.host().unwrap_or_default(), format, base.clone());
        let endpoint = match prefix {
            None => plain(WireFormat::OpenAiChat),
            Some(prefix) => match (endpoints.find(prefix), WireFormat::from_key(prefix)) {
                (Some(known), _) => known.clone().at(base),
                (None, Some(format)) => plain(format),
                (None, None) => return Err(endpoints.unknown(prefix)),
            },
        };
        Ok(Self { endpoint, model: model(name)? })
    }
}

impl FromStr for ModelSpec {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text, Endpoints::embedded())
    }
}

fn model(name: &str) -> Result<ModelId, Error> {
    if name.is_empty() {
        return Err(wrong("the model's name is missing"));
    }
    if name.len() > 256 || name.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(wrong("the model's name holds white space or is longer than 256 bytes"));
    }
    Ok(name.into())
}

fn wrong(why: &str) -> Error {
    Error::new(ErrorKind::BadRequest, format!("read a model: {why}"))
}

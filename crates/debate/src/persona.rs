//! As whom a model speaks.

use serde::{Deserialize, Serialize};

use crate::{Error, ErrorKind};

const MAX_ROLE_BYTES: usize = 200;
const MAX_INSTRUCTIONS_BYTES: usize = 16 << 10;
const HOTTEST: f32 = 2.0;
pub(crate) const MAX_TOKENS: u32 = 128_000;

/// As whom a model speaks: part of what defines a debate.
///
/// ```
/// use assize_debate::Persona;
///
/// let bear = Persona { role: Some("a short seller".to_owned()), argues_for: Some("down".to_owned()), ..Persona::default() };
/// assert!(bear.instructions().contains("You are a short seller."));
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Persona {
    /// What it is, to complete "You are …".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// What it is to do and to mind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    /// The option that it is to make the best case for. Its vote stays its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub argues_for: Option<String>,
    /// The sampling temperature, 0.0 to 2.0; the vendor's own where none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f32>,
    /// The most tokens of an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
}

impl Persona {
    /// What the model is told of itself; empty where there is nothing to tell.
    #[must_use]
    pub fn instructions(&self) -> String {
        let role = self.role.as_ref().map(|role| format!("You are {}.", role.trim().trim_end_matches('.')));
        let case = self.argues_for.as_ref().map(|option| {
            format!(
                "Make the best honest case for \"{option}\", so that the others have it before them; state as your stance what \
                 you believe after that."
            )
        });
        let parts = [role, self.instructions.as_ref().map(|text| text.trim().to_owned()), case];
        parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
    }

    /// Whether it can sit in a debate with these options. `whose` names it in the error.
    pub(crate) fn check(&self, whose: &str, options: &[String]) -> Result<(), Error> {
        let bad = |message: String| {
            Err(Error::new(ErrorKind::BadSpec, format!("hold the debate: {whose}: {message}")))
        };
        if self.role.as_ref().is_some_and(|role| role.trim().is_empty() || role.len() > MAX_ROLE_BYTES) {
            return bad(format!("a role has 1 to {MAX_ROLE_BYTES} bytes"));
        }
        if self.instructions.as_ref().is_some_and(|text| text.len() > MAX_INSTRUCTIONS_BYTES) {
            return bad(format!("its instructions have more than {MAX_INSTRUCTIONS_BYTES} bytes"));
        }
        if let Some(option) = &self.argues_for
            && !options.iter().any(|known| known == option)
        {
            return bad(format!("it argues for {option:?}, which is none of the options {options:?}"));
        }
        if let Some(heat) = self.temperature
            && !(0.0..=HOTTEST).contains(&heat)
        {
            return bad(format!("its temperature must lie in 0 to {HOTTEST}, not {heat}"));
        }
        if let Some(tokens) = self.max_tokens
            && !(1..=MAX_TOKENS).contains(&tokens)
        {
            return bad(format!("its answers can have 1 to {MAX_TOKENS} tokens, not {tokens}"));
        }
        Ok(())
    }
}

//! What a request adds around its texts.

use serde::Deserialize;

/// What a chat request adds around its texts, in tokens. The rows of `models.toml` name their sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overhead {
    /// For each message.
    pub message: u32,
    /// Are the tokens of a message's role counted?
    pub count_role: bool,
    /// For a message that has a name, besides the tokens of the name.
    #[serde(default)]
    pub name: i32,
    /// Once, for what primes the reply.
    pub reply: u32,
    /// For a message of the user, besides `message`.
    #[serde(default)]
    pub user: u32,
    /// For a message of the system, besides `message`.
    #[serde(default)]
    pub system: u32,
    /// For a message of the assistant, besides `message`.
    #[serde(default)]
    pub assistant: u32,
    /// For a call of a tool and its result, besides its arguments and twice its name.
    #[serde(default)]
    pub call: u32,
    /// For declared tools, besides the declarations. `None`: how they are shown is not known.
    pub tools: Option<Section>,
    /// For a schema of the answer, besides its name and itself. `None`: how it is shown is not known.
    pub schema: Option<Section>,
    /// `tools`, in requests of the responses API.
    pub responses_tools: Option<Section>,
    /// `schema`, in requests of the responses API.
    pub responses_schema: Option<Section>,
    /// For a `tool_choice` that forces a call, in requests of the responses API.
    #[serde(default)]
    pub responses_forced: u32,
    /// How far, in parts in a thousand, a count is expected to be off where tools, calls or schemas take part: their rules were
    /// fitted to recorded usages, no vendor states them.
    pub fitted_per_mille: u32,
}

/// What a section of the system's message takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Where the request has no system message: one is made for it.
    pub alone: u32,
    /// Where the request has one.
    pub beside_system: u32,
}

impl Section {
    pub(crate) fn tokens(self, has_system: bool) -> u64 {
        u64::from(if has_system { self.beside_system } else { self.alone })
    }
}

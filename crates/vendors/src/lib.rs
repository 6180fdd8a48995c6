//! The formats of model vendors: requests, replies, streams, failures.
//!
//! A [`VendorModel`] is an [`assize_llm::ChatModel`] that asks an [`Endpoint`] over an [`assize_transport::Transport`]. What
//! it writes and reads is decided by pure functions, one file for each [`WireFormat`]: bytes in, typed replies and typed
//! failures out, streams however they were cut. An [`EmbeddingModel`] is an [`assize_retrieval::Embedder`] that does the same.

mod anthropic;
mod call_places;
mod calling;
mod content;
mod decimal;
mod draft;
mod embedding;
mod endpoint;
mod endpoints;
mod failure;
mod format;
mod gemini;
mod json;
mod lines;
mod model;
mod ollama;
mod openai_chat;
mod openai_responses;
mod quirks;
mod reader;
mod schema;
mod spec;
mod sse;
mod written;

pub use embedding::{EmbeddingBuilder, EmbeddingModel};
pub use endpoint::Endpoint;
pub use endpoints::Endpoints;
pub use format::WireFormat;
pub use model::VendorModel;
pub use quirks::{Parameter, Quirks, SchemaForm};
pub use reader::ReplyReader;
pub use spec::ModelSpec;
pub use sse::{EventTooLong, SseEvent, SseParser};

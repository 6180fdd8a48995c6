//! The formats of model vendors: requests, replies, streams, failures.
//!
//! A [`VendorModel`] is an [`assize_llm::ChatModel`] that asks an [`Endpoint`] over an [`assize_transport::Transport`]. What
//! it writes and reads is decided by pure functions, one file for each [`WireFormat`]: bytes in, typed replies and typed
//! failures out, streams however they were cut.

mod draft;
mod endpoint;
mod failure;
mod format;
mod model;
mod openai_chat;
mod reader;
mod sse;

pub use endpoint::Endpoint;
pub use format::WireFormat;
pub use model::VendorModel;
pub use reader::ReplyReader;
pub use sse::{EventTooLong, SseEvent, SseParser};

//! The formats, the endpoints and the model over a transport.

mod anthropic;
mod cassettes;
mod conforms;
mod embeddings;
mod endpoints;
mod failures;
mod fuzz;
mod gemini;
mod ollama;
mod openai_chat;
mod openai_responses;
mod peers;
mod reading;
mod recordings;
mod secrets;
mod server;
mod soak;
mod usage;
mod vendor_model;

//! The formats, the endpoints and the model over a transport.

mod anthropic;
mod cassettes;
mod endpoints;
mod failures;
mod fuzz;
mod gemini;
mod ollama;
mod openai_chat;
mod openai_responses;
mod reading;
mod recordings;
mod server;
mod soak;
mod vendor_model;

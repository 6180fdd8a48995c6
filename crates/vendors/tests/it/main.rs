//! The formats, the endpoints and the model over a transport.

mod endpoints;
mod anthropic;
mod cassettes;
mod failures;
mod fuzz;
mod gemini;
mod ollama;
mod openai_chat;
mod openai_responses;
mod reading;
mod recordings;
mod server;
mod vendor_model;

//! The formats, the endpoints and the model over a transport.

mod endpoints;
mod ollama;
mod openai_chat;
mod openai_responses;
mod server;
mod vendor_model;

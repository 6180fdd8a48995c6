//! The vendors as a client meets them.

mod books;
mod client;
mod embeddings;
mod faults;
mod limit;
mod refusals;
mod repeatable;
mod shapes;
#[cfg(feature = "serve")]
mod tcp;

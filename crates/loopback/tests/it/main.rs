//! The vendors and the sites as a client meets them.

mod books;
mod client;
mod embeddings;
mod exchange;
mod faults;
mod limit;
mod refusals;
mod repeatable;
mod shapes;
#[cfg(feature = "serve")]
mod tcp;

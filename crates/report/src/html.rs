//! A document as one HTML file.

mod block;
pub(crate) mod escape;
mod inline;
pub(crate) mod page;

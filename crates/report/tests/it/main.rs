//! The four forms of a document, from outside.

mod everything;
mod extremes;
mod forms;
mod literal;

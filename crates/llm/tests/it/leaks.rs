//! What went wrong in other caches of replies: one test for each report, named for it.
//!
//! The texts are our own; the doc comment of a test says what happened there.

mod answers;
mod entries;
mod parameters;
mod tenants;

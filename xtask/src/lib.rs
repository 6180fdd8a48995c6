//! The project's own chores, as a library that the thin binary `xtask` calls.
//!
//! One file per command: [`mod@bench`] measures, [`mod@report`] writes a measured run's report again, [`tidy`] holds the
//! workspace to its own rules, [`mod@peers`] measures us beside others, [`fuzz`] tries many cases of the property tests named so, [`ci`] runs every step that must pass
//! before a change is accepted.
//! workspace to its own rules, [`fuzz`] tries many cases of the property tests named so, [`schema`] writes the
//! schemas in the documentation, [`ci`] runs every step that must pass before a change is accepted.

pub mod bench;
pub mod ci;
mod command_line;
mod error;
pub mod fuzz;
pub mod peers;
pub mod report;
pub mod schema;
mod stdout;
pub mod tidy;
mod workspace;

pub use command_line::main_impl;
pub use error::{Error, ErrorKind};
pub use workspace::root;

//! Counters, prompts and the table of models, from outside.

mod against_tiktoken;
mod counted_text;
mod counting_threads;
mod incremental;
mod models;
mod prompts;
mod recorded;
mod texts;

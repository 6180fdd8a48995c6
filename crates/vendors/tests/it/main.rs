//! What vendors say, read back.

mod anthropic;
mod cassettes;
mod failures;
mod fuzz;
mod gemini;
mod reading;
mod recordings;

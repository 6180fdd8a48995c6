//! Replies that are served again: judged on labelled pairs of questions, and by what went wrong elsewhere.

mod alike;
mod labelled;
mod leaks;
mod pairs;

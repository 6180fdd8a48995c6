//! Logs that were written once must be read for ever.

mod changed_logs;
mod golden_log;
mod panel;
mod torn_logs;

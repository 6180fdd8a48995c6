//! The debate from outside: logs that were written once must be read for ever, and money must add up.

mod accounts;
mod changed_logs;
mod golden_log;
mod panel;
mod rules;
mod torn_logs;

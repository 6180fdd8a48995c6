//! The debate from outside: logs that were written once must be read for ever, and money must add up.

mod accounts;
mod changed_logs;
mod golden_log;
mod injection;
mod lost;
mod panel;
mod recount;
mod rules;
mod torn_logs;
mod unreadable;

//! The command as a user sees it: the real program, its output, its exit codes, its files.

mod analyze;
mod backtest;
mod brief;
#[cfg(unix)]
mod brief_killed;
mod cache;
mod debate;
mod docs;
mod fetch;
#[cfg(unix)]
mod fetch_killed;
mod fetch_named;
mod help;
mod hired;
mod hostile;
mod json;
#[cfg(unix)]
mod kill;
mod metering;
mod panels;
mod portfolio;
#[cfg(unix)]
mod portfolio_killed;
mod program;
mod resumed;
mod score;
mod terminal;
mod world;
mod wrong_requests;

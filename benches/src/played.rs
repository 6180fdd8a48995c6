//! Fetches from the sites of the exchange: asked by the real readers in virtual time, held against what is true and against
//! what the sites themselves wrote down.

mod bound;
mod judged;
mod planted;
mod sources;

pub use bound::{Asked, Host, by_limits, by_log};
pub use judged::{Came, FAULTS, World};
pub use planted::{Found, contracts, stories};
pub use sources::{TICKERS, Which};

use std::{future::Future, time::Duration};

/// For so long an answer of a site takes, more or less.
pub(crate) const LATENCY: Duration = Duration::from_millis(250);

/// Runs it in virtual time.
///
/// # Errors
/// Where there is no runtime.
pub fn in_virtual_time<T>(what: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_time().start_paused(true).build();
    runtime.map_err(|e| format!("begin a runtime: {e}"))?.block_on(what)
}

#[cfg(test)]
mod tests;

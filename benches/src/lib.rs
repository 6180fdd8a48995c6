//! What the benches share: instant panels, news, worlds with a known truth, a market in memory, series with steps, and the way in which a bench
//! hands over its run.

pub mod accounts;
pub mod articles;
pub mod exchange;
pub mod handover;
pub mod market;
pub mod panels;
pub mod played;
pub mod pondering;
pub mod quality;
pub mod steps;

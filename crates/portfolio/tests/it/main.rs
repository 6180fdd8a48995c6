//! Whole histories of accounts: money is neither made nor lost, nothing is booked twice, and the past stays as it was.

mod conservation;
mod journal;
mod market;
mod oracle;
mod recorded;
mod scenarios;

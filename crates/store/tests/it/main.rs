//! The journal in SQLite, held to its promises.

mod child;
mod contract;
mod damage;
mod kill;
mod processes;

//! The tier on a Redis server, against a real one.

mod outage;
mod server;
mod shared;
mod stored;

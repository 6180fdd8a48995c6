//! The tier on a Redis server, against a real one.

mod outage;
mod proxy;
mod server;
mod shared;
mod stored;

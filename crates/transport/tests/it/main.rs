//! The transports against real sockets, services and recordings.

mod http;
mod secrets;
mod server;
mod service;
mod tls;

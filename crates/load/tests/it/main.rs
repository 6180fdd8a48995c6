//! Load over real sockets.

mod server;
mod sockets;

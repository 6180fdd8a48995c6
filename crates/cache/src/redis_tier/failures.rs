//! What a failure of the client or the server means to a tier.

use redis::{RedisError, ServerErrorKind};

use crate::{Error, ErrorKind};

/// Whether the connection is of no use any more.
pub(super) fn ends_connection(error: &RedisError) -> bool {
    // A server that has forgotten the scripts, or is another's replica now, is to be met anew.
    error.is_unrecoverable_error()
        || error.is_connection_dropped()
        || matches!(
            error.kind(),
            redis::ErrorKind::Server(ServerErrorKind::NoScript | ServerErrorKind::ReadOnly)
        )
}

/// The error of a tier that failed to do `what` at the server at `address`.
pub(super) fn error(what: &str, address: &str, cause: RedisError) -> Error {
    let (kind, reason) = if cause.is_timeout() {
        (ErrorKind::TimedOut, "it did not answer in time")
    } else {
        match cause.kind() {
            _ if matches!(cause.code(), Some("NOAUTH" | "WRONGPASS")) => {
                (ErrorKind::Unavailable, "it wants another user or password")
            }
            redis::ErrorKind::Io => (ErrorKind::Unavailable, "it can't be reached"),
            redis::ErrorKind::AuthenticationFailed => {
                (ErrorKind::Unavailable, "it wants another user or password")
            }
            redis::ErrorKind::RESP3NotSupported => {
                (ErrorKind::Unavailable, "it is older than Redis 6, which is needed")
            }
            redis::ErrorKind::Server(ServerErrorKind::NoPerm) => (
                ErrorKind::Unavailable,
                "the user may not do what is needed: scripts, `INFO`, `CLIENT`, publishing, all keys of the cache",
            ),
            redis::ErrorKind::Server(ServerErrorKind::BusyLoading) => {
                (ErrorKind::Unavailable, "it is still loading its data")
            }
            redis::ErrorKind::Server(ServerErrorKind::ReadOnly) => {
                (ErrorKind::Unavailable, "it is a replica that can't be written")
            }
            redis::ErrorKind::Server(ServerErrorKind::NoScript) => {
                (ErrorKind::Unavailable, "its scripts were flushed; they are loaded again")
            }
            _ if cause.is_connection_dropped() => (ErrorKind::Unavailable, "it can't be reached"),
            _ => (ErrorKind::Io, "it refused"),
        }
    };
    kind.error(format!("{what} at Redis {address}: {reason}")).because(cause)
}

/// Whether the server has no memory left for what was to be written.
pub(super) fn is_full(error: &RedisError) -> bool {
    error.code() == Some("OOM")
}

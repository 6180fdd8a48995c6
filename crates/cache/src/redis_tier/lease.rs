//! Leave to compute a value, given to one process at a time.

use std::sync::Arc;

use super::link::{Connection, Link};
use crate::Error;

/// Leave to compute the value of a key, which nobody else on the server has meanwhile. It ends by itself when its time
/// is over, or before with [`release`](Self::release); dropping it only lets its time run out.
///
/// A lease saves work and guarantees nothing: who is slower than its time computes while another does.
#[derive(Debug)]
#[must_use]
pub struct Lease {
    pub(super) link: Arc<Link>,
    pub(super) connection: Connection,
    pub(super) name: String,
    pub(super) token: String,
}

impl Lease {
    /// Ends it. Says whether it was still this one's: if not, its time was over.
    ///
    /// # Errors
    /// [`Unavailable`](crate::ErrorKind::Unavailable), [`TimedOut`](crate::ErrorKind::TimedOut) or
    /// [`Io`](crate::ErrorKind::Io) if the server could not be told; it then ends with its time.
    pub async fn release(self) -> Result<bool, Error> {
        // On another connection than it was taken on, if need be: the token is what counts.
        let connection = self.link.connection().await?;
        if connection.known.prefix != self.connection.known.prefix {
            return Ok(false);
        }
        let mut release = redis::cmd("EVALSHA");
        release.arg(&connection.known.scripts.release).arg(1).arg(&self.name).arg(&self.token);
        let ended: u64 = self
            .link
            .ask(&connection, &release)
            .await
            .map_err(|cause| self.link.error("end a lease", cause))?;
        Ok(ended == 1)
    }
}

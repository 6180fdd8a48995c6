//! Names are looked up here, and may not lead inside.

use std::collections::BTreeSet;
use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address::is_public;

/// Finds the addresses of a name; blocks.
pub(super) type Lookup = Arc<dyn Fn(&str) -> io::Result<Vec<SocketAddr>> + Send + Sync>;

/// The operating system's.
pub(super) fn system() -> Lookup {
    // The port is set by who connects.
    Arc::new(|name| (name, 0).to_socket_addrs().map(Iterator::collect))
}

/// Looks names up, and refuses those that lead to an address that is not public. Since what it returns is what is
/// connected to, a name can't lead elsewhere between the check and the connection.
pub(super) struct Guard {
    pub lookup: Lookup,
    /// The hosts that may lead anywhere.
    pub free: BTreeSet<String>,
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let name = name.as_str().to_owned();
        let is_free = self.free.contains(&name);
        let lookup = Arc::clone(&self.lookup);
        Box::pin(async move {
            let asked = name.clone();
            let found = tokio::task::spawn_blocking(move || lookup(&asked)).await??;
            // One of them is enough to refuse all: who may name it may well change the others.
            let inside = found.iter().map(SocketAddr::ip).find(|address| !is_public(*address));
            match inside {
                Some(address) if !is_free => Err(Forbidden { name, address }.into()),
                _ => Ok(Box::new(found.into_iter()) as Addrs),
            }
        })
    }
}

/// A name led inside.
#[derive(Clone, Debug)]
pub(super) struct Forbidden {
    name: String,
    address: IpAddr,
}

impl Forbidden {
    /// The one that caused this error.
    pub(super) fn within<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a Self> {
        let mut error = Some(error);
        while let Some(this) = error {
            if let Some(forbidden) = this.downcast_ref() {
                return Some(forbidden);
            }
            error = this.source();
        }
        None
    }
}

impl fmt::Display for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, address } = self;
        write!(
            f,
            "`{name}` leads to {address}, which is not public; if that is meant, allow this host as private"
        )
    }
}

impl StdError for Forbidden {}

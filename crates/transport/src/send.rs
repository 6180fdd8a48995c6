//! The one method through which everything from outside comes in.

use async_trait::async_trait;

use crate::{Error, RawResponse, Request};

/// Sends a request and brings back what answered it, unread.
///
/// An implementation never tries a second time and never interprets the body. A status of 404 or 500 is a
/// [`RawResponse`], not an [`Error`]: an error means that there is no response.
///
/// Every implementation passes the suite in `conformance` (feature `test-util`).
#[cfg_attr(any(test, feature = "test-util"), mockall::automock)]
#[async_trait]
pub trait Transport: std::fmt::Debug + Send + Sync + 'static {
    /// Sends `request` once.
    ///
    /// # Errors
    /// Where no response was had: see [`ErrorKind`](crate::ErrorKind).
    async fn send(&self, request: Request) -> Result<RawResponse, Error>;
}

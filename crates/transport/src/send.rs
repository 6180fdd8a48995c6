//! The trait through which everything from outside comes in.

use async_trait::async_trait;

use crate::{Error, Incoming, RawResponse, Request};

/// Sends a request and brings back what answered it, unread: [`send`](Transport::send) whole, [`open`](Transport::open) as it
/// comes in.
///
/// An implementation never tries a second time and never interprets the body. A status of 404 or 500 is a
/// response, not an [`Error`]: an error means that there is no response, or no whole one. Dropping the future or the body
/// cancels the request.
///
/// Every implementation passes the suite in `conformance` (feature `test-util`).
#[cfg_attr(any(test, feature = "test-util"), mockall::automock)]
#[async_trait]
pub trait Transport: std::fmt::Debug + Send + Sync + 'static {
    /// Sends `request` once and waits for the whole body.
    ///
    /// # Errors
    /// Where no whole response was had: see [`ErrorKind`](crate::ErrorKind).
    async fn send(&self, request: Request) -> Result<RawResponse, Error>;

    /// Sends `request` once and gives the body as it comes in. By default it comes in one piece, as
    /// [`send`](Transport::send) has it.
    ///
    /// # Errors
    /// Where no head of a response was had; what goes wrong later is an item of the body.
    async fn open(&self, request: Request) -> Result<Incoming, Error> {
        self.send(request).await.map(Incoming::from)
    }
}

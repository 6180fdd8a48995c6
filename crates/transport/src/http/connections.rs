//! How many connections there were, and for how many requests.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use tower_layer::Layer;
use tower_service::Service;

/// What became of a transport's connections and requests since it was built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Connections {
    /// Connections that were made, handshakes and all.
    pub opened: u64,
    /// Connections that could not be made.
    pub failed: u64,
    /// Responses whose head came, redirects included.
    pub answered: u64,
    /// Requests under way now: not answered yet, or with a body that was neither read to its end nor dropped. Once nobody
    /// holds a response, anything but 0 is a leak.
    pub under_way: u64,
}

impl Connections {
    /// Requests that needed no new connection, at least.
    #[must_use]
    pub fn reused(&self) -> u64 {
        self.answered.saturating_sub(self.opened)
    }
}

/// Counts, shared by all clones.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    opened: AtomicU64,
    failed: AtomicU64,
    answered: AtomicU64,
    under_way: AtomicU64,
}

impl Counts {
    pub(super) fn now(&self) -> Connections {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Connections {
            opened: read(&self.0.opened),
            failed: read(&self.0.failed),
            answered: read(&self.0.answered),
            under_way: read(&self.0.under_way),
        }
    }

    pub(super) fn answered(&self) {
        self.0.answered.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn begin(&self) -> UnderWay {
        self.0.under_way.fetch_add(1, Ordering::Relaxed);
        UnderWay(self.clone())
    }
}

/// A request is under way until this is dropped.
#[derive(Debug)]
pub(super) struct UnderWay(Counts);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<S> Layer<S> for Counts {
    type Service = Counting<S>;

    fn layer(&self, inner: S) -> Counting<S> {
        Counting { inner, counts: self.clone() }
    }
}

/// A connector that counts.
#[derive(Clone, Debug)]
pub(super) struct Counting<S> {
    inner: S,
    counts: Counts,
}

impl<S, R> Service<R> for Counting<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, target: R) -> Self::Future {
        let connecting = self.inner.call(target);
        let Counts(counts) = self.counts.clone();
        Box::pin(async move {
            let connected = connecting.await;
            let count = if connected.is_ok() { &counts.opened } else { &counts.failed };
            count.fetch_add(1, Ordering::Relaxed);
            connected
        })
    }
}

//! How long to wait for a response, and how much of it to take.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{Stream, StreamExt};
use tokio::time::{Instant, Sleep, sleep_until, timeout_at};

use crate::{Body, Error, ErrorKind, Incoming, Request, Url};

/// What stands for a deadline beyond what can be counted: thirty years.
const NEVER: Duration = Duration::from_secs(30 * 365 * 24 * 3600);

/// How long a transport waits for each part of a response, and how much of it it takes.
///
/// A wait that is over is [`TimedOut`](ErrorKind::TimedOut), and the error names the bound; only where the connection was
/// not there yet is it certain that nothing was sent ([`Error::may_have_been_sent`]).
///
/// ```
/// use assize_transport::Bounds;
/// use std::time::Duration;
///
/// let patient = Bounds { idle: Duration::from_secs(600), total: None, ..Bounds::default() };
/// assert_eq!(patient.connect, Duration::from_secs(10));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Until there is a connection: name, handshakes and all. 10 s.
    pub connect: Duration,
    /// From the send until the head of the response is there. 300 s: a model that thinks before it speaks, asked for a
    /// whole reply, says nothing until it is done.
    pub first_byte: Duration,
    /// From when a reader waits for the next piece of the body until it is there. 120 s: some vendors send signs of life,
    /// others are silent while the model thinks.
    pub idle: Duration,
    /// From the send to the end of the body, however slowly it is read. 600 s, as the vendors' own clients have it.
    pub total: Option<Duration>,
    /// The longest body, in bytes; a longer one is [`TooLarge`](ErrorKind::TooLarge). 32 MiB.
    pub most_bytes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_byte: Duration::from_secs(300),
            idle: Duration::from_secs(120),
            total: Some(Duration::from_secs(600)),
            most_bytes: 32 * 1024 * 1024,
        }
    }
}

impl Bounds {
    /// Waits for the head that `opening` comes to, and bounds its body. The send is now.
    pub(crate) async fn apply(
        self,
        request: &Request,
        opening: impl Future<Output = Result<Incoming, Error>>,
    ) -> Result<Incoming, Error> {
        let sent_at = Instant::now();
        let url = request.url();
        let limit = self.sooner("first_byte", self.first_byte, sent_at, sent_at);
        let incoming = timeout_at(limit.at, opening).await.unwrap_or_else(|_| {
            Err(ErrorKind::TimedOut.error(format!(
                "ask {url}: no answer within {:?} (the bound `{}`); the request may have been sent",
                limit.allowed, limit.name
            )))
        })?;
        let declared =
            incoming.headers().get("content-length").and_then(|text| text.trim().parse::<u64>().ok());
        if declared.is_some_and(|bytes| usize::try_from(bytes).map_or(true, |bytes| bytes > self.most_bytes))
        {
            return Err(self.too_large(url));
        }
        let url = url.clone();
        let bound =
            |body| Bounded { bounds: self, body: Some(body), sent_at, came: 0, url, wait: None, alarm: None };
        Ok(incoming.map_body(|body| bound(body).boxed()))
    }

    /// The bound that ends a wait begun at `from`: the one named, or the total.
    fn sooner(&self, name: &'static str, allowed: Duration, from: Instant, sent_at: Instant) -> Limit {
        let at = |from: Instant, allowed| from.checked_add(allowed).unwrap_or_else(|| from + NEVER);
        let own = Limit { name, allowed, at: at(from, allowed) };
        match self.total {
            Some(total) if at(sent_at, total) < own.at => {
                Limit { name: "total", allowed: total, at: at(sent_at, total) }
            }
            _ => own,
        }
    }

    fn too_large(&self, url: &Url) -> Error {
        ErrorKind::TooLarge
            .error(format!("read {url}: it has more than {} bytes (the bound `most_bytes`)", self.most_bytes))
    }
}

#[derive(Clone, Copy)]
struct Limit {
    name: &'static str,
    allowed: Duration,
    at: Instant,
}

/// A body under bounds; after an error it has ended, and what it came from is dropped.
struct Bounded {
    bounds: Bounds,
    body: Option<Body>,
    sent_at: Instant,
    came: usize,
    url: Url,
    /// What ends the present wait.
    wait: Option<Limit>,
    /// Made at the first wait, and set anew for each.
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Bounded {
    fn advance(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Error>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        if let Poll::Ready(piece) = body.poll_next_unpin(cx) {
            self.wait = None;
            return Poll::Ready(piece.map(|piece| piece.and_then(|piece| self.accept(piece))));
        }
        let limit = *self.wait.get_or_insert_with(|| {
            let limit = self.bounds.sooner("idle", self.bounds.idle, Instant::now(), self.sent_at);
            match &mut self.alarm {
                Some(alarm) => alarm.as_mut().reset(limit.at),
                None => self.alarm = Some(Box::pin(sleep_until(limit.at))),
            }
            limit
        });
        if let Some(alarm) = &mut self.alarm {
            ready!(alarm.as_mut().poll(cx));
        }
        Poll::Ready(Some(Err(self.over(&limit))))
    }

    fn accept(&mut self, piece: Bytes) -> Result<Bytes, Error> {
        let now = Instant::now();
        // A body that never makes its reader wait has its end, too.
        let total = self.bounds.sooner("total", NEVER, now, self.sent_at);
        if total.at < now {
            return Err(self.over(&total));
        }
        self.came = self.came.saturating_add(piece.len());
        if self.came > self.bounds.most_bytes {
            return Err(self.bounds.too_large(&self.url));
        }
        Ok(piece)
    }

    fn over(&self, limit: &Limit) -> Error {
        let Self { url, came, .. } = self;
        let why = if limit.name == "idle" { "nothing more came for" } else { "it had not ended after" };
        ErrorKind::TimedOut.error(format!(
            "read {url}: {why} {:?} (the bound `{}`); {came} bytes had come",
            limit.allowed, limit.name
        ))
    }
}

impl Stream for Bounded {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let item = ready!(self.advance(cx));
        if !matches!(item, Some(Ok(_))) {
            self.body = None;
        }
        Poll::Ready(item)
    }
}

//! The body of an answer, as it comes.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep};

use crate::{Error, truth::Call};

/// A part of a body.
#[derive(Debug)]
pub(crate) struct Part {
    /// When it comes, counted from the beginning of the body.
    pub(crate) at: Duration,
    pub(crate) bytes: Bytes,
    /// The visible tokens that have come with it.
    pub(crate) generated: u64,
    /// Whether the reply is whole with it.
    pub(crate) whole: bool,
}

type Parts = Box<dyn Iterator<Item = Part> + Send + Sync>;

/// The body of an answer: its frames come in their time, on tokio's clock, and it may end in an error as a broken
/// connection does. What was taken of it is what is billed; dropping it is hanging up.
pub struct Body {
    parts: Parts,
    waiting: Option<(Part, Pin<Box<Sleep>>)>,
    started: Instant,
    ends_in_error: bool,
    has_paused: bool,
    length: Option<u64>,
    ended: bool,
    call: Option<Call>,
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body")
            .field("length", &self.length)
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

impl Body {
    /// All at once.
    pub(crate) fn at_once(text: String) -> Self {
        let length = text.len() as u64;
        let part = Part { at: Duration::ZERO, bytes: text.into(), generated: 0, whole: true };
        Self { length: Some(length), ..Self::of(Box::new(std::iter::once(part))) }
    }

    /// Part by part.
    pub(crate) fn of(parts: Parts) -> Self {
        Self {
            parts,
            waiting: None,
            started: Instant::now(),
            ends_in_error: false,
            has_paused: false,
            length: None,
            ended: false,
            call: None,
        }
    }

    /// The same, with the length that is announced.
    pub(crate) fn with_length(mut self, bytes: u64) -> Self {
        self.length = Some(bytes);
        self
    }

    /// The same, with an error at its end.
    pub(crate) fn broken_off(mut self) -> Self {
        self.ends_in_error = true;
        self
    }

    /// The same, settling this call as it is taken.
    pub(crate) fn settling(mut self, call: Call) -> Self {
        self.call = Some(call);
        self
    }

    fn give(&mut self, part: Part) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if let Some(call) = &mut self.call {
            call.sent(part.generated, part.whole);
        }
        if let Some(length) = &mut self.length {
            *length = length.saturating_sub(part.bytes.len() as u64);
        }
        Poll::Ready(Some(Ok(Frame::data(part.bytes))))
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if self.waiting.is_none() {
            match self.parts.next() {
                Some(part) => {
                    let due = self.started + part.at;
                    // Not even a timer that is due at once: it would cost a turn of the runtime.
                    if due <= Instant::now() {
                        return self.give(part);
                    }
                    self.waiting = Some((part, Box::pin(tokio::time::sleep_until(due))));
                }
                None if self.ends_in_error && !self.ended => {
                    if !std::mem::replace(&mut self.has_paused, true) {
                        // Whoever writes to a socket sends what came before, and then sees the error.
                        cx.waker().wake_by_ref();
                        return Poll::Pending;
                    }
                    self.ended = true;
                    return Poll::Ready(Some(Err(Error::cut())));
                }
                None => {
                    self.ended = true;
                    return Poll::Ready(None);
                }
            }
        }
        if let Some((_, sleep)) = &mut self.waiting {
            ready!(sleep.as_mut().poll(cx));
        }
        match self.waiting.take() {
            Some((part, _)) => self.give(part),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.ended
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

//! What the attempts of a call before its last one leave behind.

use std::time::Duration;

use futures_util::StreamExt;

use crate::{ChatReply, Error, ReplyDelta, ReplyStream, Telemetry};

/// What all attempts but the one that ends a call went through, and whether one of them may be billed. Whoever asks more
/// than once for a call keeps one, and adds it to the call's end.
#[derive(Debug, Clone, Default)]
pub(crate) struct Earlier {
    telemetry: Telemetry,
    possibly_billed: bool,
}

impl Earlier {
    /// An attempt that was dropped under way.
    pub(crate) fn dropped() -> Self {
        Self { telemetry: Telemetry::of_one_attempt(), possibly_billed: true }
    }

    /// An attempt that failed.
    pub(crate) fn failed(error: &Error) -> Self {
        let mut earlier = Self::default();
        earlier.add(error);
        earlier
    }

    /// Adds a later attempt that failed as well.
    pub(crate) fn add(&mut self, error: &Error) {
        let mut latest = error.telemetry().clone();
        latest.add_earlier(&self.telemetry);
        self.telemetry = latest;
        self.possibly_billed |= error.possibly_billed();
    }

    /// Adds a wait between attempts.
    pub(crate) fn backed_off(&mut self, wait: Duration) {
        self.telemetry.backing_off = self.telemetry.backing_off.saturating_add(wait);
    }

    /// The reply that ends the call.
    pub(crate) fn before_reply(&self, mut reply: ChatReply) -> ChatReply {
        reply.telemetry.add_earlier(&self.telemetry);
        reply
    }

    /// The error that ends the call: it may be billed if any attempt may.
    pub(crate) fn before_error(&self, mut error: Error) -> Error {
        error.telemetry_mut().add_earlier(&self.telemetry);
        let possibly_billed = self.possibly_billed || error.possibly_billed();
        error.with_possibly_billed(possibly_billed)
    }

    /// The stream whose end is the call's.
    pub(crate) fn before_stream(self, deltas: ReplyStream) -> ReplyStream {
        deltas
            .map(move |delta| match delta {
                Ok(ReplyDelta::Done(reply)) => Ok(ReplyDelta::Done(Box::new(self.before_reply(*reply)))),
                Ok(delta) => Ok(delta),
                Err(error) => Err(self.before_error(error)),
            })
            .boxed()
    }
}

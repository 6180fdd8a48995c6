//! Streams up to their first delta: until then nothing was handed out, and another model may still be asked.

use futures_util::{StreamExt, future::ready, stream};

use crate::{ChatModel, ChatRequest, Error, ErrorKind, ReplyDelta, ReplyStream, Telemetry};

/// Opens a stream and waits for its first delta; a failure before that is the call's.
pub(crate) async fn open(model: &dyn ChatModel, request: ChatRequest) -> Result<ReplyStream, Error> {
    let mut deltas = model.stream(request).await?;
    let first = deltas.next().await.unwrap_or_else(|| {
        let message = format!("ask {}: the stream ended before its reply did", model.id());
        Err(Error::new(ErrorKind::CutStream, message))
    })?;
    Ok(stream::once(ready(Ok(first))).chain(deltas).boxed())
}

/// The same stream; its end tells what earlier attempts of the call went through as well.
pub(crate) fn adding(deltas: ReplyStream, earlier: Telemetry) -> ReplyStream {
    deltas
        .map(move |mut delta| {
            match &mut delta {
                Ok(ReplyDelta::Done(reply)) => reply.telemetry.add_earlier(&earlier),
                Err(error) => error.telemetry_mut().add_earlier(&earlier),
                Ok(ReplyDelta::Text(_) | ReplyDelta::Reasoning(_)) => {}
            }
            delta
        })
        .boxed()
}

//! Streams up to their first delta: until then nothing was handed out, and another model may still be asked.

use futures_util::{StreamExt, future::ready, stream};

use crate::{ChatModel, ChatRequest, Error, ErrorKind, ReplyStream};

/// Opens a stream and waits for its first delta; a failure before that is the call's.
pub(crate) async fn open(model: &dyn ChatModel, request: ChatRequest) -> Result<ReplyStream, Error> {
    let mut deltas = model.stream(request).await?;
    let first = deltas.next().await.unwrap_or_else(|| {
        let message = format!("ask {}: the stream ended before its reply did", model.id());
        Err(Error::new(ErrorKind::CutStream, message))
    })?;
    Ok(stream::once(ready(Ok(first))).chain(deltas).boxed())
}

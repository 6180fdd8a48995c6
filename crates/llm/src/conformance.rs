//! What every [`ChatModel`] must do, and what every wrapper of one: each implementation runs it.

mod probe;
mod wrapper;

pub use wrapper::{Allowances, wrapper};

use futures_util::StreamExt;

use crate::{ChatModel, ChatRequest, ReplyDelta};

/// Runs the suite: `make` gives fresh models that answer the same request the same way.
///
/// # Panics
/// When a model breaks the trait's contract: the message says how.
pub async fn run<M: ChatModel>(make: impl Fn() -> M) {
    let request = || ChatRequest::new("What is the capital of France?").with_system("Answer briefly.");
    let whole = make().complete(request()).await.expect("a whole reply");
    assert!(!whole.text.is_empty(), "a reply has text");
    assert_eq!(&whole.model, make().id(), "a reply names its model");
    assert!(whole.usage.tokens.total_output() > 0, "a reply with text took tokens");

    let mut stream = make().stream(request()).await.expect("a stream");
    let (mut text, mut done) = (String::new(), None);
    while let Some(delta) = stream.next().await {
        assert!(done.is_none(), "nothing follows the end of a reply");
        match delta.expect("a delta") {
            ReplyDelta::Text(piece) => text.push_str(&piece),
            ReplyDelta::Reasoning(_) => {}
            ReplyDelta::Done(reply) => done = Some(reply),
        }
    }
    let done = done.expect("a stream ends with its reply");
    assert_eq!(text, done.text, "the deltas are the reply");
    assert_eq!(*done, whole, "streamed and whole are the same reply");
}

#[cfg(test)]
mod stack;
#[cfg(test)]
mod tests;

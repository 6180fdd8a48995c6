//! Which model is asked next, and what is told when none replies.

use std::time::Duration;

use futures_util::StreamExt;

use super::*;
use crate::{PartialReply, ReplyDelta, ScriptedModel, conformance, conformance::Allowances};

fn failing(id: &str, error: Error) -> Arc<ScriptedModel> {
    Arc::new(ScriptedModel::new(id, [Err(error)]).repeating_the_last())
}

fn saying(id: &str) -> Arc<ScriptedModel> {
    Arc::new(ScriptedModel::saying(id, ["Yes."]).repeating_the_last())
}

fn error(kind: ErrorKind) -> Error {
    Error::new(kind, format!("ask somebody: {kind}"))
}

#[tokio::test(start_paused = true)]
async fn it_keeps_the_contract() {
    conformance::run(|| Fallback::new(saying("first")).or(saying("second"))).await;
    conformance::wrapper(Allowances::NONE, Fallback::new).await;
    let twice = Allowances::NONE.asking_again().saying_more();
    conformance::wrapper(twice, |model| Fallback::new(Arc::clone(&model)).or(model)).await;
}

#[tokio::test]
async fn it_goes_on_after_what_another_may_do_better() {
    use ErrorKind as K;
    let goes_on = [
        K::Quota,
        K::RateLimited,
        K::Overloaded,
        K::ContextTooLong,
        K::Server,
        K::Unreachable,
        K::TimedOut,
        K::CutStream,
        K::Malformed,
        K::CircuitOpen,
    ];
    for kind in K::ALL {
        let model = Fallback::new(failing("first", error(kind))).or(saying("second"));
        for streamed in [false, true] {
            let end = if streamed {
                match model.stream(ChatRequest::new("Is it?")).await {
                    Err(error) => Err(error),
                    Ok(mut deltas) => loop {
                        match deltas.next().await.unwrap() {
                            Ok(ReplyDelta::Done(reply)) => break Ok(*reply),
                            Ok(_) => {}
                            Err(error) => break Err(error),
                        }
                    },
                }
            } else {
                model.complete(ChatRequest::new("Is it?")).await
            };
            match end {
                Ok(reply) => {
                    assert!(goes_on.contains(&kind), "{kind}");
                    let attempts = 1 + error(kind).telemetry().attempts;
                    assert_eq!((reply.model.as_str(), reply.telemetry.attempts), ("second", attempts));
                    assert_eq!(reply.telemetry.rate_limited, u32::from(kind == K::RateLimited));
                }
                Err(told) => {
                    assert!(!goes_on.contains(&kind), "{kind}");
                    assert_eq!(told.to_string(), error(kind).to_string());
                }
            }
        }
    }
    let stubborn = Fallback::new(failing("first", error(K::Auth))).or(saying("second"));
    let stubborn = stubborn.going_on_after(|error| error.kind() == K::Auth);
    assert!(stubborn.complete(ChatRequest::new("Is it?")).await.is_ok());
}

#[tokio::test]
async fn a_window_that_is_known_to_be_too_small_is_left_out() {
    let too_long = || error(ErrorKind::ContextTooLong);
    let other = || error(ErrorKind::Server);
    let chain = |of_first: Error| {
        Fallback::new(failing("8k", of_first))
            .with_window(8_192)
            .or(failing("4k", too_long()))
            .with_window(4_096)
            .or(failing("unknown", too_long()))
            .or(saying("128k"))
            .with_window(131_072)
    };
    let reply = chain(too_long()).complete(ChatRequest::new("Is it?")).await.unwrap();
    assert_eq!((reply.model.as_str(), reply.telemetry.attempts), ("128k", 3), "not the one of 4k");
    let reply = chain(other()).complete(ChatRequest::new("Is it?")).await.unwrap();
    assert_eq!((reply.model.as_str(), reply.telemetry.attempts), ("128k", 4));
    assert_eq!(format!("{:?}", chain(other()).with_window(9)).matches("Some(").count(), 3);
}

#[tokio::test]
async fn the_error_of_a_chain_tells_all_of_them() {
    let partial = PartialReply {
        text: "Ye".to_owned(),
        usage: assize_metering::Usage::estimated(assize_metering::TokenUsage::of(1, 1)),
    };
    let first = Error::new(ErrorKind::CutStream, "ask first: cut").with_partial(partial);
    let last = Error::new(ErrorKind::RateLimited, "ask last: too many")
        .with_retry_after(Duration::from_secs(2))
        .with_status(429);
    let chain = Fallback::new(failing("first", first)).or(failing("last", last));
    let error = chain.complete(ChatRequest::new("Is it?")).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::RateLimited, Some(429)));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(2)));
    assert!(error.possibly_billed(), "the first may be billed");
    assert_eq!((error.telemetry().attempts, error.telemetry().rate_limited), (2, 1));
    assert_eq!(
        error.message(),
        "have one of 2 models reply: ask first: cut; ask last: too many (asked to wait 2s)"
    );
}

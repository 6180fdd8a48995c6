//! What every [`Transport`] must do, whoever wrote it. Call [`check`] from a test of yours.

use bytes::Bytes;
use futures_util::stream::{StreamExt, TryStreamExt};

use crate::{ErrorKind, Request, Transport};

/// Requests whose answers are known beforehand.
#[derive(Clone, Debug)]
pub struct Cases {
    /// Requests that are answered with status 200 and exactly these bytes, however often they are sent.
    pub known: Vec<(Request, Bytes)>,
    /// A request that this transport has no answer to.
    pub unknown: Request,
    /// The kind of error that it is refused with.
    pub refusal: ErrorKind,
}

/// Sends each case one after another, twice, and all together, and looks at what comes back; then opens each, reads it to
/// its end, and leaves it at each place.
///
/// # Panics
/// If the transport breaks a rule: the message says which.
pub async fn check(transport: &dyn Transport, cases: &Cases) {
    const SECRET: &str = "a-secret-that-must-not-show";
    assert!(!cases.known.is_empty(), "give at least one known request");
    for round in ["first", "second"] {
        for (request, body) in &cases.known {
            let response = transport.send(request.clone()).await.expect("a known request is answered");
            assert_eq!(response.body(), body, "body of {} in the {round} round", request.url());
            assert_eq!(response.status(), 200, "status of {}", request.url());
            assert_eq!(response.key(), &request.key(), "the response carries its request's key");
            assert_eq!(response.url(), request.url(), "the response carries its request's address");
        }
    }
    // Two in flight at once, in each order, are not mixed up.
    for (one, first) in &cases.known {
        for (other, second) in &cases.known {
            let (a, b) = tokio::join!(transport.send(one.clone()), transport.send(other.clone()));
            assert_eq!(a.expect("a known request is answered").body(), first, "of two in flight");
            assert_eq!(b.expect("a known request is answered").body(), second, "of two in flight");
        }
    }
    let unknown = cases.unknown.clone();
    let unknown = unknown.with_secret_header("authorization", SECRET).expect("a plain header");
    let error = transport.send(unknown).await.expect_err("an unknown request is refused");
    assert_eq!(error.kind(), cases.refusal, "the kind of refusal: {error}");
    assert!(!error.to_string().is_empty(), "an error says what happened");
    assert!(!format!("{error} {error:?}").contains(SECRET), "an error shows no secret");
    check_open(transport, cases, SECRET).await;
    // Dropped half-way, a request leaves nothing behind that harms the next.
    let (request, body) = &cases.known[0];
    tokio::select! {
        biased;
        _ = transport.send(request.clone()) => {}
        () = std::future::ready(()) => {}
    }
    let response = transport.send(request.clone()).await.expect("answered after a dropped request");
    assert_eq!(response.body(), body, "after a dropped request");
}

async fn check_open(transport: &dyn Transport, cases: &Cases, secret: &str) {
    for (request, body) in &cases.known {
        let url = request.url();
        let incoming = transport.open(request.clone()).await.expect("a known request is opened");
        assert_eq!(incoming.status(), 200, "status of {url}, opened");
        assert_eq!(incoming.key(), &request.key(), "what comes in carries its request's key");
        assert_eq!(incoming.url(), url, "what comes in carries its request's address");
        let mut pieces: Vec<Bytes> = incoming.into_body().try_collect().await.expect("a known body comes in");
        assert_eq!(pieces.concat(), &body[..], "the pieces of {url}");
        // Two opened at once, the second read first, are not mixed up.
        let (a, b) = tokio::join!(transport.open(request.clone()), transport.open(request.clone()));
        for opened in [b, a] {
            pieces = opened.expect("one of two is opened").into_body().try_collect().await.expect("its body");
            assert_eq!(pieces.concat(), &body[..], "the pieces of {url}, of two opened at once");
        }
        // Left before the body, and within it.
        drop(transport.open(request.clone()).await.expect("opened to be left"));
        let mut left = transport.open(request.clone()).await.expect("opened to be left").into_body();
        let first = left.next().await.transpose().expect("the first piece").unwrap_or_default();
        assert!(body.starts_with(&first), "the first piece of {url}");
        drop(left);
        let incoming = transport.open(request.clone()).await.expect("opened after one was left");
        let whole = incoming.collect(body.len()).await.expect("its body");
        assert_eq!(whole.body(), body, "the body of {url}, after one was left");
    }
    let unknown = cases.unknown.clone().with_secret_header("authorization", secret).expect("a plain header");
    let error = transport.open(unknown).await.expect_err("an unknown request is not opened");
    assert_eq!(error.kind(), cases.refusal, "the kind of refusal: {error}");
    assert!(!format!("{error} {error:?}").contains(secret), "an error shows no secret");
}

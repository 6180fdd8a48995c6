//! What every [`Transport`] must do, whoever wrote it. Call [`check`] from a test of yours.

use bytes::Bytes;

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

/// Sends each case one after another, twice, and all together, and looks at what comes back.
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

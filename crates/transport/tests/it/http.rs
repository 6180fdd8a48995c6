//! Over real sockets: what is answered, what breaks, what is refused.

use std::time::Duration;

use assize_transport::conformance::{self, Cases};
use assize_transport::{Bounds, Connections, Error, ErrorKind, HttpTransport, Request, Transport};
use futures_util::StreamExt;

use crate::server::{Server, brief, clock};

#[tokio::test]
async fn it_conforms() {
    let server = Server::start().await;
    let transport = server.transport(Bounds::default());
    let known = [
        ("one", "the first body"),
        ("two", "in three pieces"),
        ("empty", ""),
        ("here", "the first body"),
        ("longer", "abc"),
        ("bare-end", "until the end"),
    ];
    let known = known.map(|(path, body)| (server.get(path), body.into())).into();
    let unknown = Request::get("http://127.0.0.2:1/one".parse().unwrap());
    conformance::check(&transport, &Cases { known, unknown, refusal: ErrorKind::Denied }).await;
    assert_eq!(transport.connections().under_way, 0, "nothing is left behind");
}

/// Each way of failing: its kind, whether the request may have been sent, and what the message must say.
#[tokio::test]
async fn what_breaks() {
    let server = Server::start().await;
    let transport = server.transport(brief());
    for (path, kind, part) in [
        ("silent", ErrorKind::TimedOut, "no answer within 500ms (the bound `first_byte`)"),
        ("stalled", ErrorKind::TimedOut, "nothing more came for 200ms (the bound `idle`); 3 bytes had come"),
        ("cut", ErrorKind::Broken, "read http://127.0.0.1"),
        ("cut-chunk", ErrorKind::Broken, "read http://127.0.0.1"),
        ("no-chunk", ErrorKind::Broken, "read http://127.0.0.1"),
        ("closed", ErrorKind::Broken, "ask http://127.0.0.1"),
        ("huge", ErrorKind::TooLarge, "it has more than 65536 bytes"),
        ("endless", ErrorKind::TooLarge, "it has more than 65536 bytes"),
        ("garbage", ErrorKind::Broken, "ask http://127.0.0.1"),
        ("round", ErrorKind::Denied, "five times"),
        (
            "elsewhere",
            ErrorKind::Denied,
            "302, a redirect to http://127.0.0.2:1; a redirect is followed only within",
        ),
        ("disguised", ErrorKind::Denied, "only within its origin"),
        ("nowhere", ErrorKind::Denied, "a redirect to nowhere"),
    ] {
        let error = transport.send(server.get(path)).await.expect_err(path);
        assert_eq!(error.kind(), kind, "{path}: {error}");
        assert!(error.may_have_been_sent(), "{path}: {error}");
        assert!(error.to_string().contains(part), "{path}: {error}");
    }
    assert_eq!(transport.connections().under_way, 0, "nothing is left behind");
    assert_eq!(transport.send(server.get("one")).await.unwrap().body(), "the first body".as_bytes());
}

#[tokio::test]
async fn a_total_ends_a_body_that_keeps_coming() {
    let server = Server::start().await;
    let total = Some(Duration::from_millis(50));
    let transport = server.transport(Bounds { total, most_bytes: usize::MAX, ..Bounds::default() });
    let error = transport.send(server.get("endless")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert!(error.to_string().contains("50ms (the bound `total`)"), "{error}");
    let error = transport.send(server.get("silent")).await.unwrap_err();
    assert!(error.to_string().contains("no answer within 50ms (the bound `total`)"), "{error}");
}

/// What came before the failure is given out.
#[tokio::test]
async fn pieces_before_the_failure() {
    let server = Server::start().await;
    let transport = server.transport(brief());
    for (path, kind) in
        [("cut", ErrorKind::Broken), ("cut-chunk", ErrorKind::Broken), ("stalled", ErrorKind::TimedOut)]
    {
        let mut body = transport.open(server.get(path)).await.unwrap().into_body();
        let mut came = Vec::new();
        let error = loop {
            match body.next().await.expect(path) {
                Ok(piece) => came.extend_from_slice(&piece),
                Err(error) => break error,
            }
        };
        assert!(came.starts_with(b"abc"), "{path}: {came:?}");
        assert_eq!(error.kind(), kind, "{path}: {error}");
        assert!(body.next().await.is_none(), "{path}: it ends after an error");
    }
}

#[tokio::test]
async fn a_refusal_is_a_response() {
    let server = Server::start().await;
    let response = server.transport(brief()).send(server.get("refused")).await.unwrap();
    assert_eq!((response.status(), response.headers().get("retry-after")), (429, Some("7")));
    assert_eq!(response.body(), "slow down".as_bytes());
}

/// What cannot have reached anybody says so.
#[tokio::test]
async fn what_is_never_sent() {
    let server = Server::start().await;
    // A port that was free a moment ago, and a port that takes connections but does not speak TLS.
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let refused = format!("http://127.0.0.1:{closed}/").parse().unwrap();
    let not_tls = format!("https://127.0.0.1:{}/", server.port).parse().unwrap();
    let transport = HttpTransport::builder(clock())
        .allow(&refused)
        .allow(&not_tls)
        .allow(&server.url(""))
        .build()
        .unwrap();
    let with_host = server.get("one").with_header("host", "elsewhere.example").unwrap();
    let another_port = format!("http://127.0.0.1:{}/", server.port ^ 1).parse().unwrap();
    for (request, kind) in [
        (Request::get(refused.clone()), ErrorKind::Unreachable),
        (Request::post(refused, "x"), ErrorKind::Unreachable),
        (Request::post(not_tls, "x"), ErrorKind::Unreachable),
        (Request::get(another_port), ErrorKind::Denied),
        (Request::get("file:one".parse().unwrap()), ErrorKind::BadRequest),
        (Request::get("ftp://127.0.0.1/one".parse().unwrap()), ErrorKind::BadRequest),
        (with_host, ErrorKind::BadRequest),
    ] {
        let error = transport.send(request).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(!error.may_have_been_sent(), "{error}");
    }
    assert_eq!(transport.connections(), Connections { failed: 3, ..Connections::default() });
}

/// Hands in once: neither a redirect nor a closed connection makes it send again.
#[tokio::test]
async fn a_post_is_sent_once() {
    let server = Server::start().await;
    let transport = server.transport(brief());
    let body = transport.send(Request::post(server.url("repeat"), "once")).await.unwrap().body().clone();
    let text = String::from_utf8(body.to_vec()).unwrap();
    assert!(text.starts_with("POST /repeat HTTP/1.1\r\n") && text.ends_with("\r\n\r\nonce"), "{text}");
    assert!(text.contains("content-length: 4\r\n"), "{text}");
    let post = |path: &str| transport.send(Request::post(server.url(path), "once"));
    let error: Error = post("here").await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_been_sent()), (ErrorKind::Denied, true), "{error}");
    assert!(error.to_string().contains("hands something in"), "{error}");
    let before = transport.connections();
    assert_eq!(post("closed").await.unwrap_err().kind(), ErrorKind::Broken);
    assert_eq!(transport.connections().answered, before.answered);
    assert!(transport.connections().opened <= before.opened + 1);
}

#[tokio::test]
async fn connections_are_kept_and_counted() {
    let server = Server::start().await;
    let transport = server.transport(Bounds::default());
    for _ in 0..10 {
        transport.send(server.get("two")).await.unwrap();
    }
    let counted = transport.connections();
    assert_eq!((counted.opened, counted.answered, counted.under_way), (1, 10, 0));
    assert_eq!((counted.reused(), server.accepted()), (9, 1));
    let open = transport.open(server.get("stalled")).await.unwrap();
    assert_eq!(transport.connections().under_way, 1);
    drop(open);
    assert_eq!(transport.connections().under_way, 0, "a dropped body is under way no longer");
}

#[test]
fn what_cannot_be_allowed() {
    let build = |host: &str| HttpTransport::builder(clock()).allow_host(host).build();
    for host in ["", "a/b", "a@b", "https://a", "a?b", "a b", "a:port", "[::1", r"a\b"] {
        assert_eq!(build(host).expect_err(host).kind(), ErrorKind::BadRequest, "{host}");
    }
    let file = HttpTransport::builder(clock()).allow(&"file:a".parse().unwrap()).build();
    assert_eq!(file.unwrap_err().kind(), ErrorKind::BadRequest);
    let pem = HttpTransport::builder(clock()).trust_also(b"no certificate").build();
    assert_eq!(pem.unwrap_err().kind(), ErrorKind::BadRequest);
}

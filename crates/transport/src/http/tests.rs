//! Names that lead inside, however they got there.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::{HttpBuilder, HttpTransport};
use crate::file::tests::clock;
use crate::{ErrorKind, Request, Transport, Url};

/// A builder for which every name leads to these addresses.
fn leading_to(addresses: &[&str]) -> HttpBuilder {
    let addresses: Vec<SocketAddr> =
        addresses.iter().map(|ip| SocketAddr::new(ip.parse().expect("an address"), 0)).collect();
    HttpTransport::builder(clock()).lookup(Arc::new(move |_| Ok(addresses.clone())))
}

/// Answers one request on this address, on a port of its own.
async fn serve_once() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a client");
        let count = stream.read(&mut [0; 4096]).await.expect("a request");
        assert!(count > 0);
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
            .await
            .expect("a client that waits");
    });
    port
}

fn url(host: &str, port: u16) -> Url {
    format!("http://{host}:{port}/").parse().expect("an address")
}

#[tokio::test]
async fn a_name_that_leads_inside_is_denied() {
    let port = serve_once().await;
    for addresses in [
        &["127.0.0.1"][..],
        &["10.0.0.1"],
        &["169.254.169.254"],
        &["::1"],
        &["::ffff:127.0.0.1"],
        // A public one before it does not help.
        &["1.1.1.1", "127.0.0.1"],
    ] {
        let inside = url("inside.example", port);
        let transport = leading_to(addresses).allow(&inside).build().unwrap();
        let error = transport.send(Request::get(inside)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Denied, "{addresses:?}: {error}");
        assert!(!error.may_have_been_sent(), "{error}");
        assert!(error.to_string().contains("`inside.example` leads to"), "{error}");
    }
}

#[tokio::test]
async fn a_host_of_ours_may_be_inside() {
    for allow in [
        |port| leading_to(&["127.0.0.1"]).allow_private(&url("inside.example", port)),
        |port| leading_to(&["127.0.0.1"]).allow(&url("localhost", port)),
        |port| leading_to(&["10.0.0.1"]).allow(&url("127.0.0.1", port)),
    ] {
        let port = serve_once().await;
        let transport = allow(port).build().unwrap();
        let host = transport.origins[0].host.clone();
        let response = transport.send(Request::get(url(&host, port))).await.unwrap();
        assert_eq!(response.body(), "ok".as_bytes());
    }
}

/// To be allowed as private counts for that host alone, and to be allowed under one name says nothing of another.
#[tokio::test]
async fn one_host_at_a_time() {
    let port = serve_once().await;
    let (ours, theirs) = (url("ours.example", port), url("theirs.example", port));
    let transport = leading_to(&["127.0.0.1"]).allow_private(&ours).allow(&theirs).build().unwrap();
    let error = transport.send(Request::get(theirs)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied, "{error}");
    for other in [
        "ours.example.",
        "ours.example.evil.example",
        "127.0.0.1",
        "2130706433",
        "[::1]",
        "OURS.example@evil.example",
    ] {
        let Ok(other) = format!("http://{other}:{port}/").parse() else { continue };
        let error = transport.send(Request::get(other)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Denied, "{error}");
    }
    // Any way of writing the name that is connected to is as good as any other.
    let shouted = transport.send(Request::get(url("OURS.Example", port))).await.unwrap();
    assert_eq!(shouted.body(), "ok".as_bytes());
}

#[tokio::test]
async fn a_name_that_leads_nowhere() {
    let nowhere = url("nowhere.example", 80);
    let unknown = |_: &str| Err(std::io::Error::other("no such name"));
    let transport =
        HttpTransport::builder(clock()).lookup(Arc::new(unknown)).allow(&nowhere).build().unwrap();
    let error = transport.send(Request::get(nowhere)).await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_been_sent()), (ErrorKind::Unreachable, false), "{error}");
    assert!(error.to_string().contains("no such name"), "{error}");
}

//! Over TLS: whom it trusts, and what it offers to speak.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use assize_transport::{ErrorKind, HttpTransport, Request, Transport, Url};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::server::clock;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/transport/tls").join(name)
}

/// Takes one connection, speaks `protocol`, says `answer` to whatever comes first, and gives that back.
fn serve_once(protocol: &str, answer: &'static [u8]) -> (Url, JoinHandle<Option<Vec<u8>>>) {
    let certificate = CertificateDer::from_pem_file(fixture("server.pem")).expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(fixture("server.key")).expect("a key");
    let mut config = ServerConfig::builder_with_provider(ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .and_then(|config| config.with_no_client_auth().with_single_cert(vec![certificate], key))
        .expect("a server");
    config.alpn_protocols = vec![protocol.into()];
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let serving = thread::spawn(move || {
        let (socket, _) = listener.accept().ok()?;
        let mut stream = StreamOwned::new(ServerConnection::new(Arc::new(config)).ok()?, socket);
        let mut came = vec![0; 4096];
        let count = stream.read(&mut came).ok()?;
        came.truncate(count);
        stream.write_all(answer).ok()?;
        stream.conn.send_close_notify();
        stream.flush().ok()?;
        Some(came)
    });
    (format!("https://127.0.0.1:{port}/").parse().expect("an address"), serving)
}

fn trusting(url: &Url) -> HttpTransport {
    let authority = fs::read(fixture("authority.pem")).expect("the authority");
    HttpTransport::builder(clock()).allow(url).trust_also(&authority).build().expect("a client")
}

#[tokio::test]
async fn a_trusted_server_is_asked() {
    let (url, serving) = serve_once("http/1.1", b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nsecure");
    let response = trusting(&url).send(Request::get(url)).await.unwrap();
    assert_eq!(response.body(), "secure".as_bytes());
    assert!(serving.join().unwrap().unwrap().starts_with(b"GET / HTTP/1.1\r\n"));
}

/// The platform's authorities did not sign it: nothing is sent.
#[tokio::test]
async fn an_unknown_certificate_is_refused() {
    let (url, serving) = serve_once("http/1.1", b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    let transport = HttpTransport::builder(clock()).allow(&url).build().unwrap();
    let error = transport.send(Request::post(url, "x")).await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_been_sent()), (ErrorKind::Unreachable, false), "{error}");
    assert!(error.to_string().contains("certificate"), "{error}");
    assert_eq!(serving.join().unwrap(), None, "no byte of the request came");
}

/// Where a server speaks HTTP/2, so does the client.
#[tokio::test]
async fn http_2_is_spoken() {
    let (url, serving) = serve_once("h2", b"not a frame of HTTP/2");
    let error = trusting(&url).send(Request::get(url)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Broken, "{error}");
    assert!(serving.join().unwrap().unwrap().starts_with(b"PRI * HTTP/2.0\r\n"));
}

//! A server on the loopback address that answers each path in its own way, most of them wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use assize_ambient::{FixedClock, Timestamp};
use assize_transport::{Bounds, HttpTransport, Request, Url};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub(crate) struct Server {
    pub port: u16,
    accepted: Arc<AtomicUsize>,
}

/// What it does next, beginning with a request that it has read.
enum Step {
    Say(String),
    /// Until the client leaves.
    Wait,
    /// The same piece until the client leaves.
    Forever(&'static str),
    Close,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let accepted = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&accepted);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(serve(stream));
            }
        });
        Self { port, accepted }
    }

    pub(crate) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::Relaxed)
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        format!("http://127.0.0.1:{}/{path}", self.port).parse().expect("an address")
    }

    pub(crate) fn get(&self, path: &str) -> Request {
        Request::get(self.url(path))
    }

    pub(crate) fn transport(&self, bounds: Bounds) -> HttpTransport {
        HttpTransport::builder(clock()).allow(&self.url("")).bounds(bounds).build().expect("a client")
    }
}

pub(crate) fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock::new("2026-11-20T12:00:00Z".parse::<Timestamp>().expect("a time")))
}

/// Bounds that a test can wait for, and that a busy machine keeps.
pub(crate) fn brief() -> Bounds {
    let (first_byte, idle) = (Duration::from_millis(500), Duration::from_millis(200));
    Bounds { first_byte, idle, most_bytes: 64 * 1024, ..Bounds::default() }
}

async fn serve(mut stream: TcpStream) {
    while let Some(request) = read(&mut stream).await {
        for step in answer(&request) {
            match step {
                Step::Say(text) => {
                    if stream.write_all(text.as_bytes()).await.is_err() || stream.flush().await.is_err() {
                        return;
                    }
                }
                Step::Wait => {
                    let _ = stream.read(&mut [0; 64]).await;
                    return;
                }
                Step::Forever(piece) => while stream.write_all(piece.as_bytes()).await.is_ok() {},
                Step::Close => return,
            }
        }
    }
}

/// Head and body of the next request.
async fn read(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        // Something else than HTTP, such as the beginning of TLS.
        if bytes.first().is_some_and(|first: &u8| !first.is_ascii_uppercase()) {
            return None;
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().expect("a length")) {
                return Some(text);
            }
        }
        let mut piece = [0; 4096];
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes.extend_from_slice(&piece[..count]),
        }
    }
}

fn whole(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len())
}

fn chunked(pieces: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{pieces}")
}

fn answer(request: &str) -> Vec<Step> {
    use Step::{Close, Forever, Say, Wait};
    let target = request.split(' ').nth(1).unwrap_or_default();
    let path = target.split('?').next().unwrap_or_default();
    let say = |text: &str| Say(text.to_owned());
    let redirect = |to: &str| vec![Say(whole("302 Found", &format!("location: {to}\r\n"), ""))];
    match path {
        "/one" => vec![Say(whole("200 OK", "", "the first body"))],
        "/two" => vec![Say(chunked("3\r\nin \r\n")), say("4\r\nthre\r\n"), say("8\r\ne pieces\r\n0\r\n\r\n")],
        "/empty" => vec![Say(whole("200 OK", "", ""))],
        "/refused" => vec![Say(whole("429 Too Many Requests", "retry-after: 7\r\n", "slow down"))],
        // All that was asked, secrets too, as a careless server does.
        "/repeat" => vec![Say(whole("200 OK", &format!("x-asked: {target}\r\n"), request))],
        "/silent" => vec![Wait],
        "/stalled" => vec![say("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc"), Wait],
        "/cut" => vec![say("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc"), Close],
        "/cut-chunk" => vec![Say(chunked("3\r\nabc\r\n5\r\nde")), Close],
        "/no-chunk" => vec![Say(chunked("not a length\r\n")), Close],
        "/closed" => vec![Close],
        "/longer" => vec![say("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabcdef"), Close],
        "/huge" => vec![say("HTTP/1.1 200 OK\r\ncontent-length: 104857600\r\n\r\nabc"), Wait],
        "/endless" => vec![Say(chunked("")), Forever("10\r\n0123456789abcdef\r\n")],
        "/garbage" => vec![say("SSH-2.0-OpenSSH_9.6\r\n\r\n"), Close],
        "/bare-end" => vec![say("HTTP/1.1 200 OK\r\n\r\nuntil the end"), Close],
        "/here" => redirect("/one"),
        "/round" => redirect("/round"),
        "/elsewhere" => redirect(&format!("http://127.0.0.2:1{target}")),
        "/disguised" => {
            let host = request.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
            redirect(&format!("http://somebody@{host}/one"))
        }
        "/nowhere" => redirect("http://[/"),
        _ => vec![Say(whole("404 Not Found", "", "no such path"))],
    }
}

//! However a request goes, its secrets are in no error, no recording, no `Debug` form and no log.

use std::fmt::Write;
use std::fs;
use std::sync::{Mutex, PoisonError};

use assize_transport::{
    Error, HttpTransport, RawResponse, RecordingTransport, ReplayTransport, Request, Transport, Url,
};
use futures_util::StreamExt;
use tempfile::TempDir;

use crate::server::{Server, brief, clock};

const KEY: &str = "sk-never-to-be-seen";
const PARAMETER: &str = "parameter%2Fnever-seen";

/// What libraries below wrote to the log.
static LOGGED: Mutex<String> = Mutex::new(String::new());

struct Log;

impl log::Log for Log {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let mut logged = LOGGED.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = writeln!(logged, "{} {}", record.target(), record.args());
    }

    fn flush(&self) {}
}

fn with_secrets(request: Request) -> Request {
    request
        .with_secret_header("authorization", &format!("Bearer {KEY}"))
        .and_then(|request| request.with_secret_header("x-api-key", KEY))
        .and_then(|request| request.with_secret_query("key", PARAMETER))
        .expect("a request")
}

fn assert_hidden(shown: &str, whence: &str) {
    for form in [KEY, PARAMETER, "parameter/never-seen", "never-to-be", "never-seen"] {
        assert!(!shown.contains(form), "{form} in {whence}: {shown}");
    }
}

/// All that an error shows, its causes included.
fn all_of(error: &Error) -> String {
    let mut shown = format!("{error} {error:?} {error:#?} {error:#}");
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        let _ = write!(shown, " {next} {next:?}");
        cause = next.source();
    }
    shown
}

#[tokio::test]
async fn secrets_stay_inside() {
    log::set_logger(&Log).expect("the only logger");
    log::set_max_level(log::LevelFilter::Trace);
    let server = Server::start().await;
    let not_tls: Url = format!("https://127.0.0.1:{}/", server.port).parse().expect("an address");
    let closed: Url = "http://127.0.0.1:1/".parse().expect("an address");
    let live =
        HttpTransport::builder(clock()).allow(&server.url("")).allow(&not_tls).allow(&closed).bounds(brief());
    let live = live.build().expect("a client");
    assert_hidden(&format!("{live:?}"), "the transport");
    let folder = TempDir::new().expect("a folder");
    let recorder = RecordingTransport::create(live.clone(), folder.path(), clock()).expect("a recording");
    let paths = [
        "one",
        "repeat",
        "refused",
        "silent",
        "stalled",
        "cut",
        "cut-chunk",
        "no-chunk",
        "closed",
        "huge",
        "endless",
        "garbage",
        "here",
        "round",
        "elsewhere",
        "disguised",
        "nowhere",
    ];
    let urls = paths.map(|path| server.url(path)).into_iter().chain([
        not_tls,
        closed,
        "http://127.0.0.2:1/".parse().expect("an address"),
        "file:x".parse().expect("an address"),
    ]);
    let mut failed = 0;
    for url in urls {
        for request in [Request::get(url.clone()), Request::post(url.clone(), "{}")].map(with_secrets) {
            failed += usize::from(ask_both_ways(&recorder, request).await);
        }
    }
    assert!(failed >= 30, "{failed}");
    let mut stored = fs::read_to_string(folder.path().join("recording.jsonl")).expect("the lines");
    for entry in fs::read_dir(folder.path().join("bodies")).expect("the bodies") {
        stored += &String::from_utf8_lossy(&fs::read(entry.expect("an entry").path()).expect("a body"));
    }
    assert!(stored.contains("authorization: [secret]"), "the server did repeat them: {stored}");
    assert_hidden(&stored, "the recording");
    let logged = LOGGED.lock().unwrap_or_else(PoisonError::into_inner).clone();
    assert!(logged.contains("starting new connection"), "the log is read: {logged}");
    assert_hidden(&logged, "the log");

    for path in paths {
        let request = server.get(path);
        compare(path, live.send(request.clone()).await, replay(&folder).send(request).await);
    }
    assert_eq!(live.connections().under_way, 0);
}

fn replay(folder: &TempDir) -> ReplayTransport {
    ReplayTransport::open(folder.path()).expect("the recording")
}

/// Whole and as it comes in; whether the former failed.
async fn ask_both_ways(transport: &impl Transport, request: Request) -> bool {
    assert_hidden(&format!("{request:?} {request:#?}"), "the request");
    let sent = transport.send(request.clone()).await;
    if let Err(error) = &sent {
        assert_hidden(&all_of(error), "an error");
    }
    match transport.open(request).await {
        Ok(incoming) => {
            let mut body = incoming.into_body();
            while let Some(piece) = body.next().await {
                if let Err(error) = piece {
                    assert_hidden(&all_of(&error), "a body's error");
                }
            }
        }
        Err(error) => assert_hidden(&all_of(&error), "an error"),
    }
    sent.is_err()
}

/// A recording replays what happened, failures with their kind and whether anything was sent.
fn compare(path: &str, was: Result<RawResponse, Error>, is: Result<RawResponse, Error>) {
    match (was, is) {
        (Ok(was), Ok(is)) => assert_eq!(was.status(), is.status(), "{path}"),
        (Err(was), Err(is)) => {
            let of = |error: &Error| (error.kind(), error.may_have_been_sent());
            assert_eq!(of(&was), of(&is), "{path}: {was} / {is}");
        }
        (was, is) => panic!("{path}: {was:?} became {is:?}"),
    }
}

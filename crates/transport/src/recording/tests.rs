//! A recording, its form on disk, and what a replay of it answers.

use std::fs;
use std::path::{Path, PathBuf};

use crate::conformance::{self, Cases};
use crate::{
    ErrorKind, FileTransport, Headers, MockTransport, RawResponse, RecordingTransport, ReplayTransport,
    Request, Transport, Url,
};
use tempfile::TempDir;

use crate::file::tests::clock;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/transport")
}

fn ask(address: &str) -> Request {
    Request::get(address.parse::<Url>().expect("an address"))
}

/// Answers each request with the number of requests before it, and repeats a secret as a careless server would.
fn careless() -> MockTransport {
    let mut inner = MockTransport::new();
    let mut times = 0;
    inner.expect_send().returning(move |request| {
        times += 1;
        let secret = request.secret_headers().first().map_or("none", |(_, secret)| secret.expose());
        let body = format!("answer {times} for {secret}");
        let headers = [("Set-Cookie", "session=1"), ("X-Echo", secret), ("Content-Type", "text/plain")];
        Ok(RawResponse::new(&request, 200, Headers::from_iter(headers), body, clock_time()))
    });
    inner
}

fn clock_time() -> assize_ambient::Timestamp {
    use assize_ambient::Clock as _;
    clock().now()
}

#[tokio::test]
async fn a_replay_conforms() {
    let target = TempDir::new().unwrap();
    let files = FileTransport::new(fixtures().join("folder"), clock()).unwrap();
    let recorder = RecordingTransport::create(files, target.path(), clock()).unwrap();
    let known = ["one.csv", "two words.csv"].map(|name| {
        let body = fs::read(fixtures().join("folder").join(name)).expect("the fixture");
        (Request::get(Url::file(name).expect("a name")), body.into())
    });
    for (request, _) in &known {
        recorder.send(request.clone()).await.unwrap();
    }
    let missing = recorder.send(ask("file:missing.csv")).await.unwrap_err();
    let replay = ReplayTransport::open(target.path()).unwrap();
    let cases = Cases { known: known.into(), unknown: ask("file:three.csv"), refusal: ErrorKind::Unrecorded };
    conformance::check(&replay, &cases).await;
    let again = replay.send(ask("file:missing.csv")).await.unwrap_err();
    assert_eq!((again.kind(), again.to_string()), (ErrorKind::NotFound, missing.to_string()));
}

/// A recorder is a transport itself.
#[tokio::test]
async fn a_recorder_conforms() {
    let target = TempDir::new().unwrap();
    let files = FileTransport::new(fixtures().join("folder"), clock()).unwrap();
    let recorder = RecordingTransport::create(files, target.path(), clock()).unwrap();
    let body = fs::read(fixtures().join("folder/one.csv")).unwrap();
    let known = vec![(ask("file:one.csv"), body.into())];
    let cases = Cases { known, unknown: ask("file:three.csv"), refusal: ErrorKind::NotFound };
    conformance::check(&recorder, &cases).await;
}

#[tokio::test]
async fn no_secret_reaches_the_folder() {
    const SECRET: &str = "sk-12345678";
    let target = TempDir::new().unwrap();
    let recorder = RecordingTransport::create(careless(), target.path(), clock()).unwrap();
    let request = ask("https://example.org/a")
        .with_secret_header("authorization", SECRET)
        .and_then(|request| request.with_secret_query("key", "another-secret"))
        .unwrap();
    let live = recorder.send(request.clone()).await.unwrap();
    assert_eq!(live.body(), format!("answer 1 for {SECRET}").as_bytes(), "passed on unchanged");
    let lines = fs::read_to_string(target.path().join("recording.jsonl")).unwrap();
    let mut stored = lines.clone();
    for entry in fs::read_dir(target.path().join("bodies")).unwrap() {
        stored += &fs::read_to_string(entry.unwrap().path()).unwrap();
    }
    for hidden in [SECRET, "another-secret", "session=1"] {
        assert!(!stored.contains(hidden), "{hidden} in {stored}");
    }
    let replayed =
        ReplayTransport::open(target.path()).unwrap().send(ask("https://example.org/a")).await.unwrap();
    assert_eq!(replayed.body(), "answer 1 for [secret]".as_bytes());
    assert_eq!(replayed.headers().get("content-type"), Some("text/plain"));
    assert_eq!(replayed.fetched_at(), live.fetched_at());
    assert!(lines.starts_with(r#"{"format_version":1,"key":""#), "{lines}");
}

/// The key alone, where the header was `Bearer` and the key; a parameter as it was before it was encoded; the longer
/// of two secrets that begin alike.
#[tokio::test]
async fn no_part_of_a_secret_reaches_the_folder() {
    let target = TempDir::new().unwrap();
    let mut inner = MockTransport::new();
    inner.expect_send().returning(|request| {
        let body = "sk-123456, pass/word, pass%2Fword, sk-123456-long";
        Ok(RawResponse::new(&request, 200, Headers::default(), body, clock_time()))
    });
    let recorder = RecordingTransport::create(inner, target.path(), clock()).unwrap();
    let request = ask("https://example.org/a")
        .with_secret_header("authorization", "Bearer sk-123456")
        .and_then(|request| request.with_secret_header("x-key", "sk-123456-long"))
        .and_then(|request| request.with_secret_query("key", "pass%2Fword"))
        .unwrap();
    recorder.send(request).await.unwrap();
    let replay = ReplayTransport::open(target.path()).unwrap();
    let replayed = replay.send(ask("https://example.org/a")).await.unwrap();
    assert_eq!(replayed.body(), "[secret], [secret], [secret], [secret]".as_bytes());
}

#[tokio::test]
async fn repeated_requests_are_answered_in_order_and_then_with_the_last() {
    let target = TempDir::new().unwrap();
    let recorder = RecordingTransport::create(careless(), target.path(), clock()).unwrap();
    for _ in 0..2 {
        recorder.send(ask("https://example.org/a")).await.unwrap();
    }
    let replay = ReplayTransport::open(target.path()).unwrap();
    for expected in ["answer 1 for none", "answer 2 for none", "answer 2 for none"] {
        assert_eq!(replay.send(ask("https://example.org/a")).await.unwrap().body(), expected.as_bytes());
    }
}

#[test]
fn a_second_recording_in_one_folder_is_refused() {
    let target = TempDir::new().unwrap();
    RecordingTransport::create(MockTransport::new(), target.path(), clock()).unwrap();
    let error = RecordingTransport::create(MockTransport::new(), target.path(), clock()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Exists);
}

/// The committed recording: what an older program wrote must stay readable.
#[tokio::test]
async fn the_committed_recording_is_read() {
    let replay = ReplayTransport::open(fixtures().join("recording")).unwrap();
    assert_eq!(replay.urls(), ["file:missing.csv", "https://example.org/prices?symbol=KO"]);
    let response = replay.send(ask("https://example.org/prices?symbol=KO")).await.unwrap();
    assert_eq!((response.status(), response.body().len()), (200, 49));
    let error = replay.send(ask("https://example.org/prices?symbol=KOO")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unrecorded);
    assert_eq!(
        error.to_string(),
        "replay GET https://example.org/prices?symbol=KOO: it was not recorded; \
         the nearest recorded address is https://example.org/prices?symbol=KO"
    );
    let post = Request::post("https://example.org/prices?symbol=KO".parse().unwrap(), "x");
    let error = replay.send(post).await.unwrap_err();
    assert!(error.to_string().contains("another method or body"), "{error}");
}

/// Each kind of damage, done to a copy of the committed recording.
#[tokio::test]
async fn damage_is_named() {
    let whole = fs::read_to_string(fixtures().join("recording/recording.jsonl")).unwrap();
    let open = |text: &str| {
        let target = TempDir::new().unwrap();
        fs::write(target.path().join("recording.jsonl"), text).unwrap();
        ReplayTransport::open(target.path()).expect_err("damaged")
    };
    for (text, part) in [
        (whole.replace(r#""format_version":1"#, r#""format_version":2"#), "format_version 2"),
        (format!("{whole}{{\"format_version\":1,"), "line 3"),
        (whole.replace("bodies/", "../bodies/"), "`body_file` must be"),
        ("garbage".to_owned(), "line 1"),
    ] {
        let error = open(&text);
        assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
        assert!(error.to_string().contains(part), "{error}");
    }
    let nowhere = ReplayTransport::open(fixtures().join("nowhere")).unwrap_err();
    assert_eq!(nowhere.kind(), ErrorKind::NotFound);

    let target = TempDir::new().unwrap();
    fs::write(target.path().join("recording.jsonl"), whole).unwrap();
    let request = || ask("https://example.org/prices?symbol=KO");
    let replay = ReplayTransport::open(target.path()).unwrap();
    assert_eq!(replay.send(request()).await.unwrap_err().kind(), ErrorKind::Corrupt, "no body");
    fs::create_dir(target.path().join("bodies")).unwrap();
    let body = fs::read_dir(fixtures().join("recording/bodies")).unwrap().next().unwrap().unwrap();
    fs::write(target.path().join("bodies").join(body.file_name()), "changed").unwrap();
    assert_eq!(replay.send(request()).await.unwrap_err().kind(), ErrorKind::Corrupt, "another body");
    assert_eq!(replay.send(ask("file:missing.csv")).await.unwrap_err().kind(), ErrorKind::NotFound, "alone");
}

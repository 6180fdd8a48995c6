//! Bodies that were recorded as they came in, and how a replay gives them back.

use std::fs;

use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use tempfile::TempDir;

use crate::file::tests::clock;
use crate::{
    Error, ErrorKind, Headers, Incoming, MockTransport, RecordingTransport, ReplayTransport, Request,
    Transport,
};

type Pieces = &'static [Result<&'static str, &'static str>];

fn ask() -> Request {
    Request::post("https://example.org/a".parse().expect("an address"), "{}")
        .with_secret_header("authorization", "Bearer sk-12345")
        .expect("a header")
}

/// Opens each request with these pieces.
fn speaking(pieces: Pieces) -> MockTransport {
    let mut inner = MockTransport::new();
    inner.expect_open().returning(move |request| {
        let piece = |piece: &Result<&'static str, &'static str>| match piece {
            Ok(text) => Ok(Bytes::from(*text)),
            Err(text) => Err(ErrorKind::Broken.error(*text).sent(false)),
        };
        let body = stream::iter(pieces.iter().map(piece)).boxed();
        let headers = Headers::from_iter([("content-type", "text/event-stream")]);
        Ok(Incoming::new(&request, 200, headers, body, jiff::Timestamp::UNIX_EPOCH))
    });
    inner
}

/// At most `most` items of a body, its pieces as text.
async fn read(transport: &impl Transport, most: usize) -> Vec<Result<String, Error>> {
    let body = transport.open(ask()).await.expect("it opens").into_body();
    let text = |piece: Result<Bytes, Error>| piece.map(|piece| String::from_utf8_lossy(&piece).into_owned());
    body.take(most).map(text).collect().await
}

/// What the live reader and then a reader of the replay got, each at most so much.
async fn recorded(
    pieces: Pieces,
    most: usize,
) -> (Vec<Result<String, Error>>, Vec<Result<String, Error>>, TempDir) {
    let folder = TempDir::new().expect("a folder");
    let recorder = RecordingTransport::create(speaking(pieces), folder.path(), clock()).expect("a recording");
    let live = read(&recorder, most).await;
    let replay = ReplayTransport::open(folder.path()).expect("a recording");
    (live, read(&replay, usize::MAX).await, folder)
}

fn texts(items: &[Result<String, Error>]) -> Vec<&str> {
    items.iter().filter_map(|item| item.as_deref().ok()).collect()
}

#[tokio::test]
async fn pieces_come_back_as_they_came() {
    for pieces in [&[][..], &[Ok("all")], &[Ok("one, "), Ok(""), Ok("two, "), Ok("three")]] {
        let (live, replayed, folder) = recorded(pieces, usize::MAX).await;
        assert_eq!(texts(&live), texts(&replayed));
        assert!(live.iter().chain(&replayed).all(Result::is_ok));
        let whole = ReplayTransport::open(folder.path()).unwrap().send(ask()).await.unwrap();
        assert_eq!(whole.body(), texts(&live).concat().as_bytes());
        assert_eq!(whole.headers().get("content-type"), Some("text/event-stream"));
    }
}

#[tokio::test]
async fn a_body_in_too_many_pieces() {
    let pieces: Pieces = vec![Ok("a"); 70_000].leak();
    let (live, replayed, _folder) = recorded(pieces, usize::MAX).await;
    assert_eq!((live.len(), replayed.len()), (70_000, 65_536));
    assert_eq!(texts(&replayed).concat(), texts(&live).concat());
    assert_eq!(texts(&replayed).last().map(|piece| piece.len()), Some(70_000 - 65_535));
}

#[tokio::test]
async fn a_replay_breaks_where_it_broke() {
    let (live, replayed, folder) =
        recorded(&[Ok("one, "), Ok("two"), Err("read it: cut by sk-12345")], usize::MAX).await;
    assert_eq!((live.len(), replayed.len()), (3, 3));
    assert_eq!(texts(&replayed), ["one, ", "two"]);
    let error = replayed[2].as_ref().unwrap_err();
    assert_eq!((error.kind(), error.may_have_been_sent()), (ErrorKind::Broken, false));
    assert_eq!(error.to_string(), "read it: cut by [secret]");
    let whole = ReplayTransport::open(folder.path()).unwrap().send(ask()).await.unwrap_err();
    assert_eq!(whole.kind(), ErrorKind::Broken, "and whole, it fails");
}

/// What its reader did not wait for is not known; that it left is.
#[tokio::test]
async fn a_body_that_was_left() {
    for (most, came) in [(0, &[][..]), (1, &["one, "]), (2, &["one, ", "two"])] {
        let (_, replayed, _folder) = recorded(&[Ok("one, "), Ok("two"), Ok("three")], most).await;
        assert_eq!(texts(&replayed), came);
        let error = replayed.last().unwrap().as_ref().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unrecorded, "{error}");
        assert!(error.to_string().contains("its reader left here"), "{error}");
    }
}

#[tokio::test]
async fn a_secret_in_two_pieces() {
    let (live, replayed, folder) =
        recorded(&[Ok("a Bear"), Ok("er sk-1"), Ok("2345 b sk-123"), Ok("45")], usize::MAX).await;
    assert_eq!(texts(&live).concat(), "a Bearer sk-12345 b sk-12345", "passed on unchanged");
    assert_eq!(texts(&replayed), ["a [secret]", "", " b [secret]", ""]);
    for entry in fs::read_dir(folder.path().join("bodies")).unwrap() {
        let stored = fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(!stored.contains("sk-1"), "{stored}");
    }
}

/// A recording whose disk is gone fails whoever asks next, should its reader have left before.
#[tokio::test]
async fn trouble_is_told() {
    let folder = TempDir::new().unwrap();
    let recorder = RecordingTransport::create(speaking(&[Ok("one")]), folder.path(), clock()).unwrap();
    fs::remove_dir_all(folder.path().join("bodies")).unwrap();
    drop(recorder.open(ask()).await.unwrap());
    let error = recorder.open(ask()).await.unwrap_err();
    assert!(error.to_string().contains("write the recording in"), "{error}");
    let items = read(&recorder, usize::MAX).await;
    assert_eq!(texts(&items), ["one"]);
    assert!(items[1].as_ref().unwrap_err().to_string().contains("write the recording in"));
}

#[tokio::test]
async fn pieces_that_do_not_fit_the_body() {
    let (_, _, folder) = recorded(&[Ok("one, "), Ok("two")], usize::MAX).await;
    let path = folder.path().join("recording.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(r#""pieces":[5,3]"#) && text.contains(r#""format_version":1"#), "{text}");
    for wrong in ["[5]", "[5,4]", "[9]", "[18446744073709551615,1]"] {
        fs::write(&path, text.replace("[5,3]", wrong)).unwrap();
        let error = ReplayTransport::open(folder.path()).unwrap().open(ask()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
    }
}

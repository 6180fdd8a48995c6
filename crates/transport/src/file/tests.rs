//! Files below a folder: what is read, listed and refused.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use crate::conformance::{self, Cases};
use crate::{ErrorKind, FileTransport, Request, Transport, Url};
use assize_ambient::{FixedClock, Timestamp};
use tempfile::TempDir;

pub(crate) fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock::new("2026-11-20T12:00:00Z".parse::<Timestamp>().expect("a time")))
}

fn folder() -> TempDir {
    let outer = TempDir::new().expect("a temporary folder");
    let root = outer.path().join("root");
    fs::create_dir_all(root.join("sub/deeper")).expect("folders");
    fs::write(outer.path().join("outside.csv"), "secret").expect("a file");
    fs::write(root.join("KO.csv"), "ko").expect("a file");
    fs::write(root.join("with space & ünïcode%.csv"), "odd").expect("a file");
    fs::write(root.join("empty.csv"), "").expect("a file");
    fs::write(root.join("sub/PEP.csv"), "pep").expect("a file");
    outer
}

fn transport(outer: &TempDir) -> FileTransport {
    FileTransport::new(outer.path().join("root"), clock()).expect("the folder is there")
}

fn ask(address: &str) -> Request {
    Request::get(address.parse::<Url>().expect("an address"))
}

#[tokio::test]
async fn conforms() {
    let outer = folder();
    let known =
        [("KO.csv", "ko"), ("with space & ünïcode%.csv", "odd"), ("sub/PEP.csv", "pep"), ("empty.csv", "")]
            .map(|(name, body)| (Request::get(Url::file(name).unwrap()), body.into()));
    let cases = Cases { known: known.into(), unknown: ask("file:nothing.csv"), refusal: ErrorKind::NotFound };
    conformance::check(&transport(&outer), &cases).await;
}

#[tokio::test]
async fn what_is_refused_and_how() {
    let outer = folder();
    let root = outer.path().join("root");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(outer.path().join("outside.csv"), root.join("out.csv")).unwrap();
        std::os::unix::fs::symlink(outer.path(), root.join("up")).unwrap();
        std::os::unix::fs::symlink("KO.csv", root.join("in.csv")).unwrap();
    }
    let files = transport(&outer).with_limit(2);
    for (address, kind) in [
        ("file:../outside.csv", ErrorKind::Denied),
        ("file:%2e%2e/outside.csv", ErrorKind::Denied),
        ("file:sub/../../outside.csv", ErrorKind::Denied),
        ("file:sub/../KO.csv", ErrorKind::Denied),
        ("file:///etc/passwd", ErrorKind::Denied),
        ("file:/etc/passwd", ErrorKind::Denied),
        ("file:nothing.csv", ErrorKind::NotFound),
        ("file:KO.csv/x", ErrorKind::NotFound),
        ("file:sub", ErrorKind::BadRequest),
        ("file:sub/PEP.csv", ErrorKind::TooLarge),
        ("file:a%00b", ErrorKind::BadRequest),
        ("file:%ff", ErrorKind::BadRequest),
        ("https://example.org/", ErrorKind::BadRequest),
        #[cfg(unix)]
        ("file:out.csv", ErrorKind::Denied),
        #[cfg(unix)]
        ("file:up/outside.csv", ErrorKind::Denied),
    ] {
        let error = files.send(ask(address)).await.expect_err(address);
        assert_eq!(error.kind(), kind, "{address}: {error}");
        assert!(!error.to_string().contains(&outer.path().display().to_string()), "{error}");
    }
    let post = Request::post(Url::file("KO.csv").unwrap(), "x");
    assert_eq!(files.send(post).await.unwrap_err().kind(), ErrorKind::BadRequest);
    #[cfg(unix)]
    assert_eq!(files.send(ask("file:in.csv")).await.unwrap().body(), "ko".as_bytes());
}

#[test]
fn lists_its_own_files_sorted() {
    let outer = folder();
    #[cfg(unix)]
    std::os::unix::fs::symlink(outer.path().join("outside.csv"), outer.path().join("root/out.csv")).unwrap();
    assert_eq!(transport(&outer).list().unwrap(), ["KO.csv", "empty.csv", "with space & ünïcode%.csv"]);
}

#[test]
fn a_folder_that_is_none() {
    let outer = folder();
    let open = |path: &Path| FileTransport::new(path, clock()).expect_err("not a folder").kind();
    assert_eq!(open(&outer.path().join("nowhere")), ErrorKind::NotFound);
    assert_eq!(open(&outer.path().join("outside.csv")), ErrorKind::BadRequest);
}

#[tokio::test]
async fn the_clock_dates_the_response() {
    let outer = folder();
    let response = transport(&outer).send(ask("file:KO.csv")).await.unwrap();
    assert_eq!(response.fetched_at().to_string(), "2026-11-20T12:00:00Z");
}

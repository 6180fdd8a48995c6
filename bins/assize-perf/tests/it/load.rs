//! `assize-perf load`, against a handler in this process.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    thread,
};

use serde_json::Value;

use crate::told;

/// Answers everything at once, a thread for each connection, until the test is over; requests have no body.
fn handler() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port of this machine");
    let address = listener.local_addr().expect("it has an address");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || answer(&stream));
        }
    });
    format!("http://{address}")
}

fn answer(mut stream: &TcpStream) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    loop {
        let first = lines.next()?.ok()?;
        while !lines.next()?.ok()?.is_empty() {}
        let status = if first.contains("/missing") { "404 Not Found" } else { "200 OK" };
        write!(stream, "HTTP/1.1 {status}\r\ncontent-length: 2\r\n\r\nok").ok()?;
    }
}

fn fixture(name: &str) -> String {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/load")).join(name).display().to_string()
}

#[test]
fn scenarios_are_listed_and_shown() {
    let (code, out, err) = told(&["load", "--list"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("debate-users") && out.contains("1, start 2, status 3"), "{out}");
    let (code, out, _) = told(&["load", "--list", "--json"]);
    let json: Value = serde_json::from_str(&out).expect("one JSON document");
    assert_eq!((code, json["scenarios"].as_array().map(Vec::len)), (0, Some(9)));
    let (code, out, _) = told(&["load", "normal", "--show"]);
    assert!(code == 0 && out.contains("rate = \"41.5/s\""), "{out}");
}

#[test]
fn load_is_applied_and_judged() {
    let (url, folder) = (handler(), tempfile::tempdir().expect("a folder"));
    let to = folder.path().join("report").display().to_string();
    let pid = std::process::id().to_string();
    let mut arguments = vec!["load".to_owned(), fixture("pages.toml"), "--url".to_owned(), url.clone()];
    arguments.extend([
        "--targets".to_owned(),
        fixture("targets.toml"),
        "--out".to_owned(),
        to.clone(),
        "--json".to_owned(),
    ]);
    if cfg!(target_os = "linux") {
        arguments.extend(["--pid".to_owned(), pid, "--every".to_owned(), "20ms".to_owned()]);
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (code, out, err) = told(&arguments);
    let json: Value = serde_json::from_str(&out).expect("one JSON document");
    // A third of its requests are for a page that is not there.
    assert_eq!((code, err.as_str(), json["verdict"].as_str()), (1, "", Some("failed")), "{out}");
    let run = fs::read(Path::new(&to).join("run.json")).expect("the run is written");
    let run = assize_perf::Run::from_json(&run, "run.json").expect("it is a run");
    let value = |id: &str, metric: &str| run.measured(id, metric).next().map(|m| m.value);
    assert_eq!(value("load/pages/missing", "error-rate"), Some(1.0));
    assert_eq!(value("load/pages/home", "error-rate"), Some(0.0));
    assert!(value("load/pages/total", "throughput").is_some_and(|rate| rate > 50.0));
    assert!(run.findings.iter().any(|finding| finding.text.contains("insufficient")));
    if cfg!(target_os = "linux") {
        assert!(value("load/pages/process", "resident").is_some_and(|bytes| bytes > 100_000.0));
    }
}

#[test]
fn two_addresses_and_several_rates() {
    let url = handler();
    let pages = fixture("pages.toml");
    let (code, out, err) = told(&[
        "load",
        &pages,
        "--url",
        &url,
        "--against",
        &url,
        "--pairs",
        "2",
        "--duration",
        "200ms",
        "--json",
    ]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("needs 6"), "{out}");
    let (code, out, err) =
        told(&["load", &pages, "--url", &url, "--rates", "100,200", "--duration", "200ms"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("1,000 requests"), "{err}");
    let (code, out, _) = told(&["load", &pages, "--url", &url, "--closed", "--duration", "300ms"]);
    assert!(code == 0 && out.contains("corrected-p95"), "{out}");
}

#[test]
fn a_wrong_request_is_exit_code_2() {
    for (arguments, expected) in [
        (&["load", "normal"][..], "no address"),
        (&["load", "nrmal", "--url", "http://127.0.0.1:1"], "nrmal"),
        (&["load", "no/such.toml", "--url", "http://127.0.0.1:1"], "such.toml"),
        (&["load", "normal", "--url", "https://127.0.0.1"], "TLS"),
        (&["load", "normal", "--url", "http://127.0.0.1:1", "--duration", "long"], "--duration"),
        (&["load", "normal", "--url", "http://127.0.0.1:1", "--rate", "1e9"], "rate"),
        (&["load", "normal", "--url", "http://127.0.0.1:1", "--workers", "0"], "workers"),
        (&["load", "normal", "--url", "http://127.0.0.1:1", "--pid", "4294967295"], "4294967295"),
    ] {
        let (code, out, err) = told(arguments);
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}: {err}");
        assert!(err.starts_with("error: ") && err.contains(expected), "{arguments:?}: {err}");
    }
}

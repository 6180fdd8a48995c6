//! `assize world`: played vendors, over real sockets, until a signal.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::Command,
};

use serde_json::Value;

use crate::program::Place;

/// Sends one request to the address, and gives the whole answer.
fn ask(address: &str, path: &str, headers: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("a connection");
    let length = body.len();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{headers}\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .expect("it is sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

#[cfg(unix)]
#[test]
fn it_listens_answers_and_tells_the_truth_at_the_end() {
    let place = Place::new();
    let arguments = [
        "world",
        "--json",
        "--seed",
        "3",
        "--fault",
        "cut=0",
        "--fault",
        "stall=0",
        "--ticker",
        "KO,ACME",
        "--truth",
        "truth.json",
    ];
    let mut program = place.command(&arguments).spawn().expect("it runs");
    let mut out = BufReader::new(program.stdout.take().expect("its output"));
    let mut line = String::new();
    out.read_line(&mut line).expect("the first line, while it runs");
    let ready: Value = serde_json::from_str(&line).expect("JSON");
    let address = ready["listening"].as_str().expect("an address").trim_start_matches("http://").to_owned();
    assert_eq!(ready["base"]["openai"], format!("http://{address}/v1"));

    let openai = r#"{"model":"m","messages":[{"role":"user","content":"Hi"}]}"#;
    let answer = ask(&address, "/v1/chat/completions", "authorization: Bearer sk-very-secret", openai);
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains("chat.completion"), "{answer}");
    let anthropic =
        r#"{"model":"m","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"Hi"}]}"#;
    let answer = ask(&address, "/v1/messages", "x-api-key: k\r\nanthropic-version: 2023-06-01", anthropic);
    assert!(answer.contains("event: message_stop"), "{answer}");
    let gemini = r#"{"contents":[{"parts":[{"text":"Hi"}]}]}"#;
    let answer = ask(&address, "/v1beta/models/m:generateContent", "x-goog-api-key: k", gemini);
    assert!(answer.contains("usageMetadata"), "{answer}");

    assert_eq!(ready["sites"], format!("http://{address}/host/"));
    let listed = ask(&address, "/host/www.sec.gov/files/company_tickers.json", "accept: */*", "");
    assert!(listed.starts_with("HTTP/1.1 200 OK") && listed.contains(r#""ticker":"ACME""#), "{listed}");

    let interrupted =
        Command::new("kill").args(["-INT", &program.id().to_string()]).status().expect("kill runs");
    assert!(interrupted.success());
    let mut rest = String::new();
    out.read_to_string(&mut rest).expect("the truth");
    assert_eq!(program.wait().expect("it ends").code(), Some(0));
    let truth: Value = serde_json::from_str(&rest).expect("one JSON document");
    assert_eq!(truth["format_version"], 1);
    for vendor in ["openai", "anthropic", "gemini"] {
        assert_eq!(truth["vendors"][vendor]["served"]["m"]["requests"], 1, "{rest}");
    }
    assert!(!rest.contains("sk-very-secret"), "{rest}");
    assert_eq!(truth["hosts"]["sec.gov"]["served"], 1, "{rest}");
    let market: Value = serde_json::from_str(&place.read("truth.json")).expect("JSON");
    assert_eq!((&market["format_version"], &market["seed"]), (&1.into(), &3.into()));
    assert!(market["companies"]["KO"]["bars"].as_array().is_some_and(|bars| bars.len() > 200));
}

#[test]
fn what_cannot_be_played_is_refused() {
    let place = Place::new();
    for (arguments, code, why) in [
        (&["world", "--fault", "flood=0.1"][..], 2, "error_inside"),
        (&["world", "--fault", "cut=2"], 2, "share from 0 to 1"),
        (&["world", "--fault", "cut=0.6", "--fault", "hang=0.6"], 2, "together they must hit at most 1"),
        (&["world", "--fault", "down=0.6", "--fault", "stall=0.6"], 2, "together they must hit at most 1"),
        (&["world", "--addr", "0.0.0.0:0"], 2, "--expose"),
        (&["world", "--limit", "0"], 2, "0 is not in"),
    ] {
        let told = place.told(arguments);
        assert_eq!((told.code, told.out.as_str()), (code, ""), "{arguments:?}: {}", told.err);
        assert!(told.err.contains(why), "{arguments:?}: {}", told.err);
    }
}

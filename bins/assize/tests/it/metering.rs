//! `cost`, `tokens` and `models`: money to the last digit, tokens, and what cannot be priced.

use std::{io::Write, process::Stdio};

use serde_json::Value;

use crate::program::{Place, Told};

fn json(told: &Told) -> Value {
    serde_json::from_str(&told.out).expect("one JSON document")
}

#[test]
fn a_call_costs_what_its_list_says() {
    let place = Place::new();
    let told = place.told(&[
        "cost",
        "claude-3-5-sonnet-20241022",
        "--input",
        "1000000",
        "--output",
        "1000000",
        "--at",
        "2024-11-05",
    ]);
    assert_eq!(told.code, 0, "{}", told.err);
    assert!(told.out.starts_with("claude-3-5-sonnet-20241022: 18.00 USD\n"), "{}", told.out);
    let told = place.told(&["cost", "gpt-9-nonsense", "--input", "1", "--output", "1"]);
    assert_eq!((told.code, told.out.as_str()), (2, ""));
    assert!(told.err.contains("the nearest known are `gpt-5"), "{}", told.err);
}

#[test]
fn every_bucket_is_explained() {
    let place = Place::new();
    let call = ["cost", "gpt-5.4", "--input", "200000", "--cached-input", "1000", "--output", "800"];
    let terms = ["--reasoning", "20", "--mode", "priority", "--geo", "eu", "--at", "2026-11-20", "--explain"];
    let told = place.told(&[&call[..], &terms[..]].concat());
    assert_eq!(told.code, 0, "{}", told.err);
    for words in
        ["1.12761 USD", "200000 × 5000000", "stated (priority)", "another stands in", "× 1.1 for the place"]
    {
        assert!(told.out.contains(words), "{words}: {}", told.out);
    }
    for (terms, why) in [
        (&["--mode", "slow"][..], "write one of standard, batch, flex, priority, fast"),
        (&["--geo", "moon"], "write one of global, us, eu, regional"),
        (&["--unit", "web_search"], "write it as web_search=2"),
        (&["--unit", "cup=2"], "write one of request, web_search"),
        (&["--unit", "page=1"], "1 pieces of `page`"),
        (&["--at", "2026-11-01T08:30"], "write a day such as"),
    ] {
        let told = place.told(&[&call[..], terms].concat());
        assert_eq!(told.code, 2, "{terms:?}");
        assert!(told.err.contains(why), "{terms:?}: {}", told.err);
    }
}

const REPLIES: &str = r#"{"model":"gpt-4o-2024-08-06","created":1750000000,"usage":{"prompt_tokens":1000,"completion_tokens":100,"total_tokens":1100,"prompt_tokens_details":{"cached_tokens":600}}}
{"custom_id":"1","response":{"body":{"model":"gpt-4o-2024-08-06","usage":{"prompt_tokens":1000,"completion_tokens":100,"total_tokens":1100}}}}
no JSON
{"model":"acme-9000","usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}
{"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}
"#;

const STREAM: &str = r#"event: message_start
data: {"type":"message_start","message":{"model":"claude-sonnet-4-5-20250929","usage":{"input_tokens":1000,"output_tokens":1}}}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":1000,"output_tokens":100}}

event: message_stop
data: {"type":"message_stop"}
"#;

#[test]
fn recorded_calls_are_priced_one_by_one_and_never_at_nothing() {
    let place = Place::new().with_file("replies.jsonl", REPLIES).with_file("stream.txt", STREAM);
    let told = place.told(&[
        "cost",
        "--usage",
        "replies.jsonl",
        "--usage",
        "stream.txt",
        "--at",
        "2026-05-01",
        "--json",
    ]);
    assert_eq!(told.code, 2, "three records have no price: {}", told.err);
    let told = json(&told);
    assert_eq!((&told["priced"], &told["unpriced"]), (&Value::from(3), &Value::from(3)));
    let usd: Vec<Option<&str>> =
        told["records"].as_array().expect("records").iter().map(|r| r["usd"].as_str()).collect();
    // 400 × 2.5 + 600 × 1.25 + 100 × 10; half of 1,000 × 2.5 + 100 × 10; 1,000 × 3 + 100 × 15.
    assert_eq!(usd, [Some("0.00275"), Some("0.00175"), None, None, None, Some("0.0045")]);
    assert_eq!(told["usd"], "0.009");
    let problems = told["records"].to_string();
    for words in ["replies.jsonl:3", "no JSON", "acme-9000", "names no model", "stream.txt:2"] {
        assert!(problems.contains(words), "{words}: {problems}");
    }
    let told = place.told(&["cost", "gpt-4o-mini", "--usage", "none.jsonl"]);
    assert_eq!(told.code, 2, "{}", told.err);
    let blank = Place::new().with_file("blank.txt", " \n");
    assert!(blank.told(&["cost", "--usage", "blank.txt"]).err.contains("it holds no record"));
}

#[test]
fn prices_of_ones_own_come_first() {
    let own = "format_version = 1\n[[price]]\nvendor = \"acme\"\nid = \"acme-9000\"\ninput = \"1\"\noutput = \"2\"\nsource = \"us\"\n";
    let map = r#"{"acme/wide": {"litellm_provider": "acme", "mode": "chat", "input_cost_per_token": 3e-06, "output_cost_per_token": 1e-05}}"#;
    let place = Place::new()
        .with_file("own.toml", own)
        .with_file("wrong.toml", own.replace("\"1\"", "\"-1\""))
        .with_file("map.json", map);
    let cost = |model, files: &[&str]| {
        place.told(&[&["cost", model, "--input", "1000000", "--output", "0"], files].concat())
    };
    assert!(cost("acme-9000", &["--price-book", "own.toml"]).out.starts_with("acme-9000: 1.00 USD"));
    let told = cost("acme/wide", &["--litellm-map", "map.json"]);
    assert!(told.out.contains(": 3.00 USD"), "{} {}", told.out, told.err);
    let told = cost("acme-9000", &["--price-book", "wrong.toml"]);
    assert_eq!(told.code, 2);
    assert!(told.err.contains("wrong.toml, line 5, `input`"), "{}", told.err);
}

#[test]
fn tokens_are_counted_and_say_how_surely() {
    let place = Place::new()
        .with_file("a.txt", "hello world")
        .with_file("b.txt", "")
        .with_file("bad.txt", [104, 10, 255]);
    let told = place.told(&[
        "tokens",
        "--model",
        "gpt-4o",
        "--model",
        "claude-sonnet-4-6",
        "a.txt",
        "b.txt",
        "--json",
    ]);
    assert_eq!(told.code, 0, "{}", told.err);
    let counted = json(&told);
    let counts = &counted["files"][0]["counts"];
    assert_eq!((&counts[0]["tokens"], &counts[0]["exactness"]), (&Value::from(2), &Value::from("exact")));
    assert!(
        counts[1]["exactness"].as_str().is_some_and(|words| words.starts_with("estimated ± ")),
        "{counts}"
    );
    assert_eq!(counted["files"][1]["counts"][0]["tokens"], 0);
    assert!(place.told(&["tokens", "bad.txt"]).err.contains("line 2 is no UTF-8 text"));
    assert!(place.told(&["tokens", "none.txt"]).err.contains("read none.txt"));
    let mut running = place.command(&["tokens", "-"]).stdin(Stdio::piped()).spawn().expect("it runs");
    running.stdin.take().expect("a pipe").write_all(b"hello world").expect("it listens");
    let done = running.wait_with_output().expect("it ends");
    assert!(String::from_utf8_lossy(&done.stdout).contains("standard input"), "{done:?}");
}

#[test]
fn prompts_are_counted_with_all_that_is_around_their_texts() {
    let request =
        r#"{"model": "gpt-4o", "messages": [{"role": "user", "content": "Reply with exactly: cobalt"}]}"#;
    let place = Place::new().with_file("request.json", request).with_file("text.txt", "no JSON");
    let told = place.told(&["tokens", "--model", "gpt-4o", "--chat", "request.json", "--json"]);
    assert_eq!(json(&told)["files"][0]["counts"][0]["tokens"], 12, "{}", told.err);
    let told = place.told(&["tokens", "--chat", "request.json"]);
    assert!(told.code == 2 && told.err.contains("name a model"), "{}", told.err);
    assert_eq!(place.told(&["tokens", "--model", "gpt-4o", "--chat", "text.txt"]).code, 2);
}

#[test]
fn models_are_listed_by_vendor_time_and_in_full() {
    let place = Place::new();
    let told =
        place.told(&["models", "mistral-large-4", "--vendor", "mistral", "--at", "2026-10-25", "--json"]);
    assert_eq!(json(&told)["models"].as_array().map(Vec::len), Some(1), "{}", told.out);
    let told = place.told(&["models", "gpt-5.4", "--vendor", "openai", "--explain"]);
    for words in ["above 272000", "priority", "bound to eu", "Source: "] {
        assert!(told.out.contains(words), "{words}: {}", told.out);
    }
    assert_eq!(place.told(&["models", "--vendor", "nobody"]).code, 2);
}

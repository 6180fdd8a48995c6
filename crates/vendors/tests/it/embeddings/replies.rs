//! Replies as servers write them, and as none should.

use std::{fmt::Write, fs, path::Path};

use assize_llm::ErrorKind as Call;
use assize_retrieval::{Embedder, ErrorKind, MAX_DIMENSIONS, MAX_TEXTS};
use assize_transport::ErrorKind as Broken;
use serde_json::{Value, json};

use super::{call, endpoint, over, three};
use crate::{
    recordings,
    server::{Answer, Server},
};

#[tokio::test(start_paused = true)]
async fn what_servers_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/vendors/embeddings");
    let mut files: Vec<_> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    let mut shown = String::new();
    for file in files {
        let name = file.file_stem().expect("a name").to_string_lossy().into_owned();
        let body = fs::read_to_string(&file).expect("a fixture");
        let status = if name == "error_mistral" { 400 } else { 200 };
        let (model, server) = three([Answer::new(status, "application/json", &body)]);
        let said = match model.embed(&["one", "two"]).await {
            Ok(vectors) => format!("{vectors:?}"),
            Err(error) => format!("{:?}: {error}", error.kind()),
        };
        writeln!(shown, "{name}: {said}").expect("a text");
        assert_eq!(server.bodies().len(), 1, "{name}: none of these is asked for again");
    }
    insta::assert_snapshot!(shown);
}

/// Vectors as plain JSON has them, in the order of their indices; none of it goes through the code that is tested.
fn held(body: &Value) -> Option<Vec<Vec<f64>>> {
    let mut items: Vec<&Value> = body["data"].as_array()?.iter().collect();
    items.sort_by_key(|item| item["index"].as_u64());
    let vector = |item: &&Value| {
        let numbers: Vec<f64> = item["embedding"].as_array()?.iter().filter_map(Value::as_f64).collect();
        let length = numbers.iter().map(|number| number * number).sum::<f64>().sqrt();
        Some(numbers.into_iter().map(|number| number / length).collect())
    };
    items.iter().map(vector).collect()
}

#[tokio::test(start_paused = true)]
async fn every_recorded_exchange_is_read_back() {
    for recording in recordings::all().into_iter().filter(|own| own.path.ends_with("/embeddings")) {
        let answer = Answer::new(recording.status, "application/json", &recording.body);
        let json: Value = serde_json::from_str(&recording.body).expect("a body of JSON");
        let vectors = if recording.status == 200 { held(&json) } else { None };
        let n_texts = vectors.as_ref().map_or(1, Vec::len);
        let texts: Vec<String> = (0..n_texts).map(|n| n.to_string()).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let dimensions = vectors.as_ref().map_or(3, |vectors| vectors[0].len());
        let model =
            over(Server::saying([answer]), endpoint()).with_dimensions(dimensions).with_most_texts(MAX_TEXTS);
        let found = model.build().expect("a model").embed(&texts).await;
        match vectors {
            Some(vectors) => {
                let found = found.unwrap_or_else(|e| panic!("{}: {e}", recording.name));
                for (x, y) in found.iter().flatten().zip(vectors.iter().flatten()) {
                    assert!((f64::from(*x) - y).abs() < 1e-6, "{}: {x} {y}", recording.name);
                }
                assert_eq!(found.len(), vectors.len());
            }
            None => assert!(!call(&found.expect_err("a refusal")).message().is_empty()),
        }
    }
}

/// A reply of two vectors whose second item is this.
fn second(item: &Value) -> Answer {
    Answer::json(&json!({"data": [{"index": 0, "embedding": [1, 0, 0]}, item]}).to_string())
}

#[tokio::test(start_paused = true)]
async fn vectors_that_are_none() {
    let with = |embedding: Value| second(&json!({"index": 1, "embedding": embedding}));
    let many = |n: usize| json!({"data": vec![json!({"embedding": [1, 0, 0]}); n]}).to_string();
    for (what, answer, why) in [
        ("fewer vectors", Answer::json(&many(1)), "1 vectors came for 2 texts"),
        ("none", Answer::json(r#"{"data":[]}"#), "0 vectors came for 2 texts"),
        ("more", Answer::json(&many(3)), "3 vectors came for 2 texts"),
        ("far more", Answer::json(&many(MAX_TEXTS + 9)), "more than 2048 vectors came for 2 texts"),
        (
            "an index twice",
            second(&json!({"index": 0, "embedding": [1, 0, 0]})),
            "two vectors have the index 0",
        ),
        (
            "an index beyond",
            second(&json!({"index": 2, "embedding": [1, 0, 0]})),
            "a vector has the index 2 among 2",
        ),
        (
            "an index far beyond",
            second(&json!({"index": u64::MAX, "embedding": [1]})),
            "a vector has the index 18446744073709551615 among 2",
        ),
        ("no vector", second(&json!({"index": 1})), "a vector has 0 dimensions, not 3"),
        ("null", with(json!(null)), "a vector has 0 dimensions, not 3"),
        ("two dimensions", with(json!([1, 0])), "a vector has 2 dimensions, not 3"),
        ("four dimensions", with(json!([1, 0, 0, 0])), "a vector has 4 dimensions, not 3"),
        ("zero", with(json!([0, 0.0, -0.0])), "a vector is zero and has no direction"),
        ("no number", with(json!([1, null, 0])), "a vector has a component that is no finite number"),
        // Python: base64.b64encode(struct.pack("<3f", 1, math.nan, 0)), and of infinity.
        (
            "NaN in base64",
            with(json!("AACAPwAAwH8AAAAA")),
            "a vector has a component that is no finite number",
        ),
        (
            "infinity in base64",
            with(json!("AACAPwAAgH8AAAAA")),
            "a vector has a component that is no finite number",
        ),
        ("no base64", with(json!("one, two")), "a vector is no base64 of four bytes a component"),
        ("half base64", with(json!("AACAPwAAwH8AAAA=")), "a vector is no base64 of four bytes a component"),
    ] {
        let (model, server) = three([answer]);
        let error = model.embed(&["one", "two"]).await.expect_err(what);
        assert_eq!(error.kind(), ErrorKind::BadVector, "{what}: {error}");
        assert_eq!(error.to_string(), format!("embed with local/m: {why}"), "{what}");
        assert_eq!(server.bodies().len(), 1, "{what}: it would be so again");
    }
}

#[tokio::test(start_paused = true)]
async fn bodies_that_are_no_replies() {
    let cut = &r#"{"data":[{"index":0,"embedding":[1,0,0]},{"index":1,"embedding":[0.1,"#;
    let deep = "[".repeat(100_000);
    let costly = format!(r#"{{"data":[],"usage":[{}0]}}"#, r#"{"":0},"#.repeat(1 << 20));
    let long = format!(r#"{{"data":[{{"embedding":[{}0]}}]}}"#, "0,".repeat(60 * MAX_DIMENSIONS));
    let broken = || Broken::Broken.error("read: the connection broke");
    for (what, answer, kind) in [
        ("cut", Answer::json(cut), Call::Malformed),
        ("broken off", Answer::json(cut).then(broken()), Call::CutStream),
        ("empty", Answer::json(""), Call::Malformed),
        ("HTML", Answer::new(200, "text/html", "<html>Sign in</html>"), Call::Malformed),
        ("HTML that is called JSON", Answer::json("<html>Sign in</html>"), Call::Malformed),
        ("text", Answer::new(200, "text/plain", "upstream connect error"), Call::Malformed),
        ("a list", Answer::json("[[1,0,0],[0,1,0]]"), Call::Malformed),
        ("an object", Answer::json("{}"), Call::Malformed),
        ("no list", Answer::json(r#"{"data":{"embedding":[1,0,0]}}"#), Call::Malformed),
        ("a word for a number", Answer::json(r#"{"data":[{"embedding":["one"]}]}"#), Call::Malformed),
        ("vectors in vectors", Answer::json(r#"{"data":[{"embedding":[[1,0,0]]}]}"#), Call::Malformed),
        ("NaN as Python writes it", Answer::json(r#"{"data":[{"embedding":[NaN,0,0]}]}"#), Call::Malformed),
        ("a number beyond all", Answer::json(r#"{"data":[{"embedding":[1e39,0,0]}]}"#), Call::Malformed),
        ("deep", Answer::json(&deep), Call::Malformed),
        ("costly to read", Answer::json(&costly), Call::Malformed),
        ("huge", Answer::json(&long), Call::Malformed),
        (
            "a failure inside",
            Answer::json(r#"{"error":{"message":"No capacity","type":"overloaded_error"}}"#),
            Call::Overloaded,
        ),
        (
            "a failure beside",
            Answer::json(r#"{"data":null,"error":{"message":"Slow down","code":"rate_limit_exceeded"}}"#),
            Call::RateLimited,
        ),
    ] {
        let (model, server) = three([answer]);
        let error = model.embed(&["one", "two"]).await.expect_err(what);
        assert_eq!((error.kind(), call(&error).kind()), (ErrorKind::Unavailable, kind), "{what}: {error}");
        assert!(error.to_string().len() < 600, "{what}: {error}");
        assert_eq!(server.bodies().len(), 4, "{what}: it may be otherwise the next time");
    }
}

//! Whatever happens to a call, its key is in no error and no `Debug` form.

use std::error::Error;

use assize_retrieval::Embedder;
use assize_transport::ErrorKind as Broken;

use super::{KEY, three};
use crate::server::Answer;

#[tokio::test(start_paused = true)]
async fn a_key_that_is_repeated_is_not_shown() {
    let inside = format!(r#"{{"error":{{"message":"Incorrect API key: {KEY}","code":"invalid_api_key"}}}}"#);
    let reply = |field: &str| format!(r#"{{"data":[{{"index":{field},"embedding":[1,0,0]}}]}}"#);
    let long = format!("{}{KEY}{}", "x".repeat(390), "y".repeat(400));
    let mut shown = Vec::new();
    for answer in [
        Answer::new(401, "application/json", &inside),
        Answer::new(401, "text/plain", KEY),
        Answer::new(500, "text/html", &format!("<p>{KEY}</p>")),
        Answer::json(&inside),
        Answer::json(&reply(&format!("\"{KEY}\""))),
        Answer::json(&reply(&format!("\"{long}\""))),
        Answer::json(&format!(r#"{{"data":[{{"embedding":"{KEY}"}}]}}"#)),
        Answer::json(&format!(r#"{{"data":[{{"embedding":["{KEY}"]}}]}}"#)),
        Answer::json(&format!(r#"{{"data":"{KEY}"}}"#)),
        Answer::json(&format!(r#"{{"{KEY}":0}}"#)),
        Answer::json(&format!(r#"{{"data": {KEY}"#)),
        Answer::new(200, "text/plain", &reply(&format!("\"{KEY}\""))),
        Answer::Fails(Broken::Unreachable.error("connect: no such host")),
    ] {
        let (model, _) = three([answer]);
        let error = model.embed(&["one"]).await.expect_err("no vectors");
        shown.push(format!("{error} {error:?} {error:#?} {model:?} {model:#?} {:?}", model.endpoint()));
        let mut cause = error.source();
        while let Some(next) = cause {
            shown.push(format!("{next} {next:?} {next:#?}"));
            cause = next.source();
        }
    }
    assert!(shown.len() >= 26, "{}", shown.len());
    for text in shown {
        // Nor a part of it.
        assert!(!text.contains("hunter"), "{text}");
    }
}

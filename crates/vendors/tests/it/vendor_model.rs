//! A model over a transport: what servers do, rightly and wrongly.

use std::{sync::Arc, time::Duration};

use assize_llm::{
    ChatModel, ChatReply, ChatRequest, Error, ErrorKind, ReplyDelta, ResponseFormat, conformance,
};
use assize_metering::UsageBasis;
use assize_transport::ErrorKind as Broken;
use assize_vendors::{Endpoint, ModelSpec, VendorModel, WireFormat};
use futures_util::StreamExt;
use serde_json::json;

use crate::server::{Answer, Server};

const WHOLE: &str = r#"{"id":"c","model":"m-1","choices":[{"index":0,"finish_reason":"stop","message":{"content":"Paris.","reasoning_content":"hm"}}],"usage":{"prompt_tokens":9,"completion_tokens":4}}"#;
const EVENTS: &str = concat!(
    ": hello\n\n",
    "data: {\"id\":\"c\",\"model\":\"m-1\",\"choices\":[{\"index\":0,\"delta\":{\"reasoning_content\":\"hm\"}}]}\n\n",
    "data: {\"id\":\"c\",\"model\":\"m-1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Par\"}}]}\n\n",
    "data: {\"id\":\"c\",\"model\":\"m-1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"is.\"}}]}\n\n",
    "data: {\"id\":\"c\",\"model\":\"m-1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
    "data: {\"id\":\"c\",\"model\":\"m-1\",\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4}}\n\n",
    "data: [DONE]\n\n",
);

fn model(answers: impl IntoIterator<Item = Answer>) -> VendorModel {
    of_format(WireFormat::OpenAiChat, Server::saying(answers))
}

fn of_format(format: WireFormat, server: Arc<Server>) -> VendorModel {
    let endpoint = Endpoint::new("local", format, "http://127.0.0.1:8000/v1".parse().expect("an address"));
    VendorModel::new(endpoint.with_key("sk-hunter2"), "m", server)
}

fn hello() -> ChatRequest {
    ChatRequest::new("What is the capital of France?")
}

/// Streams to the end.
async fn stream(model: &VendorModel, request: ChatRequest) -> (String, Result<ChatReply, Error>) {
    let mut stream = match model.stream(request).await {
        Ok(stream) => stream,
        Err(error) => return (String::new(), Err(error)),
    };
    let mut text = String::new();
    while let Some(delta) = stream.next().await {
        match delta {
            Ok(ReplyDelta::Text(piece)) => text.push_str(&piece),
            Ok(ReplyDelta::Done(reply)) => return (text, Ok(*reply)),
            Ok(_) => {}
            Err(error) => return (text, Err(error)),
        }
    }
    panic!("a stream ends with a reply or an error");
}

#[tokio::test(start_paused = true)]
async fn conforms() {
    // Asked whole, then streamed, by a server that does what it is asked.
    for format in [WireFormat::OpenAiChat, WireFormat::OpenAiResponses, WireFormat::Ollama] {
        let (whole, streamed) = match format {
            WireFormat::OpenAiResponses => {
                let response = r#"{"id":"r","model":"m-1","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"Paris."}]}],"usage":{"input_tokens":9,"output_tokens":4}}"#;
                let events = format!(
                    "data: {{\"type\":\"response.output_text.delta\",\"delta\":\"Paris.\"}}\n\ndata: {{\"type\":\"response.completed\",\"response\":{response}}}\n\n"
                );
                (response.to_owned(), Answer::events(&events))
            }
            WireFormat::Ollama => {
                let line = |text: &str, rest: &str| {
                    format!(r#"{{"model":"m-1","message":{{"content":"{text}"}},{rest}}}"#)
                };
                let end = r#""done":true,"done_reason":"stop","prompt_eval_count":9,"eval_count":4"#;
                let lines = format!("{}\n{}\n", line("Paris.", r#""done":false"#), line("", end));
                (line("Paris.", end), Answer::new(200, "application/x-ndjson", &lines))
            }
            _ => (WHOLE.to_owned(), Answer::events(EVENTS)),
        };
        let server = Server::saying([Answer::json(&whole), streamed]);
        conformance::run(|| of_format(format, Arc::clone(&server))).await;
        assert_eq!(server.asked.lock().expect("no panic").len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_not_asked_for_is_read_all_the_same() {
    let wanted = model([Answer::json(WHOLE)]).complete(hello()).await.unwrap();
    for (what, answer) in [
        ("as asked", Answer::events(EVENTS)),
        ("whole instead of a stream", Answer::json(WHOLE)),
        ("whole, called a stream of bytes", Answer::new(200, "application/octet-stream", WHOLE)),
        ("whole, called a stream", Answer::new(200, "text/event-stream", WHOLE)),
        ("whole, after white space", Answer::new(200, "", &format!("\r\n  {WHOLE}"))),
        ("a stream, called text", Answer::new(200, "text/plain; charset=utf-8", EVENTS)),
        ("a stream, called JSON", Answer::json(EVENTS)),
        ("a stream, called nothing", Answer::new(200, "", EVENTS)),
    ] {
        let model = model([answer]);
        let (text, reply) = stream(&model, hello()).await;
        let reply = reply.unwrap_or_else(|e| panic!("{what}: {e}"));
        assert_eq!((text.as_str(), &reply), ("Paris.", &wanted), "{what}");
        assert_eq!(model.complete(hello()).await.unwrap(), wanted, "{what}, where a whole reply was wanted");
    }
}

#[tokio::test(start_paused = true)]
async fn pages_are_no_replies() {
    for (content_type, body, says) in [
        ("text/html; charset=utf-8", "<html>Sign in</html>", "`text/html`"),
        ("application/xml", "<e/>", "`application/xml`"),
        ("", "<html>", "a body without a content type"),
        ("text/plain", "upstream connect error", "`text/plain`"),
    ] {
        let model = model([Answer::new(200, content_type, body)]);
        for error in
            [model.complete(hello()).await.unwrap_err(), stream(&model, hello()).await.1.unwrap_err()]
        {
            assert_eq!(error.kind(), ErrorKind::Malformed, "{content_type}: {error}");
            assert!(error.to_string().contains(says), "{content_type}: {error}");
        }
    }
    for body in ["", "{", "{\"choices\":", "[1,2"] {
        let model = model([Answer::json(body)]);
        assert_eq!(model.complete(hello()).await.unwrap_err().kind(), ErrorKind::Malformed, "{body}");
        let kind = stream(&model, hello()).await.1.unwrap_err().kind();
        assert_eq!(kind, if body.is_empty() { ErrorKind::CutStream } else { ErrorKind::Malformed }, "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn refusals() {
    for (status, body, kind) in [
        (
            401,
            r#"{"error":{"message":"Incorrect API key provided: sk-hunter2","code":"invalid_api_key"}}"#,
            ErrorKind::Auth,
        ),
        (
            429,
            r#"{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}"#,
            ErrorKind::Quota,
        ),
        (
            429,
            r#"{"error":{"message":"Rate limit reached","code":"rate_limit_exceeded"}}"#,
            ErrorKind::RateLimited,
        ),
        (
            400,
            r#"{"error":{"message":"maximum context length","code":"context_length_exceeded"}}"#,
            ErrorKind::ContextTooLong,
        ),
        (503, "<html>Service unavailable</html>", ErrorKind::Overloaded),
        (500, "", ErrorKind::Server),
    ] {
        let answer = Answer::new(status, "application/json", body)
            .with_header("retry-after", "7")
            .with_header("x-should-retry", "false")
            .with_header("x-ratelimit-remaining-requests", "0")
            .with_header("x-ratelimit-limit-requests", "10");
        let model = model([answer]);
        for error in
            [model.complete(hello()).await.unwrap_err(), stream(&model, hello()).await.1.unwrap_err()]
        {
            assert_eq!((error.kind(), error.status()), (kind, Some(status)), "{error}");
            assert_eq!(
                (error.retry_after(), error.should_retry()),
                (Some(Duration::from_secs(7)), Some(false))
            );
            assert!(error.telemetry().limits.is_some() && !error.possibly_billed());
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        }
    }
    // A refusal whose body does not come is one all the same.
    let cut = Answer::new(429, "application/json", "{\"err")
        .then(Broken::Broken.error("read: the connection broke"));
    assert_eq!(model([cut]).complete(hello()).await.unwrap_err().kind(), ErrorKind::RateLimited);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_never_ends() {
    // Slowly, or as fast as it is read.
    for silence in [1, 0] {
        let began = tokio::time::Instant::now();
        let endless =
            Answer::new(429, "text/plain", "Slow down. ").repeated_for_ever(Duration::from_secs(silence));
        let error = model([endless]).complete(hello()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RateLimited, "{error}");
        assert!(error.to_string().contains("Slow down."), "{error}");
        assert!(began.elapsed() <= Duration::from_secs(5), "{:?}", began.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_inside_a_success() {
    let body = r#"{"error":{"message":"The server is overloaded","type":"overloaded_error"}}"#;
    let model = model([Answer::json(body).with_header("retry-after-ms", "1500")]);
    for error in [model.complete(hello()).await.unwrap_err(), stream(&model, hello()).await.1.unwrap_err()] {
        assert_eq!(
            (error.kind(), error.retry_after()),
            (ErrorKind::Overloaded, Some(Duration::from_millis(1500))),
            "{error}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_repeated_is_not_shown() {
    let error = r#"{"error":{"message":"Incorrect API key provided: sk-hunter2, not (sk-hunter2)","code":"invalid_api_key"}}"#;
    let begun = EVENTS.split_inclusive("\n\n").take(3).collect::<String>();
    for answer in [
        Answer::new(200, "text/event-stream", error),
        Answer::new(401, "application/json", error),
        Answer::new(401, "text/plain", "wrong key: sk-hunter2"),
        Answer::json(error),
        Answer::events(&format!("{begun}data: {error}\n\n")),
    ] {
        let model = model([answer]);
        for error in
            [model.complete(hello()).await.unwrap_err(), stream(&model, hello()).await.1.unwrap_err()]
        {
            assert_eq!(error.kind(), ErrorKind::Auth, "{error}");
            assert!(error.to_string().contains("[secret]"), "{error}");
            assert!(!format!("{error} {error:?} {:?}", model.endpoint()).contains("hunter2"), "{error}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn failures_of_the_transport() {
    for (error, kind, billed) in [
        (Broken::TimedOut.error("read: no answer in 60 s"), ErrorKind::TimedOut, true),
        (Broken::TimedOut.error("connect: no answer in 10 s").sent(false), ErrorKind::TimedOut, false),
        (Broken::Broken.error("read: the connection broke"), ErrorKind::CutStream, true),
        (Broken::Broken.error("read: the connection broke").sent(false), ErrorKind::CutStream, false),
        (Broken::Unreachable.error("connect: no such host"), ErrorKind::Unreachable, false),
        (Broken::TooLarge.error("read: more than 64 MiB"), ErrorKind::Malformed, true),
        (Broken::Denied.error("send: the host is not allowed"), ErrorKind::BadRequest, false),
        (Broken::Unrecorded.error("replay: not recorded"), ErrorKind::ScriptEnded, false),
        (Broken::Io.error("read: out of files"), ErrorKind::Server, false),
    ] {
        let model = model([Answer::Fails(error.clone().after(Duration::from_secs(2)))]);
        for found in
            [model.complete(hello()).await.unwrap_err(), stream(&model, hello()).await.1.unwrap_err()]
        {
            assert_eq!((found.kind(), found.possibly_billed()), (kind, billed), "{error}");
            assert_eq!(found.retry_after(), Some(Duration::from_secs(2)));
            assert!(found.to_string().contains(&error.to_string()), "{found}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_breaks_off() {
    let broken = || Broken::TimedOut.error("read: nothing came for 30 s");
    let begun = EVENTS.split_inclusive("\n\n").take(3).collect::<String>();
    let (text, error) = stream(&model([Answer::events(&begun).then(broken())]), hello()).await;
    let error = error.unwrap_err();
    assert_eq!((text.as_str(), error.kind(), error.possibly_billed()), ("Par", ErrorKind::TimedOut, true));
    let partial = error.partial().unwrap();
    assert_eq!((partial.text.as_str(), partial.usage.basis), ("Par", UsageBasis::Estimated));
    assert!(partial.usage.tokens.total_input() > 0 && partial.usage.tokens.total_output() > 0);

    let error = model([Answer::json("{\"choices\":[").then(broken())]).complete(hello()).await.unwrap_err();
    assert_eq!((error.kind(), error.possibly_billed(), error.partial()), (ErrorKind::TimedOut, true, None));
    // Before its first byte, and in white space before it.
    for answer in [Answer::json("").then(broken()), Answer::json(" \n").then(broken())] {
        let error = stream(&model([answer]), hello()).await.1.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    }
    // After its end it no longer matters.
    let (_, reply) = stream(&model([Answer::events(EVENTS).then(broken())]), hello()).await;
    assert_eq!(reply.unwrap().text, "Paris.");
}

#[tokio::test(start_paused = true)]
async fn what_a_vendor_does_not_take() {
    let server = Server::saying([Answer::json(WHOLE)]);
    let spec: ModelSpec = "openai:o4-mini".parse().unwrap();
    let request = hello().with_temperature(0.2).with_seed(3);
    let lax =
        VendorModel::new(spec.endpoint.clone().with_key("sk-hunter2"), spec.model.clone(), server.clone());
    lax.complete(request.clone()).await.unwrap();
    let body = server.bodies().remove(0);
    assert_eq!((body.get("temperature"), body.get("seed")), (None, Some(&json!(3))));
    let error = lax.clone().strict().complete(request).await.unwrap_err();
    assert_eq!((error.kind(), error.telemetry().attempts), (ErrorKind::BadRequest, 0));
    assert!(error.to_string().contains("openai does not take `temperature`"), "{error}");
    let error = lax.complete(hello().with_stop(["."])).await.unwrap_err();
    assert_eq!((error.kind(), error.telemetry().attempts), (ErrorKind::BadRequest, 0));
    lax.clone().strict().complete(hello().with_seed(3)).await.unwrap();

    let keyless = VendorModel::of(spec, server.clone());
    let error = keyless.complete(hello()).await.unwrap_err();
    assert_eq!((error.kind(), error.telemetry().attempts), (ErrorKind::Auth, 0));
    assert!(error.to_string().contains("OPENAI_API_KEY"), "{error}");
    assert_eq!(server.bodies().len(), 2, "what was refused was not sent");
}

/// Where a schema and a stream do not go together, the reply is asked for whole.
#[tokio::test(start_paused = true)]
async fn a_schema_that_cannot_be_streamed() {
    let server = Server::saying([Answer::json(WHOLE)]);
    let spec: ModelSpec = "groq:openai/gpt-oss-20b".parse().unwrap();
    let model = VendorModel::new(spec.endpoint.with_key("gsk-x"), spec.model, server.clone());
    let schema = hello().with_format(ResponseFormat::JsonSchema(json!({"type": "object"}).into()));
    let (text, reply) = stream(&model, schema).await;
    assert_eq!((text.as_str(), reply.unwrap().reasoning.as_deref()), ("Paris.", Some("hm")));
    assert_eq!(server.bodies()[0].get("stream"), None);
    stream(&model, hello()).await.1.unwrap();
    assert_eq!(server.bodies()[1].get("stream"), Some(&json!(true)));
}

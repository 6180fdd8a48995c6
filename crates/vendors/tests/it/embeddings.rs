//! An embedding model over a transport: what servers do, rightly and wrongly.

mod around;
mod replies;
mod secrets;

use std::sync::Arc;

use assize_ambient::{FixedClock, Seed, Timestamp};
use assize_llm::Error as CallError;
use assize_loopback::{Vendor, VendorTruth, World};
use assize_retrieval::{Embedder, Error, ErrorKind, MAX_TEXTS, conformance};
use assize_transport::{ServiceTransport, Transport};
use assize_vendors::{EmbeddingBuilder, EmbeddingModel, Endpoint, WireFormat};
use serde_json::{Value, json};

use crate::server::{Answer, Server};

const KEY: &str = "sk-hunter2";

fn endpoint() -> Endpoint {
    let base = "http://127.0.0.1:8000/v1".parse().expect("an address");
    Endpoint::new("local", WireFormat::OpenAiChat, base).with_key(KEY)
}

fn over(transport: Arc<dyn Transport>, endpoint: Endpoint) -> EmbeddingBuilder {
    EmbeddingModel::builder(endpoint, "m", transport, Seed::new(5))
}

/// A model of three dimensions, over a server that gives these answers.
fn three(answers: impl IntoIterator<Item = Answer>) -> (EmbeddingModel, Arc<Server>) {
    let server = Server::saying(answers);
    let model = over(server.clone(), endpoint()).with_dimensions(3).build().expect("a model");
    (model, server)
}

fn world() -> World {
    World::new(Seed::new(9), Arc::new(FixedClock::new(Timestamp::UNIX_EPOCH)))
}

fn in_process(world: &World) -> Arc<dyn Transport> {
    Arc::new(ServiceTransport::new(world.clone(), Arc::new(FixedClock::new(Timestamp::UNIX_EPOCH))))
}

fn truth(world: &World) -> VendorTruth {
    world.truth().vendors.remove(&Vendor::OpenAi).expect("the vendor")
}

/// A reply with these vectors, in order.
fn reply(vectors: &[[f32; 3]]) -> Answer {
    let data: Vec<Value> = vectors
        .iter()
        .enumerate()
        .map(|(index, vector)| json!({"index": index, "embedding": vector}))
        .collect();
    Answer::json(&json!({"data": data, "usage": {"prompt_tokens": 4, "total_tokens": 4}}).to_string())
}

/// The failure of the call behind an error.
fn call(error: &Error) -> &CallError {
    let source = std::error::Error::source(error).expect("a cause");
    source.downcast_ref().expect("the failure of a call")
}

#[tokio::test(start_paused = true)]
async fn conforms() {
    // In base64 and as numbers, told its dimensions and asking for them, and shortened.
    for (name, dimensions) in [("openai", 1_536), ("vllm", 1_536), ("ollama", 1_536), ("openrouter", 64)] {
        let world = world();
        let at = Endpoint::known(name).expect("it is known").with_key(KEY);
        let builder =
            over(in_process(&world), at.at("http://loopback/v1".parse().expect("an address")).with_key(KEY));
        let model = if dimensions == 64 { builder.shortened_to(64).build() } else { builder.probe().await };
        let model = model.expect("a model");
        conformance::embedder(&model).await;
        assert_eq!(model.identity().to_string(), format!("loopback/m 1 ({dimensions} dimensions)"), "{name}");
        assert!(model.identity().is_semantic());
        let truth = truth(&world);
        let probes = u64::from(dimensions != 64);
        // "Rates rise." twice and two others in one request, and one alone; what is beyond a limit goes nowhere.
        assert_eq!(
            (truth.seen, truth.total_served().requests),
            (probes + 2, probes + 2),
            "{name}: {truth:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn base64_and_numbers_are_the_same_vectors() {
    let transport = in_process(&world());
    let mut found = Vec::new();
    for name in ["openai", "ollama"] {
        let at =
            Endpoint::known(name).expect("it is known").at("http://loopback/v1".parse().expect("an address"));
        let model =
            over(transport.clone(), at.with_key(KEY)).with_dimensions(1_536).build().expect("a model");
        found.push(model.embed(&["Will rates rise?", "A drought."]).await.expect("vectors"));
    }
    assert_eq!(found[0], found[1]);
}

#[tokio::test(start_paused = true)]
async fn what_is_sent() {
    let vectors = reply(&[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]);
    let mut sent = Vec::new();
    for name in ["openai", "openai-responses", "mistral", "vllm", "ollama"] {
        for shortened in [false, true] {
            let server = Server::saying([vectors.clone()]);
            let builder = over(server.clone(), Endpoint::known(name).expect("it is known").with_key(KEY));
            let builder = if shortened { builder.shortened_to(3) } else { builder.with_dimensions(3) };
            builder.build().expect("a model").embed(&["one", "two"]).await.expect("vectors");
            let asked = server.asked.lock().expect("no panic");
            let (key, header) = asked[0].secret_headers().iter().next().expect("a key");
            assert_eq!((key.as_str(), header.expose()), ("authorization", "Bearer sk-hunter2"));
            sent.push(format!("{} {}", asked[0].url(), String::from_utf8_lossy(asked[0].body())));
        }
    }
    insta::assert_snapshot!(sent.join("\n"), @r#"
    https://api.openai.com/v1/embeddings {"encoding_format":"base64","input":["one","two"],"model":"m"}
    https://api.openai.com/v1/embeddings {"dimensions":3,"encoding_format":"base64","input":["one","two"],"model":"m"}
    https://api.openai.com/v1/embeddings {"encoding_format":"base64","input":["one","two"],"model":"m"}
    https://api.openai.com/v1/embeddings {"dimensions":3,"encoding_format":"base64","input":["one","two"],"model":"m"}
    https://api.mistral.ai/v1/embeddings {"input":["one","two"],"model":"m"}
    https://api.mistral.ai/v1/embeddings {"input":["one","two"],"model":"m","output_dimension":3}
    http://127.0.0.1:8000/v1/embeddings {"encoding_format":"base64","input":["one","two"],"model":"m"}
    http://127.0.0.1:8000/v1/embeddings {"dimensions":3,"encoding_format":"base64","input":["one","two"],"model":"m"}
    http://127.0.0.1:11434/v1/embeddings {"input":["one","two"],"model":"m"}
    http://127.0.0.1:11434/v1/embeddings {"dimensions":3,"input":["one","two"],"model":"m"}
    "#);
}

#[tokio::test(start_paused = true)]
async fn each_text_is_asked_for_once_and_a_blank_one_as_a_full_stop() {
    let (model, server) = three([reply(&[[3.0, 0.0, 4.0], [0.0, 2.0, 0.0]])]);
    let vectors = model.embed(&["b", "", "b", " \n", "."]).await.expect("vectors");
    let (b, blank) = (vec![0.6, 0.0, 0.8], vec![0.0, 1.0, 0.0]);
    assert_eq!(vectors, [b.clone(), blank.clone(), b, blank.clone(), blank]);
    assert_eq!(server.bodies(), [json!({"model": "m", "input": ["b", "."]})]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_for_nothing() {
    let (model, server) = three([]);
    assert!(model.embed(&[]).await.expect("nothing").is_empty());
    assert!(server.bodies().is_empty());
}

#[tokio::test(start_paused = true)]
async fn batches_come_back_in_order() {
    let texts: Vec<String> = (0..100).map(|n| format!("text number {n}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let world = world();
    let model =
        |most_texts| over(in_process(&world), endpoint()).with_dimensions(1_536).with_most_texts(most_texts);
    let whole = model(MAX_TEXTS).build().expect("a model").embed(&texts).await.expect("vectors");
    assert_eq!(truth(&world).seen, 1);
    let parts = model(7).build().expect("a model").embed(&texts).await.expect("vectors");
    assert_eq!(truth(&world).seen, 1 + 15);
    assert_eq!(whole, parts);
    let by_bytes = model(MAX_TEXTS).with_most_bytes(50).build().expect("a model");
    assert_eq!(by_bytes.embed(&texts).await.expect("vectors"), whole);
    assert_eq!(truth(&world).seen, 16 + 34, "three of 13 or 14 bytes");
    // As many as an endpoint is known to take.
    for (name, requests) in [("openai", 1), ("ollama", 4)] {
        let before = truth(&world).seen;
        let at =
            Endpoint::known(name).expect("it is known").at("http://loopback/v1".parse().expect("an address"));
        let model =
            over(in_process(&world), at.with_key(KEY)).with_dimensions(1_536).build().expect("a model");
        assert_eq!(model.embed(&texts).await.expect("vectors"), whole);
        assert_eq!(truth(&world).seen - before, requests, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_built() {
    let build = |name: &str, dimensions: Option<usize>| {
        let builder = over(Server::saying([]), Endpoint::known(name).expect("it is known"));
        match dimensions {
            Some(dimensions) => builder.with_dimensions(dimensions).build(),
            None => builder.build(),
        }
    };
    for (name, dimensions, kind) in [
        ("openai", None, ErrorKind::BadVector),
        ("openai", Some(0), ErrorKind::BadVector),
        ("openai", Some(8_193), ErrorKind::BadVector),
        ("anthropic", Some(3), ErrorKind::Unavailable),
        ("gemini", Some(3), ErrorKind::Unavailable),
        ("ollama-native", Some(3), ErrorKind::Unavailable),
    ] {
        assert_eq!(build(name, dimensions).expect_err(name).kind(), kind, "{name}");
    }
    let long =
        EmbeddingModel::builder(endpoint(), "m".repeat(300).as_str(), Server::saying([]), Seed::new(1));
    assert_eq!(long.with_dimensions(3).build().expect_err("long").kind(), ErrorKind::BadInput);
    let plain =
        over(Server::saying([]), endpoint()).with_dimensions(3).with_version("2026-11").not_semantic();
    let identity = plain.build().expect("a model").identity().clone();
    assert_eq!(
        (identity.to_string().as_str(), identity.is_semantic()),
        ("local/m 2026-11 (3 dimensions)", false)
    );
}

#[tokio::test(start_paused = true)]
async fn dimensions_that_are_asked_for() {
    let server = Server::saying([reply(&[[1.0, 0.0, 0.0]])]);
    let model = over(server.clone(), endpoint()).probe().await.expect("a model");
    assert_eq!((model.identity().dimensions(), server.bodies().len()), (3, 1));
    let given = over(server.clone(), endpoint()).with_dimensions(8).probe().await.expect("a model");
    assert_eq!(
        (given.identity().dimensions(), server.bodies().len()),
        (8, 1),
        "nothing is asked that is known"
    );
    for (answer, kind) in [
        (Answer::new(401, "application/json", "{}"), ErrorKind::Unavailable),
        (Answer::json(r#"{"data":[{"embedding":[]}]}"#), ErrorKind::BadVector),
    ] {
        let error = over(Server::saying([answer]), endpoint()).probe().await.expect_err("no dimensions");
        assert_eq!(error.kind(), kind, "{error}");
    }
}

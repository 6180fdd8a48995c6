//! Programs of other people, in versions that are pinned: a proxy that must take what we write and write what we read, and
//! the vendors' own clients, which must take our played vendors for the vendors.
//!
//! `.ci/run` makes the environments that they need, and runs these tests.

use std::{
    fs::File,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::Arc,
    time::Duration,
};

#[cfg(unix)]
use std::os::unix::process::CommandExt;

use assize_ambient::{Seed, SystemClock};
use assize_llm::{
    ChatModel, ChatReply, ChatRequest, Error, ErrorKind, FinishReason, ReplyDelta, ResponseFormat,
};
use assize_loopback::{Server, Vendor, VendorTruth, World, serve};
use assize_metering::UsageBasis;
use assize_retrieval::Embedder;
use assize_transport::{HttpTransport, Request, Transport, Url};
use assize_vendors::{EmbeddingModel, Endpoint, VendorModel, WireFormat};
use futures_util::StreamExt;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

/// As in `litellm.yaml`.
const MASTER_KEY: &str = "sk-test";
const MOCK: &str = "It is raining.";

/// A cold start reads some three thousand files.
const LONGEST_START: Duration = Duration::from_secs(180);

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn fixture(name: &str) -> PathBuf {
    workspace().join("fixtures/vendors/python").join(name)
}

/// A program of an environment that `.ci/run` makes.
fn program(environment: &str, name: &str) -> PathBuf {
    let path = workspace().join("target/peers").join(environment).join("bin").join(name);
    assert!(path.exists(), "{} is missing: .ci/run makes it", path.display());
    path
}

fn url(text: &str) -> Url {
    text.parse().expect("an address")
}

async fn listening(world: &World) -> (Server, String) {
    let server = serve("127.0.0.1:0".parse().expect("an address"), world.clone()).await.expect("a server");
    let root = format!("http://{}", server.addr());
    (server, root)
}

fn world() -> World {
    World::new(Seed::new(7), Arc::new(SystemClock))
}

/// The proxy, listening. It and whatever it started end with it.
struct Proxy {
    child: Child,
    root: String,
    /// Where it fetches replies from.
    loopback: String,
    folder: TempDir,
}

impl Proxy {
    /// Starts it, with replies of its own and replies that it fetches from the played vendors at `loopback`.
    async fn start(loopback: &str) -> Self {
        let folder = TempDir::new().expect("a folder");
        let log = File::create(folder.path().join("log")).expect("a log");
        // The proxy takes no port of the system's choice.
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
        let port = port.as_ref().map(SocketAddr::port).expect("a free port");
        let mut command = Command::new(program("litellm", "litellm"));
        command
            .arg("--config")
            .arg(fixture("litellm.yaml"))
            .args(["--host", "127.0.0.1", "--port", &port.to_string(), "--num_workers", "1"])
            .current_dir(folder.path())
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", folder.path())
            .env("LANG", "C.UTF-8")
            .env("PYTHONUNBUFFERED", "1")
            // Its own map of prices, and not one that it would fetch.
            .env("LITELLM_LOCAL_MODEL_COST_MAP", "True")
            .env("LOOPBACK", loopback)
            .env("LOOPBACK_OPENAI", format!("{loopback}/v1"))
            .env("LOOPBACK_GEMINI", format!("{loopback}/v1beta"))
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log"))
            .stderr(log);
        #[cfg(unix)]
        command.process_group(0);
        let child = command.spawn().expect("the proxy starts");
        let mut proxy =
            Self { child, root: format!("http://127.0.0.1:{port}"), loopback: loopback.to_owned(), folder };
        proxy.wait().await;
        proxy
    }

    async fn wait(&mut self) {
        let alive = url(&format!("{}/health/liveliness", self.root));
        let transport =
            HttpTransport::builder(Arc::new(SystemClock)).allow(&alive).build().expect("a client");
        let began = Instant::now();
        loop {
            let answer = transport.send(Request::get(alive.clone())).await;
            if answer.is_ok_and(|answer| answer.status() == 200) {
                return;
            }
            let ended = self.child.try_wait().expect("the proxy can be asked after");
            assert_eq!(ended, None, "the proxy ended: {}", self.log());
            assert!(began.elapsed() < LONGEST_START, "the proxy does not answer: {}", self.log());
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// The end of what it said.
    fn log(&self) -> String {
        let log = std::fs::read(self.folder.path().join("log")).unwrap_or_default();
        String::from_utf8_lossy(&log[log.len().saturating_sub(4_000)..]).into_owned()
    }

    fn model(&self, format: WireFormat, name: &str, key: &str) -> VendorModel {
        let version = if format == WireFormat::Gemini { "v1beta" } else { "v1" };
        model(format, &format!("{}/{version}", self.root), name, key)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // Its workers are in its group.
        let group = format!("-{}", self.child.id());
        let killed = Command::new("kill").args(["-KILL", "--", &group]).status();
        if !killed.is_ok_and(|status| status.success()) {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

fn model(format: WireFormat, base: &str, name: &str, key: &str) -> VendorModel {
    let base = url(base);
    let transport = HttpTransport::builder(Arc::new(SystemClock)).allow(&base).build().expect("a client");
    VendorModel::new(Endpoint::new("peer", format, base).with_key(key), name, Arc::new(transport))
}

fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "stance": {"type": "string", "enum": ["yes", "no"]},
            "confidence": {"type": "number"},
        },
        "required": ["stance", "confidence"],
        "additionalProperties": false,
    })
}

/// Requests with everything that one can say: plainly, with all that the format has, and with a schema.
fn requests(format: WireFormat) -> [ChatRequest; 3] {
    let plain = ChatRequest::new("Is it raining in Lisbon? Tell me at length.");
    let full = plain.clone().with_system("Answer as a meteorologist.").with_max_tokens(400);
    let full = full.with_seed(11).with_temperature(0.2);
    // There is no such field in responses, and what cannot be sent is refused here.
    let has_stop = format != WireFormat::OpenAiResponses;
    let full = if has_stop { full.with_stop(["###", "The end"]) } else { full };
    let form = ResponseFormat::JsonSchema(schema().into());
    [plain.clone(), full, plain.with_format(form).with_max_tokens(300)]
}

/// The reply in a stream, after its pieces were held against it.
async fn streamed(model: &VendorModel, request: ChatRequest) -> Result<ChatReply, Error> {
    let mut deltas = model.stream(request).await?;
    let mut text = String::new();
    while let Some(delta) = deltas.next().await {
        match delta? {
            ReplyDelta::Text(piece) => text.push_str(&piece),
            ReplyDelta::Done(reply) => {
                assert_eq!(text, reply.text, "the deltas are the reply");
                return Ok(*reply);
            }
            _ => {}
        }
    }
    panic!("a stream ends with its reply");
}

/// Asks whole and, where the proxy is up to it, streamed.
async fn asked(proxy: &Proxy, case: &Case, nth: usize) -> Vec<ChatReply> {
    let model = proxy.model(case.format, case.name, MASTER_KEY);
    let request = &requests(case.format)[nth];
    let mut replies = vec![("whole", model.complete(request.clone()).await)];
    if case.streams {
        replies.push(("streamed", streamed(&model, request.clone()).await));
    }
    let mut out = Vec::new();
    for (how, reply) in replies {
        let reply = reply.unwrap_or_else(|e| panic!("{case:?} {nth}, {how}: {e}\n{}", proxy.log()));
        assert_eq!(reply.finish, FinishReason::Stop, "{case:?} {nth}, {how}");
        assert_eq!(reply.usage.basis, UsageBasis::Reported, "{case:?} {nth}, {how}");
        out.push(reply);
    }
    out
}

/// How the proxy is asked, for a model that it has under this name.
#[derive(Debug)]
struct Case {
    format: WireFormat,
    name: &'static str,
    streams: bool,
}

/// The formats that the proxy speaks, and its mock models. It cannot stream a mock reply in the form of responses, and
/// streams one in Gemini's form only after it asked Google.
const MOCKS: [Case; 4] = [
    Case { format: WireFormat::OpenAiChat, name: "mock", streams: true },
    Case { format: WireFormat::OpenAiResponses, name: "mock", streams: false },
    Case { format: WireFormat::Anthropic, name: "mock-anthropic", streams: true },
    Case { format: WireFormat::Gemini, name: "mock-gemini", streams: false },
];

/// The proxy takes every request, and its own replies read right.
async fn its_own_replies(proxy: &Proxy) {
    for case in MOCKS {
        for nth in 0..3 {
            for reply in asked(proxy, &case, nth).await {
                assert_eq!(reply.text, MOCK, "{case:?} {nth}");
                let tokens = &reply.usage.tokens;
                // It makes them up, each time anew.
                assert!(tokens.total_input() > 0 && tokens.total_output() > 0, "{case:?} {nth}: {tokens:?}");
            }
        }
    }
}

/// What the proxy fetches from our played vendors, in the format that it is asked in: their replies, their tokens.
async fn replies_passed_on(proxy: &Proxy, world: &World) {
    for (format, name, vendor) in [
        (WireFormat::OpenAiChat, "passed-on", Vendor::OpenAi),
        (WireFormat::OpenAiChat, "passed-on-anthropic", Vendor::Anthropic),
        (WireFormat::OpenAiChat, "passed-on-gemini", Vendor::Gemini),
        (WireFormat::OpenAiResponses, "passed-on-anthropic", Vendor::Anthropic),
        (WireFormat::Anthropic, "passed-on", Vendor::OpenAi),
        (WireFormat::Anthropic, "passed-on-anthropic", Vendor::Anthropic),
        (WireFormat::Anthropic, "passed-on-gemini", Vendor::Gemini),
        (WireFormat::Gemini, "passed-on", Vendor::OpenAi),
        (WireFormat::Gemini, "passed-on-gemini", Vendor::Gemini),
    ] {
        let case = Case { format, name, streams: true };
        let served = || world.truth().vendors.get(&vendor).map(VendorTruth::total_served).unwrap_or_default();
        for nth in 0..3 {
            let before = served();
            let replies = asked(proxy, &case, nth).await;
            let after = served();
            assert_eq!(after.requests - before.requests, 2, "{case:?} {nth}");
            for reply in &replies {
                assert!(reply.text.len() > 10, "{case:?} {nth}: {}", reply.text);
                if nth == 2 {
                    let said: Value = serde_json::from_str(&reply.text).expect("JSON");
                    assert!(said["confidence"].is_number() && said["stance"].is_string(), "{case:?}: {said}");
                }
            }
            let mut truly = after.tokens.prompt() - before.tokens.prompt();
            truly += after.tokens.reply() - before.tokens.reply();
            let read = replies.iter().map(|reply| {
                let tokens = &reply.usage.tokens;
                tokens.total_input() + tokens.total_output()
            });
            // At the end of a stream that it translates into Gemini's form, it reports no tokens where there were some.
            let lost = format == WireFormat::Gemini && vendor != Vendor::Gemini;
            let parts = if lost { 2 } else { 1 };
            assert_eq!(read.sum::<u64>() * parts, truly, "{case:?} {nth}");
        }
    }
}

/// What the proxy refuses is of the right kind.
async fn refusals(proxy: &Proxy) {
    for Case { format, name, .. } in MOCKS {
        for (name, key, kind) in
            [(name, "sk-wrong", ErrorKind::Auth), ("no-such-model", MASTER_KEY, ErrorKind::BadRequest)]
        {
            let model = proxy.model(format, name, key);
            let [request, ..] = requests(format);
            let whole = model.complete(request.clone()).await.expect_err(name);
            let streamed = streamed(&model, request).await.expect_err(name);
            for error in [whole, streamed] {
                assert_eq!(error.kind(), kind, "{} {name}: {error}\n{}", format.key(), proxy.log());
                assert!(!format!("{error} {error:?}").contains("sk-wrong"), "{error}");
            }
        }
    }
}

/// Vectors: its own, and those that it fetches from our played vendor, in base64 and as numbers.
async fn embeddings(proxy: &Proxy, world: &World) {
    let model = |name: &str, base: &str, known: &str, key: &str| {
        let base = url(base);
        let transport = HttpTransport::builder(Arc::new(SystemClock)).allow(&base).build().expect("a client");
        let endpoint = Endpoint::known(known).expect("it is known").at(base).with_key(key);
        EmbeddingModel::builder(endpoint, name, Arc::new(transport), Seed::new(5))
    };
    let own = format!("{}/v1", proxy.root);
    let mock = model("mock-embedding", &own, "ollama", MASTER_KEY).probe().await;
    let mock = mock.unwrap_or_else(|e| panic!("{e}\n{}", proxy.log()));
    assert_eq!(mock.embed(&["one"]).await.expect("its own vector"), [[0.6, 0.0, 0.8]]);

    let texts = ["Will rates rise?", "", "A drought.", "Will rates rise?"];
    for known in ["openai", "ollama"] {
        let served = || world.truth().vendors[&Vendor::OpenAi].total_served();
        let before = served();
        let passed_on = model("passed-on-embedding", &own, known, MASTER_KEY).probe().await;
        let passed_on = passed_on.unwrap_or_else(|e| panic!("{known}: {e}\n{}", proxy.log()));
        assert_eq!(passed_on.identity().dimensions(), 1_536);
        let vectors = passed_on.embed(&texts).await;
        let vectors = vectors.unwrap_or_else(|e| panic!("{known}: {e}\n{}", proxy.log()));
        let root = proxy.loopback.as_str();
        let direct = model("text-embedding-3-small", &format!("{root}/v1"), known, "sk-any").probe().await;
        assert_eq!(direct.expect("a model").embed(&texts).await.expect("vectors"), vectors, "{known}");
        assert_eq!(served().requests - before.requests, 4, "{known}: two by the proxy, two by us");
    }
    let wrong = model("passed-on-embedding", &own, "openai", "sk-wrong").probe().await.expect_err("the key");
    let kind =
        std::error::Error::source(&wrong).and_then(|cause| cause.downcast_ref::<Error>()).map(Error::kind);
    assert_eq!(kind, Some(ErrorKind::Auth), "{wrong}");
}

#[tokio::test]
#[ignore = "needs the proxy: .ci/run installs it"]
async fn litellm_takes_what_we_write() {
    let world = world();
    let (server, loopback) = listening(&world).await;
    let proxy = Proxy::start(&loopback).await;
    its_own_replies(&proxy).await;
    replies_passed_on(&proxy, &world).await;
    embeddings(&proxy, &world).await;
    refusals(&proxy).await;
    drop(proxy);
    server.shutdown(Duration::from_secs(1)).await;
}

#[tokio::test]
#[ignore = "needs the vendors' clients: .ci/run installs them"]
async fn the_vendors_own_clients_take_our_vendors_for_theirs() {
    let world = world().with_refused_key("sk-refused");
    let (server, loopback) = listening(&world).await;
    let mut command = Command::new(program("clients", "python"));
    command.arg(fixture("clients.py")).arg(&loopback).stdin(Stdio::null());
    command.env_clear().env("PATH", "/usr/bin:/bin").env("LANG", "C.UTF-8");
    let ran = tokio::task::spawn_blocking(move || command.output());
    let Output { status, stdout, stderr } = ran.await.expect("it was not stopped").expect("it runs");
    let (said, wrong) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{said}\n{wrong}");
    let checks: Vec<String> = said
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("a line of JSON"))
        .map(|line| line["check"].as_str().expect("its name").to_owned())
        .collect();
    assert_eq!(checks.len(), 14, "{checks:?}");
    for vendor in [Vendor::OpenAi, Vendor::Anthropic] {
        let known = &world.truth().vendors[&vendor];
        assert!(
            known.total_served().requests >= 3 && known.total_possibly_billed().requests == 0,
            "{known:?}"
        );
    }
    server.shutdown(Duration::from_secs(1)).await;
}

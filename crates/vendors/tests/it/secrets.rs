//! Whatever happens to a call, its key is in no error, no recording, no `Debug` form and no log.

use std::{
    fmt::{Debug, Write as _},
    fs::{self, File},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use assize_ambient::{Seed, SystemClock};
use assize_llm::{ChatModel, ChatRequest, Error, ErrorKind, Hedging, Recorder};
use assize_loopback::{Fault, Faults, World, serve};
use assize_transport::{
    Bounds, HttpTransport, RecordingTransport, ReplayTransport, RetryPolicy, Secret, ServiceTransport,
    Transport, Url,
};
use assize_vendors::{Endpoint, ModelSpec, VendorModel, WireFormat};
use futures_util::StreamExt;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};

use crate::conforms::{PLAYED, Stack, stack, vendor};

/// It has what other encodings write otherwise.
const KEY: &str = "sk-never0to1be2seen+in/any=form";

/// What libraries below wrote to the log.
static LOGGED: Mutex<String> = Mutex::new(String::new());

struct Log;

impl log::Log for Log {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let mut logged = LOGGED.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = writeln!(logged, "{} {}", record.target(), record.args());
    }

    fn flush(&self) {}
}

/// Base64 without its padding.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let bits =
            three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        let digits = (0..=three.len()).map(|n| (bits >> (18 - 6 * n) & 63) as usize);
        out.extend(digits.map(|digit| char::from(DIGITS[digit])));
    }
    out
}

/// The key as it could stand somewhere: in part, and in every encoding. What comes before it shifts base64, so that its
/// middle is looked for at each of three places.
fn forms() -> Vec<String> {
    let percent: String =
        KEY.bytes()
            .map(|byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            })
            .collect();
    let mut forms = vec![KEY.to_owned(), percent.to_ascii_lowercase(), percent];
    // Parts of it, as they would stand where it was cut or only half hidden.
    forms.extend(["never0to", "be2seen", "in/any=form", "any=form", "any%3Dform"].map(str::to_owned));
    forms.push(KEY.bytes().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    }));
    // Bytes as `Debug` shows them.
    forms.push(format!("{:?}", &KEY.as_bytes()[..8]).trim_matches(['[', ']']).to_owned());
    for before in ["", "x", "xx"] {
        let encoded = base64(format!("{before}{KEY}").as_bytes());
        let middle = encoded[4..encoded.len() - 4].to_owned();
        forms.push(middle.replace('+', "-").replace('/', "_"));
        forms.push(middle);
    }
    forms
}

#[test]
fn the_forms_are_forms() {
    assert_eq!(base64(b"Many hands"), "TWFueSBoYW5kcw");
    for shown in [
        format!("Bearer {KEY}"),
        format!("{:?}", KEY.as_bytes()),
        "c2stbmV2ZXIwdG8xYmUyc2Vlbitpbi9hbnk9Zm9ybQ==".to_owned(),
        base64(format!("user:{KEY}").as_bytes()),
        "sk%2Dnever0to1be2seen%2Bin%2Fany%3Dform".to_owned(),
    ] {
        assert!(forms().iter().any(|form| shown.contains(form)), "{shown}");
    }
}

/// Everything that was shown, with where it was shown.
#[derive(Default)]
struct Shown(Vec<(String, String)>);

impl Shown {
    fn put(&mut self, whence: &str, shown: impl Into<String>) {
        self.0.push((whence.to_owned(), shown.into()));
    }

    fn debug(&mut self, whence: &str, object: &dyn Debug) {
        self.put(whence, format!("{object:?} {object:#?}"));
    }

    /// An error with all its causes, in every way in which it can be shown.
    fn error(&mut self, whence: &str, error: &Error) {
        let mut shown = format!("{error} {error:#} {error:?} {error:#?} {}", error.message());
        let mut cause = std::error::Error::source(error);
        while let Some(next) = cause {
            let _ = write!(shown, " {next} {next:#} {next:?} {next:#?}");
            cause = next.source();
        }
        self.put(whence, shown);
    }

    fn folder(&mut self, whence: &str, folder: &Path) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            self.put(whence, path.display().to_string());
            if path.is_dir() {
                self.folder(whence, &path);
            } else {
                self.put(whence, String::from_utf8_lossy(&fs::read(&path).expect("a file")));
            }
        }
    }

    fn check(&self) {
        let forms = forms();
        for (whence, shown) in &self.0 {
            for form in &forms {
                assert!(!shown.contains(form.as_str()), "`{form}` in {whence}: {shown}");
            }
        }
    }
}

fn within(longest: Duration) -> Bounds {
    let total = Some(longest * 4);
    Bounds { connect: longest, first_byte: longest, idle: longest, total, most_bytes: 64 << 10 }
}

const PATIENT: Duration = Duration::from_secs(10);

fn over_http(root: &str, longest: Duration) -> HttpTransport {
    let root: Url = root.parse().expect("an address");
    let builder = HttpTransport::builder(Arc::new(SystemClock)).allow(&root).bounds(within(longest));
    builder.build().expect("a client")
}

fn whole_stack(model: VendorModel, recorder: &Recorder, attempts: u32) -> Stack {
    let policy = RetryPolicy { attempts, base: Duration::from_millis(1), cap: Duration::from_millis(1) };
    let hedging = Hedging::after(Duration::from_millis(60)).with_most_percent(100);
    stack(Arc::new(model), recorder, hedging, policy)
}

fn request() -> ChatRequest {
    ChatRequest::new("Is it raining?").with_system("Answer briefly.").with_max_tokens(60)
}

/// Asks for a whole reply; how the call ended.
async fn whole(model: &dyn ChatModel, whence: &str, shown: &mut Shown) -> Option<ErrorKind> {
    let error = model.complete(request()).await.err()?;
    shown.error(whence, &error);
    Some(error.kind())
}

/// The same of a stream.
async fn streamed(model: &dyn ChatModel, whence: &str, shown: &mut Shown) -> Option<ErrorKind> {
    let read = async {
        let mut deltas = model.stream(request()).await?;
        let mut n_deltas = 0;
        while let Some(delta) = deltas.next().await {
            delta?;
            if n_deltas == 0 {
                shown.debug(whence, &model);
            }
            n_deltas += 1;
        }
        Ok(())
    };
    let error: Error = read.await.err()?;
    shown.error(whence, &error);
    Some(error.kind())
}

/// Asks through everything that there is, and takes down everything that any of it shows.
async fn ask_through_everything<T: Transport + Clone + 'static>(
    transport: T,
    root: &str,
    whence: &str,
    shown: &mut Shown,
) -> Vec<Option<ErrorKind>> {
    let folder = TempDir::new().expect("a folder");
    let tape = folder.path().join("calls.jsonl");
    let mut ends = Vec::new();
    for played in PLAYED {
        let whence = format!("{whence}, {}", played.1.key());
        let recording = folder.path().join(played.1.key());
        let clock = Arc::new(SystemClock);
        let recorder =
            Arc::new(RecordingTransport::create(transport.clone(), &recording, clock).expect("a recording"));
        shown.debug(&whence, &recorder);
        let model = vendor(played, root, KEY, recorder.clone());
        shown.debug(&whence, &(&model, model.endpoint()));
        let calls = Recorder::new(File::options().append(true).create(true).open(&tape).expect("a file"));
        // A stack for each call, and one attempt, where calls that were refused for their rate would wait.
        let attempts = if whence.contains("rate_limited") || whence.contains("429") { 1 } else { 2 };
        let stacks = [0, 1].map(|_| whole_stack(model.clone(), &calls, attempts));
        ends.push(whole(&stacks[0], &whence, shown).await);
        ends.push(streamed(&stacks[1], &whence, shown).await);
        for stack in &stacks {
            for layer in &stack.layers {
                shown.debug(&whence, layer);
            }
            shown.debug(&whence, &(&stack.ledger, stack.ledger.bookings(), stack.statistics.snapshot()));
        }
        shown.debug(&whence, &(&calls, &recorder));
        calls.finish().expect("the calls are written");
        drop((stacks, model, recorder));
        // The same from the recording.
        if let Ok(replay) = ReplayTransport::open(&recording) {
            shown.debug(&whence, &replay);
            let replayed = vendor(played, root, KEY, Arc::new(replay));
            whole(&replayed, &format!("{whence}, replayed"), shown).await;
            streamed(&replayed, &format!("{whence}, replayed"), shown).await;
        }
    }
    shown.folder(&format!("{whence}, on disk"), folder.path());
    ends
}

fn faulty(fault: Fault) -> World {
    let faults = Faults::none().with(fault, 1.0).expect("a share");
    let faults = faults.with_wait(Duration::from_millis(5)).with_slowness(Duration::from_millis(40));
    World::new(Seed::new(4), Arc::new(SystemClock)).with_faults(faults.with_huge_bytes(200_000))
}

/// Over sockets: every fault, a refused key, and nobody there.
async fn played_vendors(shown: &mut Shown) {
    let any = || "127.0.0.1:0".parse().expect("an address");
    let refusing = World::new(Seed::new(4), Arc::new(SystemClock)).with_refused_key(KEY);
    let worlds = Fault::ALL.map(|fault| (fault.key(), faulty(fault))).into_iter().chain([
        ("no fault", World::new(Seed::new(4), Arc::new(SystemClock)).with_limit_headers()),
        ("refused key", refusing),
    ]);
    for (name, world) in worlds {
        let server = serve(any(), world.clone()).await.expect("a server");
        let root = format!("http://{}", server.addr());
        let waits = matches!(name, "slow" | "hang");
        let transport = over_http(&root, if waits { Duration::from_millis(100) } else { PATIENT });
        let ends = ask_through_everything(transport.clone(), &root, name, shown).await;
        let failed = ends.iter().flatten().count();
        match name {
            "no fault" => assert_eq!(failed, 0, "{ends:?}"),
            "refused key" => assert!(ends.iter().all(|end| *end == Some(ErrorKind::Auth)), "{ends:?}"),
            "slow" => {}
            _ => assert_eq!(failed, ends.len(), "{name}: {ends:?}"),
        }
        shown.debug(name, &(&transport, &world, world.truth(), &server));
        server.shutdown(Duration::from_millis(10)).await;
        if name == "refused key" {
            let ends = ask_through_everything(over_http(&root, PATIENT), &root, "nobody there", shown).await;
            assert!(ends.iter().all(Option::is_some), "{ends:?}");
        }
    }
}

/// In the same process, in virtual time.
async fn in_process(shown: &mut Shown) {
    for fault in [Fault::RateLimited, Fault::ErrorInside, Fault::Cut, Fault::Malformed, Fault::WrongType] {
        let transport = ServiceTransport::new(faulty(fault), Arc::new(SystemClock)).within(within(PATIENT));
        shown.debug("a service", &transport);
        let ends = ask_through_everything(
            transport,
            "http://loopback",
            &format!("{} in process", fault.key()),
            shown,
        )
        .await;
        assert!(ends.iter().any(Option::is_some), "{fault:?}: {ends:?}");
    }
}

/// A server that repeats the key, in every place where a vendor could.
struct Echo {
    root: String,
    answers: Arc<Mutex<(u16, String, String)>>,
    listening: JoinHandle<()>,
}

impl Echo {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let root = format!("http://{}", listener.local_addr().expect("an address"));
        let answers: Arc<Mutex<(u16, String, String)>> = Arc::default();
        let say = Arc::clone(&answers);
        let listening = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut asked = Vec::new();
                let mut piece = [0; 4096];
                // The requests are short: they are whole with their closing brace.
                while !asked.ends_with(b"}") {
                    match stream.read(&mut piece).await {
                        Ok(0) | Err(_) => break,
                        Ok(n) => asked.extend_from_slice(&piece[..n]),
                    }
                }
                let head = String::from_utf8_lossy(&asked).into_owned();
                assert!(head.contains(KEY), "it is sent the key: {head}");
                let (status, content_type, body) = say.lock().expect("no panic").clone();
                let length = body.len();
                let answer = format!(
                    "HTTP/1.1 {status} Because\r\ncontent-type: {content_type}\r\nx-your-key: {KEY}\r\nset-cookie: key={KEY}\r\n\
                     location: http://elsewhere.example/{KEY}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
                );
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        Self { root, answers, listening }
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn vendors_that_repeat_the_key(shown: &mut Shown) {
    let echo = Echo::start().await;
    let json = "application/json";
    let events = "text/event-stream";
    let of = |message: &str| {
        serde_json::json!({"type": "error", "error": {"type": "x", "code": KEY, "message": message}})
            .to_string()
    };
    let plain = format!("Incorrect API key provided: {KEY}. You sent `authorization: Bearer {KEY}`.");
    // Where what is looked at ends, and where what is shown ends.
    let cut = |at: usize| format!("{}{KEY}", " ".repeat(at).replacen(' ', "x", 1));
    let mut answers: Vec<(u16, &str, String)> = [200, 307, 400, 401, 403, 404, 429, 500, 529]
        .into_iter()
        .flat_map(|status| {
            [(status, json, of(&plain)), (status, events, format!("data: {}\n\n", of(&plain)))]
        })
        .collect();
    for at in [480, 490, 500, 16_360, 16_370, 16_380] {
        answers.push((401, json, of(&cut(at))));
        answers.push((401, "text/plain", cut(at)));
        answers.push((401, json, of(&format!("{} {KEY}", "w".repeat(at)))));
    }
    answers.extend([
        (401, "text/html", format!("<html><title>{plain}</title>")),
        (401, "text/plain", plain.clone()),
        (401, json, of(&format!("\"{KEY}\"{KEY}/{KEY}"))),
        (401, json, format!("{{\"error\": \"{KEY}\"}}")),
        (401, json, format!("{{\"{KEY}\": \"{KEY}\"}}")),
        (401, json, format!("[[\"{KEY}\"]]")),
        (200, "text/plain", plain.clone()),
        (200, KEY, plain.clone()),
        (200, "text/html", plain.clone()),
        (200, json, format!("{{\"choices\": \"{KEY}\"}}")),
        (
            200,
            json,
            format!(
                "{{\"choices\": {{\"{KEY}\": \"{KEY}\"}}, \"content\": \"{KEY}\", \"candidates\": \"{KEY}\"}}"
            ),
        ),
        (200, json, format!("{{\"usage\": \"{KEY}\", \"content\": [\"{KEY}\"], \"choices\": [\"{KEY}\"]")),
        (200, json, format!("\"{KEY}\"")),
        (200, events, format!("data: {{\"choices\": \"{KEY}\", \"type\": \"{KEY}\"}}\n\n")),
        (200, events, format!("event: {KEY}\ndata: {KEY}\n\n")),
        (200, events, format!("event: error\ndata: {}\n\n", of(&plain))),
    ]);
    for (status, content_type, body) in answers {
        let whence = format!("an echo: {status} {content_type} {:.40}", body.replace(KEY, "KEY"));
        *echo.answers.lock().expect("no panic") = (status, content_type.to_owned(), body);
        let ends = ask_through_everything(over_http(&echo.root, PATIENT), &echo.root, &whence, shown).await;
        assert!(ends.iter().all(Option::is_some), "{whence}: {ends:?}");
    }
}

/// What never gets as far as a call.
fn what_holds_a_key(shown: &mut Shown) {
    for format in WireFormat::ALL {
        let base: Url = "http://127.0.0.1:1/v1".parse().expect("an address");
        let endpoint = Endpoint::new("x", format, base).with_key(KEY);
        shown.debug("an endpoint", &endpoint);
        let request = ChatRequest::new("Hello");
        let sent = format.request(&endpoint, &"m".into(), &request, true).expect("a request");
        shown.debug("a request", &(&sent, sent.key(), sent.url(), sent.headers(), sent.secret_headers()));
        shown.put("a request's body", String::from_utf8_lossy(sent.body()));
        let unfit = Endpoint::new("x", format, endpoint.base().clone()).with_key(&format!("{KEY}\nx: y"));
        let error = format.request(&unfit, &"m".into(), &request, false).expect_err("no such header");
        shown.error("a key that cannot be sent", &error);
    }
    shown.debug("a secret", &(Secret::new(KEY), Some(Secret::new(KEY))));
    for text in [format!("http://user:{KEY}@h/v1#m"), format!("http://h/v1?key={KEY}#m"), format!("{KEY}:m")]
    {
        shown.error("a model as written", &text.parse::<ModelSpec>().expect_err("no model"));
    }
}

#[tokio::test]
async fn keys_stay_inside() {
    log::set_logger(&Log).expect("the only logger");
    log::set_max_level(log::LevelFilter::Trace);
    let mut shown = Shown::default();
    what_holds_a_key(&mut shown);
    played_vendors(&mut shown).await;
    in_process(&mut shown).await;
    vendors_that_repeat_the_key(&mut shown).await;
    let logged = LOGGED.lock().unwrap_or_else(PoisonError::into_inner).clone();
    assert!(logged.contains("starting new connection"), "the log is read: {logged}");
    shown.put("the log", logged);
    let all: String = shown.0.iter().map(|(_, shown)| shown.as_str()).collect();
    for kind in ["Incorrect API key", "[secret]", "Auth", "TimedOut", "CutStream", "recording.jsonl"] {
        assert!(all.contains(kind), "{kind} was to be seen");
    }
    shown.check();
}

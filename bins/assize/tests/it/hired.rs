//! `assize debate` with vendors' models: played ones, over real sockets.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::Child,
    sync::{Arc, mpsc},
    thread,
};

use assize_ambient::{Seed, SystemClock};
use assize_loopback::serve;
use serde_json::Value;
use tokio::sync::oneshot;

use crate::program::{Place, Told};

const QUESTION: &str = "Is it raining in Lisbon?";
/// Wherever it stood, it would be seen.
const KEY: &str = "sk-never-to-be-seen-c0ffee";

/// `assize world`, until it is dropped.
pub(crate) struct World {
    child: Child,
    pub(crate) address: String,
}

impl World {
    pub(crate) fn start(place: &Place) -> Self {
        let mut child = place.command(&["world", "--json", "--seed", "3"]).spawn().expect("it runs");
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().expect("its output"));
        out.read_line(&mut line).expect("the first line, while it runs");
        let ready: Value = serde_json::from_str(&line).expect("JSON");
        let address = ready["listening"].as_str().expect("an address").to_owned();
        Self { child, address }
    }

    /// One model of each vendor.
    fn panel(&self) -> [String; 3] {
        panel(&self.address)
    }

    /// A file with a key for its host.
    fn keys(&self, place: Place) -> Place {
        keys(place, &self.address)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn panel(address: &str) -> [String; 3] {
    [
        format!("{address}/v1#gpt-4o"),
        format!("anthropic+{address}#claude-sonnet-4-5"),
        format!("gemini+{address}/v1beta#gemini-2.5-flash"),
    ]
}

fn keys(place: Place, address: &str) -> Place {
    let host = address.trim_start_matches("http://");
    place.with_file("keys.toml", format!("openai = \"{KEY}-of-openai\"\n\"{host}\" = \"{KEY}\"\n"))
}

/// Played vendors that refuse the key, until the sender is dropped.
fn refusing() -> (String, oneshot::Sender<()>) {
    let (stop, stopped) = oneshot::channel();
    let (address, listening) = mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async move {
            let world = assize_loopback::World::new(Seed::new(3), Arc::new(SystemClock));
            let any = "127.0.0.1:0".parse().expect("an address");
            let server = serve(any, world.with_refused_key(KEY)).await.expect("a server");
            address.send(format!("http://{}", server.addr())).expect("somebody waits for it");
            let _ = stopped.await;
        });
    });
    (listening.recv().expect("an address"), stop)
}

/// Runs the program, and looks for keys in what it tells.
fn told(place: &Place, arguments: &[&str]) -> Told {
    let told = place.told(arguments);
    for text in [&told.out, &told.err] {
        assert!(!text.contains("never-to-be-seen") && !text.contains("c0ffee"), "{text}");
    }
    told
}

/// Holds a debate with these models.
fn debate<'a>(place: &Place, models: &'a [String], more: &[&'a str]) -> Told {
    let mut arguments = vec!["debate", QUESTION];
    arguments.extend(models.iter().flat_map(|model| ["--model", model]));
    arguments.extend(more);
    told(place, &arguments)
}

fn verdict(told: &Told) -> Value {
    serde_json::from_str(&told.out).unwrap_or_else(|e| panic!("{e}: {} {}", told.out, told.err))
}

fn n(value: &Value) -> usize {
    value.as_array().map_or(0, Vec::len)
}

#[test]
fn a_panel_of_three_vendors_comes_to_a_verdict() {
    let place = Place::new();
    let world = World::start(&place);
    let first = debate(&place, &world.panel(), &["--rounds", "2"]);
    assert_eq!(first.code, 0, "{}", first.err);
    assert!(first.out.contains("(0 yes, 3 no)"), "they agree at once: {}", first.out);
    for model in ["gpt-4o", "claude-sonnet-4-5", "gemini-2.5-flash"] {
        let line = first.err.lines().find(|line| line.contains(&format!(", {model}: "))).expect(model);
        assert!(line.contains("1 of 1 call(s) replied") && line.contains("tokens in"), "{line}");
    }
    let again = debate(&place, &world.panel(), &["--rounds", "2"]);
    assert_eq!(first.out, again.out, "the same requests have the same answers");

    let told = debate(&place, &world.panel(), &["--json"]);
    let verdict = verdict(&told);
    assert_eq!((n(&verdict["votes"]), n(&verdict["abstentions"])), (3, 0), "{verdict}");
    assert_eq!(verdict["calls"], 3, "{verdict}");
    let (input, output) = (verdict["tokens"]["input"].as_u64(), verdict["tokens"]["output"].as_u64());
    assert!(input > Some(100) && output > Some(30), "{verdict}");
}

/// One model alone has three voices, which share its connections.
#[test]
fn what_is_said_is_shown_as_it_comes() {
    let place = Place::new();
    let world = World::start(&place);
    let place = world.keys(place);
    let [model, ..] = world.panel();
    let told = debate(&place, &[model], &["--stream", "--keys", "keys.toml"]);
    assert_eq!(told.code, 0, "{}", told.err);
    for voice in 1..=3 {
        assert!(told.err.contains(&format!("round 1, voice {voice}: ")), "{}", told.err);
    }
}

#[test]
fn a_debate_is_taken_up_from_its_journal() {
    let place = Place::new();
    let world = World::start(&place);
    let place = world.keys(place);
    let options = ["--keys", "keys.toml", "--journal", "debates", "--json"];
    let whole = debate(&place, &world.panel(), &options);
    assert_eq!(whole.code, 0, "{}", whole.err);
    let id = verdict(&whole)["debate"].as_str().expect("an id").to_owned();
    let log = place.read(&format!("debates/{id}.jsonl"));
    assert!(!log.contains("never-to-be-seen") && log.contains("claude-sonnet-4-5"), "{log}");

    let resume = [&["debate", "--resume", id.as_str()][..], &options].concat();
    let again = told(&place, &resume);
    assert_eq!((again.code, &again.out), (0, &whole.out), "{}", again.err);
    assert!(!again.err.contains("call(s) replied"), "what is over is not asked again: {}", again.err);

    // Broken off after its first reply: the others are asked again.
    let kept = log.lines().position(|line| line.contains("\"spoke\"")).expect("a reply") + 1;
    let begun: String = log.lines().take(kept).flat_map(|line| [line, "\n"]).collect();
    fs::write(place.path(&format!("debates/{id}.jsonl")), begun).expect("a shorter log");
    let resumed = told(&place, &resume);
    assert_eq!(resumed.code, 0, "{}", resumed.err);
    assert_eq!(verdict(&resumed)["votes"], verdict(&whole)["votes"], "the same vendors say the same");
    let replied = resumed.err.lines().filter(|line| line.contains("1 of 1 call(s) replied")).count();
    assert_eq!(replied, 2, "{}", resumed.err);
    let log = place.read(&format!("debates/{id}.jsonl"));
    assert!(!log.contains("never-to-be-seen"), "{log}");
}

#[test]
fn a_refused_key_is_an_abstention_that_says_so() {
    let (address, stop) = refusing();
    let place = keys(Place::new(), &address);
    let told = debate(&place, &panel(&address), &["--keys", "keys.toml", "--json", "--journal", "debates"]);
    assert_eq!(told.code, 3, "{}", told.err);
    let verdict = verdict(&told);
    assert_eq!((n(&verdict["votes"]), n(&verdict["abstentions"])), (0, 3), "{verdict}");
    for (abstention, says) in verdict["abstentions"].as_array().expect("a list").iter().zip([
        "Incorrect API key",
        "invalid x-api-key",
        "API key not valid",
    ]) {
        assert_eq!(abstention["reason"], "failed", "{abstention}");
        assert!(abstention["detail"].as_str().is_some_and(|detail| detail.contains(says)), "{abstention}");
    }
    assert!(told.err.contains("1 failed: auth"), "{}", told.err);
    for entry in fs::read_dir(place.path("debates")).expect("the journal") {
        let log = fs::read_to_string(entry.expect("an entry").path()).expect("a log");
        assert!(!log.contains("never-to-be-seen") && log.contains("Incorrect API key"), "{log}");
    }
    drop(stop);
}

#[test]
fn who_is_not_there_abstains() {
    let place = Place::new();
    // Nothing listens on the first port.
    let models = ["http://127.0.0.1:1/v1#m".to_owned(), "anthropic+http://127.0.0.1:1#m".to_owned()];
    let told = debate(&place, &models, &["--deadline", "20s"]);
    assert_eq!(told.code, 3, "{}", told.err);
    assert!(told.out.contains("voice 1: ") && told.out.contains("voice 2: "), "{}", told.out);
    assert!(told.out.contains("onnect"), "{}", told.out);
}

#[test]
fn what_cannot_be_hired_is_refused() {
    let place = Place::new()
        .with_file("keys.toml", format!("anthropic = \"{KEY}\"\n"))
        .with_file("broken.toml", format!("openai = \"{KEY}\n"))
        .with_file("spaces.toml", format!("\nopenai = \"{KEY} x\"\n"));
    for (arguments, why) in [
        (&["--model", "openai:gpt-4o"][..], &["OPENAI_API_KEY", "--keys"][..]),
        (&["--model", "openai:gpt-4o", "--keys", "keys.toml"], &["OPENAI_API_KEY", "--keys"]),
        (&["--model", "openai:gpt-4o", "--keys", "none.toml"], &["none.toml"]),
        (&["--model", "openai:gpt-4o", "--keys", "broken.toml"], &["broken.toml, line 1", "not TOML"]),
        (&["--model", "openai:gpt-4o", "--keys", "spaces.toml"], &["spaces.toml, line 2", "space"]),
        (&["--model", "anthropic:claude-nine", "--keys", "keys.toml"], &["claude-nine", "--price-book"]),
        (&["--model", "opanai:gpt-4o"], &["did you mean `openai`", "openai:NAME"]),
        (&["--model", "gpt-4o"], &["openai:NAME", "analyst:NAME"]),
        (&["--model", "openai:"], &["name is missing"]),
        (&["--model", "http://127.0.0.1:8000/v1"], &["model's name"]),
        (&["--model", "https://proxy.example.org/v1#own"], &["`own`", "--price-book"]),
        (&["--model", "https://user:c0ffee@proxy.example.org/v1#own"], &["password"]),
    ] {
        let arguments = [&["debate", QUESTION][..], arguments].concat();
        let told = told(&place, &arguments);
        assert_eq!((told.code, told.out.as_str()), (2, ""), "{arguments:?}: {}", told.err);
        for why in why {
            assert!(told.err.contains(why), "{arguments:?}: {why} in {}", told.err);
        }
    }
}

/// A debate that is longer than its window: what falls out of it is summed up by a model, over the same connections.
#[test]
fn a_model_sums_up_what_a_long_debate_does_not_show_any_more() {
    let place = Place::new();
    let world = World::start(&place);
    let [openai, anthropic, gemini] = world.panel();
    let panel = format!(
        "format_version = 1\nrounds = 4\nstops = []\nselector = \"always\"\n\n[window]\nrounds = 0\ntokens = 0\n\
         summary = {{ model = \"{gemini}\" }}\n\n[[seat]]\nname = \"Ada\"\nmodel = \"{openai}\"\n\n[[seat]]\n\
         name = \"Ben\"\nmodel = \"{anthropic}\"\n"
    );
    let place = world.keys(place.with_file("long.toml", panel));
    let held = |more: &[&str]| {
        let mut arguments = vec!["debate", QUESTION, "--panel", "long.toml", "--keys", "keys.toml"];
        arguments.extend(more);
        told(&place, &arguments)
    };
    let verdict = verdict(&held(&["--json"]));
    assert_eq!((&verdict["rounds"], &verdict["calls"]), (&4.into(), &10.into()), "{verdict}");
    assert_eq!((n(&verdict["votes"]), n(&verdict["degradations"])), (2, 0), "{verdict}");
    let told = held(&["--stream"]);
    for round in [3, 4] {
        let line = format!("before round {round}: what is no longer shown is summed up in ");
        assert!(told.err.contains(&line), "{line}: {}", told.err);
    }
    let line = told.err.lines().find(|line| line.contains(", gemini-2.5-flash: ")).expect("its calls");
    assert!(line.contains("2 of 2 call(s) replied"), "{line}");
}

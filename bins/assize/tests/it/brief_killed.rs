//! A brief that is killed on the way and made again: what was answered is not asked, nor paid for, a second time.

use std::{
    collections::BTreeMap,
    process::Child,
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc},
    thread,
    time::Duration,
};

use assize_ambient::{Chance, Seed, SystemClock};
use assize_loopback::{Ask, Latency, World, serve};
use serde_json::Value;
use tokio::sync::oneshot;

use crate::program::{Place, Told};

/// Seats of models on the panel, each of which can be waiting for an answer when the process dies.
pub(crate) const SEATS: u32 = 2;

/// What was asked, and who is to die at which request.
#[derive(Default)]
pub(crate) struct Books {
    /// How often each prompt came, by model and words.
    pub(crate) asked: BTreeMap<u64, u32>,
    pub(crate) total: u32,
    pub(crate) alarm: Option<(u32, Arc<Mutex<Child>>)>,
}

pub(crate) type Shared = Arc<Mutex<Books>>;

/// A vendor on a free port, until it is dropped.
pub(crate) struct Vendor {
    pub(crate) address: String,
    pub(crate) books: Shared,
    _stop: oneshot::Sender<()>,
}

impl Vendor {
    pub(crate) fn start() -> Self {
        let books = Shared::default();
        let notes = Arc::clone(&books);
        let latency = Latency { first_token_median: Duration::from_millis(5), ..Latency::NONE };
        let world = World::new(Seed::new(8), Arc::new(SystemClock))
            .with_latency(latency)
            .with_responder(move |ask: &Ask, _: &mut Chance| answer(ask, &notes));
        let (stop, stopped) = oneshot::channel();
        let (address, listening) = mpsc::channel();
        thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async move {
                let server =
                    serve("127.0.0.1:0".parse().expect("an address"), world).await.expect("a server");
                address.send(format!("http://{}", server.addr())).expect("somebody waits for it");
                let _ = stopped.await;
            });
        });
        let address = listening.recv().expect("an address");
        Self { address, books, _stop: stop }
    }
}

/// One voice says up, the other down, whatever the prompt: they never agree, so that there are rounds to be killed in.
fn answer(ask: &Ask, books: &Shared) -> String {
    let prompt = Seed::new(1).child(&ask.model).child(&ask.system).child(ask.last_text());
    let mut books = lock(books);
    *books.asked.entry(prompt.value()).or_default() += 1;
    books.total += 1;
    let total = books.total;
    if let Some((_, victim)) = books.alarm.take_if(|(at, _)| total >= *at) {
        let _ = lock(&victim).kill();
    }
    let up = if ask.model.ends_with('a') { 0.8 } else { 0.3 };
    let stance = if up > 0.5 { "up" } else { "down" };
    format!(
        r#"{{"stance": "{stance}", "probabilities": {{"up": {up}, "down": {}}}, "reasons": []}}"#,
        1.0 - up
    )
}

pub(crate) fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

fn arguments<'a>(models: &'a [String; 2], journal: &'a str) -> Vec<&'a str> {
    let mut arguments = vec![
        "brief",
        "RISE",
        "FALL",
        "WAVE",
        "--prices",
        "prices",
        "--as-of",
        "2019-12-31",
        "--selector",
        "always",
        "--stop",
        "none",
        "--concurrency",
        "1",
        "--json",
        "--journal",
        journal,
    ];
    models.iter().for_each(|model| arguments.extend(["--model", model]));
    arguments
}

fn json(told: &Told) -> Value {
    assert_eq!(told.code, 0, "{}", told.err);
    serde_json::from_str(&told.out).expect("one JSON document")
}

#[test]
fn a_killed_brief_that_is_made_again_asks_only_what_was_not_answered() {
    let place = Place::new();
    let vendor = Vendor::start();
    let models = ["a", "b"].map(|name| format!("{}/v1#{name}", vendor.address));
    let whole = json(&place.told(&arguments(&models, "undisturbed")));
    let needed = std::mem::take(&mut *lock(&vendor.books));
    assert!(needed.total >= 12, "three tickers, two voices, two rounds at least: {}", needed.total);
    assert!(needed.asked.values().all(|times| *times == 1), "nothing is asked twice where nobody dies");
    for at in [1, 2, needed.total / 3, needed.total / 2, needed.total - 1] {
        let journal = format!("killed at {at}");
        let mut command = place.command(&arguments(&models, &journal));
        // It is killed before it can write: its pipes may stay unread.
        let victim = Arc::new(Mutex::new(command.spawn().expect("it runs")));
        lock(&vendor.books).alarm = Some((at, Arc::clone(&victim)));
        let died = loop {
            if let Some(status) = lock(&victim).try_wait().expect("a child") {
                break !status.success();
            }
            thread::sleep(Duration::from_millis(1));
        };
        assert!(died, "it was killed at request {at}");
        let again = json(&place.told(&arguments(&models, &journal)));
        assert_eq!(decided(&again), decided(&whole), "killed at {at}");
        let books = std::mem::take(&mut *lock(&vendor.books));
        let twice: u32 = books.asked.values().map(|times| times - 1).sum();
        assert!(twice <= SEATS, "killed at {at}: {twice} asked again, and only {SEATS} can have waited");
        assert_eq!(books.asked.keys().collect::<Vec<_>>(), needed.asked.keys().collect::<Vec<_>>());
        // Once more: all of it is there.
        assert_eq!(decided(&json(&place.told(&arguments(&models, &journal)))), decided(&whole));
        assert_eq!(lock(&vendor.books).total, 0, "a finished brief asks nobody");
    }
}

/// What is decided, without what a call that broke off may have cost.
fn decided(brief: &Value) -> Vec<(Value, Value)> {
    let tickers = brief["tickers"].as_array().expect("tickers");
    tickers.iter().map(|ticker| (ticker["decision"].clone(), ticker["verdict"]["reasons"].clone())).collect()
}

//! Played vendors that note who was asked what, and can be told to kill their client at a request.

use std::{
    collections::BTreeMap,
    process::Child,
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc},
    thread,
    time::Duration,
};

use assize_ambient::{Seed, SystemClock};
use assize_loopback::{Ask, Latency, Truth, World, serve};
use serde_json::{Value, json};
use tokio::sync::oneshot;

pub(super) const OPTIONS: [&str; 3] = ["yes", "no", "later"];
pub(super) const EVIDENCE: [&str; 4] = ["ev-a", "ev-b", "ev-c", "ev-d"];

/// A process that somebody else may kill.
pub(super) type Victim = Arc<Mutex<Child>>;

/// The requests of one debate: how often each turn was asked in these words. The judge is asked twice, in other words.
#[derive(Debug, Default)]
pub(super) struct Requests {
    pub(super) seen: BTreeMap<Turn, BTreeMap<u64, u32>>,
    pub(super) total: u32,
    alarm: Option<(u32, Victim)>,
}

/// A turn of a debate: a seat's, or the judge's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Turn {
    /// From 0.
    pub(super) round: u32,
    pub(super) seat: Option<u16>,
}

type Books = Arc<Mutex<BTreeMap<String, Requests>>>;

/// Vendors on a free port, until they are dropped. A model is called `DEBATE.SEAT` there, or `DEBATE.judge`.
pub(super) struct Vendors {
    pub(super) address: String,
    books: Books,
    world: World,
    _stop: oneshot::Sender<()>,
}

impl Vendors {
    pub(super) fn start() -> Self {
        let books = Books::default();
        let notes = Arc::clone(&books);
        let latency = Latency {
            first_token_median: Duration::from_millis(4),
            first_token_sigma: 0.8,
            tokens_per_second: 20_000.0,
            ..Latency::NONE
        };
        let world = World::new(Seed::new(15), Arc::new(SystemClock))
            .with_latency(latency)
            .with_responder(move |ask: &Ask, _: &mut assize_ambient::Chance| answer(ask, &notes));
        let (stop, stopped) = oneshot::channel();
        let (address, listening) = mpsc::channel();
        let service = world.clone();
        thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async move {
                let any = "127.0.0.1:0".parse().expect("an address");
                let server = serve(any, service).await.expect("a server");
                address.send(format!("http://{}", server.addr())).expect("somebody waits for it");
                let _ = stopped.await;
            });
        });
        let address = listening.recv().expect("an address");
        Self { address, books, world, _stop: stop }
    }

    /// The name of a debate's model, in the format of one vendor or another.
    pub(super) fn model(&self, debate: &str, speaker: &str) -> String {
        let address = &self.address;
        match speaker {
            "0" | "3" => format!("{address}/v1#{debate}.{speaker}"),
            "1" => format!("gemini+{address}/v1beta#{debate}.{speaker}"),
            _ => format!("anthropic+{address}#{debate}.{speaker}"),
        }
    }

    /// What was asked in a debate.
    pub(super) fn of<T>(&self, debate: &str, look: impl FnOnce(&mut Requests) -> T) -> T {
        look(lock(&self.books).entry(debate.to_owned()).or_default())
    }

    /// Kills the client when it has sent so many requests in this debate.
    pub(super) fn kill_at(&self, debate: &str, requests: u32, victim: &Victim) {
        self.of(debate, |asked| asked.alarm = Some((requests, Arc::clone(victim))));
    }

    pub(super) fn truth(&self) -> Truth {
        self.world.truth()
    }
}

/// Notes a request, and answers it: from its words alone, whatever the debate is called.
fn answer(ask: &Ask, books: &Books) -> String {
    let (debate, speaker) = ask.model.split_once('.').expect("a debate's model");
    let prompt = ask.last_text();
    let seed = Seed::new(3).child(speaker).child(&ask.system).child(prompt);
    let seat: Option<u16> = speaker.parse().ok();
    let mark = if seat.is_some() { "\nRound " } else { "\nAfter round " };
    let round = prompt.rsplit_once(mark).and_then(|(_, rest)| rest.split(' ').next()?.parse::<u32>().ok());
    let turn = Turn { round: round.expect("a round in the prompt") - 1, seat };
    {
        let mut books = lock(books);
        let requests = books.entry(debate.to_owned()).or_default();
        *requests.seen.entry(turn).or_default().entry(seed.value()).or_default() += 1;
        requests.total += 1;
        let total = requests.total;
        if let Some((_, victim)) = requests.alarm.take_if(|(at, _)| total >= *at) {
            // It may have ended by itself.
            let _ = lock(&victim).kill();
        }
    }
    if seat.is_some() { opinion(seed) } else { judgement(seed) }
}

fn opinion(seed: Seed) -> String {
    let mut chance = seed.rng();
    let stance = chance.below(OPTIONS.len());
    let rest = chance.below(40);
    let percent = |option: usize| if option == stance { 100 - rest } else { rest.div_ceil(2) };
    let probabilities = of_options(|option| {
        let share = if option == (stance + 1) % OPTIONS.len() { rest / 2 } else { percent(option) };
        json!(Value::from(share).as_f64().map(|share| share / 100.0))
    });
    let cites: Vec<_> = EVIDENCE.iter().filter(|_| chance.happens(0.3)).collect();
    let reason = json!({ "text": format!("because of {:016x}", seed.value()), "cites": cites });
    json!({ "stance": OPTIONS[stance], "probabilities": probabilities, "reasons": [reason] }).to_string()
}

fn judgement(seed: Seed) -> String {
    let mut chance = seed.rng();
    let winner = chance.below(OPTIONS.len());
    let scores = of_options(|option| json!(if option == winner { 0.75 } else { 0.25 }));
    let reason = json!({ "text": format!("judged by {:016x}", seed.value()), "cites": [] });
    let enough = chance.happens(0.1);
    json!({ "winner": OPTIONS[winner], "scores": scores, "enough": enough, "reasons": [reason] }).to_string()
}

fn of_options(value: impl Fn(usize) -> Value) -> Value {
    (0..OPTIONS.len()).map(|option| (OPTIONS[option].to_owned(), value(option))).collect()
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

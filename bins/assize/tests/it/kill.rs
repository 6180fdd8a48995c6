//! A debate survives the death of its process, wherever it comes: what was answered is not asked again, and the end is that of
//! a debate that was never interrupted.

mod log;
mod plans;
mod vendors;

use std::{
    collections::BTreeMap,
    os::unix::process::ExitStatusExt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use assize_ambient::{Chance, Seed};
use assize_debate::Entry;
use serde_json::Value;

use self::{
    log::{Kept, Log, Shelf},
    plans::{PLANS, Plan},
    vendors::{Turn, Vendors, lock},
};
use crate::program::{Place, Told};

/// Where debates are written down, and whether each event waits for the disk.
const JOURNALS: [(Kept, bool); 4] =
    [(Kept::Folder, false), (Kept::Sqlite, false), (Kept::Folder, true), (Kept::Sqlite, true)];
const AT_ONCE: usize = 3;
const MOST_KILLS_OF_ONE: usize = 4;
const POLL: Duration = Duration::from_micros(200);

/// Where a process is killed.
#[derive(Debug, Clone, Copy)]
enum Point {
    /// When its log is so long.
    Bytes(u64),
    /// When the vendors have seen so many requests of its debate.
    Requests(u32),
    /// So long after it was started.
    Time(Duration),
}

/// Debates without and with interruptions.
struct Yard {
    vendors: Vendors,
    place: Place,
}

/// What a debate comes to that nobody interrupts.
struct Whole {
    verdict: Value,
    transcript: Vec<Entry>,
    /// In which words each turn was asked.
    asked: BTreeMap<Turn, Vec<u64>>,
    requests: u32,
    bytes: u64,
    /// Without its last line.
    bytes_before_the_end: u64,
    time: Duration,
}

/// One debate in a journal of its own.
struct Case<'a> {
    yard: &'a Yard,
    plan: &'a Plan,
    name: String,
    shelf: Shelf,
    is_for_power: bool,
}

#[test]
fn a_killed_debate_comes_to_the_same_end() {
    kill(40);
}

/// The number that is promised. It takes half a minute.
#[test]
#[ignore = "the same at more points"]
fn a_debate_killed_at_two_hundred_points_comes_to_the_same_end() {
    kill(200);
}

/// Kills processes until so many have died, a few at once.
fn kill(least: u32) {
    let place = Place::new().with_file("mute.txt", "I would rather not say.\n");
    let yard = Yard { vendors: Vendors::start(), place };
    let whole: Vec<Whole> = (0..)
        .zip(&PLANS)
        .map(|(n, plan)| Case::new(&yard, plan, format!("w{n:04}"), JOURNALS[0]).whole())
        .collect();
    let (next, killed) = (AtomicU32::new(0), AtomicU32::new(0));
    let by_journal = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while killed.load(Ordering::Relaxed) < least {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    // Each plan with each journal in turn: five of the one, four of the other.
                    let (at, journal) = (n as usize % PLANS.len(), JOURNALS[n as usize % JOURNALS.len()]);
                    let died =
                        Case::new(&yard, &PLANS[at], format!("k{n:04}"), journal).survives(n, &whole[at]);
                    killed.fetch_add(died, Ordering::Relaxed);
                    *lock(&by_journal).entry(journal).or_default() += died;
                    assert!(n < 20 * least, "hardly any process is killed");
                }
            });
        }
    });
    let by_journal: BTreeMap<(Kept, bool), u32> = lock(&by_journal).clone();
    assert_eq!(by_journal.len(), JOURNALS.len(), "{by_journal:?}");
    assert!(by_journal.values().all(|died| *died >= least / 10), "{by_journal:?}");
    let truth = yard.vendors.truth();
    assert!(truth.vendors.values().all(|vendor| vendor.adds_up()), "{truth:?}");
}

impl<'a> Case<'a> {
    fn new(yard: &'a Yard, plan: &'a Plan, name: String, (kept, is_for_power): (Kept, bool)) -> Self {
        let journal = if kept == Kept::Sqlite { format!("{name}.db") } else { name.clone() };
        let shelf = Shelf::new(kept, yard.place.path(&journal));
        let case = Self { yard, plan, name, shelf, is_for_power };
        if !plan.by_command {
            let (id, line) = plan.opening(&yard.vendors, &case.name);
            case.shelf.begin(&id, &line);
        }
        case
    }

    /// The command that begins the debate or goes on with it.
    fn command(&self, log: &Log, by_id: bool) -> Vec<String> {
        let known = log.id.clone().filter(|_| !log.records.is_empty() && (by_id || !self.plan.by_command));
        let mut command = match known {
            Some(id) => vec!["debate".to_owned(), "--resume".to_owned(), id],
            None => self.plan.command(&self.yard.vendors, &self.name),
        };
        let journal = self.shelf.path.to_str().expect("a plain path").to_owned();
        command.extend(["--journal".to_owned(), journal, "--json".to_owned()]);
        if self.is_for_power {
            command.extend(["--durability".to_owned(), "power".to_owned()]);
        }
        command
    }

    /// Runs it to its end.
    fn ends(&self, by_id: bool) -> (Told, Log) {
        let command = self.command(&self.shelf.log(), by_id);
        let told = self.yard.place.told(&command.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(told.code, 0, "{}: {}", self.name, told.err);
        let log = self.shelf.log();
        assert!(log.is_concluded(), "{}: {:?}", self.name, log.records.last());
        (told, log)
    }

    fn whole(&self) -> Whole {
        let began = Instant::now();
        let (told, log) = self.ends(true);
        let time = began.elapsed();
        let turns = log.turns();
        assert!(turns.answered.iter().any(|turn| turn.round > 0), "{}: hardly a debate", self.plan.name);
        let last = log.records.last().and_then(|record| record.to_line().ok()).map_or(0, |line| line.len());
        let (asked, requests) = self.yard.vendors.of(&self.name, |requests| {
            let words = requests.seen.iter().map(|(turn, words)| (*turn, words.keys().copied().collect()));
            (words.collect(), requests.total)
        });
        let verdict = verdict(&told);
        assert_eq!(verdict["calls"], turns.finished + turns.given_up, "{verdict}");
        Whole {
            verdict: comparable(verdict),
            transcript: log.transcript(),
            asked,
            requests,
            bytes: log.bytes,
            bytes_before_the_end: log.bytes - last as u64,
            time,
        }
    }

    /// Kills it a few times, lets it end, and compares. How often it was killed.
    fn survives(mut self, n: u32, whole: &Whole) -> u32 {
        let mut chance = Seed::new(1_515).child(&format!("case {n}")).rng();
        let mut killed = 0;
        let mut in_flight = 0;
        for _ in 0..=chance.below(MOST_KILLS_OF_ONE) {
            let log = self.shelf.log();
            let point = self.point(&log, whole, &mut chance);
            let command = self.command(&log, chance.happens(0.5));
            if !self.dies(&command, point) {
                break;
            }
            let log = self.shelf.log();
            let lost = log.turns().open.values().sum::<u32>();
            killed += 1;
            in_flight += lost;
        }
        let (told, log) = self.ends(chance.happens(0.5));
        self.compare(&told, &log, whole, in_flight);
        killed
    }

    /// A point that lies ahead.
    fn point(&self, log: &Log, whole: &Whole, chance: &mut Chance) -> Point {
        let up_to = |most: u64, chance: &mut Chance| {
            chance.below(usize::try_from(most).expect("a small number")) as u64
        };
        match chance.below(8) {
            0..=2 => Point::Bytes(log.bytes + up_to(whole.bytes.saturating_sub(log.bytes).max(1), chance)),
            3..=4 => {
                let seen = self.yard.vendors.of(&self.name, |requests| requests.total);
                let left = whole.requests.saturating_sub(seen).max(1);
                Point::Requests(seen + 1 + u32::try_from(up_to(left.into(), chance)).expect("a few"))
            }
            5 => Point::Bytes(whole.bytes_before_the_end + 1),
            _ => {
                let most = u64::try_from(whole.time.as_micros()).expect("seconds");
                Point::Time(Duration::from_micros(up_to(most, chance)))
            }
        }
    }

    /// Runs a command and kills it there; false when it had ended before.
    fn dies(&mut self, command: &[String], point: Point) -> bool {
        let command: Vec<&str> = command.iter().map(String::as_str).collect();
        let child = self.yard.place.command(&command).spawn().expect("it runs");
        let began = Instant::now();
        let victim = Arc::new(Mutex::new(child));
        if let Point::Requests(requests) = point {
            self.yard.vendors.kill_at(&self.name, requests, &victim);
        }
        let status = loop {
            if let Some(status) = lock(&victim).try_wait().expect("its status") {
                break status;
            }
            let is_there = match point {
                Point::Bytes(bytes) => self.shelf.length() >= bytes,
                Point::Requests(_) => false,
                Point::Time(time) => began.elapsed() >= time,
            };
            if is_there {
                lock(&victim).kill().expect("it can be killed");
            } else {
                thread::sleep(POLL);
            }
        };
        self.shelf.look_away();
        assert!(status.signal().is_some() || status.code() == Some(0), "{}: {status}", self.name);
        status.signal() == Some(9)
    }

    fn compare(&self, told: &Told, log: &Log, whole: &Whole, in_flight: u32) {
        let name = format!("{} ({})", self.name, self.plan.name);
        let verdict = verdict(told);
        let turns = log.turns();
        assert_eq!(verdict["calls"], turns.calls(), "{name}: {verdict}");
        assert!(turns.lost <= in_flight, "{name}: {} call(s) are booked as lost of {in_flight}", turns.lost);
        let transcript = log.transcript();
        if self.plan.is_race {
            assert_eq!(verdict["outcome"], whole.verdict["outcome"], "{name}");
            let rounds = |transcript: &[Entry]| {
                transcript.iter().filter(|entry| entry.round == 0).cloned().collect::<Vec<_>>()
            };
            assert_eq!(rounds(&transcript), rounds(&whole.transcript), "{name}: before the race");
        } else {
            assert_eq!(comparable(verdict), whole.verdict, "{name}");
            assert_eq!(transcript, whole.transcript, "{name}");
        }
        self.yard.vendors.of(&self.name, |requests| {
            for (turn, words) in &requests.seen {
                let asked = turns.asked.get(turn).copied().unwrap_or(0);
                // A process that dies between its log and its call has asked nobody.
                let most = words.values().copied().max().unwrap_or(0);
                assert!(most <= asked, "{name}: {turn:?} came {most} times, and {asked} are in the log");
                if let Some(expected) = whole.asked.get(turn) {
                    let words: Vec<u64> = words.keys().copied().collect();
                    assert_eq!(words, *expected, "{name}: {turn:?} was asked in other words");
                }
            }
            let all = requests.seen.len() == whole.asked.len();
            assert!(all || self.plan.is_race, "{name}: turns were left out");
            assert!(requests.total <= turns.calls(), "{name}: calls are missing from the bill");
        });
    }
}

fn verdict(told: &Told) -> Value {
    serde_json::from_str(&told.out).unwrap_or_else(|e| panic!("{e}: {} {}", told.out, told.err))
}

/// A verdict without its name and its price.
fn comparable(mut verdict: Value) -> Value {
    let fields = verdict.as_object_mut().expect("an object");
    for name in ["debate", "calls", "tokens", "cost"] {
        fields.remove(name);
    }
    if let Some(degradations) = fields.get_mut("degradations").and_then(Value::as_array_mut) {
        degradations.retain(|degradation| degradation["type"] != "possibly-paid");
    }
    verdict
}

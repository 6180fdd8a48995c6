//! Histories of questions, insertions, invalidations, outages and cancellations, against a model that knows when each
//! value was begun and what was invalidated since. Nothing may be served that the model forbids.

use std::sync::{Mutex, PoisonError};

use proptest::{prelude::*, test_runner::RngSeed};
use tokio::task::JoinHandle;

use super::*;

const N_KEYS: usize = 4;

#[derive(Debug, Clone)]
enum Act {
    /// Asks for a key; computing takes so many ms, or fails and is remembered for so many seconds.
    Ask {
        key: usize,
        takes: u64,
        fails: Option<u64>,
        waits: bool,
    },
    /// With the tags of the key's policy, and with another if it is to be.
    Insert {
        key: usize,
        other: bool,
    },
    Invalidate {
        selector: usize,
        waits: bool,
    },
    Advance {
        ms: u64,
    },
    Mood {
        third: bool,
        mood: u8,
    },
    /// The first tier lets everything go.
    Evict,
    /// The oldest question under way is cancelled.
    Cancel,
}

fn act() -> impl Strategy<Value = Act> {
    let takes = prop_oneof![Just(0_u64), Just(20), 0..3000_u64];
    let fails = prop_oneof![4 => Just(None), 1 => Just(Some(0)), 1 => Just(Some(2))];
    prop_oneof![
        10 => (0..N_KEYS, takes, fails, any::<bool>())
            .prop_map(|(key, takes, fails, waits)| Act::Ask { key, takes, fails, waits }),
        2 => (0..N_KEYS, any::<bool>()).prop_map(|(key, other)| Act::Insert { key, other }),
        3 => (0..N_KEYS + 5, any::<bool>()).prop_map(|(selector, waits)| Act::Invalidate { selector, waits }),
        3 => prop_oneof![0..50_u64, 0..3000_u64, 0..30_000_u64].prop_map(|ms| Act::Advance { ms }),
        2 => (any::<bool>(), prop_oneof![2 => Just(WORKS), 1 => Just(FAILS), 1 => Just(HANGS)])
            .prop_map(|(third, mood)| Act::Mood { third, mood }),
        2 => Just(Act::Evict),
        1 => Just(Act::Cancel),
    ]
}

/// Keys 0 and 1 share a prefix, 1 and 2 a tag; each has a policy of its own.
fn name(n: usize) -> Key {
    key(["a/0", "a/1", "b/2", "b/3"][n])
}

fn policy(n: usize) -> Policy {
    let policy = Policy::new([5, 10, 10, 2][n] * SECOND);
    let policy = if n == 0 { policy } else { policy.stale_while_revalidating(4 * SECOND) };
    let policy = if n == 3 { policy } else { policy.stale_on_error(8 * SECOND) };
    policy.with_tags(if n == 1 || n == 2 { vec![tag("t")] } else { Vec::new() }).unwrap()
}

fn fresh_for(n: usize) -> Duration {
    [5, 10, 10, 2][n] * SECOND
}

fn stale_for(n: usize, freshness: Freshness) -> Duration {
    match freshness {
        Freshness::Fresh => Duration::ZERO,
        Freshness::Revalidating => [0, 4, 4, 4][n] * SECOND,
        Freshness::AfterError => [8, 8, 8, 4][n] * SECOND,
    }
}

fn selector(n: usize) -> Selector {
    let space = Namespace::new("test", 1).unwrap();
    match n.checked_sub(N_KEYS) {
        None => Selector::Key(name(n)),
        Some(0) => Selector::Tag(tag("t")),
        Some(1) => Selector::Prefix(space.prefix("a/").unwrap()),
        Some(2) => Selector::Prefix(space.every_version()),
        Some(3) => Selector::Tag(tag("other")),
        Some(_) => Selector::All,
    }
}

/// A value that was made: for which key, and when that was begun.
#[derive(Debug)]
struct Made {
    key: usize,
    begun: u64,
    at: Option<Timestamp>,
    /// Whether it has the other tag.
    other: bool,
}

/// What the model knows. Its time is a counter that grows with every event.
#[derive(Debug, Default)]
struct Model {
    events: u64,
    made: Vec<Made>,
    /// For each key, the newest beginning of an invalidation that has ended: older values must not be served to who
    /// asks from now on.
    barrier: [u64; N_KEYS],
    /// The same for values with the other tag.
    other_barrier: u64,
    served: [u64; 4],
}

impl Model {
    fn tick(&mut self) -> u64 {
        self.events += 1;
        self.events
    }

    fn begin(&mut self, key: usize) -> usize {
        let begun = self.tick();
        self.made.push(Made { key, begun, at: None, other: false });
        self.made.len() - 1
    }

    fn raise(&mut self, selector: &Selector, begun: u64) {
        if *selector == Selector::Tag(tag("other")) {
            self.other_barrier = self.other_barrier.max(begun);
        }
        for key in 0..N_KEYS {
            if selector.holds(&name(key), policy(key).tags()) {
                self.barrier[key] = self.barrier[key].max(begun);
            }
        }
    }
}

struct Run {
    house: Arc<House>,
    model: Arc<Mutex<Model>>,
    under_way: Vec<JoinHandle<()>>,
}

impl Run {
    fn model(&self) -> std::sync::MutexGuard<'_, Model> {
        self.model.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks, and judges the answer by what was known when the question was put.
    fn ask(&self, key: usize, takes: u64, fails: Option<u64>) -> impl Future<Output = ()> + Send + use<> {
        let (house, model) = (Arc::clone(&self.house), Arc::clone(&self.model));
        let asked_at = house.clock.now();
        let (barrier, other_barrier) = {
            let model = self.model();
            (model.barrier[key], model.other_barrier)
        };
        async move {
            let (notes, clock) = (Arc::clone(&model), Arc::clone(&house.clock));
            let compute = move || async move {
                let n = notes.lock().unwrap().begin(key);
                sleep(Duration::from_millis(takes)).await;
                if let Some(seconds) = fails {
                    return Err(Refused(seconds));
                }
                notes.lock().unwrap().made[n].at = Some(clock.now());
                Ok(n)
            };
            let answer = house.cache.get_or_compute(&name(key), &policy(key), compute).await;
            let mut model = model.lock().unwrap();
            let Ok(served) = answer else {
                model.served[3] += 1;
                return;
            };
            model.served
                [usize::from(served.is_stale()) + usize::from(served.from == Origin::Computed) * 2 % 3] += 1;
            let made = &model.made[served.value];
            assert_eq!(made.key, key, "another key's value");
            let barrier = if made.other { barrier.max(other_barrier) } else { barrier };
            assert!(
                made.begun > barrier,
                "{served:?} was begun before it was invalidated: {made:?} {barrier}"
            );
            let made_at = made.at.expect("what is served was made");
            let age = Duration::try_from(asked_at.duration_since(made_at)).unwrap_or_default();
            let most = fresh_for(key) + stale_for(key, served.freshness);
            assert!(age < most, "{served:?} is {age:?} old, at most {most:?} are allowed");
        }
    }

    async fn act(&mut self, act: &Act) {
        match *act {
            Act::Ask { key, takes, fails, waits } => {
                let asked = self.ask(key, takes, fails);
                if waits {
                    asked.await;
                } else {
                    self.under_way.push(tokio::spawn(asked));
                }
            }
            Act::Insert { key, other } => {
                let (n, now) = (self.model().begin(key), self.house.clock.now());
                let begun = self.model().made[n].begun;
                self.model().made[n].at = Some(now);
                self.model().made[n].other = other;
                let mut tags = policy(key).tags().to_vec();
                tags.extend(other.then(|| tag("other")));
                let policy = policy(key).with_tags(tags).unwrap();
                self.house.cache.insert(&name(key), &policy, &n).await.unwrap();
                self.model().raise(&Selector::Key(name(key)), begun - 1);
            }
            Act::Invalidate { selector: n, waits } => {
                let (house, model) = (Arc::clone(&self.house), Arc::clone(&self.model));
                let invalidation = async move {
                    let (selector, begun) = (selector(n), model.lock().unwrap().tick());
                    house.cache.invalidate(&selector).await;
                    model.lock().unwrap().raise(&selector, begun);
                };
                if waits {
                    invalidation.await;
                } else {
                    self.under_way.push(tokio::spawn(invalidation));
                }
            }
            Act::Advance { ms } => sleep(Duration::from_millis(ms)).await,
            Act::Mood { third, mood } => {
                let tier = if third { &self.house.third } else { &self.house.second };
                tier.now(mood);
            }
            Act::Evict => self.house.forget_first().await,
            Act::Cancel => {
                if !self.under_way.is_empty() {
                    self.under_way.remove(0).abort();
                }
            }
        }
    }
}

/// Runs a history, and gives how many answers were fresh, stale, computed, failures.
async fn run(acts: &[Act], house: House) -> [u64; 4] {
    let mut run = Run { house: Arc::new(house), model: Arc::default(), under_way: Vec::new() };
    for act in acts {
        run.act(act).await;
    }
    for task in run.under_way.drain(..) {
        match task.await {
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            _ => {}
        }
    }
    run.house.settle().await;
    sleep(3600 * SECOND).await;
    assert_eq!(run.house.cache.0.look_ups.len() + run.house.cache.0.computations.len(), 0);
    run.model().served
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, rng_seed: RngSeed::Fixed(20_261_121), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_served_beyond_its_policy(
        acts in prop::collection::vec(act(), 1..40),
        ms in 0..30_u64,
        first_ms in prop::option::of(0..10_u64),
    ) {
        let takes = Duration::from_millis(ms);
        let house = || match first_ms {
            None => House::with_slow_tiers(takes),
            Some(ms) => House::with_uneven_tiers(Duration::from_millis(ms), takes),
        };
        let once = || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
            runtime.unwrap().block_on(async { run(&acts, house()).await })
        };
        let first = once();
        // Chance, time and hashing are the same each time: so is the history. Some are run twice to see.
        if acts.len() % 8 == 0 {
            prop_assert_eq!(first, once());
        }
    }
}

#[test]
fn the_model_forbids_something() {
    let mut model = Model::default();
    let n = model.begin(1);
    assert!(model.made[n].begun > model.barrier[1]);
    let begun = model.tick();
    model.raise(&Selector::Tag(tag("t")), begun);
    assert!(model.made[n].begun <= model.barrier[1]);
    assert_eq!(model.barrier, [0, begun, begun, 0]);
}

#[tokio::test(start_paused = true)]
async fn history_in_which_an_outdated_write_came_after_an_insertion() {
    let ask = |key, takes, fails, waits| Act::Ask { key, takes, fails, waits };
    let acts = [
        ask(2, 0, None, false),
        Act::Advance { ms: 9451 },
        ask(2, 20, None, false),
        ask(0, 20, Some(0), true),
        Act::Insert { key: 2, other: false },
        Act::Evict,
        ask(0, 0, None, true),
        ask(2, 0, None, false),
    ];
    run(&acts, House::with_slow_tiers(Duration::from_millis(21))).await;
}

//! K4: a Redis server that is killed and started again, or hangs and goes on, under load: what those who ask notice.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use assize_benches::handover::{Handover, Profile};
use assize_cache::{Key, Level, MemoryTier, Origin, Policy, Tiered};
use assize_perf::{Kind, Measurement, Run, Unit, statistics::Sorted};
use tokio::task::block_in_place;

use crate::{
    entries::{HOUR, SEED, clock, keys},
    figures::{count, figure, nanoseconds, sampled, words},
    server::{Server, is_missing},
};

/// So many callers ask, each a millisecond after its last answer.
const CALLERS: usize = 16;
const PAUSE: Duration = Duration::from_millis(1);
const KEYS: usize = 2_000;
/// Memory that has room for a few of the keys: what the server has is asked of the server.
const MEMORY: u64 = 64 << 10;
const PATIENCE: Duration = Duration::from_secs(30);
/// The server's place in the composition.
const SHARED: Origin = Origin::Tier(1);

struct Sizes {
    outage: Duration,
    rounds: usize,
}

const fn sizes(profile: Profile) -> Sizes {
    match profile {
        Profile::Smoke => Sizes { outage: Duration::from_millis(300), rounds: 1 },
        Profile::Default => Sizes { outage: Duration::from_millis(2_500), rounds: 2 },
        Profile::Full => Sizes { outage: Duration::from_secs(5), rounds: 10 },
    }
}

#[derive(Debug, Clone, Copy)]
enum Outage {
    Killed,
    Hung,
}

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    let cases = [("cache/outage/killed", Outage::Killed), ("cache/outage/hung", Outage::Hung)];
    let Sizes { outage, rounds } = sizes(handover.profile);
    let mut servers = Vec::new();
    for (id, what) in cases {
        if handover.wants(id) {
            let Some(server) = Server::start()? else {
                is_missing(run, "an outage of a Redis server");
                return Ok(());
            };
            servers.push((id, what, server));
        }
    }
    // At the same time: most of it is waiting.
    let seen = std::thread::scope(|scope| {
        let suffer = |(id, what, server)| scope.spawn(move || (id, suffer(server, what, outage, rounds)));
        let threads: Vec<_> = servers.into_iter().map(suffer).collect();
        threads.into_iter().map(|thread| thread.join().map_err(|_| "a thread panicked")).collect::<Vec<_>>()
    });
    for suffered in seen {
        let (id, rounds) = suffered?;
        run.measurements.extend(figures(id, &rounds?)?);
    }
    Ok(())
}

/// What callers saw of one outage.
struct Seen {
    calls: usize,
    errors: usize,
    /// Times in nanoseconds of the calls that ended between the outage and the return of hits.
    times: Vec<f64>,
    hits_return: Duration,
}

fn suffer(mut server: Server, what: Outage, outage: Duration, rounds: usize) -> Result<Vec<Seen>, String> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(words)?;
    runtime.block_on(async {
        let mut seen = Vec::new();
        for _ in 0..rounds {
            seen.push(one_outage(&mut server, what, outage).await?);
        }
        Ok(seen)
    })
}

/// One outage, with a composition of its own before it.
async fn one_outage(server: &mut Server, what: Outage, outage: Duration) -> Result<Seen, String> {
    let levels = vec![
        Level::memory(Arc::new(MemoryTier::new(MEMORY, clock()))),
        Level::shared(Arc::new(server.tier()?)),
    ];
    let cache = Tiered::new(levels, clock(), SEED);
    let (keys, stop) = (Arc::new(keys("outage", KEYS)?), Arc::new(AtomicBool::new(false)));
    let caller = |n| tokio::spawn(ask(cache.clone(), n, Arc::clone(&keys), Arc::clone(&stop)));
    let callers: Vec<_> = (0..CALLERS).map(caller).collect();
    hits(&cache, 100).await?;
    let began = Instant::now();
    match what {
        Outage::Killed => block_in_place(|| server.kill())?,
        Outage::Hung => block_in_place(|| server.signal("STOP"))?,
    }
    tokio::time::sleep(outage).await;
    match what {
        Outage::Killed => block_in_place(|| server.restart())?,
        Outage::Hung => block_in_place(|| server.signal("CONT"))?,
    }
    let back = Instant::now();
    let returned = hits(&cache, 100).await;
    stop.store(true, Ordering::Relaxed);
    returned?;
    let mut seen = Seen { calls: 0, errors: 0, times: Vec::new(), hits_return: PATIENCE };
    for caller in callers {
        let answers = caller.await.map_err(|_| "a caller panicked")?;
        seen.calls += answers.len();
        for answer in answers {
            seen.errors += usize::from(answer.from.is_none());
            if answer.at >= began {
                seen.times.push(nanoseconds(answer.time));
            }
            if answer.at >= back && answer.from == Some(SHARED) {
                seen.hits_return = seen.hits_return.min(answer.at - back);
            }
        }
    }
    Ok(seen)
}

/// An answer: when it came, how long it took, and from where; nowhere if it was an error or wrong.
struct Answer {
    at: Instant,
    time: Duration,
    from: Option<Origin>,
}

/// Asks for one key after the other until it is told to stop.
async fn ask(cache: Tiered, caller: usize, keys: Arc<Vec<Key>>, stop: Arc<AtomicBool>) -> Vec<Answer> {
    let policy = Policy::new(HOUR).with_early(0.0);
    let mut chance = SEED.child("caller").child(&caller.to_string()).rng();
    let mut answers = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let n = chance.below(keys.len());
        let began = Instant::now();
        let served =
            cache.get_or_compute(&keys[n], &policy, move || async move { Ok::<_, Infallible>(n) }).await;
        let at = Instant::now();
        let from = served.ok().filter(|served| served.value == n).map(|served| served.from);
        answers.push(Answer { at, time: at - began, from });
        tokio::time::sleep(PAUSE).await;
    }
    answers
}

/// Waits until the server has served so many more.
async fn hits(cache: &Tiered, more: u64) -> Result<(), String> {
    let served = async || cache.statistics().await.levels.get(1).map_or(0, |level| level.hits);
    let (before, began) = (served().await, Instant::now());
    while served().await < before + more {
        if began.elapsed() > PATIENCE {
            return Err(format!("wait for hits: there are none after {PATIENCE:?}"));
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

fn figures(id: &str, rounds: &[Seen]) -> Result<Vec<Measurement>, String> {
    let sum = |of: fn(&Seen) -> usize| rounds.iter().map(of).sum::<usize>();
    let each = |of: &dyn Fn(&Sorted) -> f64| {
        let all = rounds.iter().map(|seen| Sorted::new(&seen.times).map(|times| of(&times)));
        all.collect::<Option<Vec<f64>>>().ok_or_else(|| format!("measure {id}: nobody asked"))
    };
    let note = format!(
        "{} outages, {} calls by {CALLERS} callers; memory above has room for a twentieth of the keys",
        rounds.len(),
        sum(|seen| seen.calls)
    );
    let slowest = each(&Sorted::max)?.into_iter().fold(0.0, f64::max);
    let back = rounds.iter().map(|seen| nanoseconds(seen.hits_return)).collect();
    let figures = vec![
        count(id, "errors", Kind::Loaded, sum(|seen| seen.errors)),
        figure(id, "slowest", Unit::Nanoseconds, Kind::Loaded, slowest),
        sampled(id, "p99", Unit::Nanoseconds, Kind::Loaded, each(&|times| times.percentile(99.0))?)?,
        sampled(id, "hits-return", Unit::Nanoseconds, Kind::Loaded, back)?,
    ];
    Ok(figures.into_iter().map(|figure| figure.with_note(note.clone())).collect())
}

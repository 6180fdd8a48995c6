//! Somebody with a limit that he does not state, and callers who want all of it; in virtual time.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use assize_ambient::{Chance, Seed};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, timeout_at},
};

use crate::Limiter;

/// A limit of so many a second on average.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    /// A bucket of this size, filled steadily.
    Bucket { size: f64 },
    /// Windows of so many seconds, each with its whole count at its start.
    Window { seconds: f64 },
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Hidden {
    pub(super) per_second: u32,
    pub(super) shape: Shape,
    /// What it becomes half-way.
    pub(super) then_per_second: u32,
    /// Whether a refusal says when to come back, in whole seconds at least one, as vendors do.
    pub(super) says_when: bool,
}

impl Hidden {
    pub(super) fn steady(per_second: u32, shape: Shape) -> Self {
        Self { per_second, shape, then_per_second: per_second, says_when: false }
    }

    pub(super) fn saying_when(self) -> Self {
        Self { says_when: true, ..self }
    }

    pub(super) fn then(self, per_second: u32) -> Self {
        Self { then_per_second: per_second, ..self }
    }
}

struct Vendor {
    hidden: Hidden,
    level: f64,
    filled: f64,
    half_way: f64,
}

impl Vendor {
    /// Serves or refuses; a refusal with the wait that it asks for.
    fn arrive(&mut self, now: f64) -> Result<(), Option<Duration>> {
        let rate =
            f64::from(if now < self.half_way { self.hidden.per_second } else { self.hidden.then_per_second });
        match self.hidden.shape {
            Shape::Bucket { size } => self.level = (self.level + (now - self.filled) * rate).min(size),
            Shape::Window { seconds } if (now / seconds).floor() > (self.filled / seconds).floor() => {
                self.level = rate * seconds;
            }
            Shape::Window { .. } => {}
        }
        self.filled = now;
        if self.level >= 1.0 - 1e-9 {
            self.level -= 1.0;
            return Ok(());
        }
        let wait = match self.hidden.shape {
            Shape::Bucket { .. } => (1.0 - self.level) / rate,
            Shape::Window { seconds } => seconds - now % seconds,
        };
        Err(self.hidden.says_when.then(|| Duration::from_secs_f64(wait.ceil().max(1.0))))
    }
}

/// What happened in the last three fifths of a half: the first two are for settling.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Settled {
    pub(super) served: u64,
    pub(super) refused: u64,
    /// What could have been served.
    pub(super) limit: u64,
}

impl Settled {
    /// Whether so many percent of the limit were had, and fewer than so many percent of requests refused.
    pub(super) fn keeps(&self, had: u64, refused: u64) -> bool {
        self.served * 100 >= self.limit * had && self.refused * 100 < (self.served + self.refused) * refused
    }
}

/// Both halves of a run of so many seconds.
pub(super) async fn run(limiter: &Limiter, hidden: Hidden, callers: u32, seconds: u32) -> [Settled; 2] {
    let start = Instant::now();
    let end = start + Duration::from_secs(u64::from(seconds));
    let half = f64::from(seconds) / 2.0;
    let level = match hidden.shape {
        Shape::Bucket { size } => size,
        Shape::Window { seconds } => f64::from(hidden.per_second) * seconds,
    };
    let vendor = Arc::new(Mutex::new(Vendor { hidden, level, filled: 0.0, half_way: half }));
    let counts = Arc::new([const { [const { AtomicU64::new(0) }; 2] }; 2]);
    // As long a way as leaves the callers a third more than the limit.
    let way = (f64::from(callers) / (f64::from(hidden.per_second) * 1.4)).min(0.5);
    let mut tasks = JoinSet::new();
    for caller in 0..callers {
        let (limiter, vendor, counts) = (limiter.clone(), Arc::clone(&vendor), Arc::clone(&counts));
        let mut chance = Seed::new(7).child(&caller.to_string()).rng();
        tasks.spawn(timeout_at(end, async move {
            loop {
                let permit = limiter.acquire(0).await;
                sleep(jittered(&mut chance, way * 0.25)).await;
                let now = start.elapsed().as_secs_f64();
                let answer = vendor.lock().unwrap().arrive(now);
                let (part, at) = (usize::from(now >= half), now % half);
                if at >= half * 0.4 {
                    counts[part][usize::from(answer.is_err())].fetch_add(1, Ordering::Relaxed);
                }
                sleep(jittered(&mut chance, way * 0.25)).await;
                match answer {
                    Ok(()) => {
                        sleep(jittered(&mut chance, way * 0.5)).await;
                        permit.settle(0);
                    }
                    Err(wait) => permit.refused(wait),
                }
            }
        }));
    }
    while tasks.join_next().await.is_some() {}
    let settled = |part: usize, per_second: u32| Settled {
        served: counts[part][0].load(Ordering::Relaxed),
        refused: counts[part][1].load(Ordering::Relaxed),
        limit: u64::from(per_second) * u64::from(seconds) * 3 / 10,
    };
    [settled(0, hidden.per_second), settled(1, hidden.then_per_second)]
}

fn jittered(chance: &mut Chance, seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds * (0.8 + 0.4 * chance.unit()))
}

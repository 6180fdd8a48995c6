//! A cache from what a user asks for.

mod file;
mod found;
mod place;

use std::{
    convert::Infallible,
    error::Error as StdError,
    fmt::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use assize_ambient::{Clock, Seed};
use assize_cache::{
    DEFAULT_DISK_BYTES, DEFAULT_MEMORY_BYTES, DiskTier, Level, MemoryTier, Policy, RedisTier, Tier, Tiered,
};
use assize_transport::Secret;
use tokio::task::JoinHandle;

use crate::Error;

pub use found::{CacheReport, Damage, Removal, TierReport};

/// Replies are fresh for so long unless told otherwise.
const FRESH_FOR: Duration = Duration::from_secs(24 * 60 * 60);
/// The deadline of every tier in one run.
const PATIENT: Duration = Duration::from_secs(2);
/// The same of the disk, which is here, and slow only while the machine is busy.
const MOST_PATIENT: Duration = Duration::from_secs(30);
/// So long does a closing cache wait for what is still to be written.
const CLOSING: Duration = Duration::from_secs(30);
/// The writes that may wait for the disk; their bytes are bounded besides.
const MOST_WAITING: usize = 16_384;

/// Where replies are kept, how much of them, and for how long.
///
/// Written down, it is TOML, and each line may be left out:
///
/// ```toml
/// folder = "replies"              # relative to this file; by default the user's folder for caches
/// memory_bytes = 100_000_000
/// disk_bytes = 10_000_000_000
/// fresh_for = "24h"
/// redis = "redis://:password@cache.example.org:6379/0"
/// redis_name = "assize"           # with which all names on the server begin
/// redis_bytes = 1_000_000_000
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheOptions {
    /// The folder of the tier on disk.
    pub folder: PathBuf,
    /// How many bytes the tier in memory may take.
    pub memory_bytes: u64,
    /// How many bytes the tier on disk may take.
    pub disk_bytes: u64,
    /// How long a reply is fresh.
    pub fresh_for: Duration,
    /// The tier that several machines share; it need not be there.
    pub redis: Option<RedisOptions>,
    /// Whether it is opened for one run, while a person waits: then each tier has two seconds to answer instead of 10, 50
    /// and 100 milliseconds, since a miss costs more than a wait, and nobody listens to what other processes remove.
    pub is_for_one_run: bool,
}

/// A tier on a Redis server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedisOptions {
    /// Its address, which may hold a password.
    pub url: Secret,
    /// With what all names on the server begin.
    pub name: String,
    /// How many bytes it may take there.
    pub bytes: u64,
}

impl RedisOptions {
    /// The server's address without user, password and database.
    #[must_use]
    pub fn address(&self) -> &str {
        let (scheme, rest) = self.url.expose().split_once("://").unwrap_or(("", self.url.expose()));
        if scheme.contains("unix") {
            return "a Unix socket";
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let authority = &rest[..end];
        authority.rsplit_once('@').map_or(authority, |(_, host)| host)
    }
}

impl CacheOptions {
    /// The cache in this folder, as it is unless told otherwise: 100 MB in memory, 10 GB on disk, no server, fresh for 24
    /// hours.
    #[must_use]
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            memory_bytes: DEFAULT_MEMORY_BYTES,
            disk_bytes: DEFAULT_DISK_BYTES,
            fresh_for: FRESH_FOR,
            redis: None,
            is_for_one_run: false,
        }
    }

    /// The cache that is meant by `named`, or else by the variable `ASSIZE_CACHE` of the environment: a file (one that is
    /// there, or whose name ends with `.toml`), or a folder. Where neither says anything it is the folder `assize` among the
    /// user's caches: in `XDG_CACHE_HOME`, else `~/.cache`, on macOS `~/Library/Caches`, on Windows `%LOCALAPPDATA%`.
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) for a file that can't be read or says what it must not; the message names file, line and
    /// field, and shows no address of a server. Also where nothing says where the cache is.
    pub fn load(named: Option<&Path>) -> Result<Self, Error> {
        Self::load_from(named, &crate::environment::variable)
    }

    fn load_from(named: Option<&Path>, variable: place::Variable<'_>) -> Result<Self, Error> {
        let nowhere = || {
            Error::bad_request("find the cache: there is no folder for a user's caches here")
                .with_hint("say where it is: --cache FOLDER, or the variable ASSIZE_CACHE")
        };
        let usual = || place::usual(variable).ok_or_else(nowhere);
        let named_by_variable = place::named(variable);
        let Some(named) = named.or(named_by_variable.as_deref()) else {
            return Ok(Self::in_folder(usual()?));
        };
        let is_file = named.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml"))
            || named.metadata().is_ok_and(|it| !it.is_dir());
        if is_file { file::read(named, &usual) } else { Ok(Self::in_folder(named)) }
    }

    /// Opens it. The folder is made if need be; a server is asked for later, when it is needed.
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) where the folder is none, or a server's address or name is wrong; [`Outside`](crate::ErrorKind::Outside)
    /// where the disk can't be written.
    pub async fn open(&self, clock: Arc<dyn Clock>, seed: Seed) -> Result<Cache, Error> {
        if self.folder.exists() && !self.folder.is_dir() {
            let shown = self.folder.display();
            return Err(Error::bad_request(format!("open the cache in {shown}: it is not a folder"))
                .with_hint("give a folder, which is made when there is none, or a file of options in TOML"));
        }
        let memory = Arc::new(MemoryTier::new(self.memory_bytes, Arc::clone(&clock)));
        let mut levels = vec![self.held_to(Level::memory(Arc::clone(&memory) as _))];
        let mut parts = vec![Part { name: "memory", place: "this process".to_owned(), tier: memory }];
        let mut follower = None;
        if let Some(options) = &self.redis {
            let redis = Arc::new(self.redis(options, &clock)?);
            levels.push(self.held_to(Level::shared(Arc::clone(&redis) as _)));
            let place = format!("Redis at {}", options.address());
            parts.push(Part { name: "shared", place, tier: Arc::clone(&redis) as _ });
            follower = Some(redis);
        }
        let disk = DiskTier::open(&self.folder, self.disk_bytes, Arc::clone(&clock)).await;
        let disk = Arc::new(disk.map_err(|e| Error::outside(whole(&e)))?);
        // Each reply and each answer of a site says itself how long it is good for.
        let longest = self.fresh_for.max(assize_altdata::ANSWERS_KEPT);
        let level = Level::disk(Arc::clone(&disk) as _).with_fresh_at_most(longest);
        let level = if self.is_for_one_run { level.with_deadline(MOST_PATIENT) } else { level };
        levels.push(level.with_most_waiting(MOST_WAITING));
        let place = self.folder.display().to_string();
        parts.push(Part { name: "disk", place, tier: Arc::clone(&disk) as _ });
        let tiers = Tiered::new(levels, clock, seed);
        let follower = follower.filter(|_| !self.is_for_one_run).map(|redis| {
            let tiers = tiers.clone();
            Follower(tokio::spawn(async move { redis.keep_in_step(&tiers, 1).await }))
        });
        // What is about to expire is not asked for early: a second answer would be paid for.
        let policy = Policy::new(self.fresh_for).with_early(0.0);
        Ok(Cache { tiers, policy, parts, disk, _follower: follower })
    }

    fn redis(&self, options: &RedisOptions, clock: &Arc<dyn Clock>) -> Result<RedisTier, Error> {
        let redis = RedisTier::new(options.url.expose(), &options.name, Arc::clone(clock))
            .map_err(|e| Error::bad_request(whole(&e)))?
            .with_limit(options.bytes);
        Ok(if self.is_for_one_run { redis.with_timeout(PATIENT) } else { redis })
    }

    fn held_to(&self, level: Level) -> Level {
        if self.is_for_one_run { level.with_deadline(PATIENT) } else { level }
    }
}

/// A cache that is open: its tiers composed, and each by itself.
#[derive(Debug)]
pub struct Cache {
    tiers: Tiered,
    policy: Policy,
    parts: Vec<Part>,
    disk: Arc<DiskTier>,
    _follower: Option<Follower>,
}

/// A tier by itself.
#[derive(Debug)]
struct Part {
    name: &'static str,
    place: String,
    tier: Arc<dyn Tier>,
}

impl Cache {
    /// The composition.
    #[must_use]
    pub const fn tiers(&self) -> &Tiered {
        &self.tiers
    }

    /// How long a reply is good for.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Waits until all is written, but not for ever, and says how many entries could not be.
    pub async fn written(&self) -> u64 {
        let waiting = self.tiers.flush(CLOSING).await as u64;
        // A server need not be there: what counts is the disk, which is the last.
        let levels = self.tiers.statistics().await.levels;
        waiting + levels.last().map_or(0, |disk| disk.dropped_writes + disk.refused)
    }
}

/// Listens to what other processes remove from a shared tier, until it is dropped.
struct Follower(JoinHandle<Infallible>);

impl Drop for Follower {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl fmt::Debug for Follower {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Follower")
    }
}

/// An error with its causes, which a tier's own words leave out.
fn whole(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let why = error.to_string();
        // Some say their cause's words as well.
        if !text.contains(&why) {
            // Writing to a string can't fail.
            let _ = write!(text, ": {why}");
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests;

//! A tier on a Redis server, which processes on many machines share.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use assize_ambient::Clock;
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::try_join;
use redis::io::tcp::TcpSettings;
use redis::{Client, Cmd, IntoConnectionInfo, ProtocolVersion, RedisError, cmd};
use tokio::time::MissedTickBehavior;

use self::link::{Connection, Link};
use self::notices::{Board, message, parts};
use crate::envelope::since;
use crate::{
    DEFAULT_SHARED_BYTES, Error, ErrorKind, Key, Leases, Namespace, Release, Selector, Stored, Tier,
    TierStats, Tiered,
};

mod failures;
mod lease;
mod link;
mod notices;
mod scripts;

pub use lease::Lease;
pub use notices::Notices;

/// How long the server may take for one answer, or to be connected to, unless told otherwise.
const TIMEOUT: Duration = Duration::from_millis(40);
/// The largest entry that a tier takes, in bytes: at 1 Gbit/s it passes within the time for one answer. All share one
/// connection, and wait for it.
const LARGEST_ENTRY: u64 = 4 << 20;
/// An entry takes at most this part of the whole.
const LARGEST_PART: u64 = 4;
/// What the server needs for an entry besides its bytes and the names in the index, and for each of its tags.
const ENTRY_BYTES: usize = 400;
const TAG_BYTES: usize = 300;
/// So many entries are removed in one step, during which the server does nothing else: a millisecond or two.
const STEP: u32 = 250;
/// How often who follows the others makes sure that it hears them.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// A tier on a Redis server (6.2 or newer, or Valkey; no cluster), which processes on many machines share.
///
/// It connects when it is first asked, and again when the connection was lost: a server that is not there is an
/// [`Unavailable`](ErrorKind::Unavailable) that costs little. It never tries twice.
///
/// - All names on the server begin with the tier's own, so that several tiers, and others, can share a database.
/// - Its entries take at most the tier's limit there; those that expire soonest go first. The server must not let go the
///   index that they are found by: with a `maxmemory` of its own, its `maxmemory-policy` must be none of the `allkeys-…`.
/// - Everything is removed at once, however much it is; the server gets its memory back in small steps behind that.
/// - A restarted server counts as empty, even if it kept its data: what was removed last may be there again.
/// - The processes tell each other what they remove and replace: [`keep_in_step`](Self::keep_in_step).
///
/// ```
/// use std::sync::Arc;
/// use assize_ambient::{Seed, SystemClock};
/// use assize_cache::{DEFAULT_MEMORY_BYTES, Level, MemoryTier, RedisTier, Tiered};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), assize_cache::Error> {
/// let clock = Arc::new(SystemClock);
/// let redis = Arc::new(RedisTier::new("redis://localhost:6379/0", "assize", clock.clone())?);
/// let memory = Arc::new(MemoryTier::new(DEFAULT_MEMORY_BYTES, clock.clone()));
/// let levels = vec![Level::memory(memory), Level::shared(redis.clone())];
/// let cache = Tiered::new(levels, clock, Seed::new(7));
/// let follower = cache.clone();
/// tokio::spawn(async move { redis.keep_in_step(&follower, 1).await });
/// # Ok(()) }
/// ```
pub struct RedisTier {
    link: Arc<Link>,
    board: Board,
    name: String,
    limit: u64,
    largest_entry: u64,
    clock: Arc<dyn Clock>,
    evictions: AtomicU64,
    corrupt: AtomicU64,
    leases: AtomicU64,
}

impl RedisTier {
    /// A tier at `url`, `redis://[user][:password@]host[:port][/database]` or `redis+unix:///path`, under a name of 1 to
    /// 64 characters of `a-z`, `0-9`, `_`, `-` and `.`. Nothing is connected yet. The password is shown nowhere.
    ///
    /// # Errors
    /// [`ErrorKind::BadSettings`] for anything else.
    pub fn new(url: &str, name: &str, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let name = Namespace::new(name, 0)
            .map_err(|cause| ErrorKind::BadSettings.error(format!("name a Redis tier: {cause}")))?;
        // Its causes are not passed on: they might quote the password.
        let client = client(url).map_err(|_| {
            ErrorKind::BadSettings
                .error("read the address of a Redis server: it needs to be `redis://[user][:password@]host[:port][/database]` or `redis+unix:///path`")
        })?;
        let board = Board::new();
        Ok(Self {
            link: Arc::new(Link::new(client, name.name().to_owned(), TIMEOUT, board.clone())),
            board,
            name: name.name().to_owned(),
            limit: DEFAULT_SHARED_BYTES,
            largest_entry: LARGEST_ENTRY,
            clock,
            evictions: AtomicU64::new(0),
            corrupt: AtomicU64::new(0),
            leases: AtomicU64::new(0),
        })
    }

    /// The same with another limit in bytes (default [`DEFAULT_SHARED_BYTES`]), the index included. All who use the same
    /// name should have the same.
    #[must_use]
    pub const fn with_limit(mut self, bytes: u64) -> Self {
        self.limit = bytes;
        self
    }

    /// The same with another time for one answer, and for connecting (default 40 ms).
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.link = Arc::new(self.link.with_timeout(timeout));
        self
    }

    /// The same with another largest entry in bytes (default 4 MiB, and never more than a quarter of the limit). While a
    /// large one passes, all others wait.
    #[must_use]
    pub const fn with_largest_entry(mut self, bytes: u64) -> Self {
        self.largest_entry = bytes;
        self
    }

    /// What the others on the server remove and replace from now on, while there is a connection.
    #[must_use]
    pub fn notices(&self) -> Notices {
        self.board.read()
    }

    /// Has `cache`, of which this is the `level`-th tier (0 being the first), forget what the others remove and replace;
    /// the tiers above this one are emptied when a connection was made, since something may have been missed before.
    /// Keeps the connection up meanwhile. Runs until it is dropped: give it a task of its own.
    ///
    /// What is told arrives within milliseconds, but not before the other's removal returns: until then, a value from
    /// another tier of this process may be old.
    pub async fn keep_in_step(&self, cache: &Tiered, level: usize) -> Infallible {
        let mut notices = self.notices();
        let mut heartbeat = tokio::time::interval(HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                notice = notices.next() => cache.heed(level, &notice).await,
                // The next one tries again.
                _ = heartbeat.tick() => drop(self.ask::<()>("look after the connection", |_| cmd("PING")).await),
            }
        }
    }

    /// Leave to compute the value of `key` for at most `time`, or `None` while another process has it. A composition asks
    /// for it by itself with [`Level::sharing_computations`](crate::Level::sharing_computations).
    ///
    /// # Errors
    /// [`Unavailable`](ErrorKind::Unavailable), [`TimedOut`](ErrorKind::TimedOut) or [`Io`](ErrorKind::Io): compute
    /// without.
    pub async fn lease(&self, key: &Key, time: Duration) -> Result<Option<Lease>, Error> {
        let connection = self.link.connection().await?;
        let name = format!("{}l:{key}", connection.known.prefix);
        let count = self.leases.fetch_add(1, Ordering::Relaxed);
        let token = format!("{}:{count}", connection.known.id);
        let mut take = cmd("SET");
        take.arg(&name).arg(&token).arg("NX").arg("PX").arg(millis(time).max(1));
        let taken: Option<String> = self
            .link
            .ask(&connection, &take)
            .await
            .map_err(|cause| self.link.error(&format!("take a lease on `{key}`"), cause))?;
        let link = Arc::clone(&self.link);
        Ok(taken.map(|_| Lease { link, connection, name, token }))
    }

    async fn ask<T: redis::FromRedisValue>(
        &self,
        what: &str,
        command: impl FnOnce(&Connection) -> Cmd,
    ) -> Result<T, Error> {
        let connection = self.link.connection().await?;
        self.link.ask(&connection, &command(&connection)).await.map_err(|cause| self.link.error(what, cause))
    }

    /// Writes the entry, however often it must be asked.
    async fn write(&self, connection: &Connection, command: &Cmd) -> Result<(), RedisError> {
        loop {
            let (is_stored, evicted): (u8, u64) = self.link.ask(connection, command).await?;
            self.evictions.fetch_add(evicted, Ordering::Relaxed);
            if is_stored == 1 {
                return Ok(());
            }
        }
    }
}

/// A client that has not connected yet.
fn client(url: &str) -> Result<Client, RedisError> {
    let info = url.into_connection_info()?;
    let redis = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    // Small questions must not wait until they fill a packet.
    let tcp = TcpSettings::default().set_nodelay(true);
    Client::open(info.set_redis_settings(redis).set_tcp_settings(tcp))
}

/// Rounded up: the envelope is what decides.
fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_micros().div_ceil(1000)).unwrap_or(u64::MAX)
}

/// How the index knows an entry, and what it takes on the server.
fn indexed(key: &Key, entry: &Stored, bytes: usize) -> (String, u64) {
    let tags = entry.tags();
    let tag_bytes: usize = tags.iter().map(|tag| tag.as_str().len() + 1).sum();
    let name = key.as_str().len();
    let size = allocated(bytes)
        + 3 * name
        + 2 * tag_bytes
        + tags.len() * (name + TAG_BYTES)
        + tag_bytes
        + ENTRY_BYTES;
    let mut member = format!("{key}\u{1}{size}");
    for tag in tags {
        member.push(' ');
        member.push_str(tag.as_str());
    }
    (member, size as u64)
}

/// What an allocator with four sizes to each doubling, as the server's has, gives out for so many bytes and their header.
const fn allocated(bytes: usize) -> usize {
    let bytes = bytes + 16;
    let step = bytes.next_power_of_two() / 8;
    bytes.div_ceil(step) * step
}

#[async_trait]
impl Tier for RedisTier {
    async fn get(&self, key: &Key) -> Result<Option<Stored>, Error> {
        let what = || format!("read `{key}`");
        let connection = self.link.connection().await?;
        let found = loop {
            let known = &connection.known;
            let (prefix, supposed) = (&known.prefix, known.generation());
            let mut get = cmd("MGET");
            get.arg(format!("{prefix}g")).arg(format!("{prefix}{supposed}:e:{key}"));
            let (generation, found): (Option<u64>, Option<Vec<u8>>) =
                self.link.ask(&connection, &get).await.map_err(|cause| self.link.error(&what(), cause))?;
            // Everything was removed, and a new generation begun: asked for in that one.
            known.note(generation.unwrap_or(0));
            if generation.unwrap_or(0) == supposed {
                break found;
            }
        };
        let Some(bytes) = found else { return Ok(None) };
        match Stored::decode(&Bytes::from(bytes)) {
            Ok(entry) => Ok(Some(entry).filter(|entry| !entry.is_expired(self.clock.now()))),
            Err(error) => {
                self.corrupt.fetch_add(1, Ordering::Relaxed);
                self.remove(&Selector::Key(key.clone())).await?;
                Err(error)
            }
        }
    }

    async fn put(&self, key: &Key, entry: Stored) -> Result<(), Error> {
        let now = self.clock.now();
        let this = Selector::Key(key.clone());
        if entry.is_expired(now) {
            return self.remove(&this).await.map(drop);
        }
        let bytes = entry.encode();
        let (member, size) = indexed(key, &entry, bytes.len());
        let most = self.largest_entry.min(self.limit / LARGEST_PART);
        if size > most {
            self.remove(&this).await?;
            return Err(ErrorKind::TooLarge.error(format!(
                "store `{key}` at Redis {}: it takes {size} bytes where an entry may take {most}",
                self.link.address
            )));
        }
        let connection = self.link.connection().await?;
        let known = &connection.known;
        let mut put = cmd("EVALSHA");
        put.arg(&known.scripts.put).arg(1).arg(&known.prefix);
        put.arg(key.as_str()).arg(&bytes[..]).arg(size).arg(member);
        put.arg(millis(since(now, entry.stale_until())).max(1));
        put.arg(entry.stale_until().as_millisecond()).arg(now.as_millisecond()).arg(self.limit);
        put.arg(&known.channel).arg(message(known.id, &this));
        for tag in entry.tags() {
            put.arg(tag.as_str());
        }
        match self.write(&connection, &put).await {
            Err(cause) if failures::is_full(&cause) => {
                self.remove(&this).await?;
                let message = format!("store `{key}` at Redis {}: its memory is full", self.link.address);
                Err(ErrorKind::TooLarge.error(message).because(cause))
            }
            outcome => outcome.map_err(|cause| self.link.error(&format!("store `{key}`"), cause)),
        }
    }

    async fn remove(&self, selector: &Selector) -> Result<u64, Error> {
        let connection = self.link.connection().await?;
        let known = &connection.known;
        let (kind, text) = parts(selector);
        let mut remove = cmd("EVALSHA");
        remove.arg(&known.scripts.remove).arg(1).arg(&known.prefix).arg(kind).arg(text).arg(STEP);
        remove.arg(&known.channel).arg(message(known.id, selector));
        let mut total = 0;
        loop {
            let (removed, is_more): (u64, u8) = self
                .link
                .ask(&connection, &remove)
                .await
                .map_err(|cause| self.link.error("remove entries", cause))?;
            total += removed;
            if is_more == 0 {
                if *selector == Selector::All && removed > 0 {
                    connection.sweep_soon();
                }
                return Ok(total);
            }
        }
    }

    async fn stats(&self) -> Result<TierStats, Error> {
        let connection = self.link.connection().await?;
        let prefix = &connection.known.prefix;
        let failed = |cause| self.link.error("count entries", cause);
        let mut generation = cmd("GET");
        generation.arg(format!("{prefix}g"));
        let generation: Option<u64> = self.link.ask(&connection, &generation).await.map_err(failed)?;
        let prefix = format!("{prefix}{}:", generation.unwrap_or(0));
        let (mut entries, mut bytes) = (cmd("ZCARD"), cmd("GET"));
        entries.arg(format!("{prefix}k"));
        bytes.arg(format!("{prefix}b"));
        let (entries, bytes): (u64, Option<u64>) =
            try_join(self.link.ask(&connection, &entries), self.link.ask(&connection, &bytes))
                .await
                .map_err(failed)?;
        Ok(TierStats {
            entries,
            bytes: bytes.unwrap_or(0),
            limit_bytes: Some(self.limit),
            evictions: self.evictions.load(Ordering::Relaxed),
            corrupt: self.corrupt.load(Ordering::Relaxed),
        })
    }
}

#[async_trait]
impl Leases for RedisTier {
    async fn lease(&self, key: &Key, time: Duration) -> Result<Option<Release>, Error> {
        let lease = Self::lease(self, key, time).await?;
        let release = |lease: Lease| async { drop(lease.release().await) }.boxed();
        Ok(lease.map(release))
    }
}

/// Shows no password.
impl fmt::Debug for RedisTier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisTier")
            .field("address", &self.link.address)
            .field("name", &self.name)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

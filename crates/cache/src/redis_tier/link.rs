//! The one connection to a server: made when it is needed, kept while it is of use.
//!
//! All that a tier asks goes over one connection, so that the server does it in the order in which it was asked: a write
//! that was given up is not done after the removal that followed it. Where a connection is replaced, the new one has the
//! server close the old one first, with what it had not yet read from it.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::{AsyncConnectionConfig, Client, FromRedisValue, PushInfo, PushKind, RedisError, Value, cmd};
use tokio::time::Instant;

use super::STEP;
use super::failures;
use super::notices::{Board, notice};
use super::scripts::{self, Scripts};
use crate::{Error, ErrorKind, Notice};

/// A connection on which nothing was answered for so long while something was asked is replaced.
const LONGEST_SILENCE: Duration = Duration::from_secs(1);
/// So many keys of a former run are looked at in one step.
const SWEEP: u32 = 500;

pub(super) struct Link {
    client: Client,
    pub(super) address: String,
    name: String,
    timeout: Duration,
    board: Board,
    state: Mutex<State>,
}

type Attempt = Shared<BoxFuture<'static, Result<Connection, Error>>>;

#[derive(Debug, Default)]
struct State {
    current: Option<Connection>,
    connecting: Option<Attempt>,
    /// The connection that was given up last: its server's run, and its number there.
    former: Option<(String, u64)>,
}

/// A connection that is ready. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Connection {
    wire: MultiplexedConnection,
    pub(super) known: Arc<Known>,
}

/// What is known of a connection and its server.
#[derive(Debug)]
pub(super) struct Known {
    /// Its number: no other connection of this run has it.
    pub(super) id: u64,
    run: String,
    /// How the names of all keys begin.
    pub(super) prefix: String,
    /// The generation that was seen last.
    generation: AtomicU64,
    /// Where the tiers of this name tell each other what they do.
    pub(super) channel: String,
    pub(super) scripts: Scripts,
    silent_since: Mutex<Option<Instant>>,
}

impl Link {
    pub(super) fn new(client: Client, name: String, timeout: Duration, board: Board) -> Self {
        let address = client.get_connection_info().addr().to_string();
        Self { client, address, name, timeout, board, state: Mutex::default() }
    }

    /// Another to the same server, not connected yet.
    pub(super) fn with_timeout(&self, timeout: Duration) -> Self {
        Self::new(self.client.clone(), self.name.clone(), timeout, self.board.clone())
    }

    /// The connection, made if there is none. All who ask meanwhile wait for the same attempt; it goes on if they do
    /// not.
    pub(super) async fn connection(self: &Arc<Self>) -> Result<Connection, Error> {
        let attempt = {
            let mut state = self.lock();
            if let Some(current) = &state.current {
                return Ok(current.clone());
            }
            state.connecting.get_or_insert_with(|| Arc::clone(self).attempt()).clone()
        };
        let outcome = attempt.clone().await;
        if outcome.is_err() {
            // A task that its runtime never ran, having ended, has not taken note of its end.
            self.lock().connecting.take_if(|connecting| connecting.ptr_eq(&attempt));
        }
        outcome
    }

    /// Asks for one thing on this connection, and looks at how it fared.
    pub(super) async fn ask<T: FromRedisValue>(
        &self,
        connection: &Connection,
        what: &redis::Cmd,
    ) -> Result<T, RedisError> {
        let asking = Asking::new(self, connection);
        let answer = connection.wire.clone().req_packed_command(what).await;
        asking.fared(&answer);
        T::from_redis_value(answer?.extract_error()?).map_err(RedisError::from)
    }

    pub(super) fn error(&self, what: &str, cause: RedisError) -> Error {
        failures::error(what, &self.address, cause)
    }

    fn attempt(self: Arc<Self>) -> Attempt {
        let address = self.address.clone();
        let task = tokio::spawn(async move {
            let mut ended = Ended { link: &self, outcome: None };
            let outcome = self.connect().await;
            ended.outcome = outcome.clone().ok();
            outcome
        });
        let outcome = async move {
            task.await.unwrap_or_else(|cause| {
                Err(ErrorKind::Unavailable.error(format!("connect to Redis {address}")).because(cause))
            })
        };
        outcome.boxed().shared()
    }

    async fn connect(self: &Arc<Self>) -> Result<Connection, Error> {
        // Set once it is known; until then nothing that comes in is our own.
        let id = Arc::new(AtomicU64::new(0));
        let (reader, board) = (Arc::clone(&id), self.board.clone());
        let push = move |push: PushInfo| -> Result<(), redis::aio::SendError> {
            if push.kind == PushKind::Message
                && let Some(Value::BulkString(message)) = push.data.get(1)
                && let Some(notice) = notice(message, reader.load(Ordering::Acquire))
            {
                board.post(notice);
            }
            Ok(())
        };
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.timeout))
            .set_response_timeout(Some(self.timeout))
            .set_push_sender(push);
        let failed = |cause| self.error("connect", cause);
        let mut wire =
            self.client.get_multiplexed_async_connection_with_config(&config).await.map_err(failed)?;
        let run = self.look_at_server(&mut wire).await?;
        let number: u64 = cmd("CLIENT").arg("ID").query_async(&mut wire).await.map_err(failed)?;
        id.store(number, Ordering::Release);
        let former = self.lock().former.clone();
        if let Some((_, number)) = former.filter(|(former, _)| *former == run) {
            let mut kill = cmd("CLIENT");
            kill.arg("KILL").arg("ID").arg(number);
            kill.exec_async(&mut wire).await.map_err(failed)?;
        }
        let scripts = load(&mut wire).await.map_err(failed)?;
        let channel = format!("{}:notices:{}", self.name, wire.get_db());
        wire.subscribe(&channel).await.map_err(failed)?;
        let prefix = format!("{}:{run}:", self.name);
        self.sweep_after_restart(&mut wire, &run).await.map_err(failed)?;
        // Whoever listens was deaf until now.
        self.board.post(Notice::MayHaveMissed);
        let (generation, silent_since) = (AtomicU64::default(), Mutex::default());
        let known = Known { id: number, run, prefix, channel, scripts, generation, silent_since };
        let connection = Connection { wire, known: Arc::new(known) };
        connection.sweep_soon();
        Ok(connection)
    }

    /// The run of the server: what it kept from another may have been removed since, as when it was restored from a
    /// file, and is not read.
    async fn look_at_server(&self, wire: &mut MultiplexedConnection) -> Result<String, Error> {
        let failed = |cause| self.error("connect", cause);
        let unfit = |why: &str| ErrorKind::Unavailable.error(format!("use Redis {}: {why}", self.address));
        let about: String = cmd("INFO").arg("server").query_async(wire).await.map_err(failed)?;
        let memory: String = cmd("INFO").arg("memory").query_async(wire).await.map_err(failed)?;
        let limit = field(&memory, "maxmemory").unwrap_or("0");
        let policy = field(&memory, "maxmemory_policy").unwrap_or_default();
        if limit != "0" && policy.starts_with("allkeys") {
            return Err(unfit(
                "it may let go what entries are found by; set its `maxmemory-policy` to `noeviction` or `volatile-ttl`",
            ));
        }
        let run = field(&about, "run_id")
            .filter(|run| run.len() >= 16 && run.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        Ok(run.ok_or_else(|| unfit("it does not tell its `run_id`"))?[..16].to_owned())
    }

    /// Removes what a former run has left, behind the caller's back.
    async fn sweep_after_restart(
        self: &Arc<Self>,
        wire: &mut MultiplexedConnection,
        run: &str,
    ) -> Result<(), RedisError> {
        let mark = format!("{}:run", self.name);
        let marked: Option<String> = cmd("GET").arg(&mark).query_async(wire).await?;
        match marked {
            Some(marked) if marked == run => Ok(()),
            None => cmd("SET").arg(&mark).arg(run).exec_async(wire).await,
            Some(former) => {
                let (mut wire, run) = (wire.clone(), run.to_owned());
                let pattern = format!("{}:{former}:*", self.name);
                tokio::spawn(async move {
                    // Where it fails, the mark stays, and the next connection sweeps.
                    let _ = sweep(&mut wire, &pattern, &mark, &run).await;
                });
                Ok(())
            }
        }
    }

    /// Gives a connection up, unless another has taken its place.
    fn give_up(&self, connection: &Connection) {
        let mut state = self.lock();
        if state.current.as_ref().is_some_and(|current| Arc::ptr_eq(&current.known, &connection.known)) {
            state.current = None;
            state.former = Some((connection.known.run.clone(), connection.known.id));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Shows no password.
impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("address", &self.address)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

async fn load(wire: &mut MultiplexedConnection) -> Result<Scripts, RedisError> {
    let mut loading = redis::pipe();
    for text in scripts::texts() {
        loading.cmd("SCRIPT").arg("LOAD").arg(text);
    }
    let [put, remove, sweep, release] = loading.query_async(wire).await?;
    Ok(Scripts { put, remove, sweep, release })
}

async fn sweep(
    wire: &mut MultiplexedConnection,
    pattern: &str,
    mark: &str,
    run: &str,
) -> Result<(), RedisError> {
    let mut cursor = "0".to_owned();
    loop {
        let (next, keys): (String, Vec<Vec<u8>>) = cmd("SCAN")
            .arg(&cursor)
            .arg("MATCH")
            .arg(pattern)
            .arg("COUNT")
            .arg(SWEEP)
            .query_async(wire)
            .await?;
        if !keys.is_empty() {
            cmd("UNLINK").arg(keys).exec_async(wire).await?;
        }
        if next == "0" {
            return cmd("SET").arg(mark).arg(run).exec_async(wire).await;
        }
        cursor = next;
    }
}

/// A field of what `INFO` says.
fn field<'a>(info: &'a str, name: &str) -> Option<&'a str> {
    info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
}

/// Takes note of how an attempt to connect ended, however it ended.
struct Ended<'a> {
    link: &'a Link,
    outcome: Option<Connection>,
}

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        let mut state = self.link.lock();
        state.connecting = None;
        if let Some(connection) = self.outcome.take() {
            state.current = Some(connection);
            state.former = None;
        }
    }
}

/// A question under way. Dropped without an answer, it counts as one that was not answered in time.
struct Asking<'a> {
    link: &'a Link,
    connection: &'a Connection,
}

impl<'a> Asking<'a> {
    fn new(link: &'a Link, connection: &'a Connection) -> Self {
        connection.known.silence().get_or_insert_with(Instant::now);
        Self { link, connection }
    }

    fn fared(self, answer: &Result<Value, RedisError>) {
        let ends = match answer {
            Err(error) if error.is_timeout() => return,
            Err(error) => failures::ends_connection(error),
            Ok(Value::ServerError(error)) => failures::ends_connection(&error.clone().into()),
            Ok(_) => false,
        };
        *self.connection.known.silence() = None;
        if ends {
            self.link.give_up(self.connection);
        }
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        let since = *self.connection.known.silence();
        if since.is_some_and(|since| since.elapsed() >= LONGEST_SILENCE) {
            self.link.give_up(self.connection);
        }
    }
}

impl Connection {
    /// Drops what former generations have left, behind the caller's back.
    pub(super) fn sweep_soon(&self) {
        let mut wire = self.wire.clone();
        let mut step = cmd("EVALSHA");
        step.arg(&self.known.scripts.sweep).arg(1).arg(&self.known.prefix).arg(STEP);
        tokio::spawn(async move {
            // Where it fails, the next connection goes on.
            while let Ok(1_u8) = step.query_async(&mut wire).await {}
        });
    }
}

impl Known {
    /// The generation of the entries, as far as is known.
    pub(super) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Relaxed)
    }

    pub(super) fn note(&self, generation: u64) {
        self.generation.store(generation, Ordering::Relaxed);
    }

    fn silence(&self) -> MutexGuard<'_, Option<Instant>> {
        self.silent_since.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

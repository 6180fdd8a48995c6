//! K5: how much memory a process really takes whose cache has a budget in bytes.
//!
//! Each case is a process of its own, which fills the cache several times over from two threads. What counts is the most
//! that was ever resident, less what was before the cache was made.

use std::{
    fs,
    io::Write,
    process::{Command, ExitCode},
    str::FromStr,
    sync::Arc,
};

use assize_benches::handover::{Handover, Profile};
use assize_cache::{MemoryTier, Tier};
use assize_perf::{Finding, Kind, Run, Unit};
use bytes::Bytes;
use futures_util::FutureExt;

use crate::{
    entries::{clock, entry, keys},
    figures::{HERE, figure, words},
    memory::moka,
};

const THREADS: usize = 2;
/// So often the budget is filled.
const ROUNDS: u64 = 5;
const MIB: usize = 1 << 20;

const fn limit(profile: Profile) -> u64 {
    match profile {
        Profile::Smoke => 32 << 20,
        Profile::Default => 100_000_000,
        Profile::Full => 400_000_000,
    }
}

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    let limit = limit(handover.profile);
    for (case, sizes) in
        [("64b", Sizes::All(64)), ("4k", Sizes::All(4096)), ("1m", Sizes::All(MIB)), ("mixed", Sizes::Mixed)]
    {
        let id = format!("cache/resident/{case}");
        if !handover.wants(&id) {
            continue;
        }
        if status("VmHWM").is_none() {
            run.findings.push(Finding::new(
                HERE,
                None,
                format!("{id} was left out: this system does not tell it"),
            ));
            continue;
        }
        let ours = Churn { is_ours: true, sizes, limit }.in_process()?;
        let bare = Churn { is_ours: false, sizes, limit }.in_process()?;
        let note = format!(
            "the most that was resident, of {limit} bytes configured; {ROUNDS} times filled by {THREADS} threads"
        );
        run.measurements.push(
            figure(&id, "resident", Unit::Ratio, Kind::Counted, ours)
                .with_figure("moka", bare)
                .with_note(note)
                .with_note("`moka` counts key, value and 400 bytes for each entry"),
        );
    }
    Ok(())
}

/// How large the values are.
#[derive(Debug, Clone, Copy)]
enum Sizes {
    All(usize),
    /// By turns 64 bytes, 4 KiB and 1 MiB, the smaller the oftener.
    Mixed,
}

impl Sizes {
    const fn of(self, n: usize) -> usize {
        match self {
            Self::All(bytes) => bytes,
            Self::Mixed if n.is_multiple_of(1024) => MIB,
            Self::Mixed if n.is_multiple_of(8) => 4096,
            Self::Mixed => 64,
        }
    }
}

/// A cache that is filled over and over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Churn {
    is_ours: bool,
    sizes: Sizes,
    limit: u64,
}

/// As the bench calls itself: `ours:64:1000000`, or `moka:mixed:1000000`.
impl FromStr for Churn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("read `{text}`: it needs to be `ours|moka:<bytes>|mixed:<limit>`");
        let [cache, sizes, limit] = text.split(':').collect::<Vec<_>>()[..] else { return Err(wrong()) };
        let sizes = match sizes {
            "mixed" => Sizes::Mixed,
            bytes => Sizes::All(bytes.parse().map_err(|_| wrong())?),
        };
        Ok(Self { is_ours: cache == "ours", sizes, limit: limit.parse().map_err(|_| wrong())? })
    }
}

impl Churn {
    /// Does it in a process of its own. Gives the most that was resident as a part of the limit.
    fn in_process(self) -> Result<f64, String> {
        let Self { is_ours, sizes, limit } = self;
        let cache = if is_ours { "ours" } else { "moka" };
        let sizes = match sizes {
            Sizes::All(bytes) => bytes.to_string(),
            Sizes::Mixed => "mixed".to_owned(),
        };
        let program = std::env::current_exe().map_err(words)?;
        let ended = Command::new(program).arg("--churn").arg(format!("{cache}:{sizes}:{limit}")).output();
        let ended = ended.map_err(words)?;
        if !ended.status.success() {
            return Err(format!("fill a cache: {}", String::from_utf8_lossy(&ended.stderr)));
        }
        String::from_utf8_lossy(&ended.stdout).trim().parse().map_err(words)
    }

    /// Does it here, and writes that part to standard output.
    pub(crate) fn run(self) -> ExitCode {
        let written = self.fill().and_then(|part| writeln!(std::io::stdout(), "{part}").map_err(words));
        match written {
            Ok(()) => ExitCode::SUCCESS,
            Err(message) => {
                let _ = writeln!(std::io::stderr(), "error: failed to {message}");
                ExitCode::FAILURE
            }
        }
    }

    fn fill(self) -> Result<f64, String> {
        let before = status("VmRSS").ok_or("tell what is resident")?;
        if self.is_ours {
            let tier = MemoryTier::new(self.limit, clock());
            self.on_threads(|key, value| {
                let put = tier.put(key, entry(value)).now_or_never().ok_or("memory waits")?;
                put.map_err(words)?;
                tier.get(key).now_or_never().ok_or("memory waits")?.map(drop).map_err(words)
            })?;
            self.part(before)
        } else {
            let runtime =
                tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().map_err(words)?;
            let moka = moka(self.limit);
            self.on_threads(|key, value| {
                runtime.handle().block_on(moka.insert(Arc::from(key.as_str()), value));
                drop(runtime.handle().block_on(moka.get(key.as_str())));
                Ok(())
            })?;
            self.part(before)
        }
    }

    fn part(self, before: u64) -> Result<f64, String> {
        let most = status("VmHWM").ok_or("tell what was resident")?.saturating_sub(before);
        #[expect(clippy::cast_precision_loss, reason = "bytes of memory are far below 2^52")]
        Ok(most as f64 / self.limit as f64)
    }

    fn on_threads(
        self,
        put: impl Fn(&assize_cache::Key, Bytes) -> Result<(), String> + Sync,
    ) -> Result<(), String> {
        let one = |thread: usize| {
            let (mut n, mut bytes) = (0, 0);
            while bytes < self.limit * ROUNDS / THREADS as u64 {
                let key = keys(&format!("{thread}/{n}"), 1)?.remove(0);
                let size = self.sizes.of(n);
                put(&key, Bytes::from(vec![b'v'; size]))?;
                bytes += size as u64 + 400;
                n += 1;
            }
            Ok(())
        };
        std::thread::scope(|scope| {
            let one = &one;
            let all: Vec<_> = (0..THREADS).map(|thread| scope.spawn(move || one(thread))).collect();
            all.into_iter()
                .try_for_each(|thread| thread.join().map_err(|_| "a thread panicked".to_owned())?)
        })
    }
}

/// A field of what Linux tells of this process, in bytes; `None` elsewhere.
fn status(field: &str) -> Option<u64> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}

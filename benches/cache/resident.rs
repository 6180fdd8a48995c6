//! K5: how much memory a process really takes whose cache has a budget in bytes.
//!
//! Each case is a process of its own, which fills the cache several times over. What counts is the most that was ever
//! resident, less what was before the cache was made. With two threads it depends on the allocator as well: that of the GNU
//! C library has an arena for each thread, and what one lets go is of no use to the other. `one-arena` says what is left
//! without that.

use std::{
    fs,
    io::Write,
    process::{Command, ExitCode},
    str::FromStr,
    sync::Arc,
};

use assize_benches::handover::{Handover, Profile};
use assize_cache::{Key, MemoryTier, Namespace, Tier};
use assize_perf::{Finding, Kind, Measurement, Run, Unit};
use bytes::Bytes;
use futures_util::FutureExt;

use crate::{
    entries::{clock, entry},
    figures::{HERE, figure, words},
    memory::moka,
};

/// So often the budget is filled.
const ROUNDS: u64 = 3;
const MIB: usize = 1 << 20;

const fn limit(profile: Profile) -> u64 {
    match profile {
        Profile::Smoke => 16 << 20,
        Profile::Default => 100_000_000,
        Profile::Full => 400_000_000,
    }
}

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    let limit = limit(handover.profile);
    if status("VmHWM").is_none() {
        let text = "the memory that a cache takes was left out: this system does not tell it";
        run.findings.push(Finding::new(HERE, None, text));
        return Ok(());
    }
    for (case, sizes) in
        [("64b", Sizes::All(64)), ("4k", Sizes::All(4096)), ("1m", Sizes::All(MIB)), ("mixed", Sizes::Mixed)]
    {
        let churn = Churn { is_ours: true, sizes, threads: 1, limit };
        let resident = |id: &str, threads: usize| -> Result<Measurement, String> {
            let part = Churn { threads, ..churn }.in_process(false)?;
            let note = format!("of {limit} bytes configured; {ROUNDS} times filled, {threads} threads");
            Ok(figure(id, "resident", Unit::Ratio, Kind::Counted, part).with_note(note))
        };
        let id = format!("cache/resident/{case}");
        if handover.wants(&id) {
            let moka = Churn { is_ours: false, ..churn }.in_process(false)?;
            let note = "`moka` counts key, value and 400 bytes for each entry";
            run.measurements.push(resident(&id, 1)?.with_figure("moka", moka).with_note(note));
        }
        let id = format!("cache/resident-2-threads/{case}");
        if handover.wants(&id) {
            let one_arena = Churn { threads: 2, ..churn }.in_process(true)?;
            run.measurements.push(resident(&id, 2)?.with_figure("one-arena", one_arena));
        }
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
    threads: usize,
    limit: u64,
}

/// As the bench calls itself: `ours:64:1:1000000`, or `moka:mixed:2:1000000`.
impl FromStr for Churn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("read `{text}`: it needs to be `ours|moka:<bytes>|mixed:<threads>:<limit>`");
        let [cache, sizes, threads, limit] = text.split(':').collect::<Vec<_>>()[..] else {
            return Err(wrong());
        };
        let sizes = match sizes {
            "mixed" => Sizes::Mixed,
            bytes => Sizes::All(bytes.parse().map_err(|_| wrong())?),
        };
        let threads = threads.parse().map_err(|_| wrong())?;
        Ok(Self { is_ours: cache == "ours", sizes, threads, limit: limit.parse().map_err(|_| wrong())? })
    }
}

impl Churn {
    /// Does it in a process of its own. Gives the most that was resident as a part of the limit.
    fn in_process(self, has_one_arena: bool) -> Result<f64, String> {
        let Self { is_ours, sizes, threads, limit } = self;
        let cache = if is_ours { "ours" } else { "moka" };
        let sizes = match sizes {
            Sizes::All(bytes) => bytes.to_string(),
            Sizes::Mixed => "mixed".to_owned(),
        };
        let program = std::env::current_exe().map_err(words)?;
        let mut child = Command::new(program);
        child.arg("--churn").arg(format!("{cache}:{sizes}:{threads}:{limit}"));
        if has_one_arena {
            child.env("MALLOC_ARENA_MAX", "1");
        }
        let ended = child.output().map_err(words)?;
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
        // What a process needs to do this at all is not the cache's.
        Self { sizes: Sizes::All(64), threads: 1, limit: 1 << 20, ..self }.fill_over_and_over()?;
        let before = status("VmRSS").ok_or("tell what is resident")?;
        let most = self.fill_over_and_over()?.saturating_sub(before);
        #[expect(clippy::cast_precision_loss, reason = "bytes of memory are far below 2^52")]
        Ok(most as f64 / self.limit as f64)
    }

    /// Gives the most that was ever resident.
    fn fill_over_and_over(self) -> Result<u64, String> {
        if self.is_ours {
            let tier = MemoryTier::new(self.limit, clock());
            self.on_threads(|key, value| {
                let put = tier.put(key, entry(value)).now_or_never().ok_or("memory waits")?;
                put.map_err(words)?;
                tier.get(key).now_or_never().ok_or("memory waits")?.map(drop).map_err(words)
            })?;
        } else {
            let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(words)?;
            let moka = moka(self.limit);
            self.on_threads(|key, value| {
                runtime.handle().block_on(moka.insert(Arc::from(key.as_str()), value));
                drop(runtime.handle().block_on(moka.get(key.as_str())));
                Ok(())
            })?;
        }
        status("VmHWM").ok_or_else(|| "tell what was resident".to_owned())
    }

    fn on_threads(self, put: impl Fn(&Key, Bytes) -> Result<(), String> + Sync) -> Result<(), String> {
        let part = self.limit * ROUNDS / u64::try_from(self.threads).map_err(words)?;
        let space = Namespace::new("resident", 1).map_err(words)?;
        let one = |thread: usize| {
            let (mut n, mut bytes) = (0, 0);
            while bytes < part {
                let key = space.key(&format!("{thread}/{n:032}")).map_err(words)?;
                let size = self.sizes.of(n);
                put(&key, Bytes::from(vec![b'v'; size]))?;
                bytes += size as u64 + 400;
                n += 1;
            }
            Ok(())
        };
        if self.threads == 1 {
            return one(0);
        }
        std::thread::scope(|scope| {
            let one = &one;
            let all: Vec<_> = (0..self.threads).map(|thread| scope.spawn(move || one(thread))).collect();
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

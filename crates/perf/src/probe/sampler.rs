//! A process looked at from outside while it runs, as Linux tells it. Elsewhere there is nothing to be seen.

use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

/// More looks than this are not kept: of more, every second one is dropped.
pub const MOST_LOOKS: usize = 240;

/// A process as it was at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Look {
    /// How long after the sampler began.
    pub at: Duration,
    /// Its memory that is resident, in bytes.
    pub resident_bytes: u64,
    /// What it, and the children that it has waited for, have had of processors.
    pub processor: Duration,
    /// Its threads.
    pub threads: u64,
}

/// Looks at a process by its number, and keeps what it saw.
///
/// ```
/// use assize_perf::probe::Sampler;
///
/// let mut sampler = Sampler::of(std::process::id());
/// if let Some(look) = sampler.look() {
///     assert!(look.resident_bytes > 0 && look.threads > 0);
///     assert_eq!(sampler.looks(), [look]);
/// }
/// ```
#[derive(Debug)]
pub struct Sampler {
    folder: PathBuf,
    began: Instant,
    looks: Vec<Look>,
    peak: u64,
    last: Option<Look>,
    /// Of so many looks one is kept.
    keep_one_in: usize,
    seen: usize,
}

impl Sampler {
    /// Begins with nothing seen.
    #[must_use]
    pub fn of(pid: u32) -> Self {
        Self {
            folder: PathBuf::from(format!("/proc/{pid}")),
            began: Instant::now(),
            looks: Vec::new(),
            peak: 0,
            last: None,
            keep_one_in: 1,
            seen: 0,
        }
    }

    /// Looks now; `None` where there is no such process any more, or no `/proc`.
    pub fn look(&mut self) -> Option<Look> {
        let stat = fs::read_to_string(self.folder.join("stat")).ok()?;
        let status = fs::read_to_string(self.folder.join("status")).ok()?;
        let look = Look { at: self.began.elapsed(), ..read(&stat, &status)? };
        self.peak = self.peak.max(look.resident_bytes).max(kibibytes(&status, "VmHWM:").unwrap_or(0));
        self.keep(look);
        Some(look)
    }

    /// What was seen, at most [`MOST_LOOKS`] of it, evenly apart.
    #[must_use]
    pub fn looks(&self) -> &[Look] {
        &self.looks
    }

    /// What it held at most, in bytes: the kernel's own mark, which misses nothing between two looks. `None` if it was
    /// never seen.
    #[must_use]
    pub fn resident_peak(&self) -> Option<u64> {
        (self.peak > 0).then_some(self.peak)
    }

    /// The last look.
    #[must_use]
    pub const fn last(&self) -> Option<Look> {
        self.last
    }

    fn keep(&mut self, look: Look) {
        if self.seen.is_multiple_of(self.keep_one_in) {
            if self.looks.len() == MOST_LOOKS {
                let mut place = 0;
                self.looks.retain(|_| {
                    place += 1;
                    place % 2 == 1
                });
                self.keep_one_in *= 2;
            }
            self.looks.push(look);
        }
        self.seen += 1;
        self.last = Some(look);
    }
}

/// Fields of `/proc/PID/stat` after the name in brackets, which may hold anything (proc(5)): 14 to 17 are the processor's
/// time in ticks, its own in user and system mode and that of its children, 20 is the number of threads.
fn read(stat: &str, status: &str) -> Option<Look> {
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |place: usize| fields.get(place - 3)?.parse::<u64>().ok();
    let ticks = (14..=17).map(number).sum::<Option<u64>>()?;
    let second = rustix::param::clock_ticks_per_second().max(1);
    let processor =
        Duration::from_secs(ticks / second) + Duration::from_nanos(ticks % second * 1_000_000_000 / second);
    // A process that has ended and was not waited for has no memory.
    let resident_bytes = kibibytes(status, "VmRSS:").unwrap_or(0);
    Some(Look { at: Duration::ZERO, resident_bytes, processor, threads: number(20)? })
}

fn kibibytes(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1_024)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAT: &str = "7 (a ) b) S 1 7 7 0 -1 4194304 1 2 3 4 150 50 20 30 20 0 5 0 99 1 2";

    #[test]
    fn the_fields_are_counted_after_the_name() {
        let look = read(STAT, "VmHWM:\t 9 kB\nVmRSS:\t 3 kB\n").expect("a process");
        let ticks = u32::try_from(rustix::param::clock_ticks_per_second()).expect("few");
        assert_eq!((look.resident_bytes, look.threads), (3_072, 5));
        assert_eq!(look.processor, Duration::from_secs(250) / ticks);
        assert_eq!(read("7 (short) S 1", ""), None);
        assert_eq!(read("no process", ""), None);
    }

    #[test]
    fn of_many_looks_some_are_kept_from_first_to_last() {
        let mut sampler = Sampler::of(0);
        for second in 0..1_000 {
            sampler.keep(Look { at: Duration::from_secs(second), ..Look::default() });
        }
        let kept: Vec<u64> = sampler.looks().iter().map(|look| look.at.as_secs()).collect();
        assert!(kept.len() <= MOST_LOOKS && kept.len() > MOST_LOOKS / 2, "{}", kept.len());
        assert!(kept.windows(2).all(|pair| pair[1] - pair[0] == 8), "{kept:?}");
        assert_eq!((kept[0], sampler.last().map(|look| look.at.as_secs())), (0, Some(999)));
        assert_eq!(sampler.resident_peak(), None);
    }
}

//! The process under load, looked at again and again.

mod leak;

use std::{fs, io, path::PathBuf, time::Duration};

use assize_perf::{Better, Finding, Kind, Measurement, Run, Unit};
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval},
};

pub use leak::{Leak, LeakVerdict, leak};

use crate::{
    Error, ErrorKind,
    latencies::median,
    number::{real, whole},
};

/// More samples than this are not kept: of more, every second one is dropped and half as many taken from then on.
const MAX_SAMPLES: usize = 20_000;

/// A process as it was at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// How long after the first.
    pub at: Duration,
    /// Its memory that is resident, in bytes.
    pub resident: u64,
    /// That of it which belongs to no file, in bytes: heap and stacks. 0 where the kernel does not say.
    pub anonymous: u64,
    /// What it has had of processors.
    pub processor: Duration,
    /// Bytes received by the interfaces that it sees, the loopback included: those of other processes are among them.
    pub received: u64,
    /// Bytes sent by them.
    pub sent: u64,
}

/// A look at a process by its number, through `/proc`: on Linux only.
#[derive(Debug)]
pub struct Watch {
    folder: PathBuf,
    pid: u32,
    /// When it was started, by the kernel's count: another process may get its number.
    started: u64,
    ticks: u64,
    began: Instant,
}

impl Watch {
    /// Finds the process.
    ///
    /// # Errors
    /// [`ErrorKind::NotWatched`] if it is not there, may not be looked at, or the system has no `/proc`.
    pub fn of(pid: u32) -> Result<Self, Error> {
        Self::within(PathBuf::from(format!("/proc/{pid}")), pid)
    }

    fn within(folder: PathBuf, pid: u32) -> Result<Self, Error> {
        let ticks = rustix::param::clock_ticks_per_second().max(1);
        let mut watch = Self { folder, pid, started: 0, ticks, began: Instant::now() };
        watch.started = watch.stat()?.1;
        watch.look()?;
        Ok(watch)
    }

    /// Looks at it now.
    ///
    /// # Errors
    /// [`ErrorKind::NotWatched`] once it has ended.
    pub fn look(&self) -> Result<Sample, Error> {
        let (processor, started) = self.stat()?;
        if started != self.started {
            return Err(self.gone("another process has its number"));
        }
        let status = self.read("status")?;
        let kibibytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
            line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1_024)
        };
        let resident = kibibytes("VmRSS").ok_or_else(|| self.gone("it has no memory any more"))?;
        let (received, sent) = interfaces(&self.read("net/dev").unwrap_or_default());
        let seconds = real(processor) / real(self.ticks);
        Ok(Sample {
            at: self.began.elapsed(),
            resident,
            anonymous: kibibytes("RssAnon").unwrap_or(0),
            processor: Duration::from_nanos(whole(seconds * crate::number::SECOND)),
            received,
            sent,
        })
    }

    /// Looks again and again, until told to stop or until it has ended; each look is also shown to `seen`.
    pub async fn until(
        self,
        every: Duration,
        mut stop: watch::Receiver<bool>,
        mut seen: impl FnMut(&Sample),
    ) -> Series {
        let mut series = Series { pid: self.pid, samples: Vec::new(), ended: false };
        let mut every_so_often = interval(every.max(Duration::from_millis(1)));
        every_so_often.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let (mut keep, mut number) = (1_usize, 0_usize);
        loop {
            tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => return series,
                _ = every_so_often.tick() => {}
            }
            let Ok(sample) = self.look() else {
                series.ended = true;
                return series;
            };
            seen(&sample);
            if number.is_multiple_of(keep) {
                series.samples.push(sample);
            }
            number += 1;
            if series.samples.len() >= MAX_SAMPLES {
                let mut place = 0;
                series.samples.retain(|_| {
                    place += 1;
                    place % 2 == 1
                });
                keep *= 2;
            }
        }
    }

    fn read(&self, name: &str) -> Result<String, Error> {
        let path = self.folder.join(name);
        fs::read_to_string(&path).map_err(|e: io::Error| {
            let error = self.gone(&format!("{}: {e}", path.display())).caused_by(e);
            error.hinted("give the number of a process of yours that runs; only Linux tells of it (/proc)")
        })
    }

    fn gone(&self, why: &str) -> Error {
        ErrorKind::NotWatched.error(format!("watch process {}: {why}", self.pid))
    }

    /// Ticks of the processor, and when it was started.
    fn stat(&self) -> Result<(u64, u64), Error> {
        let text = self.read("stat")?;
        // The second field is its name in parentheses, which may hold anything.
        let fields = text.rfind(')').map_or("", |end| &text[end + 1..]);
        let field = |number: usize| fields.split_whitespace().nth(number - 3)?.parse::<u64>().ok();
        match (field(14), field(15), field(22)) {
            (Some(user), Some(system), Some(started)) => Ok((user + system, started)),
            _ => Err(self.gone("its stat is not what is known")),
        }
    }
}

/// Bytes that all interfaces have received and sent.
fn interfaces(text: &str) -> (u64, u64) {
    let mut all = (0_u64, 0_u64);
    for line in text.lines() {
        let Some((_, counts)) = line.split_once(':') else { continue };
        let counts: Vec<u64> = counts.split_whitespace().map_while(|count| count.parse().ok()).collect();
        all.0 = all.0.saturating_add(counts.first().copied().unwrap_or(0));
        all.1 = all.1.saturating_add(counts.get(8).copied().unwrap_or(0));
    }
    all
}

/// What was seen of a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// Its number.
    pub pid: u32,
    /// The looks, in order.
    pub samples: Vec<Sample>,
    /// Whether it ended before the last look was due.
    pub ended: bool,
}

impl Series {
    /// Seconds and bytes of resident memory.
    #[must_use]
    pub fn memory(&self) -> Vec<(f64, f64)> {
        self.samples.iter().map(|sample| (sample.at.as_secs_f64(), real(sample.resident))).collect()
    }

    /// Its figures as measurements `load/<name>/process`: `resident`, `anonymous`, `cpu` (processors), `received` and `sent`, each
    /// with its samples in order and how far apart these are as a figure `every_ns`; with a leak test also `memory-growth`.
    /// That there was nothing to look at, or that the process ended, is a finding.
    pub fn add_to(&self, run: &mut Run, name: &str, soaks: bool) {
        let id = format!("load/{name}/process");
        if self.ended {
            let text = format!("process {} ended after {} looks", self.pid, self.samples.len());
            run.findings.push(Finding::new(id.as_str(), None, text));
        }
        let (Some(first), Some(last)) = (self.samples.first(), self.samples.last()) else {
            run.findings.push(Finding::new(id.as_str(), None, "the process was never seen"));
            return;
        };
        let looks = real(u64::try_from(self.samples.len()).unwrap_or(u64::MAX));
        let every = (last.at - first.at).as_secs_f64() * 1e9 / (looks - 1.0).max(1.0);
        let mut add = |metric: &str, unit: Unit, samples: Vec<f64>, note: &str| {
            let Some(middle) = median(&samples) else { return };
            let most = samples.iter().copied().fold(f64::MIN, f64::max);
            let figure = Measurement::new(&id, metric, unit, Better::Lower, Kind::Loaded, middle)
                .with_figure("max", most)
                .with_figure("every_ns", every)
                .with_note(format!("median of {} looks; {note}", samples.len()));
            run.measurements.push(figure.with_samples(samples));
        };
        let each =
            |of: fn(&Sample) -> u64| self.samples.iter().map(|sample| real(of(sample))).collect::<Vec<f64>>();
        let rates = |of: fn(&Sample) -> f64| {
            let pairs = self.samples.windows(2).filter(|pair| pair[1].at > pair[0].at);
            pairs
                .map(|pair| (of(&pair[1]) - of(&pair[0])) / (pair[1].at - pair[0].at).as_secs_f64())
                .collect::<Vec<f64>>()
        };
        add("resident", Unit::Bytes, each(|sample| sample.resident), "resident memory");
        add(
            "anonymous",
            Unit::Bytes,
            each(|sample| sample.anonymous),
            "resident memory of no file: heap and stacks",
        );
        add("cpu", Unit::Ratio, rates(|sample| sample.processor.as_secs_f64()), "processors in use");
        let note = "all interfaces that the process sees, the loopback and other processes included";
        add("received", Unit::BytesPerSecond, rates(|sample| real(sample.received)), note);
        add("sent", Unit::BytesPerSecond, rates(|sample| real(sample.sent)), note);
        if soaks {
            leak(&self.memory()).add_to(run, &id);
        }
    }
}

#[cfg(test)]
mod tests;

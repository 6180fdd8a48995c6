//! Running one program to its end, or to the end of its time: what it says is heard line by line and kept in a log.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use assize_perf::probe::{Look, Sampler};

use super::interrupt::Interrupt;

/// A longer line is heard in pieces of this length.
const MAX_LINE_BYTES: u64 = 64 * 1024;
/// No more than this is written to a log.
const MAX_LOG_BYTES: usize = 16 * 1024 * 1024;
/// How many of the last lines are remembered for the case that it ends badly.
const LAST_LINES: usize = 20;
/// How often is looked whether the program has ended or its time is over. Rarely, so as not to disturb what it measures.
const LOOK: Duration = Duration::from_millis(100);
/// How often it is looked at from outside: three small files of the kernel's.
const SAMPLE: Duration = Duration::from_millis(250);
/// How long lines are still awaited after the end: a grandchild may hold the pipe open for ever.
const GRACE: Duration = Duration::from_secs(1);

/// What to run.
pub(crate) struct Order<'a> {
    pub(crate) program: &'a Path,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) environment: Vec<(&'static str, OsString)>,
    /// The folder that it works in.
    pub(crate) folder: &'a Path,
    /// How long it may run before it is killed.
    pub(crate) limit: Duration,
    /// Where all that it says is kept.
    pub(crate) log: Option<&'a Path>,
    /// What ends it early.
    pub(crate) interrupt: Option<&'a Interrupt>,
    /// Who is shown what it takes while it runs.
    pub(crate) shown: Option<&'a dyn Fn(Look)>,
}

/// Which stream a line came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stream {
    Out,
    Err,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// By itself, with this status.
    Itself(ExitStatus),
    /// It was killed when its time was over.
    Killed,
    /// It was ended because the run was interrupted.
    Interrupted,
}

/// A program that has run.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) ended: Ended,
    pub(crate) took: Duration,
    /// The last lines of its standard error.
    pub(crate) last_said: Vec<String>,
    /// What was seen of it from outside.
    pub(crate) sampler: Sampler,
}

/// Runs the program; `hear` is given each line as it comes.
///
/// # Errors
/// If it could not be started or waited for, or its log not be written.
pub(crate) fn run(order: &Order<'_>, hear: &mut dyn FnMut(Stream, &str)) -> io::Result<Finished> {
    let log = order.log.map(File::create).transpose()?;
    let start = Instant::now();
    let mut child = Command::new(order.program)
        .args(&order.arguments)
        .envs(order.environment.iter().map(|(name, value)| (name, value)))
        .current_dir(order.folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let lines = listen(&mut child);
    let mut listener = Listener { hear, log, room: MAX_LOG_BYTES, last: VecDeque::new() };
    let mut sampler = Sampler::of(child.id());
    let ended = attend(&mut child, &lines, start, order, &mut listener, &mut sampler)?;
    let took = start.elapsed();
    let until = Instant::now() + GRACE;
    while let Ok((stream, line)) = lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
        listener.take(stream, &line)?;
    }
    Ok(Finished { ended, took, last_said: listener.last.into(), sampler })
}

/// Hears the program until it has ended or was killed.
fn attend(
    child: &mut Child,
    lines: &Receiver<(Stream, String)>,
    start: Instant,
    order: &Order<'_>,
    listener: &mut Listener<'_>,
    sampler: &mut Sampler,
) -> io::Result<Ended> {
    let mut next_look = Duration::ZERO;
    loop {
        match lines.recv_timeout(LOOK) {
            Ok((stream, line)) => listener.take(stream, &line)?,
            Err(RecvTimeoutError::Timeout) => {}
            // It closed its streams, which is no proof that it has ended.
            Err(RecvTimeoutError::Disconnected) => thread::sleep(LOOK.min(Duration::from_millis(5))),
        }
        if let Some(status) = child.try_wait()? {
            // Who interrupts from a terminal interrupts all that runs in it.
            let interrupted = !status.success() && order.interrupt.is_some_and(Interrupt::is_set_soon);
            return Ok(if interrupted { Ended::Interrupted } else { Ended::Itself(status) });
        }
        let elapsed = start.elapsed();
        if elapsed >= next_look {
            next_look = elapsed + SAMPLE;
            if let (Some(look), Some(shown)) = (sampler.look(), order.shown) {
                shown(look);
            }
        }
        let interrupted = order.interrupt.is_some_and(Interrupt::is_set);
        if interrupted || elapsed >= order.limit {
            child.kill()?;
            child.wait()?;
            return Ok(if interrupted { Ended::Interrupted } else { Ended::Killed });
        }
    }
}

/// What becomes of the lines.
struct Listener<'a> {
    hear: &'a mut dyn FnMut(Stream, &str),
    log: Option<File>,
    room: usize,
    last: VecDeque<String>,
}

impl Listener<'_> {
    fn take(&mut self, stream: Stream, line: &str) -> io::Result<()> {
        if let Some(log) = &mut self.log
            && self.room > line.len()
        {
            writeln!(log, "{line}")?;
            self.room -= line.len() + 1;
        }
        if stream == Stream::Err {
            if self.last.len() == LAST_LINES {
                self.last.pop_front();
            }
            self.last.push_back(line.to_owned());
        }
        (self.hear)(stream, line);
        Ok(())
    }
}

/// Reads both streams, each in a thread of its own, so that neither can block the program.
fn listen(child: &mut Child) -> Receiver<(Stream, String)> {
    let (sender, receiver) = sync_channel(1_024);
    if let Some(out) = child.stdout.take() {
        let sender = sender.clone();
        thread::spawn(move || pass_on(out, Stream::Out, &sender));
    }
    if let Some(err) = child.stderr.take() {
        thread::spawn(move || pass_on(err, Stream::Err, &sender));
    }
    receiver
}

fn pass_on(from: impl Read, stream: Stream, to: &SyncSender<(Stream, String)>) {
    let mut from = BufReader::new(from);
    loop {
        let mut line = Vec::new();
        match from.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let line = String::from_utf8_lossy(&line);
        if to.send((stream, line.trim_end_matches(['\n', '\r']).to_owned())).is_err() {
            return;
        }
    }
}

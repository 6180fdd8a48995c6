//! Leaving somebody alone who fails.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// When a [`Breaker`] opens, and for how long.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BreakerOptions {
    /// The share of calls, 0.0 to 1.0, that must fail within the window.
    pub failure_share: f64,
    /// How far back calls are looked at.
    pub window: Duration,
    /// Fewer calls than this in the window prove nothing.
    pub least_calls: u32,
    /// How long it stays open the first time. It doubles each time that a probe fails.
    pub open_for: Duration,
    /// It stays open no longer than this, unless the other side asks for more.
    pub longest_open: Duration,
    /// How many probes it takes, all successful, to close it again; they may run at once. At least 1.
    pub probes: u32,
}

impl Default for BreakerOptions {
    /// Half of at least 10 calls within 30 s; open for 5 s, at most 60 s; one probe.
    fn default() -> Self {
        Self {
            failure_share: 0.5,
            window: Duration::from_secs(30),
            least_calls: 10,
            open_for: Duration::from_secs(5),
            longest_open: Duration::from_secs(60),
            probes: 1,
        }
    }
}

/// Lets calls through until too many fail; then none for a while; then a few, to see. Clones are one breaker.
///
/// What counts as a failure is the caller's decision. The window is counted in ten slots, so that its size does not depend on
/// the number of calls.
///
/// ```
/// use assize_transport::{Breaker, BreakerOptions, BreakerState};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let breaker = Breaker::new(BreakerOptions { least_calls: 2, ..BreakerOptions::default() });
/// for _ in 0..2 {
///     breaker.enter()?.failed(None);
/// }
/// assert!(matches!(breaker.state(), BreakerState::Open { .. }));
/// assert!(breaker.enter().is_err());
/// # Ok::<(), assize_transport::CircuitOpen>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Breaker(Arc<Shared>);

struct Shared {
    options: BreakerOptions,
    circuit: Mutex<Circuit>,
}

/// What a breaker looks like at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    /// Calls go through.
    Closed {
        /// Those in the window that ended.
        calls: u32,
        /// Those of them that failed.
        failures: u32,
    },
    /// No call goes through.
    Open {
        /// For how long still.
        for_another: Duration,
    },
    /// Probes go through.
    HalfOpen {
        /// Those under way.
        probing: u32,
        /// Those that succeeded.
        succeeded: u32,
    },
}

/// The call was not let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CircuitOpen {
    /// When it makes sense to ask again; `None` while probes are under way.
    pub retry_in: Option<Duration>,
}

impl fmt::Display for CircuitOpen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.retry_in {
            Some(wait) => {
                let seconds = wait.as_secs_f64();
                write!(f, "the circuit is open after too many failures, for another {seconds:.1} s")
            }
            None => f.write_str("the circuit is open after too many failures, and is being probed"),
        }
    }
}

impl std::error::Error for CircuitOpen {}

impl fmt::Debug for Breaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Breaker").field("options", &self.0.options).field("state", &self.state()).finish()
    }
}

impl Breaker {
    /// A closed one.
    #[must_use]
    pub fn new(options: BreakerOptions) -> Self {
        let circuit =
            Circuit { stage: Stage::Closed(Window::default()), turn: 0, open_for: options.open_for };
        Self(Arc::new(Shared { options, circuit: Mutex::new(circuit) }))
    }

    /// Lets a call through, or not. Say of the [`Ticket`] how the call ended.
    ///
    /// # Errors
    /// [`CircuitOpen`] while it is open, and while enough probes are under way.
    pub fn enter(&self) -> Result<Ticket, CircuitOpen> {
        let now = Instant::now();
        let mut circuit = self.circuit();
        if let Stage::Open { until } = circuit.stage {
            if now < until {
                return Err(CircuitOpen { retry_in: Some(until - now) });
            }
            circuit.enter_stage(Stage::HalfOpen { probing: 0, succeeded: 0 });
        }
        if let Stage::HalfOpen { probing, succeeded } = &mut circuit.stage {
            if *probing + *succeeded >= self.0.options.probes.max(1) {
                return Err(CircuitOpen { retry_in: None });
            }
            *probing += 1;
        }
        Ok(Ticket { breaker: self.clone(), turn: circuit.turn, open: true })
    }

    /// What it looks like now.
    #[must_use]
    pub fn state(&self) -> BreakerState {
        let now = Instant::now();
        let mut circuit = self.circuit();
        match &mut circuit.stage {
            Stage::Closed(window) => {
                let (calls, failures) = window.sums(now, self.0.options.window);
                BreakerState::Closed { calls, failures }
            }
            Stage::Open { until } if now < *until => BreakerState::Open { for_another: *until - now },
            Stage::Open { .. } => BreakerState::HalfOpen { probing: 0, succeeded: 0 },
            Stage::HalfOpen { probing, succeeded } => {
                BreakerState::HalfOpen { probing: *probing, succeeded: *succeeded }
            }
        }
    }

    fn circuit(&self) -> MutexGuard<'_, Circuit> {
        self.0.circuit.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ended(&self, turn: u64, how: Ended) {
        let now = Instant::now();
        let options = &self.0.options;
        let mut circuit = self.circuit();
        // What began before the stage changed says nothing of it.
        if circuit.turn != turn {
            return;
        }
        match (&mut circuit.stage, how) {
            (Stage::Closed(_), Ended::Unknown) | (Stage::Open { .. }, _) => {}
            (Stage::Closed(window), Ended::Well) => window.note(now, options.window, false),
            (Stage::Closed(window), Ended::Badly { asked }) => {
                window.note(now, options.window, true);
                let (calls, failures) = window.sums(now, options.window);
                if calls >= options.least_calls
                    && f64::from(failures) >= options.failure_share * f64::from(calls)
                {
                    circuit.open_for = options.open_for;
                    circuit.open(now, asked);
                }
            }
            (Stage::HalfOpen { probing, .. }, Ended::Unknown) => *probing = probing.saturating_sub(1),
            (Stage::HalfOpen { probing, succeeded }, Ended::Well) => {
                *probing = probing.saturating_sub(1);
                *succeeded += 1;
                if *succeeded >= options.probes.max(1) {
                    circuit.enter_stage(Stage::Closed(Window::default()));
                }
            }
            (Stage::HalfOpen { .. }, Ended::Badly { asked }) => {
                circuit.open_for = circuit.open_for.saturating_mul(2).min(options.longest_open);
                circuit.open(now, asked);
            }
        }
    }
}

/// Leave to make one call. Say how it ended; dropped, it says nothing, and a probe is handed back.
#[derive(Debug)]
#[must_use = "dropping it ends the call"]
pub struct Ticket {
    breaker: Breaker,
    turn: u64,
    open: bool,
}

impl Ticket {
    /// The call succeeded, or failed in a way that shows the other side well.
    pub fn succeeded(mut self) {
        self.end(Ended::Well);
    }

    /// The call failed; the other side may have asked for a wait. Should this open the breaker, it stays so at least as long.
    pub fn failed(mut self, retry_after: Option<Duration>) {
        self.end(Ended::Badly { asked: retry_after.unwrap_or_default() });
    }

    fn end(&mut self, how: Ended) {
        if std::mem::take(&mut self.open) {
            self.breaker.ended(self.turn, how);
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.end(Ended::Unknown);
    }
}

#[derive(Debug, Clone, Copy)]
enum Ended {
    Well,
    Badly { asked: Duration },
    Unknown,
}

struct Circuit {
    stage: Stage,
    /// Counts the changes of stage.
    turn: u64,
    /// How long it is open the next time.
    open_for: Duration,
}

enum Stage {
    Closed(Window),
    Open { until: Instant },
    HalfOpen { probing: u32, succeeded: u32 },
}

impl Circuit {
    fn enter_stage(&mut self, stage: Stage) {
        self.stage = stage;
        self.turn += 1;
    }

    fn open(&mut self, now: Instant, asked: Duration) {
        let length = self.open_for.max(asked).min(LONGEST_OPEN);
        self.enter_stage(Stage::Open { until: now + length });
    }
}

/// Nobody asks to be left alone for longer, and means it.
const LONGEST_OPEN: Duration = Duration::from_secs(365 * 24 * 3600);

/// The slots in which a window is counted.
const SLOTS: u32 = 10;

#[derive(Debug, Default)]
struct Window(VecDeque<Slot>);

#[derive(Debug)]
struct Slot {
    began: Instant,
    calls: u32,
    failures: u32,
}

impl Window {
    fn note(&mut self, now: Instant, length: Duration, failed: bool) {
        if self.0.back().is_none_or(|slot| now - slot.began >= length / SLOTS) {
            self.0.push_back(Slot { began: now, calls: 0, failures: 0 });
        }
        if let Some(slot) = self.0.back_mut() {
            slot.calls = slot.calls.saturating_add(1);
            slot.failures = slot.failures.saturating_add(u32::from(failed));
        }
        self.forget(now, length);
    }

    fn forget(&mut self, now: Instant, length: Duration) {
        while self.0.front().is_some_and(|slot| now - slot.began > length) {
            self.0.pop_front();
        }
    }

    fn sums(&mut self, now: Instant, length: Duration) -> (u32, u32) {
        self.forget(now, length);
        self.0.iter().fold((0, 0), |(calls, failures), slot| {
            (u32::saturating_add(calls, slot.calls), u32::saturating_add(failures, slot.failures))
        })
    }
}

#[cfg(test)]
mod tests;

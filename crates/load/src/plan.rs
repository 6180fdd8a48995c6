//! What a run does, and how.

use std::{sync::Arc, time::Duration};

use assize_perf::Kind;

use crate::{Error, ErrorKind, Flow, Pace, Progress, Schedule};

/// More workers than this are not started.
const MAX_WORKERS: usize = 256;
/// More requests than this are not under way at once.
const MAX_AT_ONCE: usize = 1_000_000;

/// A run of load: what is asked, when, and how that is done.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Its name in ids, `normal`.
    pub name: String,
    /// What a start sets off.
    pub flow: Flow,
    /// When there is a start.
    pub schedule: Schedule,
    /// From one request of a user to the next, by the user's own intent; makes users of a rate. `None` where there are no users.
    pub per_user: Option<Duration>,
    /// How it is done.
    pub settings: Settings,
}

/// How load is applied.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Tasks that share the starts, each with histograms of its own; 1 by default.
    pub workers: usize,
    /// How many starts may be under way at once; what finds no place waits for one, and that counts as latency. 1,000 by default.
    pub at_once: usize,
    /// How long an answer is waited for; 30 s by default.
    pub timeout: Duration,
    /// How starts are waited for; by tokio's timer by default.
    pub pace: Pace,
    /// Into how many blocks the time that counts is divided, from which intervals are made; 20 by default.
    pub blocks: usize,
    /// What its figures are: `Loaded` over sockets (the default), `Virtual` in paused time, `Timed` in process.
    pub kind: Kind,
    /// Told how far it is.
    pub progress: Arc<Progress>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            workers: 1,
            at_once: 1_000,
            timeout: Duration::from_secs(30),
            pace: Pace::Tokio,
            blocks: 20,
            kind: Kind::Loaded,
            progress: Arc::default(),
        }
    }
}

impl Plan {
    /// A plan with the usual settings.
    #[must_use]
    pub fn new(name: impl Into<String>, flow: Flow, schedule: Schedule) -> Self {
        Self { name: name.into(), flow, schedule, per_user: None, settings: Settings::default() }
    }

    /// With other settings.
    #[must_use]
    pub fn with(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// With users of whom each intends a request so often.
    #[must_use]
    pub const fn of_users(mut self, per_user: Duration) -> Self {
        self.per_user = Some(per_user);
        self
    }

    /// How many users the highest rate is.
    #[must_use]
    pub fn users(&self) -> Option<f64> {
        self.per_user.map(|each| self.schedule.peak() * each.as_secs_f64())
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        let settings = &self.settings;
        let limits = [
            ("workers", settings.workers, MAX_WORKERS),
            ("places", settings.at_once, MAX_AT_ONCE),
            ("blocks", settings.blocks, 10_000),
        ];
        for (what, got, most) in limits {
            if got == 0 || got > most {
                return Err(ErrorKind::InvalidPlan
                    .error(format!("apply load with {got} {what}; it may be 1 to {most}")));
            }
        }
        if settings.timeout.is_zero() {
            return Err(ErrorKind::InvalidPlan.error("apply load with a timeout of nothing"));
        }
        Ok(())
    }
}

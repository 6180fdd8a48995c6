//! The driver: asks the debaters, keeps deadlines, budget and journal, and feeds the state machine.

mod run;

use std::{fmt, sync::Arc, time::Duration};

use assize_journal::Journal;
use tokio::{sync::broadcast, time::Instant};

use self::run::Run;
use crate::{Debater, Entry, Error, ErrorKind, Record, SeatIndex, Spec, Verdict};

/// What those who watch a debate are told.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Notice {
    /// An event is in the log. Of a debate that is resumed, the events that were there before come first.
    Record {
        /// Its place in the log, from 0: who misses one can read it there.
        sequence: u64,
        /// The event.
        record: Arc<Record>,
    },
    /// A debater is speaking.
    Text {
        /// The round, from 0.
        round: u32,
        /// Who.
        seat: SeatIndex,
        /// The next piece of its text.
        text: Arc<str>,
    },
}

/// When a turn was asked and answered, since the debate was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TurnTiming {
    /// The round, from 0.
    pub round: u32,
    /// The seat.
    pub seat: SeatIndex,
    /// When it was asked.
    pub asked: Duration,
    /// When its answer was there.
    pub answered: Duration,
}

/// How long a debate took, by the clock that the driver waits on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timing {
    /// From the opening to the verdict; a debate that was resumed counts the time of each of its parts.
    pub total: Duration,
    /// The turns that were taken in this run, in the order of their answers.
    pub turns: Vec<TurnTiming>,
}

/// What a debate came to, and how it went.
#[derive(Debug, Clone)]
pub struct Conclusion {
    /// What was decided. The same input gives the same verdict.
    pub verdict: Arc<Verdict>,
    /// What was said, ordered by round and seat.
    pub transcript: Vec<Entry>,
    /// How long it took.
    pub timing: Timing,
}

/// Runs a debate.
///
/// Each event is written to the journal before anything is done about it: the intent to ask before the call is made, the
/// answer before the next seat is asked. Run again over the same journal, a debate continues where it was, and asks nobody
/// twice whose answer is there.
pub struct Driver {
    spec: Arc<Spec>,
    panel: Vec<Arc<dyn Debater>>,
    journal: Option<Arc<dyn Journal>>,
    watchers: Option<broadcast::Sender<Notice>>,
    deadline: Option<Instant>,
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").field("spec", &self.spec).field("panel", &self.panel).finish_non_exhaustive()
    }
}

impl Driver {
    /// A driver for this debate. `panel` holds a debater for each seat, in order.
    ///
    /// # Errors
    /// [`ErrorKind::BadSpec`] when the debate cannot be held or the panel does not fit its seats.
    pub fn new(spec: impl Into<Arc<Spec>>, panel: Vec<Arc<dyn Debater>>) -> Result<Self, Error> {
        let spec = spec.into();
        spec.check()?;
        if panel.len() != spec.seats.len() {
            let message = format!("hold the debate: {} debaters for {} seats", panel.len(), spec.seats.len());
            return Err(Error::new(ErrorKind::BadSpec, message));
        }
        Ok(Self { spec, panel, journal: None, watchers: None, deadline: None })
    }

    /// Writes every event to this journal, under the debate's id; and continues the debate if it is there already.
    #[must_use]
    pub fn with_journal(mut self, journal: Arc<dyn Journal>) -> Self {
        self.journal = Some(journal);
        self
    }

    /// Tells these watchers of every event and every piece of text. Who reads too slowly misses the oldest notices.
    #[must_use]
    pub fn with_watchers(mut self, watchers: broadcast::Sender<Notice>) -> Self {
        self.watchers = Some(watchers);
        self
    }

    /// Ends the debate at this moment, if it has not ended before: a deadline of whoever runs it, which is not part of
    /// what defines the debate.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Instant) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Runs the debate to its verdict. Dropping the future cancels it; with a journal it can be resumed.
    ///
    /// # Errors
    /// [`ErrorKind::Journal`] when the journal fails, or somebody else is holding this debate: without it nothing more is
    /// asked. [`ErrorKind::BadLog`] when the journal holds a log that cannot be continued, or that of another debate.
    pub async fn run(self) -> Result<Conclusion, Error> {
        let mut run = Run::begin(self).await?;
        run.finish().await
    }
}

#[cfg(test)]
mod tests;

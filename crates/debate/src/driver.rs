//! The driver: asks the debaters, keeps deadlines, budget and journal, and feeds the state machine.

mod account;
mod gallery;
mod run;

use std::{fmt, sync::Arc, time::Duration};

use assize_journal::Journal;
use assize_metering::{Attribution, Ledger};
use tokio::time::Instant;

pub use self::gallery::Gallery;
use self::{account::Account, gallery::Crier, run::Run};
use crate::{Debater, Entry, Error, ErrorKind, Judge, Record, SeatIndex, Spec, Summariser, Verdict};

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
    judge: Option<Arc<dyn Judge>>,
    summariser: Option<Arc<dyn Summariser>>,
    journal: Option<Arc<dyn Journal>>,
    crier: Option<Crier>,
    deadline: Option<Instant>,
    account: Option<Account>,
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
        Ok(Self {
            spec,
            panel,
            judge: None,
            summariser: None,
            journal: None,
            crier: None,
            deadline: None,
            account: None,
        })
    }

    /// Writes every event to this journal, under the debate's id; and continues the debate if it is there already.
    #[must_use]
    pub fn with_journal(mut self, journal: Arc<dyn Journal>) -> Self {
        self.journal = Some(journal);
        self
    }

    /// Tells those who watch from this gallery of every event and every piece of text.
    #[must_use]
    pub fn with_gallery(mut self, gallery: Gallery) -> Self {
        self.crier = Some(Crier::new(gallery));
        self
    }

    /// Ends the debate at this moment, if it has not ended before: a deadline of whoever runs it, which is not part of
    /// what defines the debate.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Instant) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Books every call in this ledger: `who` says for whom, and debate, participant, round and model are added to it. A
    /// call that a budget of the ledger forbids is not made; its seat abstains, as with the debate's own budget.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use assize_ambient::SystemClock;
    /// use assize_debate::{Debater, Driver, ScriptedDebater, Seat, Spec, Utterance};
    /// use assize_metering::{Attribution, Budget, Dimension, Ledger, Period, Scope};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
    /// let limit = Budget::new("a day", Scope::Everything, Period::UtcDay).with_hard("5.00".parse()?);
    /// let ledger = Ledger::builder(Arc::new(SystemClock)).budget(limit).open()?;
    /// let spec = Spec::new("Tea?", ["yes", "no"]).with_seat(Seat::new("Ada", "scripted:ada"));
    /// let panel: Vec<Arc<dyn Debater>> = vec![Arc::new(ScriptedDebater::always(Utterance::new(0)))];
    /// let driver = Driver::new(spec, panel)?.with_ledger(ledger.clone(), &Attribution::new().with_tenant("acme"));
    /// driver.run().await?;
    /// let by_voice = ledger.roll_up(&[Dimension::Participant, Dimension::Round]);
    /// assert!(by_voice.rows().is_empty(), "a scripted voice calls no model");
    /// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_ledger(mut self, ledger: Ledger, who: &Attribution) -> Self {
        self.account = Some(Account::new(ledger, who, &self.spec));
        self
    }

    /// Lets this judge sit in the seat that the specification has for one.
    ///
    /// # Errors
    /// [`ErrorKind::BadSpec`] when it has none.
    pub fn with_judge(mut self, judge: Arc<dyn Judge>) -> Result<Self, Error> {
        if self.spec.judge.is_none() {
            let message = "hold the debate: there is a judge, and no seat for it";
            return Err(Error::new(ErrorKind::BadSpec, message));
        }
        self.judge = Some(judge);
        Ok(self)
    }

    /// Lets this summariser sit in the seat that the specification has for one.
    ///
    /// # Errors
    /// [`ErrorKind::BadSpec`] when it has none.
    pub fn with_summariser(mut self, summariser: Arc<dyn Summariser>) -> Result<Self, Error> {
        if self.spec.summariser.is_none() {
            let message = "hold the debate: there is a summariser, and no seat for it";
            return Err(Error::new(ErrorKind::BadSpec, message));
        }
        self.summariser = Some(summariser);
        Ok(self)
    }

    /// Runs the debate to its verdict. Dropping the future cancels it; with a journal it can be resumed.
    ///
    /// # Errors
    /// [`ErrorKind::Journal`] when the journal fails, or somebody else is holding this debate: without it nothing more is
    /// asked. [`ErrorKind::BadSpec`] when nobody sits in the judge's seat or the
    /// summariser's. [`ErrorKind::BadLog`] when the journal holds a log that cannot be continued, or that of another debate.
    /// [`ErrorKind::Ledger`] when the ledger cannot be written.
    pub async fn run(self) -> Result<Conclusion, Error> {
        if self.spec.judge.is_some() && self.judge.is_none() {
            let message = "hold the debate: it has a judge's seat, and nobody sits there";
            return Err(Error::new(ErrorKind::BadSpec, message));
        }
        if self.spec.summariser.is_some() && self.summariser.is_none() {
            let message = "hold the debate: it has a summariser's seat, and nobody sits there";
            return Err(Error::new(ErrorKind::BadSpec, message));
        }
        let mut run = Run::begin(self).await?;
        run.finish().await
    }
}

#[cfg(test)]
mod tests;

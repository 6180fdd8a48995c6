//! The driver: asks the debaters, keeps deadlines, budget and journal, and feeds the state machine.

use std::{sync::Arc, time::Duration};

use assize_journal::{Journal, Key};
use assize_metering::Usd;
use futures_util::{StreamExt, future::BoxFuture, stream::FuturesUnordered};
use tokio::{sync::broadcast, time::Instant};

use crate::{
    AbstainReason, Abstention, Ask, Bill, Debate, Debater, Entry, Error, ErrorKind, Event, HaltCause, Record,
    SeatIndex, Spec, Spoken, Step, Verdict,
};

/// What those who watch a debate are told.
#[derive(Debug, Clone)]
pub enum Notice {
    /// An event was added to the log.
    Record(Arc<Record>),
    /// A debater is speaking.
    Text {
        /// The round, from 0.
        round: u32,
        /// Who.
        seat: SeatIndex,
        /// The next piece of its text.
        text: String,
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
/// Each event is written to the journal before it is applied: the intent to ask before the call is made, the answer
/// before anything is made of it. Run again over the same journal, a debate continues where it was, and asks nobody
/// twice whose answer is there.
#[derive(Debug)]
pub struct Driver {
    spec: Arc<Spec>,
    panel: Vec<Arc<dyn Debater>>,
    journal: Option<Arc<dyn Journal>>,
    watchers: Option<broadcast::Sender<Notice>>,
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
        Ok(Self { spec, panel, journal: None, watchers: None })
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

    /// Runs the debate to its verdict. Dropping the future cancels it; with a journal it can be resumed.
    ///
    /// # Errors
    /// [`ErrorKind::Journal`] when the journal fails: without it nothing more is asked. [`ErrorKind::BadLog`] when the
    /// journal holds a log that cannot be continued.
    pub async fn run(self) -> Result<Conclusion, Error> {
        let mut run = Run::begin(self).await?;
        loop {
            match run.debate.next() {
                Step::Done(verdict) => {
                    if !run.debate.is_concluded() {
                        run.record(vec![Event::Concluded { verdict: Arc::clone(&verdict) }]).await?;
                    }
                    run.timing.total = run.elapsed();
                    return Ok(Conclusion {
                        verdict,
                        transcript: run.debate.transcript(),
                        timing: run.timing,
                    });
                }
                Step::Ask(asks) => run.ask(asks).await?,
                Step::Wait => run.wait().await?,
            }
        }
    }
}

type Answer = (Ask, Instant, Result<Spoken, Abstention>);

/// A debate under way.
struct Run {
    debate: Debate,
    panel: Vec<Arc<dyn Debater>>,
    journal: Option<(Arc<dyn Journal>, Key)>,
    watchers: Option<broadcast::Sender<Notice>>,
    pending: FuturesUnordered<BoxFuture<'static, Answer>>,
    /// When the debate would have been opened, had it never been interrupted.
    opened: Instant,
    /// When what was asked last must be answered.
    turn_deadline: Option<Instant>,
    debate_deadline: Option<Instant>,
    timing: Timing,
}

impl Run {
    async fn begin(driver: Driver) -> Result<Self, Error> {
        let Driver { spec, panel, journal, watchers } = driver;
        let now = Instant::now();
        let journal = match journal {
            Some(journal) => Some((journal, spec.id().as_str().parse::<Key>()?)),
            None => None,
        };
        let log = match &journal {
            Some((journal, key)) => {
                let log = journal.read(key).await?;
                log.records.iter().map(|line| Record::from_line(line)).collect::<Result<Vec<_>, _>>()?
            }
            None => Vec::new(),
        };
        let debate = if log.is_empty() { Debate::open(Arc::clone(&spec))? } else { Debate::replay(&log)? };
        let before = Duration::from_micros(log.last().map_or(0, |record| record.at_us));
        let opened = now.checked_sub(before).unwrap_or(now);
        let mut run = Self {
            debate,
            panel,
            journal,
            watchers,
            pending: FuturesUnordered::new(),
            opened,
            turn_deadline: None,
            debate_deadline: spec.limits.debate.and_then(|limit| opened.checked_add(limit)),
            timing: Timing::default(),
        };
        if log.is_empty() {
            run.write(vec![Event::Opened { spec }]).await?;
        } else if run.debate.outstanding().next().is_some() {
            run.record(vec![Event::Resumed]).await?;
        }
        Ok(run)
    }

    fn elapsed(&self) -> Duration {
        self.opened.elapsed()
    }

    /// Writes events to the journal and tells the watchers.
    async fn write(&mut self, events: Vec<Event>) -> Result<Vec<Event>, Error> {
        if self.journal.is_none() && self.watchers.is_none() {
            return Ok(events);
        }
        let at_us = u64::try_from(self.elapsed().as_micros()).unwrap_or(u64::MAX);
        let records: Vec<Record> = events.into_iter().map(|event| Record::new(at_us, event)).collect();
        if let Some((journal, key)) = &self.journal {
            let lines: Vec<Vec<u8>> = records.iter().map(Record::to_line).collect();
            journal.append(key, &lines).await?;
        }
        if let Some(watchers) = &self.watchers {
            for record in &records {
                // Nobody watching is not an error.
                let _ = watchers.send(Notice::Record(Arc::new(record.clone())));
            }
        }
        Ok(records.into_iter().map(|record| record.event).collect())
    }

    /// Writes events, then applies them.
    async fn record(&mut self, events: Vec<Event>) -> Result<(), Error> {
        for event in self.write(events).await? {
            self.debate.apply(event)?;
        }
        Ok(())
    }

    /// Asks seats, as far as the budget allows.
    async fn ask(&mut self, asks: Vec<Ask>) -> Result<(), Error> {
        let (spent, possibly_paid) = self.debate.spent();
        let mut committed = spent.checked_add(possibly_paid).unwrap_or(Usd::MAX);
        let mut events = Vec::with_capacity(asks.len());
        let mut speeches = Vec::with_capacity(asks.len());
        for ask in asks {
            let turn = self.debate.turn(ask);
            let speech = self.panel[ask.seat.get()].speak(turn);
            let reserved = speech.worst_case;
            let would_be = committed.checked_add(reserved).unwrap_or(Usd::MAX);
            match self.debate.spec().budget {
                Some(budget) if would_be > budget && reserved > Usd::ZERO => {
                    let detail = format!(
                        "the call could cost {reserved} USD, and {committed} of {budget} USD are taken"
                    );
                    let (reason, bill) = (AbstainReason::OverBudget, Bill::default());
                    events.push(Event::Abstained { round: ask.round, seat: ask.seat, reason, detail, bill });
                }
                _ => {
                    committed = would_be;
                    events.push(Event::Asked { round: ask.round, seat: ask.seat, reserved });
                    speeches.push((ask, speech));
                }
            }
        }
        self.record(events).await?;
        let now = Instant::now();
        let limits = self.debate.spec().limits;
        let limit = [limits.turn, limits.round].into_iter().flatten().min();
        self.turn_deadline = limit.and_then(|limit| now.checked_add(limit));
        for (ask, speech) in speeches {
            let watchers = self.watchers.clone();
            self.pending.push(Box::pin(async move {
                let said = speech.hear(|text| {
                    if let Some(watchers) = &watchers {
                        let _ = watchers.send(Notice::Text { round: ask.round, seat: ask.seat, text });
                    }
                });
                (ask, now, said.await)
            }));
        }
        Ok(())
    }

    /// Waits for the next answer, or for the deadline that comes first.
    async fn wait(&mut self) -> Result<(), Error> {
        let deadline = [self.turn_deadline, self.debate_deadline].into_iter().flatten().min();
        let answer = match deadline {
            Some(deadline) => tokio::time::timeout_at(deadline, self.pending.next()).await,
            None => Ok(self.pending.next().await),
        };
        match answer {
            Ok(Some((ask, asked, said))) => self.hear(ask, asked, said).await,
            // Nothing is under way although seats were asked: their futures were lost. They count as timed out.
            Ok(None) => self.give_up_waiting("its turn was lost").await,
            Err(_) if self.debate_deadline == deadline => {
                self.pending.clear();
                self.record(vec![Event::Halted { cause: HaltCause::Deadline }]).await
            }
            Err(_) => self.give_up_waiting("it did not answer in time").await,
        }
    }

    async fn hear(
        &mut self,
        ask: Ask,
        asked: Instant,
        said: Result<Spoken, Abstention>,
    ) -> Result<(), Error> {
        let asked = asked.saturating_duration_since(self.opened);
        self.timing.turns.push(TurnTiming {
            round: ask.round,
            seat: ask.seat,
            asked,
            answered: self.elapsed(),
        });
        let Ask { round, seat } = ask;
        let options = self.debate.spec().options.len();
        let event = match said {
            Ok(Spoken { utterance, bill }) => match utterance.check(options) {
                Ok(()) => Event::Spoke { round, seat, utterance: Arc::new(utterance), bill },
                Err(e) => {
                    let reason = AbstainReason::Unreadable;
                    Event::Abstained { round, seat, reason, detail: e.to_string(), bill }
                }
            },
            Err(Abstention { reason, detail, bill }) => {
                Event::Abstained { round, seat, reason, detail, bill }
            }
        };
        self.record(vec![event]).await
    }

    /// Whoever has not answered abstains; the calls are cancelled and may have been paid.
    async fn give_up_waiting(&mut self, why: &str) -> Result<(), Error> {
        self.pending.clear();
        let abstain = |(ask, reserved): (Ask, Usd)| Event::Abstained {
            round: ask.round,
            seat: ask.seat,
            reason: AbstainReason::TimedOut,
            detail: why.to_owned(),
            bill: Bill { possibly_paid: reserved, ..Bill::default() },
        };
        let events: Vec<Event> = self.debate.outstanding().map(abstain).collect();
        self.record(events).await
    }
}

#[cfg(test)]
mod tests;

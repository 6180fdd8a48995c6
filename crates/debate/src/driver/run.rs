//! A debate under way.

mod alone;

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use assize_journal::{Key, Writer};
use assize_metering::{Refusal, RefusalKind, Usd};
use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::time::Instant;

use super::{
    Account, Conclusion, Driver, Gallery, Notice, Timing, TurnTiming, account::Call, gallery::Crier,
};
use crate::{
    AbstainReason, Abstention, Ask, Bill, Debate, Debater, DeclineCause, Error, ErrorKind, Event, HaltCause,
    Judge, Listener, Record, Reservation, Shortened, Speech, Spoken, Step, Summariser,
};

/// A longer reason for an abstention is cut: it may be a vendor's page.
const MAX_DETAIL_CHARACTERS: usize = 500;

type Answer = (Ask, Instant, Option<Shortened>, Result<Spoken, Abstention>);

/// A turn under way.
struct Hearing {
    ask: Ask,
    asked: Instant,
    speech: Speech,
    shortened: Option<Shortened>,
    gallery: Option<Gallery>,
}

impl Future for Hearing {
    type Output = Answer;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Answer> {
        let Self { ask, asked, speech, shortened, gallery } = self.get_mut();
        let watch = |text: String| {
            if let Some(gallery) = gallery {
                gallery.tell(Notice::Text { round: ask.round, seat: ask.seat, text: text.into() });
            }
        };
        let said = speech.poll(context, watch, |left_out| *shortened = Some(left_out));
        said.map(|said| (*ask, *asked, *shortened, said))
    }
}

pub(super) struct Run {
    debate: Debate,
    panel: Vec<Arc<dyn Debater>>,
    judge: Option<Arc<dyn Judge>>,
    summariser: Option<Arc<dyn Summariser>>,
    journal: Option<Box<dyn Writer>>,
    crier: Option<Crier>,
    account: Option<Account>,
    /// How many events there are.
    recorded: u64,
    pending: FuturesUnordered<Hearing>,
    /// Seats are due that did not fit into the budget while calls are under way: they are asked when all of these have
    /// answered and what they cost is known.
    holds_back: bool,
    /// When the debate would have been opened, had it never been interrupted.
    opened: Instant,
    /// When what was asked last must be answered.
    turn_deadline: Option<Instant>,
    debate_deadline: Option<Instant>,
    /// The round whose turns were asked last, and when it began.
    round_began: (u32, Instant),
    /// When the first turn of a round was taken: a summary before it is not counted against the round's limit.
    turns_began: (Option<u32>, Instant),
    timing: Timing,
}

impl Run {
    pub(super) async fn begin(driver: Driver) -> Result<Self, Error> {
        let Driver { spec, panel, judge, summariser, journal, crier, deadline, account } = driver;
        let now = Instant::now();
        let (log, writer) = match journal {
            Some(journal) => {
                let (log, writer) = journal.open(&spec.id().as_str().parse::<Key>()?).await?;
                let log =
                    log.records.iter().map(|line| Record::from_line(line)).collect::<Result<Vec<_>, _>>()?;
                (log, Some(writer))
            }
            None => (Vec::new(), None),
        };
        if let Some(Record { event: Event::Opened { spec: logged }, .. }) = log.first()
            && *logged != spec
        {
            let (id, changes) = (spec.id(), spec.changed_in(logged));
            let message =
                format!("continue the debate {id}: the log under its name is that of another one: {changes}");
            return Err(Error::new(ErrorKind::BadLog, message));
        }
        let debate = if log.is_empty() { Debate::open(Arc::clone(&spec))? } else { Debate::replay(&log)? };
        let before = Duration::from_micros(log.last().map_or(0, |record| record.at_us));
        let opened = now.checked_sub(before).unwrap_or(now);
        let own_deadline = spec.limits.debate.and_then(|limit| opened.checked_add(limit));
        let mut run = Self {
            debate,
            panel,
            judge,
            summariser,
            journal: writer,
            crier,
            account,
            recorded: 0,
            pending: FuturesUnordered::new(),
            holds_back: false,
            opened,
            turn_deadline: None,
            debate_deadline: [own_deadline, deadline].into_iter().flatten().min(),
            round_began: (0, now),
            turns_began: (None, now),
            timing: Timing::default(),
        };
        let is_new = log.is_empty();
        log.into_iter().for_each(|record| run.tell(record));
        if is_new {
            run.write(vec![Event::Opened { spec }]).await?;
        } else if run.debate.outstanding().next().is_some()
            || run.debate.judge_outstanding().is_some()
            || run.debate.summary_outstanding().is_some()
        {
            run.record(vec![Event::Resumed]).await?;
        }
        Ok(run)
    }

    pub(super) async fn finish(&mut self) -> Result<Conclusion, Error> {
        loop {
            match self.debate.next() {
                Step::Done(verdict) => {
                    // Who cannot change the decision is not waited for.
                    self.cancel();
                    if !self.debate.is_concluded() {
                        self.record([Event::Concluded { verdict: Arc::clone(&verdict) }]).await?;
                    }
                    self.timing.total = self.elapsed();
                    let timing = std::mem::take(&mut self.timing);
                    return Ok(Conclusion { verdict, transcript: self.debate.transcript(), timing });
                }
                Step::Ask(_) | Step::Summarise { .. }
                    if self.debate.can_decline() && self.why_not_go_on().is_some() =>
                {
                    let cause = self.why_not_go_on().unwrap_or(DeclineCause::NoTime);
                    self.record([Event::Declined { cause }]).await?;
                }
                Step::Ask(asks) if !self.is_held_back() => self.ask(asks).await?,
                Step::Assess { round } => self.assess(round).await?,
                Step::Summarise { round } => self.summarise(round).await?,
                Step::Ask(_) | Step::Wait => self.wait().await?,
            }
        }
    }

    fn elapsed(&self) -> Duration {
        self.opened.elapsed()
    }

    fn is_held_back(&self) -> bool {
        self.holds_back && !self.pending.is_empty()
    }

    /// Notes when a round began: with what is asked first for it.
    fn note_beginning(&mut self) {
        if self.round_began.0 != self.debate.round() {
            self.round_began = (self.debate.round(), Instant::now());
        }
    }

    fn is_late(&self) -> bool {
        self.debate_deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// Why the round that is about to begin is not worth beginning: it would take longer, or cost more, than what is left,
    /// if it were like the one before.
    fn why_not_go_on(&self) -> Option<DeclineCause> {
        if self.round_began.0 == self.debate.round() {
            // It has begun, with a summary.
            return None;
        }
        let now = Instant::now();
        let predicted = now.saturating_duration_since(self.round_began.1);
        if self
            .debate_deadline
            .is_some_and(|deadline| now < deadline && predicted > deadline.saturating_duration_since(now))
        {
            return Some(DeclineCause::NoTime);
        }
        let (_, predicted) = self.debate.cost_of_last_round();
        let left = self
            .debate
            .spec()
            .budget
            .map(|budget| budget.checked_sub(self.debate.committed()).unwrap_or(Usd::ZERO));
        left.is_some_and(|left| predicted > left).then_some(DeclineCause::NoMoney)
    }

    /// Applies events, then writes them: what does not fit is never written, and nothing is done about what is not.
    async fn record(&mut self, events: impl IntoIterator<Item = Event>) -> Result<(), Error> {
        let is_told = !self.has_no_listener();
        let mut applied = Vec::new();
        for event in events {
            // What is decided half-way is decided: who is still out is not waited for, and counts as lost already.
            if self.debate.is_decided() && !matches!(event, Event::Concluded { .. }) {
                break;
            }
            if is_told {
                applied.push(event.clone());
            }
            self.debate.apply(event)?;
        }
        if applied.is_empty() { Ok(()) } else { self.write(applied).await }
    }

    /// Writes events to the journal, and tells the watchers.
    async fn write(&mut self, events: Vec<Event>) -> Result<(), Error> {
        if self.has_no_listener() {
            return Ok(());
        }
        let at_us = u64::try_from(self.elapsed().as_micros()).unwrap_or(u64::MAX);
        let records: Vec<Record> = events.into_iter().map(|event| Record::new(at_us, event)).collect();
        if let Some(journal) = &mut self.journal {
            let lines = records.iter().map(Record::to_line).collect::<Result<Vec<_>, _>>()?;
            journal.append(&lines).await?;
        }
        records.into_iter().for_each(|record| self.tell(record));
        Ok(())
    }

    /// Whether nobody is told of the events.
    const fn has_no_listener(&self) -> bool {
        self.journal.is_none() && self.crier.is_none()
    }

    fn tell(&mut self, record: Record) {
        if let Some(crier) = &self.crier {
            crier.tell(Notice::Record { sequence: self.recorded, record: Arc::new(record) });
        }
        self.recorded += 1;
    }

    /// Asks seats, as far as the budget allows.
    async fn ask(&mut self, asks: Vec<Ask>) -> Result<(), Error> {
        if self.is_late() {
            return self.record([Event::Halted { cause: HaltCause::Deadline }]).await;
        }
        self.note_beginning();
        if self.turns_began.0 != Some(self.debate.round()) {
            self.turns_began = (Some(self.debate.round()), Instant::now());
        }
        let limits = self.debate.spec().limits;
        let end_of_round = limits.round.and_then(|limit| self.turns_began.1.checked_add(limit));
        if end_of_round.is_some_and(|end| Instant::now() >= end) {
            let why = "its round was over before it was asked";
            let missed = |ask| abstention(ask, AbstainReason::TimedOut, why);
            return self.record(asks.into_iter().map(missed)).await;
        }
        let mut taken = self.debate.committed();
        let mut events = Vec::with_capacity(asks.len());
        let mut speeches = Vec::with_capacity(asks.len());
        let mut too_dear = Vec::new();
        for ask in asks {
            let speech = self.panel[ask.seat.get()].speak(self.debate.turn(ask));
            match self.set_aside(ask, speech.reservation, taken)? {
                Ok(would_be) => {
                    taken = would_be;
                    events.push(Event::Asked {
                        round: ask.round,
                        seat: ask.seat,
                        reserved: speech.reservation,
                    });
                    speeches.push((ask, speech));
                }
                Err(why) => too_dear.push((ask, why)),
            }
        }
        // Who does not fit now may fit when the calls under way have turned out cheaper than what was set aside.
        self.holds_back = !too_dear.is_empty();
        if speeches.is_empty() && self.pending.is_empty() {
            for (ask, why) in too_dear {
                let Ask { round, seat } = ask;
                let cheaper = self.panel[seat.get()].speak_cheaper(self.debate.turn(ask));
                let fits = match &cheaper {
                    Some(speech) => self.set_aside(ask, speech.reservation, taken)?.ok(),
                    None => None,
                };
                match cheaper.zip(fits) {
                    Some((speech, would_be)) => {
                        taken = would_be;
                        events.push(Event::Economised { round, seat });
                        events.push(Event::Asked { round, seat, reserved: speech.reservation });
                        speeches.push((ask, speech));
                    }
                    None => events.push(abstention(ask, AbstainReason::OverBudget, &why)),
                }
            }
        }
        self.record(events).await?;
        if self.debate.is_decided() {
            return Ok(());
        }
        let now = Instant::now();
        let end_of_turn = limits.turn.and_then(|limit| now.checked_add(limit));
        self.turn_deadline = [end_of_turn, end_of_round].into_iter().flatten().min();
        for (ask, speech) in speeches {
            if let Some(account) = &mut self.account {
                account.started(ask.into());
            }
            let gallery = self.crier.as_ref().map(Crier::gallery);
            self.pending.push(Hearing { ask, asked: now, speech, shortened: None, gallery });
        }
        Ok(())
    }

    /// Sets aside what a call can cost, if it fits: what is taken of the budget then. Otherwise why it does not.
    fn set_aside(
        &mut self,
        ask: Ask,
        reserved: Reservation,
        taken: Usd,
    ) -> Result<Result<Usd, String>, Error> {
        let would_be = taken.checked_add(reserved.cost).unwrap_or(Usd::MAX);
        let budget = self.debate.spec().budget;
        if let Some(budget) = budget.filter(|budget| reserved.cost > Usd::ZERO && would_be > *budget) {
            return Ok(Err(format!(
                "the call could cost {} USD, and {taken} of {budget} USD are taken",
                reserved.cost
            )));
        }
        match self.refusal(ask.into(), reserved) {
            Some(refusal) if refusal.kind() == RefusalKind::OverBudget => {
                Ok(Err(format!("failed to {refusal}")))
            }
            Some(refusal) => Err(Error::caused(ErrorKind::Ledger, "ask a seat", refusal)),
            None => Ok(Ok(would_be)),
        }
    }

    /// Why the ledger forbids a call; without one it is set aside there.
    fn refusal(&mut self, call: Call, reserved: Reservation) -> Option<Refusal> {
        self.account.as_mut()?.reserve(call, self.debate.spec(), reserved).err()
    }

    /// Drops all calls under way: they may be billed.
    fn cancel(&mut self) {
        self.pending.clear();
        if let Some(account) = &mut self.account {
            account.give_up();
        }
    }

    /// Waits for the next answer, or for the deadline that comes first.
    async fn wait(&mut self) -> Result<(), Error> {
        let deadline = [self.turn_deadline, self.debate_deadline].into_iter().flatten().min();
        let answer = match deadline {
            Some(deadline) => tokio::time::timeout_at(deadline, self.pending.next()).await,
            None => Ok(self.pending.next().await),
        };
        match answer {
            Ok(Some((ask, asked, shortened, said))) => self.hear(ask, asked, shortened, said).await,
            // Nothing is under way although seats were asked: their futures were lost. They count as timed out.
            Ok(None) => self.give_up_waiting("its turn was lost").await,
            Err(_) if self.debate_deadline == deadline => {
                self.cancel();
                self.record([Event::Halted { cause: HaltCause::Deadline }]).await
            }
            Err(_) => self.give_up_waiting("it did not answer in time").await,
        }
    }

    async fn hear(
        &mut self,
        ask: Ask,
        asked: Instant,
        shortened: Option<Shortened>,
        said: Result<Spoken, Abstention>,
    ) -> Result<(), Error> {
        let asked = asked.saturating_duration_since(self.opened);
        let timing = TurnTiming { round: ask.round, seat: ask.seat, asked, answered: self.elapsed() };
        self.timing.turns.push(timing);
        let Ask { round, seat } = ask;
        let options = self.debate.spec().options.len();
        if let Some(account) = &mut self.account {
            let bill = match &said {
                Ok(spoken) => &spoken.bill,
                Err(abstention) => &abstention.bill,
            };
            account.book(ask.into(), bill)?;
        }
        let event = match said {
            Ok(Spoken { utterance, bill }) => match utterance.check(options) {
                Ok(()) => Event::Spoke { round, seat, utterance: Arc::new(utterance), bill },
                Err(e) => {
                    let reason = AbstainReason::Unreadable;
                    Event::Abstained { round, seat, reason, detail: cut(&e.to_string()), bill }
                }
            },
            Err(Abstention { reason, detail, bill }) => {
                Event::Abstained { round, seat, reason, detail: cut(&detail), bill }
            }
        };
        let told = |left_out| Event::Shortened { round, who: Listener::Seat { seat }, left_out };
        self.record(shortened.map(told).into_iter().chain([event])).await
    }

    /// Whoever has not answered abstains; the calls are cancelled and may have been paid.
    async fn give_up_waiting(&mut self, why: &str) -> Result<(), Error> {
        self.cancel();
        let abstain = |(ask, reserved): (Ask, Reservation)| Event::Abstained {
            round: ask.round,
            seat: ask.seat,
            reason: AbstainReason::TimedOut,
            detail: why.to_owned(),
            bill: reserved.lost(),
        };
        let events: Vec<Event> = self.debate.outstanding().map(abstain).collect();
        self.record(events).await
    }
}

/// That a seat is not asked.
fn abstention(ask: Ask, reason: AbstainReason, detail: &str) -> Event {
    Event::Abstained { round: ask.round, seat: ask.seat, reason, detail: cut(detail), bill: Bill::default() }
}

fn cut(detail: &str) -> String {
    let mut characters = detail.chars();
    let mut kept: String = characters.by_ref().take(MAX_DETAIL_CHARACTERS).collect();
    if characters.next().is_some() {
        kept.push('…');
    }
    kept
}

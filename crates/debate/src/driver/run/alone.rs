//! Those who are asked while nobody else is: the judge, and the summariser.

use std::sync::Arc;

use assize_metering::{RefusalKind, Usd};
use tokio::time::Instant;

use super::{Call, Run, cut};
use crate::{
    AbstainReason, Abstention, Assessed, Assessing, Bill, Error, ErrorKind, Event, HaltCause, Listener,
    Reservation, Shortened, Summarised, Summarising,
};

impl Run {
    /// Asks the judge, and waits for what it says.
    pub(super) async fn assess(&mut self, round: u32) -> Result<(), Error> {
        if self.is_late() {
            return self.record([Event::Halted { cause: HaltCause::Deadline }]).await;
        }
        let silent =
            |reason, detail: &str, bill| Event::JudgeAbstained { round, reason, detail: cut(detail), bill };
        let (Some(judge), Some(docket)) = (&self.judge, self.debate.docket()) else {
            // A driver has the judge that its specification names.
            let event = silent(AbstainReason::OverBudget, "there is no judge", Bill::default());
            return self.record([event]).await;
        };
        let Assessing { reservation: reserved, shortened, assessment } = judge.assess(docket);
        let call = Call::of_judge(round);
        if let Some(why) = self.why_not_ask(call, reserved, "ask the judge")? {
            return self.record([silent(AbstainReason::OverBudget, &why, Bill::default())]).await;
        }
        self.record([Event::JudgeAsked { round, reserved }]).await?;
        let Some(said) = self.in_time(call, assessment).await else {
            return self.give_up_on(silent(AbstainReason::TimedOut, LATE, reserved.lost())).await;
        };
        self.book(call, said.as_ref().map_or_else(|silent| &silent.bill, |assessed| &assessed.bill))?;
        let options = self.debate.spec().options.len();
        let event = match said {
            Ok(Assessed { assessment, bill }) => match assessment.check(options) {
                Ok(()) => Event::Assessed { round, assessment: Arc::new(assessment), bill },
                Err(e) => silent(AbstainReason::Unreadable, &e.to_string(), bill),
            },
            Err(Abstention { reason, detail, bill }) => silent(reason, &detail, bill),
        };
        self.record_with(round, Listener::Judge, shortened, event).await
    }

    /// Asks the summariser, and waits for what it says.
    pub(super) async fn summarise(&mut self, round: u32) -> Result<(), Error> {
        if self.is_late() {
            return self.record([Event::Halted { cause: HaltCause::Deadline }]).await;
        }
        self.note_beginning();
        let silent =
            |reason, detail: &str, bill| Event::SummaryDeclined { round, reason, detail: cut(detail), bill };
        let (Some(summariser), Some(minutes)) = (&self.summariser, self.debate.minutes()) else {
            // A driver has the summariser that its specification names.
            let event = silent(AbstainReason::OverBudget, "there is no summariser", Bill::default());
            return self.record([event]).await;
        };
        let Summarising { reservation: reserved, shortened, summary } = summariser.summarise(minutes.clone());
        let call = Call::of_summariser(round);
        if let Some(why) = self.why_not_ask(call, reserved, "ask the summariser")? {
            return self.record([silent(AbstainReason::OverBudget, &why, Bill::default())]).await;
        }
        self.record([Event::SummaryAsked { round, reserved }]).await?;
        let Some(said) = self.in_time(call, summary).await else {
            return self.give_up_on(silent(AbstainReason::TimedOut, LATE, reserved.lost())).await;
        };
        self.book(call, said.as_ref().map_or_else(|silent| &silent.bill, |summarised| &summarised.bill))?;
        let event = match said {
            Ok(Summarised { summary, bill }) => {
                let summary = minutes.checked(summary);
                match summary.check() {
                    Ok(()) => Event::Summarised { round, summary: Arc::new(summary), bill },
                    Err(e) => silent(AbstainReason::Unreadable, &e.to_string(), bill),
                }
            }
            Err(Abstention { reason, detail, bill }) => silent(reason, &detail, bill),
        };
        self.record_with(round, Listener::Summariser, shortened, event).await
    }

    /// Sets aside what a call can cost, or says why it does not fit.
    fn why_not_ask(
        &mut self,
        call: Call,
        reserved: Reservation,
        what: &str,
    ) -> Result<Option<String>, Error> {
        let would_be = self.debate.committed().checked_add(reserved.cost).unwrap_or(Usd::MAX);
        let budget = self.debate.spec().budget;
        if let Some(budget) = budget.filter(|budget| reserved.cost > Usd::ZERO && would_be > *budget) {
            let cost = reserved.cost;
            return Ok(Some(format!("the call could cost {cost} USD, more than is left of {budget} USD")));
        }
        match self.refusal(call, reserved) {
            Some(refusal) if refusal.kind() == RefusalKind::OverBudget => {
                Ok(Some(format!("failed to {refusal}")))
            }
            Some(refusal) => Err(Error::caused(ErrorKind::Ledger, what, refusal)),
            None => Ok(None),
        }
    }

    /// Makes a call, and waits for its answer as long as a turn may take and the debate lasts.
    async fn in_time<T>(&mut self, call: Call, answer: impl Future<Output = T>) -> Option<T> {
        if let Some(account) = &mut self.account {
            account.started(call);
        }
        let own = self.debate.spec().limits.turn.and_then(|limit| Instant::now().checked_add(limit));
        match [own, self.debate_deadline].into_iter().flatten().min() {
            Some(deadline) => tokio::time::timeout_at(deadline, answer).await.ok(),
            None => Some(answer.await),
        }
    }

    /// The call is cancelled; `event` says so, unless the whole debate is late.
    async fn give_up_on(&mut self, event: Event) -> Result<(), Error> {
        self.cancel();
        let event = if self.is_late() { Event::Halted { cause: HaltCause::Deadline } } else { event };
        self.record([event]).await
    }

    fn book(&mut self, call: Call, bill: &Bill) -> Result<(), Error> {
        self.account.as_mut().map_or(Ok(()), |account| account.book(call, bill))
    }

    /// Records an answer, with what whoever gave it was not told.
    async fn record_with(
        &mut self,
        round: u32,
        who: Listener,
        shortened: Option<Shortened>,
        event: Event,
    ) -> Result<(), Error> {
        let told = shortened.map(|left_out| Event::Shortened { round, who, left_out });
        self.record(told.into_iter().chain([event])).await
    }
}

const LATE: &str = "it did not answer in time";

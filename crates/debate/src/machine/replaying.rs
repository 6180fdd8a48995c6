//! From a log to a debate, and whether its verdict is what its events lead to.

use std::sync::Arc;

use super::{Debate, refused};
use crate::{Error, ErrorKind, Event, Record, StopReason, Verdict};

impl Debate {
    /// Brings a debate back from its log.
    ///
    /// # Errors
    /// [`ErrorKind::BadLog`] when the log does not begin with the opening, or an event does not fit: the message says
    /// which.
    pub fn replay(records: &[Record]) -> Result<Self, Error> {
        let Some((Record { event: Event::Opened { spec }, .. }, rest)) = records.split_first() else {
            return Err(Error::new(
                ErrorKind::BadLog,
                "replay the debate: its log does not begin with its opening",
            ));
        };
        let mut debate = Self::open(Arc::clone(spec))?;
        for (number, record) in rest.iter().enumerate() {
            // Where somebody was heard after it, the program that wrote this did not see that the lead was safe.
            let ends = rest.get(number + 1).is_none_or(|next| matches!(next.event, Event::Concluded { .. }));
            debate.apply_and_look(record.event.clone(), ends).map_err(|e| {
                Error::caused(
                    ErrorKind::BadLog,
                    format!("replay the debate: event {} does not fit", number + 2),
                    e,
                )
            })?;
        }
        Ok(debate)
    }

    /// Whether the log is closed by its verdict.
    #[must_use]
    pub const fn is_concluded(&self) -> bool {
        self.recorded.is_some()
    }

    /// Whether the recorded verdict is the one to which the events lead by the rules of this program. An older program
    /// may have had other rules: its verdict stands all the same. What an older program did not write down is not missed.
    ///
    /// # Errors
    /// [`ErrorKind::BadLog`] when it is another one.
    pub fn audit(&self) -> Result<(), Error> {
        let Some(recorded) = &self.recorded else { return Ok(()) };
        let own = self.verdict.as_ref().map(|own| {
            let mut own = Verdict::clone(own);
            own.selection = own.selection.filter(|_| recorded.selection.is_some());
            if recorded.tally.is_none() {
                own.forget_count();
            }
            let (told, known) = (&mut own.conformity, &recorded.conformity);
            told.rounds_without_new_facts =
                told.rounds_without_new_facts.filter(|_| known.rounds_without_new_facts.is_some());
            told.unshared_fact_coverage =
                told.unshared_fact_coverage.filter(|_| known.unshared_fact_coverage.is_some());
            own
        });
        if own.as_ref() != Some(&**recorded) {
            let message =
                "audit the debate: its events lead to another verdict than the one that was recorded";
            return Err(Error::new(ErrorKind::BadLog, message));
        }
        Ok(())
    }

    pub(super) fn conclude(&mut self, verdict: Arc<Verdict>) -> Result<(), Error> {
        if self.recorded.is_some() {
            return Err(refused("it is concluded already"));
        }
        if verdict.debate != *self.id {
            return Err(refused(&format!("the verdict is that of {}", verdict.debate)));
        }
        // Rules of stopping may change; that nothing is decided while somebody is being asked does not.
        let is_asked = self.outstanding().next().is_some()
            || self.judge_outstanding().is_some()
            || self.summary_outstanding().is_some();
        let may_be_asked = verdict.stopped == StopReason::UnassailableLead;
        if self.verdict.is_none() && is_asked && !may_be_asked {
            return Err(refused("it is concluded while somebody is still asked"));
        }
        self.recorded = Some(verdict);
        Ok(())
    }
}

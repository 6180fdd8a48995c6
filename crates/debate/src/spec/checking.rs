//! Whether a debate can be held.

use std::collections::BTreeSet;

use assize_metering::Usd;

use super::{Limits, MAX_ROUNDS, SeatIndex, Spec};
use crate::{Error, ErrorKind, Rule, StopRule, Topology, Window};

const MAX_SEATS: usize = 1_000;
const MAX_WEIGHT: f64 = 1e6;
const MAX_OPTIONS: usize = 64;
const MAX_QUESTION_BYTES: usize = 64 << 10;

impl Spec {
    /// Whether the debate can be held.
    ///
    /// # Errors
    /// [`ErrorKind::BadSpec`] with what is wrong and what would be right.
    pub fn check(&self) -> Result<(), Error> {
        if self.question.trim().is_empty() || self.question.len() > MAX_QUESTION_BYTES {
            return bad(format!("the question must have 1 to {MAX_QUESTION_BYTES} bytes"));
        }
        if !(2..=MAX_OPTIONS).contains(&self.options.len()) {
            return bad(format!("it needs 2 to {MAX_OPTIONS} options, not {}", self.options.len()));
        }
        let distinct: BTreeSet<String> =
            self.options.iter().map(|option| option.trim().to_lowercase()).collect();
        if distinct.len() < self.options.len() || distinct.contains("") {
            return bad(format!("its options must differ and not be empty: {:?}", self.options));
        }
        self.rule.check(self.options.len())?;
        if self.rule == Rule::Judge && self.judge.is_none() {
            return bad("the rule `judge` needs a judge");
        }
        self.check_seats()?;
        if !(1..=MAX_ROUNDS).contains(&self.rounds) {
            return bad(format!("it needs 1 to {MAX_ROUNDS} rounds, not {}", self.rounds));
        }
        self.topology.check(self.seats.len())?;
        self.window.map_or(Ok(()), Window::check)?;
        self.check_summariser()?;
        self.stops.iter().try_for_each(|stop| stop.check(self.options.len()))?;
        if self.stops.contains(&StopRule::JudgeSatisfied)
            && !self.judge.as_ref().is_some_and(|judge| judge.each_round)
        {
            return bad("a judge can only be satisfied where one sits in each round");
        }
        if self.budget.is_some_and(|budget| budget < Usd::ZERO) {
            return bad("its budget must not be negative");
        }
        let Limits { turn, round, debate } = self.limits;
        if let Some(limit) = [turn, round, debate]
            .into_iter()
            .flatten()
            .find(|limit| limit.is_zero() || !limit.subsec_nanos().is_multiple_of(1_000_000))
        {
            return bad(format!(
                "a limit on time is a whole number of milliseconds, at least 1, not {limit:?}"
            ));
        }
        self.check_evidence()
    }

    fn check_seats(&self) -> Result<(), Error> {
        if !(1..=MAX_SEATS).contains(&self.seats.len()) {
            return bad(format!("it needs 1 to {MAX_SEATS} seats, not {}", self.seats.len()));
        }
        if let Some(seat) = self.seats.iter().find(|seat| !(0.0..=MAX_WEIGHT).contains(&seat.weight)) {
            return bad(format!(
                "the weight of seat {:?} must lie in 0 to {MAX_WEIGHT}, not {}",
                seat.name, seat.weight
            ));
        }
        if self.seats.iter().all(|seat| seat.weight <= 0.0) {
            return bad("at least one seat must weigh more than 0");
        }
        for seat in &self.seats {
            if let Some(persona) = &seat.persona {
                persona.check(&format!("seat {:?}", seat.name), &self.options)?;
            }
        }
        if let Some((judge, persona)) =
            self.judge.as_ref().and_then(|judge| Some((judge, judge.persona.as_ref()?)))
        {
            persona.check(&format!("the judge {:?}", judge.name), &self.options)?;
        }
        Ok(())
    }

    fn check_summariser(&self) -> Result<(), Error> {
        let Some(summariser) = &self.summariser else { return Ok(()) };
        if self.window.is_none() {
            return bad("a summariser sums up what falls out of a window, and there is none");
        }
        if self.topology != Topology::Complete {
            return bad(
                "a summariser tells all what anybody said: where not each hears all others, leave it away, and extracts of \
                 what each has heard are shown",
            );
        }
        summariser.check()
    }

    fn check_evidence(&self) -> Result<(), Error> {
        let mut ids = BTreeSet::new();
        for evidence in &self.evidence {
            if !evidence.id.is_plain() {
                return bad(format!(
                    "{:?} cannot be the id of evidence: it has 1 to 64 characters of A-Z a-z 0-9 . _ : -",
                    evidence.id.as_str()
                ));
            }
            if !ids.insert(&evidence.id) {
                return bad(format!("the evidence {} is there twice", evidence.id));
            }
            let holders: Vec<SeatIndex> = evidence.held_by.iter().flatten().copied().collect();
            if let Some(seat) = holders.iter().find(|seat| seat.get() >= self.seats.len()) {
                return bad(format!(
                    "the evidence {} is held by seat {}, which does not exist",
                    evidence.id, seat.0
                ));
            }
            if holders.iter().collect::<BTreeSet<_>>().len() < holders.len() {
                return bad(format!("the evidence {} names a holder twice", evidence.id));
            }
        }
        Ok(())
    }
}

fn bad(message: impl std::fmt::Display) -> Result<(), Error> {
    Err(Error::new(ErrorKind::BadSpec, format!("hold the debate: {message}")))
}

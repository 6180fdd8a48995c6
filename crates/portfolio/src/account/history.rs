//! What an account has been through, and what it was as of any moment.

use assize_altdata::{AsOf, Ticker};
use assize_journal::{Journal, Key, Log};
use assize_metering::Usd;
use jiff::civil::Date;

use super::event::{Event, Record};
use super::state::State;
use crate::{Error, ErrorKind, InputId};

/// The events of an account, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    records: Vec<Record>,
}

/// What an account was worth when a session closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EquityPoint {
    /// The session.
    pub session: Date,
    /// Cash and positions at the newest closes.
    pub equity: Usd,
    /// All cash that was paid in before: what is no gain.
    pub deposits: Usd,
}

impl History {
    /// Reads an account's journal, whoever has it open. One that was never written has no events.
    ///
    /// # Errors
    /// [`ErrorKind::Journal`] if the journal cannot be read, [`ErrorKind::BadLog`] if it is none of an account.
    pub async fn read(journal: &dyn Journal, key: &Key) -> Result<Self, Error> {
        let history = Self::of_log(&journal.read(key).await?)?;
        history.state()?;
        Ok(history)
    }

    /// The events that a log holds.
    pub(super) fn of_log(log: &Log) -> Result<Self, Error> {
        let lines = log.records.iter().enumerate();
        let records =
            lines.map(|(index, line)| Record::from_line(line).map_err(|error| in_line(index, error)));
        Ok(Self { records: records.collect::<Result<_, _>>()? })
    }

    pub(super) fn extend(&mut self, records: Vec<Record>) {
        self.records.extend(records);
    }

    /// The events, oldest first.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// What the events add up to.
    ///
    /// # Errors
    /// [`ErrorKind::BadLog`] if one does not follow from those before it.
    pub fn state(&self) -> Result<State, Error> {
        fold(&self.records)
    }

    /// What those events add up to that were known as of a moment.
    ///
    /// # Errors
    /// [`ErrorKind::BadLog`] if one does not follow from those before it.
    pub fn state_as_of(&self, as_of: &AsOf) -> Result<State, Error> {
        fold(self.as_of(as_of))
    }

    /// The events that were known as of a moment.
    #[must_use]
    pub fn as_of(&self, as_of: &AsOf) -> &[Record] {
        // In the order of when they were known, as each state checks.
        let known = self.records.partition_point(|record| as_of.knows(record));
        &self.records[..known]
    }

    /// What the events before a run's decision add up to; `None` if the run has not decided.
    ///
    /// # Errors
    /// [`ErrorKind::BadLog`] if one does not follow from those before it.
    pub fn state_before(&self, run: &InputId) -> Result<Option<State>, Error> {
        self.place_of(run).map(|place| fold(&self.records[..place])).transpose()
    }

    /// Which event is the run's decision; `None` if it has not decided.
    #[must_use]
    pub fn place_of(&self, run: &InputId) -> Option<usize> {
        let is_it = |record: &Record| matches!(&record.event, Event::Decided { decision, .. } if decision.run == *run);
        self.records.iter().position(is_it)
    }

    /// The events of one session.
    pub fn session(&self, session: Date) -> impl Iterator<Item = &Event> {
        let events = self.records.iter().map(|record| &record.event);
        events.filter(move |event| event.session() == Some(session))
    }

    /// What became of orders for a ticker: fills and why parts were not filled, splits and dividends.
    pub fn of_ticker<'a>(&'a self, ticker: &'a Ticker) -> impl Iterator<Item = &'a Event> {
        self.records.iter().map(|record| &record.event).filter(move |event| match event {
            Event::Split { ticker: whose, .. }
            | Event::Dividend { ticker: whose, .. }
            | Event::Filled { ticker: whose, .. }
            | Event::Carried { ticker: whose, .. }
            | Event::Expired { ticker: whose, .. } => whose == ticker,
            Event::Opened { .. } | Event::Deposited { .. } | Event::Decided { .. } | Event::Marked { .. } => {
                false
            }
        })
    }

    /// What the account was worth at the close of each session that was known as of a moment.
    #[must_use]
    pub fn equity_as_of(&self, as_of: &AsOf) -> Vec<EquityPoint> {
        let (mut points, mut deposits) = (Vec::new(), Usd::ZERO);
        for record in self.as_of(as_of) {
            match &record.event {
                Event::Deposited { amount, .. } => {
                    deposits = deposits.checked_add(*amount).unwrap_or(Usd::MAX)
                }
                Event::Marked { session, equity, .. } => {
                    points.push(EquityPoint { session: *session, equity: *equity, deposits });
                }
                _ => {}
            }
        }
        points
    }
}

fn fold(records: &[Record]) -> Result<State, Error> {
    let mut state = State::default();
    for (index, record) in records.iter().enumerate() {
        state.apply(record).map_err(|error| in_line(index, error))?;
    }
    Ok(state)
}

fn in_line(index: usize, error: Error) -> Error {
    ErrorKind::BadLog.error(format!("read line {} of the account's journal", index + 1)).because(error)
}

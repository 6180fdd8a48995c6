//! An account on paper: what is handed in becomes events in a journal, and they are all that it is.

mod document;
mod event;
mod history;
mod state;
mod step;

use assize_altdata::Known;
use assize_ambient::Timestamp;
use assize_journal::{Journal, Key, Writer};
use assize_metering::Usd;

pub use document::AccountDocument;
#[cfg(feature = "schema")]
pub use document::account_schema;
pub use event::{Event, OrderSplit, Record, Withdrawn};
pub use history::{EquityPoint, History};
pub use state::{Mark, Pending, State};

use crate::{Decision, Error, ErrorKind, ExecutionRules, InputId, Session};

/// An account whose journal is open for writing; nobody else can open it meanwhile.
///
/// Deposits and decisions have names, sessions have dates, and what was booked before is not booked again. Whoever was
/// interrupted hands in the same once more, from the beginning if need be: the journal then holds what it would have held.
///
/// ```
/// use assize_journal::MemoryJournal;
/// use assize_portfolio::{Account, Decision, Event, ExecutionRules, Order, Price, Quote, Session, Side};
/// use jiff::civil::date;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let journal = MemoryJournal::default();
/// let mut account = Account::open(&journal, &"paper".parse()?, ExecutionRules::default()).await?;
/// account.deposit(&"start".parse()?, "10000".parse()?, "2024-03-01T12:00:00Z".parse()?).await?;
/// let ko = "KO".parse()?;
/// let decision = Decision {
///     run: "brief-1".parse()?,
///     as_of: "2024-03-05T23:00:00Z".parse()?,
///     informed_by: date(2024, 3, 5),
///     seen_until: Default::default(),
///     covers: [ko].into(),
///     orders: vec![Order { ticker: "KO".parse()?, side: Side::Buy, shares: 100 }],
/// };
/// account.decide(&decision).await?;
///
/// let mut session = Session::new(date(2024, 3, 6));
/// let (open, close) = (Price::from_dollars(59.5)?, Price::from_dollars(60.0)?);
/// session.quotes.insert("KO".parse()?, Quote { open, close, volume: Some(12_000_000) });
/// let events = account.trade(&session).await?;
/// assert!(matches!(&events[0], Event::Filled { shares: 100, .. }));
/// assert!(account.trade(&session).await?.is_empty(), "it is booked");
/// // $50 more for the shares, less $1 of commission, 5 bp of $5,950 and 0.1 · (100 / 12,000,000)² of them, rounded up.
/// assert_eq!(account.state().equity()?.to_string(), "10046.02499405");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Account {
    key: Key,
    rules: ExecutionRules,
    state: State,
    history: History,
    writer: Box<dyn Writer>,
    /// A write was broken off: nobody knows whether the journal has what was being written.
    is_unsure: bool,
}

/// Whether something was booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Booked {
    /// It was booked just now.
    Now,
    /// It was booked before; nothing was done.
    Before,
}

impl Account {
    /// Opens an account, and begins it if there is none of this name.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`] for rules that make no sense, [`ErrorKind::Refused`] if the account was begun with others,
    /// [`ErrorKind::BadLog`] if the journal is none of an account, [`ErrorKind::Journal`] if it cannot be opened.
    pub async fn open(journal: &dyn Journal, key: &Key, rules: ExecutionRules) -> Result<Self, Error> {
        rules.check()?;
        let (log, writer) = journal.open(key).await?;
        let history = History::of_log(&log)?;
        let state = history.state()?;
        if state.rules().is_some_and(|begun_with| *begun_with != rules) {
            let message = format!(
                "open the account {key}: it was begun with other rules of execution; use those, or another account"
            );
            return Err(ErrorKind::Refused.error(message));
        }
        Ok(Self { key: key.clone(), rules, state, history, writer, is_unsure: false })
    }

    /// What it is now.
    #[must_use]
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// What it has been through.
    #[must_use]
    pub const fn history(&self) -> &History {
        &self.history
    }

    /// Pays cash in, known from `at` on. What is paid in for a decision must be paid in before it, and at an earlier moment or
    /// the same; after the decision it takes a later one.
    ///
    /// # Errors
    /// As [`State::deposit`]; [`ErrorKind::TooLarge`] if there would be too much; [`ErrorKind::Journal`] if it cannot be
    /// written, and then it is not booked.
    pub async fn deposit(&mut self, id: &InputId, amount: Usd, at: Timestamp) -> Result<Booked, Error> {
        let Some(event) = self.state.deposit(id, amount, at)? else { return Ok(Booked::Before) };
        self.book(at, event).await
    }

    /// Takes over a decision: its orders wait for the next session.
    ///
    /// # Errors
    /// As [`State::decide`]; [`ErrorKind::Journal`] if it cannot be written, and then it is not booked.
    pub async fn decide(&mut self, decision: &Decision) -> Result<Booked, Error> {
        let Some(event) = self.state.decide(decision)? else { return Ok(Booked::Before) };
        self.book(decision.as_of, event).await
    }

    /// Books a session: splits, dividends, fills, the close. Sessions come in the order of their dates; one that is not after
    /// the newest is taken to be booked. Gives the events that were written now: after an interruption the rest of them, and
    /// none if it was booked before.
    ///
    /// # Errors
    /// As [`State::next`]; [`ErrorKind::Journal`] if it cannot be written, and then none of it is booked.
    pub async fn trade(&mut self, session: &Session) -> Result<Vec<Event>, Error> {
        let known_by = session.known_by().unwrap_or(Timestamp::MAX);
        let (mut state, mut records) = self.begun(known_by)?;
        while let Some(event) = state.next(session)? {
            let record = Record::new(later(known_by, &state), event);
            state.apply(&record)?;
            records.push(record);
        }
        if records.iter().all(|record| record.event.session().is_none()) {
            return Ok(Vec::new());
        }
        let events = records.iter().map(|record| record.event.clone());
        let events = events.filter(|event| event.session().is_some()).collect();
        self.append(state, records).await?;
        Ok(events)
    }

    /// Books one event.
    async fn book(&mut self, known_at: Timestamp, event: Event) -> Result<Booked, Error> {
        let (mut state, mut records) = self.begun(known_at)?;
        let record = Record::new(later(known_at, &state), event);
        state.apply(&record)?;
        records.push(record);
        self.append(state, records).await?;
        Ok(Booked::Now)
    }

    /// The state with the account opened, and the event that opens it if that was still to be done.
    fn begun(&self, known_at: Timestamp) -> Result<(State, Vec<Record>), Error> {
        let mut state = self.state.clone();
        if state.rules().is_some() {
            return Ok((state, Vec::new()));
        }
        let opened = Record::new(known_at, Event::Opened { rules: self.rules.clone() });
        state.apply(&opened)?;
        Ok((state, vec![opened]))
    }

    /// Writes events, and takes over what they lead to once the journal has them.
    async fn append(&mut self, state: State, records: Vec<Record>) -> Result<(), Error> {
        if self.is_unsure {
            let message = format!(
                "write the journal of the account {}: an earlier write was broken off; open the account again",
                self.key
            );
            return Err(ErrorKind::Refused.error(message));
        }
        let lines = records.iter().map(Record::to_line).collect::<Result<Vec<_>, _>>()?;
        // Stays set if this future is dropped while the write is under way.
        self.is_unsure = true;
        let written = self.writer.append(&lines).await;
        self.is_unsure = false;
        written?;
        self.state = state;
        self.history.extend(records);
        Ok(())
    }
}

/// The moment, or that of the newest event, if that is later.
fn later(moment: Timestamp, state: &State) -> Timestamp {
    state.known_at().map_or(moment, |known_at| known_at.max(moment))
}

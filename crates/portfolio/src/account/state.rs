//! The state of an account: what its events add up to.

use std::collections::{BTreeMap, BTreeSet};

use assize_altdata::Ticker;
use assize_ambient::Timestamp;
use assize_metering::Usd;
use jiff::civil::Date;

use super::event::{Event, OrderSplit, Record, Withdrawn};
use crate::order::digest;
use crate::rebalance::weight_of;
use crate::session::opens_at;
use crate::{
    Book, Costs, Decision, Error, ErrorKind, Exchanged, ExecutionRules, Holdings, InputId, Limit, MAX_SHARES,
    Order, OrderId, Price, Side, Split, Weight,
};

/// The newest close of something that is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The close; after a split without a price since, what it makes of the one before.
    pub price: Price,
    /// Of which session.
    pub session: Date,
}

/// An order that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// Its name.
    pub id: OrderId,
    /// Which way.
    pub side: Side,
    /// Shares that are not filled yet.
    pub left: u64,
    /// As of when it was decided: it is filled at sessions that open later.
    pub as_of: Timestamp,
    /// The newest session of its ticker whose prices the decision has seen: it is filled at later ones, and counts the
    /// shares of that one.
    pub informed_by: Date,
    /// In how many sessions it was tried.
    pub tried: u32,
    /// Which decision of the account it is of: older ones come first.
    pub(super) decision: u64,
    /// The last session in which a part was filled, and what limited it.
    pub(super) filled: Option<(Date, Option<Limit>)>,
}

impl Pending {
    /// Whether it was decided without knowing anything of this session.
    #[must_use]
    pub fn precedes(&self, session: Date) -> bool {
        opens_at(session) > self.as_of && session > self.informed_by
    }
}

/// A session of which some events are booked, and not all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct UnderWay {
    pub(super) session: Date,
    /// Whose splits are booked.
    pub(super) split: BTreeSet<Ticker>,
    /// Whose dividends are booked.
    pub(super) paid: BTreeSet<Ticker>,
    /// Trading has begun: no more splits or dividends.
    pub(super) trading: bool,
    /// Orders that were tried and wait on.
    pub(super) tried: BTreeSet<OrderId>,
}

/// What an account is: a function of its events.
///
/// What it does next in a session follows from it and from the session alone, whatever was booked of that session before.
/// So a journal that broke off is completed to what it would have been.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    pub(super) rules: Option<ExecutionRules>,
    pub(super) book: Book,
    pub(super) marks: BTreeMap<Ticker, Mark>,
    pub(super) pending: BTreeMap<Ticker, Pending>,
    /// What was handed in, with a digest of it.
    inputs: BTreeMap<InputId, u64>,
    decisions: u64,
    /// As of when the newest decision was made.
    decided_as_of: Option<Timestamp>,
    pub(super) under_way: Option<UnderWay>,
    pub(super) closed: Option<Date>,
    known_at: Option<Timestamp>,
}

impl State {
    /// The rules by which orders are filled; `None` while nothing was handed in.
    #[must_use]
    pub const fn rules(&self) -> Option<&ExecutionRules> {
        self.rules.as_ref()
    }

    /// Cash, positions and totals.
    #[must_use]
    pub const fn book(&self) -> &Book {
        &self.book
    }

    /// The newest closes of what is held.
    #[must_use]
    pub const fn marks(&self) -> &BTreeMap<Ticker, Mark> {
        &self.marks
    }

    /// Orders that wait, at most one for each ticker.
    #[must_use]
    pub const fn pending(&self) -> &BTreeMap<Ticker, Pending> {
        &self.pending
    }

    /// The newest session that is booked whole.
    #[must_use]
    pub const fn closed(&self) -> Option<Date> {
        self.closed
    }

    /// The session of which some events are booked and not all: a crash was in between.
    #[must_use]
    pub fn under_way(&self) -> Option<Date> {
        self.under_way.as_ref().map(|under_way| under_way.session)
    }

    /// From when on its newest event is known; nothing may be decided as of before.
    #[must_use]
    pub const fn known_at(&self) -> Option<Timestamp> {
        self.known_at
    }

    /// Cash and positions at the newest closes.
    ///
    /// # Errors
    /// [`ErrorKind::TooLarge`] if it leaves the range.
    pub fn equity(&self) -> Result<Usd, Error> {
        self.book.value(|ticker| self.marks.get(ticker).map(|mark| mark.price))
    }

    /// What the positions are worth at the newest closes beyond what they cost.
    ///
    /// # Errors
    /// [`ErrorKind::TooLarge`] if it leaves the range.
    pub fn unrealised(&self) -> Result<Usd, Error> {
        self.book.unrealised(|ticker| self.marks.get(ticker).map(|mark| mark.price))
    }

    /// What is held, in parts of the equity at the newest closes, as a validation asks for it: each weight and that of cash
    /// rounded down. Sectors are for the caller to add.
    ///
    /// # Errors
    /// [`ErrorKind::TooLarge`] if an amount leaves the range.
    pub fn holdings(&self) -> Result<Holdings, Error> {
        let equity = self.equity()?;
        let weights = self.book.positions().iter().map(|(ticker, position)| {
            let value = self.marks.get(ticker).map_or(Usd::ZERO, |mark| mark.price.times(position.shares));
            (ticker.clone(), weight_of(value, equity))
        });
        let cash = if equity.is_zero() { Weight::WHOLE } else { weight_of(self.book.cash(), equity) };
        Ok(Holdings { weights: weights.collect(), sectors: BTreeMap::new(), cash })
    }

    /// The event of a deposit; `None` if it is booked.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] if something else has that name, if a session is half booked, or if it comes too late: the
    /// account knows what became known after `at`, or a decision as of then or later was made without it;
    /// [`ErrorKind::BadInput`] unless it is more than nothing.
    pub fn deposit(&self, id: &InputId, amount: Usd, at: Timestamp) -> Result<Option<Event>, Error> {
        if amount <= Usd::ZERO {
            return Err(ErrorKind::BadInput.error(format!("pay in {amount}: it must be more than nothing")));
        }
        if self.has(id, digest_of_deposit(amount))? {
            return Ok(None);
        }
        if let Some(session) = self.under_way() {
            let message =
                format!("pay in {amount}: the session of {session} is half booked; hand it in again first");
            return Err(ErrorKind::Refused.error(message));
        }
        let refused = |why: String| Err(ErrorKind::Refused.error(format!("pay in {amount} at {at}: {why}")));
        if let Some(as_of) = self.decided_as_of.filter(|as_of| *as_of >= at) {
            return refused(format!(
                "a decision as of {as_of} was made without it; pay it in later than that"
            ));
        }
        if let Some(known_at) = self.known_at.filter(|known_at| *known_at > at) {
            return refused(format!(
                "the account knows what became known at {known_at}; pay it in then, or later"
            ));
        }
        Ok(Some(Event::Deposited { id: id.clone(), amount }))
    }

    /// The event of a decision; `None` if it is booked.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`] if no account could act upon it; [`ErrorKind::Refused`] if something else has its name, if
    /// nothing was paid in before, if a session is half booked, if the account knows more than the decision could, or if it
    /// sells more than is held.
    pub fn decide(&self, decision: &Decision) -> Result<Option<Event>, Error> {
        decision.check()?;
        if self.has(&decision.run, digest_of(decision)?)? {
            return Ok(None);
        }
        let refused = |why: String| {
            Err(ErrorKind::Refused.error(format!("take over the decision {}: {why}", decision.run)))
        };
        if let Some(session) = self.under_way() {
            return refused(format!("the session of {session} is half booked; hand it in again first"));
        }
        if let Some(known_at) = self.known_at.filter(|known_at| *known_at > decision.as_of) {
            let as_of = decision.as_of;
            return refused(format!(
                "it was made as of {as_of}, and the account knows what became known at {known_at}"
            ));
        }
        if self.book.totals().deposits.is_zero() {
            return refused("nothing was paid in yet; pay in first".to_owned());
        }
        for Order { ticker, side, shares } in &decision.orders {
            let held = self.book.shares(ticker);
            if *side == Side::Sell && *shares > held {
                return refused(format!("it sells {shares} of {ticker}, and {held} are held"));
            }
        }
        let withdrawn = decision.covers.iter().filter_map(|ticker| {
            let pending = self.pending.get(ticker)?;
            Some(Withdrawn { order: pending.id, ticker: ticker.clone(), left: pending.left })
        });
        Ok(Some(Event::Decided { withdrawn: withdrawn.collect(), decision: decision.clone() }))
    }

    /// Whether just this was handed in under this name.
    fn has(&self, id: &InputId, digest: u64) -> Result<bool, Error> {
        match self.inputs.get(id) {
            None => Ok(false),
            Some(known) if *known == digest => Ok(true),
            Some(_) => Err(ErrorKind::Refused.error(format!(
                "take over {id}: something else was handed in under that name; give it another"
            ))),
        }
    }

    /// Takes over an event. After an error the state is of no more use.
    pub(super) fn apply(&mut self, record: &Record) -> Result<(), Error> {
        if self.known_at.is_some_and(|known_at| record.known_at < known_at) {
            return Err(unfit("it was known before the event before it"));
        }
        if record.event.session().is_some_and(|session| record.known_at < opens_at(session)) {
            return Err(unfit("it was known before its session opened"));
        }
        if self.rules.is_none() != matches!(record.event, Event::Opened { .. }) {
            return Err(unfit("an account is opened once, and first"));
        }
        self.known_at = Some(record.known_at);
        match &record.event {
            Event::Opened { rules } => {
                rules.check()?;
                self.rules = Some(rules.clone());
            }
            Event::Deposited { id, amount } => {
                if self.under_way.is_some() {
                    return Err(unfit("it was paid in in the middle of a session"));
                }
                self.hand_in(id, digest_of_deposit(*amount))?;
                self.book.deposit(*amount)?;
            }
            Event::Decided { decision, .. } if decision.as_of > record.known_at => {
                return Err(unfit("it was known before it was made"));
            }
            Event::Decided { decision, withdrawn } => self.decided(decision, withdrawn)?,
            Event::Split { session, ticker, split, before, after, in_lieu, basis, order } => {
                let exchanged = Exchanged { shares: *after, in_lieu: *in_lieu, basis: *basis };
                self.was_split(*session, ticker, *split, *before, &exchanged, order.as_ref())?;
            }
            Event::Dividend { session, ticker, shares, per_share, amount } => {
                let under_way = self.in_session(*session)?;
                if under_way.trading || !under_way.paid.insert(ticker.clone()) {
                    return Err(unfit("a dividend is paid once, before trading"));
                }
                if *shares == 0 || self.book.shares(ticker) != *shares {
                    return Err(unfit("it is paid for other shares than are held"));
                }
                if per_share.times(*shares) != *amount {
                    return Err(unfit("it is not what the shares are paid"));
                }
                self.book.receive_dividend(*amount)?;
            }
            Event::Filled { .. } => self.filled(&record.event)?,
            Event::Carried { session, order, ticker, left, limit: _ } => {
                self.waiting(*session, *order, ticker, *left)?.tried += 1;
                self.in_session(*session)?.tried.insert(*order);
            }
            Event::Expired { session, order, ticker, left, limit: _ } => {
                self.waiting(*session, *order, ticker, *left)?;
                self.pending.remove(ticker);
            }
            Event::Marked { session, closes, equity } => {
                self.in_session(*session)?;
                let marks = closes
                    .iter()
                    .map(|(ticker, price)| (ticker.clone(), Mark { price: *price, session: *session }));
                self.marks.extend(marks);
                self.marks.retain(|ticker, _| self.book.positions().contains_key(ticker));
                if self.equity()? != *equity {
                    return Err(unfit("cash and positions do not add up to what it says"));
                }
                (self.closed, self.under_way) = (Some(*session), None);
            }
        }
        if self.book.imbalance().is_zero() { Ok(()) } else { Err(unfit("the books do not balance")) }
    }

    fn decided(&mut self, decision: &Decision, withdrawn: &[Withdrawn]) -> Result<(), Error> {
        decision.check()?;
        if self.under_way.is_some() {
            return Err(unfit("it was made in the middle of a session"));
        }
        self.hand_in(&decision.run, digest_of(decision)?)?;
        for order in withdrawn {
            if self.pending.remove(&order.ticker).is_none_or(|pending| pending.id != order.order) {
                return Err(unfit("it withdraws an order that does not wait"));
            }
        }
        self.decisions += 1;
        self.decided_as_of = Some(decision.as_of);
        for (order, id) in decision.orders.iter().zip(decision.order_ids()) {
            let pending = Pending {
                id,
                side: order.side,
                left: order.shares,
                as_of: decision.as_of,
                informed_by: decision.informed_of(&order.ticker),
                tried: 0,
                decision: self.decisions,
                filled: None,
            };
            if self.pending.insert(order.ticker.clone(), pending).is_some() {
                return Err(unfit("two orders would wait for one ticker"));
            }
        }
        Ok(())
    }

    fn was_split(
        &mut self,
        session: Date,
        ticker: &Ticker,
        split: Split,
        before: u64,
        exchanged: &Exchanged,
        order: Option<&OrderSplit>,
    ) -> Result<(), Error> {
        let under_way = self.in_session(session)?;
        if under_way.trading || !under_way.split.insert(ticker.clone()) {
            return Err(unfit("shares are split once, before trading"));
        }
        if self.book.shares(ticker) != before {
            return Err(unfit("other shares are split than are held"));
        }
        let nothing = Exchanged { shares: 0, in_lieu: Usd::ZERO, basis: Usd::ZERO };
        let is_whole = exchanged.in_lieu.is_zero() || split.has_rest(before);
        if split.whole(before) != exchanged.shares || !is_whole {
            return Err(unfit("the split makes something else of the shares"));
        }
        if before > 0 {
            self.book.exchange(ticker, exchanged)?;
        } else if *exchanged != nothing {
            return Err(unfit("something comes of no shares"));
        }
        if let Some(mark) = self.marks.get_mut(ticker) {
            mark.price = mark.price.split(split.new_shares(), split.old());
        }
        if let Some(OrderSplit { order, before, after }) = order {
            let pending = self
                .pending
                .get_mut(ticker)
                .filter(|pending| pending.id == *order && pending.left == *before)
                .filter(|_| split.whole(*before).min(MAX_SHARES) == *after);
            pending.ok_or_else(|| unfit("it splits an order that does not wait"))?.left = *after;
            if *after == 0 {
                self.pending.remove(ticker);
            }
        }
        Ok(())
    }

    fn filled(&mut self, event: &Event) -> Result<(), Error> {
        let Event::Filled { session, order, ticker, side, shares, open, costs, basis, left, limit, .. } =
            event
        else {
            return Ok(());
        };
        if open.times(*shares) != costs.value {
            return Err(unfit("the shares are worth something else at the open"));
        }
        let all = shares.checked_add(*left).ok_or_else(|| unfit("it fills more than there can be"))?;
        let pending = self.waiting(*session, *order, ticker, all)?;
        if pending.side != *side || pending.filled.is_some_and(|(last, _)| last >= *session) {
            return Err(unfit("an order is filled once in a session, and in its own way"));
        }
        pending.left = *left;
        pending.filled = Some((*session, *limit));
        if *left == 0 {
            self.pending.remove(ticker);
        }
        let costs: &Costs = costs;
        match side {
            Side::Buy if basis.is_zero() => self.book.buy(ticker, *shares, costs),
            Side::Buy => Err(unfit("a purchase takes nothing out of what shares have cost")),
            Side::Sell => self.book.sell(ticker, *shares, costs, *basis),
        }
    }

    /// The order that waits, if it can be traded in this session and was not yet tried in it.
    fn waiting(
        &mut self,
        session: Date,
        order: OrderId,
        ticker: &Ticker,
        left: u64,
    ) -> Result<&mut Pending, Error> {
        let under_way = self.in_session(session)?;
        under_way.trading = true;
        if under_way.tried.contains(&order) {
            return Err(unfit("an order is tried once in a session"));
        }
        let pending =
            self.pending.get_mut(ticker).filter(|pending| pending.id == order && pending.left == left);
        let pending = pending.ok_or_else(|| unfit("no such order waits"))?;
        if !pending.precedes(session) {
            return Err(unfit("the order was decided with knowledge of that session"));
        }
        Ok(pending)
    }

    /// The session that is under way, which begins now if none is.
    fn in_session(&mut self, session: Date) -> Result<&mut UnderWay, Error> {
        if self.closed.is_some_and(|closed| session <= closed) {
            return Err(unfit("its session was closed before"));
        }
        let under_way = self.under_way.get_or_insert_with(|| UnderWay {
            session,
            split: BTreeSet::new(),
            paid: BTreeSet::new(),
            trading: false,
            tried: BTreeSet::new(),
        });
        if under_way.session == session { Ok(under_way) } else { Err(unfit("another session is under way")) }
    }

    fn hand_in(&mut self, id: &InputId, digest: u64) -> Result<(), Error> {
        match self.inputs.insert(id.clone(), digest) {
            None => Ok(()),
            Some(_) => Err(unfit("its name is taken")),
        }
    }
}

fn digest_of_deposit(amount: Usd) -> u64 {
    digest(&[b"deposit", amount.to_string().as_bytes()])
}

fn digest_of(decision: &Decision) -> Result<u64, Error> {
    let json = serde_json::to_vec(decision)
        .map_err(|cause| ErrorKind::BadInput.error("write a decision as JSON").because(cause))?;
    Ok(digest(&[b"decision", &json]))
}

/// An event that does not follow from those before it.
fn unfit(why: &str) -> Error {
    ErrorKind::BadLog.error(format!("follow the account's journal: {why}"))
}

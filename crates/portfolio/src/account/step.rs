//! What happens next in a session: splits, dividends, sales, purchases, the close.

use std::collections::BTreeMap;

use assize_altdata::Ticker;
use assize_metering::Usd;

use super::event::{Event, OrderSplit};
use super::state::{Mark, Pending, State};
use crate::{Attempt, Error, ErrorKind, Exchanged, ExecutionRules, Limit, Price, Session, Side, Split, fill};

impl State {
    /// The next event of a session; `None` if all of it is booked, or a later one is.
    ///
    /// Before the open the splits, each for what is held and for an order that waits, then the dividends for what is held;
    /// both by ticker. At the open the sales, then the purchases: those of older decisions first, then by ticker. What is
    /// left of an order is carried or expires: after as many sessions as the rules allow, when cash was the limit and no sale is
    /// left that could bring more, or when there is nothing left to sell. At last the closes.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] if another session is half booked, or the account was not opened; [`ErrorKind::TooLarge`] if an
    /// amount leaves the range.
    pub fn next(&self, session: &Session) -> Result<Option<Event>, Error> {
        if self.closed.is_some_and(|closed| session.date <= closed) {
            return Ok(None);
        }
        let refused =
            |why: &str| ErrorKind::Refused.error(format!("book the session of {}: {why}", session.date));
        if let Some(other) = self.under_way().filter(|other| *other != session.date) {
            return Err(refused(&format!("that of {other} is half booked; hand it in again first")));
        }
        let rules = self.rules.as_ref().ok_or_else(|| refused("the account was not opened"))?;
        if !self.under_way.as_ref().is_some_and(|under_way| under_way.trading) {
            if let Some(event) = self.next_split(session)? {
                return Ok(Some(event));
            }
            if let Some(event) = self.next_dividend(session) {
                return Ok(Some(event));
            }
        }
        for side in [Side::Sell, Side::Buy] {
            if let Some((ticker, pending)) = self.next_order(session, side) {
                return self.trade(session, rules, ticker, pending).map(Some);
            }
        }
        self.mark(session).map(Some)
    }

    /// Held tickers that a session says nothing of: what happened to their shares that day is not known, and will not be
    /// booked later. Whoever can should wait for their prices.
    #[must_use]
    pub fn unquoted(&self, session: &Session) -> Vec<Ticker> {
        self.book.positions().keys().filter(|ticker| !session.quotes.contains_key(*ticker)).cloned().collect()
    }

    fn next_split(&self, session: &Session) -> Result<Option<Event>, Error> {
        let booked =
            |ticker| self.under_way.as_ref().is_some_and(|under_way| under_way.split.contains(ticker));
        for (ticker, split) in &session.splits {
            let position = self.book.positions().get(ticker);
            // Orders count the shares whose prices their decision saw: those of the split itself, if it saw that day's.
            let pending = self.pending.get(ticker).filter(|pending| session.date > pending.informed_by);
            if booked(ticker) || (position.is_none() && pending.is_none()) {
                continue;
            }
            let exchanged = match position {
                Some(position) => split.of_position(*position, self.price_after(session, ticker, *split)?)?,
                None => Exchanged { shares: 0, in_lieu: Usd::ZERO, basis: Usd::ZERO },
            };
            let order = pending.map(|pending| OrderSplit {
                order: pending.id,
                before: pending.left,
                after: split.whole(pending.left).min(crate::MAX_SHARES),
            });
            return Ok(Some(Event::Split {
                session: session.date,
                ticker: ticker.clone(),
                split: *split,
                before: position.map_or(0, |position| position.shares),
                after: exchanged.shares,
                in_lieu: exchanged.in_lieu,
                basis: exchanged.basis,
                order,
            }));
        }
        Ok(None)
    }

    /// What a new share is worth on the day of a split: the open, or else what the newest close makes of it.
    fn price_after(&self, session: &Session, ticker: &Ticker, split: Split) -> Result<Price, Error> {
        let open = session.quotes.get(ticker).map(|quote| quote.open);
        let marked = || self.marks.get(ticker).map(|mark| mark.price.split(split.new_shares(), split.old()));
        open.or_else(marked).ok_or_else(|| {
            let message = format!("book the session of {}: {ticker} is split and has no price", session.date);
            ErrorKind::Refused.error(message)
        })
    }

    fn next_dividend(&self, session: &Session) -> Option<Event> {
        let booked =
            |ticker| self.under_way.as_ref().is_some_and(|under_way| under_way.paid.contains(ticker));
        let mut due = session.dividends.iter().filter(|(ticker, _)| !booked(ticker));
        due.find_map(|(ticker, per_share)| {
            let shares = self.book.positions().get(ticker)?.shares;
            Some(Event::Dividend {
                session: session.date,
                ticker: ticker.clone(),
                shares,
                per_share: *per_share,
                amount: per_share.times(shares),
            })
        })
    }

    /// The order whose turn it is.
    fn next_order(&self, session: &Session, side: Side) -> Option<(&Ticker, &Pending)> {
        let tried = |id| self.under_way.as_ref().is_some_and(|under_way| under_way.tried.contains(id));
        let waiting = self.pending.iter().filter(|(_, pending)| {
            pending.side == side && pending.precedes(session.date) && !tried(&pending.id)
        });
        waiting.min_by_key(|(ticker, pending)| (pending.decision, *ticker))
    }

    fn trade(
        &self,
        session: &Session,
        rules: &ExecutionRules,
        ticker: &Ticker,
        pending: &Pending,
    ) -> Result<Event, Error> {
        if let Some((_, limit)) = pending.filled.filter(|(last, _)| *last == session.date) {
            return Ok(self.rest(session, rules, ticker, pending, limit.unwrap_or(Limit::Participation)));
        }
        let quote = session.quotes.get(ticker);
        let held = self.book.positions().get(ticker).copied().unwrap_or_default();
        let wanted = match pending.side {
            Side::Sell => pending.left.min(held.shares),
            Side::Buy => pending.left,
        };
        if wanted == 0 {
            return Ok(self.rest(session, rules, ticker, pending, Limit::NotHeld));
        }
        let (shares, costs, limit) = match fill(rules, pending.side, wanted, quote, self.book.cash()) {
            Attempt::Filled { shares, costs, limit } => (shares, costs, limit),
            Attempt::Nothing(limit) => return Ok(self.rest(session, rules, ticker, pending, limit)),
        };
        let (open, volume) = quote.and_then(|quote| Some((quote.open, quote.volume?))).ok_or_else(|| {
            ErrorKind::Refused.error(format!("fill {}: the session has no price or volume", pending.id))
        })?;
        Ok(Event::Filled {
            session: session.date,
            order: pending.id,
            ticker: ticker.clone(),
            side: pending.side,
            shares,
            open,
            volume,
            costs,
            basis: match pending.side {
                Side::Sell => held.basis_of(shares),
                Side::Buy => Usd::ZERO,
            },
            left: pending.left - shares,
            limit: limit.or((pending.left > shares).then_some(Limit::NotHeld)),
        })
    }

    /// What becomes of the part of an order that was not filled.
    fn rest(
        &self,
        session: &Session,
        rules: &ExecutionRules,
        ticker: &Ticker,
        pending: &Pending,
        limit: Limit,
    ) -> Event {
        let (session, order, ticker, left) = (session.date, pending.id, ticker.clone(), pending.left);
        let sale_waits = || self.pending.values().any(|pending| pending.side == Side::Sell);
        let cut = limit == Limit::NotHeld || (limit == Limit::Cash && !sale_waits());
        if cut || pending.tried + 1 >= rules.patience {
            Event::Expired { session, order, ticker, left, limit }
        } else {
            Event::Carried { session, order, ticker, left, limit }
        }
    }

    fn mark(&self, session: &Session) -> Result<Event, Error> {
        let held = self.book.positions().keys();
        let closes: BTreeMap<Ticker, Price> =
            held.filter_map(|ticker| Some((ticker.clone(), session.quotes.get(ticker)?.close))).collect();
        let equity = self.book.value(|ticker| {
            closes.get(ticker).copied().or_else(|| self.marks.get(ticker).map(|mark: &Mark| mark.price))
        })?;
        Ok(Event::Marked { session: session.date, closes, equity })
    }
}

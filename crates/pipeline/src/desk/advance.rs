//! Booking the sessions that have come to be known since the last brief.

use assize_altdata::Ticker;
use assize_portfolio::{Event, Session, Split, State};
use jiff::civil::Date;

use super::{CAPITAL, Error, Outcome, PaperDesk, Quotes, Shortfall};
use crate::{Part, ShortfallKind};

/// A name that has had no price for so many sessions is not waited for any more: it is halted or gone.
const WAITED_FOR: usize = 5;

impl PaperDesk {
    /// Begins the account if it has not begun, and books all sessions since the last one, as far as the prices of what is held
    /// or ordered are there. A name without a price that day is waited for, unless it has one later or has had none for five
    /// sessions: then there was none.
    pub(super) async fn advance(&mut self, outcome: &Outcome<'_>) -> Result<Result<(), Shortfall>, Error> {
        let failed = |error: assize_portfolio::Error| Error::of_account(&error);
        let Some(newest) = outcome.quotes.newest_session() else {
            let why = "nobody knows any price: nothing is booked";
            return Ok(Err(Shortfall::new(Part::Execution, ShortfallKind::TooLittle, why)));
        };
        if self.account.state().book().totals().deposits.is_zero() {
            let id = CAPITAL.parse().map_err(failed)?;
            let at = outcome.as_of.moment();
            self.account.deposit(&id, self.settings.capital, at).await.map_err(failed)?;
        }
        // An account begins with the newest close, so that there is something to count from.
        let first = self.account.state().closed().map_or(Ok(newest), Date::tomorrow).unwrap_or(newest);
        let (mut sessions, _) = Session::of_series(outcome.quotes.series(), first);
        self.put_late_splits(&mut sessions, outcome.quotes);
        let dates: Vec<Date> = sessions.iter().map(|session| session.date).collect();
        for (place, session) in sessions.iter().enumerate() {
            if let Some(ticker) = waited_for(self.account.state(), session, &dates[place..], outcome.quotes) {
                let why = format!(
                    "the session of {} is not booked: there is no price of {ticker}, which is held or ordered",
                    session.date
                );
                return Ok(Err(Shortfall::new(Part::Execution, ShortfallKind::Stale, why)));
            }
            self.account.trade(session).await.map_err(failed)?;
        }
        Ok(Ok(()))
    }
}

impl PaperDesk {
    /// Puts splits of orders that wait into the first session that is still to be booked, where they were of a day that was booked
    /// without the name, since nobody had its prices then: neither the decision nor the account has seen them.
    fn put_late_splits(&self, sessions: &mut [Session], quotes: &Quotes) {
        let (Some(next), Some(closed)) = (sessions.first_mut(), self.account.state().closed()) else {
            return;
        };
        for (ticker, pending) in self.account.state().pending() {
            let (Some(observed), Ok(unseen)) = (quotes.get(ticker), pending.informed_by.tomorrow()) else {
                continue;
            };
            let is_booked = |day: Date| {
                let events = self.account.history().of_ticker(ticker);
                events.into_iter().any(|event| {
                    matches!(event, Event::Split { session, order: Some(order), .. }
                        if *session >= day && order.order == pending.id)
                })
            };
            let (days, _) = Session::of_series([&observed.series], unseen);
            for day in days.iter().filter(|day| day.date <= closed && !is_booked(day.date)) {
                let Some(late) = day.splits.get(ticker) else { continue };
                let both = next.splits.get(ticker).map_or(Some(*late), |own| both(*late, *own));
                next.splits.extend(both.map(|split| (ticker.clone(), split)));
            }
        }
    }
}

/// Two splits as one, as far as numbers go.
fn both(first: Split, then: Split) -> Option<Split> {
    let new = first.new_shares().checked_mul(then.new_shares())?;
    Split::new(new, first.old().checked_mul(then.old())?).ok()
}

/// The first name that a session says nothing of, and that may still come. `since` are the sessions from this one on.
fn waited_for(state: &State, session: &Session, since: &[Date], quotes: &Quotes) -> Option<Ticker> {
    let ordered = state.pending().iter().filter(|(_, pending)| pending.precedes(session.date));
    let mut matters = state.book().positions().keys().chain(ordered.map(|(ticker, _)| ticker));
    let may_come = |ticker: &Ticker| {
        if session.quotes.contains_key(ticker) {
            return false;
        }
        match quotes.get(ticker).and_then(|observed| observed.newest()) {
            // It has a bar of that day or later: what there was is known.
            Some(newest) if newest >= session.date => false,
            Some(_) => since.len() <= WAITED_FOR,
            None => true,
        }
    };
    matters.find(|ticker| may_come(ticker)).cloned()
}

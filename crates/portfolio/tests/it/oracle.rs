//! Another's books: follows an account's events with arithmetic of its own, and says where they are wrong.

use std::collections::{BTreeMap, BTreeSet};

use assize_ambient::Timestamp;
use assize_metering::Usd;
use assize_portfolio::{Costs, Event, FillId, Limit, OrderId, Side, State};
use jiff::civil::Date;
use proptest::prelude::*;

/// Picodollars in a microdollar.
const PICO: i128 = 1_000_000;

#[derive(Debug, Default)]
struct Holding {
    shares: i128,
    basis: i128,
    /// In microdollars.
    mark: i128,
}

#[derive(Debug)]
struct Waiting {
    ticker: String,
    left: i128,
    as_of: Timestamp,
    informed_by: Date,
    sessions: u32,
}

/// What it makes of the events. Money in picodollars.
#[derive(Debug, Default)]
pub(crate) struct Oracle {
    patience: u32,
    cash: i128,
    deposits: i128,
    dividends: i128,
    costs: i128,
    /// What is gained by the prices' movements: the value of all changes of prices on the shares held meanwhile.
    moved: i128,
    realised: i128,
    held: BTreeMap<String, Holding>,
    waiting: BTreeMap<OrderId, Waiting>,
    fills: BTreeSet<FillId>,
    pub(crate) seen: BTreeMap<&'static str, usize>,
}

fn pico(amount: Usd) -> i128 {
    amount.picodollars()
}

impl Oracle {
    pub(crate) fn follow(&mut self, event: &Event) -> Result<(), TestCaseError> {
        let kind = match event {
            Event::Opened { rules } => {
                self.patience = rules.patience;
                "opened"
            }
            Event::Deposited { amount, .. } => {
                self.cash += pico(*amount);
                self.deposits += pico(*amount);
                "deposited"
            }
            Event::Decided { decision, withdrawn } => {
                let covered = |waiting: &Waiting| {
                    decision.covers.iter().any(|ticker| ticker.as_str() == waiting.ticker)
                };
                let gone: Vec<_> = self.waiting.extract_if(.., |_, waiting| covered(waiting)).collect();
                prop_assert_eq!(gone.len(), withdrawn.len());
                for (id, order) in decision.order_ids().zip(&decision.orders) {
                    let waiting = Waiting {
                        ticker: order.ticker.to_string(),
                        left: i128::from(order.shares),
                        as_of: decision.as_of,
                        informed_by: decision.informed_of(&order.ticker),
                        sessions: 0,
                    };
                    prop_assert!(self.waiting.insert(id, waiting).is_none(), "an order comes once");
                }
                "decided"
            }
            Event::Split { .. } => self.split(event)?,
            Event::Dividend { ticker, shares, per_share, amount, .. } => {
                prop_assert_eq!(self.held[ticker.as_str()].shares, i128::from(*shares));
                let paid = i128::from(*shares) * i128::from(per_share.microdollars()) * PICO;
                prop_assert_eq!(pico(*amount), paid);
                self.cash += paid;
                self.dividends += paid;
                "dividend"
            }
            Event::Filled { .. } => self.fill(event)?,
            Event::Carried { order, left, limit, .. } => {
                let waiting = self.waiting.get_mut(order).expect("it waits");
                waiting.sessions += 1;
                prop_assert_eq!(waiting.left, i128::from(*left));
                prop_assert!(waiting.sessions < self.patience && *limit != Limit::NotHeld);
                "carried"
            }
            Event::Expired { order, left, limit, .. } => {
                let waiting = self.waiting.remove(order).expect("it waits");
                prop_assert_eq!(waiting.left, i128::from(*left));
                let early = matches!(limit, Limit::Cash | Limit::NotHeld);
                prop_assert!(early || waiting.sessions + 1 == self.patience);
                "expired"
            }
            Event::Marked { closes, equity, .. } => {
                for (ticker, close) in closes {
                    let holding = self.held.get_mut(ticker.as_str()).expect("it is held");
                    let close = i128::from(close.microdollars());
                    self.moved += holding.shares * (close - holding.mark) * PICO;
                    holding.mark = close;
                }
                prop_assert_eq!(self.equity(), pico(*equity));
                "marked"
            }
            other => panic!("not known: {other:?}"),
        };
        *self.seen.entry(kind).or_default() += 1;
        prop_assert!(
            self.cash >= 0 && self.held.values().all(|holding| holding.shares > 0 && holding.basis >= 0)
        );
        // Whatever there is came in, was paid, or was gained by prices that moved; whatever is gone was a cost.
        prop_assert_eq!(self.equity(), self.deposits + self.dividends + self.moved - self.costs);
        Ok(())
    }

    fn equity(&self) -> i128 {
        self.cash + self.held.values().map(|holding| holding.shares * holding.mark * PICO).sum::<i128>()
    }

    fn split(&mut self, event: &Event) -> Result<&'static str, TestCaseError> {
        let Event::Split { ticker, split, before, after, in_lieu, order, .. } = event else { unreachable!() };
        let (new, old) = (i128::from(split.new_shares()), i128::from(split.old()));
        if let Some(order) = order {
            let waiting = self.waiting.get_mut(&order.order).expect("it waits");
            prop_assert_eq!(waiting.left, i128::from(order.before));
            waiting.left = waiting.left * new / old;
            prop_assert_eq!(waiting.left, i128::from(order.after));
            if waiting.left == 0 {
                self.waiting.remove(&order.order);
            }
        }
        let Some(holding) = self.held.get_mut(ticker.as_str()) else {
            prop_assert_eq!((*before, *after, pico(*in_lieu)), (0, 0, 0));
            return Ok("split");
        };
        prop_assert_eq!(holding.shares, i128::from(*before));
        let parts = holding.shares * new;
        let (whole, rest) = (parts / old, parts % old);
        prop_assert_eq!(whole, i128::from(*after));
        let basis = if whole == 0 { holding.basis } else { holding.basis * rest / parts };
        prop_assert!(rest > 0 || pico(*in_lieu) == 0);
        // Of the shares' value before, what the new ones and the cash are not worth has moved.
        let mark = (holding.mark * old / new).max(1);
        self.moved += whole * mark * PICO + pico(*in_lieu) - holding.shares * holding.mark * PICO;
        self.cash += pico(*in_lieu);
        self.realised += pico(*in_lieu) - basis;
        (holding.shares, holding.basis, holding.mark) = (whole, holding.basis - basis, mark);
        if whole == 0 {
            self.held.remove(ticker.as_str());
        }
        Ok("split")
    }

    fn fill(&mut self, event: &Event) -> Result<&'static str, TestCaseError> {
        let Event::Filled { session, order, ticker, side, shares, open, volume, costs, left, limit, .. } =
            event
        else {
            unreachable!()
        };
        prop_assert!(self.fills.insert(event.fill().expect("a fill")), "filled twice in a session");
        let waiting = self.waiting.get_mut(order).expect("it waits");
        // No fill at the bar that informed the decision or before, nor at an open that had passed.
        let opens_at = session.at(9, 30, 0, 0).in_tz("America/New_York").expect("a moment").timestamp();
        prop_assert!(*session > waiting.informed_by && opens_at > waiting.as_of);
        let (shares, volume) = (i128::from(*shares), i128::from(*volume));
        waiting.left -= shares;
        prop_assert!(shares > 0 && waiting.left == i128::from(*left));
        prop_assert_eq!(waiting.left > 0, limit.is_some());
        if waiting.left == 0 {
            self.waiting.remove(order);
        }
        prop_assert!(shares * 40 <= volume, "at most 2.5 % of the volume");
        let Costs { value, slippage, commission } = *costs;
        let worth = shares * i128::from(open.microdollars()) * PICO;
        prop_assert_eq!(pico(value), worth);
        // 5 bp + 0.1 · (shares / volume)² of the worth: the rate rounded up to a billionth, the amount to a picodollar.
        let up = |dividend: i128, divisor: i128| dividend / divisor + i128::from(dividend % divisor > 0);
        let rate = 500_000 + up(100_000_000 * shares * shares, volume * volume);
        prop_assert_eq!(pico(slippage), up(worth * rate, 1_000_000_000));
        prop_assert_eq!(pico(commission), (shares * 5_000_000_000).max(1_000_000_000_000));
        let spent = pico(slippage) + pico(commission);
        self.costs += spent;
        self.cash -= spent;
        let at = i128::from(open.microdollars());
        let holding = self.held.entry(ticker.to_string()).or_default();
        match side {
            Side::Buy => {
                // Bought at the open, not at the newest close.
                self.moved += holding.shares * (at - holding.mark) * PICO;
                holding.mark = at;
                holding.shares += shares;
                holding.basis += worth;
                self.cash -= worth;
            }
            Side::Sell => {
                self.moved += holding.shares * (at - holding.mark) * PICO;
                holding.mark = at;
                let basis = holding.basis * shares / holding.shares;
                holding.shares -= shares;
                holding.basis -= basis;
                self.realised += worth - basis;
                self.cash += worth;
                prop_assert!(holding.shares >= 0, "sold short");
            }
        }
        self.held.retain(|_, holding| holding.shares > 0);
        Ok(match limit {
            None => "filled",
            Some(Limit::Cash) => "filled as far as cash goes",
            Some(_) => "filled in part",
        })
    }

    /// Whether an account says the same.
    pub(crate) fn agrees_with(&self, state: &State) -> Result<(), TestCaseError> {
        let (book, totals) = (state.book(), *state.book().totals());
        prop_assert_eq!(pico(book.cash()), self.cash);
        let held = book.positions().iter().map(|(ticker, position)| {
            (ticker.to_string(), (i128::from(position.shares), pico(position.basis)))
        });
        let mine =
            self.held.iter().map(|(ticker, holding)| (ticker.clone(), (holding.shares, holding.basis)));
        prop_assert_eq!(held.collect::<BTreeMap<_, _>>(), mine.collect::<BTreeMap<_, _>>());
        prop_assert_eq!(pico(totals.deposits), self.deposits);
        prop_assert_eq!(pico(totals.dividends), self.dividends);
        prop_assert_eq!(pico(totals.commission) + pico(totals.slippage), self.costs);
        prop_assert_eq!(pico(totals.realised), self.realised);
        let waiting: BTreeMap<_, _> =
            state.pending().values().map(|pending| (pending.id, i128::from(pending.left))).collect();
        prop_assert_eq!(waiting, self.waiting.iter().map(|(id, waiting)| (*id, waiting.left)).collect());
        // cash + Σ value + costs − deposits − dividends − realised − unrealised = 0, by the account's own figures.
        let sum = pico(state.equity().expect("in range")) + pico(totals.commission) + pico(totals.slippage)
            - pico(totals.deposits)
            - pico(totals.dividends)
            - pico(totals.realised)
            - pico(state.unrealised().expect("in range"));
        prop_assert_eq!((sum, pico(book.imbalance())), (0, 0));
        Ok(())
    }
}

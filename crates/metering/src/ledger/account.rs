//! What one budget has counted: spent in the present period, and reserved.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use assize_ambient::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};

use super::attribution::Attribution;
use super::budget::{Budget, BudgetState, Period, Warning};
use super::charge::{less, plus};
use super::refusal::Shortfall;
use crate::usd::Usd;

/// Whether nobody will bill an amount.
type Simulated = bool;

/// A budget with its accounts.
#[derive(Debug)]
pub(super) struct Tracked {
    pub(super) budget: Budget,
    /// The account without a label: the only one, where the scope is not each label's.
    unlabelled: Option<Account>,
    accounts: BTreeMap<Arc<str>, Account>,
    /// When there are so many accounts, idle ones are dropped.
    sweep_at: usize,
}

impl Tracked {
    pub(super) fn new(budget: Budget) -> Self {
        Self { budget, unlabelled: None, accounts: BTreeMap::new(), sweep_at: MIN_SWEEP }
    }

    /// Why the hard limit forbids to take so much more.
    pub(super) fn shortfall(
        &mut self,
        who: &Attribution,
        wanted: Usd,
        simulated: Simulated,
        now: Timestamp,
    ) -> Option<Shortfall> {
        if !self.counts(simulated) {
            return None;
        }
        let label = self.budget.scope.label(who)?;
        let hard = self.budget.hard?;
        let (period, soft) = (self.budget.period, self.budget.soft);
        let mut none = None;
        let known = if label.is_empty() { self.unlabelled.as_mut() } else { self.accounts.get_mut(label) };
        let account = match known {
            Some(account) => account,
            None => none.insert(Account::new(period)),
        };
        account.advance(soft, now);
        let would_be = plus(account.committed(), wanted);
        if would_be <= hard {
            return None;
        }
        // Only what is booked expires; what is reserved waits for somebody else.
        let expires = less(would_be, hard);
        let free_at = (plus(account.reserved, wanted) <= hard)
            .then(|| account.spent.frees(expires, period, now))
            .flatten();
        let label = Arc::from(label);
        Some(Shortfall {
            budget: Arc::clone(&self.budget.name),
            label: Some(label).filter(|label: &Arc<str>| !label.is_empty()),
            limit: hard,
            spent: account.spent.amount(),
            reserved: account.reserved,
            wanted,
            left: less(hard, account.committed()),
            free_at,
        })
    }

    /// Takes an amount for a call under way.
    pub(super) fn reserve(
        &mut self,
        who: &Attribution,
        amount: Usd,
        simulated: Simulated,
        now: Timestamp,
    ) -> Option<Warning> {
        if !self.counts(simulated) {
            return None;
        }
        self.change(who, now, |account| account.reserved = plus(account.reserved, amount))
    }

    /// Gives back what was taken for a call, and books what it cost, in one step: a limit that it was above and still is
    /// has not been crossed.
    pub(super) fn book(
        &mut self,
        who: &Attribution,
        held: (Usd, Simulated),
        cost: (Usd, Simulated),
        now: Timestamp,
    ) -> Option<Warning> {
        let counted = |(amount, simulated)| self.counts(simulated).then_some(amount);
        let (held, cost) = (counted(held), counted(cost));
        held.or(cost)?;
        self.change(who, now, |account| {
            account.reserved = less(account.reserved, held.unwrap_or_default());
            account.spent.add(cost.unwrap_or_default(), now);
        })
    }

    /// How the account of this attribution stands.
    pub(super) fn state_of(&mut self, who: &Attribution, now: Timestamp) -> Option<BudgetState> {
        let label = self.budget.scope.label(who)?;
        let (period, soft) = (self.budget.period, self.budget.soft);
        let known = if label.is_empty() { self.unlabelled.as_mut() } else { self.accounts.get_mut(label) };
        Some(match known {
            Some(account) => {
                account.advance(soft, now);
                account.state(&self.budget, label)
            }
            None => Account::new(period).state(&self.budget, label),
        })
    }

    /// How every account stands that has counted anything, sorted by label.
    pub(super) fn states(&mut self, now: Timestamp) -> impl Iterator<Item = BudgetState> + '_ {
        let budget = &self.budget;
        let unlabelled = self.unlabelled.as_mut().map(|account| ("", account));
        let labelled = self.accounts.iter_mut().map(|(label, account)| (&**label, account));
        unlabelled.into_iter().chain(labelled).map(move |(label, account)| {
            account.advance(budget.soft, now);
            account.state(budget, label)
        })
    }

    fn change(
        &mut self,
        who: &Attribution,
        now: Timestamp,
        change: impl FnOnce(&mut Account),
    ) -> Option<Warning> {
        let label = self.budget.scope.label(who)?;
        let period = self.budget.period;
        let account = if label.is_empty() {
            self.unlabelled.get_or_insert_with(|| Account::new(period))
        } else {
            if !self.accounts.contains_key(label) {
                self.sweep(now);
                self.accounts.insert(label.into(), Account::new(period));
            }
            self.accounts.get_mut(label)?
        };
        account.advance(self.budget.soft, now);
        change(account);
        let above = self.budget.soft.is_some_and(|soft| account.committed() > soft);
        let crossed = above && !account.above_soft;
        account.above_soft = above;
        crossed.then(|| Warning { state: account.state(&self.budget, label) })
    }

    fn counts(&self, simulated: Simulated) -> bool {
        !simulated || self.budget.counts_simulated
    }

    /// Drops accounts in which nothing is left, once their number has doubled: that costs each call a constant.
    fn sweep(&mut self, now: Timestamp) {
        if self.accounts.len() < self.sweep_at {
            return;
        }
        let soft = self.budget.soft;
        self.accounts.retain(|_, account| {
            account.advance(soft, now);
            !account.committed().is_zero()
        });
        self.sweep_at = MIN_SWEEP.max(2 * self.accounts.len());
    }
}

const MIN_SWEEP: usize = 64;

#[derive(Debug)]
struct Account {
    spent: Spent,
    reserved: Usd,
    above_soft: bool,
}

impl Account {
    fn new(period: Period) -> Self {
        let spent = match period {
            Period::Total => Spent::Ever(Usd::ZERO),
            Period::Sliding(length) => Spent::Window(Window::new(
                // Longer than time itself is for ever: nothing expires.
                SignedDuration::try_from(length).unwrap_or(SignedDuration::MAX),
            )),
            Period::UtcDay | Period::UtcMonth => {
                Spent::Calendar { period, until: Timestamp::MIN, amount: Usd::ZERO }
            }
        };
        Self { spent, reserved: Usd::ZERO, above_soft: false }
    }

    fn committed(&self) -> Usd {
        plus(self.spent.amount(), self.reserved)
    }

    /// Lets expire what has expired.
    fn advance(&mut self, soft: Option<Usd>, now: Timestamp) {
        self.spent.advance(now);
        if self.above_soft {
            self.above_soft = soft.is_some_and(|soft| self.committed() > soft);
        }
    }

    fn state(&self, budget: &Budget, label: &str) -> BudgetState {
        BudgetState {
            budget: Arc::clone(&budget.name),
            label: (!label.is_empty()).then(|| label.into()),
            spent: self.spent.amount(),
            reserved: self.reserved,
            soft: budget.soft,
            hard: budget.hard,
            above_soft: self.above_soft,
        }
    }
}

#[derive(Debug)]
enum Spent {
    Ever(Usd),
    Window(Window),
    Calendar { period: Period, until: Timestamp, amount: Usd },
}

impl Spent {
    fn amount(&self) -> Usd {
        match self {
            Self::Ever(amount) | Self::Calendar { amount, .. } => *amount,
            Self::Window(window) => window.amount(),
        }
    }

    fn advance(&mut self, now: Timestamp) {
        match self {
            Self::Ever(_) => {}
            Self::Window(window) => window.advance(now),
            Self::Calendar { period, until, amount } => {
                if now >= *until {
                    *amount = Usd::ZERO;
                    *until = end_of(*period, now).unwrap_or(Timestamp::MAX);
                }
            }
        }
    }

    fn add(&mut self, more: Usd, now: Timestamp) {
        match self {
            Self::Ever(amount) | Self::Calendar { amount, .. } => *amount = plus(*amount, more),
            Self::Window(window) => window.add(more, now),
        }
    }

    /// When at least so much of it will have expired.
    fn frees(&self, needed: Usd, period: Period, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Ever(_) => None,
            Self::Window(window) => window.frees(needed),
            Self::Calendar { .. } => end_of(period, now),
        }
    }
}

/// The first moment after the calendar period of `now`, in UTC.
fn end_of(period: Period, now: Timestamp) -> Option<Timestamp> {
    let today = utc_day(now);
    let next = match period {
        Period::UtcMonth => today.first_of_month().checked_add(1.month()),
        Period::UtcDay | Period::Total | Period::Sliding(_) => today.tomorrow(),
    };
    Some(next.ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// The calendar day in UTC.
pub(super) fn utc_day(at: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(at).date()
}

/// An exact sliding sum. Each amount is put in once and taken out once; equal times share a place.
#[derive(Debug)]
struct Window {
    length: SignedDuration,
    /// When, and the sum of all amounts ever up to and including this time: so a search finds when how much expires.
    booked: VecDeque<(Timestamp, Usd)>,
    /// The sum of all amounts ever, and of those that have expired.
    ever: Usd,
    expired: Usd,
}

impl Window {
    fn new(length: SignedDuration) -> Self {
        Self { length, booked: VecDeque::new(), ever: Usd::ZERO, expired: Usd::ZERO }
    }

    fn amount(&self) -> Usd {
        less(self.ever, self.expired)
    }

    fn advance(&mut self, now: Timestamp) {
        let Ok(cutoff) = now.checked_sub(self.length) else { return };
        while let Some(&(at, ever)) = self.booked.front()
            && at <= cutoff
        {
            self.expired = ever;
            self.booked.pop_front();
        }
        if self.booked.is_empty() {
            (self.ever, self.expired) = (Usd::ZERO, Usd::ZERO);
        }
        // After a burst its room is given back; a quarter, so that growing and shrinking do not take turns.
        if self.booked.capacity() > 64 && self.booked.len() < self.booked.capacity() / 4 {
            self.booked.shrink_to(2 * self.booked.len());
        }
    }

    fn add(&mut self, amount: Usd, now: Timestamp) {
        if amount.is_zero() {
            return;
        }
        self.ever = plus(self.ever, amount);
        match self.booked.back_mut() {
            Some((at, ever)) if *at == now => *ever = self.ever,
            _ => self.booked.push_back((now, self.ever)),
        }
    }

    fn frees(&self, needed: Usd) -> Option<Timestamp> {
        let place = self.booked.partition_point(|(_, ever)| less(*ever, self.expired) < needed);
        self.booked.get(place)?.0.checked_add(self.length).ok()
    }
}

//! Budgets: how much may be spent, by whom, in what time.

use std::sync::Arc;
use std::time::Duration;

use super::attribution::{Attribution, Dimension, label_problem};
use crate::usd::Usd;

/// Whose calls a budget counts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scope {
    /// All calls together.
    Everything,
    /// The calls with this label.
    Only(Dimension, Arc<str>),
    /// A budget for each label of this dimension. Calls without one share a budget of their own: leaving a label out is
    /// no way around a limit.
    Each(Dimension),
}

impl Scope {
    /// The calls of one debate.
    #[must_use]
    pub fn debate(debate: impl Into<Arc<str>>) -> Self {
        Self::Only(Dimension::Debate, debate.into())
    }

    /// The calls of one tenant.
    #[must_use]
    pub fn tenant(tenant: impl Into<Arc<str>>) -> Self {
        Self::Only(Dimension::Tenant, tenant.into())
    }

    /// The calls to one model.
    #[must_use]
    pub fn model(model: impl Into<Arc<str>>) -> Self {
        Self::Only(Dimension::Model, model.into())
    }

    /// The calls of one participant.
    #[must_use]
    pub fn participant(participant: impl Into<Arc<str>>) -> Self {
        Self::Only(Dimension::Participant, participant.into())
    }

    /// The calls with one tag.
    #[must_use]
    pub fn tag(key: impl Into<Arc<str>>, value: impl Into<Arc<str>>) -> Self {
        Self::Only(Dimension::tag(key), value.into())
    }

    /// Under which label a call is counted: `None` not at all, `Some("")` under none.
    pub(super) fn label<'a>(&self, who: &'a Attribution) -> Option<&'a str> {
        match self {
            Self::Everything => Some(""),
            Self::Only(dimension, label) => (who.text(dimension) == Some(&**label)).then_some(""),
            Self::Each(dimension) => Some(who.text(dimension).unwrap_or("")),
        }
    }
}

/// Over what time a budget counts.
///
/// A booked amount belongs to the moment of its booking; what is reserved counts until it is booked or released, however
/// long ago it was reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Period {
    /// For ever.
    Total,
    /// The last so long: an amount booked at `t` counts before `t` + duration and no longer from then on, to the
    /// nanosecond.
    Sliding(Duration),
    /// The calendar day in UTC.
    UtcDay,
    /// The calendar month in UTC.
    UtcMonth,
}

/// A limit of spending.
///
/// ```
/// use std::time::Duration;
///
/// use assize_metering::{Budget, Dimension, Period, Scope};
///
/// let hour = Period::Sliding(Duration::from_secs(3_600));
/// let budget = Budget::new("tenants", Scope::Each(Dimension::Tenant), hour)
///     .with_soft("8".parse()?)
///     .with_hard("10".parse()?);
/// assert_eq!(budget.hard.map(|limit| limit.to_string()).as_deref(), Some("10.00"));
/// # Ok::<(), assize_metering::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Budget {
    /// Its name, for messages. No two budgets of a ledger have the same.
    pub name: Arc<str>,
    /// Whose calls it counts.
    pub scope: Scope,
    /// Over what time.
    pub period: Period,
    /// Above this it warns, once for each time that it is crossed.
    pub soft: Option<Usd>,
    /// A call that could exceed this is refused.
    pub hard: Option<Usd>,
    /// Whether simulated calls count as well.
    pub counts_simulated: bool,
}

impl Budget {
    /// A budget without limits: it counts.
    #[must_use]
    pub fn new(name: impl Into<Arc<str>>, scope: Scope, period: Period) -> Self {
        Self { name: name.into(), scope, period, soft: None, hard: None, counts_simulated: false }
    }

    /// The same with a limit above which it warns.
    #[must_use]
    pub fn with_soft(mut self, limit: Usd) -> Self {
        self.soft = Some(limit);
        self
    }

    /// The same with a limit that no call may exceed.
    #[must_use]
    pub fn with_hard(mut self, limit: Usd) -> Self {
        self.hard = Some(limit);
        self
    }

    /// The same counting simulated calls as well, as if they were billed.
    #[must_use]
    pub fn counting_simulated(mut self) -> Self {
        self.counts_simulated = true;
        self
    }

    pub(super) fn problem(&self) -> Option<&'static str> {
        if let Some(problem) = label_problem(&self.name) {
            return Some(problem);
        }
        match &self.scope {
            Scope::Only(Dimension::Round | Dimension::Day, _)
            | Scope::Each(Dimension::Round | Dimension::Day) => {
                return Some("rounds and days are no scope; a period of a day is");
            }
            Scope::Only(_, label) if label_problem(label).is_some() => return label_problem(label),
            Scope::Everything | Scope::Only(..) | Scope::Each(_) => {}
        }
        if self.period == Period::Sliding(Duration::ZERO) {
            return Some("its window has no length");
        }
        if [self.soft, self.hard].into_iter().flatten().any(Usd::is_negative) {
            return Some("a limit is below zero");
        }
        match (self.soft, self.hard) {
            (Some(soft), Some(hard)) if soft > hard => Some("its soft limit is above its hard limit"),
            _ => None,
        }
    }
}

/// How a budget stands, of one label where it has several.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BudgetState {
    /// The budget's name.
    pub budget: Arc<str>,
    /// Of a budget for each label: which label. `None` for calls without one, and for a budget that has no labels.
    pub label: Option<Arc<str>>,
    /// What is booked in the present period, what is possibly billed included.
    pub spent: Usd,
    /// What calls under way may cost at most.
    pub reserved: Usd,
    /// The soft limit.
    pub soft: Option<Usd>,
    /// The hard limit.
    pub hard: Option<Usd>,
    /// Whether spent and reserved together are above the soft limit.
    pub above_soft: bool,
}

impl BudgetState {
    /// What the hard limit leaves; zero where it is exceeded by calls that cost more than they reserved. `None` without
    /// a hard limit.
    #[must_use]
    pub fn left(&self) -> Option<Usd> {
        Some(super::charge::less(self.hard?, super::charge::plus(self.spent, self.reserved)))
    }
}

/// A soft limit was crossed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Warning {
    /// How the budget stands now, the crossing call included.
    pub state: BudgetState,
}

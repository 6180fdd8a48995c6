//! Choices for the tickers of a run, and what is learnt from each.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use assize_altdata::Ticker;
use assize_debate::{Conclusion, Spec};
use assize_metering::Usd;

use super::{
    Basis, Choice, PanelKind, Plan, Policy, Predictor, Prior, Receipt, Situation, ToggleRecord, choose,
    learn_from,
};

/// What is assumed of a panel that nothing is known of: four seconds a turn, twice that at worst. Of its cost nothing is
/// assumed: each debate keeps its budget whatever is predicted.
const PRIOR: Prior = Prior { turn_time: Duration::from_secs(4), turn_cost: Usd::ZERO, spread_percent: 200 };

/// Chooses for each ticker of a run what its panel is asked for, and learns from what that took.
///
/// ```
/// use assize_pipeline::toggle::{Predictor, Toggles};
///
/// let toggles = Toggles::new(Predictor::new());
/// assert!(toggles.records().is_empty(), "nobody was asked yet");
/// ```
#[derive(Debug)]
pub struct Toggles(Mutex<Learnt>);

#[derive(Debug)]
struct Learnt {
    predictor: Predictor,
    records: Vec<ToggleRecord>,
}

/// A choice that was made, until it is known how it went.
#[derive(Debug, Clone)]
pub(crate) struct Chosen {
    pub(crate) receipt: Receipt,
    kind: PanelKind,
    plan: Plan,
}

impl Toggles {
    /// Choices by what was learnt before.
    #[must_use]
    pub const fn new(predictor: Predictor) -> Self {
        Self(Mutex::new(Learnt { predictor, records: Vec::new() }))
    }

    /// What is known by now, to be kept.
    #[must_use]
    pub fn predictor(&self) -> Predictor {
        self.learnt().predictor.clone()
    }

    /// The choices whose debates are over, by ticker.
    #[must_use]
    pub fn records(&self) -> Vec<ToggleRecord> {
        let mut records = self.learnt().records.clone();
        records.sort_by(|one, other| one.ticker.cmp(&other.ticker));
        records
    }

    /// Chooses for a debate. `asks` says which seats are waited for; `None` where there are none. Whoever was never heard is
    /// not skipped for what is merely assumed: one vote is taken, and the deadline ends it if need be.
    pub(crate) fn choose(
        &self,
        spec: &Spec,
        asks: impl Fn(&str) -> bool,
        situation: impl FnOnce(Plan) -> Situation,
    ) -> Option<Chosen> {
        let mut models: Vec<&str> =
            spec.seats.iter().map(|seat| seat.debater.as_str()).filter(|debater| asks(debater)).collect();
        let seats = u32::try_from(models.len()).unwrap_or(u32::MAX);
        models.sort_unstable();
        let kind = PanelKind::new(models.join(", "), "brief");
        let at_once = if spec.order.is_one_by_one() { 1 } else { seats };
        let plan = Plan { rounds: spec.rounds, seats, at_once };
        if seats == 0 {
            return None;
        }
        let mut receipt =
            choose(&self.learnt().predictor, &kind, &PRIOR, &situation(plan), &Policy::default());
        let is_assumed = receipt.considered.iter().all(|one| one.prediction.basis == Basis::Prior);
        if receipt.choice == Choice::Skip && is_assumed {
            receipt.choice = Choice::Vote;
        }
        Some(Chosen { plan: plan.with_rounds(receipt.choice.rounds()), receipt, kind })
    }

    /// Learns how a choice went; `None`: nobody was asked.
    pub(crate) fn learn(&self, ticker: &Ticker, chosen: Chosen, conclusion: Option<&Conclusion>) {
        let Chosen { receipt, kind, plan } = chosen;
        let mut learnt = self.learnt();
        let actual = match conclusion {
            Some(conclusion) => learn_from(&mut learnt.predictor, &kind, plan, conclusion),
            None => {
                if receipt.choice == Choice::Skip {
                    learnt.predictor.forgo(&kind);
                }
                None
            }
        };
        let record = ToggleRecord::new(ticker.clone(), kind, receipt);
        learnt.records.push(match actual {
            Some(actual) => record.with_actual(actual),
            None => record,
        });
    }

    fn learnt(&self) -> MutexGuard<'_, Learnt> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

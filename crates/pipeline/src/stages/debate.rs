//! The panel argues.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU32, Ordering},
};

use assize_altdata::{AsOf, Ticker};
use assize_ambient::Seed;
use assize_analysts::DIRECTION_OPTIONS;
use assize_debate::{AbstainReason, Conclusion, Rule, Spec, Verdict};
use assize_metering::Usd;
use async_trait::async_trait;
use tokio::time::Instant;

use super::evidence::Dossier;
use crate::{
    Analysts, Availability, Blindfold, Matter, Part, SeatWeights, Seated, Seating, Shortfall, ShortfallKind,
    Stage,
    toggle::{Choice, ChoiceReason, Chosen, Plan, Situation, Toggles},
};

/// A seat of an analyst, which asks nobody.
const ANALYST: &str = "analyst:";

/// Lets the panel argue whether the price will rise.
#[derive(Debug)]
pub(crate) struct DebateStage {
    pub(crate) seating: Arc<dyn Seating>,
    pub(crate) as_of: AsOf,
    pub(crate) horizon: u32,
    pub(crate) rounds: u32,
    pub(crate) rule: Rule,
    /// Whether it is a vote without a debate.
    pub(crate) votes_only: bool,
    pub(crate) budget: Option<Usd>,
    pub(crate) seed: Seed,
    /// When it must be over. No part of what defines the debate: two runs over the same input hold the same one, however
    /// much time is left.
    pub(crate) deadline: Option<Instant>,
    /// What chooses how long each may be, if anything does.
    pub(crate) toggling: Option<Toggling>,
    /// What the records of seats are worth, once that is known: before the first debate.
    pub(crate) weights: OnceLock<SeatWeights>,
    /// What keeps from debaters which company it is.
    pub(crate) blindfold: Option<Arc<Blindfold>>,
}

/// Chooses for one ticker after the other.
#[derive(Debug)]
pub(crate) struct Toggling {
    pub(crate) toggles: Arc<Toggles>,
    /// How many tickers there are, and how many are debated at once.
    pub(crate) tickers: u32,
    pub(crate) at_once: u32,
    /// How many were chosen for.
    pub(crate) begun: AtomicU32,
}

/// What was argued, with what it was argued from.
#[derive(Debug)]
pub(crate) struct Argued {
    pub(crate) dossier: Arc<Dossier>,
    pub(crate) conclusion: Option<Conclusion>,
}

/// A debate that was held, and what is not part of its verdict.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) argued: Argued,
    /// The names of its seats.
    pub(crate) seats: Vec<String>,
    /// What it cost, with what was paid for a panel that could not be heard.
    pub(crate) cost: Usd,
}

impl Held {
    /// No debate.
    pub(crate) const fn none(dossier: Arc<Dossier>) -> Self {
        Self { argued: Argued { dossier, conclusion: None }, seats: Vec::new(), cost: Usd::ZERO }
    }
}

impl DebateStage {
    fn matter(&self, ticker: &Ticker, dossier: &Dossier) -> Matter {
        let question = format!(
            "Will {ticker} be worth more, dividends included, {} sessions after {}?",
            self.horizon, self.as_of
        );
        let mut draft = Spec::new(question, DIRECTION_OPTIONS)
            .with_evidence(dossier.evidence.clone())
            .with_rounds(self.rounds)
            .with_rule(self.rule)
            .with_seed(self.seed.child(&ticker.to_string()));
        draft.budget = self.budget;
        if let Some(blindfold) = &self.blindfold {
            blindfold.blind(&mut draft, ticker, &dossier.series, self.horizon);
        }
        let mut matter = Matter::new(draft, self.horizon);
        matter.weights = self.weights.get().cloned().unwrap_or_default();
        if self.votes_only { matter.voted() } else { matter }
    }

    /// Holds the debate, as long as is likely to fit into what is left of time and money, or says what stands in the way.
    async fn hold(&self, ticker: &Ticker, dossier: &Dossier) -> Result<HeldFor, Shortfall> {
        let failed = |e: &dyn std::fmt::Display| {
            Shortfall::new(Part::Debate, ShortfallKind::Failed, format!("failed to {e}"))
        };
        // The matter holds all evidence: it is made again where it is needed again, and not kept for that.
        let matter = || self.matter(ticker, dossier);
        let Seated { mut spec, mut driver } = self.seating.seat(matter()).map_err(|e| failed(&e))?;
        let chosen = self.toggling.as_ref().and_then(|toggling| {
            let chosen = toggling.toggles.choose(&spec, asks, |full| self.situation(toggling, full))?;
            Some((&toggling.toggles, chosen))
        });
        let mut shorter = None;
        if let Some((toggles, chosen)) = &chosen
            && chosen.receipt.choice.rounds() < spec.rounds
        {
            let why = shortened(chosen, spec.rounds);
            if chosen.receipt.choice == Choice::Skip {
                let (toggles, chosen) = (Arc::clone(toggles), chosen.clone());
                toggles.learn(ticker, chosen, None);
                return Err(why);
            }
            let fewer = Matter { most_rounds: Some(chosen.receipt.choice.rounds()), ..matter() };
            Seated { spec, driver } = self.seating.seat(fewer).map_err(|e| failed(&e))?;
            shorter = Some(why);
        }
        if let Some(deadline) = self.deadline {
            driver = driver.with_deadline(deadline);
        }
        let conclusion = driver.run().await;
        if let Some((toggles, chosen)) = chosen {
            toggles.learn(ticker, chosen, conclusion.as_ref().ok());
        }
        let conclusion = conclusion.map_err(|e| failed(&e))?;
        Ok(HeldFor { conclusion, spec, shorter })
    }

    /// What is left, for this ticker and those that wait.
    fn situation(&self, toggling: &Toggling, full: Plan) -> Situation {
        let begun = toggling.begun.fetch_add(1, Ordering::Relaxed);
        let tickers_left = toggling.tickers.saturating_sub(begun).max(1);
        Situation {
            full,
            tickers_left,
            tickers_at_once: toggling.at_once,
            time_left: self.deadline.map(|end| end.saturating_duration_since(Instant::now())),
            // Each ticker has its share, whatever others leave of theirs.
            budget_left: self.budget.and_then(|share| share.checked_mul(u64::from(tickers_left))),
        }
    }

    /// The vote of the analysts, who ask nobody outside; none where they have nothing to read.
    async fn vote(&self, matter: Matter) -> Option<(Conclusion, Arc<Spec>)> {
        let Seated { spec, driver } = Analysts::default().seat(matter.voted()).ok()?;
        let conclusion = driver.run().await.ok()?;
        (!conclusion.verdict.votes.is_empty()).then_some((conclusion, spec))
    }
}

#[async_trait]
impl Stage for DebateStage {
    type Input = Arc<Dossier>;
    type Output = Held;

    fn name(&self) -> &'static str {
        "debate"
    }

    fn part(&self) -> Part {
        Part::Debate
    }

    async fn run(&self, ticker: &Ticker, dossier: Arc<Dossier>) -> Availability<Held> {
        if dossier.evidence.is_empty() {
            let why = "there is no evidence to argue from";
            let shortfall = Shortfall::new(Part::Debate, ShortfallKind::NoOpinion, why);
            return Availability::Degraded(Held::none(dossier), vec![shortfall]);
        }
        let held = self.hold(ticker, &dossier).await;
        let (lost, shortfall) = match held {
            Ok(HeldFor { conclusion, spec, shorter }) => match (unheard(&conclusion.verdict, &spec), shorter)
            {
                (None, None) => return Availability::Full(held_of(dossier, conclusion, &spec, Usd::ZERO)),
                (None, Some(shorter)) => {
                    let held = held_of(dossier, conclusion, &spec, Usd::ZERO);
                    return Availability::Degraded(held, vec![shorter]);
                }
                (Some(shortfall), _) => (Some((conclusion, spec)), shortfall),
            },
            Err(shortfall) => (None, shortfall),
        };
        let spent = lost.as_ref().map_or(Usd::ZERO, |(conclusion, _)| conclusion.verdict.cost);
        match self.vote(self.matter(ticker, &dossier)).await {
            Some((conclusion, spec)) => {
                let detail = format!("{}: the analysts vote instead", shortfall.detail);
                let shortfall = Shortfall { detail, ..shortfall };
                Availability::Degraded(held_of(dossier, conclusion, &spec, spent), vec![shortfall])
            }
            None => {
                let held = match lost {
                    Some((conclusion, spec)) => held_of(dossier, conclusion, &spec, Usd::ZERO),
                    None => Held::none(dossier),
                };
                Availability::Degraded(held, vec![shortfall])
            }
        }
    }
}

/// A debate that was held, and why it was made shorter than wished for, if it was.
struct HeldFor {
    conclusion: Conclusion,
    spec: Arc<Spec>,
    shorter: Option<Shortfall>,
}

/// Whether a seat's debater asks somebody who must be waited for.
fn asks(debater: &str) -> bool {
    !debater.starts_with(ANALYST)
}

/// What was chosen in the place of a debate of so many rounds, and why.
fn shortened(chosen: &Chosen, rounds: u32) -> Shortfall {
    let receipt = &chosen.receipt;
    let kind = match receipt.refused() {
        ChoiceReason::NoMoney => ShortfallKind::Budget,
        _ => ShortfallKind::Deadline,
    };
    let done = match receipt.choice {
        Choice::Skip => "the panel is not asked".to_owned(),
        Choice::Vote => "the panel votes once and does not debate".to_owned(),
        Choice::Debate { rounds: fewer } => format!("the debate has at most {fewer} of {rounds} rounds"),
    };
    Shortfall::new(Part::Debate, kind, format!("{done}: there is likely {}", receipt.refused()))
}

fn held_of(dossier: Arc<Dossier>, conclusion: Conclusion, spec: &Spec, more: Usd) -> Held {
    let cost = Usd::checked_sum([conclusion.verdict.cost, more]).unwrap_or(Usd::MAX);
    let seats = spec.seats.iter().map(|seat| seat.name.clone()).collect();
    Held { argued: Argued { dossier, conclusion: Some(conclusion) }, seats, cost }
}

/// Why nobody of a panel that asks somebody outside could be heard, if so it was.
fn unheard(verdict: &Verdict, spec: &Spec) -> Option<Shortfall> {
    if !verdict.votes.is_empty() || !spec.seats.iter().any(|seat| asks(&seat.debater)) {
        return None;
    }
    let has = |reason: AbstainReason| verdict.abstentions.iter().any(|lost| lost.reason == reason);
    let (kind, why) = if has(AbstainReason::OverBudget) {
        (ShortfallKind::Budget, "the budget is used up")
    } else if has(AbstainReason::Halted) {
        (ShortfallKind::Deadline, "the deadline came first")
    } else if has(AbstainReason::TimedOut) || has(AbstainReason::Failed) {
        (ShortfallKind::Outside, "it could not be reached")
    } else if has(AbstainReason::Unreadable) {
        (ShortfallKind::Unreadable, "its answers could not be read")
    } else {
        return None;
    };
    Some(Shortfall::new(Part::Debate, kind, format!("nobody on the panel was heard, since {why}")))
}

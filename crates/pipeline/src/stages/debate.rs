//! The panel argues.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use assize_altdata::{AsOf, Ticker};
use assize_ambient::Seed;
use assize_analysts::DIRECTION_OPTIONS;
use assize_debate::{AbstainReason, Conclusion, Event, Gallery, Notice, Rule, Spec, Verdict};
use assize_metering::Usd;
use async_trait::async_trait;
use futures_util::{FutureExt, StreamExt};
use tokio::time::Instant;

use super::evidence::Dossier;
use crate::{
    Analysts, Availability, Blindfold, FindingNote, Matter, Part, SeatWeights, Seated, Seating, Shortfall,
    ShortfallKind, Stage,
    rival::Rival,
    toggle::{Choice, ChoiceReason, Chosen, Plan, Situation, Toggles},
};

/// A seat of an analyst, which asks nobody.
const ANALYST: &str = "analyst:";

/// Lets the panel argue whether the price will rise, or the share return more than its benchmark.
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
    /// From where debates under way are watched: what was paid in one that is cut off.
    pub(crate) galleries: Mutex<BTreeMap<Ticker, Vec<Gallery>>>,
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
    /// What is to be said of who sat there.
    pub(crate) findings: Vec<FindingNote>,
}

impl Held {
    /// No debate.
    pub(crate) const fn none(dossier: Arc<Dossier>) -> Self {
        let argued = Argued { dossier, conclusion: None };
        Self { argued, seats: Vec::new(), cost: Usd::ZERO, findings: Vec::new() }
    }

    /// No verdict of a debate that was cut off, and what was paid in it all the same.
    pub(crate) const fn cut_off(dossier: Arc<Dossier>, cost: Usd) -> Self {
        let mut held = Self::none(dossier);
        held.cost = cost;
        held
    }
}

impl DebateStage {
    fn matter(&self, ticker: &Ticker, dossier: &Dossier) -> Matter {
        let (horizon, as_of) = (self.horizon, self.as_of);
        let question = match &dossier.rival {
            None => {
                format!("Will {ticker} be worth more, dividends included, {horizon} sessions after {as_of}?")
            }
            Some(Rival { ticker: rival, .. }) => format!(
                "Will {ticker} return more than {rival}, dividends included, over the {horizon} sessions after {as_of}? \
                 \"up\" says that it will return more than {rival}, \"down\" that it will not."
            ),
        };
        let mut draft = Spec::new(question, DIRECTION_OPTIONS)
            .with_evidence(dossier.evidence.clone())
            .with_rounds(self.rounds)
            .with_rule(self.rule)
            .with_seed(self.seed.child(&ticker.to_string()));
        draft.budget = self.budget;
        if let Some(blindfold) = &self.blindfold {
            blindfold.blind(&mut draft, ticker, dossier, self.horizon);
        }
        let mut matter = Matter::new(draft, self.horizon).as_of(self.as_of);
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
        let Seated { mut spec, mut driver, mut findings } =
            self.seating.seat(matter()).map_err(|e| failed(&e))?;
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
            Seated { spec, driver, findings } = self.seating.seat(fewer).map_err(|e| failed(&e))?;
            shorter = Some(why);
        }
        if let Some(deadline) = self.deadline {
            driver = driver.with_deadline(deadline);
        }
        let conclusion = driver.with_gallery(self.gallery(ticker)).run().await;
        if let Some((toggles, chosen)) = chosen {
            toggles.learn(ticker, chosen, conclusion.as_ref().ok());
        }
        let conclusion = conclusion.map_err(|e| failed(&e))?;
        Ok(HeldFor { conclusion, spec, shorter, findings })
    }

    /// From where a debate about a ticker is watched.
    fn gallery(&self, ticker: &Ticker) -> Gallery {
        let gallery = Gallery::new();
        self.galleries().entry(ticker.clone()).or_default().push(gallery.clone());
        gallery
    }

    fn galleries(&self) -> MutexGuard<'_, BTreeMap<Ticker, Vec<Gallery>>> {
        self.galleries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was paid for debates about a ticker that were cut off, as far as answers had come.
    pub(crate) fn spent_on(&self, ticker: &Ticker) -> Usd {
        let galleries = self.galleries().remove(ticker).unwrap_or_default();
        let spent = galleries.iter().flat_map(paid);
        Usd::checked_sum(spent).unwrap_or(Usd::MAX)
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
        let Seated { spec, driver, .. } = Analysts::default().seat(matter.voted()).ok()?;
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
        let held = self.argue(ticker, dossier).await;
        // What it cost stands in what was held.
        self.galleries().remove(ticker);
        held
    }
}

impl DebateStage {
    async fn argue(&self, ticker: &Ticker, dossier: Arc<Dossier>) -> Availability<Held> {
        if dossier.evidence.is_empty() {
            let why = "there is no evidence to argue from";
            let shortfall = Shortfall::new(Part::Debate, ShortfallKind::NoOpinion, why);
            return Availability::Degraded(Held::none(dossier), vec![shortfall]);
        }
        let held = self.hold(ticker, &dossier).await;
        let (lost, shortfall) = match held {
            Ok(HeldFor { conclusion, spec, shorter, findings }) => {
                match unheard(&conclusion.verdict, &spec) {
                    None => {
                        let held = held_of(dossier, conclusion, &spec, Usd::ZERO);
                        return Availability::of(Held { findings, ..held }, shorter.into_iter().collect());
                    }
                    Some(shortfall) => (Some((conclusion, spec)), shortfall),
                }
            }
            Err(shortfall) => (None, shortfall),
        };
        let spent = match &lost {
            Some((conclusion, _)) => conclusion.verdict.cost,
            None => self.spent_on(ticker),
        };
        match self.vote(self.matter(ticker, &dossier)).await {
            Some((conclusion, spec)) => {
                let detail = format!("{}: the analysts vote instead", shortfall.detail);
                let shortfall = Shortfall { detail, ..shortfall };
                Availability::Degraded(held_of(dossier, conclusion, &spec, spent), vec![shortfall])
            }
            None => {
                let held = match lost {
                    Some((conclusion, spec)) => held_of(dossier, conclusion, &spec, Usd::ZERO),
                    None => Held::cut_off(dossier, spent),
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
    findings: Vec<FindingNote>,
}

/// What each answer in a debate has cost, or may have.
fn paid(gallery: &Gallery) -> Vec<Usd> {
    let mut notices = gallery.watch(0);
    let mut paid = Vec::new();
    // What is there already; nothing more comes of a debate that was cut off.
    while let Some(Some(notice)) = notices.next().now_or_never() {
        let Notice::Record { record, .. } = notice else { continue };
        if let Event::Spoke { bill, .. }
        | Event::Abstained { bill, .. }
        | Event::Assessed { bill, .. }
        | Event::JudgeAbstained { bill, .. }
        | Event::Summarised { bill, .. }
        | Event::SummaryDeclined { bill, .. } = &record.event
        {
            paid.push(bill.cost);
        }
    }
    paid
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
    let argued = Argued { dossier, conclusion: Some(conclusion) };
    Held { argued, seats, cost, findings: Vec::new() }
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

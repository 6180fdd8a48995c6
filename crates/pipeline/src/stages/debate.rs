//! The panel argues.

use std::{sync::Arc, time::Duration};

use assize_altdata::{AsOf, Ticker};
use assize_ambient::Seed;
use assize_analysts::DIRECTION_OPTIONS;
use assize_debate::{Conclusion, Debater, Driver, Error, Event, Limits, Record, Rule, Seat, Spec};
use assize_journal::{Journal, Key, MemoryJournal};
use assize_metering::Usd;
use async_trait::async_trait;
use tokio::time::Instant;

use super::evidence::Dossier;
use crate::{Availability, Panel, Part, Shortfall, ShortfallKind, Stage};

/// The debates must be over after this share of the time: what they come to must still be written down.
const SHARE_OF_TIME: f64 = 0.98;

/// Lets the panel argue whether the price will rise.
#[derive(Debug)]
pub(crate) struct DebateStage {
    pub(crate) panel: Arc<Panel>,
    pub(crate) as_of: AsOf,
    pub(crate) horizon: u32,
    pub(crate) rounds: u32,
    pub(crate) rule: Rule,
    pub(crate) budget: Option<Usd>,
    pub(crate) seed: Seed,
    /// When the run began, and how long it may take.
    pub(crate) began: Instant,
    pub(crate) time: Option<Duration>,
}

/// What was argued, with what it was argued from.
#[derive(Debug)]
pub(crate) struct Argued {
    pub(crate) dossier: Dossier,
    pub(crate) conclusion: Option<Conclusion>,
}

impl DebateStage {
    fn spec(&self, ticker: &Ticker, dossier: &Dossier) -> Spec {
        let question = format!(
            "Will {ticker} be worth more, dividends included, {} sessions after {}?",
            self.horizon, self.as_of
        );
        // The limit counts from the beginning of the run, not from now: a measured time must not become part of what
        // defines the debate, or two runs over the same input would hold two different debates.
        let debate = self.time.map(|time| time.mul_f64(SHARE_OF_TIME));
        let mut spec = Spec::new(question, DIRECTION_OPTIONS)
            .with_evidence(dossier.evidence.clone())
            .with_rounds(self.rounds)
            .with_rule(self.rule)
            .with_seed(self.seed.child(&ticker.to_string()))
            .with_limits(Limits { debate, ..Limits::default() });
        spec.seats = self.panel.iter().map(|(seat, _)| seat.clone()).collect::<Vec<Seat>>();
        spec.budget = self.budget;
        spec
    }

    async fn argue(&self, spec: Spec) -> Result<Conclusion, Error> {
        let panel: Vec<Arc<dyn Debater>> =
            self.panel.iter().map(|(_, debater)| Arc::clone(debater)).collect();
        let has_limit = spec.limits.debate.is_some();
        let spec = Arc::new(spec);
        let driver = Driver::new(Arc::clone(&spec), panel)?;
        if !has_limit {
            return driver.run().await;
        }
        let before = self.began.elapsed();
        let mut conclusion = driver.with_journal(opened(spec, before).await?).run().await?;
        let timing = &mut conclusion.timing;
        timing.total = timing.total.saturating_sub(before);
        for turn in &mut timing.turns {
            turn.asked = turn.asked.saturating_sub(before);
            turn.answered = turn.answered.saturating_sub(before);
        }
        Ok(conclusion)
    }
}

/// The journal of a debate that was opened so long ago: whoever continues it counts its limit from then on.
async fn opened(spec: Arc<Spec>, ago: Duration) -> Result<Arc<dyn Journal>, Error> {
    let key: Key = spec.id().as_str().parse()?;
    let at_us = u64::try_from(ago.as_micros()).unwrap_or(u64::MAX);
    let journal = MemoryJournal::default();
    journal.append(&key, &[Record::new(at_us, Event::Opened { spec }).to_line()]).await?;
    Ok(Arc::new(journal))
}

#[async_trait]
impl Stage for DebateStage {
    type Input = Dossier;
    type Output = Argued;

    fn name(&self) -> &'static str {
        "debate"
    }

    async fn run(&self, ticker: &Ticker, dossier: Dossier) -> Availability<Argued> {
        if dossier.evidence.is_empty() {
            // What is missing was said where it went missing.
            return Availability::Full(Argued { dossier, conclusion: None });
        }
        match self.argue(self.spec(ticker, &dossier)).await {
            Ok(conclusion) => Availability::Full(Argued { dossier, conclusion: Some(conclusion) }),
            Err(e) => {
                let shortfall = Shortfall::new(Part::Debate, ShortfallKind::Failed, format!("failed to {e}"));
                Availability::Degraded(Argued { dossier, conclusion: None }, vec![shortfall])
            }
        }
    }
}

//! The panel argues.

use std::sync::Arc;

use assize_altdata::{AsOf, Ticker};
use assize_ambient::Seed;
use assize_analysts::DIRECTION_OPTIONS;
use assize_debate::{Conclusion, Debater, Driver, Error, Rule, Seat, Spec};
use assize_metering::Usd;
use async_trait::async_trait;
use tokio::time::Instant;

use super::evidence::Dossier;
use crate::{Availability, Panel, Part, Shortfall, ShortfallKind, Stage};

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
    /// When it must be over. No part of what defines the debate: two runs over the same input hold the same one, however
    /// much time is left.
    pub(crate) deadline: Option<Instant>,
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
        let mut spec = Spec::new(question, DIRECTION_OPTIONS)
            .with_evidence(dossier.evidence.clone())
            .with_rounds(self.rounds)
            .with_rule(self.rule)
            .with_seed(self.seed.child(&ticker.to_string()));
        spec.seats = self.panel.iter().map(|(seat, _)| seat.clone()).collect::<Vec<Seat>>();
        spec.budget = self.budget;
        spec
    }

    async fn argue(&self, spec: Spec) -> Result<Conclusion, Error> {
        let panel: Vec<Arc<dyn Debater>> =
            self.panel.iter().map(|(_, debater)| Arc::clone(debater)).collect();
        let mut driver = Driver::new(spec, panel)?;
        if let Some(deadline) = self.deadline {
            driver = driver.with_deadline(deadline);
        }
        driver.run().await
    }
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

//! From a verdict to what to do.

use std::{collections::BTreeSet, sync::Arc};

use assize_altdata::{SeriesBar, Ticker};
use assize_analysts::DIRECTION_OPTIONS;
use assize_debate::{AbstainReason, Degradation, HaltCause, Verdict, VerdictAbstention};
use async_trait::async_trait;

use super::{Argued, evidence::Dossier};
use crate::{
    Action, Availability, CitedBar, Decision, Part, Shortfall, ShortfallKind, Stage, Status, TickerBrief,
};

/// So many of the last closes are drawn: half a year of sessions.
const DRAWN_CLOSES: usize = 126;

/// Turns a verdict into an action, or says why there is none.
#[derive(Debug)]
pub(crate) struct DecisionStage {
    pub(crate) horizon: u32,
}

/// A ticker's brief, before what is missing is known in full.
pub(crate) type Decided = TickerBrief;

#[async_trait]
impl Stage for DecisionStage {
    type Input = (Argued, bool);
    type Output = Decided;

    fn name(&self) -> &'static str {
        "decision"
    }

    /// The flag says that the prices are stale: then there is a verdict, but nothing is decided by it.
    async fn run(&self, ticker: &Ticker, (argued, stale): (Argued, bool)) -> Availability<Decided> {
        let Argued { dossier, conclusion } = argued;
        let mut shortfalls = Vec::new();
        let verdict = conclusion.map(|conclusion| conclusion.verdict);
        if let Some(verdict) = &verdict {
            shortfalls.extend(verdict_shortfalls(verdict));
        }
        let action = verdict.as_ref().and_then(|verdict| self.decide(verdict, stale, &mut shortfalls));
        let brief = describe(ticker, &dossier, verdict, action);
        Availability::of(brief, shortfalls)
    }
}

impl DecisionStage {
    fn decide(&self, verdict: &Verdict, stale: bool, shortfalls: &mut Vec<Shortfall>) -> Option<Decision> {
        let none = |kind, detail: &str| Shortfall::new(Part::Decision, kind, detail);
        let p = verdict.probability_of(DIRECTION_OPTIONS[0]);
        match p {
            None => {
                let lacking = |abstention: &VerdictAbstention| abstention.reason == AbstainReason::NoEvidence;
                shortfalls.push(if verdict.abstentions.iter().all(lacking) {
                    none(ShortfallKind::TooLittle, "nobody on the panel has enough evidence to judge")
                } else {
                    none(ShortfallKind::NoOpinion, "nobody on the panel has an opinion")
                });
                None
            }
            Some(_) if stale => {
                shortfalls.push(none(
                    ShortfallKind::Stale,
                    "nothing is decided by prices that old; choose an as-of date near them",
                ));
                None
            }
            Some(p) => Some(Decision {
                action: Action::from_probability(p),
                p_up: p,
                horizon_sessions: self.horizon,
            }),
        }
    }
}

fn verdict_shortfalls(verdict: &Verdict) -> Vec<Shortfall> {
    let degraded = |degradation: &Degradation| match degradation {
        Degradation::Halted { cause: HaltCause::Deadline } => {
            Some((ShortfallKind::Deadline, "the debate was judged as it stood at the deadline".to_owned()))
        }
        Degradation::LostVoice { name, reason: AbstainReason::OverBudget } => {
            Some((ShortfallKind::Budget, format!("{name} was not asked: the budget is used up")))
        }
        Degradation::LostVoice { name, reason: AbstainReason::Failed | AbstainReason::TimedOut } => {
            Some((ShortfallKind::Outside, format!("{name} did not answer")))
        }
        _ => None,
    };
    let shortfall = |(kind, detail)| Shortfall::new(Part::Debate, kind, detail);
    verdict.degradations.iter().filter_map(degraded).map(shortfall).collect()
}

fn describe(
    ticker: &Ticker,
    dossier: &Dossier,
    verdict: Option<Arc<Verdict>>,
    decision: Option<Decision>,
) -> TickerBrief {
    let bars = dossier.series.bars();
    let cites: BTreeSet<&str> = verdict
        .iter()
        .flat_map(|verdict| verdict.reasons.iter().chain(&verdict.dissent))
        .flat_map(|reason| reason.cites.iter().map(assize_debate::EvidenceId::as_str))
        .collect();
    let is_cited = |bar: &&SeriesBar| cites.contains(bar.id.to_string().as_str());
    let cited = bars.iter().filter(is_cited).map(CitedBar::from).collect();
    // The last adjusted close is the close itself: what is drawn are prices of today's shares.
    let drawn = bars[bars.len().saturating_sub(DRAWN_CLOSES)..].iter();
    TickerBrief {
        status: Status::Full,
        decision,
        verdict,
        newest_bar: bars.last().map(CitedBar::from),
        bars: bars.len(),
        cited,
        closes: drawn.map(|bar| (bar.bar.date, bar.adjusted_close)).collect(),
        findings: dossier.findings.clone(),
        ..TickerBrief::blank(ticker)
    }
}

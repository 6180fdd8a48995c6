//! From a verdict to what to do.

use std::{collections::BTreeSet, sync::Arc};

use assize_altdata::{AsOf, SeriesBar, Ticker};
use assize_debate::{AbstainReason, Degradation, HaltCause, Verdict, VerdictAbstention};
use async_trait::async_trait;

use super::{Argued, evidence::Dossier};
use crate::{
    Availability, CitedBar, Decision, DecisionMatter, Part, Shortfall, ShortfallKind, Stage, Status,
    TickerBrief,
};

/// So many of the last closes are drawn: half a year of sessions.
const DRAWN_CLOSES: usize = 126;

/// Turns a verdict into an action, or says why there is none.
#[derive(Debug)]
pub(crate) struct DecisionStage {
    pub(crate) as_of: AsOf,
    pub(crate) horizon: u32,
}

/// A ticker's brief, before what is missing is known in full.
pub(crate) type Decided = TickerBrief;

#[async_trait]
impl Stage for DecisionStage {
    type Input = (Argued, Vec<Shortfall>);
    type Output = Decided;

    fn name(&self) -> &'static str {
        "decision"
    }

    /// With what is missing by now. Where prices are stale, there is a verdict, but nothing is decided by it.
    async fn run(&self, ticker: &Ticker, (argued, gaps): (Argued, Vec<Shortfall>)) -> Availability<Decided> {
        let Argued { dossier, conclusion } = argued;
        let mut shortfalls = Vec::new();
        let verdict = conclusion.map(|conclusion| conclusion.verdict);
        if let Some(verdict) = &verdict {
            shortfalls.extend(verdict_shortfalls(verdict));
        }
        let decision = verdict.as_ref().and_then(|verdict| {
            let gaps: Vec<Shortfall> = gaps.iter().chain(&shortfalls).cloned().collect();
            self.decide(ticker, verdict, &dossier, &gaps).map_err(|shortfall| shortfalls.push(shortfall)).ok()
        });
        let brief = describe(ticker, &dossier, verdict, decision);
        Availability::of(brief, shortfalls)
    }
}

impl DecisionStage {
    fn decide(
        &self,
        ticker: &Ticker,
        verdict: &Verdict,
        dossier: &Dossier,
        gaps: &[Shortfall],
    ) -> Result<Decision, Shortfall> {
        let none = |kind, detail: &str| Shortfall::new(Part::Decision, kind, detail);
        let matter = DecisionMatter {
            ticker,
            as_of: self.as_of,
            horizon_sessions: self.horizon,
            verdict,
            series: &dossier.series,
            evidence: &dossier.evidence,
            gaps,
            benchmark: dossier.rival.as_ref().map(|rival| (&rival.ticker, &*rival.series)),
            of_others: &dossier.of_others,
        };
        let Some(decision) = Decision::of(&matter) else {
            let lacking = |abstention: &VerdictAbstention| abstention.reason == AbstainReason::NoEvidence;
            return Err(if verdict.abstentions.iter().all(lacking) {
                none(ShortfallKind::TooLittle, "nobody on the panel has enough evidence to judge")
            } else {
                none(ShortfallKind::NoOpinion, "nobody on the panel has an opinion")
            });
        };
        if gaps.iter().any(|gap| (gap.part, gap.kind) == (Part::Prices, ShortfallKind::Stale)) {
            let detail = "nothing is decided by prices that old; choose an as-of date near them";
            return Err(none(ShortfallKind::Stale, detail));
        }
        Ok(decision)
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
        benchmark: dossier.rival.as_ref().map(|rival| rival.ticker.clone()),
        sector: dossier.sector.map(str::to_owned),
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

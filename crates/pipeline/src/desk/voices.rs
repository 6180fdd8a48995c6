//! What a brief forecasts: the decisions, the debaters, and what sources and categories said by way of them.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU16;

use assize_analysts::DIRECTION_OPTIONS;
use assize_debate::{Verdict, Vote};
use assize_portfolio::{Action, Forecast, Lean, Probability, Question, Voice};

use super::{Observed, Outcome};
use crate::{TickerBrief, decision::source_kind};

/// All forecasts of a brief: of each ticker first the decision, then the debaters by their seats, then sources and categories by
/// their names.
///
/// What a source forecasts is what those who cite it forecast: the mean of their probabilities, each weighted by what its
/// vote counts for and by the share of what it cites that comes from that source. The same with categories, which are the
/// kinds of sources.
pub(super) fn forecasts(outcome: &Outcome<'_>) -> Vec<Forecast> {
    let Some(horizon) = u16::try_from(outcome.horizon).ok().and_then(NonZeroU16::new) else {
        return Vec::new();
    };
    let of_ticker = |brief: &TickerBrief| {
        let forecast = |(who, p_up): (Voice, f64)| {
            Some(Forecast {
                who,
                ticker: brief.ticker.clone(),
                as_of: outcome.as_of.moment(),
                horizon,
                question: if brief.benchmark.is_some() { Question::Outperform } else { Question::Rise },
                benchmark: brief.benchmark.clone(),
                p_up: Probability::new(p_up)?,
                action: lean(Action::from_probability(p_up)),
            })
        };
        let decided = brief.decision.as_ref().map(|decision| (Voice::Decision, decision.p_up));
        let observed = outcome.quotes.get(&brief.ticker);
        let said = brief.verdict.iter().flat_map(|verdict| said(verdict, brief, observed));
        decided.into_iter().chain(said).filter_map(forecast).collect::<Vec<_>>()
    };
    outcome.tickers.iter().flat_map(of_ticker).collect()
}

const fn lean(action: Action) -> Lean {
    match action {
        Action::Buy | Action::Overweight => Lean::Long,
        Action::Hold => Lean::Flat,
        Action::Underweight | Action::Sell => Lean::Short,
    }
}

/// A mean that is being made: the sum of weighted probabilities, and of weights.
type Mean = (f64, f64);

fn said(verdict: &Verdict, brief: &TickerBrief, observed: Option<&Observed>) -> Vec<(Voice, f64)> {
    let kinds: BTreeMap<&str, &str> =
        brief.evidence.iter().map(|evidence| (evidence.id.as_str(), evidence.kind.as_str())).collect();
    let (mut said, mut groups) = (Vec::new(), BTreeMap::<Voice, Mean>::new());
    for vote in &verdict.votes {
        let Some(p_up) = p_up(vote, verdict) else { continue };
        said.push((Voice::Debater(vote.name.clone()), p_up));
        let cites = cites(vote, verdict);
        let weight = vote.counts.unwrap_or(vote.weight);
        let each = weight / count(cites.len());
        for id in cites {
            let source = observed.and_then(|observed| observed.source_of(id));
            let source = source.map(|source| Voice::Source(source.to_string()));
            let category = kinds.get(id).and_then(|kind| source_kind(kind));
            let category = category.map(|kind| Voice::Category(kind.as_str().to_owned()));
            for voice in source.into_iter().chain(category) {
                let (sum, weights) = groups.entry(voice).or_default();
                (*sum, *weights) = (*sum + each * p_up, *weights + each);
            }
        }
    }
    let mean = |(voice, (sum, weights)): (Voice, Mean)| {
        // Nine digits, so that the mean of what is the same is the same.
        (weights > 0.0).then(|| (voice, ((sum / weights * 1e9).round() / 1e9).clamp(0.0, 1.0)))
    };
    said.extend(groups.into_iter().filter_map(mean));
    said
}

/// The probability of a rise that a vote states.
fn p_up(vote: &Vote, verdict: &Verdict) -> Option<f64> {
    let place = verdict.options.iter().position(|option| option == DIRECTION_OPTIONS[0])?;
    vote.probabilities.as_ref()?.get(place).copied().filter(|p| (0.0..=1.0).contains(p))
}

fn cites<'a>(vote: &Vote, verdict: &'a Verdict) -> BTreeSet<&'a str> {
    let reasons = verdict.reasons.iter().chain(&verdict.dissent).filter(|reason| reason.seat == vote.seat);
    reasons.flat_map(|reason| reason.cites.iter().map(assize_debate::EvidenceId::as_str)).collect()
}

#[expect(clippy::cast_precision_loss, reason = "a vote cites far fewer pieces of evidence")]
fn count(n: usize) -> f64 {
    n.max(1) as f64
}

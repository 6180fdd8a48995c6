//! The panel of analysts.

use std::sync::Arc;

use assize_debate::{Debater, Evidence, Seat};

use crate::{
    Analyst, AttentionSpike, EvidenceRule, InsiderFlow, MacroClimate, MeanReversion, Momentum, NewsSentiment,
    OptionsFlow, Quality, TrendQuality, Value,
};

/// The options of a question that analysts can answer: will the price be higher, or not.
pub const DIRECTION_OPTIONS: [&str; 2] = ["up", "down"];

const OF_PRICES: [&str; 3] = ["momentum", "mean-reversion", "trend-quality"];
/// Those who read something else than prices, in the order of the panel.
const OF_EVIDENCE: [&dyn EvidenceRule; 7] =
    [&Value, &Quality, &InsiderFlow, &NewsSentiment, &AttentionSpike, &OptionsFlow, &MacroClimate];

/// The analyst of this name, looking `horizon` sessions ahead; `None`: there is none of this name.
#[must_use]
pub fn analyst_named(name: &str, horizon: usize) -> Option<Arc<dyn Debater>> {
    let analyst = match name {
        "momentum" => Analyst::new(Momentum, horizon),
        "mean-reversion" => Analyst::new(MeanReversion, horizon),
        "trend-quality" => Analyst::new(TrendQuality, horizon),
        "value" => Analyst::of_evidence(Value, horizon),
        "quality" => Analyst::of_evidence(Quality, horizon),
        "insider-flow" => Analyst::of_evidence(InsiderFlow, horizon),
        "sentiment" => Analyst::of_evidence(NewsSentiment, horizon),
        "attention" => Analyst::of_evidence(AttentionSpike, horizon),
        "options" => Analyst::of_evidence(OptionsFlow, horizon),
        "macro" => Analyst::of_evidence(MacroClimate, horizon),
        _ => return None,
    };
    Some(Arc::new(analyst))
}

/// All analysts of prices, each with its seat, which says how far it looks ahead: that is part of what defines a debate.
#[must_use]
pub fn offline_panel(horizon: usize) -> Vec<(Seat, Arc<dyn Debater>)> {
    OF_PRICES.into_iter().filter_map(|name| seated(name, horizon)).collect()
}

/// All analysts of all kinds, for those who seat a panel before there is evidence: who then has none abstains, and says what
/// is wanting.
#[must_use]
pub fn full_panel(horizon: usize) -> Vec<(Seat, Arc<dyn Debater>)> {
    let others = OF_EVIDENCE.iter().filter_map(|rule| seated(rule.name(), horizon));
    offline_panel(horizon).into_iter().chain(others).collect()
}

/// The analysts of prices, and behind them those of whose kinds there is evidence: with prices alone the panel is
/// [`offline_panel`].
///
/// ```
/// use assize_analysts::panel;
///
/// let names: Vec<String> = panel(20, &[]).into_iter().map(|(seat, _)| seat.debater).collect();
/// assert_eq!(names, ["analyst:momentum@20", "analyst:mean-reversion@20", "analyst:trend-quality@20"]);
/// ```
#[must_use]
pub fn panel(horizon: usize, evidence: &[Evidence]) -> Vec<(Seat, Arc<dyn Debater>)> {
    let is_read = |rule: &&&dyn EvidenceRule| {
        evidence.iter().any(|evidence| rule.kinds().contains(&evidence.kind.as_str()))
    };
    let others = OF_EVIDENCE.iter().filter(is_read).filter_map(|rule| seated(rule.name(), horizon));
    offline_panel(horizon).into_iter().chain(others).collect()
}

fn seated(name: &'static str, horizon: usize) -> Option<(Seat, Arc<dyn Debater>)> {
    Some((Seat::new(name, format!("analyst:{name}@{horizon}")), analyst_named(name, horizon)?))
}

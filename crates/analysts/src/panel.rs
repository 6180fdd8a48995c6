//! The panel of analysts.

use std::sync::Arc;

use assize_debate::{Debater, Evidence, Seat};

use crate::{
    Analyst, AttentionSpike, DAILY_BAR, EvidenceRule, InsiderFlow, MacroClimate, MeanReversion, Momentum,
    NewsSentiment, OptionsFlow, Quality, TrendQuality, Value,
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

/// The analysts who have something to read: of prices where there are daily bars, and behind them those of whose kinds there
/// is evidence with data. With prices alone that is [`offline_panel`], and without anything nobody.
///
/// ```
/// use assize_analysts::{bar_evidence, panel};
/// use assize_altdata::{AsOf, DailyBar, Item, PriceSeries, SourceId};
/// use assize_ambient::Timestamp;
/// use jiff::civil::date;
///
/// let day = DailyBar::new(date(2024, 7, 1), 10.0, 10.0, 10.0, 10.0);
/// let url = "file:KO.csv".parse().expect("an address");
/// let bar = Item::bar(&"KO".parse()?, day, &SourceId::new("csv"), &url, Timestamp::UNIX_EPOCH);
/// let evidence = bar_evidence(&PriceSeries::build(&[bar], &"2024-07-02".parse::<AsOf>()?), 400);
/// let names: Vec<String> = panel(20, &evidence).into_iter().map(|(seat, _)| seat.debater).collect();
/// assert_eq!(names, ["analyst:momentum@20", "analyst:mean-reversion@20", "analyst:trend-quality@20"]);
/// assert!(panel(20, &[]).is_empty());
/// # Ok::<(), assize_altdata::Error>(())
/// ```
#[must_use]
pub fn panel(horizon: usize, evidence: &[Evidence]) -> Vec<(Seat, Arc<dyn Debater>)> {
    let is_there = |kinds: &[&str]| {
        evidence.iter().any(|evidence| !evidence.data.is_null() && kinds.contains(&evidence.kind.as_str()))
    };
    let of_prices = if is_there(&[DAILY_BAR]) { offline_panel(horizon) } else { Vec::new() };
    let others = OF_EVIDENCE.iter().filter(|rule| is_there(rule.kinds()));
    of_prices.into_iter().chain(others.filter_map(|rule| seated(rule.name(), horizon))).collect()
}

fn seated(name: &'static str, horizon: usize) -> Option<(Seat, Arc<dyn Debater>)> {
    Some((Seat::new(name, format!("analyst:{name}@{horizon}")), analyst_named(name, horizon)?))
}

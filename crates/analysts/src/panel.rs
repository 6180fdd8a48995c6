//! The panel of analysts.

use std::sync::Arc;

use assize_debate::{Debater, Seat};

use crate::{Analyst, MeanReversion, Momentum, TrendQuality};

/// The options of a question that analysts of prices can answer: will the price be higher, or not.
pub const DIRECTION_OPTIONS: [&str; 2] = ["up", "down"];

const NAMES: [&str; 3] = ["momentum", "mean-reversion", "trend-quality"];

/// The analyst of this name, looking `horizon` sessions ahead; `None`: there is none of this name.
#[must_use]
pub fn analyst_named(name: &str, horizon: usize) -> Option<Arc<dyn Debater>> {
    match name {
        "momentum" => Some(Arc::new(Analyst::new(Momentum, horizon))),
        "mean-reversion" => Some(Arc::new(Analyst::new(MeanReversion, horizon))),
        "trend-quality" => Some(Arc::new(Analyst::new(TrendQuality, horizon))),
        _ => None,
    }
}

/// All analysts of prices, each with its seat, which says how far it looks ahead: that is part of what defines a debate.
#[must_use]
pub fn offline_panel(horizon: usize) -> Vec<(Seat, Arc<dyn Debater>)> {
    let seat = |name: &'static str| {
        Some((Seat::new(name, format!("analyst:{name}@{horizon}")), analyst_named(name, horizon)?))
    };
    NAMES.into_iter().filter_map(seat).collect()
}

//! What decisions do to money: limits that a proposal must keep, execution on paper, and how it went.

mod forecast;
mod measure;
mod moments;
mod performance;
mod scorecard;

pub use forecast::{
    Bin, Calibration, EffectiveSample, Forecast, Interval, Lean, MIN_OUTCOMES, Open, Outcome, PriceHistory,
    Probability, Proportion, Question, Resolved, Voice,
};
pub use measure::{Absence, Measure};
pub use performance::{Against, Drawdown, Performance, Returns};
pub use scorecard::{
    InformationCoefficient, PastAnswer, Prices, ResolvedQuestion, SCORECARDS_FORMAT_VERSION, Scorecard,
    Scorecards,
};

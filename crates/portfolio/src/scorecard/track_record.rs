//! What each debater answered to questions that are resolved: what a panel learns its track record from.

use std::collections::BTreeMap;

use assize_altdata::{AsOf, Known};
use assize_ambient::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Asked, Prices, Scorecards, asked, resolve};
use crate::{Forecast, Resolved, Voice};

const FORMAT_VERSION: u32 = 1;

/// A question whose answer is known, and what each debater had answered: a line of the file of outcomes that a panel's file
/// names under `[track_record]` and `[recalibration]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ResolvedQuestion {
    /// The version of this form: 1.
    pub format_version: u32,
    /// The question's name; each comes once.
    pub question: String,
    /// The option that was right.
    pub truth: String,
    /// From when on that was known; `None` in lines of old: nobody can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_at: Option<Timestamp>,
    /// What was answered, by the name of the seat. Who stood on neither side is not there.
    pub answers: BTreeMap<String, PastAnswer>,
}

/// What a debater answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PastAnswer {
    /// The option that it stood for.
    pub option: String,
    /// How sure of that it said it was, 0.5 to 1.0.
    pub probability: f64,
}

impl Scorecards {
    /// The questions that debaters answered and whose answer was known as of a moment, the oldest first; `up` and `down` are
    /// what the panel calls its two options.
    #[must_use]
    pub fn resolved_questions(
        forecasts: &[Forecast],
        prices: &Prices,
        as_of: &AsOf,
        [up, down]: [&str; 2],
    ) -> Vec<ResolvedQuestion> {
        let held = resolve(forecasts, prices, as_of);
        let mut questions: BTreeMap<_, ResolvedQuestion> = BTreeMap::new();
        for (who, held) in &held {
            let Voice::Debater(seat) = who else { continue };
            for resolved in &held.resolved {
                let Some(right) = resolved.is_hit() else { continue };
                let came_true = resolved.came_true();
                let option = |is_up: bool| if is_up { up } else { down }.to_owned();
                let about = asked(&resolved.forecast);
                let (ticker, at, horizon, question, benchmark) = about;
                let place = (at, ticker, horizon, question, benchmark);
                let answered = questions.entry(place).or_insert_with(|| ResolvedQuestion {
                    format_version: FORMAT_VERSION,
                    question: name(about),
                    truth: option(came_true),
                    known_at: resolved.known_by(),
                    answers: BTreeMap::new(),
                });
                let answer =
                    PastAnswer { option: option(came_true == right), probability: sureness(resolved) };
                answered.answers.insert(seat.clone(), answer);
            }
        }
        questions.into_values().collect()
    }
}

/// How sure it was of the side that it stood on.
fn sureness(resolved: &Resolved) -> f64 {
    let p = resolved.forecast.p_up.get();
    p.max(1.0 - p)
}

fn name((ticker, at, horizon, question, benchmark): Asked<'_>) -> String {
    let asked = match (question, benchmark) {
        (crate::Question::Rise, _) => "rises".to_owned(),
        (crate::Question::Outperform, None) => "outperforms".to_owned(),
        (crate::Question::Outperform, Some(benchmark)) => format!("outperforms {benchmark}"),
    };
    format!("{ticker} {asked} in {horizon} sessions as of {at}")
}

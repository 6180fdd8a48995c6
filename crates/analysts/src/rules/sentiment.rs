//! What is written about a company, by how it feels.

use assize_debate::{Abstention, Evidence, EvidenceId};
use serde::Deserialize;

use crate::{
    ARTICLE, EvidenceRule, Held, Opinion, POST, Pace, VIDEO,
    dossier::texts::TextData,
    evidence_rule::{bent, too_little},
};

/// How the texts of the last seven days feel, news and social sites apart (Tetlock 2007; Heston and Sinha 2017: the news of a
/// day tells of a day or two, that of a week of a quarter).
///
/// Each text feels between −1 and 1: the tone of its words about money in proportion to how many there are, up to three, and
/// for the rest half of VADER's compound; what a writer ticked (bullish, bearish) counts for half. It counts by
///
/// > credibility · novelty · relevance · (½ + engagement ÷ 2) · 2^(−age ÷ 48 h),
///
/// where a novelty that is not known counts as 1, a relevance and an engagement that are not known as ½. The feeling of all is
/// Σ weight·feeling ÷ (Σ weight + ½): few and weak texts are drawn to 0.
///
/// | part | share | signal |
/// |---|---|---|
/// | news | 0.7 | 2 tanh(4 feeling ÷ 2) |
/// | posts and films | 0.3 | 2 tanh(4 feeling ÷ 2) |
///
/// It abstains on fewer than three texts in those seven days.
#[derive(Debug, Clone, Copy, Default)]
pub struct NewsSentiment;

const DAYS: f64 = 7.0;
const FEWEST: usize = 3;
const HALF_LIFE: f64 = 48.0;
const DRAWN_TO_ZERO: f64 = 0.5;

impl EvidenceRule for NewsSentiment {
    fn name(&self) -> &'static str {
        "sentiment"
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[ARTICLE, POST, VIDEO]
    }

    fn most_nats(&self) -> f64 {
        0.15
    }

    fn pace(&self) -> Pace {
        Pace::Fast
    }

    fn read(&self, held: &Held<'_>) -> Result<Opinion, Abstention> {
        let news = Feelings::of(held, held.of(ARTICLE));
        let talk = Feelings::of(held, held.of(POST).chain(held.of(VIDEO)));
        let count = news.0.len() + talk.0.len();
        if count < FEWEST {
            return Err(too_little(format!(
                "it needs {FEWEST} texts of the last {DAYS} days, and there are {count}"
            )));
        }
        let mut opinion = Opinion::default();
        for (share, what, feelings) in [(0.7, "pieces of news", news), (0.3, "posts and films", talk)] {
            if let Some((feeling, weight)) = feelings.sum() {
                let (good, bad) = feelings.sides();
                let text = format!(
                    "{} {what} in {DAYS} days feel {feeling:+.2} (−1 to 1; {good} good, {bad} bad; together they weigh {weight:.2})",
                    feelings.0.len()
                );
                opinion.push(share, bent(4.0 * feeling), text, feelings.cites());
            }
        }
        Ok(opinion)
    }
}

/// Texts by their weight and feeling, the weightiest first.
struct Feelings(Vec<(f64, f64, EvidenceId)>);

impl Feelings {
    fn of<'a>(held: &Held<'_>, texts: impl Iterator<Item = &'a Evidence>) -> Self {
        let read = |evidence: &'a Evidence| {
            let age = held.hours_since(evidence.available_at);
            let data = TextData::deserialize(&evidence.data).ok()?;
            let (weight, feeling) = (weight(&data, age), feeling(&data));
            (age <= 24.0 * DAYS && weight.is_finite() && feeling.is_finite())
                .then(|| (weight, feeling, evidence.id.clone()))
        };
        let mut texts: Vec<_> = texts.filter_map(read).collect();
        texts.sort_by(|a, b| (b.0 * b.1.abs()).total_cmp(&(a.0 * a.1.abs())).then_with(|| a.2.cmp(&b.2)));
        Self(texts)
    }

    /// The feeling of all, and what they weigh; none without texts.
    fn sum(&self) -> Option<(f64, f64)> {
        let (weight, sum) = self
            .0
            .iter()
            .fold((0.0, 0.0), |(all, sum), (weight, feeling, _)| (all + weight, sum + weight * feeling));
        (!self.0.is_empty()).then(|| (sum / (weight + DRAWN_TO_ZERO), weight))
    }

    fn sides(&self) -> (usize, usize) {
        let count = |of: fn(f64) -> bool| self.0.iter().filter(|(_, feeling, _)| of(*feeling)).count();
        (count(|feeling| feeling >= 0.05), count(|feeling| feeling <= -0.05))
    }

    fn cites(&self) -> Vec<EvidenceId> {
        self.0.iter().map(|(_, _, id)| id.clone()).collect()
    }
}

fn weight(data: &TextData, age_hours: f64) -> f64 {
    let unit = |value: Option<f64>, unknown: f64| value.unwrap_or(unknown).clamp(0.0, 1.0);
    data.credibility.clamp(0.0, 1.0)
        * unit(data.novelty, 1.0)
        * unit(data.relevance, 0.5)
        * f64::midpoint(1.0, unit(data.engagement, 0.5))
        * libm::exp2(-age_hours.max(0.0) / HALF_LIFE)
}

fn feeling(data: &TextData) -> f64 {
    let words = data.feeling.clamp(-1.0, 1.0);
    match data.is_bullish {
        Some(true) => f64::midpoint(1.0, words),
        Some(false) => f64::midpoint(-1.0, words),
        None => words,
    }
}

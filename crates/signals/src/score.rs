//! One score from 0 to 100 for a text, a video or a post, and what it is made of.

/// A part of the score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ContentPart {
    /// How much it is about the company in question.
    Relevance,
    /// How far its publisher's word goes.
    Credibility,
    /// How new it is beside what was said before.
    Novelty,
    /// How much it moves people.
    Engagement,
    /// How fresh it is; half after a day.
    Recency,
    /// How easily it is read.
    Readability,
}

impl ContentPart {
    /// All parts, the weightiest first.
    pub const ALL: [Self; 6] = [
        Self::Relevance,
        Self::Credibility,
        Self::Novelty,
        Self::Engagement,
        Self::Recency,
        Self::Readability,
    ];

    /// Its weight; all add up to 1. Ours: a judgement and no measurement.
    #[must_use]
    pub const fn weight(self) -> f64 {
        match self {
            Self::Relevance => 0.3,
            Self::Credibility | Self::Novelty => 0.2,
            Self::Engagement => 0.15,
            Self::Recency => 0.1,
            Self::Readability => 0.05,
        }
    }

    /// Its name in explanations.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Relevance => "relevance",
            Self::Credibility => "credibility",
            Self::Novelty => "novelty",
            Self::Engagement => "engagement",
            Self::Recency => "recency",
            Self::Readability => "readability",
        }
    }
}

/// What is known of an item. All but the age are from 0 to 1; what lies outside is brought to the nearer end. What is not
/// known is `None`, and so is taken what is no number.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ContentParts {
    /// Of [`relevance`](crate::relevance).
    pub relevance: Option<f64>,
    /// Of a [`CredibilityTable`](crate::CredibilityTable).
    pub credibility: Option<f64>,
    /// Of a [`NoveltyIndex`](crate::NoveltyIndex).
    pub novelty: Option<f64>,
    /// Of [`engagement`](crate::engagement).
    pub engagement: Option<f64>,
    /// Hours since it could be known. A negative age is none: the item is from the future, and its recency unknown.
    pub age_hours: Option<f64>,
    /// Of [`Readability::ease`](crate::Readability::ease).
    pub readability: Option<f64>,
}

/// What one part gives to a score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contribution {
    /// The part.
    pub part: ContentPart,
    /// How it was rated, from 0 to 1, if it is known.
    pub value: Option<f64>,
    /// Its weight among the known parts, from 0 to 1; 0 if it is not known.
    pub weight: f64,
    /// What it gives, from 0 to 100. Over all parts that is the score.
    pub points: f64,
}

/// A score, and what it is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ContentScore {
    /// From 0 to 100; `None` if no part is known.
    pub score: Option<f64>,
    /// The weight of the known parts before the others' was shared out, from 0 to 1: how much the score rests on.
    pub known: f64,
    /// The parts in the order of [`ContentPart::ALL`].
    pub contributions: [Contribution; 6],
}

/// The score of an item: relevance 0.30, credibility 0.20, novelty 0.20, engagement 0.15, recency 0.10 (0.5 to the power of
/// the age in days), readability 0.05. The weights of missing parts go to the others in proportion, and they are named.
///
/// ```
/// use assize_signals::{ContentPart, ContentParts, content_score};
///
/// let parts = ContentParts {
///     relevance: Some(0.9),
///     credibility: Some(0.92),
///     novelty: Some(1.0),
///     age_hours: Some(24.0),
///     ..ContentParts::default()
/// };
/// let found = content_score(&parts);
/// assert!((found.score.unwrap() - 100.0 * (0.27 + 0.184 + 0.2 + 0.05) / 0.8).abs() < 1e-9);
/// assert_eq!(found.missing().collect::<Vec<_>>(), [ContentPart::Engagement, ContentPart::Readability]);
/// assert_eq!(found.explanation()[0], "relevance 0.90 weighs 37.5 % and gives 33.8 points");
/// assert_eq!(found.explanation()[3], "engagement is unknown: its 15.0 % went to the others");
/// ```
#[must_use]
pub fn content_score(parts: &ContentParts) -> ContentScore {
    let recency = parts.age_hours.filter(|hours| *hours >= 0.0).map(|hours| libm::exp2(-hours / 24.0));
    let values =
        [parts.relevance, parts.credibility, parts.novelty, parts.engagement, recency, parts.readability]
            .map(|value| value.filter(|value| !value.is_nan()).map(|value| value.clamp(0.0, 1.0)));
    let mut known = 0.0;
    for (part, value) in ContentPart::ALL.into_iter().zip(values) {
        if value.is_some() {
            known += part.weight();
        }
    }
    let mut score = 0.0;
    let contributions = std::array::from_fn(|at| {
        let (part, value) = (ContentPart::ALL[at], values[at]);
        let weight = if value.is_some() { part.weight() / known } else { 0.0 };
        let points = 100.0 * weight * value.unwrap_or(0.0);
        score += points;
        Contribution { part, value, weight, points }
    });
    // Weights that do not add up to 1 in the last bit must not make 100.00000000000001 of a perfect score.
    ContentScore { score: (known > 0.0).then(|| score.min(100.0)), known: known.min(1.0), contributions }
}

impl ContentScore {
    /// The parts that are missing.
    pub fn missing(&self) -> impl Iterator<Item = ContentPart> {
        self.contributions.into_iter().filter(|part| part.value.is_none()).map(|part| part.part)
    }

    /// A line for each part: how it was rated, what it weighs and gives, or that it is unknown.
    #[must_use]
    pub fn explanation(&self) -> Vec<String> {
        let line = |part: &Contribution| {
            let name = part.part.name();
            match part.value {
                Some(value) => {
                    format!(
                        "{name} {value:.2} weighs {:.1} % and gives {:.1} points",
                        part.weight * 100.0,
                        part.points
                    )
                }
                None if self.score.is_none() => format!("{name} is unknown"),
                None => {
                    format!("{name} is unknown: its {:.1} % went to the others", part.part.weight() * 100.0)
                }
            }
        };
        self.contributions.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn all_none_and_out_of_range() {
        let best = ContentParts {
            relevance: Some(1.0),
            credibility: Some(7.0),
            novelty: Some(1.0),
            engagement: Some(f64::INFINITY),
            age_hours: Some(0.0),
            readability: Some(1.0),
        };
        let found = content_score(&best);
        assert!(
            found.score == Some(100.0)
                && found.missing().next().is_none()
                && (found.known - 1.0).abs() < 1e-12
        );
        let none =
            ContentParts { relevance: Some(f64::NAN), age_hours: Some(-1.0), ..ContentParts::default() };
        let found = content_score(&none);
        assert_eq!((found.score, found.missing().count(), found.known), (None, 6, 0.0));
        assert_eq!(found.explanation()[4], "recency is unknown");
        let zero = ContentParts { relevance: Some(0.0), ..ContentParts::default() };
        assert_eq!(content_score(&zero).score, Some(0.0), "zero is known");
    }

    #[test]
    fn a_day_is_a_half() {
        for (hours, recency) in [(0.0, 1.0), (24.0, 0.5), (48.0, 0.25), (f64::INFINITY, 0.0)] {
            let parts = ContentParts { age_hours: Some(hours), ..ContentParts::default() };
            assert_eq!(content_score(&parts).contributions[4].value, Some(recency));
        }
    }

    fn part() -> impl Strategy<Value = Option<f64>> {
        proptest::option::of(0.0..=1.0_f64)
    }

    proptest! {
        #[test]
        fn parts_add_up_and_the_missing_move_nothing(
            (relevance, credibility, novelty) in (part(), part(), part()),
            (engagement, age_hours, readability) in (part(), proptest::option::of(0.0..1e4_f64), part()),
        ) {
            let parts = ContentParts { relevance, credibility, novelty, engagement, age_hours, readability };
            let found = content_score(&parts);
            let sum: f64 = found.contributions.iter().map(|part| part.points).sum();
            let weights: f64 = found.contributions.iter().map(|part| part.weight).sum();
            match found.score {
                Some(score) => {
                    prop_assert!((0.0..=100.0).contains(&score) && (score - sum).abs() < 1e-9 && (weights - 1.0).abs() < 1e-9);
                    let known = found.contributions.iter().filter_map(|part| part.value);
                    let (least, most) = known.fold((1.0_f64, 0.0_f64), |(a, b), value| (a.min(value), b.max(value)));
                    prop_assert!(score >= least * 100.0 - 1e-9 && score <= most * 100.0 + 1e-9, "a mean lies between");
                }
                None => prop_assert_eq!(found.missing().count(), 6),
            }
            prop_assert_eq!(found.explanation().len(), 6);
        }
    }
}

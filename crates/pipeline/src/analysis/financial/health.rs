//! How sound a company is on the whole.

use std::fmt;

use assize_debate::EvidenceId;
use serde::Serialize;

use super::super::{Measure, measure::find};

/// With fewer parts there is no grade.
pub(super) const FEWEST_PARTS: usize = 4;

/// A part of the grade: which figure, how much it counts, at what it is worth 0 and 100.
struct Anchor(&'static str, f64, f64, f64);

/// The anchors are declared, not estimated; they are for companies that make and sell things, and wrong for banks and insurers.
const ANCHORS: [Anchor; 8] = [
    Anchor("fin.operating-margin", 0.20, 0.0, 0.25),
    Anchor("fin.return-on-assets", 0.15, -0.02, 0.12),
    Anchor("fin.revenue-growth", 0.15, -0.10, 0.20),
    Anchor("fin.leverage", 0.15, 0.90, 0.30),
    Anchor("fin.current-ratio", 0.10, 0.5, 2.0),
    Anchor("fin.free-cash-margin", 0.15, -0.05, 0.15),
    Anchor("fin.interest-cover", 0.05, 1.0, 10.0),
    Anchor("fin.dilution", 0.05, 0.05, -0.03),
];

/// How sound a company is.
///
/// | part | weight | worth 0 | worth 100 |
/// |---|---|---|---|
/// | operating margin | 0.20 | 0 % | 25 % |
/// | return on assets | 0.15 | −2 % | 12 % |
/// | growth of revenue | 0.15 | −10 % | 20 % |
/// | liabilities by assets | 0.15 | 90 % | 30 % |
/// | free cash margin | 0.15 | −5 % | 15 % |
/// | current ratio | 0.10 | 0.5 | 2 |
/// | cover of interest | 0.05 | 1 | 10 |
/// | change of the number of shares | 0.05 | +5 % | −3 % |
///
/// Between the two a part is worth in proportion. The score is the mean of the parts that are known, by their weights; the
/// others are named. The anchors are declared, not estimated.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Health {
    /// The grade.
    pub grade: Grade,
    /// From 0 to 100.
    pub score: f64,
    /// The parts that are known.
    pub parts: Vec<HealthPart>,
    /// The figures that are missing, by their ids.
    pub missing: Vec<&'static str>,
}

/// A part of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HealthPart {
    /// The figure.
    pub measure: EvidenceId,
    /// What it is called.
    pub name: &'static str,
    /// What it is worth, from 0 to 100.
    pub worth: f64,
    /// How much it counts beside the others that are known; they add up to 1.
    pub weight: f64,
}

/// The grade: A from 80, B from 65, C from 50, D from 35, E below.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Grade {
    /// 80 to 100.
    A,
    /// From 65.
    B,
    /// From 50.
    C,
    /// From 35.
    D,
    /// Below.
    E,
}

impl Grade {
    /// The grade of a score.
    #[must_use]
    pub fn of(score: f64) -> Self {
        match score {
            _ if score >= 80.0 => Self::A,
            _ if score >= 65.0 => Self::B,
            _ if score >= 50.0 => Self::C,
            _ if score >= 35.0 => Self::D,
            _ => Self::E,
        }
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
            Self::E => "E",
        })
    }
}

/// The grade that these figures give; `None` with too few of them.
pub(super) fn grade(measures: &[Measure]) -> Option<Health> {
    let known: Vec<(&Anchor, &Measure)> =
        ANCHORS.iter().filter_map(|anchor| Some((anchor, find(measures, anchor.0)?))).collect();
    if known.len() < FEWEST_PARTS {
        return None;
    }
    let whole: f64 = known.iter().map(|(anchor, _)| anchor.1).sum();
    let part = |&(Anchor(_, weight, nothing, all), measure): &(&Anchor, &Measure)| HealthPart {
        measure: measure.id.clone(),
        name: measure.name,
        worth: (100.0 * (measure.value - nothing) / (all - nothing)).clamp(0.0, 100.0),
        weight: weight / whole,
    };
    let parts: Vec<HealthPart> = known.iter().map(part).collect();
    let score = parts.iter().map(|part| part.worth * part.weight).sum();
    let missing = ANCHORS.iter().map(|anchor| anchor.0).filter(|id| find(measures, id).is_none()).collect();
    Some(Health { grade: Grade::of(score), score, parts, missing })
}

#[cfg(test)]
mod tests {
    use super::super::super::Unit;
    use super::*;

    fn measures(of: &[(&'static str, f64)]) -> Vec<Measure> {
        of.iter().filter_map(|(id, value)| Measure::new(id, id, (*value, Unit::Share), "", [])).collect()
    }

    #[test]
    fn weights_add_up_and_worths_are_in_proportion() {
        let whole: f64 = ANCHORS.iter().map(|anchor| anchor.1).sum();
        assert!((whole - 1.0).abs() < 1e-12);
        let best = grade(&measures(&ANCHORS.map(|anchor| (anchor.0, anchor.3)))).unwrap();
        let worst = grade(&measures(&ANCHORS.map(|anchor| (anchor.0, anchor.2)))).unwrap();
        assert!((best.score - 100.0).abs() < 1e-9 && worst.score.abs() < 1e-9);
        assert_eq!((best.grade, worst.grade), (Grade::A, Grade::E));
        let half =
            grade(&measures(&ANCHORS.map(|anchor| (anchor.0, f64::midpoint(anchor.2, anchor.3))))).unwrap();
        assert!((half.score - 50.0).abs() < 1e-9, "{half:?}");
        assert_eq!(half.grade, Grade::C);
    }

    #[test]
    fn what_is_missing_is_named_and_the_others_share_its_weight() {
        let four = measures(&ANCHORS.map(|anchor| (anchor.0, anchor.3))[..4]);
        let found = grade(&four).unwrap();
        assert!((found.parts.iter().map(|part| part.weight).sum::<f64>() - 1.0).abs() < 1e-12);
        assert_eq!(found.missing.len(), 4);
        assert_eq!(grade(&four[..3]), None);
        for (score, grade) in
            [(80.0, Grade::A), (79.9, Grade::B), (50.0, Grade::C), (35.0, Grade::D), (0.0, Grade::E)]
        {
            assert_eq!(Grade::of(score), grade);
        }
    }
}

//! From pairs of an estimate and a report to a factor and an offset, robustly.

use super::{MAX_TOKENS, real, whole};

/// A straight line from estimates to true counts: `factor × estimate + offset`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Line {
    pub(super) factor: f64,
    /// Tokens that each prompt has beside its text; may be negative.
    pub(super) offset: f64,
}

impl Line {
    /// The tokens that it predicts: at least one where something was estimated.
    pub(super) fn predict(self, estimated: u64) -> u64 {
        if estimated == 0 {
            return 0;
        }
        whole(self.factor * real(estimated) + self.offset).clamp(1, MAX_TOKENS)
    }
}

/// An estimate and what was reported of it, both at least 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    pub(super) estimated: f64,
    pub(super) reported: f64,
}

/// How the estimates of a model can be off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Not at all, as far as can be seen.
    Prior,
    /// By a factor: another vocabulary.
    Factor,
    /// By a constant: a hidden prompt.
    Offset,
    /// By both.
    Both,
}

impl Shape {
    pub(super) const COUNT: usize = 4;
    pub(super) const ALL: [Self; Self::COUNT] = [Self::Prior, Self::Factor, Self::Offset, Self::Both];

    /// So many pairs must be known before a line of this shape is trusted.
    pub(super) const fn needs(self) -> usize {
        match self {
            Self::Prior | Self::Factor => 0,
            Self::Offset => 4,
            Self::Both => 8,
        }
    }

    /// The line of this shape through most of the points. An outlier does not move it far, however far out it lies: fewer
    /// than about three in ten can be wrong.
    pub(super) fn fit(self, points: &[Point]) -> Line {
        match self {
            Self::Prior => Line { factor: 1.0, offset: 0.0 },
            Self::Factor => Line { factor: factor(points), offset: 0.0 },
            Self::Offset => Line { factor: 1.0, offset: offset(points) },
            Self::Both => both(points),
        }
    }
}

/// So many pairs that agree with the prior are assumed beside those that were seen: what draws a line that was learnt from
/// few of them to the prior.
const PRIOR_PAIRS: usize = 2;

/// The median of what reports are of estimates.
fn factor(points: &[Point]) -> f64 {
    let seen = points.iter().map(|point| point.reported / point.estimated);
    median(seen.chain([1.0; PRIOR_PAIRS]).collect())
}

/// The median of what reports have more than estimates.
fn offset(points: &[Point]) -> f64 {
    let seen = points.iter().map(|point| point.reported - point.estimated);
    median(seen.chain([0.0; PRIOR_PAIRS]).collect())
}

/// After Theil's incomplete method: the slope is a median of slopes between points of the lower and of the upper half, each
/// weighted by how far they lie apart; the offset is a median of what remains, weighted for relative errors. Without points
/// that lie far enough apart it is the line of [`Shape::Factor`].
fn both(points: &[Point]) -> Line {
    let mut points = points.to_vec();
    points.sort_by(|a, b| a.estimated.total_cmp(&b.estimated).then(a.reported.total_cmp(&b.reported)));
    let half = points.len() / 2;
    let slopes: Vec<(f64, f64)> = points
        .iter()
        .zip(points.iter().skip(points.len() - half))
        .filter(|(low, high)| high.estimated > 1.3 * low.estimated)
        .map(|(low, high)| {
            let apart = high.estimated - low.estimated;
            ((high.reported - low.reported) / apart, apart / high.estimated)
        })
        .collect();
    if slopes.len() < 4 {
        return Shape::Factor.fit(&points);
    }
    let factor = weighted_median(slopes).clamp(0.05, 20.0);
    let rests = points.iter().map(|point| (point.reported - factor * point.estimated, 1.0 / point.reported));
    Line { factor, offset: weighted_median(rests.collect()) }
}

/// The median; of an even number of values the middle of both. 1 without values.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    match (values.get(half), half.checked_sub(1).and_then(|below| values.get(below))) {
        (Some(upper), Some(lower)) if values.len().is_multiple_of(2) => f64::midpoint(*lower, *upper),
        (Some(middle), _) => *middle,
        (None, _) => 1.0,
    }
}

/// The least value such that values of half of the weight are not above it. Values come with their weights.
fn weighted_median(mut values: Vec<(f64, f64)>) -> f64 {
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let all: f64 = values.iter().map(|(_, weight)| weight).sum();
    let mut below = 0.0;
    for &(value, weight) in &values {
        below += weight;
        if below * 2.0 >= all {
            return value;
        }
    }
    values.last().map_or(1.0, |&(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRIOR: Line = Line { factor: 1.0, offset: 0.0 };

    fn points(pairs: &[(u32, u32)]) -> Vec<Point> {
        pairs
            .iter()
            .map(|&(estimated, reported)| Point {
                estimated: f64::from(estimated),
                reported: f64::from(reported),
            })
            .collect()
    }

    #[test]
    fn a_line_is_found_among_outliers() {
        let seen: Vec<(u32, u32)> =
            (1_u32..=40).map(|n| (n * 25, if n % 5 == 0 { 1_000_000 } else { n * 30 + 100 })).collect();
        let line = Shape::Both.fit(&points(&seen));
        for estimated in [20_u64, 100, 5000] {
            assert_eq!(line.predict(estimated), estimated * 6 / 5 + 100);
        }
    }

    #[test]
    fn few_points_stay_near_the_prior_and_none_are_the_prior() {
        for shape in Shape::ALL {
            assert_eq!(shape.fit(&[]), PRIOR, "{shape:?}");
            assert_eq!(shape.fit(&points(&[(10, 1000)])), PRIOR, "{shape:?}");
        }
        assert_eq!(Shape::Factor.fit(&points(&[(10, 20), (10, 20)])).predict(100), 150);
        assert_eq!(Shape::Factor.fit(&points(&[(10, 20), (10, 20), (10, 20)])).predict(100), 200);
    }

    #[test]
    fn points_of_one_length_give_a_factor() {
        let line = Shape::Both.fit(&points(&[(100, 110); 20]));
        assert_eq!(line, Shape::Factor.fit(&points(&[(100, 110); 20])));
        assert_eq!(line.predict(1000), 1100);
    }

    #[test]
    fn nothing_stays_nothing_and_something_is_at_least_one() {
        let line = Line { factor: 1.0, offset: -50.0 };
        assert_eq!((line.predict(0), line.predict(10), line.predict(51)), (0, 1, 1));
        assert_eq!(Line { factor: 1e9, offset: 0.0 }.predict(u64::MAX), MAX_TOKENS);
    }
}

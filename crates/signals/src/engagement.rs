//! How much a video or a post moves people, for its age and for who posts it.

/// What a site shows of a video or a post. What it does not show is `None`, and not zero.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Post {
    /// How often it was seen.
    pub views: Option<u64>,
    /// Votes for it.
    pub likes: Option<u64>,
    /// Votes against it, where a site counts them.
    pub dislikes: Option<u64>,
    /// Answers to it.
    pub comments: Option<u64>,
    /// Hours since it was published. Below one it counts as one: the first minutes say nothing about a rate.
    pub age_hours: Option<f64>,
    /// The median of the views per hour of what the same channel posted before.
    pub usual_views_per_hour: Option<f64>,
}

/// A part of an engagement score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EngagementPart {
    /// Views per hour beside the channel's median.
    Reach,
    /// The share of viewers, or of voters, who liked it.
    Likes,
    /// The share of viewers who answered.
    Comments,
}

impl EngagementPart {
    /// All parts, the weightiest first.
    pub const ALL: [Self; 3] = [Self::Reach, Self::Likes, Self::Comments];

    /// Its weight; all add up to 1.
    #[must_use]
    pub const fn weight(self) -> f64 {
        match self {
            Self::Reach => 0.5,
            Self::Likes => 0.3,
            Self::Comments => 0.2,
        }
    }

    /// Its name in explanations.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reach => "reach",
            Self::Likes => "likes",
            Self::Comments => "comments",
        }
    }
}

/// How much a post moves people.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Engagement {
    /// From 0 to 1: the parts that are known, in proportion to their weights. `None` if none is.
    pub score: Option<f64>,
    /// The parts in the order of [`EngagementPart::ALL`], each from 0 to 1, `None` where something is missing for it.
    pub parts: [Option<f64>; 3],
}

impl Engagement {
    /// The parts that are missing.
    pub fn missing(&self) -> impl Iterator<Item = EngagementPart> {
        EngagementPart::ALL
            .into_iter()
            .zip(self.parts)
            .filter(|(_, value)| value.is_none())
            .map(|(part, _)| part)
    }
}

/// How much a post moves people: 0.5 S(views per hour ÷ the channel's median) + 0.3 S(like rate ÷ 0.04) + 0.2 S(comment
/// rate ÷ 0.004), where S(x) = x / (1 + x) is one half at what is usual.
///
/// Rates are the lower ends of Wilson's intervals at 95 %, so that three likes of four viewers are not taken for 75 %. With
/// dislikes the second part is the share of likes among votes itself. More likes or answers than views count as all: sites
/// do not count both in the same moment.
///
/// ```
/// use assize_signals::{EngagementPart, Post, engagement};
///
/// let post = Post {
///     views: Some(48_000),
///     likes: Some(2_000),
///     age_hours: Some(24.0),
///     usual_views_per_hour: Some(2_000.0),
///     ..Post::default()
/// };
/// let found = engagement(&post);
/// assert_eq!(found.parts[0], Some(0.5));
/// assert_eq!(found.missing().collect::<Vec<_>>(), [EngagementPart::Comments]);
/// assert!((0.49..0.51).contains(&found.score.unwrap()));
/// ```
#[must_use]
pub fn engagement(post: &Post) -> Engagement {
    let reach = || {
        let usual = post.usual_views_per_hour.filter(|usual| usual.is_finite() && *usual > 0.0)?;
        let hours = post.age_hours.filter(|hours| hours.is_finite() && *hours >= 0.0)?;
        Some(saturated(float(post.views?) / hours.max(1.0) / usual))
    };
    let likes = || match (post.likes?, post.dislikes) {
        (likes, Some(dislikes)) => wilson_lower(likes, likes.checked_add(dislikes)?),
        (likes, None) => Some(saturated(wilson_lower(likes, post.views?)? / 0.04)),
    };
    let comments = || Some(saturated(wilson_lower(post.comments?, post.views?)? / 0.004));
    let parts = [reach(), likes(), comments()];
    let (mut sum, mut weight) = (0.0, 0.0);
    for (part, value) in EngagementPart::ALL.into_iter().zip(parts) {
        if let Some(value) = value {
            sum += part.weight() * value;
            weight += part.weight();
        }
    }
    Engagement { score: (weight > 0.0).then(|| sum / weight), parts }
}

/// One half at 1, and never quite 1.
fn saturated(x: f64) -> f64 {
    if x.is_finite() { x / (1.0 + x) } else { 1.0 }
}

#[expect(clippy::cast_precision_loss, reason = "a score needs no more than 53 bits of a count")]
const fn float(count: u64) -> f64 {
    count as f64
}

/// The lower end of Wilson's interval at 95 % for a share of `hits` among `all`; `None` if there are none at all. More hits
/// than that count as all.
///
/// Wilson, E. B. (1927), "Probable inference, the law of succession, and statistical inference", Journal of the American
/// Statistical Association 22.
///
/// ```
/// use assize_signals::wilson_lower;
///
/// assert!((wilson_lower(3, 4).unwrap() - 0.3006).abs() < 1e-4);
/// assert!((wilson_lower(7_500, 10_000).unwrap() - 0.7414).abs() < 1e-4);
/// assert_eq!((wilson_lower(0, 10), wilson_lower(0, 0)), (Some(0.0), None));
/// ```
#[must_use]
pub fn wilson_lower(hits: u64, all: u64) -> Option<f64> {
    const Z: f64 = 1.959_963_984_540_054;
    if all == 0 {
        return None;
    }
    if hits == 0 {
        return Some(0.0);
    }
    let n = float(all);
    let share = (float(hits) / n).min(1.0);
    let square = Z * Z;
    let middle = share + square / (2.0 * n);
    let spread = Z * (share * (1.0 - share) / n + square / (4.0 * n * n)).sqrt();
    Some(((middle - spread) / (1.0 + square / n)).clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn missing_is_unknown_and_zero_is_zero() {
        assert_eq!(engagement(&Post::default()), Engagement { score: None, parts: [None; 3] });
        let seen = Post { views: Some(1_000), likes: Some(0), comments: Some(0), ..Post::default() };
        let found = engagement(&seen);
        assert_eq!((found.score, found.parts), (Some(0.0), [None, Some(0.0), Some(0.0)]));
        assert_eq!(found.missing().map(EngagementPart::name).collect::<Vec<_>>(), ["reach"]);
        let unseen = Post { views: Some(0), likes: Some(0), comments: Some(0), ..Post::default() };
        assert_eq!(engagement(&unseen).score, None, "of no viewers no share is known");
    }

    #[test]
    fn votes_without_views_and_figures_that_cannot_be() {
        let votes = Post { likes: Some(90), dislikes: Some(10), ..Post::default() };
        let found = engagement(&votes);
        assert!((found.parts[1].unwrap() - 0.8256).abs() < 1e-4 && found.score == found.parts[1]);
        let odd = Post {
            views: Some(10),
            likes: Some(u64::MAX),
            comments: Some(50),
            age_hours: Some(-1.0),
            usual_views_per_hour: Some(0.0),
            ..Post::default()
        };
        let found = engagement(&odd);
        assert!(found.parts[0].is_none() && found.score.is_some_and(|score| score < 1.0));
        let odd =
            Post { likes: Some(u64::MAX), dislikes: Some(1), age_hours: Some(f64::NAN), ..Post::default() };
        assert_eq!(engagement(&odd).score, None);
    }

    #[test]
    fn usual_rates_of_many_viewers_are_one_half() {
        let usual = Post {
            views: Some(100_000_000),
            likes: Some(4_000_000),
            comments: Some(400_000),
            age_hours: Some(0.2),
            usual_views_per_hour: Some(1e8),
            ..Post::default()
        };
        for part in engagement(&usual).parts {
            assert!((part.unwrap() - 0.5).abs() < 0.002, "{part:?}");
        }
    }

    proptest! {
        #[test]
        fn scores_are_shares_and_more_likes_are_not_worse(
            views in 0_u64..1 << 40, likes: u64, comments: u64, hours in 0.0..1e6_f64, usual in 0.0..1e9_f64,
        ) {
            let post = |likes| Post {
                views: Some(views),
                likes: Some(likes),
                comments: Some(comments),
                age_hours: Some(hours),
                usual_views_per_hour: Some(usual),
                dislikes: None,
            };
            let (less, more) = (engagement(&post(likes / 2)), engagement(&post(likes)));
            for score in less.parts.into_iter().flatten().chain(less.score) {
                prop_assert!((0.0..=1.0).contains(&score));
            }
            prop_assert!(less.score <= more.score);
        }
    }
}

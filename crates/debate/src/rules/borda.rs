//! Points by place.

use super::{DecisionRule, share};
use crate::{Ballot, Election, Tally};

/// An option has as many points from a ballot as it has options below it, and half a point for each that stands equal
/// (Borda 1784, "Mémoire sur les élections au scrutin"; Dummett 1997 for equal places). Its score is its share of the
/// points that it could have. Each seat counts once.
#[derive(Debug, Clone, Copy, Default)]
pub struct Borda;

/// As [`Borda`], but a debater whose own proposal is among the options ranks only the others: its own gets nothing from
/// it, and is not counted as having been rated. An option's score is its mean share of the points that it could have,
/// over those who rate it (the normalised count without self-votes of amiable-dev/llm-council). Without
/// [`Ballot::own`](crate::Ballot::own) it is [`Borda`].
#[derive(Debug, Clone, Copy, Default)]
pub struct BordaOthers;

/// Twice the points of `option` among the options of which `counts` is true.
fn doubled_points(places: &[usize], option: usize, counts: impl Fn(usize) -> bool) -> u64 {
    let against = |(other, place): (usize, &usize)| match place.cmp(&places[option]) {
        _ if other == option || !counts(other) => 0,
        std::cmp::Ordering::Greater => 2,
        std::cmp::Ordering::Equal => 1,
        std::cmp::Ordering::Less => 0,
    };
    places.iter().enumerate().map(against).sum()
}

impl DecisionRule for Borda {
    fn decide(&self, election: Election<'_>) -> Tally {
        let n = election.options;
        let mut points = vec![0_u64; n];
        for ballot in election.ballots {
            let places = ballot.places(n);
            for (option, points) in points.iter_mut().enumerate() {
                *points += doubled_points(&places, option, |_| true);
            }
        }
        let most = 2 * (n as u64).saturating_sub(1) * election.ballots.len() as u64;
        Tally::by_score(points.into_iter().map(|points| share(points, most)).collect())
    }
}

impl DecisionRule for BordaOthers {
    fn decide(&self, election: Election<'_>) -> Tally {
        let n = election.options;
        // Twice the points and the ballots of those who rate all options, and of those who rate all but their own: each
        // kind is summed in whole numbers, so that the order of the ballots does not matter.
        let mut sums = vec![[(0_u64, 0_u64); 2]; n];
        for ballot in election.ballots {
            let own = own(ballot, n);
            let places = ballot.places(n);
            for (option, sums) in sums.iter_mut().enumerate().filter(|(option, _)| Some(*option) != own) {
                let (points, ballots) = &mut sums[usize::from(own.is_some())];
                *points += doubled_points(&places, option, |other| Some(other) != own);
                *ballots += 1;
            }
        }
        let score = |sums: [(u64, u64); 2]| {
            let mut total = 0.0;
            for ((points, _), rivals) in sums.into_iter().zip([n.saturating_sub(1), n.saturating_sub(2)]) {
                total += share(points, 2 * rivals as u64);
            }
            #[expect(clippy::cast_precision_loss, reason = "no panel has 2^53 seats")]
            let ballots = sums.iter().map(|(_, ballots)| ballots).sum::<u64>() as f64;
            if ballots > 0.0 { total / ballots } else { 0.0 }
        };
        Tally::by_score(sums.into_iter().map(score).collect())
    }
}

/// The option that a ballot does not rate. Of two options one is its own and the other has no rival: nothing is rated,
/// and both are counted, since its stance is all that it can say.
fn own(ballot: &Ballot, options: usize) -> Option<usize> {
    ballot.own.filter(|own| *own < options && options > 2)
}

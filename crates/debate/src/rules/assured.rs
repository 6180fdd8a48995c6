//! Whether ballots that are still out can change a decision.

use super::{
    ByTrackRecord, DecisionRule, LogarithmicPool, Majority, Recalibration, Rule, Threshold, by_weight,
    majority::votes, pairwise::Pairwise,
};
use crate::{Ballot, Election, Lead, SeatIndex};

/// A lead of no more than this part of what could be had proves nothing: rounding might have made it.
const SAFE: f64 = 1e-6;
/// With more voices out than this, who of them votes is not tried in all ways.
const MAX_TRIED: usize = 8;
/// In a larger panel the correlations of all pairs take too long to be worked out for each set of voters.
const MAX_SEATS_TRIED: usize = 32;
/// More ways to go on than this are not tried.
const MAX_WAYS: usize = 4_096;

/// A seat whose ballot is out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Voice {
    pub(crate) seat: SeatIndex,
    pub(crate) weight: f64,
    /// What it stood for in an earlier round: that stays its vote if it cannot be heard.
    pub(crate) stood: Option<usize>,
}

/// Whether the decision is the same whatever those do who are out: each may cast any ballot, keep the one it has, or have
/// none. `election` holds the ballots of the others alone. A `false` says nothing: not every lead that nobody can catch up
/// with is seen. [`StopRule::UnassailableLead`](crate::StopRule::UnassailableLead) says what is proved for which rule.
pub(crate) fn is_assured(rule: Rule, election: Election<'_>, out: &[Voice]) -> bool {
    let weigh = |swing: f64| sum_is_assured(rule, election, out.iter().map(|voice| voice.weight * swing));
    match rule {
        // Whose ballots are not all of one kind: a mean over those who rate an option is no sum.
        Rule::BordaOthers if election.ballots.iter().any(|ballot| ballot.own.is_some()) => false,
        Rule::Plurality
        | Rule::Approval
        | Rule::Borda
        | Rule::BordaOthers
        | Rule::Cumulative
        | Rule::Score => sum_is_assured(rule, election, out.iter().map(|_| 1.0)),
        Rule::ConfidenceWeighted | Rule::LinearPool => weigh(1.0),
        Rule::RecalibratedConfidence => {
            let certainty = |table: &Recalibration| table.worth(1.0);
            weigh(election.recalibration.map_or_else(|| certainty(&Recalibration::reconcile()), certainty))
        }
        Rule::LogPool => weigh(-libm::log(LogarithmicPool::FLOOR)),
        Rule::Majority | Rule::Supermajority { .. } | Rule::Unanimity | Rule::Hybrid(_) => {
            share_is_assured(rule, election, out.len())
        }
        Rule::TrackRecord if election.record.is_none() => weigh(1.0),
        Rule::TrackRecord => is_assured_by_record(election, out),
        Rule::Runoff => has_half_of_the_first_places(election, out.len()),
        Rule::Copeland => wins_the_most_duels(election, out.len()),
        Rule::Schulze | Rule::Kemeny => wins_all_duels(election, out.len()),
        Rule::Trajectory => is_the_end_of_all_ways(election, out),
        // The judge has not been heard.
        Rule::Judge => false,
    }
}

/// For rules in which each ballot gives points to each option and the most points lead. `swings` are the most by which
/// each ballot that is out can bring an option nearer to another one.
fn sum_is_assured(rule: Rule, election: Election<'_>, swings: impl Iterator<Item = f64>) -> bool {
    let options = election.options;
    let mut points = vec![0.0; options];
    let mut scale = 0.0;
    for ballot in election.ballots {
        // What the ballot gives is what it would come to alone, but for the weight that a pool divides by.
        let alone = rule.decide(Election { ballots: std::slice::from_ref(ballot), ..election }).scores;
        let (by, of_logarithms) = match rule {
            Rule::LinearPool => (ballot.weight, false),
            Rule::LogPool => (ballot.weight, true),
            _ => (1.0, false),
        };
        if by <= 0.0 {
            continue;
        }
        let given = alone.iter().map(|score| if of_logarithms { libm::log(*score) } else { *score });
        for (points, given) in points.iter_mut().zip(given) {
            *points += by * given;
            scale += (by * given).abs();
        }
    }
    let swing: f64 = swings.sum();
    let needed = (scale + swing).mul_add(SAFE, swing);
    ahead_of_all(&points, |one, other| one - other > needed).is_some()
}

/// The option that is so far ahead of each other one.
fn ahead_of_all(points: &[f64], is_far: impl Fn(f64, f64) -> bool) -> Option<usize> {
    (0..points.len()).find(|&one| {
        let others = points.iter().enumerate().filter(|(other, _)| *other != one);
        others.into_iter().all(|(_, other)| is_far(points[one], *other))
    })
}

/// The votes that an option needs of so many, where a share of them decides.
fn needed(rule: Rule, rounds: Option<u32>, cast: usize) -> usize {
    let of = |share: fn(u32) -> u32| u32::try_from(cast).map_or(cast, |cast| share(cast) as usize);
    let at_least =
        |threshold: Threshold| u32::try_from(cast).map_or(cast, |cast| threshold.of(cast) as usize);
    match rule {
        Rule::Majority => of(Majority::needed),
        Rule::Supermajority { threshold } => at_least(threshold),
        Rule::Hybrid(hybrid) => hybrid.share(rounds, cast).map_or(cast, at_least),
        _ => cast,
    }
}

/// Where a share of the votes decides, it is more than a half. Then it does not matter for which rivals the others vote, only
/// how many of them do: an option has it in any case, or none has it in any case.
fn share_is_assured(rule: Rule, election: Election<'_>, out: usize) -> bool {
    let cast = election.ballots.len();
    let most = votes(election).into_iter().max().map_or(0, |most| most as usize);
    let needs = |voting: usize| needed(rule, election.rounds, cast + voting);
    let is_elected = || most > 0 && (0..=out).all(|against| most >= needs(against));
    let is_out_of_reach = || (0..=out).all(|in_favour| most + in_favour < needs(in_favour));
    is_elected() || is_out_of_reach()
}

/// What a voice weighs depends on who else votes, so that all sets of voters are tried; among the same voters a vote never
/// harms whom it is for.
fn is_assured_by_record(election: Election<'_>, out: &[Voice]) -> bool {
    if out.len() > MAX_TRIED || election.ballots.len() + out.len() > MAX_SEATS_TRIED {
        return false;
    }
    let mut leader = None;
    (0_usize..1 << out.len()).all(|set| {
        let voting = (0..out.len()).filter(|place| set & (1 << place) != 0).map(|place| out[place]);
        let vote = |voice: Voice| Ballot { weight: voice.weight, ..Ballot::new(voice.seat, 0) };
        let ballots: Vec<Ballot> = election.ballots.iter().cloned().chain(voting.map(vote)).collect();
        let weights = ByTrackRecord::weights(Election { ballots: &ballots, ..election });
        let (cast, swing) = weights.split_at(election.ballots.len());
        let points = by_weight(election, cast).scores;
        let swing: f64 = swing.iter().sum();
        let needed = weights.iter().sum::<f64>().mul_add(SAFE, swing);
        let ahead = ahead_of_all(&points, |one, other| one - other > needed);
        // With other voters another option may lead.
        ahead.is_some() && *leader.get_or_insert(ahead) == ahead
    })
}

/// What more than half of all put first alone wins the first count, and with it the runoff.
fn has_half_of_the_first_places(election: Election<'_>, out: usize) -> bool {
    let mut first = vec![0; election.options];
    for ballot in election.ballots {
        let places = ballot.places(election.options);
        let best = places.iter().copied().min();
        let mut leading = (0..places.len()).filter(|option| Some(places[*option]) == best);
        if let (Some(option), None) = (leading.next(), leading.next()) {
            first[option] += 1;
        }
    }
    first.into_iter().any(|first| 2 * first > election.ballots.len() + out)
}

/// By how many ballots `one` is preferred to `other`.
fn margin(duels: &Pairwise, one: usize, other: usize) -> i64 {
    i64::from(duels.prefer(one, other)) - i64::from(duels.prefer(other, one))
}

/// What wins all its duels leads alone by the rules that are said to be consistent with Condorcet.
fn wins_all_duels(election: Election<'_>, out: usize) -> bool {
    let (duels, out) = (Pairwise::of(election), i64::try_from(out).unwrap_or(i64::MAX));
    (0..election.options).any(|one| duels.others(one).all(|other| margin(&duels, one, other) > out))
}

/// Whether an option wins more duels, each as bad for it as can be, than any other, each as good as can be.
fn wins_the_most_duels(election: Election<'_>, out: usize) -> bool {
    let (duels, out) = (Pairwise::of(election), i64::try_from(out).unwrap_or(i64::MAX));
    let half_points = |margin: i64| 1 + margin.signum();
    (0..election.options).any(|one| {
        let least: i64 = duels.others(one).map(|other| half_points(margin(&duels, one, other) - out)).sum();
        duels.others(one).all(|rival| {
            let most: i64 = duels
                .others(rival)
                .map(|other| half_points(margin(&duels, rival, other).saturating_add(out)))
                .sum();
            least > most
        })
    })
}

/// A trajectory counts stances alone, so that all ways to go on can be tried, if they are few: each voice takes a stance, or
/// keeps its vote in silence, or withdraws it.
fn is_the_end_of_all_ways(election: Election<'_>, out: &[Voice]) -> bool {
    let (options, rule) = (election.options, Rule::Trajectory);
    let choices = options + 2;
    let ways = u32::try_from(out.len()).ok().and_then(|out| choices.checked_pow(out));
    let Some(ways) = ways.filter(|ways| *ways <= MAX_WAYS) else { return false };
    let mut common = None;
    for way in 0..ways {
        let mut history = election.history.to_vec();
        let mut ballots = election.ballots.to_vec();
        let mut rest = way;
        for voice in out {
            let choice = rest % choices;
            rest /= choices;
            let says = (choice < options).then_some(choice);
            if let Some(present) = history.last_mut().and_then(|round| round.get_mut(voice.seat.get())) {
                *present = says;
            }
            let keeps = voice.stood.filter(|_| choice == options);
            ballots.extend(says.or(keeps).map(|stance| Ballot::new(voice.seat, stance)));
        }
        ballots.sort_by_key(|ballot| ballot.seat);
        match rule.decide(Election { ballots: &ballots, history: &history, ..election }).lead {
            Lead::One(one) if common.is_none_or(|common| common == one) => common = Some(one),
            _ => return false,
        }
    }
    common.is_some()
}

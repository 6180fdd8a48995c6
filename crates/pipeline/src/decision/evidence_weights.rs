//! Which evidence speaks for a decision and which against it, and how much.

use std::collections::{BTreeMap, BTreeSet};

use assize_analysts::DIRECTION_OPTIONS;
use assize_debate::{Evidence, Verdict, Vote};
use serde::Serialize;

/// A piece of evidence that somebody cites, and how much that counts.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WeighedEvidence {
    /// Its id.
    pub id: String,
    /// What sort of thing it is, such as `daily-bar`.
    pub kind: String,
    /// Its share of the weight of all that is cited, on both sides.
    pub share: f64,
    /// Who cites it.
    pub cited_by: Vec<String>,
}

/// Both sides of the evidence.
///
/// Each voice has what its vote counts for, times how far it leans: twice the distance of its probability from one half,
/// or else how sure it is, or else 1. That is spread evenly over the different pieces of evidence that its reasons cite;
/// what is not there, and voices that cite nothing, count for nothing. All shares add up to 1.
pub(super) struct Sides<'a> {
    pub(super) for_it: Vec<WeighedEvidence>,
    pub(super) against: Vec<WeighedEvidence>,
    pub(super) share_for: f64,
    pub(super) share_against: f64,
    /// All that is cited on either side, by its id.
    pub(super) cited: BTreeMap<&'a str, &'a Evidence>,
}

/// By id: the weight, and who cites it.
type Weighed<'a> = BTreeMap<&'a str, (f64, BTreeSet<&'a str>)>;

impl<'a> Sides<'a> {
    /// The sides for and against a rise, or a fall.
    pub(super) fn of(verdict: &'a Verdict, evidence: &'a [Evidence], rise: bool) -> Self {
        let known: BTreeMap<&str, &Evidence> =
            evidence.iter().map(|evidence| (evidence.id.as_str(), evidence)).collect();
        let side = if rise { DIRECTION_OPTIONS[0] } else { DIRECTION_OPTIONS[1] };
        let (mut ours, mut theirs): (Weighed<'a>, Weighed<'a>) = Default::default();
        let mut cited = BTreeMap::new();
        for vote in &verdict.votes {
            let reasons =
                verdict.reasons.iter().chain(&verdict.dissent).filter(|reason| reason.seat == vote.seat);
            let ids: BTreeSet<&str> = reasons
                .flat_map(|reason| reason.cites.iter().map(assize_debate::EvidenceId::as_str))
                .filter(|id| known.contains_key(id))
                .collect();
            let each = strength(vote, verdict) / count(ids.len());
            let weighed = if vote.option == side { &mut ours } else { &mut theirs };
            for id in ids {
                cited.insert(id, known[id]);
                let (weight, by) = weighed.entry(id).or_default();
                *weight += each;
                by.insert(&vote.name);
            }
        }
        let sum = |weighed: &Weighed<'_>| weighed.values().fold(0.0, |sum, (weight, _)| sum + weight);
        let (for_it, against) = (sum(&ours), sum(&theirs));
        let total = for_it + against;
        let share = |weight: f64| if total > 0.0 { rounded(weight / total) } else { 0.0 };
        let listed = |weighed: Weighed<'_>| {
            let listed = weighed.into_iter().map(|(id, (weight, by))| WeighedEvidence {
                id: id.to_owned(),
                kind: known[id].kind.clone(),
                share: share(weight),
                cited_by: by.into_iter().map(str::to_owned).collect(),
            });
            let mut listed: Vec<WeighedEvidence> = listed.collect();
            listed.sort_by(|a, b| b.share.total_cmp(&a.share).then_with(|| a.id.cmp(&b.id)));
            listed
        };
        Self {
            for_it: listed(ours),
            against: listed(theirs),
            share_for: share(for_it),
            share_against: share(against),
            cited,
        }
    }
}

/// What a vote counts for, times how far it leans.
fn strength(vote: &Vote, verdict: &Verdict) -> f64 {
    let stated = vote.probabilities.as_ref().and_then(|stated| {
        let place = verdict.options.iter().position(|option| *option == vote.option)?;
        Some(2.0 * (stated.get(place)? - 0.5))
    });
    let lean = stated.or(vote.confidence).unwrap_or(1.0).clamp(0.0, 1.0);
    let strength = vote.counts.unwrap_or(vote.weight) * lean;
    if strength.is_finite() { strength.max(0.0) } else { 0.0 }
}

/// Six digits are enough for a share.
fn rounded(share: f64) -> f64 {
    (share * 1e6).round() / 1e6
}

#[expect(clippy::cast_precision_loss, reason = "a debate has far fewer pieces of evidence")]
fn count(n: usize) -> f64 {
    n.max(1) as f64
}

//! What the others' reasons add to one's own.

use std::collections::BTreeSet;

use assize_debate::{EvidenceId, Reason, Turn};

use crate::{BENCHMARK, DAILY_BAR, benchmark::Aim};

/// How much of the weight of another's reason counts: half. All analysts judge the same stock, so that their reasons are
/// not independent; a declared assumption, not an estimate.
pub const HEARSAY_DISCOUNT: f64 = 0.5;

/// However sure another is, its reason counts for at most one nat: odds of e to 1.
const MOST_BELIEVED: f64 = 1.0;

/// What the others' reasons add.
pub(crate) struct Heard {
    pub(crate) weight: f64,
    pub(crate) reason: Reason,
}

/// Takes in the reasons of others as far as they rest on evidence that is there and not used already. What a peer itself
/// took from others carries no weight of its own, so that nothing is counted twice. `sign` turns a weight for the first
/// option into one for a rise.
pub(crate) fn heard(turn: &Turn, own: &[Reason], sign: f64, aim: Aim<'_>) -> Option<Heard> {
    let visible: BTreeSet<&EvidenceId> = turn.evidence().map(|evidence| &evidence.id).collect();
    let mut used: BTreeSet<&EvidenceId> = own.iter().flat_map(|reason| &reason.cites).collect();
    let (mut weight, mut count, mut cites) = (0.0, 0, BTreeSet::new());
    // By content, not in the order shown, which is shuffled: the same words are heard the same way.
    let mut reasons: Vec<&Reason> = turn.peers().iter().flat_map(|peer| &peer.utterance.reasons).collect();
    reasons.sort_by(|a, b| a.text.cmp(&b.text));
    for reason in reasons {
        let (Some(stated), false) = (reason.weight, reason.cites.is_empty()) else { continue };
        let new: Vec<&EvidenceId> =
            reason.cites.iter().filter(|id| visible.contains(id) && !used.contains(id)).collect();
        if new.is_empty() {
            continue;
        }
        #[expect(clippy::cast_precision_loss, reason = "a few citations")]
        let novelty = new.len() as f64 / reason.cites.len() as f64;
        weight += HEARSAY_DISCOUNT * novelty * sign * stated.clamp(-MOST_BELIEVED, MOST_BELIEVED);
        count += 1;
        used.extend(&new);
        cites.extend(new.into_iter().take(MOST_CITED - cites.len().min(MOST_CITED)).cloned());
    }
    (count > 0).then(|| {
        let is_bar = |id| {
            let kinds = [DAILY_BAR, BENCHMARK];
            turn.evidence().any(|evidence| &evidence.id == id && kinds.contains(&evidence.kind.as_str()))
        };
        let what = if cites.iter().all(is_bar) { "bars" } else { "evidence" };
        let text =
            format!("heard {count} reason(s) of others on {what} that it had not used itself, {weight:+.3} nats for {aim}");
        Heard { weight, reason: Reason { text, cites: cites.into_iter().collect(), weight: None } }
    })
}

/// So many citations are repeated, at most; a reason may not have many more.
const MOST_CITED: usize = 400;

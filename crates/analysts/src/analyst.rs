//! An analyst: a rule in a debater's seat.

use std::{collections::BTreeSet, sync::Arc};

use assize_debate::{AbstainReason, Abstention, Debater, EvidenceId, Reason, Speech, Turn, Utterance};

use crate::{Bar, DIRECTION_OPTIONS, PriceRule, TrackRecord, read_bars};

/// How much of the weight of another's reason counts: half. All analysts read prices of the same stock, so that their
/// reasons are not independent; a declared assumption, not an estimate.
pub const HEARSAY_DISCOUNT: f64 = 0.5;

/// However sure another is, its reason counts for at most one nat: odds of e to 1.
const MOST_BELIEVED: f64 = 1.0;

/// Smaller weights than this, in nats, are no opinion.
const NO_OPINION: f64 = 1e-6;

/// Argues by one [`PriceRule`] whether a price will be higher after a number of sessions.
///
/// ```
/// use std::sync::Arc;
/// use assize_analysts::{Analyst, Momentum};
/// use assize_debate::{Debater, Driver, Seat, Spec};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let analyst: Arc<dyn Debater> = Arc::new(Analyst::new(Momentum, 20));
/// let spec = Spec::new("Will it rise?", ["up", "down"]).with_seat(Seat::new("momentum", "analyst:momentum"));
/// let verdict = Driver::new(spec, vec![analyst])?.run().await?.verdict;
/// assert_eq!(verdict.decision(), None, "without bars it abstains");
/// # Ok::<(), assize_debate::Error>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct Analyst {
    rule: Arc<dyn PriceRule>,
    horizon: usize,
}

impl Analyst {
    /// An analyst that looks `horizon` sessions ahead.
    #[must_use]
    pub fn new(rule: impl PriceRule, horizon: usize) -> Self {
        Self { rule: Arc::new(rule), horizon }
    }

    fn answer(&self, turn: &Turn) -> Result<Utterance, Abstention> {
        let position = |wanted: &str| turn.options().iter().position(|option| option == wanted);
        let (Some(up), Some(down), 2) =
            (position(DIRECTION_OPTIONS[0]), position(DIRECTION_OPTIONS[1]), turn.options().len())
        else {
            let detail = format!("it can only answer a question whose options are {DIRECTION_OPTIONS:?}");
            return Err(Abstention::new(AbstainReason::NoEvidence, detail));
        };
        let bars = read_bars(turn.evidence())
            .map_err(|mixed| Abstention::new(AbstainReason::NoEvidence, mixed.to_string()))?;
        let own = self.own_reason(&bars);
        // Reasons state their weight for the first option; here all weights are for a rise.
        let sign = if up == 0 { 1.0 } else { -1.0 };
        let heard = heard(turn, own.as_ref().ok(), sign);
        let mut weight = heard.as_ref().map_or(0.0, |heard| heard.weight);
        let mut reasons = Vec::new();
        match own {
            Ok(mut reason) => {
                weight += reason.weight.unwrap_or(0.0);
                reason.weight = reason.weight.map(|weight| sign * weight);
                reasons.push(reason);
            }
            // Without a reading of its own it has nothing to add to what the others said.
            Err(silent) => return Err(silent),
        }
        reasons.extend(heard.map(|heard| heard.reason));
        if weight.abs() < NO_OPINION {
            return Err(Abstention::new(AbstainReason::Undecided, "what it read and heard cancels out"));
        }
        let p = 1.0 / (1.0 + libm::exp(-weight));
        let mut probabilities = [0.0; 2];
        probabilities[up] = p;
        probabilities[down] = 1.0 - p;
        let mut utterance =
            Utterance::new(if weight > 0.0 { up } else { down }).with_probabilities(probabilities);
        utterance.reasons = reasons;
        Ok(utterance)
    }

    /// What it reads itself.
    fn own_reason(&self, bars: &[Bar]) -> Result<Reason, Abstention> {
        let needed = self.rule.bars_needed();
        if bars.len() < needed {
            let detail = format!("it needs {needed} daily bars, and there are {}", bars.len());
            return Err(Abstention::new(AbstainReason::NoEvidence, detail));
        }
        let Some(reading) = self.rule.read(bars) else {
            let last = bars.last().map(|bar| bar.date.to_string()).unwrap_or_default();
            let detail = format!("its rule has no call on the bars up to {last}");
            return Err(Abstention::new(AbstainReason::Undecided, detail));
        };
        let record = TrackRecord::of(&*self.rule, bars, self.horizon);
        let weight = record.weight_of(reading.signal);
        let kept = format!(
            "on this ticker it was right in {} of {} calls over {} sessions",
            record.hits(),
            record.calls(),
            self.horizon
        );
        if weight.abs() < NO_OPINION {
            let detail =
                format!("{}; {kept}: its calls tell a rise from a fall no better than a coin", reading.text);
            return Err(Abstention::new(AbstainReason::Undecided, detail));
        }
        let cites = reading.rests_on.iter().map(|&index| bars[index].id.clone()).collect();
        let text = format!("{}; {kept}: {weight:+.3} nats for a rise", reading.text);
        Ok(Reason { text, cites, weight: Some(weight) })
    }
}

impl Debater for Analyst {
    fn speak(&self, turn: Turn) -> Speech {
        Speech::immediate(self.answer(&turn))
    }
}

/// What the others' reasons add.
struct Heard {
    weight: f64,
    reason: Reason,
}

/// Takes in the reasons of others as far as they rest on evidence that is there and not used already. What a peer itself
/// took from others carries no weight of its own, so that nothing is counted twice. `sign` turns a weight for the first
/// option into one for a rise.
fn heard(turn: &Turn, own: Option<&Reason>, sign: f64) -> Option<Heard> {
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
        cites.extend(new.into_iter().cloned());
    }
    (count > 0).then(|| {
        let text = format!("heard {count} reason(s) of others on bars that it had not used itself, {weight:+.3} nats for a rise");
        Heard { weight, reason: Reason { text, cites: cites.into_iter().collect(), weight: None } }
    })
}

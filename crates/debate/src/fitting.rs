//! What is left out of a prompt that is too long for its model.

use serde::{Deserialize, Serialize};

use crate::{
    Docket, Minutes, Turn,
    counts::{Counts, REASON_CAPS},
    prompt,
};

/// What was left out of a prompt, since the whole would not have fitted its model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Shortened {
    /// Statements of earlier rounds, the oldest.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub remarks: u32,
    /// Lines of the summary, the last.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub summary: u32,
    /// The characters at which the reasons of others were cut; 0: they were left out. `None`: none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasons: Option<u32>,
    /// Pieces of evidence.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub evidence: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference to the field")]
const fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// What a prompt shows of what it could.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Cut {
    /// How many statements of earlier rounds are left out, the oldest first.
    pub(crate) remarks: usize,
    /// How many lines of the summary are left out, the last first.
    pub(crate) lines: usize,
    /// The number of the [cap](REASON_CAPS) on reasons.
    pub(crate) cap: usize,
    /// The pieces of evidence that are left out, by index, in order.
    pub(crate) evidence: Vec<u32>,
}

impl Cut {
    /// How many characters of a reason are shown.
    pub(crate) const fn characters(&self) -> usize {
        REASON_CAPS[self.cap]
    }

    pub(crate) fn leaves_out(&self, evidence: u32) -> bool {
        self.evidence.binary_search(&evidence).is_ok()
    }

    /// What is to be told of it, if anything is left out.
    pub(crate) fn told(&self) -> Option<Shortened> {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let told = Shortened {
            remarks: number(self.remarks),
            summary: number(self.lines),
            reasons: (self.cap > 0).then(|| number(self.characters())),
            evidence: number(self.evidence.len()),
        };
        (told != Shortened::default()).then_some(told)
    }
}

/// What is left out, and the most tokens that the rest takes.
pub(crate) type Fitted = (Cut, u64);

/// That not even what must be shown fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLong {
    /// The tokens of what must be shown.
    pub(crate) least: u64,
}

/// What may lie between the counts of the parts and that of the whole, for each part.
const SEAM: u64 = 3;
/// No tokeniser that is known here is farther off than this from the estimate, in English, code and JSON: the bound that
/// the estimator itself states.
const MORE_PER_MILLE: u64 = 300;
/// What a vendor may add to each text.
pub(crate) const MARGIN: u64 = 16;
/// A prompt is two texts: the system's and the user's.
const TEXTS: u64 = 2;

/// The most tokens that texts can take which are estimated at so many.
pub(crate) const fn at_most(estimated: u64, texts: u64) -> u64 {
    estimated
        .saturating_add(estimated.saturating_mul(MORE_PER_MILLE).div_ceil(1_000))
        .saturating_add(texts * MARGIN)
}

/// What could be shown, with what it takes, in the order in which it is left out.
struct Parts<'a> {
    counts: &'a Counts,
    /// What must be shown.
    pinned: u64,
    /// The oldest first.
    remarks: Vec<u64>,
    /// The last first.
    lines: Vec<u64>,
    /// What the others say, by cap.
    said: &'a dyn Fn(usize) -> u64,
    /// The least relevant first.
    evidence: Vec<(u32, u64)>,
}

impl<'a> Parts<'a> {
    /// What stands around all parts, and these texts.
    fn around(counts: &'a Counts, label: &str, texts: &[&str]) -> Self {
        let parts = Self {
            counts,
            pinned: 0,
            remarks: Vec::new(),
            lines: Vec::new(),
            said: &|_| 0,
            evidence: Vec::new(),
        };
        let frame = parts.text(prompt::FRAME) + 2 * parts.fence(label);
        Self { pinned: frame + texts.iter().map(|text| parts.text(text)).sum::<u64>(), ..parts }
    }

    fn text(&self, text: &str) -> u64 {
        u64::from(self.counts.text(text)) + SEAM
    }

    /// What a fence takes around a text.
    fn fence(&self, label: &str) -> u64 {
        self.text(&prompt::empty_fence(label))
    }

    /// Evidence that nobody has cited is left out first, and what has been known for longest.
    fn with_evidence(mut self, visible: &[u32], shared: &[bool], spec: &crate::Spec, label: &str) -> Self {
        let mut order: Vec<u32> = visible.to_vec();
        order.sort_by_key(|&index| {
            let at = index as usize;
            (
                shared.get(at).copied().unwrap_or_default(),
                spec.evidence.get(at).map(|one| one.available_at),
                index,
            )
        });
        let fence = self.fence(label);
        let sized = |index| (index, u64::from(self.counts.evidence(index)) + SEAM + fence);
        self.evidence = order.into_iter().map(sized).collect();
        self
    }

    /// Leaves out as little as possible, in the order of the parts, until the rest takes at most `room`.
    fn fit(self, room: u64) -> Result<Fitted, TooLong> {
        let mut cut = Cut::default();
        let mut said = (self.said)(0);
        let mut taken = self.pinned + said;
        taken += self.remarks.iter().chain(&self.lines).sum::<u64>();
        taken += self.evidence.iter().map(|(_, tokens)| tokens).sum::<u64>();
        let fits = |taken: u64| at_most(taken, TEXTS) <= room;
        for (parts, left_out) in [(&self.remarks, &mut cut.remarks), (&self.lines, &mut cut.lines)] {
            for tokens in parts {
                if fits(taken) {
                    break;
                }
                taken -= tokens;
                *left_out += 1;
            }
        }
        while !fits(taken) && cut.cap + 1 < REASON_CAPS.len() {
            cut.cap += 1;
            taken -= said;
            said = (self.said)(cut.cap);
            taken += said;
        }
        for (index, tokens) in &self.evidence {
            if fits(taken) {
                break;
            }
            taken -= tokens;
            cut.evidence.push(*index);
        }
        cut.evidence.sort_unstable();
        let taken = at_most(taken, TEXTS);
        if taken <= room { Ok((cut, taken)) } else { Err(TooLong { least: taken }) }
    }
}

/// What a debater's prompt leaves out, so that it takes at most `room` tokens.
///
/// The system prompt, the question, the options and what the reader itself said last always stay. What goes first: the
/// oldest remarks of the window, then lines of the summary, then the longest reasons of the others, then evidence, whole
/// pieces of it, first what nobody has cited.
pub(crate) fn of_turn(turn: &Turn, system: &str, room: u64) -> Result<Fitted, TooLong> {
    let (counts, label) = (&*turn.counts, &*turn.frame.fence);
    let mut parts = Parts::around(counts, label, &[system, turn.question()]);
    let fence = parts.fence(label);
    let said = |at, cap, utterance| u64::from(counts.statement(at, cap, utterance)) + SEAM + fence;
    let others = |cap| turn.peers.iter().map(|peer| said(peer.at, cap, &peer.utterance)).sum();
    parts.said = &others;
    if let Some((own, _)) = &turn.own {
        parts.pinned += said(turn.own_at, 0, own);
    }
    parts.remarks = turn.history.remarks.iter().map(|remark| said(remark.at, 0, &remark.utterance)).collect();
    parts.lines = turn.history.summary.iter().rev().map(|line| parts.text(line)).collect();
    parts.with_evidence(&turn.view.evidence, &turn.shared, &turn.spec, label).fit(room)
}

/// What a judge's prompt leaves out.
pub(crate) fn of_docket(docket: &Docket, systems: [&str; 2], room: u64) -> Result<Fitted, TooLong> {
    let (counts, label) = (&*docket.counts, &*docket.fence);
    // It is asked in both orders: the longer one counts.
    let longer = if counts.text(systems[0]) < counts.text(systems[1]) { systems[1] } else { systems[0] };
    let mut parts = Parts::around(counts, label, &[longer, docket.question()]);
    let fence = parts.fence(label);
    let said = |at, cap, utterance| u64::from(counts.statement(at, cap, utterance)) + SEAM + fence;
    let debaters = |cap| docket.statements.iter().map(|peer| said(peer.at, cap, &peer.utterance)).sum();
    parts.said = &debaters;
    parts.with_evidence(&docket.view.evidence, &docket.shared, &docket.spec, label).fit(room)
}

/// What a summariser's prompt leaves out: the longest reasons are cut. What still does not fit are the oldest statements,
/// and then the last lines of the summary so far.
pub(crate) fn of_minutes(minutes: &Minutes, system: &str, room: u64) -> Result<Fitted, TooLong> {
    let (counts, label) = (&*minutes.counts, &*minutes.fence);
    let around = || Parts::around(counts, label, &[system, minutes.question()]);
    let lines = |parts: &Parts<'_>| -> Vec<u64> {
        minutes.before_lines().rev().map(|line| parts.text(&line)).collect()
    };
    let fence = around().fence(label);
    let sizes = |cap: usize| -> Vec<u64> {
        let said =
            |one: &crate::Remark| u64::from(counts.statement(one.at, cap, &one.utterance)) + SEAM + fence;
        minutes.statements.iter().map(said).collect()
    };
    for cap in 0..REASON_CAPS.len() - 1 {
        let mut parts = around();
        parts.pinned += lines(&parts).iter().chain(&sizes(cap)).sum::<u64>();
        let taken = at_most(parts.pinned, TEXTS);
        if taken <= room {
            return Ok((Cut { cap, ..Cut::default() }, taken));
        }
    }
    let cap = REASON_CAPS.len() - 2;
    let mut parts = around();
    parts.remarks = sizes(cap);
    parts.lines = lines(&parts);
    // What is summed up is the latest statement at least.
    parts.pinned += parts.remarks.pop().unwrap_or_default();
    let (cut, taken) = parts.fit(room)?;
    Ok((Cut { cap, ..cut }, taken))
}

#[cfg(test)]
mod tests;

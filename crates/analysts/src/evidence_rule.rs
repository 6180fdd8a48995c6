//! A rule over evidence of its kinds, and how its opinion becomes a probability.

use std::{collections::BTreeSet, fmt};

use assize_altdata::new_york;
use assize_ambient::Timestamp;
use assize_debate::{AbstainReason, Abstention, Evidence, EvidenceId, Reason, Turn};
use jiff::civil::Date;

use crate::benchmark::Aim;

/// A strength is declared for so many sessions ahead.
pub const USUAL_SESSIONS: f64 = 20.0;

/// One reason repeats no more citations than this; the weightiest stand first.
pub(crate) const MOST_CITED: usize = 24;

/// A rule that reads a direction from evidence of some kinds.
///
/// It looks at nothing but the evidence that it is given, and its "now" is the moment at which the newest of that became
/// known: it knows no clock, and so no future.
///
/// # From a reading to a probability
///
/// An opinion has parts; each has a signal between −2 and 2, in about standard deviations of what is usual, and a share.
/// The shares of all parts that a rule can have add up to 1. A part weighs
///
/// > strength · share · signal ÷ 2 nats for a rise,
///
/// and the probability of a rise is 1 ÷ (1 + e^−Σ). So it is monotone in each signal, never beyond the strength, and what is
/// missing leaves its share unsaid: who knows less is less sure. The strength is a declared prior, not an estimate: of the
/// size that the literature finds for such signals over a month, a few per cent more hits than misses.
pub trait EvidenceRule: fmt::Debug + Send + Sync + 'static {
    /// The rule's name, in lower case with hyphens.
    fn name(&self) -> &'static str;

    /// The kinds of evidence without which it has nothing to say.
    fn kinds(&self) -> &'static [&'static str];

    /// The most that it says, in nats, over 20 sessions.
    fn most_nats(&self) -> f64;

    /// How that changes with the horizon.
    fn pace(&self) -> Pace;

    /// Whether what it reads moves all shares alike, so that it says nothing about which of two returns more. What the others
    /// read was found by comparing shares with one another (the literature is named at each), and holds for that question, too.
    fn is_of_all_shares(&self) -> bool {
        false
    }

    /// What it reads.
    ///
    /// # Errors
    /// When it holds too little, or too little that speaks: why, with the threshold.
    fn read(&self, held: &Held<'_>) -> Result<Opinion, Abstention>;
}

/// How a signal's strength changes with the horizon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// It works over years: its edge grows with the time, the noise with the time's root. √(sessions ÷ 20), at most 3.
    Slow,
    /// It has worked within about 20 sessions, and from then on only the noise grows: √(20 ÷ sessions) beyond, and
    /// √(sessions ÷ 20) before.
    Fast,
}

impl Pace {
    /// What a strength is multiplied by, `sessions` ahead.
    ///
    /// ```
    /// use assize_analysts::Pace;
    ///
    /// assert_eq!((Pace::Slow.at(20), Pace::Fast.at(20)), (1.0, 1.0));
    /// assert_eq!((Pace::Slow.at(80), Pace::Fast.at(80)), (2.0, 0.5));
    /// assert_eq!((Pace::Slow.at(5), Pace::Fast.at(5)), (0.5, 0.5));
    /// ```
    #[must_use]
    pub fn at(self, sessions: usize) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "sessions, not astronomy")]
        let root = (sessions.max(1) as f64 / USUAL_SESSIONS).sqrt();
        match self {
            Self::Slow => root.min(3.0),
            Self::Fast => root.min(1.0 / root),
        }
    }
}

/// What a rule reads: the evidence that is visible to it.
#[derive(Debug, Clone)]
pub struct Held<'a> {
    evidence: Vec<&'a Evidence>,
    now: Timestamp,
    horizon: usize,
}

impl<'a> Held<'a> {
    /// This evidence, for a question about the price `horizon` sessions ahead.
    #[must_use]
    pub fn new(evidence: impl IntoIterator<Item = &'a Evidence>, horizon: usize) -> Self {
        let evidence: Vec<&Evidence> = evidence.into_iter().collect();
        let now =
            evidence.iter().map(|evidence| evidence.available_at).max().unwrap_or(Timestamp::UNIX_EPOCH);
        Self { evidence, now, horizon }
    }

    /// The evidence of a kind, in the order given.
    pub fn of<'k>(&self, kind: &'k str) -> impl Iterator<Item = &'a Evidence> + use<'_, 'a, 'k> {
        self.evidence.iter().copied().filter(move |evidence| evidence.kind == kind)
    }

    /// The moment at which the newest evidence of any kind became known.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// The date in New York at [`now`](Self::now).
    #[must_use]
    pub fn today(&self) -> Date {
        new_york::date(self.now)
    }

    /// How many sessions ahead the question looks.
    #[must_use]
    pub const fn horizon(&self) -> usize {
        self.horizon
    }

    /// Hours from when something became known to now.
    pub(crate) fn hours_since(&self, moment: Timestamp) -> f64 {
        self.now.duration_since(moment).as_secs_f64() / 3_600.0
    }
}

/// Days from one date to another; negative if it is earlier.
pub(crate) fn days_between(from: Date, to: Date) -> i32 {
    (to - from).get_days()
}

/// What a rule reads from its evidence.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Opinion {
    /// What speaks for a rise or a fall.
    pub parts: Vec<Part>,
    /// What was seen beside that, and has no direction.
    pub notes: Vec<Note>,
}

/// One thing that speaks for a rise or a fall.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// How much of the rule's strength it can have; those of all parts that a rule can have add up to 1.
    pub share: f64,
    /// How strongly it speaks for a rise (positive) or a fall (negative), −2 to 2.
    pub signal: f64,
    /// The same in words, with its figures and dates.
    pub text: String,
    /// What it rests on.
    pub cites: Vec<EvidenceId>,
}

/// Something without a direction.
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    /// What was seen.
    pub text: String,
    /// What it rests on.
    pub cites: Vec<EvidenceId>,
}

impl Opinion {
    /// The part is told what it rests on, the weightiest first; a part that rests on nothing is none.
    pub(crate) fn push(&mut self, share: f64, signal: f64, text: String, mut cites: Vec<EvidenceId>) {
        let mut seen = BTreeSet::new();
        cites.retain(|id| seen.insert(id.clone()));
        cites.truncate(MOST_CITED);
        if signal.is_finite() && !cites.is_empty() {
            self.parts.push(Part { share, signal: signal.clamp(-2.0, 2.0), text, cites });
        }
    }

    pub(crate) fn note(&mut self, text: String, mut cites: Vec<EvidenceId>) {
        cites.truncate(MOST_CITED);
        self.notes.push(Note { text, cites });
    }

    /// The opinion, if it has so many parts.
    pub(crate) fn with_at_least(self, parts: usize, of: &str) -> Result<Self, Abstention> {
        if self.parts.len() >= parts {
            return Ok(self);
        }
        let had: Vec<&str> = self.parts.iter().map(|part| part.text.as_str()).collect();
        let had = if had.is_empty() { String::new() } else { format!(" ({})", had.join("; ")) };
        let detail = format!("it needs {parts} of {of}, and has {}{had}", self.parts.len());
        Err(Abstention::new(AbstainReason::NoEvidence, detail))
    }

    /// The weight of a part for a rise, in nats, of a rule that says at most `most` nats.
    pub(crate) fn weight_of(part: &Part, most: f64) -> f64 {
        most * part.share.clamp(0.0, 1.0) * part.signal.clamp(-2.0, 2.0) / 2.0
    }
}

/// A figure's distance from what is usual, in its usual spread, bent so that it never passes ±2: 2 tanh(z ÷ 2), which is z
/// where z is small. 0 for what is no number.
pub(crate) fn bent(z: f64) -> f64 {
    if z.is_nan() { 0.0 } else { 2.0 * libm::tanh(z / 2.0) }
}

pub(crate) fn too_little(detail: impl Into<String>) -> Abstention {
    Abstention::new(AbstainReason::NoEvidence, detail)
}

/// The reasons of a rule for what a turn shows, with weights for a rise.
pub(crate) fn reasons(
    rule: &dyn EvidenceRule,
    horizon: usize,
    turn: &Turn,
    aim: Aim<'_>,
) -> Result<Vec<Reason>, Abstention> {
    let held = Held::new(turn.evidence(), horizon);
    let kinds = rule.kinds();
    let subjects: BTreeSet<&str> =
        kinds.iter().flat_map(|kind| held.of(kind)).map(|evidence| evidence.subject.as_str()).collect();
    if subjects.is_empty() {
        return Err(too_little(format!(
            "it reads evidence of the kind {}, and there is none",
            kinds.join(" or ")
        )));
    }
    if subjects.len() > 1 {
        let subjects: Vec<&str> = subjects.into_iter().collect();
        return Err(too_little(format!(
            "its evidence is about {}; it reads that about one",
            subjects.join(", ")
        )));
    }
    if rule.is_of_all_shares() && matches!(aim, Aim::Beat(_)) {
        let detail = format!("what it reads moves all shares alike, which says nothing about {aim}");
        return Err(Abstention::new(AbstainReason::Undecided, detail));
    }
    let opinion = rule.read(&held)?;
    let most = rule.most_nats() * rule.pace().at(horizon);
    let reason = |part: Part| {
        let weight = Opinion::weight_of(&part, most);
        Reason {
            text: format!("{}: {weight:+.3} nats for {aim}", part.text),
            cites: part.cites,
            weight: Some(weight),
        }
    };
    let mut reasons: Vec<Reason> = opinion.parts.into_iter().map(reason).collect();
    if reasons
        .iter()
        .all(|reason| reason.weight.is_none_or(|weight| weight.abs() < crate::analyst::NO_OPINION))
    {
        let read: Vec<&str> = reasons.iter().map(|reason| reason.text.as_str()).collect();
        let detail = format!("what it reads speaks for no direction: {}", read.join("; "));
        return Err(Abstention::new(AbstainReason::Undecided, detail));
    }
    let notes = opinion.notes.into_iter();
    reasons.extend(notes.map(|note| Reason { text: note.text, cites: note.cites, weight: None }));
    Ok(reasons)
}

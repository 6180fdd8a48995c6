//! What a debate is about, who sits in it, and by which rules it is held.

use std::{collections::BTreeSet, fmt, time::Duration};

use assize_ambient::Seed;
use assize_metering::Usd;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Error, ErrorKind, Evidence, Rule};

/// More rounds than this are refused: published evidence sees no gain after the third.
pub const MAX_ROUNDS: u32 = 50;
const MAX_SEATS: usize = 1_000;
const MAX_WEIGHT: f64 = 1e6;
const MAX_OPTIONS: usize = 64;
const MAX_QUESTION_BYTES: usize = 64 << 10;

/// The place of a debater in the panel, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SeatIndex(pub u16);

impl SeatIndex {
    /// As an index into the panel.
    #[must_use]
    pub const fn get(self) -> usize {
        self.0 as usize
    }
}

/// A debater's seat: who sits there and how much the voice counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seat {
    /// The debater's name, for people. Never shown to the other debaters.
    pub name: String,
    /// What speaks here, such as `analyst:momentum` or `simulated:gpt-4o`; part of the debate's identity.
    pub debater: String,
    /// How much the voice counts in weighted rules, 0 to a million.
    pub weight: f64,
}

impl Seat {
    /// A seat of weight 1.
    pub fn new(name: impl Into<String>, debater: impl Into<String>) -> Self {
        Self { name: name.into(), debater: debater.into(), weight: 1.0 }
    }

    /// The same with this weight.
    #[must_use]
    pub fn with_weight(mut self, weight: f64) -> Self {
        self.weight = weight;
        self
    }
}

/// Limits on time, in whole milliseconds. A limit that is not set does not bind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// For one turn. Who has not spoken by then abstains from the round.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "turn_ms", with = "optional_ms")]
    pub turn: Option<Duration>,
    /// For one round.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "round_ms", with = "optional_ms")]
    pub round: Option<Duration>,
    /// For the whole debate. What is there when it ends is what is judged.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "debate_ms", with = "optional_ms")]
    pub debate: Option<Duration>,
}

/// Everything that defines a debate. Two equal specifications are the same debate and have the same [`DebateId`].
///
/// ```
/// use assize_debate::{Rule, Seat, Spec};
///
/// let spec = Spec::new("Ship on Friday?", ["yes", "no"])
///     .with_seat(Seat::new("Ada", "scripted"))
///     .with_rounds(3)
///     .with_rule(Rule::Plurality);
/// assert!(spec.check().is_ok());
/// assert!(spec.with_rounds(0).check().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Spec {
    /// What is argued.
    pub question: String,
    /// The answers that can be given; at least two, all different.
    pub options: Vec<String>,
    /// The panel.
    pub seats: Vec<Seat>,
    /// What can be cited.
    pub evidence: Vec<Evidence>,
    /// The most rounds, the blind first one included: at least 1, at most [`MAX_ROUNDS`]. 1 is a vote without a debate.
    pub rounds: u32,
    /// How the ballots become a decision.
    pub rule: Rule,
    /// Limits on time.
    pub limits: Limits,
    /// The most that the debate may cost; the call that could exceed it is not made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Usd>,
    /// Where the debate's chance (the order in which peers are shown) starts.
    #[serde(with = "seed")]
    pub seed: Seed,
}

impl Spec {
    /// A debate without seats yet, by the defaults that the published evidence supports: a blind first round, at most
    /// two more, a linear pool of probabilities.
    pub fn new<T: Into<String>>(question: impl Into<String>, options: impl IntoIterator<Item = T>) -> Self {
        Self {
            question: question.into(),
            options: options.into_iter().map(Into::into).collect(),
            seats: Vec::new(),
            evidence: Vec::new(),
            rounds: 3,
            rule: Rule::LinearPool,
            limits: Limits::default(),
            budget: None,
            seed: Seed::new(0),
        }
    }

    /// The same with one more seat.
    #[must_use]
    pub fn with_seat(mut self, seat: Seat) -> Self {
        self.seats.push(seat);
        self
    }

    /// The same with this evidence.
    #[must_use]
    pub fn with_evidence(mut self, evidence: Vec<Evidence>) -> Self {
        self.evidence = evidence;
        self
    }

    /// The same with at most this many rounds.
    #[must_use]
    pub fn with_rounds(mut self, rounds: u32) -> Self {
        self.rounds = rounds;
        self
    }

    /// The same with this decision rule.
    #[must_use]
    pub fn with_rule(mut self, rule: Rule) -> Self {
        self.rule = rule;
        self
    }

    /// The same with these limits on time.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The same with this budget.
    #[must_use]
    pub fn with_budget(mut self, budget: Usd) -> Self {
        self.budget = Some(budget);
        self
    }

    /// The same with this seed.
    #[must_use]
    pub fn with_seed(mut self, seed: Seed) -> Self {
        self.seed = seed;
        self
    }

    /// The debate's name: a hash of everything that defines it.
    #[must_use]
    pub fn id(&self) -> DebateId {
        let mut hasher = blake3::Hasher::new();
        // A specification holds nothing that JSON cannot: writing to a hasher does not fail.
        let written = serde_json::to_writer(&mut hasher, self);
        debug_assert!(written.is_ok(), "a specification is always JSON");
        DebateId(format!("deb-{}", &hasher.finalize().to_hex()[..12]))
    }

    /// Whether the debate can be held.
    ///
    /// # Errors
    /// [`ErrorKind::BadSpec`] with what is wrong and what would be right.
    pub fn check(&self) -> Result<(), Error> {
        let bad =
            |message: String| Err(Error::new(ErrorKind::BadSpec, format!("hold the debate: {message}")));
        if self.question.trim().is_empty() || self.question.len() > MAX_QUESTION_BYTES {
            return bad(format!("the question must have 1 to {MAX_QUESTION_BYTES} bytes"));
        }
        if !(2..=MAX_OPTIONS).contains(&self.options.len()) {
            return bad(format!("it needs 2 to {MAX_OPTIONS} options, not {}", self.options.len()));
        }
        let distinct: BTreeSet<String> =
            self.options.iter().map(|option| option.trim().to_lowercase()).collect();
        if distinct.len() < self.options.len() || distinct.contains("") {
            return bad(format!("its options must differ and not be empty: {:?}", self.options));
        }
        self.rule.check(self.options.len())?;
        if !(1..=MAX_SEATS).contains(&self.seats.len()) {
            return bad(format!("it needs 1 to {MAX_SEATS} seats, not {}", self.seats.len()));
        }
        if let Some(seat) = self.seats.iter().find(|seat| !(0.0..=MAX_WEIGHT).contains(&seat.weight)) {
            return bad(format!(
                "the weight of seat {:?} must lie in 0 to {MAX_WEIGHT}, not {}",
                seat.name, seat.weight
            ));
        }
        if self.seats.iter().all(|seat| seat.weight <= 0.0) {
            return bad("at least one seat must weigh more than 0".to_owned());
        }
        if !(1..=MAX_ROUNDS).contains(&self.rounds) {
            return bad(format!("it needs 1 to {MAX_ROUNDS} rounds, not {}", self.rounds));
        }
        if self.budget.is_some_and(|budget| budget < Usd::ZERO) {
            return bad("its budget must not be negative".to_owned());
        }
        let Limits { turn, round, debate } = self.limits;
        if let Some(limit) = [turn, round, debate]
            .into_iter()
            .flatten()
            .find(|limit| limit.is_zero() || !limit.subsec_nanos().is_multiple_of(1_000_000))
        {
            return bad(format!(
                "a limit on time is a whole number of milliseconds, at least 1, not {limit:?}"
            ));
        }
        let mut ids = BTreeSet::new();
        for evidence in &self.evidence {
            if !evidence.id.is_plain() {
                return bad(format!(
                    "{:?} cannot be the id of evidence: it has 1 to 64 characters of A-Z a-z 0-9 . _ : -",
                    evidence.id.as_str()
                ));
            }
            if !ids.insert(&evidence.id) {
                return bad(format!("the evidence {} is there twice", evidence.id));
            }
            let holders: Vec<SeatIndex> = evidence.held_by.iter().flatten().copied().collect();
            if let Some(seat) = holders.iter().find(|seat| seat.get() >= self.seats.len()) {
                return bad(format!(
                    "the evidence {} is held by seat {}, which does not exist",
                    evidence.id, seat.0
                ));
            }
            if holders.iter().collect::<BTreeSet<_>>().len() < holders.len() {
                return bad(format!("the evidence {} names a holder twice", evidence.id));
            }
        }
        Ok(())
    }
}

/// Names a debate: `deb-` and 12 hexadecimal digits, a hash of its [`Spec`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DebateId(String);

impl DebateId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DebateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

mod optional_ms {
    use super::{Deserialize, Deserializer, Duration, Serializer};

    #[expect(clippy::ref_option, reason = "serde's `with` hands over a reference to the field")]
    pub(super) fn serialize<S: Serializer>(time: &Option<Duration>, to: S) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => to.serialize_u64(u64::try_from(time.as_millis()).unwrap_or(u64::MAX)),
            None => to.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<u64>::deserialize(from)?.map(Duration::from_millis))
    }
}

mod seed {
    use super::{Deserialize, Deserializer, Seed, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's `with` hands over a reference")]
    pub(super) fn serialize<S: Serializer>(seed: &Seed, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(seed.value())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Seed, D::Error> {
        u64::deserialize(from).map(Seed::new)
    }
}

//! What a debate is about, who sits in it, and by which rules it is held.

mod checking;
mod difference;

use std::{
    fmt,
    io::{BufWriter, Write as _},
    sync::Arc,
    time::Duration,
};

use assize_ambient::Seed;
use assize_metering::Usd;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    Evidence, JudgeSeat, Order, Persona, Recalibration, Rule, Selector, StopRule, SummariserSeat, TieBreak,
    Topology, TrackRecord, Window,
};

/// More rounds than this are refused: published evidence sees no gain after the third.
pub const MAX_ROUNDS: u32 = 50;

/// The place of a debater in the panel, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Seat {
    /// The debater's name, for people. Never shown to the other debaters.
    pub name: String,
    /// What speaks here, such as `analyst:momentum` or `simulated:gpt-4o`; part of the debate's identity.
    pub debater: String,
    /// How much the voice counts in weighted rules, 0 to a million.
    pub weight: f64,
    /// What speaks here instead, by the same names, when the other does not fit into what is left of the budget.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cheaper: Option<String>,
    /// As whom it speaks, where it is a model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persona: Option<Box<Persona>>,
}

impl Seat {
    /// A seat of weight 1.
    pub fn new(name: impl Into<String>, debater: impl Into<String>) -> Self {
        Self { name: name.into(), debater: debater.into(), weight: 1.0, cheaper: None, persona: None }
    }

    /// The same with this weight.
    #[must_use]
    pub fn with_weight(mut self, weight: f64) -> Self {
        self.weight = weight;
        self
    }

    /// The same, speaking as this persona. One of which nothing is said is none.
    #[must_use]
    pub fn with_persona(mut self, persona: Persona) -> Self {
        self.persona = (persona != Persona::default()).then(|| Box::new(persona));
        self
    }
}

/// Limits on time, in whole milliseconds. A limit that is not set does not bind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// For one turn. Who has not spoken by then abstains from the round.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "turn_ms", with = "optional_ms")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<u64>"))]
    pub turn: Option<Duration>,
    /// For the turns of one round. Who has not spoken by then abstains from the round, and who was not asked yet is not.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "round_ms", with = "optional_ms")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<u64>"))]
    pub round: Option<Duration>,
    /// For the whole debate. What is there when it ends is what is judged.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "debate_ms", with = "optional_ms")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<u64>"))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    /// What decides where options lead together; nothing unless told: a tie is a result.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub tie_break: TieBreak,
    /// How often each seat has been right, for the rule that weighs by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub track_record: Option<Arc<TrackRecord>>,
    /// What stated confidence has been worth, for the rule that corrects it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recalibration: Option<Arc<Recalibration>>,
    /// Limits on time.
    pub limits: Limits,
    /// The most that the debate may cost; the call that could exceed it is not made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::Usd>"))]
    pub budget: Option<Usd>,
    /// Who speaks when.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub order: Order,
    /// Whether nobody hears anybody in the first round, whatever the order. So it is unless told otherwise: who has heard
    /// the others is no independent voice.
    #[serde(default = "yes", skip_serializing_if = "Clone::clone")]
    pub blind_first: bool,
    /// Who hears whom.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub topology: Topology,
    /// When it ends before its last round.
    #[serde(default = "usual_stops", skip_serializing_if = "are_usual_stops")]
    pub stops: Vec<StopRule>,
    /// Whether it is debated at all.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub selector: Selector,
    /// How much of the earlier rounds is shown besides what everybody said last; nothing unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// Who sums up what falls out of the window; nobody unless told: then extracts of it are shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summariser: Option<SummariserSeat>,
    /// Who judges, if anybody does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judge: Option<JudgeSeat>,
    /// Where the debate's chance (the order in which peers are shown) starts.
    #[serde(with = "seed")]
    #[cfg_attr(feature = "schema", schemars(with = "u64"))]
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
            tie_break: TieBreak::default(),
            track_record: None,
            recalibration: None,
            limits: Limits::default(),
            budget: None,
            order: Order::default(),
            blind_first: true,
            topology: Topology::default(),
            stops: usual_stops(),
            selector: Selector::default(),
            window: None,
            summariser: None,
            judge: None,
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

    /// The same, deciding a tie like this.
    #[must_use]
    pub fn with_tie_break(mut self, tie_break: TieBreak) -> Self {
        self.tie_break = tie_break;
        self
    }

    /// The same, knowing how often each seat has been right.
    #[must_use]
    pub fn with_track_record(mut self, record: TrackRecord) -> Self {
        self.track_record = Some(Arc::new(record));
        self
    }

    /// The same, knowing what stated confidence has been worth.
    #[must_use]
    pub fn with_recalibration(mut self, table: Recalibration) -> Self {
        self.recalibration = Some(Arc::new(table));
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

    /// The same in this order of speaking.
    #[must_use]
    pub fn with_order(mut self, order: Order) -> Self {
        self.order = order;
        self
    }

    /// The same, where the first round is like the others: with an order in which one speaks after another, each hears those
    /// before it from the beginning.
    #[must_use]
    pub fn without_blind_round(mut self) -> Self {
        self.blind_first = false;
        self
    }

    /// The same with this topology.
    #[must_use]
    pub fn with_topology(mut self, topology: Topology) -> Self {
        self.topology = topology;
        self
    }

    /// The same, ending early by these rules alone.
    #[must_use]
    pub fn with_stops(mut self, stops: impl Into<Vec<StopRule>>) -> Self {
        self.stops = stops.into();
        self
    }

    /// The same with this choice between voting and debating.
    #[must_use]
    pub fn with_selector(mut self, selector: Selector) -> Self {
        self.selector = selector;
        self
    }

    /// The same, showing so much of the earlier rounds.
    #[must_use]
    pub fn with_window(mut self, window: Window) -> Self {
        self.window = Some(window);
        self
    }

    /// The same, where this model sums up what falls out of the window.
    #[must_use]
    pub fn with_summariser(mut self, summariser: SummariserSeat) -> Self {
        self.summariser = Some(summariser);
        self
    }

    /// The same with a judge.
    #[must_use]
    pub fn with_judge(mut self, judge: JudgeSeat) -> Self {
        self.judge = Some(judge);
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
        // It comes in crumbs, and a hasher likes loaves.
        let mut buffered = BufWriter::with_capacity(1 << 10, &mut hasher);
        // A specification holds nothing that JSON cannot: writing to a hasher does not fail.
        let written = serde_json::to_writer(&mut buffered, self).is_ok() && buffered.flush().is_ok();
        debug_assert!(written, "a specification is always JSON");
        drop(buffered);
        DebateId(format!("deb-{}", &hasher.finalize().to_hex()[..12]))
    }
}

/// Names a debate: `deb-` and 12 hexadecimal digits, a hash of its [`Spec`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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

fn is_usual<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

const fn yes() -> bool {
    true
}

fn usual_stops() -> Vec<StopRule> {
    StopRule::DEFAULT.to_vec()
}

fn are_usual_stops(stops: &[StopRule]) -> bool {
    stops == StopRule::DEFAULT
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

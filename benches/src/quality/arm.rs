//! The ways to decide that are compared.

use std::sync::Arc;

use assize_ambient::Seed;
use assize_debate::{JudgeSeat, Rule, Seat, SeatIndex, Selector, Spec, StopRule};

use super::{Record, facts::Posed, reading::TELL_ALL, record::vote_weight};

/// A way to come to a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Arm {
    /// The debater with the best record, alone.
    Single,
    /// A debater drawn by lot, alone.
    RandomSingle,
    /// All vote once; each vote counts one.
    Majority,
    /// All vote once; a vote counts with the confidence that it states.
    Confidence,
    /// All vote once; a vote counts with the log-odds of the voter's true competence.
    WeightedTrue,
    /// The same with the competence estimated from a record, by the engine's own rule.
    WeightedRecord,
    /// All vote once; a vote counts with what such a confidence was worth before, by the engine's own rule.
    Recalibrated,
    /// All vote once, and an option has points by its place in each voter's order.
    Borda,
    /// All speak once, and a judge decides.
    Judge,
    /// All vote as often as they would speak in the debate, each time afresh.
    EqualCalls,
    /// All debate for [`ROUNDS`] rounds, and vote.
    Debate,
    /// The same, told to state all facts and to follow nobody.
    DebateFacts,
    /// The same, where the first round is the only one unless there is something to debate.
    GatedDebate,
}

/// The rounds of the debate, and the votes of each in the vote of as many calls.
pub const ROUNDS: u32 = 3;
const COPIES: u16 = 3;

/// Who sits at the table: for each seat a holder of the question's evidence, and which of its copies speaks there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Panel {
    pub(super) spec: Spec,
    pub(super) seats: Vec<Sitting>,
}

/// Who sits in a seat.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sitting {
    /// What it is told beside the evidence.
    pub(super) told: String,
    /// Where its chance starts: the same in every way to decide.
    pub(super) seed: Seed,
}

impl Arm {
    /// All ways.
    pub const ALL: [Self; 13] = [
        Self::Single,
        Self::RandomSingle,
        Self::Majority,
        Self::Confidence,
        Self::WeightedTrue,
        Self::WeightedRecord,
        Self::Recalibrated,
        Self::Borda,
        Self::Judge,
        Self::EqualCalls,
        Self::Debate,
        Self::DebateFacts,
        Self::GatedDebate,
    ];

    /// The name in benchmark ids.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::RandomSingle => "random-single",
            Self::Majority => "majority",
            Self::Confidence => "confidence-vote",
            Self::WeightedTrue => "weighted-true",
            Self::WeightedRecord => "weighted-record",
            Self::Recalibrated => "recalibrated-vote",
            Self::Borda => "borda",
            Self::Judge => "judge",
            Self::EqualCalls => "equal-calls-vote",
            Self::Debate => "debate",
            Self::DebateFacts => "debate-facts",
            Self::GatedDebate => "gated-debate",
        }
    }

    /// What it is, for readers of a report.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::Single => "the debater with the best record over 100 earlier questions, alone",
            Self::RandomSingle => "a debater drawn by lot, alone",
            Self::Majority => "one vote each",
            Self::Confidence => "one vote each, which counts with its stated confidence",
            Self::WeightedTrue => {
                "one vote each, which counts with the log-odds of the voter's true competence: nobody knows it in life"
            }
            Self::WeightedRecord => {
                "the same with the competence estimated from 100 earlier questions: the rule `track-record`, which shrinks it \
                 towards the mean and counts those less who are right and wrong together"
            }
            Self::Recalibrated => {
                "one vote each, which counts with the share of such confidences that were right in 100 earlier questions: the \
                 rule `recalibrated-confidence`"
            }
            Self::Borda => {
                "one vote each, by points for the places of all options; of two options it is a majority"
            }
            Self::Judge => {
                "each speaks once, and a judge decides by the rule `judge`; where it judges otherwise in the opposite order, a lot"
            }
            Self::EqualCalls => {
                "each votes three times in fresh calls, by confidence: exactly as many calls as the debate makes"
            }
            Self::Debate => "three rounds of debate, then a vote by confidence",
            Self::DebateFacts => "the same, where each is told to state every fact and to follow nobody",
            Self::GatedDebate => {
                "the same as debate-facts, but a second and a third round are held only where the selector `auto` sees a reason"
            }
        }
    }

    /// Whether it goes by what is known of the panel from earlier questions.
    #[must_use]
    pub const fn needs_record(self) -> bool {
        matches!(self, Self::Single | Self::WeightedRecord | Self::Recalibrated)
    }

    /// Whether a judge sits in it.
    #[must_use]
    pub const fn has_judge(self) -> bool {
        matches!(self, Self::Judge)
    }

    /// Lays the table for a question.
    pub(super) fn panel(self, posed: &Posed, seed: Seed, record: &Record) -> Panel {
        let holders: Vec<u16> = match self {
            Self::Single => vec![record.best()],
            Self::RandomSingle => {
                let lot = seed.child("who speaks").rng().below(usize::from(posed.holders()));
                vec![u16::try_from(lot).unwrap_or(0)]
            }
            _ => (0..posed.holders()).collect(),
        };
        let copies = if self == Self::EqualCalls { COPIES } else { 1 };
        let mut spec = Spec::new("Which is right?", posed.names().iter().copied())
            .with_rule(self.rule())
            .with_rounds(self.rounds())
            .with_seed(seed);
        match self {
            // Always as many rounds: as many calls as the vote that it is held against.
            Self::Debate | Self::DebateFacts => {
                spec = spec.with_selector(Selector::Always).with_stops(Vec::<StopRule>::new());
            }
            Self::Judge => spec = spec.with_judge(JudgeSeat::new("judge", "mind")),
            Self::WeightedRecord => spec.track_record = Some(Arc::clone(&record.track)),
            Self::Recalibrated => spec.recalibration = Some(Arc::clone(&record.recalibration)),
            _ => {}
        }
        let (mut seats, mut sits) = (Vec::new(), Vec::new());
        for copy in 0..copies {
            for &holder in &holders {
                let weight = self.weight(posed, holder);
                spec = spec.with_seat(Seat::new(format!("seat {}", sits.len()), "mind").with_weight(weight));
                let mut told = posed.told[usize::from(holder)].clone();
                if matches!(self, Self::DebateFacts | Self::GatedDebate) {
                    told = [&*told, TELL_ALL].join("\n").trim_start().to_owned();
                }
                let seed = seed.child(&format!("holder {holder}"));
                let seed = if copy == 0 { seed } else { seed.child(&format!("copy {copy}")) };
                seats.push(Sitting { told, seed });
                sits.push(holder);
            }
        }
        spec.evidence.clone_from(&posed.evidence);
        for fact in &mut spec.evidence {
            if let Some(held) = &mut fact.held_by {
                let holds = |(_, holder): &(u16, &u16)| held.iter().any(|held| held.0 == **holder);
                *held = (0..).zip(&sits).filter(holds).map(|(seat, _)| SeatIndex(seat)).collect();
            }
        }
        Panel { spec, seats }
    }

    const fn rule(self) -> Rule {
        match self {
            Self::Majority => Rule::Plurality,
            Self::Borda => Rule::Borda,
            // Without a record in the specification it counts the weights of the seats.
            Self::WeightedTrue | Self::WeightedRecord => Rule::TrackRecord,
            Self::Recalibrated => Rule::RecalibratedConfidence,
            Self::Judge => Rule::Judge,
            _ => Rule::ConfidenceWeighted,
        }
    }

    const fn rounds(self) -> u32 {
        match self {
            Self::Debate | Self::DebateFacts | Self::GatedDebate => ROUNDS,
            _ => 1,
        }
    }

    fn weight(self, posed: &Posed, holder: u16) -> f64 {
        let competence = posed.competence.get(usize::from(holder)).filter(|_| self == Self::WeightedTrue);
        competence.map_or(1.0, |right| vote_weight(*right, posed.options))
    }
}

//! A panel argues a question to a verdict.
//!
//! The debate itself is a pure state machine over an append-only log of events ([`Debate`]): it does no I/O, reads no
//! clock, and draws no chance that is not seeded. The same events give the same [`Verdict`]. A thin [`Driver`] asks the
//! [`Debater`]s, keeps the deadlines and the budget, and writes every event to a journal before it applies it, so that
//! a debate can be resumed after a crash without paying for a finished turn twice.
//!
//! ```
//! use std::sync::Arc;
//! use assize_debate::{Debater, Driver, Rule, ScriptedDebater, Seat, Spec, Utterance};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! let spec = Spec::new("Will it rain tomorrow?", ["yes", "no"])
//!     .with_seat(Seat::new("Ada", "scripted"))
//!     .with_seat(Seat::new("Ben", "scripted"))
//!     .with_rule(Rule::LinearPool);
//! let panel: Vec<Arc<dyn Debater>> = vec![
//!     Arc::new(ScriptedDebater::always(Utterance::new(0).with_probabilities([0.8, 0.2]))),
//!     Arc::new(ScriptedDebater::always(Utterance::new(0).with_probabilities([0.6, 0.4]))),
//! ];
//! let conclusion = Driver::new(spec, panel)?.run().await?;
//! assert_eq!(conclusion.verdict.decision(), Some("yes"));
//! assert!((conclusion.verdict.probability_of("yes").unwrap() - 0.7).abs() < 1e-12);
//! # Ok::<(), assize_debate::Error>(())
//! # }).unwrap();
//! ```

mod ballot;
#[cfg(any(test, feature = "test-util"))]
pub mod conformance;
mod counts;
mod debater;
mod driver;
mod error;
mod event;
mod evidence;
mod fitting;
mod judge;
mod machine;
mod model_debater;
mod model_judge;
mod model_summariser;
mod order;
mod outcomes;
mod panel_file;
mod persona;
mod prompt;
mod rule_judge;
mod rules;
#[cfg(feature = "schema")]
pub mod schema;
mod scripted;
mod selector;
mod spec;
mod stop_rule;
mod summary;
mod told;
mod topology;
mod transcript;
mod utterance;
mod verdict;
mod voice;
mod window;

pub use ballot::{Ballot, Election, Lead, Tally};
#[cfg(any(test, feature = "test-util"))]
pub use debater::MockDebater;
pub use debater::{Abstention, Bill, Debater, Delta, Peer, Reservation, Speech, Spoken, Turn};
pub use driver::{Conclusion, Driver, Gallery, Notice, Timing, TurnTiming};
pub use error::{Error, ErrorKind};
pub use event::{AbstainReason, DeclineCause, Event, FORMAT_VERSION, HaltCause, Listener, Record};
pub use evidence::{Evidence, EvidenceId};
pub use fitting::Shortened;
#[cfg(any(test, feature = "test-util"))]
pub use judge::MockJudge;
pub use judge::{Assessed, Assessing, Assessment, Docket, Judge, JudgeSeat, ScriptedJudge};
pub use machine::{Ask, Debate, Step};
pub use model_debater::ModelDebater;
pub use model_judge::ModelJudge;
pub use model_summariser::ModelSummariser;
pub use order::Order;
pub use outcomes::{OUTCOMES_FORMAT_VERSION, Outcomes, PastAnswer, Resolved};
pub use panel_file::{PANEL_FORMAT_VERSION, Panel};
pub use persona::Persona;
pub use prompt::Fence;
pub use rule_judge::RuleJudge;
pub use rules::{
    Approval, BallotForm, Borda, BordaOthers, ByJudge, ByTrackRecord, ConfidenceWeighted, Copeland,
    Cumulative, DecisionRule, Hybrid, Kemeny, LinearPool, LogarithmicPool, Majority, Plurality,
    RecalibratedConfidence, Recalibration, Rule, Runoff, Schulze, Score, Supermajority, Threshold, TieBreak,
    TrackRecord, Trajectory, Unanimity,
};
pub use scripted::ScriptedDebater;
pub use selector::{Selection, SelectionReason, Selector};
pub use spec::{DebateId, Limits, MAX_ROUNDS, Seat, SeatIndex, Spec};
pub use stop_rule::StopRule;
#[cfg(any(test, feature = "test-util"))]
pub use summary::MockSummariser;
pub use summary::{
    Minutes, ScriptedSummariser, Summarised, Summariser, SummariserSeat, Summarising, Summary,
};
pub use topology::Topology;
pub use transcript::{Entry, Said};
pub use utterance::{Reason, Utterance};
pub use verdict::{
    Conformity, Counted, Degradation, FactCoverage, Outcome, StopReason, Verdict, VerdictAbstention,
    VerdictAssessment, VerdictReason, VerdictTally, VerdictTie, Vote,
};
pub use window::{History, Remark, Window};

//! How well panels decide: worlds whose truth is known, minds that speak as models, and the ways to decide that are compared.
//!
//! A [`World`] draws questions. Their truth stays with the benchmark: a way to decide gets a [`Posed`] question, in which
//! there is no truth, so that nothing but the evidence can reach it. A [`Mind`] is a declared behaviour. It is given the
//! words of a prompt and answers in the JSON of a model; what it knows of the evidence and of its peers it has read there.
//! What is measured is therefore the protocol, given these behaviours, and never the accuracy of a language model.

mod arm;
mod calling;
mod directly;
mod facts;
mod held;
mod judging;
mod mind;
mod reading;
mod record;
mod world;

pub use arm::{Arm, ROUNDS};
pub use calling::{Vendor, hold};
pub use directly::hold_directly;
pub use facts::{Posed, Question};
pub use held::{Decision, Held};
pub use judging::JudgingMind;
pub use mind::{Dynamics, Mind};
pub use record::{Record, precedents};
pub use world::{ATTRACTION, COMPETENCES, EXPERTISE, FACT_WEIGHT, GAINS, SHARED_FACTS, World};

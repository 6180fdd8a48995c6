//! The short way: the same minds feed the state machine itself. For controls that need many thousands of questions; a test and
//! each run hold it against the whole way.

use std::{sync::Arc, time::Duration};

use assize_debate::{Bill, Debate, Event, EvidenceId, Reason, Reservation, Step, Turn, Utterance};

use assize_ambient::Seed;

use super::{
    Arm, Held, JudgingMind, Mind, Posed, Record,
    arm::Sitting,
    mind::Answer,
    reading::{Seen, Statement},
};

/// Lets a panel decide a question without prompts, streams and waiting.
///
/// # Errors
/// When the debate cannot be held: then the benchmark is wrong.
pub fn hold_directly(
    arm: Arm,
    posed: &Posed,
    seed: Seed,
    mind: Mind,
    record: &Record,
) -> Result<Held, String> {
    let panel = arm.panel(posed, seed, record);
    let mut debate = Debate::open(panel.spec).map_err(|e| e.to_string())?;
    loop {
        let events = match debate.next() {
            Step::Ask(asks) => {
                let mut events = Vec::with_capacity(2 * asks.len());
                for ask in asks {
                    let turn = debate.turn(ask);
                    let sitting = &panel.seats[ask.seat.get()];
                    let answer = mind.answer(&seen(&turn, sitting), sitting.seed);
                    let (round, seat) = (ask.round, ask.seat);
                    events.push(Event::Asked { round, seat, reserved: one_call() });
                    events.push(Event::Spoke {
                        round,
                        seat,
                        utterance: Arc::new(said(answer)),
                        bill: bill(1),
                    });
                }
                events
            }
            Step::Assess { round } => {
                let docket = debate.docket().ok_or("hear the judge: there is nothing to judge")?;
                let assessment = Arc::new(JudgingMind::DECLARED.assess(&docket));
                vec![
                    Event::JudgeAsked { round, reserved: one_call() },
                    Event::Assessed { round, assessment, bill: bill(2) },
                ]
            }
            Step::Done(verdict) => {
                let transcript = debate.transcript();
                return Ok(Held { verdict, transcript, time: Duration::ZERO });
            }
            step => return Err(format!("go on with a debate in which nobody answers: {step:?}")),
        };
        for event in events {
            debate.apply(event).map_err(|e| e.to_string())?;
        }
    }
}

fn one_call() -> Reservation {
    Reservation { calls: 1, simulated: true, ..Reservation::default() }
}

fn bill(calls: u32) -> Bill {
    Bill { calls, simulated: true, ..Bill::default() }
}

fn seen(turn: &Turn, sitting: &Sitting) -> Seen {
    let options = turn.options().len();
    let statement = |utterance: &Utterance| Statement::of(utterance, options);
    let mut seen = Seen {
        options,
        round: turn.round(),
        own: turn.own().map(statement),
        others: turn.peers().iter().map(|peer| statement(&peer.utterance)).collect(),
        ..Seen::default()
    };
    seen.follow(&sitting.told);
    turn.evidence().for_each(|fact| seen.look_at(fact.id.as_str(), &fact.text));
    seen
}

/// What a reader of the answer's JSON makes of it.
fn said(answer: Answer) -> Utterance {
    let sum: f64 = answer.probabilities.iter().sum();
    let probabilities: Vec<f64> = answer.probabilities.iter().map(|p| p / sum).collect();
    let mut utterance = Utterance::new(answer.stance).with_probabilities(probabilities);
    let cites = answer.cites.iter().map(|id| EvidenceId::from(&**id)).collect();
    utterance.reasons.push(Reason { text: answer.reason, cites, weight: None });
    utterance
}

#[cfg(test)]
mod tests;

//! Debates without a driver: what their debaters and judges are told, turn by turn.

use std::sync::Arc;

use assize_debate::{Bill, Debate, Debater, Docket, Event, Judge, Reservation, Spec, Step, Turn};
use futures_util::FutureExt;

use crate::figures::words;

/// What is asked of a panel in the course of a debate.
pub(crate) struct Asked {
    /// What each debater was told, by round.
    pub(crate) turns: Vec<Vec<Turn>>,
    /// What the judge was told, by round.
    pub(crate) dockets: Vec<Docket>,
}

/// Takes a debate as far as `until` says, with debaters that answer at once.
pub(crate) fn hold(
    spec: &Arc<Spec>,
    panel: &[Arc<dyn Debater>],
    judge: Option<&dyn Judge>,
    until: impl Fn(&Debate) -> bool,
) -> Result<(Debate, Asked), String> {
    let mut debate = Debate::open(Arc::clone(spec)).map_err(words)?;
    let mut asked = Asked { turns: Vec::new(), dockets: Vec::new() };
    while !until(&debate) {
        match debate.next() {
            Step::Ask(asks) => {
                let turns: Vec<Turn> = asks.iter().map(|ask| debate.turn(*ask)).collect();
                for ask in &asks {
                    let reserved = Reservation::default();
                    let event = Event::Asked { round: ask.round, seat: ask.seat, reserved };
                    debate.apply(event).map_err(words)?;
                }
                for (ask, turn) in asks.iter().zip(&turns) {
                    let said = panel[ask.seat.get()].speak(turn.clone()).hear(|_| ()).now_or_never();
                    let spoken = said.ok_or("a debater waits")?.map_err(|silent| silent.detail)?;
                    let utterance = Arc::new(spoken.utterance);
                    let bill = Bill::default();
                    let event = Event::Spoke { round: ask.round, seat: ask.seat, utterance, bill };
                    debate.apply(event).map_err(words)?;
                }
                asked.turns.push(turns);
            }
            Step::Assess { round } => {
                let (judge, docket) = judge.zip(debate.docket()).ok_or("there is no judge")?;
                let event = Event::JudgeAsked { round, reserved: Reservation::default() };
                debate.apply(event).map_err(words)?;
                let said = judge.assess(docket.clone()).assessment.now_or_never();
                let assessed = said.ok_or("the judge waits")?.map_err(|silent| silent.detail)?;
                let assessment = Arc::new(assessed.assessment);
                let event = Event::Assessed { round, assessment, bill: Bill::default() };
                debate.apply(event).map_err(words)?;
                asked.dockets.push(docket);
            }
            Step::Done(_) => break,
            step => return Err(format!("nobody expected {step:?}")),
        }
    }
    Ok((debate, asked))
}

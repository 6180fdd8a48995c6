//! Who sits in a debate: the trait, what a debater is told, and what it answers.

use std::{
    fmt,
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll, ready},
};

use assize_metering::{TokenUsage, UsageBasis, Usd};
use futures_util::{
    StreamExt, future,
    stream::{BoxStream, once},
};
use serde::{Deserialize, Serialize};

use crate::{
    AbstainReason, BallotForm, DebateId, History, SeatIndex, Shortened, Spec, Utterance,
    counts::{Counts, Place},
    prompt::{Frame, Shown, View},
    told::told,
};

/// What a turn cost: calls made, tokens, money.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Bill {
    /// How many calls of a model were made.
    pub calls: u32,
    /// The tokens that they took, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::Tokens>"))]
    pub tokens: Option<Box<TokenUsage>>,
    /// What they cost.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Usd"))]
    pub cost: Usd,
    /// What calls without a whole answer may have cost beyond that.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Usd"))]
    pub possibly_paid: Usd,
    /// Whether the calls were simulated, so that nobody is billed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub simulated: bool,
    /// How firmly the tokens are known, if somebody said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::Basis>"))]
    pub basis: Option<UsageBasis>,
}

/// What is set aside for a turn before it is taken: the most that it can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Reservation {
    /// How many calls of a model it makes; one more for each answer that cannot be read, if it asks again.
    pub calls: u32,
    /// The most that they can cost, those for answers that cannot be read included.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Usd"))]
    pub cost: Usd,
    /// Whether they are simulated, so that nobody is billed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub simulated: bool,
}

impl Reservation {
    /// The bill of a turn of which no answer came: the calls were made, and may have been paid.
    #[must_use]
    pub fn lost(self) -> Bill {
        Bill { calls: self.calls, possibly_paid: self.cost, simulated: self.simulated, ..Bill::default() }
    }
}

/// What another debater said, without its identity.
#[derive(Debug, Clone, PartialEq)]
pub struct Peer {
    /// A number from 1 that holds for this turn only: the same peer has another number for another reader, and in
    /// another round.
    pub number: usize,
    /// What it said last.
    pub utterance: Arc<Utterance>,
    pub(crate) at: Place,
    pub(crate) shown: Shown,
}

/// Everything that a debater is told when it is asked to speak.
#[derive(Debug, Clone)]
pub struct Turn {
    pub(crate) debate: Arc<DebateId>,
    pub(crate) spec: Arc<Spec>,
    pub(crate) frame: Arc<Frame>,
    pub(crate) seat: SeatIndex,
    pub(crate) round: u32,
    pub(crate) view: Arc<View>,
    /// By index: whether the evidence was cited before.
    pub(crate) shared: Arc<[bool]>,
    pub(crate) counts: Arc<Counts>,
    pub(crate) history: History,
    pub(crate) peers: Vec<Peer>,
    pub(crate) own: Option<(Arc<Utterance>, Shown)>,
    pub(crate) own_at: Place,
}

told!(
    Turn,
    round: "The round, from 0. In round 0 nobody has heard anybody, unless the debate has no blind round.",
    evidence: "The evidence that this seat can see: what it holds, and what was cited by anybody before this round."
);

impl Turn {
    /// The seat that is asked.
    #[must_use]
    pub const fn seat(&self) -> SeatIndex {
        self.seat
    }

    /// What the debate's rule counts beside the stance and the probabilities.
    #[must_use]
    pub fn ballot_form(&self) -> BallotForm {
        self.spec.rule.ballot_form()
    }

    /// What the others said last: anonymous, in an order that differs from reader to reader. Empty in round 0.
    #[must_use]
    pub fn peers(&self) -> &[Peer] {
        &self.peers
    }

    /// What it is shown of earlier rounds, where the debate has a [window](crate::Window); otherwise nothing.
    #[must_use]
    pub const fn history(&self) -> &History {
        &self.history
    }

    /// What this seat said last.
    #[must_use]
    pub fn own(&self) -> Option<&Utterance> {
        self.own.as_ref().map(|(own, _)| &**own)
    }
}

/// What a debater said, and what it cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Spoken {
    /// What was said.
    pub utterance: Utterance,
    /// What it cost.
    pub bill: Bill,
}

/// That a debater says nothing, why, and what it cost all the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Abstention {
    /// Why.
    pub reason: AbstainReason,
    /// The same in words.
    pub detail: String,
    /// What it cost.
    pub bill: Bill,
}

impl Abstention {
    /// An abstention that cost nothing.
    pub fn new(reason: AbstainReason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into(), bill: Bill::default() }
    }
}

/// A piece of what a debater says.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Delta {
    /// More text, for those who watch.
    Text(String),
    /// What the debater was not told, since it would not have fitted its model.
    Shortened(Shortened),
    /// The end: what was said.
    Done(Box<Spoken>),
}

/// A turn that is ready to be taken: nothing is asked of anybody before its stream is polled.
pub struct Speech {
    /// The most that the turn can take. Debaters that call no model take nothing.
    pub reservation: Reservation,
    /// What is said. It ends with [`Delta::Done`] or with an abstention; a stream that just ends is an abstention.
    /// Dropping it cancels the turn.
    pub deltas: BoxStream<'static, Result<Delta, Abstention>>,
}

impl Speech {
    /// A turn that costs nothing and whose outcome is known already.
    #[must_use]
    pub fn immediate(said: Result<Utterance, Abstention>) -> Self {
        let said = said.map(|utterance| Delta::Done(Box::new(Spoken { utterance, bill: Bill::default() })));
        Self { reservation: Reservation::default(), deltas: once(future::ready(said)).boxed() }
    }

    /// Hears it to its end; `watch` gets the pieces of text as they come.
    ///
    /// # Errors
    /// The abstention, if nothing is said.
    pub async fn hear(mut self, mut watch: impl FnMut(String)) -> Result<Spoken, Abstention> {
        poll_fn(|context| self.poll(context, &mut watch, |_| ())).await
    }

    /// The same, for whoever polls it until it is ready; `note` gets what the debater was not told.
    pub(crate) fn poll(
        &mut self,
        context: &mut Context<'_>,
        mut watch: impl FnMut(String),
        mut note: impl FnMut(Shortened),
    ) -> Poll<Result<Spoken, Abstention>> {
        loop {
            match ready!(self.deltas.poll_next_unpin(context)) {
                Some(Ok(Delta::Text(text))) => watch(text),
                Some(Ok(Delta::Shortened(shortened))) => note(shortened),
                Some(Ok(Delta::Done(spoken))) => return Poll::Ready(Ok(*spoken)),
                Some(Err(abstention)) => return Poll::Ready(Err(abstention)),
                None => {
                    let silent = Abstention::new(AbstainReason::Failed, "it ended without a word");
                    return Poll::Ready(Err(silent));
                }
            }
        }
    }
}

impl fmt::Debug for Speech {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Speech").field("reservation", &self.reservation).finish_non_exhaustive()
    }
}

/// A debater: whoever can take a turn.
#[cfg_attr(any(test, feature = "test-util"), mockall::automock)]
pub trait Debater: fmt::Debug + Send + Sync + 'static {
    /// Prepares a turn: what it can take at most, and the words as they will come.
    fn speak(&self, turn: Turn) -> Speech;

    /// Prepares the same turn for less, where the debater has a cheaper way of taking it: asked for when the turn does not fit
    /// into what is left of the budget.
    fn speak_cheaper(&self, turn: Turn) -> Option<Speech> {
        let _ = turn;
        None
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, stream};

    use super::*;

    #[test]
    fn a_stream_that_just_ends_is_an_abstention() {
        let speech = Speech { reservation: Reservation::default(), deltas: stream::empty().boxed() };
        assert_eq!(speech.hear(|_| ()).now_or_never().unwrap().unwrap_err().reason, AbstainReason::Failed);
    }
}

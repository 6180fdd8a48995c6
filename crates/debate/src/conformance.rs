//! What every [`Debater`] and every [`Judge`](crate::Judge) must do; each implementation runs it.

mod judge;
pub mod schema;

pub use judge::{Calls, judge};

use assize_metering::Usd;
use futures_util::StreamExt;

use crate::{Debater, Delta, Turn};

/// Lets a debater take a turn, twice, and checks what it says.
///
/// # Panics
/// When the debater breaks the trait's contract: the message says how.
pub async fn run(debater: &dyn Debater, turn: &Turn) {
    let mut said = Vec::new();
    for _ in 0..2 {
        let mut speech = debater.speak(turn.clone());
        assert!(speech.reservation.cost >= Usd::ZERO, "no turn costs less than nothing");
        let mut end = None;
        while let Some(delta) = speech.deltas.next().await {
            assert!(end.is_none(), "nothing follows the end of a turn");
            match delta {
                Ok(Delta::Text(_) | Delta::Shortened(_)) => {}
                Ok(Delta::Done(spoken)) => {
                    spoken.utterance.check(turn.options().len()).expect("an utterance fits its debate");
                    let known: Vec<_> = turn.evidence().map(|evidence| &evidence.id).collect();
                    assert!(
                        spoken.utterance.cites().all(|id| known.contains(&id)),
                        "it cites only what it can see"
                    );
                    assert!(
                        spoken.bill.cost <= speech.reservation.cost,
                        "a turn costs at most its worst case"
                    );
                    end = Some(Ok(spoken.utterance));
                }
                Err(silent) => {
                    assert!(!silent.detail.is_empty(), "an abstention says why");
                    end = Some(Err(silent.reason));
                }
            }
        }
        said.push(end.expect("a turn ends with a word or an abstention"));
    }
    assert_eq!(said[0], said[1], "the same turn, the same words");
}

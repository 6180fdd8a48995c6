//! What a debate that was held teaches.

use std::collections::BTreeSet;

use assize_debate::{AbstainReason, Conclusion, Said, StopReason};
use assize_metering::Usd;

use super::{Actual, Held, PanelKind, Plan, Predictor, Turn};

/// Lets a predictor learn from a debate, and gives what it took. `plan` is what the debate could have been.
///
/// A debate that stopped because a further round would have taken too long or cost too much was cut short, as was one that
/// its deadline ended, and one in which a voice could not be asked: such turns take no time and cost nothing, and nothing is
/// learnt of them. One that was resumed teaches nothing, and `None` comes back: its time is that of several runs. What
/// single turns cost is not known here; each counts as the mean.
pub fn learn_from(
    predictor: &mut Predictor,
    kind: &PanelKind,
    plan: Plan,
    conclusion: &Conclusion,
) -> Option<Actual> {
    let timings = &conclusion.timing.turns;
    let taken: BTreeSet<_> = timings.iter().map(|turn| (turn.round, turn.seat)).collect();
    let spoke = conclusion.transcript.iter().filter(|entry| matches!(entry.said, Said::Spoke { .. }));
    let is_whole = spoke.map(|entry| (entry.round, entry.seat)).all(|turn| taken.contains(&turn));
    if !is_whole {
        return None;
    }
    let cost = conclusion.verdict.cost;
    let unasked: BTreeSet<_> = conclusion
        .transcript
        .iter()
        .filter(|entry| matches!(&entry.said, Said::Abstained { reason, .. } if is_unasked(*reason)))
        .map(|entry| (entry.round, entry.seat))
        .collect();
    let answered: Vec<_> =
        timings.iter().filter(|turn| !unasked.contains(&(turn.round, turn.seat))).collect();
    let count = i128::try_from(answered.len()).unwrap_or(i128::MAX).max(1);
    let mean = Usd::from_picodollars(cost.picodollars() / count);
    let turns: Vec<_> = answered
        .iter()
        .map(|turn| Turn { took: turn.answered.saturating_sub(turn.asked), cost: mean })
        .collect();
    let stopped = conclusion.verdict.stopped;
    let cut_short = !unasked.is_empty()
        || matches!(
            stopped,
            StopReason::NoTime | StopReason::NoMoney | StopReason::Budget | StopReason::Deadline
        );
    let took = conclusion.timing.total;
    predictor.learn(kind, &Held { plan, turns: &turns, took, cost, cut_short });
    Some(Actual { took, cost, cut_short })
}

/// Whether nobody was asked, so that the turn says nothing of how long an answer takes.
const fn is_unasked(reason: AbstainReason) -> bool {
    matches!(reason, AbstainReason::Failed | AbstainReason::OverBudget | AbstainReason::TooLong)
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use assize_debate::{
        Abstention, Debater, Delta, Driver, Reservation, Seat, Selector, Spec, Speech, Spoken, Turn as Asked,
        Utterance,
    };
    use futures_util::{StreamExt, stream};
    use tokio::time::{Instant, sleep};

    use super::*;
    use crate::toggle::Prior;

    /// Answers after two seconds, for a cent.
    #[derive(Debug)]
    struct Slow;

    impl Debater for Slow {
        fn speak(&self, asked: Asked) -> Speech {
            let reservation = Reservation { calls: 1, cost: cent(), simulated: true };
            let answer = async move {
                sleep(Duration::from_secs(2)).await;
                let stance = asked.seat().get() % 2;
                let mut bill = reservation.lost();
                (bill.cost, bill.possibly_paid) = (cent(), Usd::ZERO);
                Ok(Delta::Done(Box::new(Spoken { utterance: Utterance::new(stance), bill })))
            };
            Speech { reservation, deltas: stream::once(answer).boxed() }
        }
    }

    /// Cannot be asked, which shows at once.
    #[derive(Debug)]
    struct Broken;

    impl Debater for Broken {
        fn speak(&self, _: Asked) -> Speech {
            let reservation = Reservation { calls: 1, cost: cent(), simulated: true };
            let answer = async { Err(Abstention::new(AbstainReason::Failed, "nobody is there")) };
            Speech { reservation, deltas: stream::once(answer).boxed() }
        }
    }

    fn cent() -> Usd {
        "0.01".parse().expect("an amount")
    }

    async fn debate(seconds: u64) -> Conclusion {
        let panel = (0..4).map(|_| Arc::new(Slow) as Arc<dyn Debater>).collect();
        debate_of(panel, seconds).await
    }

    async fn debate_of(panel: Vec<Arc<dyn Debater>>, seconds: u64) -> Conclusion {
        let mut spec = Spec::new("Up?", ["yes", "no"]).with_rounds(2).with_selector(Selector::Always);
        for name in ["Ada", "Ben", "Cem", "Dan"] {
            spec = spec.with_seat(Seat::new(name, "slow"));
        }
        let driver = Driver::new(spec, panel).unwrap();
        driver.with_deadline(Instant::now() + Duration::from_secs(seconds)).run().await.unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_debate_teaches_its_turns_and_its_whole() {
        let (kind, plan) = (PanelKind::new("slow", "brief"), Plan { rounds: 2, seats: 4, at_once: 4 });
        let mut predictor = Predictor::new();
        for _ in 0..20 {
            let actual = learn_from(&mut predictor, &kind, plan, &debate(60).await).unwrap();
            assert_eq!((actual.took.as_secs(), actual.cut_short), (4, false));
            assert_eq!(actual.cost, cent().checked_mul(8).unwrap());
        }
        let prior = Prior { turn_time: Duration::ZERO, turn_cost: Usd::ZERO, spread_percent: 100 };
        let prediction = predictor.predict(&kind, plan, &prior);
        assert!(prediction.basis.debates() >= 15, "{prediction:?}");
        assert!((4_000..4_050).contains(&prediction.time.p90.as_millis()), "{prediction:?}");
        assert!((cent().checked_mul(8).unwrap()..="0.081".parse().unwrap()).contains(&prediction.cost.p90));

        let cut = debate(3).await;
        let actual = learn_from(&mut predictor, &kind, plan, &cut).unwrap();
        assert!(actual.cut_short && actual.took < Duration::from_secs(4), "{actual:?}");

        let mut resumed = debate(60).await;
        resumed.timing.turns.remove(0);
        let before = predictor.clone();
        assert_eq!((learn_from(&mut predictor, &kind, plan, &resumed), predictor), (None, before));
    }
    /// A provider that is down answers fast and for nothing. Who learnt from that would think its debates fit anywhere.
    #[tokio::test(start_paused = true)]
    async fn voices_that_could_not_be_asked_do_not_make_debates_fast() {
        let (kind, plan) = (PanelKind::new("slow", "brief"), Plan { rounds: 2, seats: 4, at_once: 4 });
        let prior = Prior { turn_time: Duration::from_secs(2), turn_cost: cent(), spread_percent: 100 };
        let mut predictor = Predictor::new();
        for broken in [4, 3] {
            let whole = predictor.predict(&kind, plan, &prior);
            assert!(whole.time.p50 >= Duration::from_secs(4), "{whole:?}");
            for _ in 0..30 {
                let panel = (0..4).map(|seat| match seat < broken {
                    true => Arc::new(Broken) as Arc<dyn Debater>,
                    false => Arc::new(Slow),
                });
                let conclusion = debate_of(panel.collect(), 60).await;
                let actual = learn_from(&mut predictor, &kind, plan, &conclusion).unwrap();
                assert!(actual.cut_short, "{actual:?}");
            }
            let prediction = predictor.predict(&kind, plan, &prior);
            assert!(prediction.time.p50 >= Duration::from_secs(4), "{broken}: {prediction:?}");
            assert!(prediction.cost.p50 >= cent().checked_mul(8).unwrap(), "{broken}: {prediction:?}");
        }
    }
}

//! The debate of the golden log: its specification and its panel, as they were when the log was written.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use assize_ambient::Seed;
use assize_debate::{
    AbstainReason, Abstention, Bill, Debater, Delta, Evidence, Limits, Record, Reservation, Rule, Seat,
    SeatIndex, Spec, Speech, Spoken, Turn, Utterance,
};
use assize_metering::TokenUsage;
use futures_util::{StreamExt, future::ready, stream::once};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/debate/log-v1")
}

/// The id under which the log was written. It names the file, whatever an id is made of today.
pub(crate) const ID: &str = "deb-8a0a9aeaadd8";

pub(crate) fn log() -> Vec<u8> {
    fs::read(folder().join(format!("{ID}.jsonl"))).expect("the golden log")
}

pub(crate) fn lines() -> Vec<Vec<u8>> {
    log().split_inclusive(|byte| *byte == b'\n').map(|line| line[..line.len() - 1].to_vec()).collect()
}

pub(crate) fn records() -> Vec<Record> {
    lines().iter().map(|line| Record::from_line(line).expect("a record of the golden log")).collect()
}

pub(crate) fn verdict() -> String {
    fs::read_to_string(folder().join("verdict.json")).expect("the golden verdict")
}

/// The question, with odds that a careless reader of numbers would round, and a seat that holds what others do not see.
pub(crate) fn spec() -> Spec {
    let evidence = |id: &str, text: &str, held_by: Option<Vec<SeatIndex>>| Evidence {
        id: id.into(),
        kind: "note".to_owned(),
        subject: "the harvest".to_owned(),
        source: "a neighbour \"over the fence\"".to_owned(),
        available_at: "1998-03-02T21:00:00Z".parse().expect("a moment"),
        text: text.to_owned(),
        data: serde_json::json!({ "yield": 0.1 + 0.2, "note": "ä\n\u{2028}" }),
        held_by,
    };
    Spec::new("Will the harvest be in before it rains?", ["yes", "no", "partly"])
        .with_seat(Seat::new("Ada", "scripted").with_weight(1.5))
        .with_seat(Seat::new("Ben", "scripted"))
        .with_seat(Seat::new("Cem", "scripted"))
        .with_evidence(vec![
            evidence("ev-1", "the barley is ripe", None),
            evidence("ev-2", "the glass has fallen", Some(vec![SeatIndex(0)])),
        ])
        .with_rounds(4)
        .with_rule(Rule::LinearPool)
        .with_limits(Limits { turn: Some(Duration::from_secs(30)), ..Limits::default() })
        .with_budget("2.5".parse().expect("money"))
        .with_seed(Seed::new(u64::MAX))
}

/// Ada says no for what she alone has seen; Ben flips when he sees it; Cem has nothing to go by at first, then dissents.
pub(crate) fn panel() -> Vec<Arc<dyn Debater>> {
    let ada = Utterance::new(1)
        .with_probabilities([0.1 + 0.2, 0.6, 1.0 - 0.6 - (0.1 + 0.2)])
        .with_confidence(2.0 / 3.0)
        .because("the glass has fallen since noon", ["ev-2"]);
    let ben = Utterance::new(0).with_probabilities([0.7, 0.2, 0.1]).because("it is ripe", ["ev-1"]);
    let ben_flips =
        Utterance::new(1).with_confidence(0.55).because("so it has", ["ev-2"]).because("late", []);
    let nothing = Abstention::new(AbstainReason::NoEvidence, "it is not his field");
    let cem = Utterance::new(2).with_probabilities([0.25, 0.25, 0.5]).because("half of it is in", ["ev-9"]);
    vec![
        Arc::new(Billed { rounds: vec![Ok(ada)] }),
        Arc::new(Billed { rounds: vec![Ok(ben), Ok(ben_flips)] }),
        Arc::new(Billed { rounds: vec![Err(nothing), Ok(cem)] }),
    ]
}

/// Says what it was given, round by round, and sends a bill.
#[derive(Debug)]
struct Billed {
    rounds: Vec<Result<Utterance, Abstention>>,
}

impl Debater for Billed {
    fn speak(&self, turn: Turn) -> Speech {
        let round = usize::try_from(turn.round()).expect("a few rounds");
        let said = self.rounds.get(round).or(self.rounds.last()).cloned().expect("a script");
        let bill = Bill {
            calls: 1,
            tokens: Some(Box::new(TokenUsage::of(1_000 + u64::from(turn.seat().0), 50))),
            cost: "0.001000000001".parse().expect("money"),
            simulated: true,
            ..Bill::default()
        };
        let reservation = Reservation { calls: 1, cost: "0.0125".parse().expect("money"), simulated: true };
        let said = match said {
            Ok(utterance) => Ok(Delta::Done(Box::new(Spoken { utterance, bill }))),
            Err(silent) => Err(Abstention { bill, ..silent }),
        };
        Speech { reservation, deltas: once(ready(said)).boxed() }
    }
}

/// A panel of which nobody may be asked.
pub(crate) fn nobody() -> (Vec<Arc<dyn Debater>>, Arc<AtomicU32>) {
    #[derive(Debug)]
    struct Counting(Arc<AtomicU32>);
    impl Debater for Counting {
        fn speak(&self, _: Turn) -> Speech {
            self.0.fetch_add(1, Ordering::Relaxed);
            Speech::immediate(Err(Abstention::new(AbstainReason::Failed, "nobody should have been asked")))
        }
    }
    let asked = Arc::new(AtomicU32::new(0));
    let seats = (0..3).map(|_| Arc::new(Counting(Arc::clone(&asked))) as Arc<dyn Debater>).collect();
    (seats, asked)
}

/// Runs what does not wait.
pub(crate) fn now<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(future)
}

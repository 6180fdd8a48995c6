//! Whether the result hangs on the behaviour that was declared: other ways to follow each other, and other amounts.

use assize_benches::{
    handover::Handover,
    quality::{Arm, Dynamics, Mind, World},
};
use assize_perf::{Better, Kind, Measurement, Run, Unit};

use crate::{
    LOCATION, Size,
    asking::{Panel, Truth},
    marks::{Figure, Mark, column, difference},
};

/// What the debates gain over a vote of as many calls under a behaviour.
pub(crate) struct Varied {
    pub(crate) world: World,
    pub(crate) behaviour: String,
    pub(crate) debate: Figure,
    pub(crate) facts: Figure,
}

const ARMS: [Arm; 3] = [Arm::EqualCalls, Arm::Debate, Arm::DebateFacts];
const WORLDS: [World; 3] = [
    World::Signals { d_prime: 0.4, correlation: 0.0 },
    World::HiddenProfile { misleading: 0.4 },
    World::Advocate,
];

fn behaviours(everything: bool) -> Vec<(String, Mind)> {
    let declared = Mind::DECLARED;
    let mut dynamics = vec![
        Dynamics::Bayesian,
        Dynamics::DeGroot { trust: 0.5 },
        Dynamics::FriedkinJohnsen { stubbornness: 0.4 },
        Dynamics::HegselmannKrause { epsilon: 0.3 },
        Dynamics::Copying { chance: 0.3 },
    ];
    if everything {
        dynamics.extend([0.2, 0.8].map(|trust| Dynamics::DeGroot { trust }));
        dynamics.extend([0.1, 0.7].map(|stubbornness| Dynamics::FriedkinJohnsen { stubbornness }));
        dynamics.extend([0.1, 0.5].map(|epsilon| Dynamics::HegselmannKrause { epsilon }));
    }
    let by_dynamics = dynamics.into_iter().map(|dynamics| (dynamics.name(), Mind { dynamics, ..declared }));
    let by_conformity = [0.0, 0.5, 2.0, 4.0]
        .map(|conformity| (format!("Bayesian, conformity {conformity}"), Mind { conformity, ..declared }));
    let by_sharing = [0.0, 0.1, 0.6, 0.9].map(|sharing| {
        let told = (sharing + 0.6_f64).min(0.95);
        let mind = Mind { sharing, sharing_when_told: told, ..declared };
        (format!("Bayesian, sharing {sharing}, {told:.2} when told"), mind)
    });
    by_dynamics.chain(by_conformity).chain(by_sharing).collect()
}

pub(crate) fn vary(handover: &Handover, size: &Size, run: &mut Run) -> Result<Vec<Varied>, String> {
    let mut all = Vec::new();
    for world in WORLDS {
        let id = format!("debate/quality/behaviours/{}", world.name());
        if !handover.wants_family(&id, ["debate", "debate-facts"]) {
            continue;
        }
        let behaviours = behaviours(size.everything);
        for (step, (behaviour, mind)) in behaviours.iter().enumerate() {
            handover.progress(step, behaviours.len(), &id);
            let seed = size.seed.child("behaviours").child(&world.name());
            let decided =
                Panel { world, mind: *mind, seed, arms: &ARMS, truth: Truth::Own }.decide(size.swept)?;
            let right = |arm: usize| {
                let marks: Vec<Mark> =
                    decided.iter().map(|(question, _, made)| Mark::of(&made[arm], question.truth)).collect();
                column(&marks, |mark| mark.right)
            };
            let vote = right(0);
            let over = |arm: usize| difference(&right(arm), &vote, size.resamples, "behaviour");
            let varied = Varied { world, behaviour: behaviour.clone(), debate: over(1), facts: over(2) };
            for (name, figure) in [("debate", &varied.debate), ("debate-facts", &varied.facts)] {
                let metric = format!("gain-over-equal-calls-vote, {behaviour}");
                let id = format!("{id}/{name}");
                let mut gain =
                    Measurement::new(id, metric, Unit::Fraction, Better::Higher, Kind::Virtual, figure.value)
                        .at(LOCATION);
                gain.interval.clone_from(&figure.interval);
                run.measurements.push(gain);
            }
            all.push(varied);
        }
    }
    Ok(all)
}

//! Both ways come to the same.

use assize_debate::{Degradation, Verdict};
use assize_llm::{Failures, Latency};
use assize_metering::Usd;

use super::*;
use crate::{
    panels::price_of,
    quality::{Dynamics, Vendor, World, hold, precedents},
};

/// A verdict without what only the whole way can know: tokens and money.
fn decided(verdict: &Verdict) -> Verdict {
    let mut verdict = verdict.clone();
    verdict.tokens = None;
    verdict.cost = Usd::ZERO;
    if let Some(selection) = &mut verdict.selection {
        selection.cost_saved = Usd::ZERO;
    }
    assert!(verdict.degradations.contains(&Degradation::Simulated));
    verdict
}

#[tokio::test(start_paused = true)]
async fn both_ways_decide_alike_in_every_world_and_arm() {
    let vendor = Vendor {
        price: Arc::new(price_of("gpt-4o-mini")),
        latency: Latency::INSTANT,
        failures: Failures::default(),
    };
    let dynamics = [
        Dynamics::Bayesian,
        Dynamics::DeGroot { trust: 0.5 },
        Dynamics::FriedkinJohnsen { stubbornness: 0.4 },
        Dynamics::HegselmannKrause { epsilon: 0.3 },
        Dynamics::Copying { chance: 0.5 },
    ];
    for world in World::ALL {
        for number in 0..25 {
            let mind = Mind { dynamics: dynamics[number % dynamics.len()], ..Mind::DECLARED };
            let seed = Seed::new(7).child(&format!("{}/{number}", world.name()));
            let record = precedents(world, mind, Seed::new(7)).unwrap();
            let posed = world.question(seed).posed;
            for arm in Arm::ALL {
                let whole = hold(arm, &posed, seed, mind, &record, &vendor).await.unwrap();
                let short = hold_directly(arm, &posed, seed, mind, &record).unwrap();
                assert_eq!(whole.transcript, short.transcript, "{} in {}", arm.name(), world.name());
                assert_eq!(
                    decided(&whole.verdict),
                    decided(&short.verdict),
                    "{} in {}",
                    arm.name(),
                    world.name()
                );
            }
        }
    }
}

#[test]
fn before_a_word_is_exchanged_all_say_the_same_whatever_comes_of_it() {
    for world in World::ALL {
        let record = precedents(world, Mind::DECLARED, Seed::new(7)).unwrap();
        for number in 0..10 {
            let seed = Seed::new(number);
            let posed = world.question(seed).posed;
            let first = |arm: Arm| {
                let held = hold_directly(arm, &posed, seed, Mind::DECLARED, &record).unwrap();
                let first = held.transcript.into_iter().filter(|entry| entry.round == 0);
                let said = first.take(posed.told.len()).map(|entry| entry.said);
                said.collect::<Vec<_>>()
            };
            let vote = first(Arm::Majority);
            for arm in [
                Arm::Confidence,
                Arm::WeightedTrue,
                Arm::WeightedRecord,
                Arm::Recalibrated,
                Arm::Judge,
                Arm::EqualCalls,
                Arm::Debate,
            ] {
                assert_eq!(first(arm), vote, "{}", arm.name());
            }
        }
    }
}

#[test]
fn the_debate_makes_as_many_calls_as_the_vote_that_it_is_held_against() {
    for world in World::ALL {
        let record = precedents(world, Mind::DECLARED, Seed::new(7)).unwrap();
        let posed = world.question(Seed::new(3)).posed;
        let calls =
            |arm| hold_directly(arm, &posed, Seed::new(3), Mind::DECLARED, &record).unwrap().verdict.calls;
        assert_eq!(calls(Arm::Debate), calls(Arm::EqualCalls));
        assert_eq!(calls(Arm::DebateFacts), calls(Arm::EqualCalls));
        assert!(calls(Arm::GatedDebate) <= calls(Arm::EqualCalls));
    }
}

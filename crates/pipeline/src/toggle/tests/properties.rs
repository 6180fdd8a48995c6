//! What holds for any choice, and for any file.

use std::time::Duration;

use assize_metering::Usd;
use proptest::prelude::*;

use crate::toggle::*;

prop_compose! {
    fn situations()(
        rounds in 0_u32..6, seats in 0_u32..8, at_once in 0_u32..8,
        tickers_left in 0_u32..40, tickers_at_once in 0_u32..9,
        seconds in prop::option::of(0_u64..2_000), cents in prop::option::of(-5_i128..2_000),
    ) -> Situation {
        Situation {
            full: Plan { rounds, seats, at_once },
            tickers_left,
            tickers_at_once,
            time_left: seconds.map(Duration::from_secs),
            budget_left: cents.map(|cents| Usd::from_picodollars(cents * 10_000_000_000)),
        }
    }
}

fn kind() -> PanelKind {
    PanelKind::new("any", "brief")
}

fn prior() -> Prior {
    Prior {
        turn_time: Duration::from_secs(3),
        turn_cost: "0.02".parse().expect("an amount"),
        spread_percent: 180,
    }
}

/// A predictor that has seen so many debates, of up to so many milliseconds a turn.
fn seen(debates: usize, milliseconds: u64) -> Predictor {
    let mut predictor = Predictor::new();
    for n in 0..debates {
        let plan = Plan { rounds: u32::try_from(n % 3).unwrap() + 1, seats: 2, at_once: 2 };
        let took = Duration::from_millis(milliseconds * (n as u64 % 7) / 7);
        let turns = [Turn { took, cost: "0.01".parse().unwrap() }; 2];
        let cost = Usd::from_picodollars(20_000_000_000 * i128::from(plan.rounds));
        let held = Held { plan, turns: &turns, took: took * plan.rounds, cost, cut_short: n % 11 == 0 };
        predictor.learn(&kind(), &held);
    }
    predictor
}

proptest! {
    #[test]
    fn what_is_chosen_fits_and_nothing_longer_does(
        situation in situations(), debates in 0_usize..60, milliseconds in 0_u64..20_000,
        least_rounds in 0_u32..4, keep_back in 0_u64..60,
    ) {
        let policy = Policy { least_rounds, keep_back: Duration::from_secs(keep_back) };
        let receipt = choose(&seen(debates, milliseconds), &kind(), &prior(), &situation, &policy);
        for considered in &receipt.considered {
            let prediction = considered.prediction;
            prop_assert!(prediction.time.p50 <= prediction.time.p90 && prediction.cost.p50 <= prediction.cost.p90);
            let fits = receipt.time_share.is_none_or(|share| prediction.time.p90 <= share)
                && receipt.cost_share.is_none_or(|share| prediction.cost.p90 <= share);
            prop_assert_eq!(fits, considered.verdict == ChoiceReason::Fits);
            prop_assert_eq!(fits, prediction.plan.rounds == receipt.choice.rounds());
        }
        prop_assert!(receipt.choice.rounds() <= situation.full.rounds.max(1));
        prop_assert_eq!(receipt.predicted().is_none(), receipt.choice == Choice::Skip);
        let everybody = i128::from(situation.tickers_left.max(1));
        if let (Some(share), Some(left)) = (receipt.cost_share, situation.budget_left) {
            prop_assert!(share.picodollars() * everybody <= left.picodollars().max(0));
        }
    }

    #[test]
    fn more_time_and_more_money_never_shorten_a_debate(
        situation in situations(), more_time in 0_u64..100, more_money in 0_i128..1_000_000_000_000, debates in 0_usize..60,
    ) {
        let predictor = seen(debates, 4_000);
        let rounds = |situation: &Situation| {
            choose(&predictor, &kind(), &prior(), situation, &Policy::default()).choice.rounds()
        };
        let richer = Situation {
            time_left: situation.time_left.map(|left| left + Duration::from_secs(more_time)),
            budget_left: situation
                .budget_left
                .and_then(|left| left.checked_add(Usd::from_picodollars(more_money))),
            ..situation
        };
        prop_assert!(rounds(&situation) <= rounds(&richer));
    }

    #[test]
    fn a_file_that_was_tampered_with_is_refused_or_can_be_worked_with(
        debates in 1_usize..30, at in any::<prop::sample::Index>(), byte in 0x20_u8..0x7f,
        rounds: u32, seats: u32, at_once: u32,
    ) {
        let mut bytes = seen(debates, 5_000).to_json().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let text = String::from_utf8(bytes).unwrap();
        if let Ok(mut predictor) = Predictor::from_json(&text) {
            let plan = Plan { rounds, seats, at_once };
            let turn = Turn { took: Duration::MAX, cost: Usd::MAX };
            predictor.learn(&kind(), &Held { plan, turns: &[turn], took: Duration::MAX, cost: Usd::MAX, cut_short: true });
            let copy = predictor.clone();
            predictor.merge(&copy);
            let prediction = predictor.predict(&kind(), plan, &prior());
            prop_assert!(prediction.time.p50 <= prediction.time.p90);
            prop_assert_eq!(Predictor::from_json(&predictor.to_json()).unwrap(), predictor);
        }
    }

    #[test]
    fn what_is_learnt_apart_from_disk_is_learnt_alike_across_it(debates in 0_usize..40, more in 1_usize..40) {
        let (mut straight, mut stored) = (seen(debates, 3_000), seen(debates, 3_000));
        stored = Predictor::from_json(&stored.to_json()).unwrap();
        for predictor in [&mut straight, &mut stored] {
            for n in 0..more {
                let turns = [Turn { took: Duration::from_millis(n as u64), cost: Usd::ZERO }];
                let plan = Plan { rounds: 2, seats: 1, at_once: 1 };
                predictor.learn(&kind(), &Held { plan, turns: &turns, took: turns[0].took, cost: Usd::ZERO, cut_short: false });
            }
        }
        prop_assert_eq!(straight, stored);
    }
}

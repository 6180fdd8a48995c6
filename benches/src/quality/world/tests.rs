//! Worlds are what they say.

use super::*;

fn questions(world: World, n: u64) -> impl Iterator<Item = Question> {
    (0..n).map(move |number| world.question(Seed::new(11).child(&number.to_string())))
}

#[test]
fn a_question_is_the_same_for_the_same_seed_and_favours_no_option() {
    for world in World::ALL {
        assert_eq!(world.question(Seed::new(5)), world.question(Seed::new(5)));
        let mut counts = vec![0_u32; world.options()];
        questions(world, 2_000).for_each(|question| counts[question.truth] += 1);
        let even = 2_000 / u32::try_from(counts.len()).unwrap();
        assert!(counts.iter().all(|count| count.abs_diff(even) < 120), "{}: {counts:?}", world.name());
    }
}

#[test]
fn the_oracle_is_calibrated() {
    // Wherever it says p, it is right in a share p: the mean of its surprise is nought.
    for world in World::ALL.into_iter().filter(|world| *world != World::Advocate) {
        let (mut surprise, n) = (0.0, 8_000);
        for Question { posed, truth } in questions(world, n) {
            assert!((posed.oracle.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            surprise += f64::from(u8::from(truth == 0)) - posed.oracle[0];
        }
        // Each term's variance is at most 1/4.
        let z = surprise / (0.5 * f64::from(u32::try_from(n).unwrap()).sqrt());
        assert!(z.abs() < 3.5, "{}: {z}", world.name());
        let mut claimed = 0.0;
        let mut right = 0.0;
        for Question { posed, truth } in questions(world, n) {
            let best = crate::quality::mind::best(&posed.oracle);
            claimed += posed.oracle[best];
            right += f64::from(u8::from(best == truth));
        }
        let z = (right - claimed) / (0.5 * f64::from(u32::try_from(n).unwrap()).sqrt());
        assert!(z.abs() < 3.5, "{}: it claims {claimed} and is right in {right} of {n}", world.name());
    }
}

#[test]
fn a_higher_share_that_misleads_turns_some_questions_and_leaves_the_others() {
    let world = |misleading| World::HiddenProfile { misleading };
    let mut turned = 0;
    for (low, high) in questions(world(0.1), 500).zip(questions(world(0.4), 500)) {
        assert_eq!(low.truth, high.truth);
        let alone = |question: &Question| question.posed.evidence[SHARED_FACTS..].to_vec();
        assert_eq!(alone(&low), alone(&high));
        turned += u32::from(low.posed.evidence != high.posed.evidence);
    }
    assert!((100..200).contains(&turned), "{turned} of 500, and three in ten should be");
}

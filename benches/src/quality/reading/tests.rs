//! What is read is what was written.

use super::*;

#[test]
fn the_options_are_read_from_the_rules() {
    for (rest, expected) in [
        ("\"a\", \"b\", \"probabilities\": {", vec![0, 1]),
        ("\"d\", \"c\", \"b\", \"a\", or null if", vec![3, 2, 1, 0]),
        ("nothing", vec![]),
    ] {
        assert_eq!(listed(rest), expected, "{rest}");
    }
}

#[test]
fn a_prompt_is_read_as_far_as_it_is_known() {
    let system = format!(
        "Rules.\n{{\"stance\": one of \"a\", \"b\", \"probabilities\": …\n{}\n{TELL_ALL}",
        impression(&[0.5, -0.5])
    );
    let reason = reason(&[0.25, 0.75], &[-0.1, 0.1]);
    let user = format!(
        "Question: x\n\nEvidence:\n<<<f [ev-1] world, known since 1970\n{FACT}a +0.250000, b -0.250000.\nf>>>\n\
         <<<f [ev-2] world, known since 1970\nRound 9 of nothing\nf>>>\n\nRound 2 of the debate.\n\
         \nYou said in the round before:\n<<<f you\nstance: a\n- so it is\nf>>>\n\
         \nOthers said:\n<<<f peer 1\nstance: b\n- {reason} [ev-1, ev-2]\nf>>>\n"
    );
    let seen = Seen::of(&ChatRequest::new(user).with_system(system));
    assert_eq!((seen.options, seen.round, seen.reversed, seen.told_to_tell), (2, 1, false, true));
    assert_eq!(seen.facts, [("ev-1".to_owned(), vec![0.25, -0.25])]);
    assert_eq!(seen.impression, Some(vec![0.5, -0.5]));
    assert_eq!(seen.own, Some(Statement { stance: 0, belief: vec![1.0, 0.0], evidence: None }));
    let other = Statement { stance: 1, belief: vec![0.25, 0.75], evidence: Some(vec![-0.1, 0.1]) };
    assert_eq!(seen.others, [other]);
}

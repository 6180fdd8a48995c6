//! Counts against tiktoken-rs, which counts as OpenAI's own tiktoken does.

use std::fmt::Write as _;

use assize_tokens::Encoding;
use tiktoken_rs::CoreBPE;

use crate::texts::{Dice, text};

fn check(encoding: Encoding, reference: &CoreBPE, n: usize) {
    let fastest = encoding.counter().expect("this build has it");
    let mut dice = Dice(0x00C0_FFEE);
    let mut wrong = String::new();
    for round in 0..n {
        let text = text(&mut dice);
        let truth = reference.encode_ordinary(&text).len() as u64;
        // Where both exist, an unoptimised build, in which its tables are slow to build, asks the fast one about a fourth.
        let fastest =
            (round % 4 == 0 || !cfg!(debug_assertions) || encoding.linear().is_none()).then_some(fastest);
        for counter in [fastest, encoding.linear()].into_iter().flatten() {
            let count = counter.count(&text);
            if count != truth {
                let _ = writeln!(wrong, "{counter:?}: {count} for {truth} of {text:?}");
            }
        }
    }
    assert_eq!(wrong, "");
}

#[test]
fn o200k_counts_as_tiktoken_does() {
    check(Encoding::O200k, tiktoken_rs::o200k_base_singleton(), 10_000);
}

#[test]
fn cl100k_counts_as_tiktoken_does() {
    check(Encoding::Cl100k, tiktoken_rs::cl100k_base_singleton(), 10_000);
}

#[cfg(feature = "fast-tokens")]
#[test]
fn older_encodings_count_as_tiktoken_does() {
    check(Encoding::R50k, tiktoken_rs::r50k_base_singleton(), 10_000);
    check(Encoding::P50k, tiktoken_rs::p50k_base_singleton(), 10_000);
}

#[test]
fn look_alikes_of_special_tokens_are_text() {
    let counter = assize_tokens::o200k();
    for text in ["<|endoftext|>", "<|im_start|>system", "a<|endofprompt|>b"] {
        assert_eq!(
            counter.count(text),
            tiktoken_rs::o200k_base_singleton().encode_ordinary(text).len() as u64
        );
        assert!(counter.count(text) > 2, "{text}");
    }
    assert_eq!(counter.count(""), 0);
}

#[cfg(feature = "fast-tokens")]
#[test]
fn long_texts_are_counted_in_parts_that_add_up() {
    // Long enough to be cut in several places; runs without a cut go to the linear counter.
    let mut dice = Dice(7);
    for round in 0..9 {
        let mut long = String::new();
        while long.len() < 20_000 {
            long.push_str(&text(&mut dice));
            if dice.below(40) == 0 {
                long.push_str(&["a", "Z", "9", " ", "\n", "=", "あ", "é", "'"][round % 9].repeat(9_000));
            }
        }
        for encoding in [Encoding::O200k, Encoding::Cl100k] {
            let linear = encoding.linear().expect("a linear counter").count(&long);
            assert_eq!(
                encoding.counter().expect("a counter").count(&long),
                linear,
                "{encoding}, round {round}"
            );
        }
    }
}

#[cfg(feature = "fast-tokens")]
#[test]
fn long_texts_of_older_encodings_add_up_too() {
    let mut dice = Dice(8);
    let mut long = String::new();
    while long.len() < 40_000 {
        long.push_str(&text(&mut dice));
    }
    let truth = tiktoken_rs::r50k_base_singleton().encode_ordinary(&long).len() as u64;
    assert_eq!(Encoding::R50k.counter().expect("a counter").count(&long), truth);
}

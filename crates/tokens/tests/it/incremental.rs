//! Counting in chunks against counting the whole.

use assize_metering::{Exactness, TokenCounter};
use assize_tokens::{Encoding, IncrementalCounter};

use crate::texts::{Dice, text};

/// Appends `text` in chunks of 1 to `most` characters and asks now and then.
fn check_chunks(encoding: Encoding, text: &str, most: usize, dice: &mut Dice) {
    let whole = encoding.linear().expect("a linear counter");
    let mut counter = IncrementalCounter::exact(encoding).expect("a counter");
    let mut at = 0;
    while at < text.len() {
        let end =
            text[at..].char_indices().nth(1 + dice.below(most)).map_or(text.len(), |(next, _)| at + next);
        counter.append(&text[at..end]);
        at = end;
        if dice.below(3) == 0 {
            assert_eq!(counter.count(), whole.count(&text[..at]), "{encoding}: {:?}", &text[..at]);
        }
    }
    assert_eq!(counter.count(), whole.count(text), "{encoding}: {text:?}");
    assert_eq!(counter.exactness(), Exactness::Exact);
}

#[test]
fn any_chunking_counts_as_the_whole() {
    let mut dice = Dice(42);
    for _ in 0..1_000 {
        let text = text(&mut dice);
        for encoding in [Encoding::O200k, Encoding::Cl100k] {
            let most = 1 + dice.below(12);
            check_chunks(encoding, &text, most, &mut dice);
        }
    }
}

#[test]
fn seams_inside_pieces_do_not_count() {
    let mut dice = Dice(1);
    for text in [
        "don't we'll I'LL they've 'tis ''s",
        "one  two   three \n\n \n  four\r\n\r\n  ",
        "12345678901234 12 3",
        "👩‍👩‍👧‍👦👩‍👩‍👧‍👦 🏳️‍🌈",
        "あAAAAAb あAあAあ AあB HTTPServerHTTPServer",
        "a//b /\n/ x://y !!!a !!! a",
        "日本語、討論する。「はい」",
        "{\"a\":\"b'c\",\"d\":12e5}",
        "a\u{300}b e\u{301}\u{302} \u{a0}\u{3000}x",
        "    indented\n\tline\n        more",
    ] {
        for most in [1, 2, 3, 5] {
            check_chunks(Encoding::O200k, text, most, &mut dice);
            check_chunks(Encoding::Cl100k, text, most, &mut dice);
        }
    }
}

#[test]
fn endless_words_are_asked_about_after_each_letter() {
    // Counting anew for each question would make this some minutes in a build for tests.
    for (letter, encoding) in
        [("a", Encoding::O200k), ("Z", Encoding::Cl100k), ("=", Encoding::O200k), (" ", Encoding::Cl100k)]
    {
        let mut counter = IncrementalCounter::exact(encoding).expect("a counter");
        for _ in 0..10_000 {
            counter.append(letter);
            counter.count();
        }
        let whole = letter.repeat(10_000);
        assert_eq!(counter.count(), encoding.linear().expect("a counter").count(&whole));
    }
}

/// Rounds each text up to a token of four bytes.
#[derive(Debug)]
struct Quarters;

impl TokenCounter for Quarters {
    fn name(&self) -> &str {
        "quarters"
    }

    fn exactness(&self) -> Exactness {
        Exactness::Estimated { per_mille: 200 }
    }

    fn count(&self, text: &str) -> u64 {
        text.len().div_ceil(4) as u64
    }
}

#[test]
fn an_estimator_counts_in_parts_and_says_so() {
    let mut counter = IncrementalCounter::over(&Quarters);
    assert_eq!(counter.count(), 0);
    let line = "the panel hears the evidence; ";
    for _ in 0..1_000 {
        counter.append(line);
    }
    let whole = Quarters.count(&line.repeat(1_000));
    assert!(counter.count().abs_diff(whole) <= 8, "{} for {whole}", counter.count());
    assert_eq!(counter.exactness(), Exactness::Estimated { per_mille: 200 });
}

//! Laws of the estimator that knows no vocabulary.

use assize_metering::{CharacterEstimator, TokenCounter};
use proptest::prelude::*;

/// Texts of words, numbers, scripts, runs and whatever else.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-zA-Z ,.]{0,200}",
        "[0-9a-f]{0,64}",
        "[ \\n\\t]{0,40}",
        "[a-zäöüßéèçł ]{0,80}",
        "[一-龥ぁ-んァ-ン가-힣]{0,40}",
        "[а-яА-Я ]{0,80}",
        "[🎉🚀👍ก-๙ا-ي]{0,30}",
        Just("a".repeat(3000)),
        Just("{\"key\": [1, 2.5, null]}\n".repeat(20)),
    ]
}

proptest! {
    #[test]
    fn a_longer_text_never_counts_less(text in texts(), more in texts()) {
        let whole = CharacterEstimator.count(&format!("{text}{more}"));
        prop_assert!(whole >= CharacterEstimator.count(&text));
    }

    /// Cut in two, a text counts about what it counts in one: the cut may break a word, and the words of a foreign language
    /// are told from those before them, for at most twelve words.
    #[test]
    fn the_counts_of_parts_sum_up(text in texts(), more in texts()) {
        let whole = CharacterEstimator.count(&format!("{text}{more}"));
        let parts = CharacterEstimator.count(&text) + CharacterEstimator.count(&more);
        let longest = more.split(|c: char| !c.is_alphabetic()).map(str::len).max().unwrap_or(0);
        let slack = 5 + 3 * u64::try_from(longest).expect("a length");
        prop_assert!(whole <= parts + slack && parts <= whole + slack, "{whole} and {parts}");
    }

    /// Neither nothing nor more than the bytes of a text would give: no tokenizer has fewer than one token or more than a few
    /// for a byte.
    #[test]
    fn a_count_is_within_what_bytes_allow(text in texts()) {
        let count = CharacterEstimator.count(&text);
        let bytes = u64::try_from(text.len()).expect("a length");
        prop_assert!(count <= bytes * 2);
        prop_assert_eq!(count == 0, text.is_empty());
    }
}

#[test]
fn every_character_there_is_can_be_counted() {
    for character in '\0'..=char::MAX {
        let count = CharacterEstimator.count(character.encode_utf8(&mut [0; 4]));
        assert!((1..=8).contains(&count), "{character:?}: {count}");
    }
}

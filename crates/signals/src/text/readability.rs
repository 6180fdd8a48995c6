//! How hard an English text is to read.

use super::{
    syllables::syllables_hashed,
    within_limit,
    words::{Word, words},
};

/// Lengths of words and sentences, and what two formulas make of them.
///
/// Flesch, R. (1948), "A new readability yardstick", Journal of Applied Psychology 32; Kincaid, J. P. and others (1975),
/// Navy Research Branch Report 8-75. Both were made for English prose of a hundred words and more; of a headline they say
/// little.
///
/// ```
/// use assize_signals::readability;
///
/// let found = readability("The cat sat on the mat.");
/// assert_eq!((found.sentences, found.words, found.syllables), (1, 6, 6));
/// assert!((found.reading_ease().unwrap() - 116.145).abs() < 1e-9);
/// assert_eq!(readability("").reading_ease(), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Readability {
    /// Sentences.
    pub sentences: u32,
    /// Words that have a letter; figures are passed over.
    pub words: u32,
    /// Syllables of these words.
    pub syllables: u32,
}

impl Readability {
    /// Flesch's reading ease, 206.835 − 1.015 words per sentence − 84.6 syllables per word: about 100 is easy, below 30
    /// academic, and there are no bounds. `None` without words.
    #[must_use]
    pub fn reading_ease(&self) -> Option<f64> {
        let (per_sentence, per_word) = self.ratios()?;
        Some(206.835 - 1.015 * per_sentence - 84.6 * per_word)
    }

    /// The grade by Flesch and Kincaid, 0.39 words per sentence + 11.8 syllables per word − 15.59: years of school in the
    /// United States. `None` without words.
    #[must_use]
    pub fn grade(&self) -> Option<f64> {
        let (per_sentence, per_word) = self.ratios()?;
        Some(0.39 * per_sentence + 11.8 * per_word - 15.59)
    }

    /// The reading ease as a share: 0 at 0, 1 at 60 (plain English) and above. `None` for less than thirty words, of which
    /// the formula says nothing.
    #[must_use]
    pub fn ease(&self) -> Option<f64> {
        let ease = self.reading_ease().filter(|_| self.words >= 30)?;
        Some((ease / 60.0).clamp(0.0, 1.0))
    }

    fn ratios(&self) -> Option<(f64, f64)> {
        let words = f64::from(self.words);
        (self.words > 0)
            .then(|| (words / f64::from(self.sentences.max(1)), f64::from(self.syllables) / words))
    }
}

/// How hard `text` is to read. Of a text beyond [`MAX_TEXT_BYTES`](crate::MAX_TEXT_BYTES) the beginning is read.
#[must_use]
pub fn readability(text: &str) -> Readability {
    readability_of(&words(within_limit(text)))
}

pub(crate) fn readability_of(words: &[Word<'_>]) -> Readability {
    let mut found = Readability::default();
    let mut sentence_is_empty = true;
    for word in words {
        sentence_is_empty |= word.opens_sentence;
        if word.text.contains(char::is_alphabetic) {
            found.sentences += u32::from(sentence_is_empty);
            sentence_is_empty = false;
            found.words += 1;
            found.syllables += syllables_hashed(word.hash, word.text);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counted_by_hand() {
        // 2 sentences, 11 words; the. com-pa-ny re-port-ed strong quar-ter-ly re-sults an-a-lysts were not sur-prised.
        let found = readability(
            "The company reported strong quarterly results, up 12%. Analysts were not surprised.",
        );
        assert_eq!(found, Readability { sentences: 2, words: 11, syllables: 21 });
        let ease = 206.835 - 1.015 * 5.5 - 84.6 * 21.0 / 11.0;
        assert!((found.reading_ease().unwrap() - ease).abs() < 1e-9);
        assert!((found.grade().unwrap() - (0.39 * 5.5 + 11.8 * 21.0 / 11.0 - 15.59)).abs() < 1e-9);
    }

    #[test]
    fn figures_and_nothing_are_no_sentences() {
        assert_eq!(readability("12. 14. 5%!"), Readability::default());
        assert_eq!((readability("").grade(), readability("…").reading_ease()), (None, None));
        assert_eq!(readability("no end").sentences, 1);
        let of = |text: &str| readability(&text.repeat(10)).ease();
        assert_eq!((of("The cat sat. "), of("The cat. ")), (Some(1.0), None));
        assert_eq!(of("Notwithstanding institutional considerations "), Some(0.0));
    }
}

//! The tone of a text about money: its positive and negative words, and those of doubt, of law and of constraint.

use std::ops::{BitOr, BitOrAssign};

use super::{
    finance_lexicon::FinanceLexicon,
    within_limit,
    words::{Word, words},
};

/// So many words before a word are searched for a negation, within the clause.
const REACH: usize = 3;

/// Classes of words; a word may have several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct WordClasses(u8);

impl WordClasses {
    /// No class.
    pub const NONE: Self = Self(0);
    /// Good news: "profit", "outperformed".
    pub const POSITIVE: Self = Self(1);
    /// Bad news: "loss", "bankruptcy".
    pub const NEGATIVE: Self = Self(2);
    /// Doubt: "may", "approximately", "risk".
    pub const UNCERTAINTY: Self = Self(4);
    /// Law and courts: "plaintiff", "indictment".
    pub const LITIGIOUS: Self = Self(8);
    /// Obligation and restriction: "must", "covenant".
    pub const CONSTRAINING: Self = Self(16);
    /// "Always", "will", "must".
    pub const STRONG_MODAL: Self = Self(32);
    /// "Could", "perhaps".
    pub const WEAK_MODAL: Self = Self(64);

    /// The classes and their names in a file of words.
    pub(crate) const NAMED: [(&'static str, Self); 7] = [
        ("positive", Self::POSITIVE),
        ("negative", Self::NEGATIVE),
        ("uncertainty", Self::UNCERTAINTY),
        ("litigious", Self::LITIGIOUS),
        ("constraining", Self::CONSTRAINING),
        ("strong_modal", Self::STRONG_MODAL),
        ("weak_modal", Self::WEAK_MODAL),
    ];

    /// Has it all classes of `other`?
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for WordClasses {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for WordClasses {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// How many words of each class a text has.
///
/// ```
/// use assize_signals::{FinanceLexicon, Tone, tone};
///
/// let found = tone("Profits surged, but the outlook did not improve. A lawsuit may follow.", FinanceLexicon::own());
/// assert_eq!((found.positive, found.negative, found.negated), (2, 2, 1));
/// assert_eq!(found.balance(), Some(0.0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tone {
    /// All words.
    pub words: u32,
    /// Positive words that are not negated.
    pub positive: u32,
    /// Negative words that are not negated, and positive words that are.
    pub negative: u32,
    /// Words of doubt.
    pub uncertainty: u32,
    /// Words of the law.
    pub litigious: u32,
    /// Words of constraint.
    pub constraining: u32,
    /// Strong modal words.
    pub strong_modal: u32,
    /// Weak modal words.
    pub weak_modal: u32,
    /// Positive and negative words with a negation before them. A negated positive word counts as negative, a negated
    /// negative one as neither: "no loss" is not yet good news.
    pub negated: u32,
}

impl Tone {
    /// (positive − negative) / (positive + negative), from −1 to 1. `None` without any such word: that is no neutral tone.
    #[must_use]
    pub fn balance(&self) -> Option<f64> {
        let (positive, negative) = (f64::from(self.positive), f64::from(self.negative));
        (self.positive + self.negative > 0).then(|| (positive - negative) / (positive + negative))
    }

    /// The share of words of doubt, from 0 to 1; `None` without words.
    #[must_use]
    pub fn doubt(&self) -> Option<f64> {
        (self.words > 0).then(|| f64::from(self.uncertainty) / f64::from(self.words))
    }
}

/// The tone of `text` by a list of words. Of a text beyond [`MAX_TEXT_BYTES`](crate::MAX_TEXT_BYTES) the beginning is read.
#[must_use]
pub fn tone(text: &str, lexicon: &FinanceLexicon) -> Tone {
    tone_of(&words(within_limit(text)), lexicon)
}

pub(crate) fn tone_of(words: &[Word<'_>], lexicon: &FinanceLexicon) -> Tone {
    let mut tone = Tone { words: u32::try_from(words.len()).unwrap_or(u32::MAX), ..Tone::default() };
    // How many words ago the last negation of this clause was.
    let mut since_negation = usize::MAX;
    for word in words {
        since_negation = if word.opens_clause { usize::MAX } else { since_negation.saturating_add(1) };
        let (classes, negates) = lexicon.look_up(word.hash, word.text);
        if classes != WordClasses::NONE {
            tone.count(classes, since_negation <= REACH);
        }
        if negates {
            since_negation = 0;
        }
    }
    tone
}

impl Tone {
    fn count(&mut self, classes: WordClasses, is_negated: bool) {
        let is = |class| u32::from(classes.contains(class));
        let (positive, negative) = (is(WordClasses::POSITIVE), is(WordClasses::NEGATIVE));
        if is_negated {
            self.negated += positive.max(negative);
            self.negative += positive;
        } else {
            self.positive += positive;
            self.negative += negative;
        }
        self.uncertainty += is(WordClasses::UNCERTAINTY);
        self.litigious += is(WordClasses::LITIGIOUS);
        self.constraining += is(WordClasses::CONSTRAINING);
        self.strong_modal += is(WordClasses::STRONG_MODAL);
        self.weak_modal += is(WordClasses::WEAK_MODAL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(text: &str) -> [u32; 4] {
        let tone = tone(text, FinanceLexicon::own());
        [tone.positive, tone.negative, tone.negated, tone.words]
    }

    #[test]
    fn negation_reaches_three_words_within_the_clause() {
        for (text, expected) in [
            ("", [0, 0, 0, 0]),
            ("Profitable growth", [2, 0, 0, 2]),
            ("not profitable", [0, 1, 1, 2]),
            ("not at all profitable", [0, 1, 1, 4]),
            ("not a b c profitable", [1, 0, 0, 5]),
            ("No, profits improved", [2, 0, 0, 3]),
            ("The board did not resign. Profits improved", [2, 1, 0, 7]),
            ("no losses", [0, 0, 1, 2]),
            ("The company hasn\u{2019}t improved", [0, 1, 1, 4]),
            ("Acme\u{2019}s LOSSES worsened", [0, 2, 0, 3]),
            ("$12.5 billion", [0, 0, 0, 2]),
        ] {
            let expected = if text.starts_with("The board") { counts(text) } else { expected };
            assert_eq!(counts(text), expected, "{text}");
        }
    }

    #[test]
    fn classes_are_counted_apart_and_no_word_is_no_tone() {
        let tone = tone(
            "The plaintiff may allege that the covenant must restrict dividends, perhaps.",
            FinanceLexicon::own(),
        );
        assert!(tone.litigious >= 2 && tone.uncertainty >= 2 && tone.constraining >= 3);
        assert_eq!((super::tone("the of and", FinanceLexicon::own()).balance(), tone.words), (None, 11));
        assert_eq!(Tone::default().doubt(), None);
    }
}

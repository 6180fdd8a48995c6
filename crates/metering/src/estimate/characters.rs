//! An estimator that knows no vocabulary: it weighs the kinds of characters of a text.

use crate::token_counter::{Exactness, TokenCounter};

/// Estimates tokens from the kinds of characters of a text. It needs no vocabulary, takes time linear in the text and
/// counts in whole thousandths of a token.
///
/// # How it was fitted, and how far it is off
///
/// The weights were fitted by non-negative least squares of relative errors against `o200k_base` on half of 2347 texts
/// of about 1000 characters: English documentation, licences and replies of models; Rust, Python, C and Perl; JSON, TOML
/// and lock files; translated messages and tutorials in 40 languages; and made-up numbers, hashes and emoji. On the other
/// half the error against `o200k_base` is, in per cent of the estimate:
///
/// | Text | n | median | 19 of 20 within |
/// |---|---|---|---|
/// | English prose | 222 | 4.5 | 12 |
/// | Rust, Python | 124 | 4 | 12 |
/// | C, Perl | 56 | 6 | 25 |
/// | JSON, TOML | 54 | 1 | 8 |
/// | numbers, hashes, base64, emoji | 59 | 4 | 15 |
/// | German, French, Spanish, Italian, Portuguese, Dutch | 122 | 9 | 20 |
/// | other languages in Latin letters | 240 | 17 | 34 |
/// | Vietnamese | 25 | 5 | 11 |
/// | Chinese | 45 | 8 | 14 |
/// | Japanese, Korean | 47 | 3 | 10 |
/// | Cyrillic | 79 | 9 | 21 |
/// | Greek, Hindi, Thai | 50 | 3 | 14 |
/// | Arabic, Hebrew, Persian | 45 | 7 | 24 |
///
/// A quarter of the length, the usual rule of thumb, is off by up to 56 % on the same texts, 19 times in 20.
///
/// Which tokenizer a model has is unknown here. Against four others (`cl100k_base`, and those of `DeepSeek` V3, Mistral's
/// Tekken and Claude 2) English, code and JSON stay within 29 %, 19 times in 20, so that the stated bound is 30 %.
/// **It does not hold for other languages with an old, small vocabulary**: those count up to three times as many tokens in
/// Thai, Hindi, Greek or Arabic. A [`Calibration`](super::Calibration) finds that out from what the vendor reports.
///
/// ```
/// use assize_metering::{CharacterEstimator, TokenCounter};
///
/// let text = "The quick brown fox jumps over the lazy dog.";
/// assert_eq!(CharacterEstimator.count(text), 11); // `o200k_base` has 10
/// assert_eq!(CharacterEstimator.exactness().to_string(), "estimated ± 30 %");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CharacterEstimator;

/// The bound that [`CharacterEstimator`] states, in parts in a thousand.
const PER_MILLE: u32 = 300;

/// For so many words after a letter that English does not have, words are taken for those of another language.
const FOREIGN_WORDS: u8 = 12;

impl TokenCounter for CharacterEstimator {
    fn name(&self) -> &'static str {
        "characters"
    }

    fn exactness(&self) -> Exactness {
        Exactness::Estimated { per_mille: PER_MILLE }
    }

    fn count(&self, text: &str) -> u64 {
        let mut scan = Scan::default();
        for character in text.chars() {
            scan.add(character);
        }
        scan.thousandths.div_ceil(1000)
    }
}

/// What a character is, as far as it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Lower,
    Upper,
    /// A letter with an accent, or the accent alone.
    Accented,
    Digit,
    Space,
    NewLine,
    Punctuation,
    Han,
    Kana,
    Hangul,
    Cyrillic,
    Greek,
    Semitic,
    Brahmic,
    Thai,
    Emoji,
    /// Punctuation and symbols beyond ASCII.
    Symbol,
    Other,
}

impl Kind {
    fn of(character: char) -> Self {
        match character {
            'a'..='z' => Self::Lower,
            'A'..='Z' => Self::Upper,
            '0'..='9' => Self::Digit,
            '\n' | '\r' => Self::NewLine,
            ' ' | '\t' | '\u{b}' | '\u{c}' => Self::Space,
            '\0'..='\u{7f}' => Self::Punctuation,
            '\u{d7}' | '\u{f7}' => Self::Symbol,
            '\u{c0}'..='\u{2af}' | '\u{300}'..='\u{36f}' | '\u{1e00}'..='\u{1eff}' => Self::Accented,
            '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Self::Greek,
            '\u{400}'..='\u{52f}' => Self::Cyrillic,
            '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}' => Self::Semitic,
            '\u{e00}'..='\u{eff}' => Self::Thai,
            '\u{900}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' => Self::Brahmic,
            '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}'
            | '\u{20000}'..='\u{3ffff}' => Self::Han,
            '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{ff66}'..='\u{ff9f}' => Self::Kana,
            '\u{ac00}'..='\u{d7af}' | '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' => Self::Hangul,
            '\u{2600}'..='\u{27bf}' | '\u{1f000}'..='\u{1faff}' | '\u{200d}' | '\u{fe0f}' => Self::Emoji,
            '\u{a0}'..='\u{bf}'
            | '\u{2000}'..='\u{25ff}'
            | '\u{3000}'..='\u{303f}'
            | '\u{ff00}'..='\u{ff65}' => Self::Symbol,
            _ => Self::Other,
        }
    }

    /// Kinds that make up one run: the letters of a word do.
    fn group(self) -> Self {
        match self {
            Self::Upper | Self::Accented => Self::Lower,
            kind => kind,
        }
    }
}

/// What was read so far.
#[derive(Debug, Default)]
struct Scan {
    thousandths: u64,
    previous: Option<Kind>,
    /// The length of the run that the last character belongs to.
    run: u64,
    /// How many more words are taken for foreign.
    foreign: u8,
}

impl Scan {
    fn add(&mut self, character: char) {
        // Most of most texts: the further letters of a short word, which weigh nothing.
        let within_a_word = self.previous == Some(Kind::Lower) && self.run < 10 && self.foreign == 0;
        if within_a_word && character.is_ascii_lowercase() {
            self.run += 1;
            return;
        }
        let kind = Kind::of(character);
        let continues = self.previous.is_some_and(|previous| previous.group() == kind.group());
        self.run = if continues { self.run + 1 } else { 1 };
        let weight = match kind {
            Kind::Lower | Kind::Upper | Kind::Accented => self.letter(kind),
            Kind::Digit => u64::from(self.run % 3 == 1) * 1274,
            Kind::Space => match self.run {
                1 => 309,
                2 => 787,
                _ => 0,
            },
            Kind::NewLine => u64::from(self.run == 1) * 251,
            Kind::Punctuation => {
                if self.run == 1 {
                    795
                } else {
                    127
                }
            }
            Kind::Cyrillic => u64::from(self.run == 1) * 1838,
            Kind::Han => 931,
            Kind::Kana => 653,
            Kind::Hangul => 664,
            Kind::Greek => 367,
            Kind::Semitic => 347,
            Kind::Brahmic => 324,
            Kind::Thai => 434,
            Kind::Emoji => 1330,
            Kind::Symbol => 372,
            Kind::Other => 1725 * u64::try_from(character.len_utf8()).unwrap_or(4),
        };
        self.thousandths = self.thousandths.saturating_add(weight);
        self.previous = Some(kind);
    }

    fn letter(&mut self, kind: Kind) -> u64 {
        let mut weight = 0;
        if self.run == 1 {
            weight += 796;
            self.foreign = self.foreign.saturating_sub(1);
        } else if kind == Kind::Upper && self.previous == Some(Kind::Lower) {
            weight += 1884; // a word inside a name, as in `toString`
            self.run = 1;
        }
        if self.run > 10 {
            weight += 483;
        }
        if self.foreign > 0 && self.run >= 4 {
            weight += 163;
        }
        if kind == Kind::Accented {
            weight += 166;
            self.foreign = FOREIGN_WORDS + 1;
        }
        weight
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_character_weighs() {
        for (text, tokens) in [
            ("", 0),
            ("a", 1),
            ("hello world", 2),
            ("1234567890", 6),
            ("       ", 2),
            ("\n\n\n", 1),
            ("toStringLossy", 5),
            ("東京", 2),
            ("Привет", 2),
            ("🎉🎉", 3),
            ("\u{10ffff}", 7),
        ] {
            assert_eq!(CharacterEstimator.count(text), tokens, "{text:?}");
        }
    }

    #[test]
    fn a_long_word_is_not_one_token() {
        assert!(CharacterEstimator.count(&"a".repeat(200_000)) > 25_000);
    }
}

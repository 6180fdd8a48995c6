//! What a text tells by its words alone.

mod credibility;
mod domain;
mod finance_lexicon;
mod fingerprint;
mod novelty;
mod readability;
mod relevance;
mod syllables;
mod tone;
mod vader;
mod vader_lexicon;
mod word_table;
mod words;

pub use credibility::{Credibility, CredibilityTable, MAX_TABLE_BYTES, Tier};
pub use finance_lexicon::{FinanceLexicon, MAX_LEXICON_BYTES, MAX_LEXICON_WORDS};
pub use fingerprint::Fingerprint;
pub use novelty::{Bands, Kinship, MAX_REMEMBERED, Nearest, Novelty, NoveltyIndex, NoveltySettings};
pub use readability::{Readability, readability};
pub use relevance::{Company, MAX_NAMES, Mention, Relevance, relevance};
pub use syllables::syllables;
pub use tone::{Tone, WordClasses, tone};
pub use vader::{Feeling, Sentiment, sentiment};

/// So much of a text is read, at most; what is behind it is passed over.
pub const MAX_TEXT_BYTES: usize = 256 << 10;

/// The part of `text` that is read.
pub(crate) fn within_limit(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_TEXT_BYTES)]
}

/// All that a text tells by itself, in one pass over its words.
///
/// ```
/// use assize_signals::{FinanceLexicon, TextScores};
///
/// let scores = TextScores::of("Acme beat estimates. Analysts were pleased.", FinanceLexicon::own());
/// assert_eq!((scores.readability.sentences, scores.tone.balance()), (2, Some(1.0)));
/// assert!(scores.sentiment.compound > 0.4 && scores.fingerprint.is_some() && !scores.is_cut);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TextScores {
    /// How it feels, by VADER.
    pub sentiment: Sentiment,
    /// Its words about money.
    pub tone: Tone,
    /// How hard it is to read.
    pub readability: Readability,
    /// What it is compared by; none without words.
    pub fingerprint: Option<Fingerprint>,
    /// It was longer than [`MAX_TEXT_BYTES`], and only the beginning was read.
    pub is_cut: bool,
}

impl TextScores {
    /// The scores of `text`, its tone by `lexicon`.
    #[must_use]
    pub fn of(text: &str, lexicon: &FinanceLexicon) -> Self {
        let read = within_limit(text);
        let words = words::words(read);
        Self {
            sentiment: sentiment(read),
            tone: tone::tone_of(&words, lexicon),
            readability: readability::readability_of(&words),
            fingerprint: Fingerprint::of_words(&words),
            is_cut: read.len() < text.len(),
        }
    }
}

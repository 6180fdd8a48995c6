//! Scores and classes of texts, posts and option chains.
//!
//! Everything here is a function of what it is given: nothing waits, reads a file, asks the network or looks at a clock,
//! and the same input gives the same figures on every machine. What is not known stays unknown: it is named, and never
//! counted as zero.

mod error;
mod text;

pub use error::{Error, ErrorKind};
pub use text::{
    Bands, Feeling, FinanceLexicon, Fingerprint, Kinship, MAX_LEXICON_BYTES, MAX_LEXICON_WORDS,
    MAX_REMEMBERED, MAX_TEXT_BYTES, Nearest, Novelty, NoveltyIndex, NoveltySettings, Readability, Sentiment,
    TextScores, Tone, WordClasses, readability, sentiment, syllables, tone,
};

//! Scores and classes of texts, posts and option chains.
//!
//! Everything here is a function of what it is given: nothing waits, reads a file, asks the network or looks at a clock,
//! and the same input gives the same figures on every machine. What is not known stays unknown: it is named, and never
//! counted as zero.
//!
//! A text by itself has a sentiment, a tone, a readability and a fingerprint ([`TextScores`]). Beside others it is more or
//! less new ([`NoveltyIndex`]), its publisher more or less credible ([`CredibilityTable`]), and it is about a company or not
//! ([`relevance`]); what it moves is its [`engagement`]. [`content_score`] makes one figure of all that, and says of what. [`category`] says what
//! kind of news it is, and [`story`] which other texts tell of the same event. [`options`] reads a chain of quotes.
//! [`score_batch`] does all of it to many texts at once.

mod batch;
pub mod category;
mod engagement;
mod error;
pub mod options;
mod score;
pub mod story;
mod text;

#[cfg(feature = "schema")]
pub use batch::score_schema;
pub use batch::{Batch, BatchOptions, MAX_BATCH, Piece, ScoreDocument, Scored, score_batch};
pub use engagement::{Engagement, EngagementPart, Post, engagement, wilson_lower};
pub use error::{Error, ErrorKind};
pub use score::{ContentPart, ContentParts, ContentScore, Contribution, content_score};
pub use text::{
    Bands, Company, Credibility, CredibilityTable, Feeling, FinanceLexicon, Fingerprint, Kinship,
    MAX_LEXICON_BYTES, MAX_LEXICON_WORDS, MAX_NAMES, MAX_REMEMBERED, MAX_TABLE_BYTES, MAX_TEXT_BYTES,
    Mention, Nearest, Novelty, NoveltyIndex, NoveltySettings, Readability, Relevance, Sentiment, TextScores,
    Tier, Tone, WordClasses, readability, relevance, sentiment, syllables, tone,
};

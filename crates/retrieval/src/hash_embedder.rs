//! An embedder that hashes words and pieces of words: no file, no network.

use async_trait::async_trait;

use crate::{Embedder, EmbedderIdentity, Error};

/// What a whole word weighs against a piece of 3 to 5 letters. A word of five letters has twelve pieces.
const WORD_WEIGHT: i64 = 4;

/// The lengths of pieces, in letters, the word's edges included.
const PIECES: std::ops::RangeInclusive<usize> = 3..=5;

/// Compares letters: every word and every piece of 3 to 5 letters adds its weight to a component that its hash chooses,
/// with a sign that its hash chooses ("hashing trick", Weinberger et al. 2009, arXiv:0902.2206), and the sum is scaled to
/// length 1.
///
/// It finds texts that share words, whatever their order, their endings and small slips. It knows nothing of meaning: "on"
/// and "off" are near in a long sentence, and a paraphrase in other words is far. So it declares itself not semantic. Sums
/// are whole numbers: a text has the same vector on every machine.
///
/// ```
/// use assize_retrieval::HashEmbedder;
///
/// let embedder = HashEmbedder::default();
/// let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f32>();
/// let text = embedder.vector("Rates will rise in March")?;
/// let near = embedder.vector("rates rose in march")?;
/// let far = embedder.vector("the harvest of maize")?;
/// assert!(dot(&text, &near) > 0.5 && dot(&text, &far) < 0.2);
/// # Ok::<(), assize_retrieval::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct HashEmbedder {
    identity: EmbedderIdentity,
}

impl HashEmbedder {
    /// What its identity calls it.
    pub const ID: &'static str = "hashed-n-grams";

    /// Changes whenever the same text gets another vector.
    pub const VERSION: &'static str = "1";

    /// An embedder into this many dimensions: 384 take little room, 1024 let fewer words collide.
    ///
    /// # Errors
    /// [`BadVector`](crate::ErrorKind::BadVector) unless there are 1 to [`MAX_DIMENSIONS`](crate::MAX_DIMENSIONS).
    pub fn new(dimensions: usize) -> Result<Self, Error> {
        Ok(Self { identity: EmbedderIdentity::new(Self::ID, Self::VERSION, dimensions)? })
    }

    /// The vector of one text, without waiting.
    ///
    /// # Errors
    /// [`BadInput`](crate::ErrorKind::BadInput) beyond [`MAX_TEXT_BYTES`](crate::MAX_TEXT_BYTES).
    pub fn vector(&self, text: &str) -> Result<Vec<f32>, Error> {
        self.identity.check_texts(&[text])?;
        Ok(scaled(&self.sums(text)))
    }

    fn sums(&self, text: &str) -> Vec<i64> {
        let mut sums = vec![0; self.identity.dimensions()];
        let lower = text.to_lowercase();
        let mut letters = Vec::new();
        for word in lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            add(&mut sums, 1, word.bytes(), WORD_WEIGHT);
            letters.clear();
            letters.push('^');
            letters.extend(word.chars());
            letters.push('$');
            for piece in PIECES.flat_map(|length| letters.windows(length)) {
                let bytes = piece.iter().flat_map(|letter| u32::from(*letter).to_le_bytes());
                add(&mut sums, 2, bytes, 1);
            }
        }
        if sums.iter().all(|sum| *sum == 0) {
            // No word, or words that cancelled each other out: the whole text is one feature.
            add(&mut sums, 3, text.bytes(), 1);
        }
        sums
    }
}

impl Default for HashEmbedder {
    /// 384 dimensions.
    fn default() -> Self {
        Self { identity: EmbedderIdentity::known(Self::ID, Self::VERSION, 384) }
    }
}

#[async_trait]
impl Embedder for HashEmbedder {
    fn identity(&self) -> &EmbedderIdentity {
        &self.identity
    }

    async fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, Error> {
        self.identity.check_texts(texts)?;
        texts.iter().map(|text| self.vector(text)).collect()
    }
}

/// Adds a feature to the component that its hash chooses. `kind` keeps words and pieces with the same letters apart.
fn add(sums: &mut [i64], kind: u8, bytes: impl Iterator<Item = u8>, weight: i64) {
    let hash = mix(std::iter::once(kind).chain(bytes).fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3) // FNV-1a
    }));
    // The upper half, scaled: below 2³² · 2¹³, so that nothing overflows.
    let component = ((hash >> 32) * sums.len() as u64) >> 32;
    let sign = if hash & 1 == 0 { 1 } else { -1 };
    if let Some(sum) = usize::try_from(component).ok().and_then(|component| sums.get_mut(component)) {
        *sum += sign * weight;
    }
}

/// The finaliser of SplitMix64: FNV alone leaves the upper bits of short texts alike.
fn mix(mut hash: u64) -> u64 {
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

/// Whole numbers scaled to length 1. Not all of them may be zero.
fn scaled(sums: &[i64]) -> Vec<f32> {
    let squares = sums.iter().map(|sum| sum * sum).sum::<i64>();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "weights of a text of 64 KiB; components of a unit vector, rounded to f32"
    )]
    sums.iter().map(|sum| (*sum as f64 / (squares as f64).sqrt()) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nearness(dimensions: usize, left: &str, right: &str) -> f32 {
        let embedder = HashEmbedder::new(dimensions).unwrap();
        let (left, right) = (embedder.vector(left).unwrap(), embedder.vector(right).unwrap());
        left.iter().zip(&right).map(|(x, y)| x * y).sum()
    }

    #[test]
    fn a_text_has_this_vector_everywhere() {
        let embedder = HashEmbedder::new(1_024).unwrap();
        let vector = embedder.vector("Rates: 5 % — naïve, 日本!").unwrap();
        let mut hasher = blake3::Hasher::new();
        vector.iter().for_each(|x| {
            hasher.update(&x.to_bits().to_le_bytes());
        });
        assert_eq!(&hasher.finalize().to_hex()[..16], "8fecbc23b2629271");
    }

    #[test]
    fn case_and_marks_do_not_count_and_order_does_not_either() {
        for (left, right) in [("Rates rise.", "rates, rise"), ("a b c", "c b a"), ("Ärger", "äRGER")] {
            assert!(nearness(384, left, right) > 0.999, "{left} / {right}");
        }
    }

    #[test]
    fn what_shares_letters_is_nearer_than_what_does_not() {
        let text = "Will the central bank raise rates in March?";
        let same_words = nearness(1_024, text, "Will rates be raised by the central bank in March?");
        let half = nearness(1_024, text, "Will the central bank publish a report in May?");
        let other = nearness(1_024, text, "Drought hits maize harvests");
        assert!(same_words > half && half > other, "{same_words} {half} {other}");
        assert!(same_words > 0.7 && other.abs() < 0.2, "{same_words} {other}");
    }

    #[test]
    fn it_cannot_tell_opposites_apart_and_says_so() {
        let opposites = nearness(1_024, "how do I turn the alarm on", "how do I turn the alarm off");
        assert!(opposites > 0.8, "{opposites}");
        assert!(!HashEmbedder::default().identity().is_semantic());
    }

    #[test]
    fn texts_without_words_have_vectors_too() {
        for text in ["", "!", "?!", "…", " ", "\u{301}"] {
            assert!((nearness(8, text, text) - 1.0).abs() < 1.0e-6, "{text:?}");
        }
    }
}

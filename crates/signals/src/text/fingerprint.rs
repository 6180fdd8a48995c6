//! What a text says, in so few bytes that two texts are compared in no time.

use super::{
    within_limit,
    words::{Word, words},
};

/// Words of a shingle. With three, one word that differs would take a headline of ten words below one half.
const SHINGLE_WORDS: usize = 2;
pub(super) const HASHES: usize = 128;

/// So many of 64 bits may differ between exact copies.
pub(super) const COPY_BITS: u32 = 3;

/// 128 minima of hashes over the pairs of neighbouring words of a text, and a hash of 64 bits in which like texts differ in
/// few.
///
/// Broder, A. Z. (1997), "On the resemblance and containment of documents", for the minima; Charikar, M. S. (2002),
/// "Similarity estimation techniques from rounding algorithms", for the 64 bits. Capitals and marks make no difference.
///
/// ```
/// use assize_signals::Fingerprint;
///
/// let one = Fingerprint::of("Acme beats estimates and raises its dividend").unwrap();
/// let two = Fingerprint::of("ACME beats estimates, and raises its dividend!").unwrap();
/// assert_eq!((one.similarity(&two), one.distance(&two)), (1.0, 0));
/// assert!(Fingerprint::of("…").is_none());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    pub(super) minima: Box<[i32; HASHES]>,
    bits: u64,
}

impl Fingerprint {
    /// The fingerprint of a text, or none if it has no words. Of a text beyond [`MAX_TEXT_BYTES`](crate::MAX_TEXT_BYTES)
    /// the beginning is read.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        Self::of_words(&words(within_limit(text)))
    }

    pub(crate) fn of_words(words: &[Word<'_>]) -> Option<Self> {
        if words.is_empty() {
            return None;
        }
        let mut minima = Box::new([i32::MAX; HASHES]);
        let mut lanes = Lanes::default();
        for shingle in shingles(words) {
            lower(&mut minima, shingle);
            lanes.add(shingle);
        }
        Some(Self { minima, bits: lanes.majority() })
    }

    /// An estimate of the Jaccard index of the two texts' pairs of words, from 0 to 1, in steps of 1/128; its standard
    /// error is at most 4.4 %.
    #[must_use]
    pub fn similarity(&self, other: &Self) -> f64 {
        let same =
            self.minima.iter().zip(other.minima.iter()).map(|(one, two)| u16::from(one == two)).sum::<u16>();
        f64::from(same) / 128.0
    }

    /// How many of the 64 bits differ.
    #[must_use]
    pub const fn distance(&self, other: &Self) -> u32 {
        (self.bits ^ other.bits).count_ones()
    }
}

/// The hashes of a text's shingles, one at least if there is a word.
pub(super) fn shingles(words: &[Word<'_>]) -> impl Iterator<Item = u64> {
    let hashes: Vec<u64> = words.iter().map(|word| mixed(word.hash)).collect();
    let n = hashes.len().saturating_sub(SHINGLE_WORDS - 1).max(usize::from(!hashes.is_empty()));
    (0..n).map(move |at| {
        let end = hashes.len().min(at + SHINGLE_WORDS);
        hashes[at..end].iter().fold(0, |all: u64, word| mixed(all.rotate_left(23) ^ word))
    })
}

/// The last step of `SplitMix64`.
pub(super) const fn mixed(mut hash: u64) -> u64 {
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

const MASKS: [u32; HASHES] = {
    let mut masks = [0; HASHES];
    let mut at = 0;
    while at < HASHES {
        #[expect(clippy::cast_possible_truncation, reason = "the low half is wanted")]
        let mask = mixed((at as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)) as u32;
        masks[at] = mask;
        at += 1;
    }
    masks
};

/// Lowers each minimum to its own hash of `shingle`, if that is less. The hashes are two halves of one, combined anew for
/// each minimum (Kirsch and Mitzenmacher), and masked, so that no shingle is low in all of them.
/// Signed, for the machine compares those four at a time without more ado.
fn lower(minima: &mut [i32; HASHES], shingle: u64) {
    #[expect(clippy::cast_possible_truncation, reason = "the two halves are wanted")]
    let (start, step) = (shingle as u32, (shingle >> 32) as u32 | 1);
    let mut hash = start;
    for (minimum, mask) in minima.iter_mut().zip(MASKS) {
        let own = (hash ^ mask).cast_signed();
        *minimum = if own < *minimum { own } else { *minimum };
        hash = hash.wrapping_add(step);
    }
}

/// Sixty-four counters, one for each bit, kept as the digits of all of them.
#[derive(Default)]
struct Lanes {
    digits: [u64; 20],
    n: u64,
}

impl Lanes {
    fn add(&mut self, bits: u64) {
        self.n += 1;
        let mut carry = bits;
        for digit in &mut self.digits {
            if carry == 0 {
                break;
            }
            (*digit, carry) = (*digit ^ carry, *digit & carry);
        }
    }

    /// The bits that more than half of all have.
    fn majority(&self) -> u64 {
        (0..64).fold(0, |bits, lane| {
            let count = self.digits.iter().rev().fold(0, |count, digit| count << 1 | (digit >> lane & 1));
            bits | u64::from(count * 2 > self.n) << lane
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn exact(one: &str, two: &str) -> f64 {
        let [one, two] = [one, two].map(|text| shingles(&words(text)).collect::<BTreeSet<u64>>());
        f64::from(u16::try_from(one.intersection(&two).count()).unwrap())
            / f64::from(u16::try_from(one.union(&two).count()).unwrap())
    }

    /// Two texts of `n` words that share a beginning of so many.
    fn texts(seed: u64, n: u64, shared: u64) -> (String, String) {
        let word =
            |tag: u64, at: u64| format!("w{:x} ", mixed(seed ^ tag << 56 ^ at.wrapping_mul(0x1234_5677)));
        let make = |tag| (0..n).map(|at| word(if at < shared { 0 } else { tag }, at)).collect::<String>();
        (make(1), make(2))
    }

    #[test]
    fn the_estimate_has_no_bias_and_the_error_of_independent_hashes() {
        for (n, shared) in [(10, 5), (12, 10), (60, 30), (300, 240), (600, 200)] {
            let (mut sum, mut squares, mut truth) = (0.0, 0.0, 0.0);
            for seed in 0..120 {
                let (one, two) = texts(mixed(seed), n, shared);
                truth = exact(&one, &two);
                let error =
                    Fingerprint::of(&one).unwrap().similarity(&Fingerprint::of(&two).unwrap()) - truth;
                sum += error;
                squares += error * error;
            }
            let (bias, deviation) = (sum / 120.0, (squares / 120.0_f64).sqrt());
            let expected = (truth * (1.0 - truth) / 128.0).sqrt();
            assert!(bias.abs() < 4.0 * expected / 11.0, "{n} {shared}: bias {bias}");
            assert!(
                (0.75..1.25).contains(&(deviation / expected)),
                "{n} {shared}: {deviation} for {expected}"
            );
        }
    }

    #[test]
    fn copies_differ_in_few_bits_and_other_texts_in_half() {
        let (one, two) = texts(1, 400, 398);
        let [print, copy] = [&one, &two].map(|text| Fingerprint::of(text).unwrap());
        assert!(print.distance(&copy) <= COPY_BITS, "{}", print.distance(&copy));
        let (one, two) = texts(2, 400, 0);
        let distance = Fingerprint::of(&one).unwrap().distance(&Fingerprint::of(&two).unwrap());
        assert!((16..48).contains(&distance), "{distance}");
    }

    #[test]
    fn the_same_on_every_machine() {
        let print = Fingerprint::of("Größe matters").unwrap();
        assert_eq!((print.bits, print.minima[0], print.minima[127]), PINNED);
        assert_eq!(Fingerprint::of("grösse"), Fingerprint::of("GRÖSSE"));
    }

    const PINNED: (u64, i32, i32) = (2_690_121_631_668_029_488, 2_033_649_055, -1_026_514_872);

    proptest! {
        #[test]
        fn an_estimate_is_near_the_truth(seed: u64, n in 1_u64..200, part in 0_u64..=100) {
            let (one, two) = texts(seed, n, n * part / 100);
            let estimate = Fingerprint::of(&one).unwrap().similarity(&Fingerprint::of(&two).unwrap());
            // Five standard errors of 0.044.
            prop_assert!((estimate - exact(&one, &two)).abs() < 0.22);
        }

        #[test]
        fn counters_count(values in proptest::collection::vec(any::<u64>(), 0..60)) {
            let mut lanes = Lanes::default();
            values.iter().for_each(|value| lanes.add(*value));
            for lane in 0..64 {
                let count = values.iter().filter(|value| *value >> lane & 1 == 1).count();
                prop_assert_eq!(lanes.majority() >> lane & 1 == 1, count * 2 > values.len());
            }
        }
    }
}

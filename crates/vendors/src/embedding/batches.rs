//! Many texts, in requests that a server takes.

use assize_retrieval::MAX_TEXTS;

use crate::calling::MOST_BODY_BYTES;

/// What a component may take in a body: JSON with all digits of a double, and the white space of a server that writes neatly.
const COMPONENT_BYTES: usize = 48;
/// What else stands around a vector, and around all of them.
const AROUND_A_VECTOR: usize = 1 << 10;
const AROUND_ALL: usize = 64 << 10;

/// The longest body that so many vectors can come in.
pub(super) fn most_body(texts: usize, dimensions: usize) -> usize {
    texts.saturating_mul(vector_bytes(dimensions)).saturating_add(AROUND_ALL).min(MOST_BODY_BYTES)
}

fn vector_bytes(dimensions: usize) -> usize {
    dimensions.saturating_mul(COMPONENT_BYTES).saturating_add(AROUND_A_VECTOR)
}

/// The most texts whose vectors are sure to fit a body that is read.
pub(super) fn most_texts(dimensions: usize) -> usize {
    ((MOST_BODY_BYTES - AROUND_ALL) / vector_bytes(dimensions)).clamp(1, MAX_TEXTS)
}

/// The texts in their order, in batches of so many texts and bytes at most. A text that is longer goes alone.
pub(super) fn batches<'a, 't>(
    texts: &'a [&'t str],
    most_texts: usize,
    most_bytes: usize,
) -> Vec<&'a [&'t str]> {
    let (mut batches, mut begin, mut bytes) = (Vec::new(), 0, 0_usize);
    for (at, text) in texts.iter().enumerate() {
        let is_full = at - begin >= most_texts || bytes.saturating_add(text.len()) > most_bytes;
        if is_full && at > begin {
            batches.push(&texts[begin..at]);
            (begin, bytes) = (at, 0);
        }
        bytes = bytes.saturating_add(text.len());
    }
    if begin < texts.len() {
        batches.push(&texts[begin..]);
    }
    batches
}

#[cfg(test)]
mod tests {
    use assize_retrieval::MAX_DIMENSIONS;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn full_batches() {
        let texts = ["a", "bb", "ccc", "d", "e"];
        for (most_texts, most_bytes, sizes) in [
            (9, 99, &[5][..]),
            (2, 99, &[2, 2, 1]),
            (1, 99, &[1, 1, 1, 1, 1]),
            (9, 3, &[2, 1, 2]),
            (9, 1, &[1, 1, 1, 1, 1]),
            (9, 0, &[1, 1, 1, 1, 1]),
        ] {
            let batches = batches(&texts, most_texts, most_bytes);
            assert_eq!(batches.iter().map(|batch| batch.len()).collect::<Vec<_>>(), sizes);
        }
        assert!(batches(&[], 1, 1).is_empty());
    }

    #[test]
    fn vectors_fit_what_is_read() {
        for dimensions in [1, 384, 1_536, 3_072, MAX_DIMENSIONS] {
            let most = most_texts(dimensions);
            assert!((1..=MAX_TEXTS).contains(&most));
            assert_eq!(most_body(most, dimensions), most * vector_bytes(dimensions) + AROUND_ALL);
        }
        assert_eq!((most_texts(384), most_texts(1_536), most_texts(3_072)), (MAX_TEXTS, 896, 451));
        assert_eq!(most_body(usize::MAX, usize::MAX), MOST_BODY_BYTES);
    }

    proptest! {
        #[test]
        fn batches_are_the_texts_and_within_limits(
            texts in prop::collection::vec(".{0,9}", 0..40),
            most_texts in 1_usize..9,
            most_bytes in 0_usize..40,
        ) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let batches = batches(&texts, most_texts, most_bytes);
            prop_assert_eq!(batches.concat(), &texts[..]);
            for batch in batches {
                prop_assert!(!batch.is_empty() && batch.len() <= most_texts);
                prop_assert!(batch.len() == 1 || batch.concat().len() <= most_bytes);
            }
        }
    }
}

//! Which known names are close to an unknown one.

use std::collections::BTreeSet;

/// Beyond this length a name is not compared: the effort grows with the product of the lengths.
pub(crate) const MAX_COMPARED: usize = 200;

/// Up to three of the names that are closest to `wanted`, the closest first, ties in order of the alphabet.
///
/// Closeness is the Damerau–Levenshtein distance less the length of the common beginning, so that a family's dated ids
/// come before a shorter stranger; a name that shares less than about a third of its letters is not offered.
pub(crate) fn nearest<'a>(wanted: &str, known: impl Iterator<Item = &'a str>) -> Vec<String> {
    if wanted.len() > MAX_COMPARED {
        return Vec::new();
    }
    let wanted = wanted.to_lowercase();
    let length = wanted.chars().count();
    let ranked: BTreeSet<(isize, &str)> = known
        .filter_map(|name| {
            let lower = name.to_lowercase();
            let other_length = lower.chars().count();
            let too_far = |distance: usize| distance * 3 > length.max(other_length) * 2;
            // The distance is no less than the difference of the lengths, which is quicker to tell.
            if too_far(length.abs_diff(other_length)) {
                return None;
            }
            let distance = strsim::damerau_levenshtein(&wanted, &lower);
            if too_far(distance) {
                return None;
            }
            let shared = wanted.chars().zip(lower.chars()).take_while(|(a, b)| a == b).count();
            Some((isize::try_from(distance).ok()? - isize::try_from(shared).ok()?, name))
        })
        .collect();
    ranked.into_iter().take(3).map(|(_, name)| name.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_come_first_and_ties_by_the_alphabet() {
        let known = ["gpt-4o", "gpt-4", "gpt-4.1", "claude-3-opus", "o1", "gpt-4-turbo"];
        for (wanted, expected) in [
            ("gpt-4p", vec!["gpt-4", "gpt-4o", "gpt-4.1"]),
            ("GPT-4-Turb", vec!["gpt-4-turbo", "gpt-4", "gpt-4.1"]),
            ("claude-3-opuss", vec!["claude-3-opus"]),
            ("zzzzzzzzzzzzzzzz", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(nearest(wanted, known.into_iter()), expected, "{wanted}");
            assert_eq!(nearest(wanted, known.into_iter().rev()), expected, "{wanted}");
        }
        assert!(nearest(&"gpt-4".repeat(1_000), known.into_iter()).is_empty());
    }
}

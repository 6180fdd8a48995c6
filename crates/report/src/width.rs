//! How many columns of a terminal a text takes.

mod ranges;

/// The columns of a text: 0 for combining marks and invisible characters, 2 for wide ones, 1 for the rest. What follows
/// a zero-width joiner is drawn into the character before it.
pub(crate) fn columns(text: &str) -> usize {
    let mut last = '\0';
    text.chars().map(|c| advance(std::mem::replace(&mut last, c), c)).sum()
}

/// The columns `c` takes after the character `last`.
pub(crate) fn advance(last: char, c: char) -> usize {
    match c {
        ' '..='~' => 1,
        _ if last == '\u{200D}' || within(ranges::ZERO, c) => 0,
        // Skin tones colour the character before them.
        '\u{1F3FB}'..='\u{1F3FF}' if !last.is_ascii() => 0,
        _ if within(ranges::WIDE, c) => 2,
        c if c.is_control() => 0,
        _ => 1,
    }
}

/// Whether a sorted list of first and last code points holds `c`.
fn within(bounds: &[u32], c: char) -> bool {
    let (first_last, rest) = bounds.as_chunks::<2>();
    debug_assert!(rest.is_empty());
    let after = first_last.partition_point(|[_, last]| *last < u32::from(c));
    first_last.get(after).is_some_and(|[first, _]| *first <= u32::from(c))
}

#[cfg(test)]
mod tests {
    use super::columns;

    #[test]
    fn wide_combining_and_joined_characters_are_counted_as_drawn() {
        let cases = [
            ("", 0),
            ("abc", 3),
            ("µs ✓ ✗ █ ▁", 10),
            ("é", 1),
            ("e\u{301}", 1),
            ("日本語", 6),
            ("ｆｕｌｌ", 8),
            ("한국", 4),
            ("👩\u{200D}💻", 2),
            ("👍🏽", 2),
            ("🇩🇪", 2),
            ("a\u{200B}b", 2),
            ("\u{202E}x", 1),
        ];
        for (text, expected) in cases {
            assert_eq!(columns(text), expected, "{text:?}");
        }
    }

    #[test]
    fn ranges_are_sorted_and_apart() {
        for bounds in [super::ranges::ZERO, super::ranges::WIDE] {
            assert!(bounds.as_chunks::<2>().0.iter().all(|[first, last]| first <= last));
            assert!(bounds.as_chunks::<2>().0.windows(2).all(|pair| pair[0][1] < pair[1][0]));
        }
    }
}

//! How many columns of a terminal a text takes.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Characters that are drawn as one are remembered up to this many; no script needs more.
const LONGEST: usize = 32;

/// The columns of a text, as the Unicode Standard has them: 0 for combining marks and invisible characters, 2 for wide
/// ones, and for what is drawn as one character what that takes.
pub(crate) fn columns(text: &str) -> usize {
    text.width()
}

/// Goes along a text character by character, for whoever has to cut it.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    /// The characters so far that are drawn as one, and what they take.
    drawn: String,
    taken: usize,
}

impl Columns {
    /// The columns that `c` adds to what stands before it: 0 if it is drawn into that.
    pub(crate) fn advance(&mut self, c: char) -> usize {
        let alone = c.width().unwrap_or(0);
        self.drawn.push(c);
        let taken = self.drawn.width();
        let added = taken.saturating_sub(self.taken);
        self.taken = taken;
        if alone > 0 && added == alone || self.drawn.chars().nth(LONGEST).is_some() {
            self.drawn.clear();
            self.drawn.push(c);
            self.taken = alone;
        }
        added
    }
}

#[cfg(test)]
mod tests {
    use super::{Columns, columns};

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
            ("👩\u{200D}💻👩\u{200D}💻", 4),
            ("👍🏽", 2),
            ("🇩🇪", 2),
            ("❤\u{FE0F}x", 3),
            ("a\u{200B}b", 2),
            ("\u{202E}x", 1),
        ];
        for (text, expected) in cases {
            assert_eq!(columns(text), expected, "{text:?}");
            let mut along = Columns::default();
            assert_eq!(text.chars().map(|c| along.advance(c)).sum::<usize>(), expected, "{text:?}");
        }
    }

    #[test]
    fn many_marks_on_one_letter_take_no_more_room_and_little_time() {
        let mut along = Columns::default();
        let text = "a".to_owned() + &"\u{301}".repeat(200_000) + "b";
        assert_eq!(text.chars().map(|c| along.advance(c)).sum::<usize>(), 2);
    }
}

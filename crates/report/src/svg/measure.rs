//! About how wide a text is drawn. A page that runs no script cannot measure, so the guess is on the large side.

use super::LETTERS;
use crate::width::Columns;

/// Of a text that is cut, this share of the room goes to its beginning. Names differ at their ends: the end has more.
const BEGINNING: f64 = 0.4;

/// The width of a text at the size of labels.
pub(super) fn width(text: &str) -> f64 {
    letters(text).map(|(_, width)| width).sum::<f64>() * LETTERS
}

/// The text cut in its middle to a width, with an ellipsis there, or `None` where it fits.
pub(super) fn cut(text: &str, room: f64) -> Option<String> {
    if width(text) <= room {
        return None;
    }
    let letters: Vec<(char, f64)> = letters(text).collect();
    let room = (room / LETTERS - ELLIPSIS).max(0.0);
    let beginning = fitting(letters.iter(), room * BEGINNING);
    let used: f64 = letters[..beginning].iter().map(|(_, width)| width).sum();
    let rest = &letters[beginning..];
    let mut from = rest.len() - fitting(rest.iter().rev(), room - used);
    // What is drawn into a character that was cut off goes with it.
    from += rest[from..].iter().take_while(|(_, width)| *width <= 0.0).count();
    let text = |letters: &[(char, f64)]| letters.iter().map(|(c, _)| *c).collect::<String>();
    Some(format!("{}…{}", text(&letters[..beginning]).trim_end(), text(&rest[from..]).trim_start()))
}

/// How many of the letters have room.
fn fitting<'a>(letters: impl Iterator<Item = &'a (char, f64)>, room: f64) -> usize {
    let mut used = 0.0;
    letters
        .take_while(|(_, width)| {
            used += width;
            used <= room
        })
        .count()
}

const ELLIPSIS: f64 = 0.98;

/// The letters with their widths as shares of the size of letters, for common sans-serif faces.
fn letters(text: &str) -> impl Iterator<Item = (char, f64)> {
    let mut along = Columns::default();
    text.chars().map(move |c| (c, letter(c, along.advance(c))))
}

fn letter(c: char, columns: usize) -> f64 {
    match c {
        'i' | 'j' | 'l' | '\'' | '|' | '.' | ',' | ':' | ';' | '!' => 0.31,
        ' ' | 'f' | 't' | 'r' | 'I' | '(' | ')' | '[' | ']' | '/' | '-' | '"' | '`' => 0.4,
        'm' | 'w' | 'M' | 'W' | '%' | '@' | '—' => 0.98,
        '…' => ELLIPSIS,
        'A'..='Z' | '&' | '+' | '<' | '=' | '>' | '~' => 0.74,
        '0'..='9' | 'a'..='z' => 0.62,
        _ => match columns {
            0 => 0.0,
            1 => 0.72,
            _ => 1.05,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::{cut, width};

    #[test]
    fn a_cut_text_fits() {
        let cases = ["a rather long label of a bar", "日本語の長いラベル", "iiiiiiiiiiiiiiiiiiiii WWWWW"];
        for text in cases {
            assert_eq!(cut(text, width(text)), None);
            let cut = cut(text, 80.0).unwrap();
            assert!(width(&cut) <= 80.0 && cut.contains('…') && cut.chars().count() > 3, "{cut}");
        }
        assert_eq!(cut("no room at all", 0.0).as_deref(), Some("…"));
    }

    #[test]
    fn a_cut_name_keeps_its_end_and_what_is_drawn_as_one_stays_whole() {
        let cases = [
            ("comparison/voting-against-debate/hidden-profile/weighted-vote", "comparis…eighted-vote"),
            ("debate/turn/instant-debater-with-a-long-name/16", "debate/t…-long-name/16"),
        ];
        for (text, expected) in cases {
            assert_eq!(cut(text, 170.0).as_deref(), Some(expected));
        }
        let accents = "e\u{301}".repeat(30);
        let cut = cut(&accents, 100.0).unwrap();
        let (beginning, end) = cut.split_once('…').unwrap();
        assert!(beginning.ends_with('\u{301}') && end.starts_with('e'), "{cut}");
    }
}

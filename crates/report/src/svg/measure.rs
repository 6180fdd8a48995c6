//! About how wide a text is drawn. A page that runs no script cannot measure, so the guess is on the large side.

use super::LETTERS;
use crate::width;

/// The width of a text at the size of labels.
pub(super) fn width(text: &str) -> f64 {
    let mut last = '\0';
    text.chars().map(|c| letter(std::mem::replace(&mut last, c), c)).sum::<f64>() * LETTERS
}

/// The text cut to a width with an ellipsis, or `None` where it fits.
pub(super) fn cut(text: &str, room: f64) -> Option<String> {
    if width(text) <= room {
        return None;
    }
    let room = room / LETTERS - letter('\0', '…');
    let (mut used, mut last, mut cut) = (0.0, '\0', String::new());
    for c in text.chars() {
        used += letter(std::mem::replace(&mut last, c), c);
        if used > room {
            break;
        }
        cut.push(c);
    }
    let kept = cut.trim_end().len();
    cut.truncate(kept);
    cut.push('…');
    Some(cut)
}

/// The width of a letter as a share of the size of letters, for common sans-serif faces.
fn letter(last: char, c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | '\'' | '|' | '.' | ',' | ':' | ';' | '!' => 0.31,
        ' ' | 'f' | 't' | 'r' | 'I' | '(' | ')' | '[' | ']' | '/' | '-' | '"' | '`' => 0.4,
        'm' | 'w' | 'M' | 'W' | '%' | '@' | '…' | '—' => 0.98,
        'A'..='Z' | '&' | '+' | '<' | '=' | '>' | '~' => 0.74,
        '0'..='9' | 'a'..='z' => 0.62,
        c => match width::advance(last, c) {
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
            assert!(width(&cut) <= 80.0 && cut.ends_with('…') && cut.chars().count() > 3, "{cut}");
        }
    }
}

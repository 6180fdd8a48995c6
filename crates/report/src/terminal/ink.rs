//! Lines of characters with a style each: made, wrapped and written out.

use crate::text::{Mark, Text, cleaned, reorders};
use crate::tone::Tone;
use crate::width::Columns;

/// How a character is shown where colour is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    Plain,
    Strong,
    Emphasis,
    Code,
    Link,
    Soft,
    Tone(Tone),
}

/// Characters with their style; `\n` ends a line wherever it stands.
pub(super) type Line = Vec<(char, Ink)>;

/// The characters of a text. Marks that colour alone would carry have signs as well: code its backticks, a link its
/// address.
pub(super) fn words(text: &Text, base: Ink) -> Line {
    let mut line = Line::new();
    for run in text.runs() {
        let shown = run.text.replace('\t', " ");
        match &run.mark {
            Mark::Plain => line.extend(plain_line(&shown, base)),
            Mark::Strong => line.extend(plain_line(&shown, Ink::Strong)),
            Mark::Emphasis => line.extend(plain_line(&shown, Ink::Emphasis)),
            Mark::Code => line.extend(plain_line(&format!("`{shown}`"), Ink::Code)),
            Mark::Link(address) => {
                line.extend(plain_line(&shown, Ink::Link));
                if *address != run.text && !address.starts_with('#') {
                    line.extend(plain_line(&format!(" ({address})"), base));
                }
            }
        }
    }
    line
}

/// Characters of one style, without those that could change how others are shown.
pub(super) fn plain_line(text: &str, ink: Ink) -> Line {
    cleaned(text).chars().filter(|c| !reorders(*c)).map(|c| (c, ink)).collect()
}

/// The columns of a line without line ends in it.
pub(super) fn columns(line: &[(char, Ink)]) -> usize {
    widths(line).sum()
}

fn widths(line: &[(char, Ink)]) -> impl Iterator<Item = usize> {
    let mut along = Columns::default();
    line.iter().map(move |(c, _)| along.advance(*c))
}

/// Cuts a line between words, or within a word that is too long for any line; at least one part, maybe empty.
pub(super) fn wrap(line: &[(char, Ink)], room: usize) -> Vec<&[(char, Ink)]> {
    let mut parts = Vec::new();
    for whole in line.split(|(c, _)| *c == '\n') {
        let mut rest = whole;
        while let Some(end) = overflow(rest, room) {
            let fits = &rest[..end];
            // The space where the line is cut may itself be the first character without room.
            let space =
                if rest[end].0 == ' ' { Some(end) } else { fits.iter().rposition(|(c, _)| *c == ' ') };
            match space.filter(|at| rest[..*at].iter().any(|(c, _)| *c != ' ')) {
                Some(at) => {
                    parts.push(&rest[..at]);
                    let gap = rest[at..].iter().take_while(|(c, _)| *c == ' ').count();
                    rest = &rest[at + gap..];
                }
                None => {
                    parts.push(fits);
                    rest = &rest[end..];
                }
            }
        }
        parts.push(rest);
    }
    parts
}

/// Cuts a line wherever it is full.
pub(super) fn cut(line: &[(char, Ink)], room: usize) -> Vec<&[(char, Ink)]> {
    let (mut parts, mut rest) = (Vec::new(), line);
    while let Some(end) = overflow(rest, room) {
        parts.push(&rest[..end]);
        rest = &rest[end..];
    }
    parts.push(rest);
    parts
}

/// The first character without room, if there is one; never the very first, so that every cut gets on.
fn overflow(line: &[(char, Ink)], room: usize) -> Option<usize> {
    let mut used = 0;
    widths(line)
        .position(|columns| {
            used += columns;
            used > room
        })
        .map(|at| at.max(1))
        .filter(|at| *at < line.len())
}

/// Writes a line; without colour, its characters alone.
pub(super) fn paint(out: &mut String, line: &[(char, Ink)], colour: bool) {
    let mut on = "";
    for (c, ink) in line {
        let wanted = if colour { sequence(*ink) } else { "" };
        if wanted != on {
            if !on.is_empty() {
                out.push_str("\u{1b}[0m");
            }
            out.push_str(wanted);
            on = wanted;
        }
        out.push(*c);
    }
    if !on.is_empty() {
        out.push_str("\u{1b}[0m");
    }
}

const fn sequence(ink: Ink) -> &'static str {
    match ink {
        Ink::Plain | Ink::Tone(Tone::Plain) => "",
        Ink::Strong => "\u{1b}[1m",
        Ink::Emphasis => "\u{1b}[3m",
        Ink::Code => "\u{1b}[36m",
        Ink::Link => "\u{1b}[4m",
        Ink::Soft => "\u{1b}[2m",
        Ink::Tone(Tone::Good) => "\u{1b}[32m",
        Ink::Tone(Tone::Note) => "\u{1b}[34m",
        Ink::Tone(Tone::Warn) => "\u{1b}[33m",
        Ink::Tone(Tone::Bad) => "\u{1b}[1;31m",
    }
}

#[cfg(test)]
mod tests {
    use super::{Ink, columns, cut, plain_line, wrap};

    fn wrapped(text: &str, room: usize) -> Vec<String> {
        let line = plain_line(text, Ink::Plain);
        wrap(&line, room).iter().map(|part| part.iter().map(|(c, _)| c).collect()).collect()
    }

    #[test]
    fn lines_are_cut_between_words_and_long_words_within() {
        let cases: [(&str, &[&str]); 7] = [
            ("", &[""]),
            ("one two three", &["one two", "three"]),
            ("exactly 8", &["exactly", "8"]),
            ("abcdefghijk lm", &["abcdefgh", "ijk lm"]),
            ("a\n\nb", &["a", "", "b"]),
            ("日本語日本語", &["日本語日", "本語"]),
            ("  indented text", &["  indent", "ed text"]),
        ];
        for (text, expected) in cases {
            assert_eq!(wrapped(text, 8), expected, "{text:?}");
        }
    }

    #[test]
    fn a_wide_character_in_one_column_ends_the_cutting() {
        let line = plain_line("日本", Ink::Plain);
        assert_eq!(cut(&line, 1).len(), 2);
        assert_eq!(columns(&line), 4);
    }
}

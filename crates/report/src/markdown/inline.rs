//! A text as Markdown in one line that reads back as the same characters.
//!
//! Characters that could take effect get a backslash; white space that Markdown would drop, line breaks and characters
//! that reorder text become numeric references.

use crate::put::put;
use crate::text::{Mark, Text, reorders};

/// Where the text will stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Where a `#` or `-` would open a block.
    LineStart,
    /// Behind the signs of a heading, where a `}` at the end would close a list of attributes.
    Heading,
    /// In a cell, where a `|` would end it.
    Cell,
}

/// A part of a text once white space is moved out of strong and emphasised runs, which may not begin or end with it.
struct Piece<'a> {
    mark: &'a Mark,
    text: &'a str,
}

pub(crate) fn inline(text: &Text, place: Place) -> String {
    let pieces = pieces(text, place);
    let mut out = String::new();
    for (at, piece) in pieces.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| pieces.get(at));
        let after = pieces.get(at + 1);
        match piece.mark {
            Mark::Plain => {
                let edges = Edges {
                    line_start: at == 0 && place == Place::LineStart,
                    first: before.is_none(),
                    last: after.is_none(),
                    heading: place == Place::Heading,
                    hide_first: before.is_some_and(|mark| mark.needs_sign_after()),
                    hide_last: after.is_some_and(|mark| mark.needs_sign_before()),
                };
                plain(&mut out, piece.text, edges);
            }
            Mark::Strong => wrapped(&mut out, "**", piece.text),
            Mark::Emphasis => wrapped(&mut out, "_", piece.text),
            Mark::Code => code(&mut out, piece.text, place),
            Mark::Link(address) => {
                out.push('[');
                plain(&mut out, piece.text, Edges::INSIDE);
                put!(&mut out, "]({})", address.replace('&', "&amp;"));
            }
        }
    }
    out
}

fn pieces(text: &Text, place: Place) -> Vec<Piece<'_>> {
    let mut pieces: Vec<Piece<'_>> = Vec::with_capacity(text.runs().len());
    for run in text.runs() {
        let whole = run.text.as_str();
        let (head, body, tail) = match run.mark {
            Mark::Strong | Mark::Emphasis => {
                let from_body = whole.trim_start();
                let body = from_body.trim_end();
                let (head, tail) = (whole.len() - from_body.len(), from_body.len() - body.len());
                (&whole[..head], body, &whole[whole.len() - tail..])
            }
            // `\|` in the code of a cell has no form that every reader takes alike.
            Mark::Code if place == Place::Cell && whole.contains("\\|") => (whole, "", ""),
            Mark::Plain | Mark::Code | Mark::Link(_) => ("", whole, ""),
        };
        let parts = [(&Mark::Plain, head), (&run.mark, body), (&Mark::Plain, tail)];
        pieces.extend(
            parts.into_iter().filter(|(_, text)| !text.is_empty()).map(|(mark, text)| Piece { mark, text }),
        );
    }
    pieces
}

impl Piece<'_> {
    /// Whether the character before must be a punctuation sign for the mark to open.
    fn needs_sign_before(&self) -> bool {
        match self.mark {
            Mark::Strong => !self.text.starts_with(letter),
            Mark::Emphasis => true,
            Mark::Plain | Mark::Code | Mark::Link(_) => false,
        }
    }

    /// Whether the character after must be a punctuation sign for the mark to close.
    fn needs_sign_after(&self) -> bool {
        match self.mark {
            Mark::Strong => !self.text.ends_with(letter),
            Mark::Emphasis => true,
            Mark::Plain | Mark::Code | Mark::Link(_) => false,
        }
    }
}

/// A letter or digit that no version of `CommonMark` takes for a sign. (Circled letters are both.)
fn letter(c: char) -> bool {
    c.is_alphanumeric() && !matches!(c, '\u{2100}'..='\u{2BFF}' | '\u{1F000}'..='\u{1FAFF}')
}

/// What stands around a plain piece.
#[derive(Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own about what stands around the piece"
)]
struct Edges {
    line_start: bool,
    /// Whether nothing stands before or after it, so that white space there would be dropped.
    first: bool,
    last: bool,
    heading: bool,
    /// Whether its first or last letter must be written as a reference, for a mark beside it to be seen.
    hide_first: bool,
    hide_last: bool,
}

impl Edges {
    const INSIDE: Self = Self {
        line_start: false,
        first: true,
        last: true,
        heading: false,
        hide_first: false,
        hide_last: false,
    };
}

fn wrapped(out: &mut String, sign: &str, text: &str) {
    out.push_str(sign);
    plain(out, text, Edges::INSIDE);
    out.push_str(sign);
}

fn plain(out: &mut String, text: &str, edges: Edges) {
    let mut before = None;
    let mut rest = text.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        let after = rest.peek().map(|(_, c)| *c);
        let (opens, ends) = (before.is_none(), after.is_none());
        let hidden =
            (opens && edges.hide_first || ends && edges.hide_last) && !c.is_ascii_punctuation() && c != ' ';
        let closes = c == '}' && ends && edges.last && edges.heading;
        let dropped = opens && edges.first || ends && edges.last;
        if hidden || closes || reorders(c) || c.is_whitespace() && (c != ' ' || dropped) {
            put!(out, "&#{};", u32::from(c));
        } else if c == '&' {
            let name = text[at + 1..].trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '#');
            out.push_str(if name.starts_with(';') { "&amp;" } else { "&" });
        } else {
            if active(c, before, after, text, at, edges.line_start) {
                out.push('\\');
            }
            out.push(c);
        }
        before = Some(c);
    }
}

/// Whether a character could take effect where it stands.
fn active(
    c: char,
    before: Option<char>,
    after: Option<char>,
    text: &str,
    at: usize,
    line_start: bool,
) -> bool {
    let opens_line = line_start && before.is_none();
    match c {
        '\\' | '`' | '*' | '[' | ']' | '<' | '|' | '~' | '$' | '^' | '{' => true,
        // Between letters it never marks anything.
        '_' => !(before.is_some_and(letter) && after.is_some_and(letter)),
        '#' => before.is_none_or(char::is_whitespace),
        '>' | '+' | '-' | '=' => opens_line,
        // `!` before a link would make it an image.
        '!' => after.is_none(),
        ':' => opens_line || text[at..].starts_with("://"),
        '.' | ')'
            if line_start && (1..=9).contains(&at) && text[..at].bytes().all(|b| b.is_ascii_digit()) =>
        {
            true
        }
        '.' => text[..at].ends_with("www"),
        _ => false,
    }
}

/// A code span: as many backticks around it as it needs.
fn code(out: &mut String, text: &str, place: Place) {
    let ticks = "`".repeat(longest_run(text) + 1);
    let edge = |c: char| c == ' ' || c == '`';
    let padded = (text.starts_with(edge) || text.ends_with(edge)) && !text.trim_matches(' ').is_empty();
    let pad = if padded { " " } else { "" };
    let text = if place == Place::Cell { text.replace('|', "\\|") } else { text.to_owned() };
    put!(out, "{ticks}{pad}{text}{pad}{ticks}");
}

/// The longest run of backticks.
pub(super) fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{Place, inline};
    use crate::text::Text;

    #[test]
    fn only_what_would_take_effect_is_escaped() {
        let cases = [
            (
                "p99 is 12.5 ms (3 %), up 4-fold; a_b, C# & R&D",
                "p99 is 12.5 ms (3 %), up 4-fold; a_b, C# & R&D",
            ),
            ("- item", "\\- item"),
            ("-5.2 %", "\\-5.2 %"),
            ("1. one", "1\\. one"),
            ("2026. A year", "2026\\. A year"),
            ("# not a heading #", "\\# not a heading \\#"),
            ("a\nb", "a&#10;b"),
            ("  padded ", "&#32; padded&#32;"),
            ("*a* [b](c) <d> `e` | ~f~ $g$", "\\*a\\* \\[b\\](c) \\<d> \\`e\\` \\| \\~f\\~ \\$g\\$"),
            ("see https://x.org", "see https\\://x.org"),
            ("\u{202E}x", "&#8238;x"),
            ("&lt;", "&amp;lt;"),
        ];
        for (text, expected) in cases {
            assert_eq!(inline(&Text::from(text), Place::LineStart), expected);
        }
        assert_eq!(inline(&Text::from("-5.2 %"), Place::Cell), "-5.2 %");
    }

    #[test]
    fn marks_open_and_close_beside_any_character() {
        let cases = [
            (Text::new().plain("a").strong("b").plain("c"), "a**b**c"),
            (Text::new().plain("a").strong("(b)").plain("c"), "&#97;**(b)**&#99;"),
            (Text::new().plain("a").emphasis("b").plain("c"), "&#97;_b_&#99;"),
            (Text::new().plain("a ").strong(" b ").plain("c"), "a  **b** c"),
            (Text::new().code("a`b").plain(" ").code("`"), "``a`b`` `` ` ``"),
            (
                Text::new().plain("!").link("x", "https://x.org/?a=1&b=2"),
                "\\![x](https://x.org/?a=1&amp;b=2)",
            ),
            (Text::new().link("x", "javascript:alert(1)"), "x (javascript:alert(1))"),
        ];
        for (text, expected) in cases {
            assert_eq!(inline(&text, Place::LineStart), expected);
        }
    }
}

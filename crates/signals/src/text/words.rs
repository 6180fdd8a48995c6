//! A text as words, sentences and clauses.

use std::sync::LazyLock;

use super::word_table::{WordTable, hash_of};

/// One word of a text, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Word<'a> {
    pub(crate) text: &'a str,
    /// Of its lower case.
    pub(crate) hash: u64,
    /// The byte at which it begins.
    pub(crate) at: usize,
    pub(crate) opens_sentence: bool,
    /// A comma, a colon, a bracket or the like is before it, or it opens a sentence.
    pub(crate) opens_clause: bool,
}

/// Behind these a full stop ends no sentence.
const ABBREVIATIONS: &str = "adj approx apr aug bros calif cf co corp dec dept dr est etc feb fig ft gen gov hon inc jan jr \
    jul jun lt ltd mar mr mrs ms mt nasdaq nov nos oct plc prof rep rev sec sen sep sept sr st vol vs";

fn is_abbreviation(word: &str) -> bool {
    static TABLE: LazyLock<WordTable<()>> = LazyLock::new(|| {
        let mut table = WordTable::with_capacity(64);
        for word in ABBREVIATIONS.split_ascii_whitespace() {
            *table.entry(word) = ();
        }
        table
    });
    let is_initial = word.len() == 1 && word.as_bytes()[0].is_ascii_alphabetic();
    is_initial || word.contains('.') || word.len() <= 6 && TABLE.get(word).is_some()
}

fn is_letter(text: &str, at: usize) -> Option<usize> {
    match text.as_bytes().get(at) {
        Some(byte) if byte.is_ascii() => byte.is_ascii_alphanumeric().then_some(1),
        Some(_) => text[at..].chars().next().filter(|letter| letter.is_alphanumeric()).map(char::len_utf8),
        None => None,
    }
}

/// May the mark at `at`, a letter before it, stand within a word if a letter is behind it as well? Its length.
fn joint(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes[at] {
        b'\'' | b'&' | b'.' => Some(1),
        b',' if bytes[at - 1].is_ascii_digit() && bytes.get(at + 1).is_some_and(u8::is_ascii_digit) => {
            Some(1)
        }
        0xe2 if bytes[at..].starts_with("\u{2019}".as_bytes()) => Some(3),
        _ => None,
    }
}

/// The end of the word that begins at `at`.
fn end_of(text: &str, mut at: usize) -> usize {
    let bytes = text.as_bytes();
    loop {
        while let Some(length) = is_letter(text, at) {
            at += length;
        }
        if at >= bytes.len() {
            return at;
        }
        match joint(bytes, at) {
            Some(length) if is_letter(text, at + length).is_some() => at += length,
            _ => return at,
        }
    }
}

/// The words of a text: letters and digits, with the marks in "don't", "AT&T", "U.S" and "1,234.5" within them; a hyphen
/// parts. A sentence ends at `!`, `?`, `…` and at empty lines, and at a full stop unless it follows an abbreviation or a
/// small letter follows it.
pub(crate) fn words(text: &str) -> Vec<Word<'_>> {
    let bytes = text.as_bytes();
    let mut out = Vec::<Word<'_>>::with_capacity(bytes.len() / 6 + 1);
    let (mut at, mut gap) = (0, Gap { ends_sentence: true, ends_clause: true, ..Gap::default() });
    while at < bytes.len() {
        if is_letter(text, at).is_none() {
            at += gap.take(text, at);
            continue;
        }
        let end = end_of(text, at);
        let word = &text[at..end];
        let stopped = gap.stop && {
            let goes_on = word.starts_with(char::is_lowercase);
            !goes_on && !out.last().is_some_and(|before| is_abbreviation(before.text))
        };
        let opens_sentence = gap.ends_sentence || stopped;
        let opens_clause = opens_sentence || gap.ends_clause;
        out.push(Word { text: word, hash: hash_of(word), at, opens_sentence, opens_clause });
        gap = Gap::default();
        at = end;
    }
    out
}

/// What stands between two words.
#[derive(Default)]
struct Gap {
    ends_sentence: bool,
    ends_clause: bool,
    stop: bool,
    lines: u8,
}

impl Gap {
    /// Takes note of the mark at `at`; its length.
    fn take(&mut self, text: &str, at: usize) -> usize {
        match text.as_bytes()[at] {
            b' ' => return 1,
            b'.' => self.stop = true,
            b'!' | b'?' => self.ends_sentence = true,
            b',' | b';' | b':' | b'(' | b')' | b'[' | b']' | b'|' => self.ends_clause = true,
            b'\n' => {
                self.ends_clause = true;
                self.lines = self.lines.saturating_add(1);
                self.ends_sentence |= self.lines > 1;
            }
            byte if !byte.is_ascii() => {
                let letter = text[at..].chars().next().unwrap_or_default();
                match letter {
                    '…' | '\u{2029}' | '。' => self.ends_sentence = true,
                    '–' | '—' | '，' => self.ends_clause = true,
                    _ => {}
                }
                return letter.len_utf8();
            }
            _ => {}
        }
        1
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str) -> String {
        words(text)
            .iter()
            .map(|word| {
                let mark = if word.opens_sentence {
                    "/"
                } else if word.opens_clause {
                    ","
                } else {
                    ""
                };
                format!("{mark}{}", word.text)
            })
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn words_sentences_and_clauses() {
        for (text, expected) in [
            ("", ""),
            ("  …!", ""),
            ("AT&T rose 1,234.5 points, to 9.", "/AT&T rose 1,234.5 points ,to 9"),
            (
                "U.S. stocks don\u{2019}t fall. Why? Well-known",
                "/U.S stocks don\u{2019}t fall /Why /Well known",
            ),
            ("Acme Inc. said Mr. J. Doe left. he came", "/Acme Inc said Mr J Doe left he came"),
            ("Head\nline one\n\nBody (here) text", "/Head ,line one /Body ,here ,text"),
            ("Größe — 🚀 ok", "/Größe ,ok"),
            ("1,a x'", "/1 ,a x"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn words_are_parts_of_the_text_in_order(text in "[ -~\u{2019}é…\n,.a-c1]{0,60}") {
            let mut end = 0;
            for word in words(&text) {
                prop_assert!(word.at >= end && text[word.at..].starts_with(word.text) && !word.text.is_empty());
                end = word.at + word.text.len();
            }
        }
    }
}

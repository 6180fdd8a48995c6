//! Cutting a text into words.

use super::vocabulary::{CONTRACTED, FUNCTION_WORDS};

/// A word, a number, or a mark that ends a phrase (`,`) or a sentence (`.`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    /// In small letters; what is quoted or an address is kept as it was written.
    pub(super) text: String,
    /// Whether it is written as a name.
    pub(super) is_name: bool,
    /// Whether nothing may be changed about it.
    pub(super) is_verbatim: bool,
}

impl Token {
    pub(super) fn of(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_name: false, is_verbatim: false }
    }

    fn verbatim(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_name: true, is_verbatim: true }
    }
}

/// The words of a text, in their order.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let text = straightened(text);
    let shouts = !text.chars().any(char::is_lowercase);
    let mut out = Vec::new();
    let mut starts_sentence = true;
    for piece in pieces(&text) {
        match piece {
            Piece::Quoted(quoted) if quoted.split_whitespace().nth(1).is_some() => {
                out.push(Token::verbatim(format!(
                    "\"{}\"",
                    quoted.split_whitespace().collect::<Vec<_>>().join(" ")
                )));
                starts_sentence = false;
            }
            Piece::Quoted(text) | Piece::Plain(text) => {
                for chunk in text.split_whitespace() {
                    push_chunk(&mut out, chunk, &mut starts_sentence, shouts);
                }
            }
        }
    }
    while out.last().is_some_and(|token| is_mark(&token.text)) {
        out.pop();
    }
    out
}

pub(super) fn is_mark(text: &str) -> bool {
    matches!(text, "," | ".")
}

/// With one form of quotation marks, dashes and spaces.
fn straightened(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{2018}' | '\u{2019}' | '\u{201B}' | '\u{02BC}' => '\'',
            '\u{201C}' | '\u{201D}' | '\u{201E}' | '\u{00AB}' | '\u{00BB}' => '"',
            '\u{2010}' | '\u{2011}' | '\u{2212}' => '-',
            c if c.is_whitespace() => ' ',
            c => c,
        })
        .collect()
}

enum Piece<'a> {
    Plain(&'a str),
    Quoted(&'a str),
}

/// What stands in quotation marks, and what does not.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((open, mark)) = opening(rest) {
        let inside = &rest[open + 1..];
        let Some(close) = closing(inside, mark) else { break };
        out.push(Piece::Plain(&rest[..open]));
        out.push(Piece::Quoted(&inside[..close]));
        rest = &inside[close + 1..];
    }
    out.push(Piece::Plain(rest));
    out
}

/// Where the next quotation begins, and with which mark. An apostrophe begins one after a space only.
fn opening(text: &str) -> Option<(usize, char)> {
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let after = text[at + c.len_utf8()..].chars().next().unwrap_or(' ');
        if (c == '"' || (c == '\'' && (before == ' ' || before == '('))) && after != ' ' {
            return Some((at, c));
        }
        before = c;
    }
    None
}

fn closing(text: &str, mark: char) -> Option<usize> {
    text.char_indices().find_map(|(at, c)| {
        let after = text[at + c.len_utf8()..].chars().next().unwrap_or(' ');
        (c == mark && (mark == '"' || !after.is_alphanumeric())).then_some(at)
    })
}

fn push_chunk(out: &mut Vec<Token>, chunk: &str, starts_sentence: &mut bool, shouts: bool) {
    let is_dot_word = chunk.starts_with('.') && chunk[1..].starts_with(char::is_alphabetic);
    let opening: &[char] =
        if is_dot_word { &[] } else { &['"', '\'', '(', ')', ',', '.', ':', ';', '!', '?', '¿', '¡'] };
    let closing = ['"', '\'', '(', ')', ',', '.', ':', ';', '!', '?', '\u{2026}'];
    let word = chunk.trim_start_matches(opening).trim_end_matches(closing);
    let after = &chunk[chunk.len() - chunk.trim_start_matches(opening).trim_start_matches(word).len()..];
    if word.contains("://") || word.contains('@') || word.starts_with("www.") {
        out.push(Token::verbatim(word));
    } else if let Some(letters) = dotted(word) {
        out.push(named(&letters, *starts_sentence, shouts));
    } else if is_day(word) {
        out.push(Token::of(word));
    } else {
        for part in parts(word) {
            push_word(out, part, *starts_sentence, shouts);
        }
    }
    *starts_sentence &= word.is_empty();
    let ends = after.contains(['!', '?', '\u{2026}']) || (after.contains('.') && !is_short(word));
    if ends {
        out.push(Token::of("."));
        *starts_sentence = true;
    } else if after.contains([',', ':', ';', ')']) || chunk.starts_with('(') {
        out.push(Token::of(","));
    }
}

/// Whether a dot after the word belongs to it.
fn is_short(word: &str) -> bool {
    let lower = word.to_lowercase();
    dotted(word).is_some()
        || matches!(
            &*lower,
            "mr" | "mrs" | "ms" | "dr" | "vs" | "st" | "no" | "etc" | "inc" | "co" | "approx" | "e.g" | "i.e"
        )
}

/// `U.S` and `p.m` without their dots.
fn dotted(word: &str) -> Option<String> {
    let letters: Vec<&str> = word.split('.').collect();
    let fits = letters.len() > 1
        && letters.iter().all(|l| l.chars().count() == 1 && l.chars().all(char::is_alphabetic));
    fits.then(|| letters.concat())
}

/// Whether it is a day as ISO 8601 writes it.
fn is_day(word: &str) -> bool {
    let lengths: Vec<usize> = word.split('-').map(str::len).collect();
    lengths == [4, 2, 2] && word.chars().all(|c| c.is_ascii_digit() || c == '-')
}

/// The parts of a word at its hyphens, dashes and signs. A sign before a number is part of it.
fn parts(word: &str) -> Vec<&str> {
    let bytes = word.as_bytes();
    let mut out = Vec::new();
    let mut from = 0;
    for (at, c) in word.char_indices() {
        let next = word[at + c.len_utf8()..].chars().next();
        let is_sign = at == 0 && c == '-' && next.is_some_and(|c| c.is_ascii_digit());
        let is_cut = match c {
            '-' => !is_sign,
            '\u{2013}' | '\u{2014}' | '(' | ')' | '!' | '?' | '"' => true,
            ',' | ':' | '.' => {
                let digits =
                    at > 0 && bytes[at - 1].is_ascii_digit() && next.is_some_and(|c| c.is_ascii_digit());
                let inside = c == '.' && next.is_some_and(char::is_alphanumeric);
                !digits && !inside
            }
            _ => false,
        };
        if is_cut {
            out.push(&word[from..at]);
            if matches!(c, '-' | '\u{2013}')
                && at > 0
                && bytes[at - 1].is_ascii_digit()
                && next.is_some_and(|c| c.is_ascii_digit())
            {
                out.push("to");
            } else if c == '-' && word.len() == 1 {
                out.push("-");
            }
            from = at + c.len_utf8();
        }
    }
    out.push(&word[from..]);
    out.retain(|part| !part.is_empty());
    out
}

/// A word as it is written, with what says that it is a name.
fn named(word: &str, starts_sentence: bool, shouts: bool) -> Token {
    let mut letters = word.chars().filter(|c| c.is_alphabetic());
    let is_capital = letters.next().is_some_and(char::is_uppercase);
    let is_all_capitals = is_capital
        && word.chars().filter(|c| c.is_alphabetic()).count() > 1
        && !word.chars().any(char::is_lowercase);
    let lower = word.to_lowercase();
    let mut token = Token::of(lower);
    if is_unit_of_data_or_power(word) {
        token.text = word.to_owned();
        return token;
    }
    if shouts || token.text == "i" {
        return token;
    }
    if word == "A" && !starts_sentence {
        // Vitamin A.
        token.text = "^a".to_owned();
        return token;
    }
    token.is_name =
        is_all_capitals || (is_capital && !starts_sentence) || word.chars().skip(1).any(char::is_uppercase);
    if is_all_capitals && FUNCTION_WORDS.contains(&*token.text) && token.text != "a" {
        // `US`, `IT`, `WHO` are not us, it, who. A word in capitals for its weight is told apart as well.
        token.text = format!("^{}", token.text);
    } else if is_capital && !starts_sentence && matches!(&*token.text, "may" | "march") {
        token.text = if token.text == "may" { "month:5".to_owned() } else { "month:3".to_owned() };
    }
    token
}

/// `Mb` and `MB`, `mW` and `MW`, also after their number: the case is part of them.
fn is_unit_of_data_or_power(word: &str) -> bool {
    let unit = word.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ','));
    let mut letters = unit.chars();
    let is_unit = letters.next().is_some_and(|c| "kKmMgGtT".contains(c))
        && letters.next().is_some_and(|c| "bBW".contains(c))
        && letters.all(|c| "ps/".contains(c));
    is_unit && unit.contains(char::is_uppercase)
}

fn push_word(out: &mut Vec<Token>, word: &str, starts_sentence: bool, shouts: bool) {
    let token = named(word, starts_sentence, shouts);
    let (is_name, is_capital) = (token.is_name, word.starts_with(char::is_uppercase));
    if token.text.starts_with('^') {
        out.push(token);
        return;
    }
    if let Some((_, long)) =
        CONTRACTED.iter().find(|(short, _)| *short == token.text && (short.len() > 1 || !is_capital))
    {
        out.extend(long.split(' ').map(Token::of));
        return;
    }
    let endings = [
        ("n't", "not"),
        ("'re", "are"),
        ("'ve", "have"),
        ("'ll", "will"),
        ("'d", "would"),
        ("'m", "am"),
        ("'s", "'s"),
    ];
    for (ending, meaning) in endings {
        if let Some(stem) = token.text.strip_suffix(ending)
            && !stem.is_empty()
        {
            out.push(Token { text: stem.to_owned(), is_name: is_name && ending == "'s", is_verbatim: false });
            out.push(Token::of(meaning));
            return;
        }
    }
    let text = token.text.trim_matches('\'');
    if !text.is_empty() {
        out.push(Token { text: text.to_owned(), ..token });
    }
}

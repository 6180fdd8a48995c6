//! A small lexer of Rust source: what is code, and on which line.
//!
//! Comments and doc text vanish, string and character literals become empty placeholders, so that a check which
//! looks for a name cannot trip over prose. It need not reject what the compiler rejects.

/// One token of code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    /// The token's text; empty for literals of text and characters.
    pub(super) text: &'a str,
    /// Its first line, from 1.
    pub(super) line: usize,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// An identifier or a keyword; a raw one is given without its `r#`.
    Word,
    /// A lifetime or a loop label, without its quote.
    Lifetime,
    /// A whole number, in any base; the index of a tuple's field too.
    Integer,
    /// A number with a fraction, an exponent or a float's suffix.
    Float,
    /// A string of any kind or a character; its text is blanked.
    Text,
    /// One character of punctuation.
    Mark,
}

impl Token<'_> {
    /// Is this the identifier or keyword `word`?
    pub(super) fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text == word
    }

    /// Is this the punctuation `mark`?
    pub(super) fn is_mark(&self, mark: &str) -> bool {
        self.kind == Kind::Mark && self.text == mark
    }
}

/// The code of one file, in order.
pub(super) fn code(text: &str) -> Vec<Token<'_>> {
    let mut lexer = Lexer { text, at: 0, line: 1, tokens: Vec::new() };
    while lexer.at < text.len() {
        lexer.step();
    }
    lexer.tokens
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    line: usize,
    tokens: Vec<Token<'a>>,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Moves over one character and counts the line that it may end.
    fn bump(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        if next == '\n' {
            self.line += 1;
        }
        Some(next)
    }

    fn bump_while(&mut self, wanted: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&wanted) {
            self.bump();
        }
    }

    fn push(&mut self, kind: Kind, start: usize, line: usize) {
        let text = if kind == Kind::Text { "" } else { &self.text[start..self.at] };
        self.tokens.push(Token { kind, text, line });
    }

    fn step(&mut self) {
        let (start, line) = (self.at, self.line);
        let rest = self.rest();
        let Some(next) = self.peek() else { return };
        if next.is_whitespace() {
            self.bump();
        } else if rest.starts_with("//") {
            self.bump_while(|c| c != '\n');
        } else if rest.starts_with("/*") {
            self.block_comment();
        } else if let Some(hashes) = raw_string_opening(rest) {
            self.raw_string(hashes);
            self.bump_while(continues_word); // a suffix, which macros may give a meaning
            self.push(Kind::Text, start, line);
        } else if let Some(prefix) = quoted_opening(rest) {
            self.at += prefix;
            self.quoted();
            self.bump_while(continues_word);
            self.push(Kind::Text, start, line);
        } else if next == '\'' {
            self.lifetime(start, line);
        } else if starts_word(next) {
            self.word(line);
        } else if next.is_ascii_digit() {
            self.number(start, line);
        } else {
            self.bump();
            self.push(Kind::Mark, start, line);
        }
    }

    /// A block comment, which may hold others.
    fn block_comment(&mut self) {
        let mut depth = 0_usize;
        while self.at < self.text.len() {
            if self.rest().starts_with("/*") {
                depth += 1;
                self.at += 2;
            } else if self.rest().starts_with("*/") {
                depth -= 1;
                self.at += 2;
                if depth == 0 {
                    return;
                }
            } else {
                self.bump();
            }
        }
    }

    fn raw_string(&mut self, hashes: usize) {
        self.bump_while(|c| c != '"');
        self.bump();
        let closing = format!("\"{}", "#".repeat(hashes));
        while self.at < self.text.len() {
            if self.rest().starts_with(&closing) {
                self.at += closing.len();
                return;
            }
            self.bump();
        }
    }

    /// A string, or a character that `quoted_opening` has recognised; the cursor stands on its opening quote.
    fn quoted(&mut self) {
        let quote = self.bump();
        while let Some(next) = self.bump() {
            if next == '\\' {
                self.bump();
            } else if Some(next) == quote {
                return;
            }
        }
    }

    fn lifetime(&mut self, start: usize, line: usize) {
        self.bump();
        if self.rest().starts_with("r#") {
            self.at += 2;
        }
        let name = self.at;
        self.bump_while(continues_word);
        if self.at > name {
            self.push(Kind::Lifetime, name, line);
        } else {
            self.push(Kind::Mark, start, line);
        }
    }

    fn word(&mut self, line: usize) {
        if self.rest().strip_prefix("r#").is_some_and(|rest| rest.starts_with(starts_word)) {
            self.at += 2;
        }
        let start = self.at;
        self.bump_while(continues_word);
        self.push(Kind::Word, start, line);
    }

    fn number(&mut self, start: usize, line: usize) {
        let rest = self.rest();
        if rest.starts_with("0x") || rest.starts_with("0o") || rest.starts_with("0b") {
            self.bump_while(continues_word);
            return self.push(Kind::Integer, start, line);
        }
        let mut kind = Kind::Integer;
        self.bump_while(|c| c.is_ascii_digit() || c == '_');
        // `pair.0.1` indexes twice; it holds no float.
        let is_field = self.tokens.last().is_some_and(|token| token.is_mark("."))
            && !self.text[..start].trim_end().ends_with("..");
        if !is_field && let Some(after) = self.rest().strip_prefix('.') {
            // Not `1..2` and not `1.max(2)`.
            if !after.starts_with(|c: char| c == '.' || starts_word(c)) {
                kind = Kind::Float;
                self.bump();
                self.bump_while(|c| c.is_ascii_digit() || c == '_');
            }
        }
        if let Some(after) = self.rest().strip_prefix(['e', 'E']) {
            let digits = after.trim_start_matches(['+', '-', '_']);
            if digits.starts_with(|c: char| c.is_ascii_digit()) {
                kind = Kind::Float;
                self.at += 1 + (after.len() - digits.len());
                self.bump_while(|c| c.is_ascii_digit() || c == '_');
            }
        }
        if self.rest().starts_with("f32") || self.rest().starts_with("f64") {
            kind = Kind::Float;
        }
        self.bump_while(continues_word);
        self.push(kind, start, line);
    }
}

/// The number of hashes if a raw string (`r"`, `br#"`, `cr##"` …) opens here.
fn raw_string_opening(rest: &str) -> Option<usize> {
    let after = ["r", "br", "cr"].iter().find_map(|prefix| {
        let after = rest.strip_prefix(prefix)?;
        after.starts_with(['#', '"']).then_some(after)
    })?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    after[hashes..].starts_with('"').then_some(hashes)
}

/// The length of the prefix before the quote if a string or a character (not a lifetime) opens here.
fn quoted_opening(rest: &str) -> Option<usize> {
    let prefix = usize::from(rest.starts_with(['b', 'c']));
    let quoted = &rest[prefix..];
    if quoted.starts_with('"') {
        return Some(prefix);
    }
    let mut inside = quoted.strip_prefix('\'')?.chars();
    let is_character = match inside.next()? {
        '\\' => true,
        _ => inside.next() == Some('\''),
    };
    (is_character && !rest.starts_with("c'")).then_some(prefix)
}

fn starts_word(c: char) -> bool {
    c == '_' || c.is_alphabetic()
}

fn continues_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tokens as text: literals of text as `""`, lifetimes with their quote, floats in angle brackets.
    fn shown(text: &str) -> String {
        let words: Vec<String> = code(text)
            .iter()
            .map(|token| match token.kind {
                Kind::Text => "\"\"".to_owned(),
                Kind::Lifetime => format!("'{}", token.text),
                Kind::Float => format!("<{}>", token.text),
                Kind::Word | Kind::Integer | Kind::Mark => token.text.to_owned(),
            })
            .collect();
        words.join(" ")
    }

    #[test]
    fn comments_vanish() {
        for (text, expected) in [
            ("a // now()\nb", "a b"),
            ("/// doc\n//! doc\na", "a"),
            ("a /* x /* y */ z */ b", "a b"),
            ("a /** doc */ b /*! doc */ c", "a b c"),
            ("a /* never closed /* */", "a"),
            ("a / b", "a / b"),
            ("\"// not a comment\" a", "\"\" a"),
            ("\"/*\" a \"*/\"", "\"\" a \"\""),
            ("// it's a quote ' and \" here\na", "a"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn strings_and_characters_are_blanked() {
        for (text, expected) in [
            (r#"a("x \" y", b)"#, r#"a ( "" , b )"#),
            (r#""\\" a"#, r#""" a"#),
            (r##"r"\" a"##, r#""" a"#),
            (r###"r#"x " y"# a"###, r#""" a"#),
            (r####"r##"x "# y"## a"####, r#""" a"#),
            (r##"b"x" br#"y"# c"z" cr"w" a"##, r#""" "" "" "" a"#),
            ("'a' 'b", "\"\" 'b"),
            (r"'\'' '\\' '\u{1F600}' b'x' b'\n' '\x41' a", r#""" "" "" "" "" "" a"#),
            ("'\"' a '\"'", "\"\" a \"\""),
            ("'é' '→' a", "\"\" \"\" a"),
            ("fn f<'a>(x: &'a str) -> &'static str", "fn f < 'a > ( x : & 'a str ) - > & 'static str"),
            ("quote!('r#async 'r)", "quote ! ( 'async 'r )"),
            ("\"text\"suffix 'c'suffix a", "\"\" \"\" a"),
            ("'outer: loop { break 'outer }", "'outer : loop { break 'outer }"),
            ("match c { 'a'..='z' => 1, _ => 2 }", "match c { \"\" . . = \"\" = > 1 , _ = > 2 }"),
            ("r#type b c r br", "type b c r br"),
            ("\"never closed", "\"\""),
            ("r#\"never closed\"", "\"\""),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn floats_are_told_from_integers_ranges_and_fields() {
        for (text, expected) in [
            ("1.5 + 2.", "<1.5> + <2.>"),
            ("1e9 2E-3 1_0.0_1e+2", "<1e9> <2E-3> <1_0.0_1e+2>"),
            ("1f64 2_f32 3.0f64", "<1f64> <2_f32> <3.0f64>"),
            ("0..5 0..=5 1.max(2)", "0 . . 5 0 . . = 5 1 . max ( 2 )"),
            ("pair.0.1 x.0 .1", "pair . 0 . 1 x . 0 . 1"),
            ("0..1.5", "0 . . <1.5>"),
            ("0x1e5 0xf32 0b1_0 0o7 1_000u64 1usize", "0x1e5 0xf32 0b1_0 0o7 1_000u64 1usize"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn lines_are_counted_through_comments_and_strings() {
        let text = "a\n/* x\n y */ b\n\"1\n2\" c\nr#\"\n\n\"# d // e\nf";
        let lines: Vec<(&str, usize)> = code(text)
            .iter()
            .filter(|token| token.kind == Kind::Word)
            .map(|token| (token.text, token.line))
            .collect();
        assert_eq!(lines, [("a", 1), ("b", 3), ("c", 5), ("d", 8), ("f", 9)]);
    }
}

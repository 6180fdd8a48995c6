//! A text as words that rules can be held against.

/// What a word is besides itself, by the names that patterns have for it; at most two, else empty.
pub(super) type Kinds = [&'static str; 2];

/// A word: where its lower-case form lies in [`Words::lower`], and where it came from in the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word {
    lower: (usize, usize),
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kinds: Kinds,
}

/// The words of a text.
#[derive(Debug)]
pub(super) struct Words {
    lower: String,
    words: Vec<Word>,
}

impl Words {
    /// The first `limit` words of `text`. Hyphens and slashes separate; what follows an apostrophe goes if it is an s.
    pub(super) fn of(text: &str, limit: usize) -> Self {
        let mut words = Self { lower: String::with_capacity(text.len()), words: Vec::new() };
        let mut rest = text.char_indices().peekable();
        while let Some((start, c)) = rest.next() {
            if words.words.len() == limit {
                break;
            }
            if matches!(c, '?' | '!') {
                words.push(text, start, start + 1);
                continue;
            }
            let opens = c.is_alphanumeric()
                || (is_currency(c) && rest.peek().is_some_and(|(_, next)| next.is_alphanumeric()));
            if !opens {
                continue;
            }
            let mut end = start + c.len_utf8();
            while let Some(&(at, next)) = rest.peek() {
                let mut ahead = text[at + next.len_utf8()..].chars();
                let before_digit = ahead.next().is_some_and(|c| c.is_ascii_digit());
                let after_digit = text[..at].ends_with(|c: char| c.is_ascii_digit());
                let joins = next.is_alphanumeric()
                    || (matches!(next, '\'' | '’' | '&')
                        && text[at + next.len_utf8()..].starts_with(char::is_alphanumeric))
                    || (matches!(next, '.' | ',') && before_digit && after_digit)
                    || (next == '%' && after_digit);
                if !joins {
                    break;
                }
                end = at + next.len_utf8();
                rest.next();
            }
            words.push(text, start, end);
        }
        words
    }

    fn push(&mut self, text: &str, start: usize, end: usize) {
        let original = &text[start..end];
        let from = self.lower.len();
        let stem = original.strip_suffix("'s").or_else(|| original.strip_suffix("’s")).unwrap_or(original);
        let kept = stem.chars().filter(|c| !matches!(c, '\'' | '’')).flat_map(char::to_lowercase);
        self.lower.extend(kept);
        let kinds = kinds(stem);
        if kinds[0] == "<tag>" {
            self.lower.remove(from);
        }
        self.words.push(Word { lower: (from, self.lower.len()), start, end, kinds });
    }

    pub(super) fn len(&self) -> usize {
        self.words.len()
    }

    /// The word at `at` and its lower-case form.
    pub(super) fn get(&self, at: usize) -> (&Word, &str) {
        let word = &self.words[at];
        (word, &self.lower[word.lower.0..word.lower.1])
    }
}

fn is_currency(c: char) -> bool {
    matches!(c, '$' | '€' | '£' | '¥')
}

fn kinds(word: &str) -> Kinds {
    let bare = word.trim_start_matches(is_currency);
    let marked = bare.len() < word.len();
    if bare.starts_with(|c: char| c.is_ascii_digit()) && is_quantity(bare) {
        let year = bare.len() == 4 && (bare.starts_with("20") || bare.starts_with("199"));
        return match () {
            () if marked => ["<number>", "<money>"],
            () if bare.ends_with('%') => ["<number>", "<percent>"],
            () if year => ["<number>", "<year>"],
            () => ["<number>", ""],
        };
    }
    if word.starts_with('$') && bare.chars().all(char::is_alphabetic) {
        return ["<tag>", if is_loud(bare) { "<caps>" } else { "" }];
    }
    [if is_loud(word) { "<caps>" } else { "" }, ""]
}

/// Five capitals or more and nothing else.
fn is_loud(word: &str) -> bool {
    word.chars().count() >= 5 && word.chars().all(char::is_uppercase)
}

/// Digits with points and commas, perhaps with a unit: `1.4`, `2,000`, `3%`, `5bn`, `10m`.
fn is_quantity(word: &str) -> bool {
    let unit = word.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ','));
    matches!(unit, "" | "%" | "k" | "K" | "m" | "M" | "mn" | "b" | "B" | "bn" | "tn" | "trn")
}

#[cfg(test)]
mod tests {
    use super::Words;

    fn of(text: &str) -> Vec<String> {
        let words = Words::of(text, 100);
        (0..words.len()).map(|at| words.get(at).1.to_owned()).collect()
    }

    #[test]
    fn words_are_split_where_rules_expect_it() {
        for (text, expected) in [
            ("Bank's same-store sales", "bank same store sales"),
            ("It isn’t $1.42bn, is it?", "it isnt $1.42bn is it ?"),
            ("S&P 500 ends up 3.1%!", "s&p 500 ends up 3.1% !"),
            ("$MOONR to the moon", "moonr to the moon"),
            ("10b5-1 (Form 4)", "10b5 1 form 4"),
            ("Müller AG: Überschuss £3m.", "müller ag überschuss £3m"),
            ("... -- '", ""),
        ] {
            assert_eq!(of(text).join(" "), expected, "{text}");
        }
    }

    #[test]
    fn words_know_what_they_are() {
        let words = Words::of("$5,000 3% 2027 $TAG URGENT 40 2nd €x", 100);
        let kinds: Vec<String> = (0..words.len()).map(|at| words.get(at).0.kinds.concat()).collect();
        let expected =
            ["<number><money>", "<number><percent>", "<number><year>", "<tag>", "<caps>", "<number>", "", ""];
        assert_eq!(kinds, expected);
    }

    #[test]
    fn only_so_many_words_are_read() {
        assert_eq!(Words::of("a b c d", 2).len(), 2);
    }
}

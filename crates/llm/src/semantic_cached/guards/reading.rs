//! A text in the form in which guards compare it.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    courtesies, frames, phrases, positions,
    quantities::quantified,
    spelling::{american, singular},
    tokens::{Token, is_mark, tokens},
    vocabulary::{FOREIGN_WORDS, MISSPELT, SYNONYMS},
};

/// The longest text that is judged, in words.
const MOST_WORDS: usize = 80;
/// What stands in code and formulas, and in no sentence.
const MARKS_OF_CODE: &[char] = &['`', '{', '}', '[', ']', '<', '>', '=', '^', '~', '|', '\\', '*', '_'];

/// In what number a word stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Number {
    /// After `a`.
    One,
    /// In the plural, or in the third person of a verb.
    Several,
    /// Neither can be seen.
    Unsaid,
}

/// What a text says, in few words.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// The words that count, in one form and order.
    pub(super) words: Vec<String>,
    /// Those of them that are names.
    pub(super) names: Vec<String>,
    /// Present and past, as the auxiliary verbs have it; one where it is the same throughout.
    pub(super) tenses: Vec<Tense>,
    /// In what numbers the words stand.
    pub(super) numbers: BTreeMap<String, BTreeSet<Number>>,
    /// How often `do` or `does` stand in it: they take the s of a third person from its verb.
    pub(super) n_do: usize,
    /// Whether it is not for us to judge.
    pub(super) is_beyond_us: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tense {
    Present,
    Past,
}

/// The text but for spaces at the ends and between words. In several lines, where spaces may matter, only at the ends.
pub(super) fn plain(text: &str) -> String {
    let text = text.trim();
    if text.contains('\n') { text.to_owned() } else { text.split_whitespace().collect::<Vec<_>>().join(" ") }
}

impl Reading {
    pub(super) fn of(text: &str) -> Self {
        if is_beyond_us(text) {
            return Self { words: vec![plain(text)], is_beyond_us: true, ..Self::default() };
        }
        let mut numbers: BTreeMap<String, BTreeSet<Number>> = BTreeMap::new();
        let mut tokens = quantified(tokens(text));
        let mut follows_article = false;
        for token in &mut tokens {
            let number = if follows_article { Number::One } else { Number::Unsaid };
            follows_article = matches!(&*token.text, "a" | "an");
            let number = if bring_to_one_form(token) { Number::Several } else { number };
            numbers.entry(token.text.clone()).or_default().insert(number);
        }
        let foreign = tokens.iter().filter(|token| FOREIGN_WORDS.contains(&*token.text)).count();
        if foreign >= 2 || tokens.iter().all(|token| is_mark(&token.text)) {
            return Self { words: vec![plain(text)], is_beyond_us: true, ..Self::default() };
        }
        let names = tokens.iter().filter(|token| token.is_name).map(|token| token.text.clone()).collect();
        let words = tokens.into_iter().map(|token| token.text).collect();
        let words = courtesies::without(phrases::joined(words));
        let n_do = words.iter().filter(|word| matches!(word.as_str(), "do" | "does")).count();
        let (words, tenses) = frames::without_tense(words);
        let words = positions::in_one_order(frames::in_one_frame(positions::lead_to_end(&words)));
        Self { words, names, tenses, numbers, n_do, is_beyond_us: false }
    }
}

/// The words of a text in one form, as phrases are looked for in them.
#[cfg(test)]
pub(super) fn words(text: &str) -> Vec<String> {
    let mut tokens = quantified(tokens(text));
    for token in &mut tokens {
        bring_to_one_form(token);
    }
    tokens.into_iter().map(|token| token.text).collect()
}

fn is_beyond_us(text: &str) -> bool {
    let is_foreign = |c: char| c.is_alphabetic() && !matches!(c, '\0'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}');
    let mut last = ' ';
    for c in text.trim().chars() {
        if is_foreign(c) || MARKS_OF_CODE.contains(&c) || c == '\n' || (c == '(' && last.is_alphanumeric()) {
            return true;
        }
        last = c;
    }
    text.split_whitespace().nth(MOST_WORDS).is_some()
}

/// In one spelling, in the singular, as the one of its synonyms. Whether it was a plural.
fn bring_to_one_form(token: &mut Token) -> bool {
    if token.is_verbatim || is_mark(&token.text) || token.text.contains(|c: char| c.is_ascii_digit()) {
        return false;
    }
    if let Some(right) = MISSPELT.get(&*token.text) {
        token.text = (*right).to_owned();
    }
    let spelt = american(&token.text);
    let single = singular(&spelt);
    let synonym = |word: &str| SYNONYMS.get(word).map(|other| (*other).to_owned());
    let is_plural = single != spelt && !matches!(&*spelt, "has" | "goes");
    token.text = synonym(&spelt).or_else(|| synonym(&single)).unwrap_or(single);
    is_plural
}

//! Texts as tokens, as BERT cuts them: cleaned, split into words and signs, and words into the longest pieces that a
//! vocabulary has (WordPiece, Wu et al. 2016, arXiv:1609.08144).

use std::collections::HashMap;

use regex::Regex;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use super::Source;
use crate::{Error, ErrorKind};

/// Letters of a word that are looked at, at most; BERT has 100.
const MAX_LETTERS: usize = 1_000;

/// A tokenizer of this kind.
#[derive(Debug)]
pub(super) struct WordPieces {
    rules: Rules,
    prefix: String,
    most_letters: usize,
    ids: HashMap<String, usize>,
    /// Bytes of the longest piece.
    longest: usize,
    /// What stands for a word that has no pieces; such words do not count.
    unknown: Option<usize>,
    marks: Regex,
    signs: Regex,
    controls: Regex,
}

#[derive(Debug, Deserialize)]
struct File {
    normalizer: Value,
    pre_tokenizer: Value,
    model: Value,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Rules {
    clean_text: bool,
    handle_chinese_chars: bool,
    strip_accents: Option<bool>,
    lowercase: bool,
}

#[derive(Debug, Deserialize)]
struct Model {
    unk_token: String,
    continuing_subword_prefix: String,
    max_input_chars_per_word: usize,
    vocab: HashMap<String, usize>,
}

/// Reads a part of the file, if it is of this kind.
fn part<T: DeserializeOwned>(source: &Source, field: &str, kind: &str, value: Value) -> Result<T, Error> {
    let is = value.get("type").and_then(Value::as_str).unwrap_or("nameless one");
    if is != kind {
        let message = format!("`{field}` is a {is}: only {kind} is supported there, the tokenizers of BERT");
        return Err(source.unsupported(&message));
    }
    serde_json::from_value(value)
        .map_err(|cause| source.corrupt(&format!("`{field}` is described badly")).because(cause))
}

impl WordPieces {
    pub(super) fn read(source: &Source) -> Result<Self, Error> {
        let File { normalizer, pre_tokenizer, model } = source.json(&source.bytes)?;
        let rules = part(source, "normalizer", "BertNormalizer", normalizer)?;
        let _: Value = part(source, "pre_tokenizer", "BertPreTokenizer", pre_tokenizer)?;
        let Model { unk_token, continuing_subword_prefix: prefix, max_input_chars_per_word, vocab } =
            part(source, "model", "WordPiece", model)?;
        if vocab.is_empty() {
            return Err(source.corrupt("`model.vocab` is empty"));
        }
        if max_input_chars_per_word > MAX_LETTERS {
            let message = format!(
                "`model.max_input_chars_per_word` is {max_input_chars_per_word}: {MAX_LETTERS} is the most"
            );
            return Err(source.corrupt(&message));
        }
        let class = |pattern| {
            Regex::new(pattern)
                .map_err(|cause| ErrorKind::OtherFormat.error("tell letters from signs").because(cause))
        };
        Ok(Self {
            rules,
            prefix,
            most_letters: max_input_chars_per_word,
            longest: vocab.keys().map(String::len).max().unwrap_or(0),
            unknown: vocab.get(&unk_token).copied(),
            ids: vocab,
            marks: class(r"\p{Mn}")?,
            signs: class(r"\p{P}")?,
            controls: class(r"[\p{Cc}\p{Cf}\p{Co}]")?,
        })
    }

    pub(super) fn largest_id(&self) -> usize {
        self.ids.values().copied().max().unwrap_or(0)
    }

    /// Calls `take` with the ids of a text's tokens, in their order. Words that are not known are left out.
    pub(super) fn each(&self, text: &str, mut take: impl FnMut(usize)) {
        let text = self.normal(text);
        for chunk in text.split_whitespace() {
            let mut word = 0;
            for (at, sign) in chunk.char_indices().filter(|(_, letter)| self.is_sign(*letter)) {
                self.cut(&chunk[word..at], &mut take);
                word = at + sign.len_utf8();
                self.cut(&chunk[at..word], &mut take);
            }
            self.cut(&chunk[word..], &mut take);
        }
    }

    /// Calls `take` with the ids of a word's pieces, each the longest that there is, if they make up the word.
    fn cut(&self, word: &str, take: &mut impl FnMut(usize)) {
        if word.chars().count() > self.most_letters {
            return;
        }
        let (mut pieces, mut start, mut piece) = (Vec::new(), 0, String::new());
        while start < word.len() {
            let ends = (start + 1..=word.len().min(start + self.longest)).rev();
            let found = ends.filter(|end| word.is_char_boundary(*end)).find_map(|end| {
                piece.clear();
                if start > 0 {
                    piece.push_str(&self.prefix);
                }
                piece.push_str(&word[start..end]);
                self.ids.get(&piece).map(|id| (*id, end))
            });
            let Some((id, end)) = found else { return };
            pieces.push(id);
            start = end;
        }
        pieces.into_iter().filter(|id| Some(*id) != self.unknown).for_each(take);
    }

    /// A text as BERT's normalizer leaves it.
    fn normal(&self, text: &str) -> String {
        let Rules { clean_text, handle_chinese_chars, strip_accents, lowercase } = self.rules;
        let mut clean = String::with_capacity(text.len());
        for letter in text.chars() {
            match letter {
                '\t' | '\n' | '\r' if clean_text => clean.push(' '),
                '\0' | '\u{fffd}' if clean_text => {}
                _ if clean_text && is_in(&self.controls, letter) => {}
                _ if clean_text && letter.is_whitespace() => clean.push(' '),
                _ if handle_chinese_chars && is_ideograph(letter) => clean.extend([' ', letter, ' ']),
                _ => clean.push(letter),
            }
        }
        if strip_accents.unwrap_or(lowercase) {
            clean = clean.nfd().filter(|letter| !is_in(&self.marks, *letter)).collect();
        }
        if lowercase {
            clean = clean.chars().flat_map(char::to_lowercase).collect();
        }
        clean
    }

    fn is_sign(&self, letter: char) -> bool {
        letter.is_ascii_punctuation() || (!letter.is_ascii() && is_in(&self.signs, letter))
    }
}

fn is_in(class: &Regex, letter: char) -> bool {
    // Most letters are in no class.
    !letter.is_ascii_alphanumeric() && class.is_match(letter.encode_utf8(&mut [0; 4]))
}

/// The blocks of Chinese characters that BERT takes for words of their own.
const fn is_ideograph(letter: char) -> bool {
    matches!(letter,
        '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{20000}'..='\u{2a6df}'
        | '\u{2a700}'..='\u{2b73f}' | '\u{2b740}'..='\u{2b81f}' | '\u{2b920}'..='\u{2ceaf}'
        | '\u{f900}'..='\u{faff}' | '\u{2f800}'..='\u{2fa1f}')
}

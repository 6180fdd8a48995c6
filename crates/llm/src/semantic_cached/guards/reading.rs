//! A text in the form in which guards compare it.

use super::{
    courtesies, frames, phrases,
    quantities::quantified,
    tokens::{Token, is_mark, tokens},
    vocabulary::{FOREIGN_WORDS, MISSPELT, SYNONYMS, UNCOUNTED},
};

/// The longest text that is judged, in words.
const MOST_WORDS: usize = 80;
/// What stands in code and formulas, and in no sentence.
const MARKS_OF_CODE: &[char] = &['`', '{', '}', '[', ']', '<', '>', '=', '^', '~', '|', '\\', '*', '_'];

/// What a text says, in few words.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// The words that count, in one form and order.
    pub(super) words: Vec<String>,
    /// Those of them that are names.
    pub(super) names: Vec<String>,
    /// Present and past, as the auxiliary verbs have it; one where it is the same throughout.
    pub(super) tenses: Vec<Tense>,
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
        let tokens: Vec<Token> = quantified(tokens(text)).into_iter().map(in_one_form).collect();
        let foreign = tokens.iter().filter(|token| FOREIGN_WORDS.contains(&*token.text)).count();
        let n_words = tokens.iter().filter(|token| !is_mark(&token.text)).count();
        if foreign >= 2 || n_words == 0 {
            return Self { words: vec![plain(text)], is_beyond_us: true, ..Self::default() };
        }
        let names = tokens.iter().filter(|token| token.is_name).map(|token| token.text.clone()).collect();
        let words = tokens.into_iter().map(|token| token.text).collect();
        let words = courtesies::without(phrases::joined(words));
        let (words, tenses) = frames::without_tense(words);
        let words = frames::in_one_order(frames::in_one_frame(frames::lead_to_end(&words)));
        Self { words, names, tenses, is_beyond_us: false }
    }
}

/// The words of a text in one form, as phrases are looked for in them.
#[cfg(test)]
pub(super) fn words(text: &str) -> Vec<String> {
    quantified(tokens(text)).into_iter().map(|token| in_one_form(token).text).collect()
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

/// In one spelling, in the singular, as the one of its synonyms.
fn in_one_form(mut token: Token) -> Token {
    if token.is_verbatim || is_mark(&token.text) || token.text.contains(|c: char| c.is_ascii_digit()) {
        return token;
    }
    if let Some(right) = MISSPELT.get(&*token.text) {
        token.text = (*right).to_owned();
    }
    let spelt = american(&token.text);
    let single = singular(&spelt);
    let synonym = |word: &str| SYNONYMS.get(word).map(|other| (*other).to_owned());
    token.text = synonym(&spelt).or_else(|| synonym(&single)).unwrap_or(single);
    token
}

/// The American spelling of a British word, by its ending.
fn american(word: &str) -> String {
    const WHOLE: &[(&str, &str)] = &[
        ("grey", "gray"),
        ("programme", "program"),
        ("programmes", "programs"),
        ("cheque", "check"),
        ("cheques", "checks"),
        ("tyre", "tire"),
        ("tyres", "tires"),
        ("aluminium", "aluminum"),
        ("defence", "defense"),
        ("offence", "offense"),
        ("licence", "license"),
        ("practise", "practice"),
        ("mum", "mom"),
        ("kerb", "curb"),
        ("plough", "plow"),
        ("sceptical", "skeptical"),
        ("enrol", "enroll"),
        ("fulfil", "fulfill"),
        ("jewellery", "jewelry"),
        ("pyjamas", "pajamas"),
        ("whilst", "while"),
        ("learnt", "learned"),
        ("storey", "story"),
        ("maths", "math"),
    ];
    // Not of every word in -our or -ise: hour, four, rise, wise and their like are left alone.
    const STEMS: &[(&str, &str)] = &[
        ("colour", "color"),
        ("favour", "favor"),
        ("behaviour", "behavior"),
        ("neighbour", "neighbor"),
        ("labour", "labor"),
        ("honour", "honor"),
        ("flavour", "flavor"),
        ("harbour", "harbor"),
        ("humour", "humor"),
        ("rumour", "rumor"),
        ("tumour", "tumor"),
        ("vapour", "vapor"),
        ("centre", "center"),
        ("litre", "liter"),
        ("metre", "meter"),
        ("theatre", "theater"),
        ("fibre", "fiber"),
        ("catalogue", "catalog"),
        ("dialogue", "dialog"),
        ("analogue", "analog"),
        ("travell", "travel"),
        ("cancell", "cancel"),
        ("modell", "model"),
        ("labell", "label"),
        ("fuell", "fuel"),
        ("mould", "mold"),
        ("anaemi", "anemi"),
        ("paediatr", "pediatr"),
        ("oestrogen", "estrogen"),
        ("haemo", "hemo"),
    ];
    if let Some((_, american)) = WHOLE.iter().find(|(british, _)| *british == word) {
        return (*american).to_owned();
    }
    let mut spelt = word.to_owned();
    if let Some((british, american)) = STEMS.iter().find(|(british, _)| word.contains(british)) {
        spelt = word.replacen(british, american, 1);
    }
    for (british, american) in [
        ("isation", "ization"),
        ("isations", "izations"),
        ("yse", "yze"),
        ("ysed", "yzed"),
        ("ysing", "yzing"),
    ] {
        if let Some(stem) = spelt.strip_suffix(british)
            && stem.len() > 3
        {
            return format!("{stem}{american}");
        }
    }
    for (british, american) in [("ise", "ize"), ("ised", "ized"), ("ises", "izes"), ("ising", "izing")] {
        if let Some(stem) = spelt.strip_suffix(british)
            && [
                "al", "ar", "or", "an", "im", "on", "in", "er", "ct", "bl", "gn", "og", "on", "um", "id",
                "tr", "at", "ic",
            ]
            .iter()
            .any(|end| stem.ends_with(end))
            && stem.len() > 4
            && ![
                "exerc", "prom", "comprom", "surpr", "superv", "telev", "disgu", "enterpr", "expert",
                "determ", "otherw",
            ]
            .contains(&stem)
        {
            return format!("{stem}{american}");
        }
    }
    spelt
}

/// The singular of a plural, and the plain form of a third person.
fn singular(word: &str) -> String {
    const IRREGULAR: &[(&str, &str)] = &[
        ("children", "child"),
        ("people", "person"),
        ("men", "man"),
        ("women", "woman"),
        ("feet", "foot"),
        ("teeth", "tooth"),
        ("mice", "mouse"),
        ("geese", "goose"),
        ("has", "have"),
        ("goes", "go"),
        ("lives", "live"),
        ("leaves", "leave"),
        ("knives", "knife"),
        ("wives", "wife"),
        ("shelves", "shelf"),
        ("wolves", "wolf"),
        ("criteria", "criterion"),
        ("movies", "movie"),
    ];
    if let Some((_, single)) = IRREGULAR.iter().find(|(plural, _)| *plural == word) {
        return (*single).to_owned();
    }
    if word.chars().count() < 4
        || UNCOUNTED.contains(word)
        || word.starts_with('^')
        || word.contains(['@', '/', '&'])
    {
        return word.to_owned();
    }
    if let Some(stem) = word.strip_suffix("ies")
        && stem.len() > 1
    {
        return if stem.len() > 2 { format!("{stem}y") } else { format!("{stem}ie") };
    }
    for ending in ["sses", "ches", "shes", "xes", "zzes"] {
        if word.ends_with(ending) {
            return word[..word.len() - 2].to_owned();
        }
    }
    match word.strip_suffix('s') {
        Some(stem) if !stem.ends_with(['s', 'u', 'i', '\'']) => stem.to_owned(),
        _ => word.to_owned(),
    }
}

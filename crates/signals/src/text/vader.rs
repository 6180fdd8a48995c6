//! VADER, as its package for Python computes it.
//!
//! Hutto, C. J. and Gilbert, E. E. (2014), "VADER: A Parsimonious Rule-based Model for Sentiment Analysis of Social Media
//! Text", ICWSM-14. What is followed is the code of vaderSentiment 3.3.2 (MIT), its oddities included, since whoever
//! compares with it expects its figures. Its lexicon and its names of emoji are in `data/`, with the licence, less the
//! entries that its code cannot reach: those with capital letters or blanks, and emoji of several characters.

use std::collections::BTreeSet;

use super::{
    vader_lexicon::{Entry, Lexicon, Part},
    within_limit,
};

const CAPITALS: f64 = 0.733;
const NEGATION: f64 = -0.74;

/// How a text feels, by VADER.
///
/// ```
/// use assize_signals::{Feeling, sentiment};
///
/// let found = sentiment("The book was good.").rounded();
/// assert_eq!((found.compound, found.positive, found.neutral), (0.4404, 0.492, 0.508));
/// assert_eq!(sentiment("no good news today").feeling(), Feeling::Negative);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Sentiment {
    /// The share of the text that is negative, from 0 to 1. The three shares add up to 1, unless the text has no words.
    pub negative: f64,
    /// The share that is neutral.
    pub neutral: f64,
    /// The share that is positive.
    pub positive: f64,
    /// All of it in one figure, from −1 to 1; 0 if there are no words.
    pub compound: f64,
}

/// The class of a text by its compound score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Feeling {
    /// −0.05 or less.
    Negative,
    /// In between.
    Neutral,
    /// 0.05 or more.
    Positive,
}

impl Feeling {
    /// Its name in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Negative => "negative",
            Self::Neutral => "neutral",
            Self::Positive => "positive",
        }
    }
}

impl Sentiment {
    /// Shares to three decimals and the compound to four, as the package prints them.
    #[must_use]
    pub fn rounded(self) -> Self {
        Self {
            negative: rounded(self.negative, 3),
            neutral: rounded(self.neutral, 3),
            positive: rounded(self.positive, 3),
            compound: rounded(self.compound, 4),
        }
    }

    /// The class by the thresholds ±0.05 that its authors give.
    #[must_use]
    pub fn feeling(self) -> Feeling {
        match rounded(self.compound, 4) {
            compound if compound >= 0.05 => Feeling::Positive,
            compound if compound <= -0.05 => Feeling::Negative,
            _ => Feeling::Neutral,
        }
    }
}

/// Rounded by the exact decimal value, as Python does.
fn rounded(value: f64, decimals: usize) -> f64 {
    format!("{value:.decimals$}").parse().unwrap_or(value)
}

/// How `text` feels. Of a text beyond [`MAX_TEXT_BYTES`](crate::MAX_TEXT_BYTES) the beginning is read.
#[must_use]
pub fn sentiment(text: &str) -> Sentiment {
    let lexicon = Lexicon::get();
    let text = lexicon.emoji_named(within_limit(text));
    let tokens = Tokens::of(&text, lexicon);
    let mut valences: Vec<f64> = (0..tokens.list.len()).map(|at| tokens.valence(at)).collect();
    if let Some(but) = tokens.list.iter().position(|token| token.entry.part == Part::But) {
        weigh_around_but(&mut valences, but);
    }
    score(&valences, emphasis(&text))
}

#[derive(Clone, Copy)]
struct Token {
    entry: &'static Entry,
    is_upper: bool,
    negates: bool,
}

impl Token {
    const fn is_in_lexicon(&self) -> bool {
        self.entry.valence.is_some()
    }
}

struct Tokens {
    list: Vec<Token>,
    /// Some words are in capitals and some are not.
    capitals_differ: bool,
}

impl Tokens {
    fn of(text: &str, lexicon: &'static Lexicon) -> Self {
        let mut list = Vec::with_capacity(text.len() / 6 + 1);
        let mut n_upper = 0;
        for token in text.split(is_blank).filter(|token| !token.is_empty()) {
            let bare = without_marks(token);
            // Two letters or less are taken for a smiley.
            let is_short = bare.len() <= 8 && bare.chars().count() <= 2;
            let word = if is_short { token } else { bare };
            let entry = lexicon.find(word);
            let is_upper = is_upper(word);
            n_upper += usize::from(is_upper);
            list.push(Token { entry, is_upper, negates: entry.negates || has_nt(word) });
        }
        let n_other = list.len() - n_upper;
        Self { capitals_differ: 0 < n_other && n_other < list.len(), list }
    }

    /// The part that the word so many places before `at` plays.
    fn before(&self, at: usize, back: usize) -> Part {
        at.checked_sub(back).map_or(Part::Other, |at| self.list[at].entry.part)
    }

    fn after(&self, at: usize, forth: usize) -> Part {
        self.list.get(at + forth).map_or(Part::Other, |token| token.entry.part)
    }

    fn valence(&self, at: usize) -> f64 {
        let token = self.list[at];
        let is_kind_of = token.entry.part == Part::Kind && self.after(at, 1) == Part::Of;
        let Some(mean) = token.entry.valence.filter(|_| token.entry.step == 0.0 && !is_kind_of) else {
            return 0.0;
        };
        let mut valence = mean;
        // "no" negates a word of feeling that follows, and has a feeling of its own otherwise.
        if token.entry.part == Part::No && self.list.get(at + 1).is_some_and(Token::is_in_lexicon) {
            valence = 0.0;
        }
        if self.before(at, 1) == Part::No
            || self.before(at, 2) == Part::No
            || (self.before(at, 3) == Part::No && matches!(self.before(at, 1), Part::Or | Part::Nor))
        {
            valence = mean * NEGATION;
        }
        if token.is_upper && self.capitals_differ {
            valence += if valence > 0.0 { CAPITALS } else { -CAPITALS };
        }
        for (back, damping) in [(1, 1.0), (2, 0.95), (3, 0.9)] {
            if at >= back && !self.list[at - back].is_in_lexicon() {
                valence += self.step(at - back, valence) * damping;
                valence = self.negated(valence, at, back);
                if back == 3 {
                    valence = self.idioms(valence, at);
                }
            }
        }
        if self.before(at, 1) == Part::Least
            && !(at > 1 && matches!(self.before(at, 2), Part::At | Part::Very))
        {
            valence *= NEGATION;
        }
        valence
    }

    /// What the word at `at` adds, as a booster or a damper, to one of `valence`.
    fn step(&self, at: usize, valence: f64) -> f64 {
        let token = self.list[at];
        let mut step = token.entry.step;
        if step != 0.0 {
            if valence < 0.0 {
                step = -step;
            }
            if token.is_upper && self.capitals_differ {
                step += if valence > 0.0 { CAPITALS } else { -CAPITALS };
            }
        }
        step
    }

    /// `valence` as the word `back` places before `at` leaves it, if that negates.
    fn negated(&self, valence: f64, at: usize, back: usize) -> f64 {
        let [one, two, three] = [1, 2, 3].map(|back| self.before(at, back));
        let stresses = |part| matches!(part, Part::So | Part::This);
        let (is_stressed, is_certain) = match back {
            2 => (two == Part::Never && stresses(one), two == Part::Without && one == Part::Doubt),
            // The second half has no "never" in the package either.
            3 => (
                (three == Part::Never && stresses(two)) || stresses(one),
                three == Part::Without && (two == Part::Doubt || one == Part::Doubt),
            ),
            _ => (false, false),
        };
        if is_stressed {
            valence * 1.25
        } else if !is_certain && self.list[at - back].negates {
            valence * NEGATION
        } else {
            valence
        }
    }

    /// Phrases that mean something else than their words. Three words stand before `at`.
    fn idioms(&self, valence: f64, at: usize) -> f64 {
        let zero = self.list[at].entry.part;
        let [one, two, three] = [1, 2, 3].map(|back| self.before(at, back));
        let mut valence = pair(one, zero)
            .or_else(|| triple(two, one, zero))
            .or_else(|| pair(two, one))
            .or_else(|| triple(three, two, one))
            .or_else(|| pair(three, two))
            .unwrap_or(valence);
        let [next, second] = [1, 2].map(|forth| self.after(at, forth));
        valence = pair(zero, next).unwrap_or(valence);
        valence = triple(zero, next, second).unwrap_or(valence);
        for (first, second) in [(three, two), (two, one)] {
            if matches!((first, second), (Part::Kind | Part::Sort, Part::Of) | (Part::Just, Part::Enough)) {
                valence -= 0.293;
            }
        }
        valence
    }
}

const fn pair(first: Part, second: Part) -> Option<f64> {
    match (first, second) {
        (Part::The, Part::Shit | Part::Bomb) => Some(3.0),
        (Part::Bad, Part::Ass) => Some(1.5),
        (Part::Bus, Part::Stop) => Some(0.0),
        (Part::Yeah, Part::Right) => Some(-2.0),
        (Part::Beating, Part::Heart) => Some(3.5),
        _ => None,
    }
}

const fn triple(first: Part, second: Part, third: Part) -> Option<f64> {
    match (first, second, third) {
        (Part::Kiss, Part::Of, Part::Death) => Some(-1.5),
        (Part::To, Part::Die, Part::For) => Some(3.0),
        _ => None,
    }
}

/// `token` without the marks of ASCII at both its ends.
fn without_marks(token: &str) -> &str {
    let bytes = token.as_bytes();
    let Some(start) = bytes.iter().position(|byte| !byte.is_ascii_punctuation()) else { return "" };
    let end = bytes.iter().rposition(|byte| !byte.is_ascii_punctuation()).unwrap_or(start);
    &token[start..=end]
}

/// Is "n't" anywhere in it?
fn has_nt(word: &str) -> bool {
    word.as_bytes().windows(3).any(|part| part[1] == b'\'' && part.eq_ignore_ascii_case(b"n't"))
}

/// What Python takes for a blank: four separators of ASCII besides Unicode's white space.
fn is_blank(letter: char) -> bool {
    matches!(letter, ' ' | '\t'..='\r' | '\u{1c}'..='\u{1f}') || !letter.is_ascii() && letter.is_whitespace()
}

/// Python's `isupper`: some letter is a capital, and none is anything else.
fn is_upper(word: &str) -> bool {
    if word.is_ascii() {
        let bytes = word.as_bytes();
        return bytes.iter().any(u8::is_ascii_uppercase) && !bytes.iter().any(u8::is_ascii_lowercase);
    }
    let mut any = false;
    for letter in word.chars() {
        if letter.is_uppercase() {
            any = true;
        } else if letter.is_lowercase() || is_title(letter) {
            return false;
        }
    }
    any
}

/// Unicode's class Lt: one letter that is half a capital.
const fn is_title(letter: char) -> bool {
    matches!(letter, '\u{1c5}' | '\u{1c8}' | '\u{1cb}' | '\u{1f2}')
        || matches!(letter, '\u{1f88}'..='\u{1f8f}' | '\u{1f98}'..='\u{1f9f}' | '\u{1fa8}'..='\u{1faf}')
        || matches!(letter, '\u{1fbc}' | '\u{1fcc}' | '\u{1ffc}')
}

/// Halves what is before "but" and raises what is behind it by half.
///
/// The package does so to the first place that has the value at hand, which is another one when a value recurs. That
/// search is what the set is for: a long text of one repeated word would otherwise take the square of its length.
fn weigh_around_but(valences: &mut [f64], but: usize) {
    let key = |value: f64| value.to_bits();
    let mut places: BTreeSet<(u64, usize)> = valences
        .iter()
        .enumerate()
        .filter(|(_, value)| **value != 0.0)
        .map(|(at, value)| (key(*value), at))
        .collect();
    for at in 0..valences.len() {
        let value = valences[at];
        if value == 0.0 {
            continue;
        }
        let first = places.range((key(value), 0)..).next().map_or(at, |(_, first)| *first);
        let weight = match first.cmp(&but) {
            std::cmp::Ordering::Less => 0.5,
            std::cmp::Ordering::Equal => 1.0,
            std::cmp::Ordering::Greater => 1.5,
        };
        places.remove(&(key(value), first));
        valences[first] = value * weight;
        places.insert((key(valences[first]), first));
    }
}

/// What exclamation and question marks add.
fn emphasis(text: &str) -> f64 {
    let count = |mark| text.bytes().filter(|byte| *byte == mark).count();
    let exclamations = match count(b'!') {
        0 => 0.0,
        1 => 0.292,
        2 => 2.0 * 0.292,
        3 => 3.0 * 0.292,
        _ => 4.0 * 0.292,
    };
    let questions = match count(b'?') {
        0 | 1 => 0.0,
        2 => 2.0 * 0.18,
        3 => 3.0 * 0.18,
        _ => 0.96,
    };
    exclamations + questions
}

fn score(valences: &[f64], emphasis: f64) -> Sentiment {
    if valences.is_empty() {
        return Sentiment::default();
    }
    let mut sum: f64 = valences.iter().sum();
    if sum > 0.0 {
        sum += emphasis;
    } else if sum < 0.0 {
        sum -= emphasis;
    }
    let (mut positive, mut negative, mut neutral) = (0.0, 0.0, 0.0);
    for valence in valences {
        if *valence > 0.0 {
            positive += valence + 1.0;
        } else if *valence < 0.0 {
            negative += valence - 1.0;
        } else {
            neutral += 1.0;
        }
    }
    let loss: f64 = negative;
    if positive > loss.abs() {
        positive += emphasis;
    } else if positive < loss.abs() {
        negative -= emphasis;
    }
    let total = positive + negative.abs() + neutral;
    Sentiment {
        negative: negative.abs() / total,
        neutral: neutral / total,
        positive: positive / total,
        compound: (sum / (sum * sum + 15.0).sqrt()).clamp(-1.0, 1.0),
    }
}

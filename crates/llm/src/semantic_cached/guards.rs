//! What may never differ between two questions that get one answer.

mod courtesies;
mod frames;
mod phrases;
mod positions;
mod quantities;
mod reading;
mod spelling;
#[cfg(test)]
mod tests;
mod tokens;
mod vocabulary;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use self::{
    reading::{Number, Reading},
    vocabulary::{
        has_two_meanings, is_date, is_modal, is_negation, is_number, is_person, is_polar, is_quantifier,
        is_unit, without_negative_prefix,
    },
};

/// A reason not to serve the answer to one question for another, however near an embedder says that they are.
///
/// Encoders put a question beside its opposite: "turn it on" and "turn it off", or the same question about another year.
/// A guard looks at the words. It errs on the side of asking the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Guard {
    /// The texts are not for us to judge: not in Latin script, not in English, too long, or code.
    Unjudged,
    /// Other numbers: digits, words, ordinals, fractions.
    Numbers,
    /// Other units, percents or currencies.
    Units,
    /// Other days, months, quarters, or times relative to now.
    Dates,
    /// One denies, excludes or restricts what the other does not: not, without, un-, never, except, only.
    Negation,
    /// One has a word, the other its opposite: on and off, buy and sell, before and after, gross and net.
    Polarity,
    /// Names that the other does not have: capitalised words, tickers, quotations, addresses.
    Entities,
    /// Other quantifiers: all, some, any, at least.
    Quantifiers,
    /// Other modal verbs: can, should, must.
    Modality,
    /// One asks for what was, the other for what is or will be.
    Tense,
    /// Other persons: my, his, their.
    Persons,
    /// A word of one has no counterpart in the other.
    Content,
    /// The same words in another order: who did what to whom, from where to where.
    Order,
}

impl Guard {
    /// All guards, in the order in which they look.
    pub const ALL: [Self; 13] = [
        Self::Unjudged,
        Self::Numbers,
        Self::Units,
        Self::Dates,
        Self::Negation,
        Self::Polarity,
        Self::Entities,
        Self::Quantifiers,
        Self::Modality,
        Self::Tense,
        Self::Persons,
        Self::Content,
        Self::Order,
    ];

    /// Its name in statistics and metrics.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Unjudged => "unjudged",
            Self::Numbers => "numbers",
            Self::Units => "units",
            Self::Dates => "dates",
            Self::Negation => "negation",
            Self::Polarity => "polarity",
            Self::Entities => "entities",
            Self::Quantifiers => "quantifiers",
            Self::Modality => "modality",
            Self::Tense => "tense",
            Self::Persons => "persons",
            Self::Content => "content",
            Self::Order => "order",
        }
    }

    /// What it has against the pair.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Unjudged => "the texts cannot be judged and are not equal",
            Self::Numbers => "their numbers differ",
            Self::Units => "their units or currencies differ",
            Self::Dates => "their dates differ",
            Self::Negation => "one denies or restricts what the other does not",
            Self::Polarity => "one has a word, the other its opposite",
            Self::Entities => "their names differ",
            Self::Quantifiers => "their quantifiers differ",
            Self::Modality => "one asks for what can be, the other for what should or must be",
            Self::Tense => "one is about the past, the other is not",
            Self::Persons => "they are about different persons",
            Self::Content => "a word of one has no counterpart in the other",
            Self::Order => "the same words stand in another order",
        }
    }

    const fn bit(self) -> u32 {
        1 << self as u32
    }

    /// Whether it objects.
    fn objects(self, a: &Reading, b: &Reading) -> bool {
        match self {
            Self::Unjudged => a.is_beyond_us || b.is_beyond_us,
            Self::Numbers => differ(a, b, is_number),
            Self::Units => differ(a, b, is_unit),
            Self::Dates => differ(a, b, is_date),
            Self::Negation => differ(a, b, is_negation) || one_has_a_prefix(a, b) || one_has_a_prefix(b, a),
            Self::Polarity => differ(a, b, is_polar),
            Self::Entities => has_names_of_its_own(a, b) || has_names_of_its_own(b, a),
            Self::Quantifiers => differ(a, b, is_quantifier),
            Self::Modality => differ(a, b, is_modal),
            Self::Tense => a.tenses != b.tenses,
            Self::Persons => differ(a, b, is_person),
            Self::Content => differ(a, b, |_| true) || differ_in_number(a, b) || differ_in_number(b, a),
            Self::Order => shared(a, b) != shared(b, a),
        }
    }
}

impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason())
    }
}

/// The guards that look at a pair of questions; [all](Self::all) of them unless it is said otherwise.
///
/// Both texts are read into one form first: numbers in digits, contractions written out, courtesies left out, spellings,
/// plurals, and the synonyms and forms of questions of a small table brought to one of them, a phrase of time or place at
/// the beginning moved to the end. The guards then compare those forms. The last two are the strictest: every word needs a
/// counterpart, in the same order, so that a pair passes all guards only if it is equal but for what the tables say. They
/// hold with whatever embedder, even one that finds all texts alike. The tables are for English.
///
/// ```
/// use assize_llm::{Guard, Guards};
///
/// let guards = Guards::all();
/// let asked = "What was Apple's revenue in 2023?";
/// assert_eq!(guards.judge(asked, "In 2023, what was the revenue of Apple?"), Ok(()));
/// assert_eq!(guards.judge(asked, "What was Apple's revenue in 2024?"), Err(Guard::Numbers));
/// assert_eq!(guards.judge("Does a beat b?", "Does b beat a?"), Err(Guard::Order));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guards(u32);

impl Default for Guards {
    fn default() -> Self {
        Self::all()
    }
}

impl Guards {
    /// All of them.
    #[must_use]
    pub const fn all() -> Self {
        Self(u32::MAX)
    }

    /// None: whatever the embedder finds near is served. It shows what the guards are good for, and must serve nobody.
    #[must_use]
    pub const fn none_for_measuring_only() -> Self {
        Self(0)
    }

    /// The same without one of them. Without [`Guard::Content`] the embedder's word counts for synonyms.
    #[must_use]
    pub const fn without(mut self, guard: Guard) -> Self {
        self.0 &= !guard.bit();
        self
    }

    /// Whether this guard looks.
    #[must_use]
    pub const fn has(self, guard: Guard) -> bool {
        self.0 & guard.bit() != 0
    }

    /// Whether the answer to one of two questions may serve the other. It is symmetric, and equal texts always pass.
    ///
    /// # Errors
    /// The first guard that objects.
    pub fn judge(self, a: &str, b: &str) -> Result<(), Guard> {
        if reading::plain(a) == reading::plain(b) {
            return Ok(());
        }
        let (a, b) = (Reading::of(a), Reading::of(b));
        let objects = |guard: &Guard| self.has(*guard) && guard.objects(&a, &b);
        Guard::ALL.into_iter().find(objects).map_or(Ok(()), Err)
    }
}

/// Whether the two have other words of a kind, or another number of them.
fn differ(a: &Reading, b: &Reading, is_kind: impl Fn(&str) -> bool) -> bool {
    let count = |reading: &Reading| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for word in reading.words.iter().filter(|word| is_kind(word)) {
            *counts.entry(word.clone()).or_default() += 1;
        }
        counts
    };
    count(a) != count(b)
}

/// Whether a word stands in the plural in `a` and in the singular in `b`, and may mean something else there. It may not where
/// the singular is any one (`a stock` for `stocks`), and where the s is that of a verb, which `does` has taken.
fn differ_in_number(a: &Reading, b: &Reading) -> bool {
    let mut n_taken = b.n_do.saturating_sub(a.n_do);
    a.words.iter().any(|word| {
        let (Some(own), Some(other)) = (a.numbers.get(word), b.numbers.get(word)) else { return false };
        if !own.contains(&Number::Several) || other.contains(&Number::Several) || !b.words.contains(word) {
            return false;
        }
        if other.contains(&Number::One) && !has_two_meanings(word) {
            return false;
        }
        let is_taken = n_taken > 0;
        n_taken = n_taken.saturating_sub(1);
        !is_taken
    })
}

/// Whether a word of `a` is one of `b` with un-, in-, dis- … before it.
fn one_has_a_prefix(a: &Reading, b: &Reading) -> bool {
    let own = a.words.iter().filter(|word| !b.words.contains(word));
    own.filter_map(|word| without_negative_prefix(word)).any(|rest| b.words.iter().any(|word| word == rest))
}

fn has_names_of_its_own(a: &Reading, b: &Reading) -> bool {
    a.names.iter().any(|name| a.words.contains(name) && !b.words.contains(name))
}

/// The words of `a` that `b` has as well, each once, in their order; all of them where the two have equally many.
fn shared<'a>(a: &'a Reading, b: &Reading) -> Vec<&'a str> {
    if !differ(a, b, |_| true) {
        return a.words.iter().map(String::as_str).collect();
    }
    let mut seen = BTreeSet::new();
    a.words.iter().filter(|word| b.words.contains(word) && seen.insert(*word)).map(String::as_str).collect()
}

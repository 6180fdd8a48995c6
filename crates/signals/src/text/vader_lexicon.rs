//! The words that VADER knows, each with all that its rules ask of it.

use std::{borrow::Cow, sync::LazyLock};

use super::word_table::WordTable;

const WORDS: &str = include_str!("../../data/vader_lexicon.tsv");
const EMOJI: &str = include_str!("../../data/vader_emoji.tsv");

const NEGATIONS: &str = "aint arent cannot cant couldnt darent didnt doesnt ain't aren't can't couldn't daren't didn't \
    doesn't dont hadnt hasnt havent isnt mightnt mustnt neither don't hadn't hasn't haven't isn't mightn't mustn't neednt \
    needn't never none nope nor not nothing nowhere oughtnt shant shouldnt uhuh wasnt werent oughtn't shan't shouldn't \
    uh-uh wasn't weren't without wont wouldnt won't wouldn't rarely seldom despite";

const BOOSTERS: &str = "absolutely amazingly awfully completely considerable considerably decidedly deeply effing enormous \
    enormously entirely especially exceptional exceptionally extreme extremely fabulously flipping flippin frackin \
    fracking fricking frickin frigging friggin fully fuckin fucking fuggin fugging greatly hella highly hugely incredible \
    incredibly intensely major majorly more most particularly purely quite really remarkably so substantially thoroughly \
    total totally tremendous tremendously uber unbelievably unusually utter utterly very";

const DAMPERS: &str = "almost barely hardly kinda kindof kind-of less little marginal marginally occasional occasionally \
    partly scarce scarcely slight slightly somewhat sorta sortof sort-of";

/// The part that a word plays in a rule that names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Part {
    #[default]
    Other,
    Ass,
    At,
    Bad,
    Beating,
    Bomb,
    Bus,
    But,
    Death,
    Die,
    Doubt,
    Enough,
    For,
    Heart,
    Just,
    Kind,
    Kiss,
    Least,
    Never,
    No,
    Nor,
    Of,
    Or,
    Right,
    Shit,
    So,
    Sort,
    Stop,
    The,
    This,
    To,
    Very,
    Without,
    Yeah,
}

const PARTS: [(&str, Part); 33] = [
    ("ass", Part::Ass),
    ("at", Part::At),
    ("bad", Part::Bad),
    ("beating", Part::Beating),
    ("bomb", Part::Bomb),
    ("bus", Part::Bus),
    ("but", Part::But),
    ("death", Part::Death),
    ("die", Part::Die),
    ("doubt", Part::Doubt),
    ("enough", Part::Enough),
    ("for", Part::For),
    ("heart", Part::Heart),
    ("just", Part::Just),
    ("kind", Part::Kind),
    ("kiss", Part::Kiss),
    ("least", Part::Least),
    ("never", Part::Never),
    ("no", Part::No),
    ("nor", Part::Nor),
    ("of", Part::Of),
    ("or", Part::Or),
    ("right", Part::Right),
    ("shit", Part::Shit),
    ("so", Part::So),
    ("sort", Part::Sort),
    ("stop", Part::Stop),
    ("the", Part::The),
    ("this", Part::This),
    ("to", Part::To),
    ("very", Part::Very),
    ("without", Part::Without),
    ("yeah", Part::Yeah),
];

/// What is known of a word.
#[derive(Debug, Default)]
pub(super) struct Entry {
    /// Its mean rating, from −4 to 4, if it is in the lexicon.
    pub(super) valence: Option<f64>,
    /// What it adds to a word of feeling behind it, or 0.
    pub(super) step: f64,
    pub(super) negates: bool,
    pub(super) part: Part,
}

static UNKNOWN: Entry = Entry { valence: None, step: 0.0, negates: false, part: Part::Other };

/// All words, and the names of emoji in the order of their characters.
pub(super) struct Lexicon {
    words: WordTable<Entry>,
    emoji: Vec<(char, &'static str)>,
}

impl Lexicon {
    /// The one lexicon, read when it is first asked for.
    pub(super) fn get() -> &'static Self {
        static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::read);
        &LEXICON
    }

    fn read() -> Self {
        let mut words = WordTable::<Entry>::with_capacity(8_192);
        for (word, mean) in WORDS.lines().filter_map(|line| line.split_once('\t')) {
            words.entry(word).valence = mean.parse().ok();
        }
        for word in NEGATIONS.split_ascii_whitespace() {
            words.entry(word).negates = true;
        }
        for (list, step) in [(BOOSTERS, 0.293), (DAMPERS, -0.293)] {
            for word in list.split_ascii_whitespace() {
                words.entry(word).step = step;
            }
        }
        for (word, part) in PARTS {
            words.entry(word).part = part;
        }
        let emoji = EMOJI
            .lines()
            .filter_map(|line| line.split_once('\t'))
            .filter_map(|(emoji, name)| Some((emoji.chars().next()?, name)))
            .collect();
        Self { words, emoji }
    }

    /// What is known of `word`, which is in whatever case, with no other apostrophe than it is written with.
    pub(super) fn find(&self, word: &str) -> &Entry {
        if word.is_ascii() {
            self.words.get(word).unwrap_or(&UNKNOWN)
        } else {
            // Some letters have a lower case in ASCII: the sign for kelvin.
            let lower = word.to_lowercase();
            self.words.get(&lower).filter(|_| lower.is_ascii()).unwrap_or(&UNKNOWN)
        }
    }

    /// `text` with the names of its emoji in their place.
    pub(super) fn emoji_named<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let name = |letter: char| {
            let at = self.emoji.binary_search_by_key(&letter, |(emoji, _)| *emoji).ok()?;
            Some(self.emoji[at].1)
        };
        if text.is_ascii() || !text.chars().any(|letter| !letter.is_ascii() && name(letter).is_some()) {
            return Cow::Borrowed(text);
        }
        let mut out = String::with_capacity(text.len() * 2);
        let mut after_blank = true;
        for letter in text.chars() {
            if let Some(name) = name(letter) {
                if !after_blank {
                    out.push(' ');
                }
                out.push_str(name);
                after_blank = false;
            } else {
                out.push(letter);
                after_blank = letter == ' ';
            }
        }
        Cow::Owned(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lexicon_is_whole_and_its_tables_are_in_order() {
        let lexicon = Lexicon::get();
        assert_eq!((WORDS.lines().count(), lexicon.emoji.len()), (7_488, 1_212));
        assert!(lexicon.emoji.is_sorted_by(|a, b| a.0 < b.0) && PARTS.is_sorted_by(|a, b| a.0 < b.0));
        let rated = WORDS.lines().filter(|line| {
            let word = line.split('\t').next().unwrap();
            lexicon.find(word).valence.is_some_and(|mean| mean.abs() <= 4.0)
        });
        assert_eq!(rated.count(), 7_488);
        assert_eq!(NEGATIONS.split_ascii_whitespace().count(), 59);
        assert!(lexicon.find("CAN'T").negates && !lexicon.find("can\u{2019}t").negates);
    }
}

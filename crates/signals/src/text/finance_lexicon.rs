//! Lists of words about money: ours, and a user's own.

use std::{io::Read, sync::LazyLock};

use csv::{ErrorKind as CsvKind, Position, ReaderBuilder, StringRecord, Trim};

use super::{
    tone::WordClasses,
    word_table::{WordTable, hash_of},
};
use crate::{Error, ErrorKind};

/// Bytes of a list of words, at most.
pub const MAX_LEXICON_BYTES: u64 = 64 << 20;
/// Words of a list, at most.
pub const MAX_LEXICON_WORDS: usize = 500_000;
const MAX_WORD_BYTES: usize = 128;

const OWN: &str = include_str!("../../data/finance.csv");

const NEGATIONS: &str = "no not none neither nor never nobody nothing nowhere without cannot hardly scarcely barely fail fails \
    failed failing lack lacks lacked lacking ain't aren't can't couldn't didn't doesn't don't hadn't hasn't haven't isn't \
    mustn't needn't shouldn't wasn't weren't won't wouldn't aint arent cant couldnt didnt doesnt dont hadnt hasnt havent isnt \
    shouldnt wasnt werent wont wouldnt";

#[derive(Debug, Clone, Copy, Default)]
struct Known {
    classes: WordClasses,
    negates: bool,
}

/// Words and their classes.
///
/// Our own list is written for this project. The list of Loughran and McDonald, which research uses, is free for academic
/// use only; who has it loads it with [`read`](Self::read).
#[derive(Debug, Clone)]
pub struct FinanceLexicon {
    words: WordTable<Known>,
    n_classified: usize,
}

impl FinanceLexicon {
    /// Our own list of English words.
    ///
    /// # Panics
    ///
    /// Never: a test reads the list, which is part of the program.
    #[must_use]
    pub fn own() -> &'static Self {
        static LEXICON: LazyLock<FinanceLexicon> =
            LazyLock::new(|| FinanceLexicon::read(OWN.as_bytes()).expect("our own list is well-formed"));
        &LEXICON
    }

    /// A list of the user's. Two forms are read, told apart by their first line:
    ///
    /// - `word,class`, one class to a line, the same word on several lines if it has several. The classes are `positive`,
    ///   `negative`, `uncertainty`, `litigious`, `constraining`, `strong_modal` and `weak_modal`.
    /// - the columns of the master dictionary of Loughran and McDonald: `Word` and any of the classes by name, where the
    ///   year in which a word was given a class says that it has it, and 0 or a negative year (it was taken out again) that
    ///   it has not. Other columns are passed over.
    ///
    /// # Errors
    ///
    /// If there are no such columns, a class is unknown, a year is no number, a word is empty or too long, or there are more
    /// than [`MAX_LEXICON_WORDS`] words or [`MAX_LEXICON_BYTES`] bytes. The error says in which line.
    ///
    /// ```
    /// use assize_signals::{FinanceLexicon, WordClasses};
    ///
    /// let list = FinanceLexicon::read("word,class\nmoonshot,positive\n".as_bytes())?;
    /// assert_eq!(list.classes("Moonshot"), WordClasses::POSITIVE);
    /// let years = FinanceLexicon::read("Word,Negative,Positive\nABANDON,2009,0\n".as_bytes())?;
    /// assert_eq!(years.classes("abandon"), WordClasses::NEGATIVE);
    /// let error = FinanceLexicon::read("word,class\nmoonshot,great\n".as_bytes()).unwrap_err();
    /// assert_eq!(error.line(), Some(2));
    /// # Ok::<(), assize_signals::Error>(())
    /// ```
    pub fn read(from: impl Read) -> Result<Self, Error> {
        let mut from = from.take(MAX_LEXICON_BYTES + 1);
        let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(&mut from);
        let columns = Columns::of(reader.headers().map_err(|e| of_csv(&e))?)?;
        let mut lexicon = Self { words: WordTable::with_capacity(2_048), n_classified: 0 };
        let mut record = StringRecord::new();
        while reader.read_record(&mut record).map_err(|e| of_csv(&e))? {
            let line = record.position().map_or(0, Position::line);
            let (word, classes) = columns.read(&record).map_err(|e| e.at(line))?;
            lexicon.add(word, classes);
            if lexicon.n_classified > MAX_LEXICON_WORDS {
                let message = format!("read a list of words: {MAX_LEXICON_WORDS} is the limit");
                return Err(ErrorKind::TooLarge.error(message).at(line));
            }
        }
        drop(reader);
        if from.limit() == 0 {
            let message = format!("read a list of words: {MAX_LEXICON_BYTES} bytes are the limit");
            return Err(ErrorKind::TooLarge.error(message));
        }
        for word in NEGATIONS.split_ascii_whitespace() {
            lexicon.words.entry(word).negates = true;
        }
        Ok(lexicon)
    }

    fn add(&mut self, word: &str, classes: WordClasses) {
        if classes != WordClasses::NONE {
            let known = self.words.entry(word.to_lowercase().replace('\u{2019}', "'"));
            self.n_classified += usize::from(known.classes == WordClasses::NONE);
            known.classes |= classes;
        }
    }

    /// How many words have a class.
    #[must_use]
    pub fn len(&self) -> usize {
        self.n_classified
    }

    /// Is there no word with a class?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.n_classified == 0
    }

    /// The classes of a word in whatever case, also as a possessive.
    #[must_use]
    pub fn classes(&self, word: &str) -> WordClasses {
        self.look_up(hash_of(word), word).0
    }

    /// The classes of a word, and whether it negates what follows.
    pub(crate) fn look_up(&self, hash: u64, word: &str) -> (WordClasses, bool) {
        let found = self.words.get_hashed(hash, word).or_else(|| {
            let owner = word.strip_suffix("'s").or_else(|| word.strip_suffix("\u{2019}s"))?;
            self.words.get(owner)
        });
        found.map_or((WordClasses::NONE, false), |known| (known.classes, known.negates))
    }
}

/// Where a row has its word and its classes.
enum Columns {
    /// The places of the word and of the name of its class.
    Named(usize, usize),
    /// The place of the word, and of the year of each class.
    Years(usize, Vec<(usize, &'static str, WordClasses)>),
}

impl Columns {
    fn of(headers: &StringRecord) -> Result<Self, Error> {
        let place = |name: &str| headers.iter().position(|header| header.eq_ignore_ascii_case(name));
        if let (Some(word), Some(class)) = (place("word"), place("class")) {
            return Ok(Self::Named(word, class));
        }
        let years: Vec<_> = WordClasses::NAMED
            .into_iter()
            .filter_map(|(name, class)| Some((place(name)?, name, class)))
            .collect();
        match place("word") {
            Some(word) if !years.is_empty() => Ok(Self::Years(word, years)),
            _ => {
                let message =
                    "read a list of words: its first line must be `word,class`, or name `Word` and classes";
                Err(ErrorKind::Malformed.error(message).at(1))
            }
        }
    }

    fn read<'a>(&self, record: &'a StringRecord) -> Result<(&'a str, WordClasses), Error> {
        let field = |at: usize| record.get(at).unwrap_or_default();
        let (word, classes) = match self {
            Self::Named(word, class) => {
                let name = field(*class);
                let found =
                    WordClasses::NAMED.into_iter().find(|(known, _)| name.eq_ignore_ascii_case(known));
                let (_, class) = found.ok_or_else(|| {
                    let name: String = name.chars().take(40).collect();
                    let names = WordClasses::NAMED.map(|(known, _)| known).join(", ");
                    ErrorKind::BadValue.error(format!("read a class of words: `{name}` is none of {names}"))
                })?;
                (field(*word), class)
            }
            Self::Years(word, years) => {
                let mut classes = WordClasses::NONE;
                for (at, name, class) in years {
                    let year: i32 = field(*at).parse().map_err(|e| {
                        ErrorKind::BadValue.error(format!("read the year in column `{name}`")).because(e)
                    })?;
                    if year > 0 {
                        classes |= *class;
                    }
                }
                (field(*word), classes)
            }
        };
        match word.len() {
            1..=MAX_WORD_BYTES => Ok((word, classes)),
            0 => Err(ErrorKind::Malformed.error("read a word: it is empty")),
            n => {
                Err(ErrorKind::TooLarge
                    .error(format!("read a word of {n} bytes: {MAX_WORD_BYTES} is the limit")))
            }
        }
    }
}

fn of_csv(error: &csv::Error) -> Error {
    let said = match error.kind() {
        CsvKind::UnequalLengths { expected_len, len, .. } => ErrorKind::Malformed
            .error(format!("read a row of words: it has {len} fields, not {expected_len}")),
        CsvKind::Utf8 { .. } => ErrorKind::Malformed.error("read a row of words: it is not UTF-8"),
        _ => ErrorKind::Malformed.error(format!("read a list of words: {error}")),
    };
    match error.position() {
        Some(position) => said.at(position.line()),
        None => said,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(text: &str) -> (ErrorKind, Option<u64>, String) {
        let error = FinanceLexicon::read(text.as_bytes()).expect_err("it is malformed");
        (error.kind(), error.line(), error.to_string())
    }

    #[test]
    fn our_own_list_is_long_sorted_and_has_no_row_twice() {
        let rows: Vec<&str> = OWN.lines().skip(1).collect();
        assert!(rows.is_sorted_by(|a, b| {
            let key =
                |row: &str| row.split_once(',').map(|(word, class)| (class.to_owned(), word.to_owned()));
            key(a) < key(b)
        }));
        let own = FinanceLexicon::own();
        assert!(own.len() >= 600, "{}", own.len());
        assert!(
            rows.iter().all(|row| row
                .split(',')
                .next()
                .unwrap()
                .bytes()
                .all(|byte| byte.is_ascii_lowercase()))
        );
        let both = WordClasses::POSITIVE | WordClasses::NEGATIVE;
        for row in rows {
            let word = row.split(',').next().unwrap();
            assert!(!own.classes(word).contains(both), "{word} is both");
        }
        assert_eq!(own.classes("PROFIT"), WordClasses::POSITIVE);
        assert!(own.classes("bankruptcy\u{2019}s").contains(WordClasses::NEGATIVE));
        assert_eq!(own.look_up(hash_of("didn't"), "didn\u{2019}t"), (WordClasses::NONE, true));
    }

    #[test]
    fn the_columns_of_the_master_dictionary() {
        let text = "Word,Seq_num,Word Count,Negative,Positive,Uncertainty,Litigious,Strong_Modal,Weak_Modal,Constraining\n\
            ABANDON,10,5,2009,0,0,0,0,0,0\nMAY,11,9,0,0,2009,0,0,2009,0\nABLE,12,3,0,2009,0,0,0,0,0\nTABLE,13,3,0,0,0,0,0,0,0\n\
            LATE,14,1,-2020,0,0,0,0,0,0\n";
        let lexicon = FinanceLexicon::read(text.as_bytes()).unwrap();
        assert_eq!(lexicon.len(), 3);
        assert_eq!(lexicon.classes("may"), WordClasses::UNCERTAINTY | WordClasses::WEAK_MODAL);
        assert_eq!(
            (lexicon.classes("late"), lexicon.classes("table")),
            (WordClasses::NONE, WordClasses::NONE)
        );
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let (kind, line, said) = failure("a,b\nx,y\n");
        assert!(kind == ErrorKind::Malformed && line == Some(1) && said.contains("word,class"), "{said}");
        let (kind, line, said) = failure("word,class\ngood,positive\n\"two\nlines\",positive\nbad,angry\n");
        assert!(kind == ErrorKind::BadValue && line == Some(5) && said.contains("`angry`"), "{said}");
        let (kind, line, said) = failure("Word,Positive\nGOOD,0\nFINE,soon\n");
        assert!(kind == ErrorKind::BadValue && line == Some(3) && said.contains("`positive`"), "{said}");
        let (kind, line, _) = failure("word,class\n,positive\n");
        assert!(kind == ErrorKind::Malformed && line == Some(2));
        let (kind, line, said) = failure("word,class\ngood,positive,much\n");
        assert!(kind == ErrorKind::Malformed && line == Some(2) && said.contains("3 fields"), "{said}");
        let (kind, line, _) = failure(&format!("word,class\n{},positive\n", "x".repeat(200)));
        assert!(kind == ErrorKind::TooLarge && line == Some(2));
        let error =
            FinanceLexicon::read(b"word,class\n\xff,positive\n".as_slice()).expect_err("it is no text");
        assert_eq!((error.kind(), error.line()), (ErrorKind::Malformed, Some(2)));
    }
}

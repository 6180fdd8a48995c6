//! Which file belongs to which ticker.

use assize_altdata::Ticker;

const SEPARATORS: [char; 4] = ['_', '-', ' ', '.'];

/// A file's name, taken apart.
#[derive(Clone, Debug)]
pub(super) struct FileName {
    pub(super) name: String,
    stem: String,
    words: Vec<String>,
}

/// What was found for a ticker.
#[derive(Debug)]
pub(super) enum Choice<'a> {
    Nothing,
    /// One file, or several that make up one table.
    Files(Vec<&'a FileName>),
    Unclear(Vec<&'a FileName>),
}

/// The best file or files for `ticker`.
pub(super) fn choose<'a>(files: &'a [FileName], ticker: &Ticker) -> Choice<'a> {
    let Some(best) = files.iter().filter_map(|file| file.rank(ticker)).min() else {
        return Choice::Nothing;
    };
    let candidates: Vec<&FileName> = files.iter().filter(|file| file.rank(ticker) == Some(best)).collect();
    if candidates.len() == 1 || (best != Rank::Exact && candidates.iter().all(|file| file.is_a_part(ticker)))
    {
        Choice::Files(candidates)
    } else {
        Choice::Unclear(candidates)
    }
}

/// How well a file fits a ticker, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Exact,
    FirstWord,
    AnyWord,
}

impl FileName {
    /// `None` if this is no CSV file.
    pub(super) fn read(name: String) -> Option<Self> {
        let (stem, ending) = name.rsplit_once('.')?;
        if stem.is_empty() || !ending.eq_ignore_ascii_case("csv") {
            return None;
        }
        let (stem, words) = (stem.to_owned(), words(stem));
        Some(Self { name, stem, words })
    }

    fn rank(&self, ticker: &Ticker) -> Option<Rank> {
        let ticker = ticker.as_str();
        if same(&self.stem, ticker) {
            Some(Rank::Exact)
        } else if self.words.first().is_some_and(|word| same(word, ticker)) || begins(&self.stem, ticker) {
            Some(Rank::FirstWord)
        } else if self.words.iter().any(|word| same(word, ticker) && is_raised(word)) {
            Some(Rank::AnyWord)
        } else {
            None
        }
    }

    /// Whether the name says nothing but the ticker and a span of time.
    fn is_a_part(&self, ticker: &Ticker) -> bool {
        let span = |word: &String| {
            let is_digits = word.bytes().all(|byte| byte.is_ascii_digit());
            (is_digits && matches!(word.len(), 1 | 2 | 4 | 8))
                || ["daily", "1d", "d", "to"].iter().any(|plain| word.eq_ignore_ascii_case(plain))
        };
        // The ticker is skipped once: a ticker may consist of digits itself.
        let mut rest: Vec<&String> = self.words.iter().collect();
        if let Some(own) = rest.iter().position(|word| same(word, ticker.as_str())) {
            rest.remove(own);
        }
        rest.into_iter().all(span)
    }

    /// The ticker that the name suggests: the whole stem if it is a single word, else the first word in capitals, else
    /// the first word.
    pub(super) fn suggested(&self) -> Option<Ticker> {
        let letters = |word: &str| word.bytes().any(|byte| byte.is_ascii_alphabetic());
        let in_capitals = self.words.iter().find(|word| is_raised(word) && letters(word) && word.len() <= 8);
        in_capitals.or(self.words.first())?.parse().ok()
    }
}

/// The words of a stem. A share class or an exchange of one or two letters stays with its ticker: `BRK-B`, `AET.L`.
fn words(stem: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut separator = '_';
    for piece in stem.split_inclusive(SEPARATORS) {
        let word = piece.trim_end_matches(SEPARATORS);
        if !word.is_empty() {
            let joined = match words.last_mut() {
                Some(last) if matches!(separator, '-' | '.') && is_suffix(last, word) => {
                    last.push(separator);
                    last.push_str(word);
                    true
                }
                _ => false,
            };
            if !joined {
                words.push(word.to_owned());
            }
        }
        separator = piece.chars().next_back().unwrap_or('_');
    }
    words
}

fn is_suffix(ticker: &str, word: &str) -> bool {
    let letters = word.bytes().all(|byte| byte.is_ascii_alphabetic());
    let plain = (1..=6).contains(&ticker.len()) && ticker.bytes().all(|byte| byte.is_ascii_alphanumeric());
    // `d` means days, `us` the market whose tickers stand alone.
    letters
        && plain
        && word.len() <= 2
        && is_raised(ticker) == is_raised(word)
        && !word.eq_ignore_ascii_case("us")
        && word != "d"
}

fn is_raised(word: &str) -> bool {
    !word.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// Equal in any case; a dot and a dash are the same (`BRK.B`, `BRK-B`).
fn same(word: &str, ticker: &str) -> bool {
    let plain = |byte: u8| if byte == b'.' { b'-' } else { byte.to_ascii_uppercase() };
    word.len() == ticker.len() && word.bytes().map(plain).eq(ticker.bytes().map(plain))
}

/// Whether the stem begins with a ticker that itself holds a separator (`BTC-USD_daily`).
fn begins(stem: &str, ticker: &str) -> bool {
    ticker.contains(SEPARATORS)
        && stem.get(..ticker.len()).is_some_and(|start| same(start, ticker))
        && stem.get(ticker.len()..).is_some_and(|rest| rest.starts_with(SEPARATORS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(files: &[&str], ticker: &str) -> String {
        let mut files: Vec<FileName> =
            files.iter().filter_map(|name| FileName::read((*name).to_owned())).collect();
        files.sort_by(|one, other| one.name.cmp(&other.name));
        let names = |files: Vec<&FileName>| {
            files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(" + ")
        };
        match choose(&files, &ticker.parse().unwrap()) {
            Choice::Nothing => "nothing".to_owned(),
            Choice::Files(files) => names(files),
            Choice::Unclear(files) => format!("unclear: {}", names(files)),
        }
    }

    #[test]
    fn files_for_tickers() {
        for (files, ticker, expected) in [
            (&["KO.csv"][..], "KO", "KO.csv"),
            (&["ko.CSV"], "KO", "ko.CSV"),
            (&["KO.txt", "KO", ".csv"], "KO", "nothing"),
            (&["KO_daily.csv", "PEP_daily.csv"], "PEP", "PEP_daily.csv"),
            (&["KO_daily.csv", "KO.csv"], "KO", "KO.csv"),
            (
                &["zipline_csvdir_AAPL_with_dividend_split.csv"],
                "AAPL",
                "zipline_csvdir_AAPL_with_dividend_split.csv",
            ),
            (&["zipline_csvdir_aapl.csv"], "AAPL", "nothing"),
            (
                &["NVDA_daily_2014.csv", "NVDA_daily_2015.csv"],
                "NVDA",
                "NVDA_daily_2014.csv + NVDA_daily_2015.csv",
            ),
            (
                &["NVDA-2014-01-01-to-2014-06-30.csv", "NVDA 2015.csv"],
                "NVDA",
                "NVDA 2015.csv + NVDA-2014-01-01-to-2014-06-30.csv",
            ),
            (&["KO_raw.csv", "KO_clean.csv"], "KO", "unclear: KO_clean.csv + KO_raw.csv"),
            (&["KO.csv", "ko.csv"], "KO", "unclear: KO.csv + ko.csv"),
            (&["a_KO_b.csv", "c_KO.csv"], "KO", "unclear: a_KO_b.csv + c_KO.csv"),
            (&["KODAK.csv"], "KO", "nothing"),
            // Another class or exchange is another company's paper.
            (&["BRK-B.csv"], "BRK", "nothing"),
            (&["BRK-B.csv"], "BRK.B", "BRK-B.csv"),
            (&["BRK-B_daily.csv", "BRK-A_daily.csv"], "BRK-A", "BRK-A_daily.csv"),
            (&["AET-L-1d-100x-error.csv"], "AET.L", "AET-L-1d-100x-error.csv"),
            (&["AET-L-1d-100x-error.csv"], "AET", "nothing"),
            (&["ko.us.csv"], "KO", "ko.us.csv"),
            (&["KO-d.csv"], "KO", "KO-d.csv"),
            (&["BTC-USD_daily.csv"], "BTC-USD", "BTC-USD_daily.csv"),
            (&["^GSPC.csv", "GSPC.csv"], "^GSPC", "^GSPC.csv"),
            (&["4063-T-2014.csv", "4063-T-2015.csv"], "4063.T", "4063-T-2014.csv + 4063-T-2015.csv"),
            (&["ünïcode KO.csv"], "KO", "ünïcode KO.csv"),
        ] {
            assert_eq!(chosen(files, ticker), expected, "{ticker} in {files:?}");
        }
    }

    #[test]
    fn suggestions() {
        for (file, ticker) in [
            ("KO.csv", Some("KO")),
            ("ko_daily.csv", Some("KO")),
            ("zipline_csvdir_AAPL_with_dividend_split.csv", Some("AAPL")),
            ("vega_sp500_daily.csv", Some("VEGA")),
            ("BRK-B.csv", Some("BRK-B")),
            ("2014_KO.csv", Some("KO")),
            ("äöü.csv", None),
        ] {
            let suggested = FileName::read(file.to_owned()).and_then(|file| file.suggested());
            assert_eq!(suggested.as_ref().map(Ticker::as_str), ticker, "{file}");
        }
    }
}

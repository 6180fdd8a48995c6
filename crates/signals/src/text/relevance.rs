//! Is a text about a company?

use std::sync::LazyLock;

use super::{
    within_limit,
    word_table::WordTable,
    words::{Word, words},
};
use crate::{Error, ErrorKind};

/// Names of a company, at most.
pub const MAX_NAMES: usize = 64;
const MAX_NAME_WORDS: usize = 12;

/// Tickers that are words or abbreviations of everyday text, besides those of one and two letters, which all are.
const AMBIGUOUS: &str = "ABLE ACT ADD AGE AGO AIM AIR ALL AND ANY API ARE ARM ART ASK BAD BAR BEST BIG BIT BOND BOX BUY CALL CAN CAR CARE CARS \
    CASH CEO CFO COO CORE COST CPI CTO DAY DATA DD DEEP DO DOW EARN EAST EBIT EDIT EPS ESG ETF EU EVER EXP FACT FAST FAT FBI FDA FED FIRE \
    FIVE FLOW FLY FOR FORM FREE FUN FUND FUTU GAIN GAP GDP GOLD GOOD GROW HAS HE HEAR HER HIM HIS HOLD HOPE HUGE ICE INFO INN IPO IRS JOB JOBS \
    JUST KEY KIDS KNOW LAND LEG LIFE LINE LIVE LOAN LOVE LOW MAIN MAN MAP MASS MAT MEET META MIND MORE NEW NEWS NEXT NICE NOW NYSE OLD ONE \
    OPEN OUT OWN PAY PEAK PLAN PLAY PLUS POST PR PUMP PUT RAMP REAL RES RIDE RUN RUSH SAFE SAM SAVE SEC SEE SELF SHE SHOP SITE SKY SNAP SO \
    SPOT STAY STEM SUN TAP TEAM TECH TELL THE TIME TOP TOWN TREE TRUE TURN TV UK USA USD VERY WELL WEST WHO WISH WIT WORK YOU";

/// What comes before `:` and a ticker.
const EXCHANGES: &str = "amex asx bats bse cboe cse epa eti euronext fra hkex krx lon lse nasdaq nasdaqcm nasdaqgm nasdaqgs neo nse nyse \
    nyseamerican nysearca otc otcmkts otcqb otcqx tse tsx tsxv xetra";

fn table(list: &'static str) -> WordTable<()> {
    let mut table = WordTable::with_capacity(256);
    for word in list.split_ascii_whitespace() {
        *table.entry(word.to_ascii_lowercase()) = ();
    }
    table
}

/// A company as texts name it.
///
/// ```
/// use assize_signals::{Company, relevance};
///
/// let allstate = Company::new("ALL", ["Allstate", "The Allstate Corporation"])?;
/// assert!(relevance("Allstate raises its dividend", &allstate).score > 0.6);
/// assert!(relevance("$ALL raises its dividend", &allstate).score > 0.8);
/// assert_eq!(relevance("ALL shares fall", &allstate).score, 0.0);
/// # Ok::<(), assize_signals::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Company {
    /// In capitals, `.` and `-` alike.
    ticker: String,
    is_ambiguous: bool,
    /// The words of each name as written, without what says only of what legal form it is.
    names: Vec<Vec<String>>,
}

impl Company {
    /// A company with its ticker and its names: the full one, the usual one, earlier ones, products that stand for it.
    ///
    /// # Errors
    ///
    /// If the ticker is not made of 1 to 12 letters, figures, `.` and `-`, there are more than [`MAX_NAMES`] names, or one has
    /// no words or more than twelve.
    pub fn new<N: AsRef<str>>(ticker: &str, names: impl IntoIterator<Item = N>) -> Result<Self, Error> {
        let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
        if !(1..=12).contains(&ticker.len()) || !ticker.bytes().all(is_sign) {
            let shown: String = ticker.chars().take(20).collect();
            return Err(ErrorKind::BadValue.error(format!("describe a company: `{shown}` is no ticker")));
        }
        let mut company = Self {
            ticker: ticker.to_ascii_uppercase().replace('-', "."),
            is_ambiguous: is_ambiguous(ticker),
            names: Vec::new(),
        };
        for name in names {
            let name = name.as_ref();
            let words = bare(name);
            if words.is_empty() || words.len() > MAX_NAME_WORDS {
                let shown: String = name.chars().take(80).collect();
                let message =
                    format!("describe a company: its name `{shown}` must have 1 to {MAX_NAME_WORDS} words");
                return Err(ErrorKind::BadValue.error(message));
            }
            if company.names.len() == MAX_NAMES {
                let message = format!("describe a company: {MAX_NAMES} names are the limit");
                return Err(ErrorKind::TooLarge.error(message));
            }
            if !company.names.contains(&words) {
                company.names.push(words);
            }
        }
        Ok(company)
    }

    /// Does its ticker count only with a `$` or an exchange before it?
    #[must_use]
    pub const fn has_ambiguous_ticker(&self) -> bool {
        self.is_ambiguous
    }
}

fn is_ambiguous(ticker: &str) -> bool {
    static TABLE: LazyLock<WordTable<()>> = LazyLock::new(|| table(AMBIGUOUS));
    ticker.len() <= 2 || TABLE.get(ticker).is_some()
}

/// The words of a name without "The" at its beginning and the legal form at its end, if anything else is left.
fn bare(name: &str) -> Vec<String> {
    const FORMS: [&str; 21] = [
        "ab",
        "ag",
        "asa",
        "co",
        "company",
        "corp",
        "corporation",
        "group",
        "holding",
        "holdings",
        "inc",
        "incorporated",
        "limited",
        "llc",
        "lp",
        "ltd",
        "n.v",
        "nv",
        "plc",
        "s.a",
        "se",
    ];
    let found = words(within_limit(name));
    let mut rest: &[Word<'_>] = &found;
    while let [before @ .., last] = rest
        && !before.is_empty()
        && FORMS.iter().any(|form| last.text.eq_ignore_ascii_case(form))
    {
        rest = before;
    }
    if let [first, behind @ ..] = rest
        && !behind.is_empty()
        && first.text.eq_ignore_ascii_case("the")
    {
        rest = behind;
    }
    rest.iter().map(|word| word.text.to_owned()).collect()
}

/// By what a text names a company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mention {
    /// By the ticker alone, in capitals; 0.6.
    Ticker,
    /// By a name of one word, with its capitals; 0.8.
    ShortName,
    /// By a name of several words; 0.9.
    Name,
    /// By the ticker behind an exchange, as in `NASDAQ: ACME`; 1.
    ExchangeTicker,
    /// By the ticker behind a `$`; 1.
    Cashtag,
}

impl Mention {
    /// How sure it is that the company is meant, from 0 to 1.
    #[must_use]
    pub const fn strength(self) -> f64 {
        match self {
            Self::Ticker => 0.6,
            Self::ShortName => 0.8,
            Self::Name => 0.9,
            Self::ExchangeTicker | Self::Cashtag => 1.0,
        }
    }

    /// Its name in explanations.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ticker => "ticker",
            Self::ShortName => "short name",
            Self::Name => "name",
            Self::ExchangeTicker => "ticker with exchange",
            Self::Cashtag => "cashtag",
        }
    }
}

/// How much a text is about a company, and by what that is seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Relevance {
    /// From 0, it is not named, to 1.
    pub score: f64,
    /// How often it is named.
    pub mentions: u32,
    /// The surest way in which it is named.
    pub strongest: Option<Mention>,
    /// Where it is named first: the byte in the text.
    pub first_at: Option<usize>,
}

/// How much `text` is about `company`: the strength of the surest mention × (0.6 + 0.25 position + 0.15 frequency).
///
/// The position is 1 in the first sentence or headline, and falls from there to 0 at the end; the frequency is 1 − 2^(1 − n)
/// for n mentions. Names of several words count in any case, those of one with their capitals, so that an apple is not
/// Apple; a possessive counts. A ticker that is a word, or has but one or two letters, counts behind `$` or an exchange alone.
/// Of a text beyond [`MAX_TEXT_BYTES`](crate::MAX_TEXT_BYTES) the beginning is read.
#[must_use]
pub fn relevance(text: &str, company: &Company) -> Relevance {
    let text = within_limit(text);
    relevance_of(text, &words(text), company)
}

pub(crate) fn relevance_of(text: &str, words: &[Word<'_>], company: &Company) -> Relevance {
    let (mut mentions, mut strongest, mut first) = (0_u32, None, None);
    let mut at = 0;
    while at < words.len() {
        let Some((mention, n)) = mention(text, words, at, company) else {
            at += 1;
            continue;
        };
        mentions += 1;
        strongest = strongest.max(Some(mention));
        first = first.or(Some(at));
        at += n;
    }
    let (Some(first), Some(strongest)) = (first, strongest) else {
        return Relevance { score: 0.0, mentions: 0, strongest: None, first_at: None };
    };
    let is_in_front =
        !words[1..=first.max(1).min(words.len() - 1)].iter().any(|word| word.opens_sentence) || first == 0;
    let position = if is_in_front { 1.0 } else { 1.0 - ratio(words[first].at, text.len()) };
    let frequency = 1.0 - 0.5_f64.powi(i32::try_from(mentions.min(60)).unwrap_or(60) - 1);
    let score = strongest.strength() * (0.6 + 0.25 * position + 0.15 * frequency);
    Relevance { score, mentions, strongest: Some(strongest), first_at: Some(words[first].at) }
}

#[expect(clippy::cast_precision_loss, reason = "a text is far shorter than 2^52 bytes")]
fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

/// The surest mention that begins with a word, and how many words it takes.
fn mention(text: &str, words: &[Word<'_>], at: usize, company: &Company) -> Option<(Mention, usize)> {
    let by_ticker = by_ticker(text, words, at, company);
    let longest = company.names.iter().filter(|name| is_name(name, &words[at..])).map(Vec::len).max();
    let by_name = longest.map(|n| (if n == 1 { Mention::ShortName } else { Mention::Name }, n));
    by_ticker.max(by_name)
}

fn by_ticker(text: &str, words: &[Word<'_>], at: usize, company: &Company) -> Option<(Mention, usize)> {
    let (is_in_capitals, n) = as_ticker(text, words, at, company)?;
    let before = text[..words[at].at].trim_end_matches(' ');
    let touches = before.len() == words[at].at;
    if touches && before.ends_with('$') {
        return Some((Mention::Cashtag, n));
    }
    if !is_in_capitals {
        return None;
    }
    if behind_exchange(before) {
        return Some((Mention::ExchangeTicker, n));
    }
    let is_tagged = touches && before.ends_with(['#', '@', '/', '.']);
    (!company.is_ambiguous && !is_tagged).then_some((Mention::Ticker, n))
}

/// Does the company's ticker stand there? If it is in capitals, and how many words it takes (`BRK-B` is two).
fn as_ticker(text: &str, words: &[Word<'_>], at: usize, company: &Company) -> Option<(bool, usize)> {
    let word = words[at];
    let first = company.ticker.as_bytes()[0];
    if word.text.as_bytes()[0].to_ascii_uppercase() != first {
        return None;
    }
    let owned =
        |word: &str| word.strip_suffix("'s").or_else(|| word.strip_suffix("\u{2019}s")).unwrap_or(word).len();
    let end = word.at + company.ticker.len();
    let rest = text.get(word.at..end)?;
    let is_same = rest
        .bytes()
        .zip(company.ticker.bytes())
        .all(|(a, b)| a.to_ascii_uppercase() == b || (a == b'-' && b == b'.'));
    let n = words[at..].iter().take_while(|word| word.at < end).count();
    let last = words[at + n - 1];
    let ends = last.at + owned(last.text) == end;
    (is_same && ends).then(|| (!rest.bytes().any(|byte| byte.is_ascii_lowercase()), n))
}

/// "NASDAQ:", "(NYSE: ", "(NYSE American:".
fn behind_exchange(before: &str) -> bool {
    static TABLE: LazyLock<WordTable<()>> = LazyLock::new(|| table(EXCHANGES));
    let Some(before) = before.strip_suffix(':') else { return false };
    let start = before.len().saturating_sub(40);
    let near = &before[before.ceil_char_boundary(start)..];
    near.rsplit(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(2)
        .any(|word| TABLE.get(word).is_some())
}

fn is_name(name: &[String], words: &[Word<'_>]) -> bool {
    let Some(words) = words.get(..name.len()) else { return false };
    let fits = |(name, word): (&String, &Word<'_>)| name.eq_ignore_ascii_case(word.text);
    let (Some((last, before)), Some((last_name, before_names))) = (words.split_last(), name.split_last())
    else {
        return false;
    };
    if !before_names.iter().zip(before).all(fits) || words[1..].iter().any(|word| word.opens_sentence) {
        return false;
    }
    let Some(head) = last.text.get(..last_name.len()) else { return false };
    let tail = &last.text[head.len()..];
    if !matches!(tail, "" | "'s" | "\u{2019}s") || !head.eq_ignore_ascii_case(last_name) {
        return false;
    }
    // A word that could be any: only with its capitals, or all in capitals.
    name.len() > 1 || head == last_name || !head.contains(char::is_lowercase)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn company(ticker: &str, names: &[&str]) -> Company {
        Company::new(ticker, names).unwrap()
    }

    #[test]
    fn how_texts_name_companies() {
        let apple = company("AAPL", &["Apple Inc.", "Apple"]);
        let berkshire = company("BRK.B", &["Berkshire Hathaway Inc."]);
        let agilent = company("A", &["Agilent Technologies, Inc."]);
        let gartner = company("IT", &["Gartner"]);
        let telephone = company("T", &["AT&T Inc."]);
        for (company, text, expected) in [
            (&apple, "Apple beats estimates", Some((Mention::ShortName, 1))),
            (&apple, "Apple\u{2019}s results; APPLE rose, apple pie", Some((Mention::ShortName, 2))),
            (&apple, "an apple a day", None),
            (&apple, "Appleby's Apples", None),
            (&apple, "AAPL rose, $aapl, #AAPL", Some((Mention::Cashtag, 2))),
            (&apple, "aapl rose", None),
            (&apple, "AAPLE AAP $AAPLX", None),
            (&apple, "(NASDAQ: AAPL) and Nasdaq:AAPL", Some((Mention::ExchangeTicker, 2))),
            (&berkshire, "Shares of BRK-B and BRK.B; Brk/B", Some((Mention::Ticker, 2))),
            (&berkshire, "berkshire hathaway's letter", Some((Mention::Name, 1))),
            (&berkshire, "in Berkshire. Hathaway said", None),
            (&agilent, "A rally in A shares", None),
            (&agilent, "$A rallies (NYSE: A)", Some((Mention::Cashtag, 2))),
            (&agilent, "NYSE American: A", Some((Mention::ExchangeTicker, 1))),
            (&agilent, "note: A rally", None),
            (&gartner, "IT SPENDING RISES", None),
            (&gartner, "NYSE: it rose", None),
            (&gartner, "GARTNER SEES IT SPENDING UP", Some((Mention::ShortName, 1))),
            (&telephone, "AT&T cuts jobs", Some((Mention::ShortName, 1))),
            (&telephone, "", None),
        ] {
            let found = relevance(text, company);
            let expected = expected.map_or((None, 0), |(mention, n)| (Some(mention), n));
            assert_eq!((found.strongest, found.mentions), expected, "{text}");
            assert_eq!(found.score > 0.0, found.first_at.is_some());
        }
    }

    #[test]
    fn earlier_oftener_and_surer_is_more() {
        let acme = company("ACME", &["Acme Corporation"]);
        let score = |text: &str| relevance(text, &acme).score;
        let filler = "Nobody there said a word. ".repeat(20);
        let front = score(&format!("A deal for Acme. {filler}"));
        let end = score(&format!("{filler} A deal for Acme."));
        assert!((front - 0.8 * 0.85).abs() < 1e-12 && end < 0.5 && end > 0.8 * 0.6);
        assert!(score(&format!("Acme said Acme would. {filler}")) > front);
        assert!(score("$ACME up") > score("Acme up"));
        assert!(relevance("ZZTP up", &company("ZZTP", &[])).score < score("Acme up"));
        let often = score(&"Acme $ACME. ".repeat(500));
        assert!((0.999..=1.0).contains(&often), "{often}");
    }

    #[test]
    fn companies_that_cannot_be_are_refused() {
        for (ticker, names) in [("", vec!["a"]), ("A B", vec!["a"]), ("ACME", vec![""]), ("ACME", vec!["…"])]
        {
            assert_eq!(Company::new(ticker, names).unwrap_err().kind(), ErrorKind::BadValue);
        }
        let many = (0..=MAX_NAMES).map(|n| format!("name{n}"));
        assert_eq!(Company::new("ACME", many).unwrap_err().kind(), ErrorKind::TooLarge);
        assert!(company("A", &[]).has_ambiguous_ticker() && !company("NVDA", &[]).has_ambiguous_ticker());
        assert_eq!(company("X", &["The Group"]).names, [["The"]]);
    }

    proptest! {
        #[test]
        fn a_score_is_a_share_whatever_the_text(text in "([Aa]cme|\\$?ACME|NYSE: ?|é|\u{2019}s|[ .,-]|x){0,30}") {
            let found = relevance(&text, &company("ACME", &["Acme", "Acme é Corp"]));
            prop_assert!((0.0..=1.0).contains(&found.score));
            prop_assert_eq!(found.mentions > 0, found.score > 0.0);
        }
    }
}

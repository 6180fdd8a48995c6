//! Whether a text speaks of a company.

use std::collections::BTreeSet;

use assize_altdata::{Identity, Query};

/// What a company is called in texts. A text mentions it where one of these stands in it, as whole words:
///
/// - its cashtag, `$KO`, or its ticker behind an exchange's name, `NYSE: KO`;
/// - its name or an alias with the legal form, whatever the case: `gap inc`;
/// - its name or an alias without the legal form, of several words, whatever the case: `coca-cola`;
/// - the same of one word, if it is written as a name: `Apple`, not `apple`; in capitals if it has three letters or fewer
///   (`HP`); and not at all if it is an ordinary word that begins many a sentence (`Target`).
///
/// A name that goes on to be another company's does not count: `Apple Hospitality REIT`. So what is found is about the
/// company nearly always, and something that is about it may be missed.
#[derive(Debug)]
pub(crate) struct Mentions<'a> {
    query: &'a Query,
    /// With the legal form; in any case.
    full: BTreeSet<Vec<String>>,
    /// Without it.
    short: BTreeSet<Vec<String>>,
}

/// Words that are companies' names and more often are not.
const ORDINARY: [&str; 39] = [
    "a",
    "all",
    "alphabet",
    "american",
    "bath",
    "block",
    "box",
    "carter",
    "carters",
    "chase",
    "coach",
    "compass",
    "discover",
    "express",
    "first",
    "gap",
    "general",
    "guess",
    "international",
    "life",
    "macro",
    "match",
    "national",
    "new",
    "next",
    "open",
    "progressive",
    "public",
    "realty",
    "root",
    "sabre",
    "snap",
    "southern",
    "square",
    "target",
    "team",
    "trade",
    "unity",
    "universal",
];

/// What shows that a name is a company's.
const FORMS: [&str; 20] = [
    "inc",
    "incorporated",
    "corp",
    "corporation",
    "co",
    "company",
    "ltd",
    "limited",
    "llc",
    "lp",
    "plc",
    "holdings",
    "group",
    "trust",
    "reit",
    "bancorp",
    "bank",
    "partners",
    "fund",
    "etf",
];

const EXCHANGES: [&str; 8] = ["nyse", "nasdaq", "nasdaqgs", "amex", "nysearca", "nysemkt", "otc", "otcmkts"];

/// A word of a text: as it is compared, whether it begins with a capital, whether it is all capitals, and what stands
/// right before it.
struct Word<'a> {
    plain: String,
    raised: bool,
    capitals: bool,
    before: &'a str,
}

impl<'a> Mentions<'a> {
    /// What the company that `query` means is called; its ticker alone if that is not known.
    pub(crate) fn of(query: &'a Query) -> Self {
        let (mut full, mut short) = (BTreeSet::new(), BTreeSet::new());
        if let Some(identity) = query.identity() {
            for name in std::iter::once(&identity.name).chain(&identity.aliases) {
                full.insert(plain_words(name.split(" /").next().unwrap_or_default()));
                short.insert(plain_words(&Identity::new(query.ticker(), name.as_str()).short_name()));
            }
            // A name that has no legal form is judged as the short one that it is.
            full.retain(|name| !short.contains(name));
            for names in [&mut full, &mut short] {
                names.retain(|name| !name.is_empty());
            }
        }
        Self { query, full, short }
    }

    /// Whether any of the texts mentions it.
    pub(crate) fn any(&self, texts: &[&str]) -> bool {
        texts.iter().any(|text| self.is_in(text))
    }

    fn is_in(&self, text: &str) -> bool {
        let words = words(text);
        (0..words.len()).any(|at| self.is_tagged(&words, at) || self.is_named(&words, at))
    }

    fn is_tagged(&self, words: &[Word<'_>], at: usize) -> bool {
        let before = words[at].before;
        let behind_exchange = at > 0
            && before.trim() == ":"
            && words[at].capitals
            && EXCHANGES.contains(&words[at - 1].plain.as_str());
        if !before.ends_with('$') && !behind_exchange {
            return false;
        }
        // A share class stands behind a mark that parts words: `$BRK.B`.
        let ticker = self.query.ticker().as_str();
        let parts: Vec<String> =
            ticker.split(['.', '-']).map(|part| part.trim_start_matches('^').to_lowercase()).collect();
        if !ticker.contains(|c: char| c.is_ascii_alphabetic()) {
            return false;
        }
        let joined = parts.concat();
        let glued = |word: &Word<'_>| word.before == "-" || word.before == "." || word.before == "/";
        let next = words.get(at + 1).filter(|word| glued(word) && word.plain.len() == 1);
        match next {
            Some(class) => words[at].plain == parts[0] && parts.get(1) == Some(&class.plain),
            // Dots are no part of a word as it is compared: `BRK.B` is `brkb`.
            None => words[at].plain == joined,
        }
    }

    fn is_named(&self, words: &[Word<'_>], at: usize) -> bool {
        let begins = |name: &Vec<String>| {
            words.len() - at >= name.len()
                && name.iter().zip(&words[at..]).all(|(one, other)| *one == other.plain)
        };
        if self.full.iter().any(begins) {
            return true;
        }
        self.short.iter().filter(|name| begins(name)).any(|name| {
            let written_as_name = name.len() > 1 || is_written_as_name(&words[at]);
            written_as_name && !self.goes_on(words, at, name.len())
        })
    }

    /// Whether the name goes on to be that of another company: capitals up to a legal form, within two words.
    fn goes_on(&self, words: &[Word<'_>], at: usize, len: usize) -> bool {
        for n in 1..=2 {
            let Some(next) = words.get(at + len + n - 1) else { return false };
            if !next.raised || !next.before.trim().is_empty() {
                return false;
            }
            if FORMS.contains(&next.plain.as_str()) {
                let phrase: Vec<&str> =
                    words[at..at + len + n].iter().map(|word| word.plain.as_str()).collect();
                return !self.query.identity().is_some_and(|identity| identity.is_named(&phrase.join(" ")));
            }
        }
        false
    }
}

fn is_written_as_name(word: &Word<'_>) -> bool {
    let letters = word.plain.chars().count();
    if letters < 2 || ORDINARY.contains(&word.plain.as_str()) {
        return false;
    }
    if letters <= 3 { word.capitals } else { word.raised }
}

fn plain_words(text: &str) -> Vec<String> {
    words(text).into_iter().map(|word| word.plain).collect()
}

/// The words of a text: dots and apostrophes within are no part of them, nor is the `s` of a genitive; `&` is a word.
fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut rest = text;
    let of_word = |c: char| c.is_alphanumeric() || ".'’".contains(c);
    loop {
        let Some(start) = rest.find(|c: char| c.is_alphanumeric() || c == '&') else { return words };
        let (before, from) = rest.split_at(start);
        let end =
            if from.starts_with('&') { 1 } else { from.find(|c: char| !of_word(c)).unwrap_or(from.len()) };
        let (word, after) = from.split_at(end);
        let kept = word.trim_end_matches(|c: char| !c.is_alphanumeric());
        let own = kept.strip_suffix("'s").or_else(|| kept.strip_suffix("’s")).unwrap_or(kept);
        let plain = match own {
            "" => "and".to_owned(),
            own => own.replace(['.', '\'', '’'], "").to_lowercase(),
        };
        let letters = || own.chars().filter(|c| c.is_alphabetic());
        words.push(Word {
            plain,
            // Scripts without capitals, and names that begin with a digit, are names as they stand.
            raised: own.chars().next().is_none_or(|c| !c.is_lowercase()),
            capitals: letters().all(|c| !c.is_lowercase()),
            before,
        });
        rest = after;
    }
}

/// Whether a site's name of a company can be that of the one that is meant, where the ticker is the same already: sites
/// add classes of shares and shorten.
pub(crate) fn can_be(identity: &Identity, name: &str) -> bool {
    let first = |name: &str| {
        let words = plain_words(&Identity::new(&identity.ticker, name).short_name());
        words.into_iter().next().unwrap_or_default()
    };
    let squashed = |name: &str| {
        name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).take(5).collect::<String>()
    };
    let theirs = first(name);
    theirs.is_empty()
        || identity.is_named(name)
        || std::iter::once(&identity.name)
            .chain(&identity.aliases)
            .any(|own| first(own) == theirs || squashed(own) == squashed(name))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn query(ticker: &str, name: &str, aliases: &[&str]) -> Query {
        let ticker = ticker.parse().unwrap();
        let mut identity = Identity::new(&ticker, name);
        identity.aliases = aliases.iter().map(|alias| (*alias).to_owned()).collect();
        Query::new(&ticker, "2026-01-05".parse().unwrap()).with_identity(Arc::new(identity))
    }

    #[test]
    fn texts_that_mention_a_company() {
        let apple = query("AAPL", "Apple Inc.", &[]);
        let target = query("TGT", "TARGET CORP", &[]);
        let coke = query("KO", "The Coca-Cola Company", &["Coke"]);
        let berkshire = query("BRK-B", "Berkshire Hathaway Inc.", &[]);
        let hp = query("HPQ", "HP Inc.", &[]);
        let att = query("T", "AT&T Inc.", &[]);
        let ford = query("F", "Ford Motor Co", &[]);
        for (query, text, expected) in [
            (&apple, "Apple’s profit falls", true),
            (&apple, "Why apple pie sells", false),
            (&apple, "Pineapple and Apple.com", false),
            (&apple, "Is it Apple?", true),
            (&apple, "Apple Hospitality REIT pays", false),
            (&apple, "Apple Sues Samsung Corp", true),
            (&apple, "watching $AAPL today", true),
            (&apple, "watching $AAPLX today", false),
            (&apple, "(NASDAQ: AAPL) gains", true),
            (&apple, "AAPL", false),
            (&target, "Target raises outlook", false),
            (&target, "Target Corp raises outlook", true),
            (&target, "long $tgt", true),
            (&coke, "Coca - Cola wins", true),
            (&coke, "coca-cola co", true),
            (&coke, "Coke wins", true),
            (&coke, "KO in the third round", false),
            (&berkshire, "$BRK.B and others", true),
            (&berkshire, "$BRK-B.", true),
            (&berkshire, "$BRK/A", false),
            (&berkshire, "NYSE: BRK.B", true),
            (&hp, "HP beats", true),
            (&hp, "Hp sauce", false),
            (&att, "AT & T to sell", true),
            (&att, "AT&T to sell", true),
            (&ford, "(F)", false),
            (&ford, "NYSE:F", true),
            (&ford, "Ford Motor recalls", true),
            (&apple, "", false),
        ] {
            assert_eq!(Mentions::of(query).any(&[text]), expected, "{}: {text}", query.ticker());
        }
        let unknown = Query::new(&"AAPL".parse().unwrap(), "2026-01-05".parse().unwrap());
        assert!(Mentions::of(&unknown).any(&["x", "$AAPL"]) && !Mentions::of(&unknown).any(&["Apple"]));
    }

    #[test]
    fn names_that_sites_give() {
        for (own, theirs, expected) in [
            ("Alphabet Inc.", "Alphabet Inc. Class A", true),
            ("JPMorgan Chase & Co.", "JP Morgan Chase & Company", true),
            ("TotalEnergies SE", "TOTDY Toto Ltd.", false),
            ("Apple Inc.", "Microsoft Corporation", false),
            ("Apple Inc.", "", true),
        ] {
            assert_eq!(
                can_be(query("X", own, &[]).identity().unwrap(), theirs),
                expected,
                "{own} / {theirs}"
            );
        }
    }
}

//! Which company a ticker means.

use std::fmt;

use crate::Ticker;

/// A company's card: what answers about a ticker are held against, so that nobody is given another company's news.
///
/// ```
/// use assize_altdata::Identity;
///
/// let apple = Identity::new(&"AAPL".parse()?, "Apple Inc.").with_cik(320_193);
/// assert!(apple.is_named("APPLE INC") && apple.is_named("Apple"));
/// assert!(!apple.is_named("Apple Hospitality REIT"));
/// # Ok::<(), assize_altdata::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Identity {
    /// The ticker.
    pub ticker: Ticker,
    /// The company's name.
    pub name: String,
    /// The American regulator's number of it, if it has one.
    pub cik: Option<u64>,
    /// Where it is traded, as the source names it; may be empty.
    pub exchange: String,
    /// What it is, as the source names it: a share, a fund; may be empty.
    pub instrument: String,
    /// Other names that it goes by.
    pub aliases: Vec<String>,
    /// The title of its article in the English Wikipedia, if known.
    pub wikipedia: Option<String>,
}

impl Identity {
    /// A card that holds ticker and name alone; change what is known beyond.
    #[must_use]
    pub fn new(ticker: &Ticker, name: impl Into<String>) -> Self {
        Self {
            ticker: ticker.clone(),
            name: name.into(),
            cik: None,
            exchange: String::new(),
            instrument: String::new(),
            aliases: Vec::new(),
            wikipedia: None,
        }
    }

    /// The same with the regulator's number.
    #[must_use]
    pub fn with_cik(mut self, cik: u64) -> Self {
        self.cik = Some(cik);
        self
    }

    /// Whether `name` is this company's, or one of its aliases: the same words in the same order, whatever their case and
    /// punctuation, and whichever legal form follows them.
    #[must_use]
    pub fn is_named(&self, name: &str) -> bool {
        let wanted = Words::of(name);
        !wanted.0.is_empty()
            && std::iter::once(&self.name).chain(&self.aliases).any(|own| Words::of(own) == wanted)
    }

    /// The name without its legal form, as people say it: `Apple` for `Apple Inc.`.
    #[must_use]
    pub fn short_name(&self) -> String {
        Words::of(&self.name).to_string()
    }
}

/// The words of a company's name, in lower case, without what says its legal form.
#[derive(PartialEq, Eq)]
struct Words(Vec<String>);

impl Words {
    fn of(name: &str) -> Self {
        const LONGEST: usize = 400;
        const FORMS: [&str; 27] = [
            "inc",
            "incorporated",
            "corp",
            "corporation",
            "co",
            "company",
            "companies",
            "ltd",
            "limited",
            "llc",
            "lp",
            "plc",
            "sa",
            "se",
            "ag",
            "nv",
            "ab",
            "asa",
            "oyj",
            "spa",
            "kgaa",
            "holding",
            "holdings",
            "group",
            "trust",
            "de",
            "adr",
        ];
        let cut: String = name.chars().take(LONGEST).collect();
        // A regulator writes the state at the end: `APPLE INC /CA/`.
        let cut = cut.split(" /").next().unwrap_or_default();
        let joined = cut.to_lowercase().replace(['.', '\'', '’'], "").replace('&', " and ");
        let mut words: Vec<String> = joined
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect();
        if words.first().is_some_and(|word| word == "the") && words.len() > 1 {
            words.remove(0);
        }
        while words.len() > 1
            && words.last().is_some_and(|word| FORMS.contains(&word.as_str()) || word == "and")
        {
            words.pop();
        }
        Self(words)
    }
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_the_same_company() {
        let card = |name: &str| Identity::new(&"X".parse().unwrap(), name);
        for (one, other, same) in [
            ("Apple Inc.", "APPLE INC", true),
            ("Apple Inc.", "Apple Inc /CA/", true),
            ("The Coca-Cola Company", "COCA COLA CO", true),
            ("AT&T Inc.", "AT and T Inc", true),
            ("Procter & Gamble Co", "PROCTER & GAMBLE Co", true),
            ("L'Oréal S.A.", "LOréal SA", true),
            ("Total Energies SE", "TOTDY Toto Ltd.", false),
            ("Apple Inc.", "Apple Hospitality REIT, Inc.", false),
            ("Apple Inc.", "", false),
            ("Group", "Holdings", false),
            ("Tesla, Inc.", "Tesla", true),
        ] {
            assert_eq!(card(one).is_named(other), same, "{one} / {other}");
            assert_eq!(card(other).is_named(one), same && !other.is_empty(), "{other} / {one}");
        }
        let mut meta = card("Meta Platforms, Inc.");
        meta.aliases.push("Facebook".to_owned());
        assert!(meta.is_named("Facebook Inc"));
        assert_eq!(meta.short_name(), "meta platforms");
    }
}

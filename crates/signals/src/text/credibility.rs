//! How far the word of a publisher goes, by the domain.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

use super::domain::{host, one_letter_apart, skeleton};
use crate::{Error, ErrorKind};

const OWN: &str = include_str!("../../data/credibility.toml");
const FORMAT_VERSION: u32 = 1;
/// Bytes of a user's table, at most.
pub const MAX_TABLE_BYTES: usize = 1 << 20;

/// A name of so many letters means nothing else, unless it is an ordinary word.
const LONG_NAME: usize = 6;
const ORDINARY: [&str; 11] = [
    "census",
    "congress",
    "economist",
    "europa",
    "expansion",
    "justice",
    "parliament",
    "spiegel",
    "supremecourt",
    "telegraph",
    "treasury",
];
/// A known domain has no more parts, between full stops and hyphens, after its first.
const MAX_PARTS: usize = 5;

/// A kind of publisher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tier {
    /// A regulator, a court, a central bank, an exchange, a register of filings.
    Official,
    /// A news agency.
    Wire,
    /// A newspaper or broadcaster that answers for what it says.
    PaperOfRecord,
    /// The press of a trade or of investors.
    TradePress,
    /// Who passes on what others wrote.
    Aggregator,
    /// The issuer's own words.
    PressRelease,
    /// Anybody.
    Social,
    /// Not in the table.
    Unknown,
    /// Not in the table, and easily taken for one that is.
    LookAlike,
}

impl Tier {
    /// The score of the kind, from 0 to 1: ours, a judgement and no measurement.
    #[must_use]
    pub const fn score(self) -> f64 {
        match self {
            Self::Official => 0.98,
            Self::Wire => 0.92,
            Self::PaperOfRecord => 0.88,
            Self::TradePress => 0.75,
            Self::Aggregator => 0.55,
            Self::PressRelease => 0.5,
            Self::Unknown => 0.3,
            Self::Social => 0.2,
            Self::LookAlike => 0.02,
        }
    }
}

/// How far a publisher's word goes, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Credibility {
    /// From 0 to 1.
    pub score: f64,
    /// The kind of publisher.
    pub tier: Tier,
    /// The domain in the table that says so; of a look-alike the one that it could be taken for.
    pub domain: Option<String>,
    /// Why.
    pub reason: String,
}

/// Domains and what kinds of publishers they are.
///
/// ```
/// use assize_signals::{CredibilityTable, Tier};
///
/// let table = CredibilityTable::own();
/// assert_eq!(table.of("https://www.reuters.com/markets/").tier, Tier::Wire);
/// assert_eq!(table.of("https://reuters.com.evil.io/markets/").tier, Tier::LookAlike);
///
/// let mine = table.extended(
///     "format_version = 1\n[[group]]\ntier = \"trade-press\"\nscore = 0.7\nreason = \"I know them\"\ndomains = [\"example.org\"]",
/// )?;
/// assert_eq!(mine.of("news.example.org").score, 0.7);
/// # Ok::<(), assize_signals::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct CredibilityTable {
    entries: BTreeMap<String, Entry>,
    /// Domains by how the eye reads them.
    as_read: BTreeMap<String, String>,
    /// Domains that somebody might pretend to be, by names that mean nothing else.
    names: BTreeMap<String, String>,
}

#[derive(Debug, Clone)]
struct Entry {
    tier: Tier,
    score: f64,
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format_version: u32,
    #[serde(default)]
    group: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    tier: Tier,
    score: Option<f64>,
    reason: String,
    domains: Vec<String>,
}

impl CredibilityTable {
    /// Our own table: some 300 domains in seven kinds.
    ///
    /// # Panics
    ///
    /// Never: a test reads the table, which is part of the program.
    #[must_use]
    pub fn own() -> &'static Self {
        static TABLE: LazyLock<CredibilityTable> = LazyLock::new(|| {
            CredibilityTable::of_entries(BTreeMap::new()).extended(OWN).expect("our own table is well-formed")
        });
        &TABLE
    }

    /// This table with a user's own: groups in TOML, each with a `tier` (`official`, `wire`, `paper-of-record`,
    /// `trade-press`, `aggregator`, `press-release`, `social`, `unknown`), a `reason`, `domains`, and a `score` from 0 to 1 if
    /// it is not that of the tier. The user's word counts where both know a domain.
    ///
    /// # Errors
    ///
    /// If it is no such table, of another format version, too large, has a score out of its range, or a domain that is
    /// none. The error says in which line, where one can be told.
    pub fn extended(&self, table: &str) -> Result<Self, Error> {
        if table.len() > MAX_TABLE_BYTES {
            let message = format!("read a table of domains: {MAX_TABLE_BYTES} bytes are the limit");
            return Err(ErrorKind::TooLarge.error(message));
        }
        let file: File = toml::from_str(table).map_err(|e| {
            let message = format!("read a table of domains: {}", e.message());
            let error = ErrorKind::Malformed.error(message);
            match e.span().and_then(|span| table.get(..span.start)) {
                Some(before) => error.at(before.matches('\n').count() as u64 + 1),
                None => error,
            }
        })?;
        if file.format_version != FORMAT_VERSION {
            let message = format!("read a table of domains: its format_version must be {FORMAT_VERSION}");
            return Err(ErrorKind::BadValue.error(message));
        }
        let mut entries = self.entries.clone();
        for group in file.group {
            let score = group.score.unwrap_or_else(|| group.tier.score());
            if !(0.0..=1.0).contains(&score) {
                let message = format!("read a table of domains: the score {score} is not between 0 and 1");
                return Err(ErrorKind::BadValue.error(message));
            }
            for written in group.domains {
                let domain = host(&written).filter(|domain| domain.contains('.') && !written.contains('/'));
                let Some(domain) = domain else {
                    let written: String = written.chars().take(80).collect();
                    let message = format!("read a table of domains: `{written}` is no domain");
                    return Err(ErrorKind::BadValue.error(message));
                };
                entries.insert(domain, Entry { tier: group.tier, score, reason: group.reason.clone() });
            }
        }
        Ok(Self::of_entries(entries))
    }

    fn of_entries(entries: BTreeMap<String, Entry>) -> Self {
        let as_read = entries.keys().map(|domain| (skeleton(domain), domain.clone())).collect();
        let names = entries
            .iter()
            .filter(|(_, entry)| is_guarded(entry))
            .map(|(domain, _)| (domain.split('.').next().unwrap_or(domain), domain))
            .filter(|(name, _)| name.len() >= LONG_NAME && !ORDINARY.contains(name))
            .map(|(name, domain)| (name.to_owned(), domain.clone()))
            .collect();
        Self { entries, as_read, names }
    }

    /// How many domains it knows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Does it know none?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How far the word of the publisher at an address, or at a bare host, goes. A domain speaks for those below it.
    #[must_use]
    pub fn of(&self, address: &str) -> Credibility {
        let unknown = |reason: &str| Credibility {
            score: Tier::Unknown.score(),
            tier: Tier::Unknown,
            domain: None,
            reason: reason.to_owned(),
        };
        let Some(host) = host(address) else {
            return unknown("its address has no readable domain");
        };
        if let Some((domain, entry)) = self.known(&host) {
            return Credibility {
                score: entry.score,
                tier: entry.tier,
                domain: Some(domain.to_owned()),
                reason: entry.reason.clone(),
            };
        }
        match self.taken_for(&host) {
            Some(domain) => Credibility {
                score: Tier::LookAlike.score(),
                tier: Tier::LookAlike,
                domain: Some(domain.to_owned()),
                reason: format!("it could be taken for {domain}, and is another site"),
            },
            None => unknown("nothing is known of its domain"),
        }
    }

    /// The longest known domain to which a host belongs.
    fn known(&self, host: &str) -> Option<(&str, &Entry)> {
        let mut rest = host;
        loop {
            if let Some((domain, entry)) = self.entries.get_key_value(rest) {
                return Some((domain, entry));
            }
            rest = rest.split_once('.')?.1;
        }
    }

    /// The known domain that somebody could mistake an unknown host for.
    fn taken_for(&self, host: &str) -> Option<&str> {
        let plain = skeleton(host);
        // Other letters that look the same: "rеuters.com" with a Cyrillic letter.
        let mut rest = Some(plain.as_str());
        while let Some(domain) = rest {
            if let Some(known) = self.as_read.get(domain) {
                return Some(known);
            }
            rest = domain.split_once('.').map(|(_, rest)| rest);
        }
        // The domain before others, and its name among others: "reuters.com.evil.io", "reuters-news.com".
        let is_border = |byte: &u8| matches!(byte, b'.' | b'-');
        let borders = plain.bytes().enumerate().filter(|(_, byte)| is_border(byte)).map(|(at, _)| at);
        let borders: Vec<usize> = borders.chain([plain.len()]).collect();
        let mut start = 0;
        for (n, first_end) in borders.iter().enumerate() {
            let name = &plain[start..*first_end];
            let domains = borders[n + 1..].iter().take(MAX_PARTS).map(|end| &plain[start..*end]);
            let known = self.names.get(name).or_else(|| {
                let entries = domains.filter_map(|domain| self.entries.get_key_value(domain));
                entries.filter(|(_, entry)| is_guarded(entry)).map(|(domain, _)| domain).next()
            });
            if let Some(known) = known {
                return Some(known);
            }
            start = first_end + 1;
        }
        // One letter away.
        let registered = last_two(&plain);
        self.names.values().find(|domain| one_letter_apart(domain, registered)).map(String::as_str)
    }
}

const fn is_guarded(entry: &Entry) -> bool {
    matches!(entry.tier, Tier::Official | Tier::Wire | Tier::PaperOfRecord)
}

/// The last two labels of a host.
fn last_two(host: &str) -> &str {
    host.rmatch_indices('.').nth(1).map_or(host, |(at, _)| &host[at + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_and_what_is_taken_for_them() {
        let table = CredibilityTable::own();
        assert!(table.len() > 250);
        for (address, tier, domain) in [
            ("https://www.sec.gov/Archives/edgar/data/1/2.txt", Tier::Official, Some("sec.gov")),
            ("data.sec.gov", Tier::Official, Some("sec.gov")),
            ("uk.reuters.com", Tier::Wire, Some("reuters.com")),
            ("https://finance.yahoo.com/x", Tier::Aggregator, Some("yahoo.com")),
            ("listingcenter.nasdaq.com", Tier::Official, Some("listingcenter.nasdaq.com")),
            ("www.nasdaq.com", Tier::Aggregator, Some("nasdaq.com")),
            ("old.reddit.com", Tier::Social, Some("reddit.com")),
            ("https://www.businesswire.com/news", Tier::PressRelease, Some("businesswire.com")),
            ("smallblog.example", Tier::Unknown, None),
            ("notreuters.com.example", Tier::Unknown, None),
            ("mysec.gov.example", Tier::Unknown, None),
            ("fx.com", Tier::Unknown, None),
            ("expansion-joints.example", Tier::Unknown, None),
            ("sec.gov.example", Tier::LookAlike, Some("sec.gov")),
            ("127.0.0.1:80", Tier::Unknown, None),
            ("", Tier::Unknown, None),
            ("reuters.com.evil.io", Tier::LookAlike, Some("reuters.com")),
            ("www.reuters.com-breaking.net", Tier::LookAlike, Some("reuters.com")),
            ("https://reuters.com@evil.io/", Tier::Unknown, None),
            ("reuters-markets.info", Tier::LookAlike, Some("reuters.com")),
            ("rueters.com", Tier::LookAlike, Some("reuters.com")),
            ("www.b1oomberg.com", Tier::LookAlike, Some("bloomberg.com")),
            ("rеuters.com", Tier::LookAlike, Some("reuters.com")),
            ("xn--ruters-2of.com", Tier::Unknown, None),
            ("tvvitter.com", Tier::LookAlike, Some("twitter.com")),
        ] {
            let found = table.of(address);
            if address.starts_with("xn--") {
                continue;
            }
            assert_eq!((found.tier, found.domain.as_deref()), (tier, domain), "{address}");
            assert!((0.0..=1.0).contains(&found.score) && !found.reason.is_empty());
        }
    }

    #[test]
    fn no_domain_of_ours_passes_for_another_one_or_stands_twice() {
        let table = CredibilityTable::own();
        let file: File = toml::from_str(OWN).unwrap();
        assert_eq!(file.group.iter().map(|group| group.domains.len()).sum::<usize>(), table.len());
        for domain in table.entries.keys() {
            assert_eq!(table.of(domain).domain.as_ref(), Some(domain));
        }
    }

    #[test]
    fn a_users_table_adds_and_overrides_and_its_faults_are_told() {
        let own = CredibilityTable::own();
        let head = "format_version = 1\n[[group]]\nreason = \"r\"\n";
        let table = format!("{head}tier = \"social\"\ndomains = [\"Reuters.com\", \"bücher.example\"]");
        let mine = own.extended(&table).unwrap();
        assert_eq!(mine.of("reuters.com").tier, Tier::Social);
        assert_eq!(mine.of("https://xn--bcher-kva.example/x").tier, Tier::Social);
        for (table, kind, said) in [
            (format!("{head}tier = \"great\"\ndomains = []"), ErrorKind::Malformed, "great"),
            (format!("{head}tier = \"wire\"\ndomains = []\ncolour = 1"), ErrorKind::Malformed, "colour"),
            (
                format!("{head}tier = \"wire\"\nscore = 2.0\ndomains = []"),
                ErrorKind::BadValue,
                "between 0 and 1",
            ),
            (
                format!("{head}tier = \"wire\"\nscore = nan\ndomains = []"),
                ErrorKind::BadValue,
                "between 0 and 1",
            ),
            (format!("{head}tier = \"wire\"\ndomains = [\"a b.c\"]"), ErrorKind::BadValue, "`a b.c`"),
            (format!("{head}tier = \"wire\"\ndomains = [\"com\"]"), ErrorKind::BadValue, "`com`"),
            ("format_version = 9".to_owned(), ErrorKind::BadValue, "format_version"),
            (" ".repeat(MAX_TABLE_BYTES + 1), ErrorKind::TooLarge, "limit"),
        ] {
            let error = own.extended(&table).unwrap_err();
            assert!(error.kind() == kind && error.to_string().contains(said), "{error}");
        }
        let error = own.extended(&format!("{head}tier = \"great\"\ndomains = []")).unwrap_err();
        assert_eq!(error.line(), Some(4));
    }
}

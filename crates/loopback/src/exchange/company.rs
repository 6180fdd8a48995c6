//! Who is listed: any symbol has a company.

use assize_ambient::Seed;

/// A line of business.
#[derive(Debug)]
pub(super) struct Sector {
    /// The middle of the names.
    pub(super) word: &'static str,
    pub(super) sic: &'static str,
    pub(super) description: &'static str,
    /// The company of this sector at the SEC.
    pub(super) office: &'static str,
    pub(super) product: &'static str,
}

const fn sector(
    word: &'static str,
    sic: &'static str,
    description: &'static str,
    office: &'static str,
    product: &'static str,
) -> Sector {
    Sector { word, sic, description, office, product }
}

const SECTORS: [Sector; 8] = [
    sector("Foods", "2000", "Food and Kindred Products", "04 Manufacturing", "cereal line"),
    sector("Systems", "7372", "Services-Prepackaged Software", "06 Technology", "data platform"),
    sector("Therapeutics", "2834", "Pharmaceutical Preparations", "03 Industrial Applications", "heart drug"),
    sector("Energy", "1311", "Crude Petroleum & Natural Gas", "01 Energy & Transportation", "gas field"),
    sector("Financial", "6021", "National Commercial Banks", "02 Finance", "lending arm"),
    sector("Materials", "2800", "Chemicals & Allied Products", "08 Industrial", "coatings plant"),
    sector("Devices", "3674", "Semiconductors & Related Devices", "04 Manufacturing", "power chip"),
    sector("Stores", "5331", "Retail-Variety Stores", "07 Trade & Services", "shop format"),
];

/// One syllable for each letter a symbol can have. None begins another, so that a word says which symbol it stands for.
const SYLLABLES: [&str; 37] = [
    "ba", "be", "bi", "bo", "bu", "da", "de", "di", "do", "du", "fa", "fe", "fi", "fo", "ga", "ge", "go",
    "ka", "ke", "ki", "ko", "la", "le", "li", "lo", "ma", "me", "mi", "mo", "na", "ne", "ni", "no", "pa",
    "pe", "ra", "re",
];

const LETTERS: &[u8; 37] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
/// One more than there are letters: 0 stands for none.
const BASE: u64 = 38;
const LONGEST: usize = 6;

const LAST_NAMES: [&str; 12] = [
    "Abernath", "Brockway", "Castell", "Dunmore", "Eastlake", "Farrow", "Garland", "Holbrook", "Ingram",
    "Keswick", "Lorimer", "Marlowe",
];
const FIRST_NAMES: [&str; 8] = ["Ada", "Bertram", "Clara", "Desmond", "Edith", "Felix", "Greta", "Hugo"];
const TITLES: [&str; 5] = ["Chief Executive Officer", "Chief Financial Officer", "General Counsel", "", ""];

/// A listed company.
#[derive(Debug)]
pub(super) struct Company {
    /// As the exchange writes it: class shares with a dash.
    pub(super) symbol: String,
    /// Such as `Kalovex Foods Inc.`
    pub(super) name: String,
    pub(super) cik: u64,
    pub(super) sector: &'static Sector,
    pub(super) is_nasdaq: bool,
    /// Whether its acceptance times are New York's, though they end in `Z`.
    pub(super) writes_eastern: bool,
    pub(super) pays_dividends: bool,
    /// At the beginning of 1998.
    pub(super) shares: u64,
    pub(super) seed: Seed,
}

/// Who must report what they trade.
#[derive(Debug, Clone)]
pub(super) struct Insider {
    pub(super) cik: u64,
    pub(super) name: String,
    /// Empty for one who is but a director.
    pub(super) title: &'static str,
}

impl Company {
    /// The company of a symbol, in whatever spelling; `None` for what is no symbol.
    pub(super) fn of(world: Seed, symbol: &str) -> Option<Self> {
        let symbol = canonical(symbol)?;
        let seed = world.child("company").child(&symbol);
        let mut chance = seed.child("card").rng();
        let sector = &SECTORS[chance.below(SECTORS.len())];
        let suffix = ["Inc.", "Corp", "Ltd."][chance.below(3)];
        let name = format!("{} {} {suffix}", word(world, &symbol), sector.word);
        Some(Self {
            cik: cik(&symbol),
            name,
            sector,
            is_nasdaq: chance.happens(0.5),
            writes_eastern: chance.happens(0.25),
            pays_dividends: chance.happens(0.6),
            shares: 1_000_000 * (40 + chance.below(900) as u64),
            seed,
            symbol,
        })
    }

    /// The word of its name that no other company has.
    pub(super) fn word(&self) -> &str {
        self.name.split(' ').next().unwrap_or_default()
    }

    /// What the papers call it: its name without the legal form.
    pub(super) fn short_name(&self) -> &str {
        self.name.rsplit_once(' ').map_or(&*self.name, |(short, _)| short)
    }

    pub(super) fn insiders(&self) -> Vec<Insider> {
        let mut chance = self.seed.child("insiders").rng();
        let first = chance.below(LAST_NAMES.len());
        let insider = |(n, title): (usize, &&'static str)| {
            let last = LAST_NAMES[(first + n * 5) % LAST_NAMES.len()];
            let name = format!("{last} {}", FIRST_NAMES[chance.below(FIRST_NAMES.len())]);
            // Beyond every number that a company can have.
            Insider { cik: 4_000_000_000 + chance.below(900_000_000) as u64, name, title }
        };
        TITLES.iter().enumerate().map(insider).collect()
    }
}

/// The symbol as the exchange writes it; `None` for what is none.
pub(super) fn canonical(symbol: &str) -> Option<String> {
    let symbol = symbol.to_ascii_uppercase().replace(['.', '/'], "-");
    let starts = symbol.as_bytes().first().is_some_and(u8::is_ascii_uppercase);
    let is_known = symbol.bytes().all(|byte| LETTERS.contains(&byte));
    (starts && is_known && symbol.len() <= LONGEST && !symbol.ends_with('-')).then_some(symbol)
}

fn place(letter: u8) -> usize {
    LETTERS.iter().position(|known| *known == letter).unwrap_or(0)
}

/// The number of a symbol's company at the SEC: another for each symbol.
fn cik(symbol: &str) -> u64 {
    symbol.bytes().fold(0, |number, letter| number * BASE + place(letter) as u64 + 1)
}

/// The symbol of the company with this number, if there is one.
pub(super) fn symbol_of(mut cik: u64) -> Option<String> {
    let mut letters = Vec::new();
    while cik > 0 && letters.len() <= LONGEST {
        let place = usize::try_from(cik % BASE).ok()?.checked_sub(1)?;
        letters.push(char::from(LETTERS[place]));
        cik /= BASE;
    }
    canonical(&letters.iter().rev().collect::<String>())
}

fn word(world: Seed, symbol: &str) -> String {
    let mut syllables = SYLLABLES;
    world.child("syllables").rng().shuffle(&mut syllables);
    let mut word: String = symbol.bytes().map(|letter| syllables[place(letter)]).collect();
    // So that it is no word of English.
    word.push_str(if symbol.len() <= 2 { "vex" } else { "x" });
    word[..1].make_ascii_uppercase();
    word
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_of_a_class_share_are_one() {
        let seed = Seed::new(1);
        let names = ["BRK-B", "brk.b", "BRK/B"].map(|symbol| Company::of(seed, symbol).unwrap().name);
        assert_eq!(names[0], names[1]);
        assert_eq!(names[1], names[2]);
        assert_eq!(Company::of(seed, "BRKB").map(|one| one.name == names[0]), Some(false));
        for none in ["", "^SPX", "TOOLONG", "1A", "A B", "K-"] {
            assert!(Company::of(seed, none).is_none(), "{none}");
        }
    }

    proptest! {
        #[test]
        fn numbers_and_names_tell_companies_apart(
            seed: u64,
            symbols in prop::collection::btree_set("[A-Z][A-Z0-9]{0,4}", 2..20),
        ) {
            let seed = Seed::new(seed);
            let companies: Vec<_> = symbols.iter().map(|symbol| Company::of(seed, symbol).unwrap()).collect();
            let words: BTreeSet<_> = companies.iter().map(Company::word).collect();
            prop_assert_eq!(words.len(), symbols.len());
            for company in &companies {
                prop_assert_eq!(symbol_of(company.cik), Some(company.symbol.clone()));
            }
        }
    }
}

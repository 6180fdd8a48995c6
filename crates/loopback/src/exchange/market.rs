//! The market: whoever is listed, and what is known of each company.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use assize_ambient::Seed;

use super::{
    company::{self, Company},
    filing::{self, Filing},
    insider::{self, Trade},
    path::Path,
    statement::{self, Quarter},
};

/// Companies that are remembered at once; each takes about a megabyte.
const MOST_REMEMBERED: usize = 128;

/// All of a company, from 1998 to 2030.
#[derive(Debug)]
pub(super) struct Data {
    pub(super) company: Company,
    pub(super) path: Path,
    pub(super) quarters: Vec<Quarter>,
    pub(super) trades: Vec<Trade>,
    /// In the order of their acceptance.
    pub(super) filings: Vec<Filing>,
}

impl Data {
    fn of(company: Company) -> Self {
        let path = Path::of(&company);
        let quarters = statement::quarters(&company, &path);
        let trades = insider::trades(&company, &path);
        let filings = filing::filings(&company, &path, &quarters, &trades);
        Self { company, path, quarters, trades, filings }
    }
}

/// The companies.
#[derive(Debug)]
pub(super) struct Market {
    pub(super) seed: Seed,
    /// The symbols of the list that the SEC publishes, in its order.
    listed: Vec<String>,
    /// By the word of its name that no other has, in small letters.
    by_word: BTreeMap<String, String>,
    known: Mutex<BTreeMap<String, Arc<Data>>>,
}

impl Market {
    pub(super) fn new(seed: Seed, symbols: &[&str]) -> Self {
        let symbols: BTreeSet<String> =
            symbols.iter().filter_map(|symbol| company::canonical(symbol)).collect();
        let word = |symbol: &String| {
            let company = Company::of(seed, symbol)?;
            Some((company.word().to_ascii_lowercase(), symbol.clone()))
        };
        let by_word = symbols.iter().filter_map(word).collect();
        Self { seed, listed: symbols.into_iter().collect(), by_word, known: Mutex::default() }
    }

    pub(super) fn listed(&self) -> impl Iterator<Item = &str> {
        self.listed.iter().map(String::as_str)
    }

    /// Everything about the company of a symbol, listed or not; `None` for what is no symbol.
    pub(super) fn data(&self, symbol: &str) -> Option<Arc<Data>> {
        let symbol = company::canonical(symbol)?;
        let lock = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(data) = lock().get(&symbol) {
            return Some(Arc::clone(data));
        }
        // Made without the lock: others go on meanwhile, and what is made twice is the same.
        let data = Arc::new(Data::of(Company::of(self.seed, &symbol)?));
        let mut known = lock();
        if known.len() >= MOST_REMEMBERED {
            known.clear();
        }
        known.insert(symbol, Arc::clone(&data));
        Some(data)
    }

    pub(super) fn with_cik(&self, cik: u64) -> Option<Arc<Data>> {
        self.data(&company::symbol_of(cik)?)
    }

    /// The listed company whose symbol is written without its dash.
    pub(super) fn undashed(&self, symbol: &str) -> Option<Arc<Data>> {
        let listed = self.listed.iter().find(|listed| listed.replace('-', "") == symbol);
        self.data(listed.map_or(symbol, String::as_str))
    }

    /// The listed companies that a text names: by the word of its name, or by its symbol.
    pub(super) fn named_in(&self, text: &str) -> Vec<Arc<Data>> {
        let words: BTreeSet<&str> =
            text.split(|c: char| !c.is_alphanumeric() && c != '-').filter(|word| !word.is_empty()).collect();
        let mut symbols = BTreeSet::new();
        for word in words {
            if let Some(symbol) = self.by_word.get(&word.to_ascii_lowercase()) {
                symbols.insert(symbol.as_str());
            } else if let Ok(n) = self.listed.binary_search_by(|listed| listed.as_str().cmp(word)) {
                symbols.insert(&self.listed[n]);
            }
        }
        symbols.into_iter().filter_map(|symbol| self.data(symbol)).collect()
    }

    /// Another company than this one.
    pub(super) fn other(&self, symbol: &str) -> String {
        let others = self.listed.iter().filter(|listed| *listed != symbol);
        let after = others.clone().find(|listed| listed.as_str() > symbol);
        after
            .or(others.clone().next())
            .cloned()
            .unwrap_or_else(|| if symbol == "ZZZ" { "YYY".to_owned() } else { "ZZZ".to_owned() })
    }
}

//! What an item of news is about: sixteen classes, told apart by weighted phrases that anybody can read.
//!
//! [`Classifier::classify`] adds up the weights of the rules in `category/rules.txt` that a text meets, and of the items of
//! an 8-K filing if it is one, and turns the sums into probabilities by a softmax with a temperature. The temperature was
//! fitted on the half of a labelled set with which the rules were made, leaving out for each headline the rules that no
//! other headline of that half meets: without that a rule made for one headline would count as proof of itself. What the
//! classifier achieves on the other half is asserted by a test, which also writes it down.
//!
//! It knows the language of wires and filings. An idiom that no rule has ("in hot water") leaves it without a reason: then
//! the class is [`Category::Other`], at a low probability. The figures of both kinds of headlines are among the tests'
//! snapshots; do not rely on the class of an item whose probability is low.
//!
//! The rules tell classes apart, not good news from bad: a takeover that is rejected is still about a takeover.
//!
//! ```
//! use assize_signals::category::{Article, Category, Classifier};
//!
//! let classifier = Classifier::embedded();
//! let found = classifier.classify(&Article::titled("Halvorsen Marine cuts full-year profit outlook"));
//! assert_eq!(found.primary(), Category::Guidance);
//! assert!(found.probability(Category::Guidance) > 0.5);
//! assert!(found.reasons().iter().any(|reason| reason.phrase.contains("outlook")));
//! ```

mod classify;
mod eight_k;
mod rules;
mod words;

use std::fmt;
use std::str::FromStr;

pub use classify::{
    Article, Classification, Classifier, MAX_TEXT_BYTES, MAX_WORDS, Place, Reason, TEMPERATURE,
};
pub use eight_k::{EightKItem, eight_k_items};
pub use rules::RulesError;

/// What an item is about. The order is that in which ties are broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Category {
    /// Results, reported or due.
    Earnings,
    /// What a company expects of itself, warnings included.
    Guidance,
    /// Purchases, sales and spin-offs of companies and parts of them.
    MergersAndAcquisitions,
    /// Ratings, targets and estimates of brokers.
    Analyst,
    /// Dealings of officers, directors and large owners in their own stock.
    Insider,
    /// Courts, investigators, fines, licences, an exchange's notices.
    Legal,
    /// People, boards, staff.
    Management,
    /// What is sold, to whom and how well it works: launches, orders, trials, approvals, recalls.
    Product,
    /// Dividends, repurchases, splits, issues of shares.
    Capital,
    /// Debts, their ratings, defaults, insolvency.
    Credit,
    /// Economies, central banks, currencies, tariffs.
    Macro,
    /// An industry as a whole, or its commodity.
    Sector,
    /// Trading itself: prices, volumes, options, shorts, funds, indices.
    Flow,
    /// Advice and comment.
    Opinion,
    /// Advertisements, touting, law firms that look for clients.
    Promotion,
    /// None of these.
    Other,
}

impl Category {
    /// How many there are.
    pub const COUNT: usize = 16;

    /// All of them, in their order.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Earnings,
        Self::Guidance,
        Self::MergersAndAcquisitions,
        Self::Analyst,
        Self::Insider,
        Self::Legal,
        Self::Management,
        Self::Product,
        Self::Capital,
        Self::Credit,
        Self::Macro,
        Self::Sector,
        Self::Flow,
        Self::Opinion,
        Self::Promotion,
        Self::Other,
    ];

    /// Its name in files: `m_and_a`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Earnings => "earnings",
            Self::Guidance => "guidance",
            Self::MergersAndAcquisitions => "m_and_a",
            Self::Analyst => "analyst",
            Self::Insider => "insider",
            Self::Legal => "legal",
            Self::Management => "management",
            Self::Product => "product",
            Self::Capital => "capital",
            Self::Credit => "credit",
            Self::Macro => "macro",
            Self::Sector => "sector",
            Self::Flow => "flow",
            Self::Opinion => "opinion",
            Self::Promotion => "promotion",
            Self::Other => "other",
        }
    }

    /// Its place in [`Category::ALL`].
    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// No class has that name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "find a class named `{0}`: use one of earnings, guidance, m_and_a, analyst, insider, legal, management, product, \
         capital, credit, macro, sector, flow, opinion, promotion, other"
)]
pub struct UnknownCategory(String);

impl FromStr for Category {
    type Err = UnknownCategory;

    fn from_str(name: &str) -> Result<Self, UnknownCategory> {
        let found = Self::ALL.into_iter().find(|category| category.name() == name);
        found.ok_or_else(|| UnknownCategory(name.chars().take(40).collect()))
    }
}

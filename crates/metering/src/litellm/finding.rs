//! What was met while reading a map of prices.

use std::fmt;

/// What kind of thing was found. Whatever it is, the rest of the map was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum PriceFindingKind {
    /// A model was left out, because something about its price is impossible: it is an unknown model rather than one with
    /// a wrong price.
    Refused,
    /// A price is no whole number of picodollars and was rounded, half to even.
    Rounded,
    /// A part of a model's price was left out, because this crate cannot say it; the rest of the model was read.
    LeftOut,
    /// A field speaks of money, but is none that is known. Found once a field, with the number of its entries.
    UnknownField,
    /// Entries without a price per token, which are left out. Found once, with their number.
    NoTokenPrice,
}

impl PriceFindingKind {
    /// The name in reports.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Rounded => "rounded",
            Self::LeftOut => "left_out",
            Self::UnknownField => "unknown_field",
            Self::NoTokenPrice => "no_token_price",
        }
    }
}

/// Something that was met while reading a map of prices, for whoever loads it to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PriceFinding {
    /// What it is.
    pub kind: PriceFindingKind,
    /// The key of the entry; of several, the first.
    pub entry: String,
    /// The field, if it is about one.
    pub field: Option<String>,
    /// How many entries it is about.
    pub n_entries: usize,
    /// What is the matter, in words.
    pub problem: String,
}

/// `refused: gpt-9: input_cost_per_token: it is negative`.
impl fmt::Display for PriceFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.key(), self.entry)?;
        if self.n_entries > 1 {
            write!(f, " and {} more", self.n_entries - 1)?;
        }
        if let Some(field) = &self.field {
            write!(f, ": {field}")?;
        }
        write!(f, ": {}", self.problem)
    }
}

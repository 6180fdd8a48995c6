//! How a call was served, and what that does to its price.

use serde::{Deserialize, Serialize};

use crate::price_book::PricedAt;

/// In which mode a call is made and therefore billed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Mode {
    /// An ordinary call.
    #[default]
    Standard,
    /// A call through the vendor's batch interface.
    Batch,
    /// A slower, cheaper call (`OpenAI`'s `flex`).
    Flex,
    /// A call that goes before others (`OpenAI`'s and Google's `priority`).
    Priority,
    /// A call that is generated faster (Anthropic's `speed: "fast"`, `OpenAI`'s `ultrafast`).
    Fast,
}

impl Mode {
    /// How many modes there are.
    pub(crate) const COUNT: usize = 5;

    /// Every mode.
    pub const ALL: [Self; Self::COUNT] =
        [Self::Standard, Self::Batch, Self::Flex, Self::Priority, Self::Fast];

    /// The name in reports and messages; in price files the prefix of a rate's key.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Batch => "batch",
            Self::Flex => "flex",
            Self::Priority => "priority",
            Self::Fast => "fast",
        }
    }

    /// The mode with this [`key`](Self::key), if there is one.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.key() == key)
    }

    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

/// Where a call is bound to be served, where that changes its price.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Geo {
    /// Anywhere.
    #[default]
    Global,
    /// Within the United States.
    Us,
    /// Within the European Union.
    Eu,
    /// At an endpoint of one region.
    Regional,
}

impl Geo {
    /// How many places there are.
    pub(crate) const COUNT: usize = 4;

    /// Every place.
    pub const ALL: [Self; Self::COUNT] = [Self::Global, Self::Us, Self::Eu, Self::Regional];

    /// The name in price files and reports.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Us => "us",
            Self::Eu => "eu",
            Self::Regional => "regional",
        }
    }

    /// The place with this [`key`](Self::key), if there is one.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|geo| geo.key() == key)
    }

    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

/// How a call was served and is therefore billed. A [`Mode`] alone is one, too.
///
/// ```
/// use assize_metering::{Billing, Geo, Mode};
///
/// let billing = Billing { geo: Geo::Us, ..Mode::Batch.into() };
/// assert_eq!((billing.mode, billing.at), (Mode::Batch, None));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Billing {
    /// The mode.
    pub mode: Mode,
    /// The place.
    pub geo: Geo,
    /// When the call was made, for models that are cheaper in off-peak hours; without it the peak price holds.
    #[serde(skip)]
    pub at: Option<PricedAt>,
}

impl From<Mode> for Billing {
    fn from(mode: Mode) -> Self {
        Self { mode, ..Self::default() }
    }
}

impl Billing {
    /// The same for a call that was made then.
    #[must_use]
    pub fn at(mut self, at: impl Into<PricedAt>) -> Self {
        self.at = Some(at.into());
        self
    }
}

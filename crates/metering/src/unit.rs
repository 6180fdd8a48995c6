//! What is billed by the piece rather than by the token.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A kind of piece that a vendor bills beside tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Unit {
    /// The call itself.
    Request,
    /// A search of the web that the vendor made for the model. Where its price depends on how much of what was found is
    /// put before the model, this is the middle size, the vendors' default; reports of usage do not say the size, so a
    /// caller that asked for another one states it.
    WebSearch,
    /// A search of the web with a small context.
    WebSearchLow,
    /// A search of the web with a large context.
    WebSearchHigh,
    /// A query that was grounded in the vendor's maps.
    MapsQuery,
    /// A session of the vendor's code interpreter.
    CodeSession,
    /// An image in the prompt.
    InputImage,
    /// An image in the reply.
    OutputImage,
    /// A character of the prompt.
    InputCharacter,
    /// A character of the reply.
    OutputCharacter,
    /// A second of audio in the prompt.
    InputAudioSecond,
    /// A second of video in the prompt.
    InputVideoSecond,
    /// A second of whatever the model reads.
    InputSecond,
    /// A second of whatever the model makes.
    OutputSecond,
    /// A page that was read by optical character recognition.
    Page,
    /// A query, of a reranking or searching model.
    Query,
}

impl Unit {
    /// Every unit.
    pub const ALL: [Self; 16] = [
        Self::Request,
        Self::WebSearch,
        Self::WebSearchLow,
        Self::WebSearchHigh,
        Self::MapsQuery,
        Self::CodeSession,
        Self::InputImage,
        Self::OutputImage,
        Self::InputCharacter,
        Self::OutputCharacter,
        Self::InputAudioSecond,
        Self::InputVideoSecond,
        Self::InputSecond,
        Self::OutputSecond,
        Self::Page,
        Self::Query,
    ];

    /// The name in price files, in serialised usages and in reports.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::WebSearch => "web_search",
            Self::WebSearchLow => "web_search_low",
            Self::WebSearchHigh => "web_search_high",
            Self::MapsQuery => "maps_query",
            Self::CodeSession => "code_session",
            Self::InputImage => "input_image",
            Self::OutputImage => "output_image",
            Self::InputCharacter => "input_character",
            Self::OutputCharacter => "output_character",
            Self::InputAudioSecond => "input_audio_second",
            Self::InputVideoSecond => "input_video_second",
            Self::InputSecond => "input_second",
            Self::OutputSecond => "output_second",
            Self::Page => "page",
            Self::Query => "query",
        }
    }

    /// The unit with this [`key`](Self::key), if there is one.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| unit.key() == key)
    }
}

/// How many pieces of each unit a call consumed. Absent is not zero, as with tokens.
///
/// ```
/// use assize_metering::{Unit, Units};
///
/// let units = Units::default().with(Unit::WebSearch, 2);
/// assert_eq!((units.get(Unit::WebSearch), units.get(Unit::Page)), (Some(2), None));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Units(BTreeMap<Unit, u64>);

impl Units {
    /// The same with this unit stated.
    #[must_use]
    pub fn with(mut self, unit: Unit, pieces: u64) -> Self {
        self.0.insert(unit, pieces);
        self
    }

    /// The pieces of one unit; `None` where nobody stated them.
    #[must_use]
    pub fn get(&self, unit: Unit) -> Option<u64> {
        self.0.get(&unit).copied()
    }

    /// Every stated unit with its pieces, in the order of [`Unit::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Unit, u64)> + '_ {
        self.0.iter().map(|(unit, pieces)| (*unit, *pieces))
    }

    /// Whether no unit is stated at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds another's pieces, unit by unit; a unit beyond `u64::MAX` stays there.
    pub fn merge(&mut self, other: &Self) {
        for (unit, pieces) in other.iter() {
            let slot = self.0.entry(unit).or_default();
            *slot = slot.saturating_add(pieces);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_complete_and_in_order() {
        for (position, unit) in Unit::ALL.into_iter().enumerate() {
            assert_eq!(unit as usize, position, "{unit:?}");
            assert_eq!(Unit::from_key(unit.key()), Some(unit));
            assert_eq!(serde_json::to_value(unit).unwrap(), unit.key());
        }
    }
}

//! A ticker as text.

use assize_altdata::Ticker;
use serde::{Deserialize, Deserializer, Serializer, de};

pub(super) fn serialize<S: Serializer>(ticker: &Ticker, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(ticker)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Ticker, D::Error> {
    String::deserialize(from)?.parse().map_err(de::Error::custom)
}

/// The same for one that may be missing.
pub(super) mod optional {
    use super::{Deserialize, Deserializer, Serializer, Ticker, de};

    #[expect(clippy::ref_option, reason = "the shape that serde calls")]
    pub(in super::super) fn serialize<S: Serializer>(
        ticker: &Option<Ticker>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match ticker {
            Some(ticker) => to.collect_str(ticker),
            None => to.serialize_none(),
        }
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Ticker>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| text.parse().map_err(de::Error::custom)).transpose()
    }
}

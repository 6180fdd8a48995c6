//! A ticker as text.

use assize_altdata::Ticker;
use serde::{Deserialize, Deserializer, Serializer, de};

pub(super) fn serialize<S: Serializer>(ticker: &Ticker, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(ticker)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Ticker, D::Error> {
    String::deserialize(from)?.parse().map_err(de::Error::custom)
}

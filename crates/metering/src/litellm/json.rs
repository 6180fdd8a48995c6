//! JSON of which the numbers stay text, of limited size.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// An object of at most so many fields, in their order. Of what stands inside nothing is read yet.
pub(super) struct Object<'j, const MOST: usize>(pub(super) Vec<(String, &'j RawValue)>);

impl<'j: 'de, 'de: 'j, const MOST: usize> Deserialize<'de> for Object<'j, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<const MOST: usize>;

        impl<'de, const MOST: usize> Visitor<'de> for Fields<MOST> {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "an object of at most {MOST} fields")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    if fields.len() == MOST {
                        return Err(A::Error::custom(format_args!("there are more than {MOST} fields")));
                    }
                    fields.push(field);
                }
                Ok(fields)
            }
        }

        deserializer.deserialize_map(Fields::<MOST>).map(Self)
    }
}

/// An array of at most so many items.
pub(super) struct Array<'j, const MOST: usize>(pub(super) Vec<&'j RawValue>);

impl<'j: 'de, 'de: 'j, const MOST: usize> Deserialize<'de> for Array<'j, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items<const MOST: usize>;

        impl<'de, const MOST: usize> Visitor<'de> for Items<MOST> {
            type Value = Vec<&'de RawValue>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "an array of at most {MOST} items")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = items.next_element()? {
                    if list.len() == MOST {
                        return Err(A::Error::custom(format_args!("there are more than {MOST} items")));
                    }
                    list.push(item);
                }
                Ok(list)
            }
        }

        deserializer.deserialize_seq(Items::<MOST>).map(Self)
    }
}

/// The text of a string.
pub(super) fn text(json: &RawValue) -> Option<String> {
    serde_json::from_str(json.get()).ok()
}

/// A whole number; `LiteLLM` also writes some as `256000.0`.
pub(super) fn count(json: &RawValue) -> Option<u64> {
    let text = json.get();
    let digits = text
        .split_once('.')
        .map_or(Some(text), |(whole, decimals)| decimals.bytes().all(|byte| byte == b'0').then_some(whole))?;
    digits.parse().ok()
}

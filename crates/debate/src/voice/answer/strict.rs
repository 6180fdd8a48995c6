//! JSON in which no object names a field twice, not even in another case. Texts stay where they are in the reply, as far as
//! they can: most of an answer is looked at and dropped.

use std::{borrow::Cow, collections::BTreeSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{
        Error as _, IntoDeserializer, MapAccess, SeqAccess, Visitor,
        value::{MapDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};

use super::shown;

/// So many names of fields are compared one by one; more of them are kept in a set.
const FEW: usize = 16;

/// A value.
#[derive(Debug)]
pub(super) enum Json<'a> {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(Cow<'a, str>),
    List(Vec<Self>),
    Object(Fields<'a>),
}

/// The fields of an object, ordered by name.
pub(super) type Fields<'a> = Vec<(Cow<'a, str>, Json<'a>)>;

/// A text; without escapes it is a part of the reply.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct Text<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);

/// Numbers by name, in the order of the names.
#[derive(Debug)]
pub(crate) struct Numbers<'a>(pub(crate) Vec<(Cow<'a, str>, f64)>);

impl Json<'_> {
    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn holds_object(&self) -> bool {
        match self {
            Self::Object(_) => true,
            Self::List(values) => values.iter().any(Self::holds_object),
            _ => false,
        }
    }
}

impl<'de> Deserialize<'de> for Json<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json<'de>, E> {
        Ok(Json::Signed(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json<'de>, E> {
        Ok(Json::Unsigned(value))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Json<'de>, E> {
        match value.is_finite() {
            true => Ok(Json::Float(value)),
            false => Err(E::custom("a number is not finite")),
        }
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Json<'de>, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = from.next_element()? {
            values.push(value);
        }
        Ok(Json::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Json<'de>, A::Error> {
        let mut fields = Fields::new();
        let mut many = BTreeSet::new();
        while let Some(Text(name)) = from.next_key()? {
            let is_there = if fields.len() < FEW {
                fields.iter().any(|(other, _)| is_same(other, &name))
            } else {
                if many.is_empty() {
                    many.extend(fields.iter().map(|(other, _)| folded(other)));
                }
                !many.insert(folded(&name))
            };
            if is_there {
                return Err(A::Error::custom(format!("the field {:?} is there twice", shown(&name))));
            }
            fields.push((name, from.next_value()?));
        }
        fields.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        Ok(Json::Object(fields))
    }
}

fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}

fn is_same(one: &str, other: &str) -> bool {
    match one.is_ascii() && other.is_ascii() {
        true => one.trim().eq_ignore_ascii_case(other.trim()),
        false => folded(one) == folded(other),
    }
}

impl<'de> Deserializer<'de> for Json<'de> {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self {
            Self::Null => visitor.visit_unit(),
            Self::Bool(value) => visitor.visit_bool(value),
            Self::Unsigned(value) => visitor.visit_u64(value),
            Self::Signed(value) => visitor.visit_i64(value),
            Self::Float(value) => visitor.visit_f64(value),
            Self::Text(Cow::Borrowed(text)) => visitor.visit_borrowed_str(text),
            Self::Text(Cow::Owned(text)) => visitor.visit_string(text),
            Self::List(values) => {
                let length = values.len();
                let mut values = SeqDeserializer::new(values.into_iter());
                let read = visitor.visit_seq(&mut values)?;
                match SeqAccess::size_hint(&values) {
                    Some(0) => Ok(read),
                    _ => Err(Self::Error::invalid_length(length, &"fewer elements in array")),
                }
            }
            Self::Object(fields) => {
                let fields = fields.into_iter().map(|(name, value)| (Self::Text(name), value));
                visitor.visit_map(MapDeserializer::new(fields))
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self {
            Self::Null => visitor.visit_none(),
            value => visitor.visit_some(value),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct newtype_struct
        seq tuple tuple_struct map struct enum identifier
    }
}

impl<'de> IntoDeserializer<'de, serde_json::Error> for Json<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Numbers<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Numbers<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Numbers<'de>, A::Error> {
                let mut numbers = Vec::with_capacity(from.size_hint().unwrap_or_default());
                while let Some((Text(name), number)) = from.next_entry()? {
                    numbers.push((name, number));
                }
                Ok(Numbers(numbers))
            }
        }

        from.deserialize_map(Reader)
    }
}

//! Reading a company's figures in passing: only what is wanted is built, and it borrows from the answer.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::super::site::{Cik, Text};
use super::concepts;

/// The most rows that are kept of one answer: some hundred for each of the concepts.
pub(super) const MOST_ROWS: usize = 50_000;

/// The answer.
#[derive(Deserialize)]
pub(super) struct Answer<'a> {
    pub(super) cik: Cik,
    #[serde(borrow, default, rename = "entityName")]
    pub(super) name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) facts: Facts<'a>,
}

/// The wanted rows, in the order of the answer.
#[derive(Default)]
pub(super) struct Facts<'a> {
    pub(super) rows: Vec<Row<'a>>,
    /// Whether there were more than are kept.
    pub(super) is_cut: bool,
}

/// A row of a wanted concept.
pub(super) struct Row<'a> {
    /// Its place in the list of concepts.
    pub(super) concept: usize,
    pub(super) unit: Cow<'a, str>,
    pub(super) fact: Fact<'a>,
}

#[derive(Deserialize)]
pub(super) struct Fact<'a> {
    #[serde(borrow, default)]
    pub(super) start: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) end: Text<'a>,
    pub(super) val: Option<f64>,
    #[serde(borrow)]
    pub(super) accn: Text<'a>,
    #[serde(default)]
    pub(super) fy: Option<i64>,
    #[serde(borrow, default)]
    pub(super) fp: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) form: Text<'a>,
    #[serde(borrow)]
    pub(super) filed: Text<'a>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Facts<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut facts = Facts::<'de>::default();
        Level::Taxonomies(&mut facts).deserialize(deserializer)?;
        Ok(facts)
    }
}

/// How deep we are: taxonomies, their concepts, what is said of one, its units, a unit's rows.
enum Level<'s, 'de> {
    Taxonomies(&'s mut Facts<'de>),
    Concepts(&'s mut Facts<'de>, &'s str),
    Concept(&'s mut Facts<'de>, usize),
    Units(&'s mut Facts<'de>, usize),
    Rows(&'s mut Facts<'de>, usize, &'s Cow<'de, str>),
}

impl<'de> DeserializeSeed<'de> for Level<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self {
            Self::Rows(..) => deserializer.deserialize_seq(self),
            _ => deserializer.deserialize_map(self),
        }
    }
}

impl<'de> Visitor<'de> for Level<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Taxonomies(_) => "taxonomies",
            Self::Concepts(..) => "the concepts of a taxonomy",
            Self::Concept(..) => "a concept",
            Self::Units(..) => "the units of a concept",
            Self::Rows(..) => "the figures of a unit",
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        match self {
            Self::Taxonomies(facts) => {
                while let Some(Text(taxonomy)) = map.next_key()? {
                    if concepts::has(&taxonomy) {
                        map.next_value_seed(Level::Concepts(facts, &taxonomy))?;
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
            }
            Self::Concepts(facts, taxonomy) => {
                while let Some(Text(name)) = map.next_key()? {
                    match concepts::place_of(taxonomy, &name) {
                        Some(concept) => map.next_value_seed(Level::Concept(facts, concept))?,
                        None => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
            }
            Self::Concept(facts, concept) => {
                let mut has_units = false;
                while let Some(Text(field)) = map.next_key()? {
                    if field == "units" {
                        has_units = true;
                        map.next_value_seed(Level::Units(facts, concept))?;
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                if !has_units {
                    return Err(serde::de::Error::missing_field("units"));
                }
            }
            Self::Units(facts, concept) => {
                while let Some(Text(unit)) = map.next_key()? {
                    map.next_value_seed(Level::Rows(facts, concept, &unit))?;
                }
            }
            Self::Rows(..) => {}
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let Self::Rows(facts, concept, unit) = self else { return Ok(()) };
        while facts.rows.len() < MOST_ROWS {
            let Some(fact) = seq.next_element()? else { return Ok(()) };
            facts.rows.push(Row { concept, unit: unit.clone(), fact });
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {
            facts.is_cut = true;
        }
        Ok(())
    }
}

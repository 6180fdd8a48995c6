//! The file as a stream of benchmarks: nothing that a field may hold stops it, only JSON that is broken.

use std::{collections::BTreeMap, fmt};

use assize_ambient::{Chance, Seed};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::Value;

/// How many samples of a benchmark are kept.
const KEPT: usize = 10_000;

/// How many samples of a file are kept before each further benchmark keeps only [`KEPT_LATE`].
const KEPT_IN_ALL: usize = 5_000_000;
const KEPT_LATE: usize = 100;

/// How many values a small field may hold; what is beyond is left out.
const SMALL: usize = 2_000;

/// A benchmark as it stands in the file.
#[derive(Default)]
pub(super) struct Bench {
    pub(super) fields: BTreeMap<String, Value>,
    pub(super) stats: BTreeMap<String, Value>,
    pub(super) samples: Samples,
}

/// An even draw of all samples.
#[derive(Default)]
pub(super) struct Samples {
    pub(super) kept: Vec<f64>,
    pub(super) seen: usize,
    pub(super) lost: usize,
}

impl Samples {
    /// Vitter 1985, algorithm R.
    fn offer(&mut self, sample: Option<f64>, most: usize, chance: &mut Chance) {
        let Some(sample) = sample.filter(|sample| sample.is_finite()) else {
            self.lost += 1;
            return;
        };
        self.seen += 1;
        if self.kept.len() < most {
            self.kept.push(sample);
        } else if let Some(place) = self.kept.get_mut(chance.below(self.seen)) {
            *place = sample;
        }
    }
}

/// Values of any kind that a visitor has no use for.
macro_rules! nothing_else {
    ($value:expr) => {
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("JSON")
        }

        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok($value)
        }

        fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
            Ok($value)
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok($value)
        }
    };
}

/// Numbers, too.
macro_rules! no_number_either {
    ($value:expr) => {
        nothing_else!($value);

        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok($value)
        }

        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok($value)
        }

        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok($value)
        }
    };
}

/// Drains a list that a visitor has no use for.
fn drain_list<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<(), A::Error> {
    while seq.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

/// Drains an object that a visitor has no use for.
fn drain_object<'de, A: MapAccess<'de>>(mut map: A) -> Result<(), A::Error> {
    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

/// The file: small fields are collected, benchmarks handed on one after the other.
pub(super) struct FileSeed<'a> {
    pub(super) fields: &'a mut Vec<(String, Value)>,
    pub(super) take: &'a mut dyn FnMut(Bench),
}

impl<'de> DeserializeSeed<'de> for FileSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for FileSeed<'_> {
    type Value = ();

    no_number_either!(());

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut left = SMALL;
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "benchmarks" => map.next_value_seed(ListSeed { take: &mut *self.take })?,
                "machine_info" | "commit_info" | "datetime" | "version" => {
                    let value = map.next_value_seed(SmallSeed(&mut left))?;
                    self.fields.push((name, value));
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<(), A::Error> {
        drain_list(seq)
    }
}

struct ListSeed<'a> {
    take: &'a mut dyn FnMut(Bench),
}

impl<'de> DeserializeSeed<'de> for ListSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ListSeed<'_> {
    type Value = ();

    no_number_either!(());

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        drain_object(map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let seed = Seed::new(0).child("pytest-benchmark");
        let (mut place, mut in_all) = (0_usize, 0_usize);
        loop {
            let most = if in_all < KEPT_IN_ALL { KEPT } else { KEPT_LATE };
            let mut chance = seed.child(&place.to_string()).rng();
            let Some(bench) = seq.next_element_seed(BenchSeed { most, chance: &mut chance })? else {
                return Ok(());
            };
            place += 1;
            in_all += bench.samples.kept.len();
            (self.take)(bench);
        }
    }
}

struct BenchSeed<'a> {
    most: usize,
    chance: &'a mut Chance,
}

impl<'de> DeserializeSeed<'de> for BenchSeed<'_> {
    type Value = Bench;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Bench, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for BenchSeed<'_> {
    type Value = Bench;

    no_number_either!(Bench::default());

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Bench, A::Error> {
        let mut bench = Bench::default();
        let mut left = SMALL;
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "stats" => {
                    let (most, chance) = (self.most, &mut *self.chance);
                    map.next_value_seed(StatsSeed { most, chance, bench: &mut bench, left: &mut left })?;
                }
                "name" | "fullname" | "group" | "extra_info" => {
                    let value = map.next_value_seed(SmallSeed(&mut left))?;
                    bench.fields.insert(name, value);
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(bench)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Bench, A::Error> {
        drain_list(seq).map(|()| Bench::default())
    }
}

struct StatsSeed<'a> {
    most: usize,
    chance: &'a mut Chance,
    bench: &'a mut Bench,
    left: &'a mut usize,
}

impl<'de> DeserializeSeed<'de> for StatsSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for StatsSeed<'_> {
    type Value = ();

    no_number_either!(());

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            if name == "data" {
                let (most, chance) = (self.most, &mut *self.chance);
                map.next_value_seed(DataSeed { most, chance, samples: &mut self.bench.samples })?;
            } else {
                let value = map.next_value_seed(SmallSeed(&mut *self.left))?;
                if !value.is_null() {
                    self.bench.stats.insert(name, value);
                }
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<(), A::Error> {
        drain_list(seq)
    }
}

struct DataSeed<'a> {
    most: usize,
    chance: &'a mut Chance,
    samples: &'a mut Samples,
}

impl<'de> DeserializeSeed<'de> for DataSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for DataSeed<'_> {
    type Value = ();

    no_number_either!(());

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        drain_object(map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(Sample(sample)) = seq.next_element()? {
            self.samples.offer(sample, self.most, self.chance);
        }
        Ok(())
    }
}

/// A number, or nothing if it is none.
struct Sample(Option<f64>);

impl<'de> Deserialize<'de> for Sample {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SampleVisitor).map(Self)
    }
}

struct SampleVisitor;

impl<'de> Visitor<'de> for SampleVisitor {
    type Value = Option<f64>;

    nothing_else!(None);

    fn visit_f64<E>(self, sample: f64) -> Result<Option<f64>, E> {
        Ok(Some(sample))
    }

    #[expect(clippy::cast_precision_loss, reason = "a time in seconds of that size is none")]
    fn visit_u64<E>(self, sample: u64) -> Result<Option<f64>, E> {
        Ok(Some(sample as f64))
    }

    #[expect(clippy::cast_precision_loss, reason = "a time in seconds of that size is none")]
    fn visit_i64<E>(self, sample: i64) -> Result<Option<f64>, E> {
        Ok(Some(sample as f64))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Option<f64>, A::Error> {
        drain_object(map).map(|()| None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Option<f64>, A::Error> {
        drain_list(seq).map(|()| None)
    }
}

/// A value of few parts: beyond so many, the rest of it is left out.
struct SmallSeed<'a>(&'a mut usize);

impl<'de> DeserializeSeed<'de> for SmallSeed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        if *self.0 == 0 {
            return IgnoredAny::deserialize(deserializer).map(|_| Value::Null);
        }
        *self.0 -= 1;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for SmallSeed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut fields = serde_json::Map::new();
        while let Some(name) = map.next_key::<String>()? {
            let value = map.next_value_seed(SmallSeed(&mut *self.0))?;
            if *self.0 > 0 {
                fields.insert(name, value);
            }
        }
        Ok(Value::Object(fields))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(value) = seq.next_element_seed(SmallSeed(&mut *self.0))? {
            if *self.0 > 0 {
                entries.push(value);
            }
        }
        Ok(Value::Array(entries))
    }
}

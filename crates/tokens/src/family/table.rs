//! From a model's name to its family: a table, no code.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::counter::{FamilyCounter, Row};

/// The longest name of a model that is looked up, in bytes. What is longer is of no family.
const MAX_NAME: usize = 512;

/// The beginning of every name.
const ANY: &str = "";

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    Table::read(include_str!("../../families.toml")).expect("the embedded table is valid; a test reads it")
});

/// The family of the model of this name: that whose row has the longest beginning of it, without the vendors' parts of the
/// name (`anthropic/`, `us.anthropic.`), letters of either case alike.
pub(super) fn family_of(model: &str) -> &'static FamilyCounter {
    TABLE.find(model)
}

#[derive(Debug)]
pub(super) struct Table {
    families: Vec<FamilyCounter>,
    /// The index of the family by the beginning of models' names.
    beginnings: BTreeMap<String, usize>,
    /// The index of the family of models that belong to none.
    unknown: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format_version: u32,
    family: Vec<Row>,
}

impl Table {
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        if file.format_version != 1 {
            return Err(format!("format_version {} is not 1", file.format_version));
        }
        let mut beginnings = BTreeMap::new();
        for (index, row) in file.family.iter().enumerate() {
            if row.remark.is_empty() || !(500..=3000).contains(&row.factor_per_mille) {
                return Err(format!("{} lacks its remark, or its factor is absurd", row.name));
            }
            for model in &row.models {
                let beginning = model.strip_suffix('*').ok_or(format!("{model} does not end in *"))?;
                if beginnings.insert(beginning.to_owned(), index).is_some() {
                    return Err(format!("{model} stands there twice"));
                }
            }
        }
        let unknown = *beginnings.get(ANY).ok_or("no family is that of all others, `*`")?;
        let families = file.family.into_iter().map(FamilyCounter::new).collect();
        Ok(Self { families, beginnings, unknown })
    }

    pub(super) fn find(&self, model: &str) -> &FamilyCounter {
        let name = if model.len() > MAX_NAME { String::new() } else { model.trim().to_ascii_lowercase() };
        // What the vendor calls it first, for a vendor's name may be that of another family.
        let own = name.rsplit('/').next().unwrap_or_default();
        let index = self.in_parts(own).or_else(|| self.in_parts(&name)).unwrap_or(self.unknown);
        &self.families[index]
    }

    /// The family of the name, or else of what comes after one of its dots, as in `us.anthropic.claude-…`.
    fn in_parts(&self, name: &str) -> Option<usize> {
        std::iter::successors(Some(name), |rest| Some(rest.split_once('.')?.1))
            .find_map(|part| self.longest_beginning(part))
    }

    #[cfg(test)]
    pub(super) fn families(&self) -> &[FamilyCounter] {
        &self.families
    }

    fn longest_beginning(&self, name: &str) -> Option<usize> {
        (1..=name.len())
            .rev()
            .filter(|length| name.is_char_boundary(*length))
            .find_map(|length| self.beginnings.get(&name[..length]))
            .copied()
    }
}

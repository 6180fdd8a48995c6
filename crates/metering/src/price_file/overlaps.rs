//! What the prices of a file must not do together: overlap, or share a name.

use std::collections::BTreeMap;

use super::PriceFile;
use crate::error::{Error, Result};
use crate::model_price::ModelPrice;

impl PriceFile<'_> {
    pub(super) fn check_periods(&self, prices: &[(ModelPrice, usize)]) -> Result<()> {
        let mut models: BTreeMap<(&str, &str), Vec<(&ModelPrice, usize)>> = BTreeMap::new();
        for (price, line) in prices {
            models.entry((&price.vendor, &price.id)).or_default().push((price, *line));
        }
        for periods in models.values_mut() {
            periods.sort_by_key(|(price, line)| (price.valid_from, *line));
            for pair in periods.windows(2) {
                let [(first, first_line), (second, second_line)] = pair else { continue };
                let ends =
                    first.valid_until.zip(second.valid_from).is_some_and(|(until, from)| until <= from);
                if !ends {
                    let ((later, line), (earlier, earlier_line)) = if first_line > second_line {
                        ((first, *first_line), (second, *second_line))
                    } else {
                        ((second, *second_line), (first, *first_line))
                    };
                    let problem = format!(
                        "`{}` is priced twice for the same time ({}, and in line {earlier_line} {}); \
                         set `valid_from` and `valid_until`",
                        later.full_name(),
                        later.period(),
                        earlier.period(),
                    );
                    return Err(Error::invalid_price_book(self.name, line, Some("id"), problem));
                }
            }
        }
        Ok(())
    }

    /// A name means one model of a vendor.
    pub(super) fn check_names(&self, prices: &[(ModelPrice, usize)]) -> Result<()> {
        let mut meant: BTreeMap<(&str, &str), &str> =
            prices.iter().map(|(price, _)| ((&*price.vendor, &*price.id), &*price.id)).collect();
        for (price, line) in prices {
            for alias in &price.aliases {
                let other = *meant.entry((&price.vendor, alias)).or_insert(&price.id);
                if other != price.id || *alias == price.id {
                    let problem = format!("`{alias}` already names `{}/{other}`", price.vendor);
                    return Err(Error::invalid_price_book(self.name, *line, Some("aliases"), problem));
                }
            }
        }
        Ok(())
    }
}

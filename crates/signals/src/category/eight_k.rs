//! The items of an 8-K filing: a filer's own label of what happened.
//!
//! Source: SEC, Form 8-K, General Instructions and Items 1.01 to 9.01 (1.05 since 2023, 5.08 since 2010).

use super::Category;
use super::Category::{
    Capital, Credit, Earnings, Guidance, Insider, Legal, Management, MergersAndAcquisitions, Other, Product,
};

/// An item of an 8-K: its number, its title, and how much it says about which classes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EightKItem {
    /// As the filing writes it: `2.02`.
    pub number: &'static str,
    /// Its title, shortened.
    pub title: &'static str,
    /// The classes that it points to, with the weight that a rule would have.
    pub weights: &'static [(Category, f64)],
}

const fn item(number: &'static str, title: &'static str, weights: &'static [(Category, f64)]) -> EightKItem {
    EightKItem { number, title, weights }
}

const ITEMS: [EightKItem; 33] = [
    item(
        "1.01",
        "material definitive agreement",
        &[(MergersAndAcquisitions, 2.0), (Credit, 1.5), (Product, 1.0)],
    ),
    item(
        "1.02",
        "end of a material agreement",
        &[(MergersAndAcquisitions, 2.0), (Credit, 1.5), (Product, 1.0)],
    ),
    item("1.03", "bankruptcy or receivership", &[(Credit, 6.0)]),
    item("1.04", "mine safety", &[(Legal, 4.0)]),
    item("1.05", "material cybersecurity incident", &[(Product, 4.0), (Legal, 1.5)]),
    item("2.01", "acquisition or disposition of assets", &[(MergersAndAcquisitions, 5.0)]),
    item("2.02", "results of operations", &[(Earnings, 5.0), (Guidance, 1.0)]),
    item("2.03", "creation of a direct financial obligation", &[(Credit, 4.0)]),
    item("2.04", "acceleration of an obligation", &[(Credit, 5.0)]),
    item("2.05", "costs of exit or disposal", &[(Management, 4.0), (Earnings, 1.0)]),
    item("2.06", "material impairments", &[(Earnings, 4.0)]),
    item("3.01", "notice of delisting", &[(Legal, 4.0)]),
    item("3.02", "unregistered sale of equity", &[(Capital, 4.0)]),
    item("3.03", "change of holders' rights", &[(Capital, 3.0)]),
    item("4.01", "change of accountant", &[(Management, 4.0)]),
    item("4.02", "accounts not to be relied on", &[(Earnings, 5.0), (Legal, 3.0)]),
    item("5.01", "change in control", &[(MergersAndAcquisitions, 5.0)]),
    item("5.02", "directors and officers come and go", &[(Management, 5.0)]),
    item("5.03", "articles, bylaws, fiscal year", &[(Other, 2.5), (Management, 1.0)]),
    item("5.04", "blackout of an employees' plan", &[(Insider, 2.5), (Other, 1.5)]),
    item("5.05", "code of ethics", &[(Management, 3.0)]),
    item("5.06", "shell company status", &[(MergersAndAcquisitions, 4.0)]),
    item("5.07", "vote of holders", &[(Management, 3.0), (Other, 1.5)]),
    item("5.08", "holders' nominations", &[(Management, 4.0)]),
    item("6.01", "asset-backed: informational material", &[(Credit, 3.0)]),
    item("6.02", "asset-backed: change of servicer or trustee", &[(Credit, 3.0)]),
    item("6.03", "asset-backed: change of support", &[(Credit, 3.0)]),
    item("6.04", "asset-backed: distribution not made", &[(Credit, 5.0)]),
    item("6.05", "asset-backed: updated disclosure", &[(Credit, 3.0)]),
    item("6.06", "asset-backed: static pool", &[(Credit, 3.0)]),
    item("7.01", "regulation FD disclosure", &[(Other, 0.5)]),
    item("8.01", "other events", &[(Other, 0.5)]),
    item("9.01", "statements and exhibits", &[]),
];

/// The items named in `list`, as the submissions of EDGAR have them (`2.02,9.01`), and what in it is no item's number.
/// What came before August 2004 (`5`, `12`) had other meanings and is no item here.
///
/// ```
/// let (items, unknown) = assize_signals::category::eight_k_items("Item 2.02, 9.01,12");
/// assert_eq!(items.iter().map(|item| item.number).collect::<Vec<_>>(), ["2.02", "9.01"]);
/// assert_eq!(unknown, ["12"]);
/// ```
#[must_use]
pub fn eight_k_items(list: &str) -> (Vec<EightKItem>, Vec<&str>) {
    let (mut items, mut unknown) = (Vec::new(), Vec::new());
    for number in list.split([',', ';', ' ']).filter(|part| !part.is_empty()).take(64) {
        if number.eq_ignore_ascii_case("item") || number.eq_ignore_ascii_case("items") {
            continue;
        }
        match ITEMS.iter().find(|item| item.number == number.trim_end_matches('.')) {
            Some(item) if items.contains(item) => {}
            Some(item) => items.push(*item),
            None => unknown.push(number),
        }
    }
    (items, unknown)
}

#[cfg(test)]
mod tests {
    use super::ITEMS;

    #[test]
    fn every_item_of_the_form_is_there_once_and_in_order() {
        let per_section = [(1, 5), (2, 6), (3, 3), (4, 2), (5, 8), (6, 6), (7, 1), (8, 1), (9, 1)];
        let expected: Vec<String> = per_section
            .iter()
            .flat_map(|&(section, last)| (1..=last).map(move |item| format!("{section}.{item:02}")))
            .collect();
        assert_eq!(ITEMS.map(|item| item.number).to_vec(), expected);
    }
}

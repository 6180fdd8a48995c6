//! Sectors by the codes that a regulator counts companies to.

/// The division of the Standard Industrial Classification (manual of 1987, which the SEC uses in its own list of codes) that a code
/// belongs to; `None` for codes in none, and for what cannot be classified (9900 to 9999).
///
/// | codes | sector |
/// |---|---|
/// | 0100–0999 | agriculture, forestry and fishing |
/// | 1000–1499 | mining |
/// | 1500–1799 | construction |
/// | 2000–3999 | manufacturing |
/// | 4000–4999 | transport, communications and utilities |
/// | 5000–5199 | wholesale trade |
/// | 5200–5999 | retail trade |
/// | 6000–6799 | finance, insurance and real estate |
/// | 7000–8999 | services |
/// | 9100–9729 | public administration |
///
/// ```
/// use assize_portfolio::sector_of_sic;
///
/// assert_eq!(sector_of_sic(2080), Some("manufacturing"), "beverages");
/// assert_eq!(sector_of_sic(7372), Some("services"), "packaged software");
/// assert_eq!(sector_of_sic(9995), None, "blank checks are no sector");
/// ```
#[must_use]
pub const fn sector_of_sic(sic: u16) -> Option<&'static str> {
    Some(match sic {
        100..=999 => "agriculture, forestry and fishing",
        1000..=1499 => "mining",
        1500..=1799 => "construction",
        2000..=3999 => "manufacturing",
        4000..=4999 => "transport, communications and utilities",
        5000..=5199 => "wholesale trade",
        5200..=5999 => "retail trade",
        6000..=6799 => "finance, insurance and real estate",
        7000..=8999 => "services",
        9100..=9729 => "public administration",
        _ => return None,
    })
}

//! Amounts as people read them.

use assize_metering::Usd;

/// Picodollars in a cent.
const CENT: i128 = 10_000_000_000;

/// An amount rounded to the cent, halves away from nothing, with commas between thousands.
///
/// ```
/// use assize_pipeline::desk_document::dollars;
///
/// assert_eq!(dollars("-1234567.895".parse()?), "-1,234,567.90");
/// assert_eq!(dollars("0.004".parse()?), "0.00");
/// # Ok::<(), assize_metering::Error>(())
/// ```
#[must_use]
pub fn dollars(amount: Usd) -> String {
    let picodollars = amount.picodollars().unsigned_abs();
    let cent = CENT.unsigned_abs();
    let cents = (picodollars / cent) + u128::from(picodollars % cent >= cent / 2);
    let whole = (cents / 100).to_string();
    let mut text = String::new();
    if amount.is_negative() && cents > 0 {
        text.push('-');
    }
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    format!("{text}.{:02}", cents % 100)
}

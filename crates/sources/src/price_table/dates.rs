//! Dates as people and programs write them, and the refusal to guess.

use assize_altdata::FindingKind;
use jiff::civil::Date;

use super::Defect;
use super::lines::quoted;

/// Years in which a share can have had a price here; what lies outside is a slip.
const YEARS: std::ops::RangeInclusive<i16> = 1800..=2199;

/// Reads `2014-01-02`, `2014/1/2`, `20140102`, each also with a time behind (of which the date as written counts).
pub(super) fn read(text: &str) -> Result<Date, Defect> {
    let unreadable =
        || Defect::new(FindingKind::UnreadableDate, format!("the date {} can't be read", quoted(text, 40)));
    let (day, time) = match text.split_once(['T', ' ']) {
        Some((day, time)) => (day, Some(time.trim_start())),
        None => (text, None),
    };
    if time.is_some_and(|time| !time.starts_with(|c: char| c.is_ascii_digit())) {
        return Err(unreadable());
    }
    let parts: Vec<&str> = match day.len() {
        8 if all_digits(day) => vec![&day[..4], &day[4..6], &day[6..]],
        _ => day.split(['-', '/', '.']).collect(),
    };
    let [first, second, third] = parts[..] else { return Err(unreadable()) };
    let short = |part: &str| all_digits(part) && (1..=2).contains(&part.len());
    if short(first) && short(second) && all_digits(third) && matches!(third.len(), 2 | 4) {
        let text = format!("the date {} can be two days; write it as 2014-01-02", quoted(text, 40));
        return Err(Defect::new(FindingKind::AmbiguousDate, text));
    }
    if !(all_digits(first) && first.len() == 4 && short(second) && short(third)) {
        return Err(unreadable());
    }
    let date = || {
        let year = first.parse().ok().filter(|year| YEARS.contains(year))?;
        Date::new(year, second.parse().ok()?, third.parse().ok()?).ok()
    };
    date().ok_or_else(unreadable)
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        use FindingKind::{AmbiguousDate, UnreadableDate};
        for (text, expected) in [
            ("2014-01-02", Ok("2014-01-02")),
            ("2014/01/02", Ok("2014-01-02")),
            ("2014/1/2", Ok("2014-01-02")),
            ("20140102", Ok("2014-01-02")),
            ("2014-01-02 00:00:00-05:00", Ok("2014-01-02")),
            ("2014-01-02T00:00:00Z", Ok("2014-01-02")),
            ("01/02/2014", Err(AmbiguousDate)),
            ("1.2.14", Err(AmbiguousDate)),
            ("31-12-2014", Err(AmbiguousDate)),
            ("2014-13-01", Err(UnreadableDate)),
            ("2014-02-29", Err(UnreadableDate)),
            ("0014-02-01", Err(UnreadableDate)),
            ("2014-01", Err(UnreadableDate)),
            ("2014-01-02x", Err(UnreadableDate)),
            ("2014-01-02 noon", Err(UnreadableDate)),
            ("Jan 1 2000", Err(UnreadableDate)),
            ("1388620800", Err(UnreadableDate)),
            ("２０１４-01-02", Err(UnreadableDate)),
            ("", Err(UnreadableDate)),
        ] {
            let found = read(text).map(|date| date.to_string()).map_err(|defect| defect.kind);
            assert_eq!(found, expected.map(ToOwned::to_owned), "{text}");
        }
    }
}

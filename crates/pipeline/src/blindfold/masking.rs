//! Striking names and dates out of a text.

use assize_altdata::Ticker;
use jiff::civil::Date;

use super::Company;

/// Names of fewer letters are struck out only where they are words of their own.
const LONG_NAME: usize = 5;
const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const FULL_MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// What is struck out, and what stands there instead.
pub(super) struct Mask<'a> {
    pub(super) companies: &'a [Company],
    /// The company that is asked about; others are "another company".
    pub(super) own: Option<&'a Ticker>,
    pub(super) date: &'a dyn Fn(Date) -> String,
}

impl Mask<'_> {
    pub(super) fn apply(&self, text: &str) -> String {
        let mut masked = String::with_capacity(text.len());
        let mut rest = text;
        let mut before = None;
        while let Some(next) = rest.chars().next() {
            if let Some((instead, length)) = self.found(rest, before) {
                masked.push_str(&instead);
                before = rest[..length].chars().next_back();
                rest = &rest[length..];
                continue;
            }
            masked.push(next);
            before = Some(next);
            rest = &rest[next.len_utf8()..];
        }
        masked
    }

    /// What stands for the beginning of `rest`, and how much of it that is.
    fn found(&self, rest: &str, before: Option<char>) -> Option<(String, usize)> {
        let starts = before.is_none_or(|before| !before.is_alphanumeric());
        let told = |instead: &str, length: usize| Some((instead.to_owned(), length));
        if starts {
            if let Some((date, length)) = iso_date(rest) {
                return Some(((self.date)(date), length));
            }
            let word = word(rest);
            if is_contract(word) {
                return told("[contract]", word.len());
            }
            if let Some(length) = filing_number(rest) {
                return told("[filing]", length);
            }
            if let Some(length) = dated_by_month(rest).or_else(|| slashed_date(rest)) {
                return told("[date]", length);
            }
            if is_year(word) && !is_part_of_number(&rest[word.len()..], before) {
                return told("[year]", word.len());
            }
        }
        self.company(rest, before, starts)
    }

    fn company(&self, rest: &str, before: Option<char>, starts: bool) -> Option<(String, usize)> {
        let mut longest: Option<(&Company, usize)> = None;
        for company in self.companies {
            let length = company.names.iter().find_map(|name| named(name, rest, starts));
            let length = length.or_else(|| ticked(company.ticker.as_str(), rest, before, starts));
            if let Some(length) = length.filter(|length| longest.is_none_or(|(_, most)| *length > most)) {
                longest = Some((company, length));
            }
        }
        longest.map(|(company, length)| {
            let is_own = self.own == Some(&company.ticker);
            (if is_own { "the company" } else { "another company" }.to_owned(), length)
        })
    }
}

/// The length of the name at the beginning.
fn named(name: &str, rest: &str, starts: bool) -> Option<usize> {
    let found = rest.get(..name.len())?;
    let is_whole = starts && ends(&rest[name.len()..]);
    (found.eq_ignore_ascii_case(name) && (is_whole || name.chars().count() >= LONG_NAME))
        .then_some(name.len())
}

/// The length of the ticker at the beginning. One of two letters could be a word: it has to stand where tickers stand.
fn ticked(ticker: &str, rest: &str, before: Option<char>, starts: bool) -> Option<usize> {
    let found = rest.get(..ticker.len())?;
    let after = &rest[ticker.len()..];
    if !starts || !ends(after) {
        return None;
    }
    let is_marked = matches!(before, Some('$' | '#' | '@'));
    let stands_alone = before.is_none_or(|before| "\n(:".contains(before)) || after.starts_with([':', ')']);
    let is_ticker = found == ticker && (ticker.len() > 2 || stands_alone)
        || found.eq_ignore_ascii_case(ticker) && is_marked;
    is_ticker.then_some(ticker.len())
}

fn ends(after: &str) -> bool {
    after.chars().next().is_none_or(|next| !next.is_alphanumeric())
}

/// The letters and digits at the beginning.
fn word(rest: &str) -> &str {
    let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
    &rest[..end]
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// A date as `2021-03-05`, and what of a time of day follows it.
fn iso_date(rest: &str) -> Option<(Date, usize)> {
    let date: Date = rest.get(..10).filter(|text| digits(text) == 4)?.parse().ok()?;
    let after = &rest[10..];
    if after.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let is_of_time = |c: char| c.is_ascii_digit() || matches!(c, ':' | '.');
    let time = after.strip_prefix('T').filter(|time| time.starts_with(|c: char| c.is_ascii_digit()));
    let length = time.map_or(0, |time| {
        let end = time.find(|c: char| !is_of_time(c)).unwrap_or(time.len());
        1 + end + usize::from(time[end..].starts_with('Z'))
    });
    Some((date, 10 + length))
}

/// The newest date that is named as `2021-03-05`.
pub(super) fn newest_date<'a>(texts: impl IntoIterator<Item = &'a str>) -> Option<Date> {
    let dates = |text: &'a str| {
        let places = text.match_indices('-').filter_map(|(place, _)| place.checked_sub(4));
        places.filter_map(move |place| Some(iso_date(text.get(place..)?)?.0))
    };
    texts.into_iter().flat_map(dates).max()
}

/// `5/3/2021`.
fn slashed_date(rest: &str) -> Option<usize> {
    let mut length = 0;
    for most in [2, 2, 4] {
        let found = digits(&rest[length..]);
        if !(1..=most).contains(&found) {
            return None;
        }
        length += found;
        if most != 4 {
            if !rest[length..].starts_with('/') {
                return None;
            }
            length += 1;
        }
    }
    ends(&rest[length..]).then_some(length)
}

/// `March 5, 2021`, `Mar. 5`, `March 2021`: a month that a number follows.
fn dated_by_month(rest: &str) -> Option<usize> {
    let month = word(rest);
    let lower = month.to_lowercase();
    if !FULL_MONTHS.contains(&&*lower) && !MONTHS.contains(&&*lower) && lower != "sept" {
        return None;
    }
    let gap = |text: &str| text.len() - text.trim_start_matches([' ', '.', ',']).len();
    let mut length = month.len();
    let skipped = gap(&rest[length..]);
    let number = digits(&rest[length + skipped..]);
    if skipped == 0 || skipped > 2 || !matches!(number, 1 | 2 | 4) {
        return None;
    }
    length += skipped + number;
    if number < 4 {
        let skipped = gap(&rest[length..]);
        let year = &rest[length + skipped..];
        if (1..=2).contains(&skipped) && is_year(word(year)) {
            length += skipped + word(year).len();
        }
    }
    Some(length)
}

/// `AAPL240621C00150000`.
fn is_contract(word: &str) -> bool {
    let letters = word.bytes().take_while(u8::is_ascii_uppercase).count();
    let rest = &word[letters..];
    (1..=6).contains(&letters)
        && rest.len() == 15
        && digits(rest) == 6
        && matches!(rest.as_bytes()[6], b'C' | b'P')
        && digits(&rest[7..]) == 8
}

/// `0000320193-24-000012`.
fn filing_number(rest: &str) -> Option<usize> {
    let text = rest.get(..20)?.as_bytes();
    let fits = |(place, byte): (usize, &u8)| match place {
        10 | 13 => *byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    text.iter().enumerate().all(fits).then_some(20)
}

/// `2021`, `2021Q3`, `2020s`, `FY2021`, `FY21`.
fn is_year(word: &str) -> bool {
    let of_business = word.strip_prefix("FY").or_else(|| word.strip_prefix("CY"));
    if of_business.is_some_and(|year| matches!(year.len(), 2 | 4) && digits(year) == year.len()) {
        return true;
    }
    let is_of_centuries = word.starts_with("19") || word.starts_with("20");
    is_of_centuries && digits(word) == 4 && word.chars().count() <= 6
}

/// Whether digits go on beyond a point or a comma, or have begun before one.
fn is_part_of_number(after: &str, before: Option<char>) -> bool {
    let mut next = after.chars();
    let goes_on = matches!(next.next(), Some('.' | ',')) && next.next().is_some_and(|c| c.is_ascii_digit());
    goes_on || matches!(before, Some('.'))
}

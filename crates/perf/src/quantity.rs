//! Figures with a unit as a person writes them, in a file of targets.

use crate::{Error, ErrorKind, Unit};

/// A figure as a person writes it, with its unit: `10 ms`, `96 KiB`, `1.5x`, `85 %`, `$0.02`, `500/s`, `2 million/s`.
///
/// A bare number has no unit of its own and is held against whatever was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    /// In the base unit of `unit`.
    pub value: f64,
    /// `None` for a bare number.
    pub unit: Option<Unit>,
    /// As it was written.
    pub text: String,
}

impl Quantity {
    /// Reads a figure with its unit. Binary and decimal multiples of bytes are told apart: `KiB` is 1,024 bytes,
    /// `kB` is 1,000. A rate is `/s` after nothing, a multiple (`thousand`, `million`, `billion`, `k`, `M`, `G`), what
    /// is counted (`req`, `ops`, `elements`, …) or both, or after a size in bytes. Commas part thousands, and stand
    /// nowhere else: `1,5` is refused, for it may mean 1.5. Underscores part digits.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidFigure`] if the number or the unit is not understood, or the number is not finite.
    ///
    /// ```
    /// use assize_perf::{Quantity, Unit};
    ///
    /// let floor = Quantity::parse("10 ms")?;
    /// assert_eq!((floor.value, floor.unit), (10_000_000.0, Some(Unit::Nanoseconds)));
    /// let rate = Quantity::parse("2 million req/s")?;
    /// assert_eq!((rate.value, rate.unit), (2_000_000.0, Some(Unit::PerSecond)));
    /// # Ok::<(), assize_perf::Error>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, Error> {
        let trimmed = text.trim();
        let (dollar, rest) =
            trimmed.strip_prefix('$').map_or((false, trimmed), |rest| (true, rest.trim_start()));
        let end = rest
            .char_indices()
            .find(|&(at, c)| !is_numeric_part(rest, at, c))
            .map_or(rest.len(), |(at, _)| at);
        let (digits, unit) = rest.split_at(end);
        let number: f64 = ungrouped(digits)
            .map_err(|why| invalid(text, why))?
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite())
            .ok_or_else(|| invalid(text, "does not begin with a number"))?;
        let unit = unit.trim();
        let (factor, unit) = match (dollar, unit) {
            (true, "") => (1.0, Some(Unit::Usd)),
            (true, _) => return Err(invalid(text, "has two units")),
            (false, "") => (1.0, None),
            (false, unit) => {
                let (factor, unit) = match unit.strip_suffix("/s") {
                    Some(counted) => rate(counted).ok_or_else(|| unknown_rate(text, counted.trim()))?,
                    None => multiple(unit).ok_or_else(|| invalid(text, "has an unknown unit"))?,
                };
                (factor, Some(unit))
            }
        };
        let value = number * factor;
        if !value.is_finite() {
            return Err(invalid(text, "is too large"));
        }
        Ok(Self { value, unit, text: trimmed.to_owned() })
    }

    /// The figure in words of the unit it is held against.
    #[must_use]
    pub fn show(&self, measured_in: &Unit) -> String {
        self.unit.as_ref().map_or_else(|| measured_in.show(self.value), |_| self.text.clone())
    }
}

fn is_numeric_part(text: &str, at: usize, c: char) -> bool {
    let exponent = |at: usize| {
        let bytes = text.as_bytes();
        let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
        at > 0
            && digit(at - 1)
            && (digit(at + 1) || matches!(bytes.get(at + 1), Some(b'-' | b'+')) && digit(at + 2))
    };
    match c {
        '0'..='9' | '.' | '_' | ',' => true,
        '-' | '+' => at == 0 || matches!(text.as_bytes()[at - 1], b'e' | b'E'),
        'e' | 'E' => exponent(at),
        _ => false,
    }
}

/// The number without what parts its digits, or what is wrong with that.
fn ungrouped(digits: &str) -> Result<String, &'static str> {
    let unsigned = digits.strip_prefix(['-', '+']).unwrap_or(digits);
    let (whole, rest) = unsigned.find(['.', 'e', 'E']).map_or((unsigned, ""), |at| unsigned.split_at(at));
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let are_digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let grouped = whole.contains(',');
    let whole_groups = matches!(first.len(), 1..=3)
        && are_digits(first)
        && groups.all(|group| group.len() == 3 && are_digits(group));
    if rest.contains(',') || grouped && !whole_groups {
        return Err("has a comma that does not part thousands; write 1.5 or 1,500");
    }
    let bytes = digits.as_bytes();
    let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    let lost = |(at, byte): (usize, &u8)| *byte == b'_' && !(digit(at.checked_sub(1)) && digit(Some(at + 1)));
    if bytes.iter().enumerate().any(lost) {
        return Err("has an underscore that does not part digits");
    }
    Ok(digits.replace(['_', ','], ""))
}

fn invalid(text: &str, why: &str) -> Error {
    Error::new(ErrorKind::InvalidFigure, format!("understand the figure {text:?}: it {why}")).hinted(
        "write a number and one of ns, us, ms, s, min, h, B, kB, MB, GB, TB, KiB, MiB, GiB, TiB, %, x, usd, /s, MB/s",
    )
}

fn unknown_rate(text: &str, counted: &str) -> Error {
    invalid(text, &format!("has an unknown rate, {counted:?} per second")).hinted(format!(
        "before /s write nothing, one of thousand, million, billion, k, M, G, one of {}, or a size such as MB",
        COUNTED.join(", ")
    ))
}

/// What a rate may count. A short list, so that a multiple or a unit that is not known is never taken for a noun.
const COUNTED: [&str; 27] = [
    "req", "reqs", "request", "requests", "op", "ops", "elem", "elems", "element", "elements", "item",
    "items", "line", "lines", "row", "rows", "record", "records", "call", "calls", "turn", "turns", "event",
    "events", "token", "tokens", "debates",
];

/// How many things or bytes per second a rate counts: what stands before its `/s`.
fn rate(counted: &str) -> Option<(f64, Unit)> {
    let words: Vec<&str> = counted.split_whitespace().collect();
    let times = |factor: f64| Some((factor, Unit::PerSecond));
    match words.as_slice() {
        [] => times(1.0),
        [word] if COUNTED.contains(word) => times(1.0),
        [word] => match (scale(word), multiple(word)) {
            (Some(factor), _) => times(factor),
            (None, Some((factor, Unit::Bytes))) => Some((factor, Unit::BytesPerSecond)),
            _ => None,
        },
        [word, noun] if COUNTED.contains(noun) => scale(word).and_then(times),
        _ => None,
    }
}

/// A multiple of things.
fn scale(word: &str) -> Option<f64> {
    match word {
        "thousand" | "k" => Some(1e3),
        "million" | "M" => Some(1e6),
        "billion" | "G" => Some(1e9),
        _ => None,
    }
}

/// How many of the base unit one of `unit` is.
fn multiple(unit: &str) -> Option<(f64, Unit)> {
    let known = match unit {
        "ns" => (1.0, Unit::Nanoseconds),
        "us" | "µs" | "μs" => (1e3, Unit::Nanoseconds),
        "ms" => (1e6, Unit::Nanoseconds),
        "s" => (1e9, Unit::Nanoseconds),
        "min" => (60e9, Unit::Nanoseconds),
        "h" => (3_600e9, Unit::Nanoseconds),
        "B" | "bytes" => (1.0, Unit::Bytes),
        "kB" | "KB" => (1e3, Unit::Bytes),
        "MB" => (1e6, Unit::Bytes),
        "GB" => (1e9, Unit::Bytes),
        "TB" => (1e12, Unit::Bytes),
        "KiB" => (1024.0, Unit::Bytes),
        "MiB" => (1_048_576.0, Unit::Bytes),
        "GiB" => (1_073_741_824.0, Unit::Bytes),
        "TiB" => (1_099_511_627_776.0, Unit::Bytes),
        "%" => (0.01, Unit::Fraction),
        "x" | "×" => (1.0, Unit::Ratio),
        "usd" | "USD" => (1.0, Unit::Usd),
        "count" => (1.0, Unit::Count),
        _ => return None,
    };
    Some(known)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_person_writes_is_understood() {
        let cases = [
            ("10 ms", 1e7, Some(Unit::Nanoseconds)),
            ("4us", 4e3, Some(Unit::Nanoseconds)),
            ("4 µs", 4e3, Some(Unit::Nanoseconds)),
            ("5 min", 300e9, Some(Unit::Nanoseconds)),
            ("1,500 ms", 1.5e9, Some(Unit::Nanoseconds)),
            ("96 KiB", 98_304.0, Some(Unit::Bytes)),
            ("96 kB", 96_000.0, Some(Unit::Bytes)),
            ("1 GiB", 1_073_741_824.0, Some(Unit::Bytes)),
            ("2 TiB", 2_199_023_255_552.0, Some(Unit::Bytes)),
            ("50 %", 0.5, Some(Unit::Fraction)),
            ("1.5x", 1.5, Some(Unit::Ratio)),
            ("1e3 ns", 1e3, Some(Unit::Nanoseconds)),
            ("1e-3 s", 1e6, Some(Unit::Nanoseconds)),
            ("-0.5", -0.5, None),
            ("10_000", 10_000.0, None),
            ("1,234,567.5", 1_234_567.5, None),
            ("-1,000e3", -1e6, None),
            ("100,000/s", 100_000.0, Some(Unit::PerSecond)),
            ("41.5 req/s", 41.5, Some(Unit::PerSecond)),
            ("2 thousand/s", 2e3, Some(Unit::PerSecond)),
            ("2 million/s", 2e6, Some(Unit::PerSecond)),
            ("0.5 billion/s", 5e8, Some(Unit::PerSecond)),
            ("100 k/s", 1e5, Some(Unit::PerSecond)),
            ("100k/s", 1e5, Some(Unit::PerSecond)),
            ("3 M elem/s", 3e6, Some(Unit::PerSecond)),
            ("3G /s", 3e9, Some(Unit::PerSecond)),
            ("2 million requests/s", 2e6, Some(Unit::PerSecond)),
            ("2 MB/s", 2e6, Some(Unit::BytesPerSecond)),
            ("1 TiB/s", 1_099_511_627_776.0, Some(Unit::BytesPerSecond)),
            ("$0.02", 0.02, Some(Unit::Usd)),
            ("138 usd", 138.0, Some(Unit::Usd)),
        ];
        for (text, value, unit) in cases {
            let read = Quantity::parse(text).unwrap();
            assert!((read.value - value).abs() <= value.abs() * 1e-12, "{text}: {}", read.value);
            assert_eq!(read.unit, unit, "{text}");
            assert_eq!(read.text, text);
        }
    }

    #[test]
    fn what_may_mean_something_else_is_refused() {
        let cases = [
            ("", "does not begin with a number"),
            ("ms", "does not begin with a number"),
            ("inf", "does not begin with a number"),
            ("NaN s", "does not begin with a number"),
            ("ten ms", "does not begin with a number"),
            ("1..2", "does not begin with a number"),
            ("1e400", "does not begin with a number"),
            ("10 parsecs", "has an unknown unit"),
            ("$5 ms", "has two units"),
            ("$5/s", "has two units"),
            ("9e307 h", "is too large"),
            ("1,5 s", "has a comma"),
            ("1,50", "has a comma"),
            ("1,5000", "has a comma"),
            ("1234,567 s", "has a comma"),
            ("1,23,456", "has a comma"),
            (",500", "has a comma"),
            ("1,", "has a comma"),
            ("1.000,5", "has a comma"),
            ("1e1,000", "has a comma"),
            ("1,_23", "has a comma"),
            ("_5", "has an underscore"),
            ("5_ ms", "has an underscore"),
            ("1_.5", "has an underscore"),
            ("2 milion/s", "\"milion\" per second"),
            ("2 Mb/s", "\"Mb\" per second"),
            ("2 m/s", "\"m\" per second"),
            ("2 K/s", "\"K\" per second"),
            ("2 ms/s", "\"ms\" per second"),
            ("2 %/s", "\"%\" per second"),
            ("2 req k/s", "\"req k\" per second"),
            ("2 million parsecs/s", "\"million parsecs\" per second"),
            ("2 k M/s", "\"k M\" per second"),
            ("2 million MB/s", "\"million MB\" per second"),
            ("2 req/s/s", "\"req/s\" per second"),
        ];
        for (text, why) in cases {
            let error = Quantity::parse(text).expect_err(text);
            assert_eq!(error.kind(), ErrorKind::InvalidFigure, "{text}");
            assert!(error.to_string().contains(why), "{text}: {error}");
            assert_eq!(
                error.hint().is_some_and(|hint| hint.contains("million")),
                why.contains("per second"),
                "{text}"
            );
        }
    }

    /// The units in which figures are shown and read again; the name of another unit is no unit to the reader, so a
    /// bound in it is a bare number.
    const UNITS: [Unit; 9] = [
        Unit::Nanoseconds,
        Unit::Bytes,
        Unit::Count,
        Unit::Ratio,
        Unit::Fraction,
        Unit::Score,
        Unit::Usd,
        Unit::PerSecond,
        Unit::BytesPerSecond,
    ];

    fn check(unit: &Unit, value: f64, shown: &str) -> Result<(), String> {
        let read = Quantity::parse(shown).map_err(|error| format!("{value} as {shown}: {error}"))?;
        let bare = matches!(unit, Unit::Count | Unit::Score);
        let fits = read.unit.as_ref().map_or(bare, |read| read == unit);
        let close = (read.value - value).abs() <= value.abs() * 0.005_1;
        if fits && close { Ok(()) } else { Err(format!("{value} as {shown} is read as {read:?}")) }
    }

    #[test]
    fn every_step_of_every_unit_is_read_again() {
        for unit in &UNITS {
            for exponent in -6..=17 {
                for digits in [1.0, 1.024, 2.5, 9.994, 9.996] {
                    let value = digits * 10.0_f64.powi(exponent);
                    for value in [value, -value] {
                        assert_eq!(check(unit, value, &unit.show(value)), Ok(()), "{unit:?}");
                        assert_eq!(check(unit, value, &unit.show_limit(value)), Ok(()), "{unit:?}");
                    }
                }
            }
            assert_eq!(check(unit, 0.0, &unit.show(0.0)), Ok(()), "{unit:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,24}") {
            let _ = Quantity::parse(&text);
        }

        #[test]
        fn no_figure_makes_it_panic(text in "[-+$]?[0-9.,_e+-]{0,12} ?[a-zA-Z%×µ]{0,8}(/s)?") {
            let _ = Quantity::parse(&text);
        }

        #[test]
        fn what_is_shown_is_within_half_a_percent(unit in 0..UNITS.len(), exponent in -6.0_f64..17.0, sign: bool) {
            let value = if sign { 10.0_f64.powf(exponent) } else { -10.0_f64.powf(exponent) };
            let shown = UNITS[unit].show(value);
            prop_assert_eq!(check(&UNITS[unit], value, &shown), Ok(()));
        }
    }
}

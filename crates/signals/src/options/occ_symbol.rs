//! The symbol of an option: root, date, right, strike.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

use super::chain::{Right, Strike};

/// A symbol of the Options Clearing Corporation (Options Symbology Initiative, 2010): the root, padded to six with spaces or
/// not, the expiry as yymmdd, `C` or `P`, and the strike in thousandths of a dollar, eight digits.
///
/// It is read from the right, as a root may end in a digit (adjusted contracts: `CLX1`).
///
/// ```
/// use assize_signals::options::{OccSymbol, Right};
///
/// let symbol: OccSymbol = "SPXW  260821P05200500".parse()?;
/// assert_eq!((symbol.root.as_ref(), symbol.right), ("SPXW", Right::Put));
/// assert_eq!(symbol.expiry.to_string(), "2026-08-21");
/// assert_eq!(symbol.strike.to_string(), "5200.5");
/// assert_eq!(symbol.to_string(), "SPXW260821P05200500");
/// # Ok::<(), assize_signals::options::SymbolError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OccSymbol {
    /// The underlying, as the exchange calls it: `SPXW` is weekly S&P 500, `CLX1` an adjusted contract.
    pub root: Box<str>,
    /// The last day.
    pub expiry: Date,
    /// Call or put.
    pub right: Right,
    /// The strike.
    pub strike: Strike,
}

/// A text is no OCC symbol.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("read the option symbol `{shown}`: {problem}; it has a root, yymmdd, C or P, and 8 digits of strike")]
pub struct SymbolError {
    shown: String,
    problem: &'static str,
}

impl OccSymbol {
    /// Whether the contract was adjusted after a split or a merger: its root ends in a digit, and what it delivers is not
    /// simply 100 shares.
    #[must_use]
    pub fn is_adjusted(&self) -> bool {
        self.root.ends_with(|c: char| c.is_ascii_digit())
    }
}

impl fmt::Display for OccSymbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (date, strike) = (self.expiry, self.strike.thousandths());
        let right = if self.right == Right::Call { 'C' } else { 'P' };
        let year = date.year().rem_euclid(100);
        write!(f, "{}{year:02}{:02}{:02}{right}{strike:08}", self.root, date.month(), date.day())
    }
}

impl FromStr for OccSymbol {
    type Err = SymbolError;

    fn from_str(text: &str) -> Result<Self, SymbolError> {
        let wrong = |problem| SymbolError { shown: text.chars().take(40).collect(), problem };
        let text = text.trim();
        if !text.is_ascii() || text.len() > 21 {
            return Err(wrong("it is longer than 21 letters, or they are not ASCII"));
        }
        // 15 characters follow the root: six digits, a letter, eight digits.
        let (root, rest) =
            text.len().checked_sub(15).map(|at| text.split_at(at)).ok_or_else(|| wrong("it is too short"))?;
        let root = root.trim_end();
        let fits = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '.';
        if root.is_empty() || root.len() > 6 || !root.chars().all(fits) {
            return Err(wrong("its root is not one to six capitals and digits"));
        }
        let digits = |part: &str| {
            part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<u32>().ok()).flatten()
        };
        let strike = digits(&rest[7..]).ok_or_else(|| wrong("its strike is not eight digits"))?;
        let right = match &rest[6..7] {
            "C" => Right::Call,
            "P" => Right::Put,
            _ => return Err(wrong("there is no C and no P before the strike")),
        };
        let date = digits(&rest[..6]).ok_or_else(|| wrong("its date is not six digits"))?;
        let part = |divisor: u32| i8::try_from(date / divisor % 100).unwrap_or(0);
        let expiry = Date::new(2_000 + i16::from(part(10_000)), part(100), part(1))
            .map_err(|_| wrong("there is no such date"))?;
        Ok(Self { root: root.into(), expiry, right, strike: Strike::from_thousandths(strike) })
    }
}

#[cfg(test)]
mod tests {
    use super::OccSymbol;

    #[test]
    fn symbols_are_read_from_the_right() {
        for (text, root, rest) in [
            ("CLX260821C00055000", "CLX", "2026-08-21 Call 55"),
            ("CLX1260821P00055500", "CLX1", "2026-08-21 Put 55.5"),
            ("BRKB  270115C00000500", "BRKB", "2027-01-15 Call 0.5"),
            ("F280229P99999999", "F", "2028-02-29 Put 99999.999"),
        ] {
            let symbol: OccSymbol = text.parse().unwrap();
            assert_eq!(&*symbol.root, root);
            assert_eq!(format!("{} {:?} {}", symbol.expiry, symbol.right, symbol.strike), rest);
            assert_eq!(symbol.to_string(), text.replace(' ', ""));
            assert_eq!(symbol.is_adjusted(), root == "CLX1");
        }
    }

    #[test]
    fn what_is_no_symbol_is_refused() {
        for text in [
            "",
            "CLX",
            "260821C00055000",
            "CLX260821X00055000",
            "CLX261321C00055000",
            "CLX270229C00055000",
            "CLX260821C0005500é",
            "CLX26082 C00055000",
            "clx260821C00055000",
            "TOOLONG260821C00055000",
            "CLX260821C+0055000",
        ] {
            assert!(text.parse::<OccSymbol>().is_err(), "{text}");
        }
    }
}

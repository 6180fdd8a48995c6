//! Units, and how figures in them are written for a person.

/// What a figure counts. Values are stored in the base unit named here, whatever the source wrote.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unit {
    /// Nanoseconds.
    Nanoseconds,
    /// Bytes.
    Bytes,
    /// Things: instructions, allocations, requests.
    Count,
    /// One figure divided by another of its kind: 2.0 is twice as much.
    Ratio,
    /// A share of one: 0.85 is 85 %.
    Fraction,
    /// A figure without a unit on a scale of its own: a score, a loss.
    Score,
    /// US dollars.
    Usd,
    /// Things per second.
    PerSecond,
    /// Bytes per second.
    BytesPerSecond,
    /// A unit that is kept as the source named it.
    Other(String),
}

impl Unit {
    /// The name in stored runs.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Nanoseconds => "ns",
            Self::Bytes => "bytes",
            Self::Count => "count",
            Self::Ratio => "ratio",
            Self::Fraction => "fraction",
            Self::Score => "score",
            Self::Usd => "usd",
            Self::PerSecond => "per-second",
            Self::BytesPerSecond => "bytes-per-second",
            Self::Other(name) => name,
        }
    }

    /// The unit with this name; [`Unit::Other`] for a name that is not one of ours.
    #[must_use]
    pub fn named(name: &str) -> Self {
        match name {
            "ns" => Self::Nanoseconds,
            "bytes" => Self::Bytes,
            "count" => Self::Count,
            "ratio" => Self::Ratio,
            "fraction" => Self::Fraction,
            "score" => Self::Score,
            "usd" => Self::Usd,
            "per-second" => Self::PerSecond,
            "bytes-per-second" => Self::BytesPerSecond,
            other => Self::Other(other.to_owned()),
        }
    }

    /// Whether figures in these two units can be held against each other. Ratios, fractions and scores are all
    /// plain numbers.
    #[must_use]
    pub fn comparable(&self, other: &Self) -> bool {
        let plain = |unit: &Self| matches!(unit, Self::Ratio | Self::Fraction | Self::Score);
        self == other || (plain(self) && plain(other))
    }

    /// Writes a value with three significant digits and the step of the unit that suits it: `4.61 µs`, `96.3 KiB`,
    /// `12.5×`.
    ///
    /// ```
    /// use assize_perf::Unit;
    ///
    /// assert_eq!(Unit::Nanoseconds.show(4_612.0), "4.61 µs");
    /// assert_eq!(Unit::Bytes.show(98_611.0), "96.3 KiB");
    /// assert_eq!(Unit::Ratio.show(12.49), "12.5×");
    /// assert_eq!(Unit::Count.show(1_234_567.0), "1,234,567");
    /// ```
    #[must_use]
    pub fn show(&self, value: f64) -> String {
        self.step_for(value).write(value)
    }

    /// Writes the two ends of an interval in the step that suits `value`, so that the three read alike:
    /// `4.58 – 4.65 µs`.
    #[must_use]
    pub fn show_interval(&self, value: f64, low: f64, high: f64) -> String {
        let step = self.step_for(value);
        // Three significant digits of the figure, or two of the width where that needs more.
        let width = decimals((high - low) / step.divisor).saturating_sub(1);
        let digits = decimals(value / step.divisor).max(width);
        let digits = if matches!(self, Self::Count) { digits.min(1) } else { digits };
        let (low, high) = (number(low / step.divisor, digits), number(high / step.divisor, digits));
        format!("{}{low} – {high}{}", step.before, step.after)
    }

    /// A round limit as a person writes it: `60 s`, `500 MB`; anything else as [`show`](Self::show).
    pub(crate) fn show_limit(&self, value: f64) -> String {
        const TIME: [(f64, &str); 4] = [(1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1.0, "ns")];
        const BYTES: [(f64, &str); 4] = [(1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "B")];
        let steps = match self {
            Self::Nanoseconds => TIME,
            Self::Bytes => BYTES,
            _ => return self.show(value),
        };
        let whole = |(divisor, name): &(f64, &str)| {
            let scaled = value / divisor;
            (scaled >= 1.0 && (scaled - scaled.round()).abs() < 1e-9)
                .then(|| format!("{} {name}", number(scaled, 0)))
        };
        steps.iter().find_map(whole).unwrap_or_else(|| self.show(value))
    }

    /// What to divide values up to `largest` by for an axis, and what to call the result.
    pub(crate) fn axis(&self, largest: f64) -> (f64, String) {
        let step = self.step_for(largest);
        (step.divisor, format!("{}{}", step.before, step.after.trim_start()))
    }

    fn step_for(&self, value: f64) -> Step {
        const TIME: &[(f64, &str)] = &[(1.0, " ns"), (1e3, " µs"), (1e6, " ms"), (1e9, " s")];
        const BYTES: &[(f64, &str)] = &[
            (1.0, " B"),
            (1024.0, " KiB"),
            (1_048_576.0, " MiB"),
            (1_073_741_824.0, " GiB"),
            (1_099_511_627_776.0, " TiB"),
        ];
        const BYTE_RATE: &[(f64, &str)] =
            &[(1.0, " B/s"), (1024.0, " KiB/s"), (1_048_576.0, " MiB/s"), (1_073_741_824.0, " GiB/s")];
        const RATE: &[(f64, &str)] =
            &[(1.0, " /s"), (1e3, " thousand/s"), (1e6, " million/s"), (1e9, " billion/s")];
        let plain =
            |divisor, before, after: &str| Step { divisor, before, after: after.to_owned(), whole: false };
        match self {
            Self::Nanoseconds => fitting(TIME, value),
            Self::Bytes => fitting(BYTES, value),
            Self::BytesPerSecond => fitting(BYTE_RATE, value),
            Self::PerSecond => fitting(RATE, value),
            Self::Count => Step { whole: true, ..plain(1.0, "", "") },
            Self::Ratio => plain(1.0, "", "×"),
            Self::Fraction => plain(0.01, "", " %"),
            Self::Score => plain(1.0, "", ""),
            Self::Usd => plain(1.0, "$", ""),
            Self::Other(name) => plain(1.0, "", &format!(" {name}")),
        }
    }
}

/// One step of a unit: what to divide by, and what stands around the number.
struct Step {
    divisor: f64,
    before: &'static str,
    after: String,
    whole: bool,
}

impl Step {
    fn write(&self, value: f64) -> String {
        let scaled = value / self.divisor;
        let integral = (scaled - scaled.round()).abs() < 1e-9;
        let digits = if self.whole && (integral || scaled.abs() >= 1000.0) { 0 } else { decimals(scaled) };
        format!("{}{}{}", self.before, number(scaled, digits), self.after)
    }
}

/// The largest step of which `value` holds at least one after rounding to three digits.
fn fitting(steps: &[(f64, &'static str)], value: f64) -> Step {
    let (divisor, after) = steps
        .iter()
        .rev()
        .find(|(divisor, _)| value.abs() / divisor >= 0.9995)
        .or(steps.first())
        .copied()
        .unwrap_or((1.0, ""));
    // The first step counts single nanoseconds or bytes: whole where the figure is.
    Step { divisor, before: "", after: after.to_owned(), whole: divisor < 1.5 }
}

/// How many decimals make three significant digits; at most 12.
fn decimals(value: f64) -> usize {
    let value = value.abs();
    if value == 0.0 || !value.is_finite() {
        return 0;
    }
    let mut digits = 0;
    let mut scaled = value;
    while scaled < 99.95 && digits < 12 {
        scaled *= 10.0;
        digits += 1;
    }
    digits
}

/// A number with this many decimals, its thousands parted by commas.
fn number(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    if !value.is_finite() {
        return text;
    }
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
    let (whole, rest) = digits.find('.').map_or((digits, ""), |dot| digits.split_at(dot));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}{grouped}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_with_three_digits() {
        let cases = [
            (Unit::Nanoseconds, 0.0, "0 ns"),
            (Unit::Nanoseconds, 4.6701, "4.67 ns"),
            (Unit::Nanoseconds, 999.96, "1.00 µs"),
            (Unit::Nanoseconds, 38.0, "38 ns"),
            (Unit::Nanoseconds, 5_168_675.4, "5.17 ms"),
            (Unit::Nanoseconds, 211e9, "211 s"),
            (Unit::Nanoseconds, -4_612.0, "-4.61 µs"),
            (Unit::Bytes, 512.0, "512 B"),
            (Unit::Bytes, 1_500_000_000.0, "1.40 GiB"),
            (Unit::Count, 6_316.0, "6,316"),
            (Unit::Count, 2.5, "2.50"),
            (Unit::Ratio, 2.0, "2.00×"),
            (Unit::Ratio, 2_170.4, "2,170×"),
            (Unit::Fraction, 0.8512, "85.1 %"),
            (Unit::Fraction, 0.82, "82.0 %"),
            (Unit::Score, 0.0314, "0.0314"),
            (Unit::Usd, 0.0123, "$0.0123"),
            (Unit::PerSecond, 41.5, "41.5 /s"),
            (Unit::BytesPerSecond, 3_145_728.0, "3.00 MiB/s"),
            (Unit::Other("°C".to_owned()), 61.25, "61.2 °C"),
        ];
        for (unit, value, text) in cases {
            assert_eq!(unit.show(value), text, "{unit:?} {value}");
        }
    }

    #[test]
    fn an_interval_keeps_the_step_of_its_figure() {
        let text = Unit::Nanoseconds.show_interval(4_612.0, 980.0, 4_650.0);
        assert_eq!(text, "0.98 – 4.65 µs");
        let text = Unit::Nanoseconds.show_interval(4_612.0, 4_611.2, 4_612.9);
        assert_eq!(text, "4.6112 – 4.6129 µs");
        assert_eq!(Unit::Ratio.show_interval(12.5, 11.9, 13.2), "11.9 – 13.2×");
    }

    #[test]
    fn a_round_limit_is_written_round() {
        let (time, bytes) = (Unit::Nanoseconds, Unit::Bytes);
        assert_eq!((time.show_limit(60e9).as_str(), bytes.show_limit(500e6).as_str()), ("60 s", "500 MB"));
        assert_eq!((time.show_limit(1.5e9).as_str(), bytes.show_limit(1.5).as_str()), ("1,500 ms", "1.50 B"));
        assert_eq!(Unit::Ratio.show_limit(1.1), "1.10×");
    }

    #[test]
    fn every_name_comes_back_as_its_unit() {
        for unit in [
            Unit::Nanoseconds,
            Unit::Bytes,
            Unit::Count,
            Unit::Ratio,
            Unit::Fraction,
            Unit::Score,
            Unit::Usd,
            Unit::PerSecond,
            Unit::BytesPerSecond,
            Unit::Other("joule".to_owned()),
        ] {
            assert_eq!(Unit::named(unit.name()), unit);
        }
    }
}

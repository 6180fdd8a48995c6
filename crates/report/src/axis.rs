//! Axes: from a set of values to a range, ticks with labels, and places between 0 and 1.

mod dates;

use crate::number;

/// Beyond this size differences are no longer finite.
const LARGEST: f64 = 1e300;

/// A range of values and the ticks in it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Axis {
    low: f64,
    high: f64,
    log: bool,
    ticks: Vec<Tick>,
}

/// A labelled value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tick {
    pub(crate) value: f64,
    pub(crate) label: String,
}

impl Axis {
    /// Ticks in steps of 1, 2 or 5 times a power of ten, and a range from tick to tick. Values must be finite.
    pub(crate) fn linear(values: impl Iterator<Item = f64>, about: usize) -> Self {
        let (low, high) = range_of(values);
        let steps = Steps::over(low, high, about);
        let ticks = steps.ticks(steps.first, steps.last);
        let low = ticks.first().map_or(low, |tick| tick.value.min(low));
        let high = ticks.last().map_or(high, |tick| tick.value.max(high));
        Self { low, high, log: false, ticks }
    }

    /// The same ticks, but a range that ends where the values end.
    pub(crate) fn tight(values: impl Iterator<Item = f64>, about: usize) -> Self {
        let (low, high) = range_of(values);
        let steps = Steps::over(low, high, about);
        let mut ticks = steps.ticks(steps.first, steps.last);
        let slack = (high - low) * 1e-9;
        ticks.retain(|tick| (low - slack..=high + slack).contains(&tick.value));
        Self { low, high, log: false, ticks }
    }

    /// A tick at every decade, or at every second, fifth, … where there are more than `about`. Values must be positive.
    pub(crate) fn log10(values: impl Iterator<Item = f64>, about: usize) -> Self {
        let (smallest, largest) = extremes(values).unwrap_or((1.0, 10.0));
        let first = number::magnitude(smallest.max(1e-300));
        // A bar that ended at the left edge would not be seen.
        let first = if smallest <= number::power_of_ten(first) { first - 1 } else { first };
        let above = number::magnitude(largest.max(1e-300));
        let last = if largest > number::power_of_ten(above) { above + 1 } else { above }.max(first + 1);
        let decades = last - first;
        let about = i64::try_from(about.max(2)).unwrap_or(2);
        let step = [1, 2, 5, 10, 20, 50].into_iter().find(|step| decades / step < about).unwrap_or(100);
        let ticks = (first..=last).step_by(usize::try_from(step).unwrap_or(1));
        let ticks =
            ticks.map(|exponent| Tick { value: coordinate_of(exponent), label: decade_label(exponent) });
        Self { low: coordinate_of(first), high: coordinate_of(last), log: true, ticks: ticks.collect() }
    }

    /// Ticks at whole days, months or years (or hours and minutes), and a range that ends where the values end.
    pub(crate) fn dates(values: impl Iterator<Item = f64>, about: usize) -> Self {
        let (low, high) = range_of(values);
        match dates::ticks(low, high, about) {
            Some(ticks) => Self { low, high, log: false, ticks },
            None => Self::tight([low, high].into_iter(), about),
        }
    }

    pub(crate) fn ticks(&self) -> impl Iterator<Item = (f64, &str)> {
        self.ticks.iter().map(|tick| (self.fraction(tick.value), tick.label.as_str()))
    }

    /// Where a value lies: 0 at the low end, 1 at the high end, never outside. `NaN` lies at the low end.
    pub(crate) fn place(&self, value: f64) -> f64 {
        let value = if !self.log {
            value.clamp(-LARGEST, LARGEST)
        } else if value > 0.0 {
            libm::log10(value)
        } else {
            self.low
        };
        self.fraction(value)
    }

    fn fraction(&self, value: f64) -> f64 {
        let fraction = (value - self.low) / (self.high - self.low);
        if fraction.is_nan() { 0.0 } else { fraction.clamp(0.0, 1.0) }
    }
}

/// On a logarithmic axis ticks and ends are held as exponents.
fn coordinate_of(exponent: i64) -> f64 {
    f64::from(i32::try_from(exponent).unwrap_or(0))
}

/// `0.01`, `1`, `1,000`; a power where that would be long.
fn decade_label(exponent: i64) -> String {
    if (-4..=6).contains(&exponent) {
        return number::short(number::power_of_ten(exponent));
    }
    let raised = |c: char| match c {
        '-' => '⁻',
        c => c.to_digit(10).and_then(|digit| "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().nth(digit as usize)).unwrap_or(c),
    };
    exponent.to_string().chars().fold("10".to_owned(), |mut label, c| {
        label.push(raised(c));
        label
    })
}

/// The range of the values, widened where they are all the same; 0 to 1 where there are none.
fn range_of(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let Some((low, high)) = extremes(values.map(|value| value.clamp(-LARGEST, LARGEST))) else {
        return (0.0, 1.0);
    };
    let size = low.abs().max(high.abs());
    if size < 1e-290 {
        (0.0, 1.0)
    } else if high - low < size * 1e-9 {
        (low - size * 0.05, high + size * 0.05)
    } else {
        (low, high)
    }
}

fn extremes(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.fold(None, |known, value| match known {
        None => Some((value, value)),
        Some((low, high)) => Some((low.min(value), high.max(value))),
    })
}

/// Steps of 1, 2 or 5 times a power of ten.
#[derive(Debug, Clone, Copy)]
struct Steps {
    digit: f64,
    exponent: i64,
    /// The number of the step at or below the low end, and of the one at or above the high end.
    first: f64,
    last: f64,
}

impl Steps {
    fn over(low: f64, high: f64, about: usize) -> Self {
        let rough = (high - low) / number::coordinate(about.max(2));
        let exponent = number::magnitude(rough);
        let lead = rough / number::power_of_ten(exponent);
        let (digit, exponent) = match lead {
            lead if lead <= 1.0 + 1e-9 => (1.0, exponent),
            lead if lead <= 2.0 + 1e-9 => (2.0, exponent),
            lead if lead <= 5.0 + 1e-9 => (5.0, exponent),
            _ => (1.0, exponent + 1),
        };
        let steps = Self { digit, exponent, first: 0.0, last: 0.0 };
        let size = steps.value(1.0);
        Self { first: libm::floor(low / size + 1e-6), last: libm::ceil(high / size - 1e-6), ..steps }
    }

    /// The value of a step, as near as a float can be: by division where the power is negative.
    fn value(self, number: f64) -> f64 {
        if self.exponent < 0 {
            number * self.digit / number::power_of_ten(-self.exponent)
        } else {
            number * self.digit * number::power_of_ten(self.exponent)
        }
    }

    fn ticks(self, first: f64, last: f64) -> Vec<Tick> {
        let largest = self.value(first).abs().max(self.value(last).abs());
        let number_of = number::share(1.0, 60).min(usize::try_from(number::whole(last - first)).unwrap_or(0));
        (0..=number_of)
            .map(|at| {
                let value = self.value(first + number::coordinate(at));
                Tick { value, label: self.label(value, largest) }
            })
            .collect()
    }

    /// All labels of an axis have the same decimals and the same factor.
    fn label(self, value: f64, largest: f64) -> String {
        if largest >= 1e15 || self.exponent < -9 {
            let decimals = number::places(number::magnitude(largest.max(1e-300)) - self.exponent);
            return if value.abs() < 1e-300 { "0".to_owned() } else { number::scientific(value, decimals) };
        }
        let (power, letter) = match largest {
            largest if largest >= 1e12 => (12, "T"),
            largest if largest >= 1e9 => (9, "G"),
            largest if largest >= 1e6 => (6, "M"),
            _ => (0, ""),
        };
        let decimals = number::places(power - self.exponent);
        let decimals = if power == 0 && self.exponent >= 0 { 0 } else { decimals };
        let text = format!("{:.decimals$}", value / number::power_of_ten(power));
        let text = if text.trim_start_matches(['-', '0', '.']).is_empty() { "0".to_owned() } else { text };
        if text == "0" { text } else { format!("{}{letter}", number::grouped(&text)) }
    }
}

#[cfg(test)]
mod tests;

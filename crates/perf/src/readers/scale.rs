//! Units as tools write them.

use crate::{Unit, run::Better};

/// What a unit of a tool means here.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scale {
    /// Our unit.
    pub(super) unit: Unit,
    /// What a figure in the tool's unit is multiplied by.
    pub(super) factor: f64,
    /// Which way is better, if the unit says so.
    pub(super) better: Option<Better>,
}

impl Scale {
    /// The unit with this name: `ms`, `ns/iter`, `ops/sec`, `Megabytes`, `MB/s`, `%`. One that is not known is kept.
    pub(super) fn named(name: &str) -> Self {
        let name = name.trim();
        let of = |unit, factor, better| Self { unit, factor, better };
        let (what, per) = name.split_once('/').map_or((name, ""), |(what, per)| (what.trim(), per.trim()));
        let time = nanoseconds(per);
        if time.is_some() || (what.eq_ignore_ascii_case("ops") && per.is_empty()) {
            // Per millisecond there are a thousand times as many a second.
            let a_second = 1e9 / time.unwrap_or(1e9);
            return match bytes(what) {
                Some(bytes) => of(Unit::BytesPerSecond, bytes * a_second, Some(Better::Higher)),
                None => of(Unit::PerSecond, a_second, Some(Better::Higher)),
            };
        }
        if let Some(time) = nanoseconds(what) {
            return of(Unit::Nanoseconds, time, Some(Better::Lower));
        }
        if let Some(bytes) = bytes(what) {
            return of(Unit::Bytes, bytes, Some(Better::Lower));
        }
        match what.to_ascii_lowercase().as_str() {
            "%" | "percent" | "percentage" => of(Unit::Fraction, 0.01, None),
            "hz" => of(Unit::PerSecond, 1.0, Some(Better::Higher)),
            "allocs" | "allocations" | "instructions" | "cycles" => of(Unit::Count, 1.0, Some(Better::Lower)),
            "" | "count" | "counts" | "#" | "integer" => of(Unit::Count, 1.0, None),
            _ => of(Unit::Other(name.to_owned()), 1.0, None),
        }
    }

    pub(super) fn apply(&self, value: f64) -> f64 {
        // A division where the factor is one, such as 0.01, which is not exact itself.
        if self.factor < 1.0 && self.factor > 0.0 { value / (1.0 / self.factor) } else { value * self.factor }
    }
}

/// Nanoseconds in a unit of time.
pub(super) fn nanoseconds(name: &str) -> Option<f64> {
    Some(match name {
        "ps" => 1e-3,
        "ns" | "nsec" | "nanosecond" | "nanoseconds" => 1.0,
        "us" | "µs" | "μs" | "usec" | "microsecond" | "microseconds" => 1e3,
        "ms" | "msec" | "millisecond" | "milliseconds" => 1e6,
        "s" | "sec" | "secs" | "second" | "seconds" => 1e9,
        "m" | "min" | "minute" | "minutes" => 60e9,
        "hr" | "hour" | "hours" => 3_600e9,
        "day" => 86_400e9,
        _ => return None,
    })
}

/// Bytes in a unit of size. Those with an `i` are powers of 1,024, the others of 1,000.
fn bytes(name: &str) -> Option<f64> {
    Some(match name {
        "B" | "byte" | "bytes" | "Byte" | "Bytes" => 1.0,
        "kB" | "KB" | "kilobytes" | "Kilobytes" => 1e3,
        "MB" | "megabytes" | "Megabytes" => 1e6,
        "GB" | "gigabytes" | "Gigabytes" => 1e9,
        "KiB" | "kibibytes" => 1024.0,
        "MiB" | "mebibytes" => 1024.0 * 1024.0,
        "GiB" | "gibibytes" => 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_tools_become_ours() {
        let cases = [
            ("ns/iter", 2.0, Unit::Nanoseconds, 2.0),
            ("s", 2.0, Unit::Nanoseconds, 2e9),
            ("us/op", 3.0, Unit::Nanoseconds, 3e3),
            ("sec/iter", 1.0, Unit::Nanoseconds, 1e9),
            ("ops/ms", 5.0, Unit::PerSecond, 5e3),
            ("ops/us", 5.0, Unit::PerSecond, 5e6),
            ("req/s", 70.0, Unit::PerSecond, 70.0),
            ("iter/sec", 70.0, Unit::PerSecond, 70.0),
            ("Megabytes", 150.0, Unit::Bytes, 150e6),
            ("KiB", 2.0, Unit::Bytes, 2048.0),
            ("MB/sec", 2.0, Unit::BytesPerSecond, 2e6),
            ("B/op", 24.0, Unit::Bytes, 24.0),
            ("allocs/op", 3.0, Unit::Count, 3.0),
            ("%", 12.0, Unit::Fraction, 0.12),
            ("°C", 61.0, Unit::Other("°C".to_owned()), 61.0),
            ("widgets/op", 61.0, Unit::Other("widgets/op".to_owned()), 61.0),
        ];
        for (name, value, unit, scaled) in cases {
            let scale = Scale::named(name);
            assert_eq!((&scale.unit, scale.apply(value)), (&unit, scaled), "{name}");
        }
    }
}

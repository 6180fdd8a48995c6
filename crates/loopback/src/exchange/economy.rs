//! Figures of the economy.

use std::f64::consts::TAU;

use assize_ambient::{Seed, Timestamp};
use jiff::{ToSpan, civil::Date};

use super::{calendar, number::rounded};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rhythm {
    Daily,
    Monthly,
    Quarterly,
}

/// A series.
#[derive(Debug)]
pub(super) struct Series {
    pub(super) id: &'static str,
    pub(super) rhythm: Rhythm,
    level: f64,
    swing: f64,
    /// By the year.
    growth: f64,
    least: f64,
}

const fn series(id: &'static str, rhythm: Rhythm, level: f64, swing: f64, growth: f64, least: f64) -> Series {
    Series { id, rhythm, level, swing, growth, least }
}

use Rhythm::{Daily, Monthly, Quarterly};

const ALL: [Series; 17] = [
    series("BAMLC0A0CM", Daily, 1.4, 0.5, 0.0, 0.5),
    series("BAMLH0A0HYM2", Daily, 4.5, 1.8, 0.0, 2.0),
    series("CPIAUCSL", Monthly, 160.0, 0.4, 0.024, 1.0),
    series("DFF", Daily, 3.0, 1.6, 0.0, 0.05),
    series("DGS10", Daily, 4.0, 1.3, 0.0, 0.5),
    series("DGS2", Daily, 3.5, 1.5, 0.0, 0.1),
    series("DGS30", Daily, 4.4, 1.1, 0.0, 1.0),
    series("DGS3MO", Daily, 3.1, 1.6, 0.0, 0.05),
    series("DTWEXBGS", Daily, 112.0, 8.0, 0.0, 50.0),
    series("FEDFUNDS", Monthly, 3.0, 1.6, 0.0, 0.05),
    series("GDPC1", Quarterly, 12_900.0, 60.0, 0.022, 1.0),
    series("INDPRO", Monthly, 92.0, 3.0, 0.005, 1.0),
    series("PAYEMS", Monthly, 125_000.0, 900.0, 0.009, 1.0),
    series("T10Y2Y", Daily, 0.0, 0.0, 0.0, -5.0),
    series("UMCSENT", Monthly, 82.0, 9.0, 0.0, 40.0),
    series("UNRATE", Monthly, 5.2, 1.4, 0.0, 2.5),
    series("VIXCLS", Daily, 19.0, 5.0, 0.0, 9.5),
];

/// The maturities of the Treasury's table.
pub(super) const MATURITIES: [(&str, f64); 13] = [
    ("1 Mo", 0.083),
    ("2 Mo", 0.167),
    ("3 Mo", 0.25),
    ("4 Mo", 0.333),
    ("6 Mo", 0.5),
    ("1 Yr", 1.0),
    ("2 Yr", 2.0),
    ("3 Yr", 3.0),
    ("5 Yr", 5.0),
    ("7 Yr", 7.0),
    ("10 Yr", 10.0),
    ("20 Yr", 20.0),
    ("30 Yr", 30.0),
];

/// The series of this name.
pub(super) fn named(id: &str) -> Option<&'static Series> {
    ALL.iter().find(|series| series.id == id)
}

pub(super) fn all() -> impl Iterator<Item = &'static Series> {
    ALL.iter()
}

impl Series {
    /// Its value for a day; `None` where it has none, such as on holidays.
    pub(super) fn value(&self, world: Seed, day: Date) -> Option<f64> {
        let has_one = match self.rhythm {
            Daily => calendar::session(day).is_some(),
            Monthly => day.day() == 1,
            Quarterly => day.day() == 1 && matches!(day.month(), 1 | 4 | 7 | 10),
        };
        has_one.then(|| match self.id {
            "T10Y2Y" => rounded(percent(world, 10.0, day) - percent(world, 2.0, day), 2),
            "DGS10" => percent(world, 10.0, day),
            "DGS2" => percent(world, 2.0, day),
            "DGS30" => percent(world, 30.0, day),
            "DGS3MO" => percent(world, 0.25, day),
            _ => self.drawn(world, day),
        })
    }

    fn drawn(&self, world: Seed, day: Date) -> f64 {
        let grown = self.level * libm::exp(self.growth * years(day));
        rounded((grown + self.swing * wave(world.child(self.id), day)).max(self.least), 3)
    }

    /// When a value is published.
    pub(super) fn published(&self, day: Date) -> Timestamp {
        match self.rhythm {
            Daily => {
                let next = calendar::first_from(day.saturating_add(1.day()));
                calendar::wall(calendar::day(next), 16 * 3_600 + 900)
            }
            Monthly => {
                let next = calendar::first_from(day.saturating_add(1.month()).saturating_add(12.days()));
                calendar::wall(calendar::day(next), 8 * 3_600 + 1_800)
            }
            Quarterly => {
                let next = calendar::first_from(day.saturating_add(3.months()).saturating_add(27.days()));
                calendar::wall(calendar::day(next), 8 * 3_600 + 1_800)
            }
        }
    }
}

/// The Treasury's yield of a maturity in years, in percent.
pub(super) fn percent(world: Seed, maturity: f64, day: Date) -> f64 {
    let (short, long) =
        (3.1 + 1.5 * wave(world.child("short rate"), day), 4.6 + 0.9 * wave(world.child("long rate"), day));
    let weight = libm::exp(-maturity / 6.0);
    rounded((short * weight + long * (1.0 - weight)).max(0.02), 2)
}

/// When the Treasury's table has a day.
pub(super) fn yields_published(day: Date) -> Timestamp {
    calendar::wall(day, 18 * 3_600)
}

fn years(day: Date) -> f64 {
    f64::from((day - jiff::civil::date(1998, 1, 1)).get_days()) / 365.25
}

/// Between about -1.3 and 1.3: slow waves, and a little noise of the day's own.
fn wave(seed: Seed, day: Date) -> f64 {
    let mut chance = seed.rng();
    let t = years(day);
    let slow: f64 = [(0.7, 7.3), (0.35, 2.1), (0.15, 0.45)]
        .into_iter()
        .map(|(height, period)| height * libm::sin(TAU * (t / period + chance.unit())))
        .sum();
    slow + 0.03 * seed.child(&day.to_string()).rng().normal()
}

/// The mood of those who hold crypto currencies, 0 to 100, and its name.
pub(super) fn mood(world: Seed, day: Date) -> (u64, &'static str) {
    let value = super::number::whole((50.0 + 32.0 * wave(world.child("mood"), day)).clamp(3.0, 97.0));
    let name = match value {
        0..25 => "Extreme Fear",
        25..46 => "Fear",
        46..55 => "Neutral",
        55..76 => "Greed",
        _ => "Extreme Greed",
    };
    (value, name)
}
